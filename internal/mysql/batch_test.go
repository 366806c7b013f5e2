package mysql_test

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dialect"
)

// TestBatches changes each row of tables with many kinds of keys once, in batches of which there are several.
func TestBatches(t *testing.T) {
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		db := srv.Database(t)
		s := open(t, db)
		batcher := s.Session.(dialect.Batcher)
		for name, table := range map[string]struct{ key, values string }{
			"whole":     {"a bigint unsigned, PRIMARY KEY (a)", "18446744073709551615 - i * 7"},
			"collated":  {"a varchar(30) CHARACTER SET latin1 COLLATE latin1_german1_ci, PRIMARY KEY (a)", "CONCAT(CHAR(65 + i % 26 USING latin1), IF(i % 2, 'ü', 'U'), '''\\\\', i)"},
			"emoji":     {"a varchar(30) CHARACTER SET utf8mb4, PRIMARY KEY (a)", "CONCAT(IF(i % 3, '😀', 'a'), LPAD(i, 9, 0))"},
			"bytes":     {"a varbinary(30), b int, PRIMARY KEY (a, b)", "CONCAT(CHAR(i % 256), X'00'), i"},
			"moments":   {"b time(3), a datetime(6), c date, PRIMARY KEY (b, a, c)", "SEC_TO_TIME(i % 7 - 3), '2026-01-01' + INTERVAL i % 11 MICROSECOND, '2026-01-01' + INTERVAL i DAY"},
			"`Or``der`": {"`a``b` int, c int, PRIMARY KEY (`a``b`, c)", "i % 3, -i"},
		} {
			if _, err := db.ExecContext(t.Context(), "CREATE TABLE "+name+" (n int NOT NULL DEFAULT 0, "+table.key+") ENGINE=InnoDB; INSERT INTO "+name+
				" SELECT 0, "+table.values+" FROM (WITH RECURSIVE d AS (SELECT 0 AS x UNION ALL SELECT x + 1 FROM d WHERE x < 9) SELECT a.x + 10 * b.x + 100 * c.x + 1000 * e.x AS i FROM d a, d b, d c, d e) g"); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			ran, err := batcher.Batch(t.Context(), "UPDATE "+name+" SET n = n + 1 WHERE n = 0 /* schemactl:batch */", nil)
			if !ran || err != nil {
				t.Errorf("%s: ran is %t: %v", name, ran, err)
			}
			var all, once int
			if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*), SUM(n = 1) FROM "+name).Scan(&all, &once); err != nil || all != 10_000 || once != all {
				t.Errorf("%s: %d of %d rows were changed once (%v)", name, once, all, err)
			}
			if ran, err := batcher.Batch(t.Context(), "DELETE FROM "+name+" WHERE n = 1 /* schemactl:batch */", nil); !ran || err != nil {
				t.Errorf("%s: ran is %t: %v", name, ran, err)
			}
			if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+name).Scan(&all); err != nil || all != 0 {
				t.Errorf("%s: %d rows are left (%v)", name, all, err)
			}
		}
		for text, want := range map[string]string{
			"UPDATE whole SET n = 1":                                      "",
			"INSERT INTO whole VALUES (1) /* schemactl:batch */":          "",
			"UPDATE nothing SET n = 1 /* schemactl:batch */":              "no primary key",
			"UPDATE whole SET n = n + 1 WHERE oops /* schemactl:batch */": "oops",
		} {
			ran, err := batcher.Batch(t.Context(), text, nil)
			if ran != (want != "") || ran && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s: ran is %t: %v", text, ran, err)
			}
		}
	})
}
