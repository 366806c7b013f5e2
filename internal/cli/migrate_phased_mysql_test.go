package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"
)

func phasedMySQLCases() []phasedCase {
	return []phasedCase{
		{
			name: "rename and wider type with indexes", from: `
CREATE TABLE t (id int PRIMARY KEY, mail varchar(20) NOT NULL DEFAULT 'none' COMMENT 'it''s', n int NOT NULL, a int, u timestamp NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP,
  UNIQUE KEY m (a, mail), KEY nn (n, id), KEY fk (a, n), KEY pre (mail(5) DESC), CONSTRAINT up FOREIGN KEY (a) REFERENCES t (id))`,
			to: `
CREATE TABLE t (id int PRIMARY KEY,
  -- schemactl:renamed_from mail
  email varchar(20) NOT NULL DEFAULT 'none' COMMENT 'it''s', n bigint NOT NULL DEFAULT 7, a int, u timestamp NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP, new int,
  UNIQUE KEY m (a, email), KEY nn (n, id), KEY other (a, n, email), KEY pre (email(5) DESC), CONSTRAINT up FOREIGN KEY (a) REFERENCES t (id))`,
			rows: `INSERT INTO t (id, mail, n, a) VALUES (1, 'one', 1, 1), (2, 'two', 2, 2), (3, 'three', 3, 3), (4, 'four', 4, 1)`,
			meanwhile: `INSERT INTO t (id, email, n) VALUES (5, 'five', 5); INSERT INTO t (id, mail, n) VALUES (6, 'six', 6); INSERT INTO t (id, n) VALUES (7, 7);
INSERT INTO t VALUES (8, 'eight', 8, 8, NULL, 0);
UPDATE t SET email = 'TWO' WHERE id = 2; UPDATE t SET mail = 'THREE' WHERE id = 3; UPDATE t SET n = 40 WHERE id = 4;
INSERT INTO t (id, email, n) VALUES (1, 'ONE', 1) ON DUPLICATE KEY UPDATE email = VALUES(email)`,
			query: `SELECT GROUP_CONCAT(id, email, n, IF(u IS NULL, '', '!') ORDER BY id SEPARATOR ' ') FROM t`,
			want:  "1ONE1! 2TWO2! 3THREE3! 4four40! 5five5 6six6 7none7 8eight8",
		},
		{
			name: "nullable rename", from: "CREATE TABLE t (id varchar(10) PRIMARY KEY, a text)",
			to:        "CREATE TABLE t (id varchar(10) PRIMARY KEY,\n  -- schemactl:renamed_from a\n  `B b` text)",
			rows:      `INSERT INTO t VALUES ('1', 'x'), ('2', NULL), ('3', 'y'), ('4', 'z')`,
			meanwhile: "UPDATE t SET `B b` = NULL WHERE id = '3'; UPDATE t SET a = NULL WHERE id = '4'; UPDATE t SET `B b` = 'new' WHERE id = '2'; UPDATE t SET `B b` = 'X' WHERE id = '1'",
			query:     "SELECT GROUP_CONCAT(id, COALESCE(`B b`, '-') ORDER BY id SEPARATOR ' ') FROM t", want: "1X 2new 3- 4-",
		},
		{name: "may not fit", from: `CREATE TABLE t (id int PRIMARY KEY, a smallint)`, to: `CREATE TABLE t (id int PRIMARY KEY, a int unsigned)`, refused: "may not fit int"},
		{
			name: "types that fit", from: `CREATE TABLE t (a varbinary(4), b date, id int, PRIMARY KEY (a, b, id), n decimal(10,2) NOT NULL, s smallint UNIQUE, c varchar(20) CHARACTER SET latin1 NOT NULL, d datetime NULL, f float, e char(3) NOT NULL)`,
			to:        `CREATE TABLE t (a varbinary(4), b date, id int, PRIMARY KEY (a, b, id), n decimal(12,4) NOT NULL, s int UNIQUE, c text CHARACTER SET utf8mb4 NOT NULL, d datetime(3) NULL, f double NOT NULL, e char(5) NOT NULL)`,
			rows:      `INSERT INTO t VALUES ('', '2026-01-01', 1, 1.25, -1, 'ü', '2026-01-31 10:00:00', 0.5, 'x'), ('\0', '2026-01-02', 2, 2, NULL, '€', NULL, 1, '')`,
			meanwhile: `INSERT INTO t VALUES ('z', '2026-01-03', 3, 3, 7, 'ß', NULL, 2.5, 'abc'); UPDATE t SET n = 9 WHERE id = 2`,
			query:     `SELECT GROUP_CONCAT(CONCAT_WS('/', id, n, s, c, d, f, e) ORDER BY id SEPARATOR ' ') FROM t`,
			want:      "1/1.2500/-1/ü/2026-01-31 10:00:00.000/0.5/x 2/9.0000/€/1/ 3/3.0000/7/ß/2.5/abc",
		},
		{
			name: "renames of many types", from: `CREATE TABLE t (id int PRIMARY KEY, a timestamp NOT NULL DEFAULT '2026-01-01 00:00:00', b enum('x','it''s','y') NOT NULL, c set('p','q'), d bit(4) NOT NULL, e decimal(8,3), f year, g blob NOT NULL, h time(2), i double, j date NOT NULL, k binary(3))`,
			to: `CREATE TABLE t (id int PRIMARY KEY,
-- schemactl:renamed_from a
aa timestamp NOT NULL DEFAULT '2026-01-01 00:00:00',
-- schemactl:renamed_from b
bb enum('x','it''s','y') NOT NULL,
-- schemactl:renamed_from c
cc set('p','q'),
-- schemactl:renamed_from d
dd bit(4) NOT NULL,
-- schemactl:renamed_from e
ee decimal(8,3),
-- schemactl:renamed_from f
ff year,
-- schemactl:renamed_from g
gg blob NOT NULL,
-- schemactl:renamed_from h
hh time(2),
-- schemactl:renamed_from i
ii double,
-- schemactl:renamed_from j
jj date NOT NULL,
-- schemactl:renamed_from k
kk binary(3))`,
			rows: `INSERT INTO t VALUES (1, '2026-10-25 00:30:00', 'it''s', 'p,q', 5, 1.5, 2026, X'00ff', '10:00:00.25', 0.1, '2026-01-31', 'ab')`,
			meanwhile: `INSERT INTO t (id, bb, dd, gg, jj) VALUES (2, 'y', 3, 'new', '2026-02-01'); INSERT INTO t (id, b, d, g, j) VALUES (3, 'x', 1, 'old', '2026-02-02');
UPDATE t SET aa = '2026-03-03 00:00:00', k = 'zz' WHERE id = 3`,
			query: `SELECT GROUP_CONCAT(CONCAT_WS('/', id, aa, bb, cc, dd + 0, ee, ff, HEX(gg), hh, ii, jj, HEX(kk)) ORDER BY id SEPARATOR ' ') FROM t`,
			want:  "1/2026-10-25 00:30:00/it's/p,q/5/1.500/2026/00FF/10:00:00.25/0.1/2026-01-31/616200 2/2026-01-01 00:00:00/y/3/6E6577/2026-02-01 3/2026-03-03 00:00:00/x/1/6F6C64/2026-02-02/7A7A00",
		},
		{
			name: "rename of JSON", from: `CREATE TABLE t (id int PRIMARY KEY, a json NOT NULL)`, to: "CREATE TABLE t (id int PRIMARY KEY,\n-- schemactl:renamed_from a\nb json NOT NULL)", only: "mysql-9.7",
			rows: `INSERT INTO t VALUES (1, '{"a": 1}')`, meanwhile: `INSERT INTO t (id, b) VALUES (2, '[1]'); UPDATE t SET a = '2' WHERE id = 1`,
			query: `SELECT GROUP_CONCAT(b ORDER BY id SEPARATOR ' ') FROM t`, want: "2 [1]",
		},
		{
			name: "triggers of one's own", from: `CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL); CREATE TRIGGER own BEFORE INSERT ON t FOR EACH ROW SET NEW.a = NEW.a + 1`,
			to:   `CREATE TABLE t (id int PRIMARY KEY, a bigint NOT NULL); CREATE TRIGGER own BEFORE INSERT ON t FOR EACH ROW SET NEW.a = NEW.a + 1`,
			rows: `INSERT INTO t VALUES (1, 1)`, meanwhile: `INSERT INTO t VALUES (2, 2)`,
			query: `SELECT GROUP_CONCAT(id, a ORDER BY id SEPARATOR ' ') FROM t`, want: "12 23",
		},
		{
			name: "trigger that names it", from: `CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TRIGGER own BEFORE INSERT ON t FOR EACH ROW SET NEW.a = NEW.a + 1`,
			to:      "CREATE TABLE t (id int PRIMARY KEY,\n-- schemactl:renamed_from a\nb int); CREATE TRIGGER own BEFORE INSERT ON t FOR EACH ROW SET NEW.b = NEW.b + 1",
			refused: "trigger t.own names it",
		},
		{
			name: "view that names it", from: `CREATE TABLE t (id int PRIMARY KEY, a int); CREATE VIEW v AS SELECT a FROM t`,
			to:      "CREATE TABLE t (id int PRIMARY KEY,\n-- schemactl:renamed_from a\nb int); CREATE VIEW v AS SELECT b FROM t",
			refused: "view v names it",
		},
		{name: "no key", from: `CREATE TABLE t (id int, a int)`, to: `CREATE TABLE t (id int, a bigint)`, refused: "its table has no primary key"},
		{name: "key", from: `CREATE TABLE t (id int PRIMARY KEY, a int)`, to: `CREATE TABLE t (id bigint PRIMARY KEY, a int)`, refused: "primary key t.PRIMARY rests on it"},
		{name: "pages", from: `CREATE TABLE t (id decimal(10,2) PRIMARY KEY, a int)`, to: `CREATE TABLE t (id decimal(10,2) PRIMARY KEY, a bigint)`, refused: "of which id is decimal(10,2)"},
		{name: "counter", from: `CREATE TABLE t (id int PRIMARY KEY, a int AUTO_INCREMENT UNIQUE)`, to: `CREATE TABLE t (id int PRIMARY KEY, a bigint AUTO_INCREMENT UNIQUE)`, refused: "it is AUTO_INCREMENT"},
		{name: "engine", from: `CREATE TABLE t (id int PRIMARY KEY, a int) ENGINE=MyISAM`, to: `CREATE TABLE t (id int PRIMARY KEY, a bigint) ENGINE=MyISAM`, refused: "the engine of its table is MyISAM"},
		{
			name: "foreign key", from: `CREATE TABLE p (id int PRIMARY KEY, k int UNIQUE); CREATE TABLE t (id int PRIMARY KEY, a int, CONSTRAINT f FOREIGN KEY (a) REFERENCES p (k))`,
			to: "CREATE TABLE p (id int PRIMARY KEY, k int UNIQUE);\nCREATE TABLE t (id int PRIMARY KEY,\n-- schemactl:renamed_from a\nb int, CONSTRAINT f FOREIGN KEY (b) REFERENCES p (k))", refused: "foreign key t.f rests on it",
		},
		{
			name: "check", from: `CREATE TABLE t (id int PRIMARY KEY, a int, CONSTRAINT c CHECK (a > id))`, to: `CREATE TABLE t (id int PRIMARY KEY, a bigint, CONSTRAINT c CHECK (a > id))`, refused: "check t.c rests on it",
		},
		{
			name: "generated from it", from: `CREATE TABLE t (id int PRIMARY KEY, a int, b int AS (a + 1))`, to: `CREATE TABLE t (id int PRIMARY KEY, a bigint, b int AS (a + 1))`, refused: "column t.b rests on it",
		},
		{
			name: "partitions", from: `CREATE TABLE t (id int PRIMARY KEY, a int) PARTITION BY HASH (id) PARTITIONS 2`, to: `CREATE TABLE t (id int PRIMARY KEY, a bigint) PARTITION BY HASH (id) PARTITIONS 2`, refused: "its table is partitioned",
		},
		{
			name: "moved", from: `CREATE TABLE t (id int PRIMARY KEY, a int, b int, c int)`, to: `CREATE TABLE t (id int PRIMARY KEY, b int, c int, a bigint)`, refused: "it moves to another place at once",
		},
		{name: "cheap", from: `CREATE TABLE t (id int PRIMARY KEY, a varchar(10))`, to: `CREATE TABLE t (id int PRIMARY KEY, a varchar(20))`, refused: "-"},
	}
}

