package mysql

import (
	"slices"
	"testing"
)

func TestDatabasesChanged(t *testing.T) {
	for sql, want := range map[string][]string{
		"ALTER DATABASE other CHARACTER SET latin1":                {"other"},
		"ALTER SCHEMA `o``x` COLLATE utf8mb4_bin":                  {"o`x"},
		"ALTER DATABASE CHARACTER SET latin1":                      nil,
		"CREATE TABLE Other.t (a int REFERENCES x.y (a))":          {"Other"},
		"CREATE TABLE t LIKE other.t":                              nil,
		"CREATE TABLE t AS SELECT * FROM other.t":                  nil,
		"DROP TABLE a, `other` . `t`, third.t":                     {"other", "third"},
		"ALTER TABLE t ADD (c int), RENAME TO other.t":             {"other"},
		"ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES other.t (a)": nil,
		"ALTER TABLE t ADD c int REFERENCES other.t":               nil,
		"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE other.t":    {"other"},
		"CREATE DEFINER=root@host.domain TRIGGER other.tr BEFORE INSERT ON o.t FOR EACH ROW INSERT INTO x.y VALUES (1)": {"other", "o"},
		"CREATE PROCEDURE p() INSERT INTO other.t VALUES (1)":                                                           nil,
		"CREATE VIEW v AS SELECT * FROM other.t":                                                                        nil,
		"CREATE /*! OR REPLACE */ VIEW other.v AS SELECT 1":                                                             {"other"},
		"CREATE UNIQUE INDEX i ON other.t (a)":                                                                          {"other"},
		"INSERT INTO other.t SELECT * FROM x.y":                                                                         {"other"},
		"INSERT INTO t (a) VALUES ('x.y')":                                                                              nil,
		"UPDATE t JOIN other.u ON t.id = u.id SET a = 1":                                                                {"other", "t", "u"},
		"WITH x AS (SELECT 1) DELETE FROM other.t":                                                                      {"other"},
		"DELETE FROM other.t WHERE t.a = 1":                                                                             {"other"},
		`DROP TABLE "other"."t"`:                                                                                        {"other"},
		`ALTER TABLE t COMMENT "a\"b", RENAME TO other.t`:                                                               {"other"},
		`CREATE TABLE t (a int) COMMENT "x.y"`:                                                                          nil,
		"TRUNCATE other.t":                                                                                              {"other"},
		"RENAME TABLE a TO other.b":                                                                                     {"other"},
		"CALL other.p()":                                                                                                {"other"},
		"SELECT * FROM other.t":                                                                                         nil,
		"SET @a = 1.5":                                                                                                  nil,
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM other.t":                                                 nil,
		"/*!50003 CREATE TRIGGER other.tr AFTER INSERT ON t FOR EACH ROW SET @a=1 */":                                   {"other"},
	} {
		if got := databasesChanged(sql); !slices.Equal(got, want) {
			t.Errorf("%s: %q, not %q", sql, got, want)
		}
	}
}
