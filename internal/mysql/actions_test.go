package mysql

import (
	"strings"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/safety"
)

func TestActions(t *testing.T) {
	tests := map[string]string{
		"CREATE TABLE IF NOT EXISTS `S`.t (a int PRIMARY KEY, `key` text, KEY (`key`(10)), CHECK (a > 0)) ENGINE=MyISAM, CHARSET utf8": "create table S.t",
		"CREATE TEMPORARY TABLE t SELECT 1": "create table t",
		"CREATE TABLE t LIKE u":             "create table t",
		"ALTER TABLE t ADD COLUMN a int DEFAULT (f(1, 2)) NOT NULL AFTER b, DROP c":                                "add column t a; drop column t c",
		"alter table t add (a int, b varchar(20) comment 'x,)', key i (a))":                                        "add column t a; add column t b; create index t i",
		"ALTER TABLE t ADD a bigint AUTO_INCREMENT PRIMARY KEY FIRST, LOCK=SHARED":                                 "add column t a; add constraint t PRIMARY",
		"ALTER TABLE t ADD UNIQUE (a, b), ADD INDEX IF NOT EXISTS i USING BTREE (a), ADD FULLTEXT KEY f (b)":       "add constraint t; create index t i; create index t f",
		"ALTER TABLE t ADD CONSTRAINT `x` FOREIGN KEY (a) REFERENCES p (id) ON DELETE SET NULL, ALGORITHM=INPLACE": "add constraint t x",
		"ALTER TABLE t ADD CONSTRAINT CHECK (a > 0) NOT ENFORCED":                                                  "add constraint t",
		"ALTER TABLE t MODIFY COLUMN a enum('x','it''s') NOT NULL DEFAULT 'x'":                                     "change column t a",
		"ALTER TABLE t CHANGE a b bigint unsigned zerofill":                                                        "change column t a",
		"ALTER TABLE t ALTER a SET DEFAULT 5, ALTER COLUMN b DROP DEFAULT, ALTER c SET INVISIBLE":                  "set default t a; drop default t b; set storage t c",
		"ALTER TABLE t ALTER INDEX i INVISIBLE, ALTER CHECK c NOT ENFORCED":                                        "alter index t i; alter constraint t c",
		"ALTER TABLE t RENAME TO u, ADD a int":                                                                     "add column t a; rename table t",
		"ALTER TABLE t RENAME COLUMN a TO b, RENAME KEY i TO j, RENAME AS s.u":                                     "rename column t a; rename index t i; rename table t",
		"ALTER TABLE t DROP PRIMARY KEY, DROP FOREIGN KEY f, DROP CHECK c, DROP KEY k, DROP CONSTRAINT x":          "drop constraint t PRIMARY; drop constraint t f; drop constraint t c; drop index t k; drop constraint t x",
		"ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin":                                       "convert to character set t",
		"ALTER TABLE t ENGINE=InnoDB ROW_FORMAT = DYNAMIC COMMENT 'c', AUTO_INCREMENT 7":                           "engine t; row format t row_format; table option t comment; table option t auto_increment",
		"ALTER TABLE t DEFAULT CHARACTER SET = latin1 COLLATE latin1_bin, FORCE, ORDER BY a":                       "table option t charset; table option t collate; row format t force; order by t",
		"ALTER TABLE t PARTITION BY HASH (a) PARTITIONS 4":                                                         "partition table t",
		"ALTER TABLE t ADD PARTITION (PARTITION p VALUES LESS THAN (3)), ALGORITHM=INPLACE":                        "add partition t",
		"ALTER TABLE t ADD PARTITION PARTITIONS 2":                                                                 "change partitions t add",
		"ALTER TABLE t DROP PARTITION p, q":                                                                        "drop partition t p; drop partition t q",
		"ALTER TABLE t REORGANIZE PARTITION p INTO (PARTITION a VALUES IN (1))":                                    "change partitions t reorganize",
		"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u WITHOUT VALIDATION":                                       "exchange partition t p",
		"ALTER TABLE t TRUNCATE PARTITION p":                                                                       "drop partition t p",
		"ALTER TABLE t DISCARD TABLESPACE":                                                                         "truncate t",
		"ALTER TABLE IF EXISTS t WAIT 5 ADD COLUMN IF NOT EXISTS a int":                                            "add column t a",
		"ALTER TABLE t ADD SYSTEM VERSIONING, ADD PERIOD FOR p (a, b)":                                             "table option t versioning; table option t period",
		"ALTER TABLE t": "table option t",
		"CREATE UNIQUE INDEX i ON t (a(10) DESC, (b + 1)) LOCK = NONE":                         "create index t i",
		"DROP INDEX `i` ON `t` ALGORITHM = INPLACE":                                            "drop index t i",
		"DROP TABLE IF EXISTS a, s.b CASCADE":                                                  "drop table a; drop table s.b",
		"DROP TEMPORARY TABLE a":                                                               "drop table a",
		"RENAME TABLE a TO b, s.c TO d":                                                        "rename table a; rename table s.c",
		"TRUNCATE TABLE a":                                                                     "truncate a",
		"CREATE DEFINER=`root`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1":                    "create",
		"CREATE OR REPLACE DEFINER = CURRENT_USER() PROCEDURE p() BEGIN DROP TABLE x; END":     "create",
		"CREATE DEFINER=a@localhost TRIGGER s.g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1": "create trigger t g",
		"CREATE EVENT IF NOT EXISTS e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t":                "create",
		"DROP TRIGGER IF EXISTS s.g":                                                           "drop trigger g",
		"CREATE USER 'a'@'%' IDENTIFIED BY 'x', b@localhost":                                   "create; create",
		"GRANT SELECT, INSERT (a) ON `db`.* TO 'a'@'%' WITH GRANT OPTION":                      "grant SELECT, INSERT (a)",
		"SET SESSION lock_wait_timeout = 5, @@foreign_key_checks=0, @x := 1, GLOBAL a = 2":     "set lock_wait_timeout; set foreign_key_checks; set @x; set global a",
		"SET @@session.lock_wait_timeout = 5":                                                  "set lock_wait_timeout",
		"SET STATEMENT lock_wait_timeout=1 FOR ALTER TABLE t DROP a":                           "drop column t a",
		"SET NAMES utf8mb4":                                               "set names",
		"USE other":                                                       "set database",
		"INSERT IGNORE INTO a SELECT * FROM b":                            "insert a",
		"UPDATE t SET a = (SELECT 1 FROM u WHERE x) ":                     "update t",
		"DELETE a, b FROM a JOIN b USING (id)":                            "delete a; delete b",
		"WITH x AS (SELECT 1) DELETE FROM t WHERE a IN (SELECT * FROM x)": "delete t",
		"LOAD DATA INFILE 'x' INTO TABLE t":                               "insert t",
		"(SELECT 1 FROM t) UNION SELECT 2":                                "query t",
		"LOCK TABLES a WRITE, b AS c READ LOCAL":                          "lock a; lock b",
		"OPTIMIZE TABLE a, b":                                             "optimize table a; optimize table b",
		"ANALYZE TABLE a":                                                 "analyze a",
		"PREPARE s FROM 'DROP TABLE x'":                                   "call",
		"EXECUTE s":                                                       "call",
		"CALL p()":                                                        "call",
		"START TRANSACTION":                                               "begin",
		"/*!50003 DROP TABLE t */":                                        "drop table t",
		"ALTER TABLE t /*!50606 ADD COLUMN a int */ # no, DROP b\n -- DROP c\n, ADD d int /* DROP e */": "add column t a; add column t d",
		"ALTER TABLE \"t\" ADD COLUMN \"a\" int":                                                        "add column t a",
		"CHANGE REPLICATION SOURCE TO SOURCE_HOST='x'":                                                  "other",
	}
	for sql, want := range tests {
		var got []string
		for _, a := range (Dialect{}).Actions(sql) {
			got = append(got, strings.TrimSpace(strings.Join(strings.Fields(string(a.Verb)+" "+a.Table.String()+" "+a.Name), " ")))
		}
		if g := strings.Join(got, "; "); g != want {
			t.Errorf("%s\n got %s\nwant %s", sql, g, want)
		}
	}
}

