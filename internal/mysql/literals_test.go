package mysql_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/object"
)

// TestLiterals puts random strings wherever a string may stand, and holds that they come back: the server's own reading
// of the text is what is planned, nothing is planned twice, and HCL tells the same.
func TestLiterals(t *testing.T) {
	devs := dbtest.NewPool(func(srv dbtest.Server) *database { return open(t, srv.Database(t)) })
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		for round := range uint64(4) {
			t.Run(fmt.Sprintf("%s/%d", srv.Name, round), func(t *testing.T) {
				t.Parallel()
				dev := devs.Lend(t, srv)
				source := (&texts{rand.New(rand.NewPCG(round, 14)), srv.Scheme == "mysql"}).schema()
				t.Cleanup(func() {
					if t.Failed() {
						t.Log(source)
					}
				})
				want := dev.desired(t, source)
				shownOf := made(t, srv, source)
				live := open(t, srv.Database(t))
				steps := live.apply(t, want)
				if got := shown(t, live.db); got != shownOf {
					t.Fatalf("the plan\n%s\nleads to\n%s\nwant\n%s", steps, got, shownOf)
				}
				if again := live.plan(t, want); len(again) > 0 {
					t.Fatalf("the second plan is not empty:\n%s", text(again))
				}
				hclRoundTrip(t, dev, want)
				copied := open(t, srv.Database(t))
				copied.apply(t, live.state(t))
				if got := shown(t, copied.db); got != shownOf {
					t.Fatalf("what is inspected makes\n%s\nwant\n%s", got, shownOf)
				}
				live.apply(t, object.NewState())
			})
		}
	}
}

// texts makes random strings.
type texts struct {
	*rand.Rand
	mysql bool
}

func (r *texts) pick(of ...string) string { return of[r.IntN(len(of))] }

// text is a random string: beyond tells whether it may have characters that the servers' own tables do not hold.
func (r *texts) text(beyond bool) string {
	parts := []string{"'", "''", `"`, "`", `\`, `\\`, `\'`, "\n", "\r\n", "\t", "\x1a", "\b", "\x01", "%", `\%`, "_", ";", "-- ", "#", "/*", "*/", "?", "é", "ß", "ÿ", "Ã©",
		"中", "\u0301", "\u202e", "\uffff", "a", "b1", " ", "x'", "0x", "_utf8mb4", " and (", ") or ", "DO ", "FOR EACH ROW ", "$$", "{{", "${a}", "%{b}", "\u2028"}
	if beyond {
		parts = append(parts, "😀", "\U0010FFFF", "𝒳", "😀?")
	}
	s := ""
	for range 1 + r.IntN(5) {
		s += parts[r.IntN(len(parts))]
	}
	return s + r.pick("z", "é", "'")
}

// quoted is a string as a person may write it.
func (r *texts) quoted(beyond bool) string {
	s := r.text(beyond)
	switch r.IntN(4) {
	case 0:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `""`).Replace(s) + `"`
	case 1:
		return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\x1a", `\Z`).Replace(s) + "'"
	}
	return "'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(s) + "'"
}

// value is a string in an expression.
func (r *texts) value() string {
	switch n := r.IntN(8); {
	case n == 0:
		return "N" + "'" + r.pick("é", "a''b", `\\`) + "'"
	case n == 1 && r.mysql: // MariaDB garbles the strings of expressions that have a character set and more than ASCII
		return "_utf8mb4" + r.quoted(true)
	case n == 2 && r.mysql:
		return "_latin1 x'" + r.pick("e9", "ff27", "5c41", "00e9") + "'"
	case n == 3 && r.mysql:
		return "_binary" + r.quoted(true)
	}
	return r.quoted(true)
}

func (r *texts) bytes() string {
	b := make([]byte, 1+r.IntN(6))
	for i := range b {
		b[i] = []byte{0, 0, 0xff, 0x27, 0x5c, 'a', '?', 0xc3, 0xa9, byte(r.IntN(256))}[r.IntN(10)]
	}
	return hex.EncodeToString(b)
}

// comment is one that the servers can keep.
func (r *texts) comment() string { return r.quoted(false) }