// TestPhasedMySQL makes changes of columns in phases on MySQL and MariaDB, with programs that write between the releases.
func TestPhasedMySQL(t *testing.T) {
	for _, name := range []string{"mysql-9.7", "mariadb-10.11"} {
		for _, c := range phasedMySQLCases() {
			if c.only != "" && c.only != name {
				continue
			}
			t.Run(name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				c.run(t, serverNamed(t, name))
			})
		}
	}
}

// TestPhasedMySQLUnderLoad kills the backfill midway and lets the next apply go on, while programs write: under both names
// of a column that is renamed, and from beginning to end, the switch included, a column that gets another type.
func TestPhasedMySQLUnderLoad(t *testing.T) {
	for _, name := range []string{"mysql-9.7", "mariadb-10.11"} {
		t.Run(name, func(t *testing.T) { phasedMySQLUnderLoad(t, name) })
	}
}

func phasedMySQLUnderLoad(t *testing.T, name string) {
	const written = "CREATE TABLE written (k bigint AUTO_INCREMENT PRIMARY KEY, id int NOT NULL, mail varchar(50) NOT NULL, n int NOT NULL);\n"
	p := newPhased(t, serverNamed(t, name), written+"CREATE TABLE t (id int PRIMARY KEY, mail varchar(50) NOT NULL, n int NOT NULL, other text, KEY n (n), UNIQUE KEY m (mail))")
	p.mail = writeMailMySQL
	p.sql(`INSERT INTO t WITH RECURSIVE d AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM d WHERE i < 9)
SELECT * FROM (SELECT 1 + a.i + 10 * b.i + 100 * c.i + 1000 * e.i + 10000 * f.i AS id, CONCAT('m', UUID()), 0, REPEAT('x', 200) FROM d a, d b, d c, d e, d f) g`)
	p.diff(written + `CREATE TABLE t (id int PRIMARY KEY,
  -- schemactl:renamed_from mail
  email varchar(50) NOT NULL, n bigint NOT NULL, other text, KEY n (n), UNIQUE KEY m (email))`)
	p.schemactl("migrate", "apply", "--url", p.live.URL, "--to-version", p.version("_expand"))

	stop := p.write([]string{"mail"})
	killed, _ := schemactlCmd(t, "migrate", "apply", "--url", p.live.URL, "--dir", "file://"+p.dir)
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	p.until("SELECT COUNT(*) > 1000 FROM t WHERE email IS NOT NULL")
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = killed.Wait()
	if !p.holds("SELECT COUNT(*) > 1000 FROM t WHERE email IS NULL") {
		t.Fatal("the backfill was done before it was killed")
	}
	start := time.Now()
	p.schemactl("migrate", "apply", "--url", p.live.URL)
	filled := time.Since(start)
	if !p.holds("SELECT COUNT(*) = 0 FROM t WHERE NOT (email <=> mail) OR NOT (n_new <=> n)") {
		t.Error("old and new columns do not say the same")
	}
	first, longest := stop()
	stop = p.write([]string{"mail", "email"})
	time.Sleep(500 * time.Millisecond)
	second, slow := stop()
	stop = p.write([]string{"email"})
	released := p.keepBusy(3 * time.Second)
	start = time.Now()
	p.schemactl("migrate", "apply", "--url", p.live.URL, "--held", "--retries", "20")
	switched := time.Since(start)
	released()
	third, slowest := stop()
	longest = max(longest, slow, slowest)
	t.Logf("%d rows filled in %s and switched in %s; %d, %d and %d writes meanwhile, of which the longest took %s", phasedRows, filled, switched, first, second, third, longest)
	if first == 0 || second == 0 || third == 0 {
		t.Error("nobody wrote")
	}
	if longest > 5*time.Second {
		t.Errorf("somebody waited %s", longest)
	}
	if !p.holds(`SELECT COUNT(*) = 0 FROM (SELECT id, MAX(k) AS k FROM written GROUP BY id) l JOIN written w USING (k) JOIN t ON t.id = w.id WHERE t.email <> w.mail OR t.n <> w.n`) {
		t.Error("a write is lost")
	}
	if !p.holds(fmt.Sprintf("SELECT COUNT(*) = %d AND SUM(n > 0) = (SELECT COUNT(DISTINCT id) FROM written) FROM t", phasedRows)) {
		t.Error("rows are lost, or changed")
	}
}

// keepBusy holds the table in a transaction for some time, so that ALTER TABLE gives up and is tried again. The function
// that it returns waits for the end of that.
func (p *phased) keepBusy(hold time.Duration) func() {
	p.t.Helper()
	tx, err := p.live.BeginTx(p.t.Context(), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := tx.ExecContext(p.t.Context(), "SELECT 1 FROM t LIMIT 1"); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		time.Sleep(hold)
		ended <- tx.Commit()
	}()
	return func() {
		p.t.Helper()
		if err := <-ended; err != nil {
			p.t.Fatal(err)
		}
	}
}

// writeMailMySQL writes both columns of a row in one transaction with the record of it.
func writeMailMySQL(ctx context.Context, db *sql.DB, column string, id int, mail string) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	n := time.Now().UnixMicro() % 1_000_000_000
	if _, err = tx.ExecContext(ctx, "UPDATE t SET "+column+" = ?, n = ? WHERE id = ?", mail, n+1, id); err != nil {
		return err
	}
	if _, err = tx.ExecContext(ctx, "INSERT INTO written (id, mail, n) VALUES (?, ?, ?)", id, mail, n+1); err != nil {
		return err
	}
	return tx.Commit()
}
