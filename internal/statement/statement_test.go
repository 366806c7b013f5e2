package statement_test

import (
	"slices"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"

	"github.com/schemactl/schemactl/internal/statement"
)

func texts(pieces []statement.Piece) []string {
	var out []string
	for _, p := range pieces {
		out = append(out, p.Text)
	}
	return out
}

// checkPlaces holds the pieces against the text: each where it says, in order, and nothing but comments, white space,
// delimiters and DELIMITER commands in between.
func checkPlaces(t *testing.T, text string, pieces []statement.Piece) {
	t.Helper()
	end := 0
	for _, p := range pieces {
		length, ok := lengthOf(p.Text, text[p.Offset:])
		if p.Offset < end || !ok || p.Text == "" {
			t.Fatalf("piece %q is not at %d of %q", p.Text, p.Offset, text)
		}
		end = p.Offset + length
	}
}

// lengthOf is the length of a piece where it is written: with the backslashes at the ends of lines.
func lengthOf(piece, text string) (int, bool) {
	at := 0
	for i := range len(piece) {
		if at < len(text) && text[at] == '\\' && piece[i] != '\\' {
			at++
		}
		if at >= len(text) || text[at] != piece[i] {
			return 0, false
		}
		at++
	}
	return at, true
}

func TestPostgres(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"strings", `SELECT 'a;b', "c;d", 'it''s;'; SELECT 2`, []string{`SELECT 'a;b', "c;d", 'it''s;';`, `SELECT 2`}},
		{"backslash ends no string", `SELECT 'c:\'; SELECT 2;`, []string{`SELECT 'c:\';`, `SELECT 2;`}},
		{"escape string", `SELECT E'it\'s;'; SELECT e'\\'; SELECT 2;`, []string{`SELECT E'it\'s;';`, `SELECT e'\\';`, `SELECT 2;`}},
		{"a word that ends in e", `SELECT date'2020-01-01\'; SELECT 2;`, []string{`SELECT date'2020-01-01\';`, `SELECT 2;`}},
		{"dollar quotes", "DO $$ BEGIN; $a$ ; $a$ END $$; SELECT $q$;$$;$q$;", []string{"DO $$ BEGIN; $a$ ; $a$ END $$;", "SELECT $q$;$$;$q$;"}},
		{"dollars in names and parameters", "SELECT a$b$ FROM c$b$; EXECUTE p($1); SELECT 2;", []string{"SELECT a$b$ FROM c$b$;", "EXECUTE p($1);", "SELECT 2;"}},
		{"a tag with a letter beyond ASCII", "SELECT $é$;$é$;", []string{"SELECT $é$;$é$;"}},
		{"nested comments", "/* a /* b; */ c; */ SELECT 1 /* /* ; */ */; SELECT 2;", []string{"SELECT 1 /* /* ; */ */;", "SELECT 2;"}},
		{"line comments", "SELECT 1 -- ; '\n; -- only;\nSELECT 2 --end;", []string{"SELECT 1 -- ; '\n;", "SELECT 2 --end;"}},
		{"comment at the end without a line break", "SELECT 1;\n-- done", []string{"SELECT 1;"}},
		{
			"atomic bodies", "CREATE OR REPLACE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 1 END; SELECT 2; END; SELECT 3;",
			[]string{"CREATE OR REPLACE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 1 END; SELECT 2; END;", "SELECT 3;"},
		},
		{"atomic on a line of its own", "create procedure p()\nbegin atomic\ninsert into t values (1);\nend;\nselect 1;", []string{"create procedure p()\nbegin atomic\ninsert into t values (1);\nend;", "select 1;"}},
		{"a transaction is no body", "BEGIN; SELECT 1; END; BEGIN WORK; COMMIT;", []string{"BEGIN;", "SELECT 1;", "END;", "BEGIN WORK;", "COMMIT;"}},
		{"a transaction on one line", "begin transaction; create table t (a int); end;", []string{"begin transaction;", "create table t (a int);", "end;"}},
		{"names that are words", `CREATE TABLE t ("begin" int, "end" text); SELECT 1;`, []string{`CREATE TABLE t ("begin" int, "end" text);`, "SELECT 1;"}},
		{"rules", "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2)); SELECT 1;", []string{"CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2));", "SELECT 1;"}},
		{"empty statements", ";;SELECT 1;; ;\n", []string{"SELECT 1;"}},
		{"guards of pg_dump", "\\restrict abc\nSELECT 1;\n\\unrestrict abc\n", []string{"SELECT 1;"}},
		{"copy to", "COPY t TO stdout; COPY t FROM '/tmp/stdin';", []string{"COPY t TO stdout;", "COPY t FROM '/tmp/stdin';"}},
		{"a delimiter of Atlas", "-- atlas:delimiter \\n\\n\nCREATE FUNCTION f() RETURNS void AS 'x;\n\ny' LANGUAGE sql;\nSELECT 1;\n\nSELECT 2;", []string{"CREATE FUNCTION f() RETURNS void AS 'x;\n\ny' LANGUAGE sql;\nSELECT 1;", "SELECT 2;"}},
		{"a delimiter that looks like a comment", "-- atlas:delimiter -- END\nSELECT 1; SELECT 2;\n-- END\nSELECT 3;\n-- END", []string{"SELECT 1; SELECT 2;", "SELECT 3;"}},
		{"a delimiter that looks like a quote", "-- atlas:delimiter $$\nSELECT 1 $$ SELECT 2 $$", []string{"SELECT 1", "SELECT 2"}},
		{"operators", "SELECT a->'b' #>> '{c}', 1 - -1, a ? 'b' FROM t; SELECT 2;", []string{"SELECT a->'b' #>> '{c}', 1 - -1, a ? 'b' FROM t;", "SELECT 2;"}},
		{"CRLF", "SELECT 1;\r\nSELECT\r\n2;\r\n", []string{"SELECT 1;", "SELECT\r\n2;"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pieces, err := statement.Postgres(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := texts(pieces); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			checkPlaces(t, tt.text, pieces)
		})
	}
}