// TestColumnTypes reads definitions of columns as the server spells them.
func TestColumnTypes(t *testing.T) {
	for text, want := range map[string]string{
		"integer(11)": "int", "int(10) unsigned": "int unsigned", "BOOL": "tinyint(1)", "tinyint(1)": "tinyint(1)", "tinyint(4)": "tinyint",
		"dec": "decimal(10,0)", "numeric(5)": "decimal(5,0)", "double precision": "double", "float(53)": "double", "float(7,4)": "float(7,4)",
		"character varying (20)": "varchar(20)", "nvarchar(20)": "varchar(20)", "char": "char(1)", "year(4)": "year", "datetime(0)": "datetime",
		"timestamp( 6 )": "timestamp(6)", "ENUM('a', 'b''c')": "enum('a','b''c')", "set('x','y') CHARACTER SET latin1": "set('x','y')",
		"int zerofill": "int unsigned zerofill", "serial": "bigint unsigned", "long varchar": "mediumtext", "geometry": "geometry", "json": "json",
		"varchar(10) BINARY NOT NULL": "varchar(10)",
	} {
		acts := (Dialect{}).Actions("ALTER TABLE t ADD COLUMN c " + text + " COMMENT 'x' NOT NULL")
		c := acts[0].Column
		if c == nil || c.Type != want || !c.NotNull || c.Comment != "x" {
			t.Errorf("%s: %+v, want %s", text, c, want)
		}
	}
}

