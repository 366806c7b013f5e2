package mysql_test

import (
	"context"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/mysql"
)

// everyQuote is one file with all that makes a semicolon no end of a statement.
const everyQuote = "# a comment; with ' and `\n" + `-- another; one
CREATE TABLE ` + "`a;b`" + ` (id int PRIMARY KEY, t varchar(20) DEFAULT 'it\'s; ''', d varchar(9) DEFAULT "x;\"") /*!50100 COMMENT 'y;' */;
CREATE TRIGGER x BEFORE INSERT ON ` + "`a;b`" + ` FOR EACH ROW IF NEW.id IS NULL THEN SET NEW.id = 1; ELSE SET NEW.t = ';'; END IF;
/*!50003 CREATE TRIGGER y BEFORE UPDATE ON ` + "`a;b`" + ` FOR EACH ROW BEGIN SET NEW.t = 'a'; SET NEW.d = 'b'; END */;
CREATE PROCEDURE p(n int)
BEGIN
  DECLARE done, i int DEFAULT 0; /* ; */
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN SET done = 1; END;
  l: LOOP
    SET i = i + 1;
    IF i > n THEN LEAVE l; ELSEIF i = 2 THEN ITERATE l; END IF;
  END LOOP l;
  REPEAT SET i = i - 1; UNTIL i < 1 END REPEAT;
  WHILE i < 3 DO SET i = CASE WHEN i > 1 THEN 9 ELSE IF(i = 1, 2, i + 1) END; END WHILE;
  CASE i WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE;
END;
CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN CASE WHEN a THEN 1 ELSE REPEAT('x', 2) = 'xx' END;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO BEGIN DELETE FROM ` + "`a;b`" + `; END;
DELIMITER //
CREATE PROCEDURE q() BEGIN SELECT 1; SELECT 2; END //
DELIMITER ;
SELECT 1--1;
`

// TestReplayAsTheServer cuts a file, has each server run the pieces as a migration, and leaves nothing behind.
func TestReplayAsTheServer(t *testing.T) {
	pieces, err := mysql.Dialect{}.Split([]byte(everyQuote), "all.sql")
	if err != nil {
		t.Fatal(err)
	}
	if len(pieces) != 8 {
		t.Fatalf("%d pieces", len(pieces))
	}
	pieces = pieces[:7] // a SELECT is no migration
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		ctx := context.Background()
		u, err := dburl.Parse(srv.Database(t).URL)
		if err != nil {
			t.Fatal(err)
		}
		s, err := mysql.Dialect{}.Connect(ctx, u)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		scope := dialect.Scope{Schemas: []string{u.Schema()}, Bound: true}
		script := func(text string) dialect.Script {
			statements, err := mysql.Dialect{}.Split([]byte(text), "one.sql")
			if err != nil {
				t.Fatal(err)
			}
			return dialect.Script{Statements: statements}
		}
		if _, err := s.Replay(ctx, nil, []dialect.Script{{Statements: pieces}}, scope); err != nil {
			t.Error(err)
		}
		// A setting ends with its file: without it, the second table misses the first.
		_, err = s.Replay(ctx, nil, []dialect.Script{
			script("SET foreign_key_checks = 0;\nCREATE TABLE a (b int, FOREIGN KEY (b) REFERENCES b (id));"),
			script("CREATE TABLE c (d int, FOREIGN KEY (d) REFERENCES d (id));"),
		}, scope)
		if err == nil || !strings.Contains(err.Error(), "one.sql:1:1") {
			t.Errorf("got %v", err)
		}
		// So it is whether it can be put back or the session must go, and the setting of the session is the one put back.
		for _, set := range []string{"SET sql_mode = 'ANSI_QUOTES'", "SET SESSION sql_mode = 'ANSI_QUOTES', lock_wait_timeout = 5", "SET @a = 1, sql_mode = 'ANSI_QUOTES'", "SET @@session.sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')"} {
			_, err = s.Replay(ctx, nil, []dialect.Script{
				script(set + ";\nCREATE TABLE \"a\" (b int);"), script("CREATE TABLE c (d varchar(9) DEFAULT \"x\");"),
			}, scope)
			if err != nil {
				t.Errorf("%s: %v", set, err)
			}
		}
		// Nothing is tried again later.
		_, err = s.Replay(ctx, nil, []dialect.Script{script("CREATE VIEW v AS SELECT * FROM a;\nCREATE TABLE a (b int);")}, scope)
		if err == nil || !strings.Contains(err.Error(), "one.sql:1:1") {
			t.Errorf("got %v", err)
		}
		if _, err := s.Replay(ctx, nil, []dialect.Script{script("USE mysql;")}, scope); err == nil {
			t.Error("a script may leave the dev database")
		}
		if _, err := s.Load(ctx, nil, scope); err != nil {
			t.Errorf("something was left: %v", err)
		}
	})
}