func TestMySQL(t *testing.T) {
	const trigger = "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW "
	tests := []struct {
		name, text string
		want       []string
	}{
		{"comments and strings", "CREATE TABLE t (a int COMMENT 'x;y'); # foo;\n-- bar;\nSELECT \"a;b\";", []string{"CREATE TABLE t (a int COMMENT 'x;y');", "SELECT \"a;b\";"}},
		{"backslashes", `SELECT 'it\'s;', "\";", 'c\\'; SELECT 2;`, []string{`SELECT 'it\'s;', "\";", 'c\\';`, `SELECT 2;`}},
		{"a text under NO_BACKSLASH_ESCAPES", "SET sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'; SELECT 'a\\'; SELECT ';'; SET sql_mode = DEFAULT; SELECT '\\';';", []string{"SET sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES';", "SELECT 'a\\';", "SELECT ';';", "SET sql_mode = DEFAULT;", "SELECT '\\';';"}},
		{"a dump's text under NO_BACKSLASH_ESCAPES", "/*!50003 SET sql_mode              = 'NO_BACKSLASH_ESCAPES' */ ;\nSELECT '\\'; SELECT 1;", []string{"/*!50003 SET sql_mode              = 'NO_BACKSLASH_ESCAPES' */ ;", "SELECT '\\';", "SELECT 1;"}},
		{"a text under ANSI_QUOTES", "SET SESSION sql_mode = CONCAT_WS(',', @@sql_mode, 'ANSI_QUOTES'); SELECT \"a\\\", 'b\\';'; SELECT 1;", []string{"SET SESSION sql_mode = CONCAT_WS(',', @@sql_mode, 'ANSI_QUOTES');", "SELECT \"a\\\", 'b\\';';", "SELECT 1;"}},
		{"two dashes", "SELECT 1--1; SELECT 2 --\t;\n;", []string{"SELECT 1--1;", "SELECT 2 --\t;\n;"}},
		{"comments do not nest", "/* a /* b */ SELECT 1;", []string{"SELECT 1;"}},
		{"quoted names", "SELECT `a;\\`, 1; SELECT 2;", []string{"SELECT `a;\\`, 1;", "SELECT 2;"}},
		{"executable comments stay", "/*!40101 SET NAMES utf8 */;\n/*M!100301 SELECT 1 */;", []string{"/*!40101 SET NAMES utf8 */;", "/*M!100301 SELECT 1 */;"}},
		{"a trigger of a dump", "DELIMITER ;;\n/*!50003 CREATE*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW begin set new.a=1; end */;;\nDELIMITER ;\nSELECT 1;", []string{"/*!50003 CREATE*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW begin set new.a=1; end */", "SELECT 1;"}},
		{"a dump's trigger without DELIMITER", "/*!50003 CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW begin set new.a=1; end */;\nSELECT 1;", []string{"/*!50003 CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW begin set new.a=1; end */;", "SELECT 1;"}},
		{"bodies", "CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE 1 WHEN 1 THEN SELECT 2; END CASE; END;\nSELECT 3;", []string{"CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE 1 WHEN 1 THEN SELECT 2; END CASE; END;", "SELECT 3;"}},
		{"partitions in a comment", "CREATE TABLE t (a int) /*!50100 PARTITION BY HASH (a) */;\nSELECT 1", []string{"CREATE TABLE t (a int) /*!50100 PARTITION BY HASH (a) */;", "SELECT 1"}},
		{"marks inside strings", "SELECT '/*!1 ' ; SELECT `*/`;", []string{"SELECT '/*!1 ' ;", "SELECT `*/`;"}},
		{"a body that is an IF", trigger + "IF NEW.a > 1 THEN SET NEW.a = 1; ELSEIF NEW.a IS NULL THEN SET NEW.a = 2; ELSE SET NEW.a = IF(1,2,3); END IF; SELECT 1;", []string{trigger + "IF NEW.a > 1 THEN SET NEW.a = 1; ELSEIF NEW.a IS NULL THEN SET NEW.a = 2; ELSE SET NEW.a = IF(1,2,3); END IF;", "SELECT 1;"}},
		{"a body of one statement", trigger + "SET NEW.a = 1; SELECT 1;", []string{trigger + "SET NEW.a = 1;", "SELECT 1;"}},
		{"a body in parentheses", trigger + "IF (NEW.a) THEN SET NEW.a = 1; END IF; SELECT 1;", []string{trigger + "IF (NEW.a) THEN SET NEW.a = 1; END IF;", "SELECT 1;"}},
		{"IF NOT EXISTS", "CREATE PROCEDURE IF NOT EXISTS p() SELECT 1; SELECT 2;", []string{"CREATE PROCEDURE IF NOT EXISTS p() SELECT 1;", "SELECT 2;"}},
		{"a function that returns a CASE", "CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN CASE WHEN a THEN 1 ELSE IF(a,2,3) END; SELECT 1;", []string{"CREATE FUNCTION f(a int) RETURNS int DETERMINISTIC RETURN CASE WHEN a THEN 1 ELSE IF(a,2,3) END;", "SELECT 1;"}},
		{"loops and labels", "CREATE PROCEDURE p() BEGIN l: LOOP LEAVE l; END LOOP l; REPEAT SET @a = 1; UNTIL @a > 0 END REPEAT; WHILE 0 DO SELECT 1; END WHILE; END; SELECT 9;", []string{"CREATE PROCEDURE p() BEGIN l: LOOP LEAVE l; END LOOP l; REPEAT SET @a = 1; UNTIL @a > 0 END REPEAT; WHILE 0 DO SELECT 1; END WHILE; END;", "SELECT 9;"}},
		{"handlers", "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END; SELECT REPEAT('x', 2); END; SELECT 9;", []string{"CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END; SELECT REPEAT('x', 2); END;", "SELECT 9;"}},
		{"names that are words", "CREATE PROCEDURE p() BEGIN SELECT `end`, t.end, begin FROM t; SELECT CASE WHEN 1 THEN 2 END AS x; END; SELECT 9;", []string{"CREATE PROCEDURE p() BEGIN SELECT `end`, t.end, begin FROM t; SELECT CASE WHEN 1 THEN 2 END AS x; END;", "SELECT 9;"}},
		{"events", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; END; ALTER EVENT e DO DELETE FROM t; SELECT 1;", []string{"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; END;", "ALTER EVENT e DO DELETE FROM t;", "SELECT 1;"}},
		{"definers", "CREATE DEFINER=`a`@`%` PROCEDURE p() BEGIN END; CREATE DEFINER = event@localhost VIEW v AS SELECT 1; SELECT 2;", []string{"CREATE DEFINER=`a`@`%` PROCEDURE p() BEGIN END;", "CREATE DEFINER = event@localhost VIEW v AS SELECT 1;", "SELECT 2;"}},
		{"a transaction is no body", "BEGIN; SELECT 1; COMMIT; BEGIN WORK; COMMIT;", []string{"BEGIN;", "SELECT 1;", "COMMIT;", "BEGIN WORK;", "COMMIT;"}},
		{"MariaDB's anonymous block", "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END; SELECT 3;", []string{"BEGIN NOT ATOMIC SELECT 1; SELECT 2; END;", "SELECT 3;"}},
		{"MariaDB's FOR", "CREATE PROCEDURE p() BEGIN FOR i IN 1..3 DO SELECT i; END FOR; END; SELECT 3;", []string{"CREATE PROCEDURE p() BEGIN FOR i IN 1..3 DO SELECT i; END FOR; END;", "SELECT 3;"}},
		{"DELIMITER", "delimiter //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nSELECT 'a//b'; SELECT 2 //\nDELIMITER ;\nSELECT 3;", []string{"CREATE PROCEDURE p() BEGIN SELECT 1; END", "SELECT 'a//b'; SELECT 2", "SELECT 3;"}},
		{"a backslash at the end of a line", "SELECT (1, \\\n 2), 'a\\\nb', \\\r\n3;\nSELECT 4;", []string{"SELECT (1, \n 2), 'a\\\nb', \r\n3;", "SELECT 4;"}},
		{"a quoted delimiter", "DELIMITER '$$'\nSELECT 1$$\nDELIMITER ;\nSELECT 2;", []string{"SELECT 1", "SELECT 2;"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pieces, err := statement.MySQL(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := texts(pieces); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			checkPlaces(t, tt.text, pieces)
		})
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name, text, want string
		split            func(string) ([]statement.Piece, error)
	}{
		{"copy", "SELECT 1;\n  COPY public.t (a, b) FROM stdin;\n1\t2\n\\.\n", "2:3: COPY … FROM stdin takes its rows from psql", statement.Postgres},
		{"psql", "\\connect other\n", "\\connect is a command of psql", statement.Postgres},
		{"psql within", "SELECT 1\n\\gexec\n", "\\gexec is a command of psql", statement.Postgres},
		{"string", "SELECT 1;\nSELECT 'a", "2:8: the quote ' is not closed", statement.Postgres},
		{"dollar", "SELECT $x$ a", "the dollar quote $x$ is not closed", statement.Postgres},
		{"comment", "SELECT 1 /* /* */", "the comment is not closed", statement.Postgres},
		{"parenthesis", "SELECT (1; SELECT 2;", "1:8: the parenthesis is not closed", statement.Postgres},
		{"body", "CREATE FUNCTION f() RETURNS int\nBEGIN ATOMIC SELECT 1;", "2:1: a body that begins here is not closed", statement.Postgres},
		{"body of MySQL", "CREATE PROCEDURE p()\nBEGIN IF 1 THEN SELECT 1; END IF;", "2:1: a body that begins here is not closed", statement.MySQL},
		{"delimiter", "DELIMITER  \nSELECT 1", "the delimiter is empty", statement.MySQL},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.split(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestComments(t *testing.T) {
	pieces, err := statement.Postgres("-- of the file\n\n-- one\n/* two */\nSELECT 1; -- trailing\n\nSELECT 2;\n-- three\nSELECT 3;")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"-- one", "/* two */"}, nil, {"-- three"}}
	for i, p := range pieces {
		if !slices.Equal(p.Comments, want[i]) {
			t.Errorf("statement %d has the comments %q, want %q", i, p.Comments, want[i])
		}
	}
}

// FuzzPostgres and FuzzMySQL look for text that is lost, moved, or cut differently when it is cut again.
func FuzzPostgres(f *testing.F) { fuzz(f, statement.Postgres) }

func FuzzMySQL(f *testing.F) { fuzz(f, statement.MySQL) }

func fuzz(f *testing.F, split func(string) ([]statement.Piece, error)) {
	for _, seed := range []string{
		"SELECT 1; SELECT 2", "SELECT ';' /* ; */ -- ;\n; SELECT $$;$$", "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END;",
		"DELIMITER //\nCREATE PROCEDURE p() BEGIN END//", "/*!50003 CREATE TRIGGER t */;", "-- atlas:delimiter \\n\\n\nSELECT 1\n\n",
		"CREATE PROCEDURE p() BEGIN l: REPEAT SET a = CASE 1 WHEN 1 THEN 2 END; UNTIL 1 END REPEAT; END; SELECT 1", "COPY t FROM stdin;", " \\\n0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pieces, err := split(text)
		if err != nil {
			return
		}
		checkPlaces(t, text, pieces)
		for _, p := range pieces {
			if strings.HasPrefix(strings.ToLower(p.Text), "delimiter") || strings.Contains(text, "atlas:delimiter") || strings.Contains(strings.ToLower(text), "delimiter") {
				continue // cut by another delimiter
			}
			if strings.Contains(p.Text, "\\\n") || strings.Contains(p.Text, "\\\r") {
				continue // a backslash that came to stand at the end of a line
			}
			again, err := split(p.Text)
			if err != nil || len(again) != 1 || again[0].Text != p.Text {
				t.Fatalf("%q is cut into %q, %v", p.Text, texts(again), err)
			}
		}
	})
}

// TestAgreesWithAtlas holds our cuts against those of Atlas's scanner, whose revisions count and hash statements.
func TestAgreesWithAtlas(t *testing.T) {
	postgres := migrate.ScannerOptions{MatchBegin: true, MatchBeginAtomic: true, MatchDollarQuote: true, EscapedStringExt: true}
	mysql := migrate.ScannerOptions{MatchBegin: true, BackslashEscapes: true, HashComments: true}
	tests := []struct {
		text    string
		options migrate.ScannerOptions
		split   func(string) ([]statement.Piece, error)
	}{
		{"-- Create \"users\" table\nCREATE TABLE \"users\" (\"id\" int);\n-- next\nALTER TABLE users ADD COLUMN a text DEFAULT ';';\n", postgres, statement.Postgres},
		{"CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN RETURN NEW; END; $$ LANGUAGE plpgsql;\nSELECT 1;", postgres, statement.Postgres},
		{"CREATE PROCEDURE p()\nBEGIN ATOMIC\nSELECT 1;\nEND;\nSELECT 2;", postgres, statement.Postgres},
		{"-- atlas:delimiter \\n\\n\\n\n\nSELECT 1;\n\n\nSELECT 2\n\n\n", postgres, statement.Postgres},
		{"-- atlas:txmode none\n\nSELECT 1;\nSELECT 2", postgres, statement.Postgres},
		{"DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\nSELECT 2;\n", mysql, statement.MySQL},
		{"CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; END;\nSELECT 'a\\';';", mysql, statement.MySQL},
	}
	for _, tt := range tests {
		theirs, err := (&migrate.Scanner{ScannerOptions: tt.options}).Scan(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, s := range theirs {
			want = append(want, s.Text)
		}
		ours, err := tt.split(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(ours); !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}