func (r *texts) schema() string {
	var s strings.Builder
	add := func(format string, args ...any) { fmt.Fprintf(&s, format+"\n", args...) }
	add("CREATE TABLE t (id int PRIMARY KEY COMMENT %s,", r.comment())
	null := func() string { return r.pick("", "NOT NULL ") }
	add("  l1 varchar(60) %sDEFAULT %s,", null(), r.quoted(true))
	add("  l2 varchar(60) CHARACTER SET utf8mb3 %sDEFAULT %s,", null(), r.quoted(false))
	add("  l3 varchar(60) CHARACTER SET latin1 %sDEFAULT %s,", null(), r.pick("'é?'", "'ÿ''\\\\'", "'a?'", "''"))
	add("  b1 varbinary(60) %sDEFAULT x'%s', b2 binary(9) %sDEFAULT x'%s', b3 varbinary(99) %sDEFAULT %s,", null(), r.bytes(), null(), r.bytes(), null(), r.quoted(true))
	add("  e1 varchar(99) DEFAULT (concat(%s, %s)),", r.value(), r.value())
	add("  g1 varchar(99) AS (concat(l1, %s)) VIRTUAL, g2 varchar(99) AS (concat(%s, l1)) STORED,", r.value(), r.value())
	add("  en enum(%s, %s, 'z') DEFAULT 'z' COMMENT %s, st set('a', 'é', 'q''\\\\') DEFAULT 'é',", r.quoted(true), r.comment(), r.comment())
	emoji := r.pick("'😀'", "'😀?'", "'𝒳'", "'?'")
	add("  em enum(%s, 'a', '\U0001F680') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin %sDEFAULT %s, es set('b', %s, '𝒳é') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin %sDEFAULT 'b',", emoji, null(), emoji, emoji, null())
	add("  CONSTRAINT c1 CHECK (l1 <> %s), CONSTRAINT c2 CHECK (id > 1 OR l1 <> concat(%s, l1) AND NOT (id = 7 OR l1 = %s)),", r.value(), r.value(), r.value())
	if r.mysql {
		add("  KEY f1 ((concat(l1, %s))), KEY f2 ((nullif(l2, %s)) DESC),", r.value(), r.quoted(false))
	} else {
		add("  own varchar(60) CHECK (own <> %s),", r.value())
	}
	add("  KEY k1 (id, en) COMMENT %s) COMMENT %s;", r.comment(), r.comment())
	add("CREATE TABLE p (a varchar(60) CHARACTER SET utf8mb4 NOT NULL, v varbinary(9)) PARTITION BY LIST COLUMNS (a) (PARTITION p0 VALUES IN (%s, 'one') COMMENT %s, PARTITION p1 VALUES IN ('two'));",
		r.quoted(true), r.comment())
	add("CREATE TABLE q (v varbinary(9)) PARTITION BY RANGE COLUMNS (v) (PARTITION p0 VALUES LESS THAN (x'00%s'), PARTITION p1 VALUES LESS THAN (MAXVALUE));", r.bytes())
	add("CREATE VIEW v AS SELECT %s AS a, concat(l1, %s) AS b FROM t WHERE l1 <> %s AND NOT (id = 7 OR l1 = %s);", r.quoted(true), r.value(), r.value(), r.quoted(true))
	add("CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.l1 = concat(%s, %s);", r.value(), r.value())
	add("CREATE TRIGGER tr2 BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.l2 = %s; SET @x = concat(%s, NEW.l1); END;", r.quoted(true), r.value())
	add("CREATE EVENT ev ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' COMMENT %s DO INSERT INTO p (a) VALUES (%s);", r.comment(), r.value())
	add("CREATE FUNCTION f(x varchar(9)) RETURNS varchar(99) DETERMINISTIC COMMENT %s RETURN concat(x, %s);", r.comment(), r.value())
	add("CREATE PROCEDURE pr(IN x varchar(9)) COMMENT %s BEGIN SELECT %s; SET @y = %s; END;", r.comment(), r.value(), r.quoted(true))
	return s.String()
}
