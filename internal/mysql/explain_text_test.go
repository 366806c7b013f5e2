package mysql

import (
	"slices"
	"testing"
)

func TestPlainDigest(t *testing.T) {
	tests := []struct{ name, sql, want string }{
		{"functions", "SELECT COUNT ( * ) , `CONCAT` ( `a` , ?, ... ) FROM `t` LIMIT ?, ...", "SELECT COUNT( * ) , `CONCAT` ( `a` , ?, ? ) FROM `t` LIMIT ?, ?"},
		{"lists", "SELECT `a` FROM `t` WHERE `b` IN (...)", "SELECT `a` FROM `t` WHERE `b` IN(?, ?)"},
		{"values", "INSERT INTO `t` ( `a` , `b` ) VALUES (...) /* , ... */", "INSERT INTO `t` ( `a` , `b` ) VALUES(?, ?) /* , ? */"},
		{"values without columns", "INSERT INTO `t` VALUES (...)", "INSERT INTO `t` VALUES()"},
		{"what somebody wrote", "SELECT count (*) FROM t WHERE a = '...'", "SELECT count (*) FROM t WHERE a = '...'"},
		{"nothing to mend", "SELECT `a` FROM `t` WHERE `b` = ?", "SELECT `a` FROM `t` WHERE `b` = ?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := plainDigest(tt.sql); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestVariants(t *testing.T) {
	tests := []struct {
		name, sql string
		want      []string
	}{
		{"a value that is looked up", "SELECT a FROM t WHERE id = ?;", []string{
			"SELECT a FROM t WHERE id = V", "SELECT a FROM t WHERE id = '20200101'", "SELECT a FROM t WHERE id = '1'"}},
		{"literals", "SELECT a FROM t WHERE id = 7 AND b > 8 AND c IN ('x')", []string{
			"SELECT a FROM t WHERE id = V AND b > 8 AND c IN (V)", "SELECT a FROM t WHERE id = 7 AND b > 8 AND c IN ('x')"}},
		{"limits and intervals", "SELECT a FROM t WHERE b > ? - INTERVAL ? DAY LIMIT ?, 50", []string{
			"SELECT a FROM t WHERE b > '20200101' - INTERVAL 1 DAY LIMIT 0, 1", "SELECT a FROM t WHERE b > '1' - INTERVAL 1 DAY LIMIT 0, 1",
			"SELECT a FROM t WHERE b > V - INTERVAL 1 DAY LIMIT 0, 1"}},
		{"rows to be changed", "DELETE FROM t WHERE id = ?", []string{
			"DELETE FROM t WHERE id = '20200101'", "DELETE FROM t WHERE id = '1'", "DELETE FROM t WHERE id = V"}},
		{"nothing to fill", "SELECT a FROM t ORDER BY 1", []string{"SELECT a FROM t ORDER BY 1"}},
		{"names, and what sqlc knows", "SELECT sqlc.embed(t) FROM t WHERE b < :b AND c <=> @c", []string{
			"SELECT t.* FROM t WHERE b < '20200102' AND c <=> V", "SELECT t.* FROM t WHERE b < '20200102' AND c <=> '20200103'",
			"SELECT t.* FROM t WHERE b < '2' AND c <=> V", "SELECT t.* FROM t WHERE b < '2' AND c <=> '3'", "SELECT t.* FROM t WHERE b < V AND c <=> V"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := (&explainer{value: "V"}).variants(tt.sql)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestWithoutDatabase(t *testing.T) {
	got := withoutDatabase("SELECT app.t.a, `APP`.`t`.b, x.app.c, 'app.d' FROM app.t", "app")
	if want := "SELECT t.a, `t`.b, x.app.c, 'app.d' FROM t"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