// FuzzActions reads whatever is given, and applies it to a model.
func FuzzActions(f *testing.F) {
	for _, sql := range []string{
		"CREATE TABLE t (a int DEFAULT (", "ALTER TABLE t ADD (a int, MODIFY a text", "CREATE INDEX i ON t ((", "GRANT", "SET @", "WITH (",
		"ALTER TABLE t ADD CONSTRAINT", "DROP INDEX a ON b.c.", "SELECT '", "ALTER TABLE t MODIFY a ENUM('a", "CREATE DEFINER=", "RENAME TABLE a TO",
		"SET STATEMENT x = FOR SET STATEMENT y FOR", "ALTER TABLE t PARTITION BY", "LOCK TABLES a", "ALTER TABLE t CHANGE A b int AFTER", "DELETE FROM",
		"ALTER TABLE t CONVERT TO CHARSET latin1, ADD FOREIGN KEY (a) REFERENCES t", "CREATE TABLE u LIKE t", "ALTER TABLE t ADD KEY ((a+1), a)",
		"ALTER TABLE t MODIFY a float(", "CREATE USER a@", "/*!", "ALTER TABLE t DROP PRIMARY KEY, ADD a int REFERENCES t",
	} {
		f.Add(sql)
	}
	f.Fuzz(func(_ *testing.T, sql string) {
		endless := time.AfterFunc(5*time.Second, func() { panic("endless: " + sql) })
		defer endless.Stop()
		m := Dialect{}.Model(nil, "db", safety.Server{Flavor: "mysql", Version: [3]int{9, 7}})
		m.Put(&safety.Table{Name: safety.Name{Name: "t"}, Kind: "table", Columns: []safety.Column{{Name: "a", Type: "enum('a')"}, {Name: "b", Type: "int"}}})
		for _, a := range (Dialect{}).Actions(sql) {
			a = m.Resolve(a)
			(Dialect{}).Facts(m, a)
			m.Apply(a)
		}
	})
}
