package statement_test

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/statement"
)

func TestSigns(t *testing.T) {
	const both, none, postgres, mysql = "both", "none", "postgres", "mysql"
	for _, tt := range []struct{ name, text, want, signs string }{
		{"backquotes", "CREATE TABLE `t` (id int);", mysql, "|backquoted names"},
		{"engine", "CREATE TABLE t (id int) ENGINE=InnoDB;", mysql, "|ENGINE"},
		{"engine without a mark", "CREATE TABLE t (id int) engine innodb", mysql, "|ENGINE"},
		{"counter", "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY);", mysql, "|AUTO_INCREMENT"},
		{"delimiter and its dollars", "DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT 1; END $$\nDELIMITER ;", mysql, "|DELIMITER"},
		{"executable comment", "/*!40101 SET @a = 1 */;\n/*!50001 CREATE TABLE `t` (a int) */;", mysql, "|backquoted names"},
		{"two that are nearly sure", "CREATE TABLE t (a datetime, b tinyint);", mysql, "|TINYINT,DATETIME"},
		{"one that is nearly sure", "CREATE TABLE t (a datetime);", none, "|DATETIME"},
		{"dollars", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;", postgres, "dollar quotes|"},
		{"a body in another language", "CREATE FUNCTION f() RETURNS int AS $f$ don't `x` ENGINE=InnoDB $f$ LANGUAGE plpython3u;\nCREATE TABLE t (a int)", postgres, "dollar quotes|"},
		{"cast", "ALTER TABLE t ADD COLUMN a text DEFAULT 'x'::text;", postgres, "::casts|"},
		{"concurrently", "DROP INDEX CONCURRENTLY i;", postgres, "CONCURRENTLY|"},
		{"identity", "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY);", postgres, "AS IDENTITY|"},
		{"serial alone", "CREATE TABLE t (id serial);", none, "SERIAL|"},
		{"serial and a type", "CREATE TABLE t (id serial, at timestamptz);", postgres, "SERIAL,timestamptz|"},
		{"serial on MySQL", "CREATE TABLE t (id serial) ENGINE=InnoDB;", mysql, "SERIAL|ENGINE"},
		{"nothing", "CREATE TABLE t (id int PRIMARY KEY, name varchar(20));", none, "|"},
		{"both", "CREATE TABLE `t` (id int);\nCREATE INDEX CONCURRENTLY i ON t (id);", both, "CONCURRENTLY|backquoted names"},
		{"nearly sure of both", "CREATE TABLE t (a datetime, b tinyint, c jsonb, d bytea);", none, "jsonb,bytea|TINYINT,DATETIME"},
		{"strings", `INSERT INTO t VALUES ('AUTO_INCREMENT a::b $$x$$ ENGINE=InnoDB');`, none, "|"},
		{"comments", "-- `t` a::b ENGINE=InnoDB\n/* AUTO_INCREMENT $$ $$ */ CREATE TABLE t (id int);", none, "|"},
		{"names", "UPDATE cars SET engine = 'x' WHERE serial.auto_increment = 1 AND engine = fuel", none, "|"},
		{"a column called delimiter", "CREATE TABLE csv (\n  delimiter text\n);", none, "|"},
		{"an option of COPY", "COPY t FROM 'x'\nDELIMITER ','", none, "|"},
		{"a foreign key that follows", "CREATE TABLE t (id int REFERENCES u ON UPDATE CASCADE)", none, "|"},
	} {
		s := statement.SignsOf(tt.text)
		got := map[[2]bool]string{{true, true}: both, {true, false}: postgres, {false, true}: mysql, {}: none}
		pg, my := s.Tells()
		if got[[2]bool{pg, my}] != tt.want {
			t.Errorf("%s: it is %s, want %s", tt.name, got[[2]bool{pg, my}], tt.want)
		}
		if signs := strings.Join(s.Postgres, ",") + "|" + strings.Join(s.MySQL, ","); signs != tt.signs {
			t.Errorf("%s: signs %q, want %q", tt.name, signs, tt.signs)
		}
	}
	// Files count together.
	if pg, my := statement.SignsOf("CREATE TABLE t (a datetime)", "CREATE TABLE u (a tinyint)").Tells(); pg || !my {
		t.Errorf("two files: %v, %v", pg, my)
	}
}

func FuzzSigns(f *testing.F) {
	for _, seed := range []string{"DELIMITER $$\nx $$", "$a$ ` $a", "`", "$$", "(::)", "engine ="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, b := statement.SignsOf(text), statement.SignsOf(text)
		if strings.Join(a.MySQL, ",") != strings.Join(b.MySQL, ",") || strings.Join(a.Postgres, ",") != strings.Join(b.Postgres, ",") {
			t.Errorf("%v, then %v", a, b)
		}
	})
}
