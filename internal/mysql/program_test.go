package mysql_test

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/object"
)

// keptQuery lists what programs were made under.
const keptQuery = `
SELECT CONCAT_WS(' ', ROUTINE_NAME, CONCAT('[', SQL_MODE, ']'), COLLATION_CONNECTION) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
UNION ALL SELECT CONCAT_WS(' ', TRIGGER_NAME, CONCAT('[', SQL_MODE, ']'), COLLATION_CONNECTION) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
UNION ALL SELECT CONCAT_WS(' ', EVENT_NAME, CONCAT('[', SQL_MODE, ']'), COLLATION_CONNECTION, TIME_ZONE) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()
ORDER BY 1`

func kept(t *testing.T, db *dbtest.DB) string {
	t.Helper()
	return strings.Join(column(t, db, keptQuery, 0), "\n")
}

// programs makes one of each kind that has a body; n tells the bodies apart.
func programs(n string) string {
	return `
CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN ` + n + `;
CREATE PROCEDURE p() SELECT ` + n + `;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.v = ` + n + `;
CREATE EVENT ev ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 12:00:00' DO INSERT INTO t (v) VALUES (` + n + `);
CREATE EVENT once ON SCHEDULE AT '2036-01-01 12:00:00' DO DELETE FROM t WHERE v = ` + n + `;
`
}

const programTable = "CREATE TABLE t (id int PRIMARY KEY AUTO_INCREMENT, v tinyint);\n"

func madeUnder() map[string]string {
	return map[string]string{
		"no mode":   "SET sql_mode = '';",
		"lax":       "SET sql_mode = 'PIPES_AS_CONCAT,NO_ENGINE_SUBSTITUTION';",
		"zone":      "SET time_zone = '+05:00';",
		"collation": "SET collation_connection = latin1_bin;",
		"all":       "SET sql_mode = 'ANSI_QUOTES', time_zone = '-03:30', collation_connection = utf8mb4_unicode_ci;",
	}
}

// TestProgramsKeepWhatTheyWereMadeUnder holds that the settings of the session that made a program come along: made by a
// plan, through HCL, with a new body, and back.
func TestProgramsKeepWhatTheyWereMadeUnder(t *testing.T) {
	devs := dbtest.NewPool(func(srv dbtest.Server) *database { return open(t, srv.Database(t)) })
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		for name, set := range madeUnder() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				dev := devs.Lend(t, srv)
				source := programTable + set + programs("1")
				want := dev.desired(t, source)
				live := open(t, srv.Database(t))
				live.apply(t, want)
				made := open(t, srv.Database(t))
				if err := made.Exec(t.Context(), source); err != nil {
					t.Fatal(err)
				}
				made = open(t, made.db) // a session of which nothing was set
				keeps := kept(t, made.db)
				if got := kept(t, live.db); got != keeps {
					t.Fatalf("made by a plan:\n%s\nwant\n%s", got, keeps)
				}
				if again := live.plan(t, want); len(again) > 0 {
					t.Fatalf("the second plan is not empty:\n%s", text(again))
				}
				copied := open(t, srv.Database(t))
				copied.apply(t, made.state(t))
				if got := kept(t, copied.db); got != keeps {
					t.Fatalf("made from what is inspected:\n%s\nwant\n%s", got, keeps)
				}
				copied.apply(t, object.NewState())
				copied.apply(t, dev.reads(t, decode(t, encode(t, made.state(t), dev.scope), dev.scope)))
				if got := kept(t, copied.db); got != keeps {
					t.Fatalf("made from HCL:\n%s\nwant\n%s", got, keeps)
				}
				if again := made.plan(t, dev.reads(t, decode(t, encode(t, made.state(t), dev.scope), dev.scope))); len(again) > 0 {
					t.Fatalf("its own HCL changes something:\n%s", text(again))
				}
				if strings.Contains(set, "ANSI") || strings.Contains(set, "PIPES") {
					return // the text of a source that does not say so is read otherwise
				}
				if plain := made.plan(t, dev.desired(t, programTable+programs("1"))); len(plain) > 0 {
					t.Fatalf("a source that says nothing changes something:\n%s", text(plain))
				}
				made.apply(t, dev.desired(t, programTable+programs("2")))
				if got := kept(t, made.db); got != keeps {
					t.Fatalf("with another body:\n%s\nwant\n%s", got, keeps)
				}
			})
		}
	})
}

// TestProgramsChangeWhatTheyWereMadeUnder goes from each of the settings to each other one.
func TestProgramsChangeWhatTheyWereMadeUnder(t *testing.T) {
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		dev, live := open(t, srv.Database(t)), open(t, srv.Database(t))
		order := []string{"no mode", "all", "collation", "zone", "lax", "all", "no mode"}
		last := ""
		for _, name := range order {
			set := "SET sql_mode = DEFAULT, time_zone = DEFAULT, collation_connection = utf8mb4_general_ci;" + madeUnder()[name]
			want := dev.desired(t, programTable+set+programs("1"))
			live.apply(t, want)
			if again := live.plan(t, want); len(again) > 0 {
				t.Fatalf("%s: the second plan is not empty:\n%s", name, text(again))
			}
			now := kept(t, live.db)
			if now == last {
				t.Errorf("%s: nothing changed: %s", name, now)
			}
			last = now
		}
	})
}

// TestWaitingProgramsKeepTheirMode holds that a statement which is tried again runs under what is set at its place.
func TestWaitingProgramsKeepTheirMode(t *testing.T) {
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		dev := open(t, srv.Database(t))
		s := dev.desired(t, "SET sql_mode = '';\nCREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 1;\nSET sql_mode = DEFAULT;\n"+programTable)
		if tr := s.Get(object.ID{Kind: "trigger", Table: "t", Name: "tr"}).Value.(*mysql.Trigger); tr.Modes != "" {
			t.Errorf("made under %s", tr.Modes)
		}
	})
}

// TestZeroDates changes tables with zero dates on servers that refuse them by default.
func TestZeroDates(t *testing.T) {
	const a = "SET sql_mode = '';\nCREATE TABLE w (id int PRIMARY KEY, d datetime NOT NULL DEFAULT '0000-00-00 00:00:00', e date DEFAULT '2020-00-00', n text);\n"
	const b = "SET sql_mode = '';\nCREATE TABLE w (id bigint PRIMARY KEY, d datetime NOT NULL DEFAULT '0000-00-00 00:00:00', e date, n text, m int, KEY n (n(20)), CHECK (m > 1)) COMMENT 'x';\n"
	onBoth(t, func(t *testing.T, srv dbtest.Server) {
		dev, live := open(t, srv.Database(t)), open(t, srv.Database(t))
		if err := live.Exec(t.Context(), "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'"); err != nil {
			t.Fatal(err)
		}
		for i, source := range []string{a, b, a} {
			want := dev.desired(t, source)
			for _, segment := range (mysql.Dialect{}).Segments(live.plan(t, want)) {
				if err := live.Exec(t.Context(), segment.Steps[0].SQL); err != nil {
					t.Fatal(err)
				}
			}
			if again := live.plan(t, want); len(again) > 0 {
				t.Fatalf("the second plan is not empty:\n%s", text(again))
			}
			if i == 0 {
				if err := live.Exec(t.Context(), "SET @m = @@sql_mode, sql_mode = ''; INSERT INTO w (id) VALUES (1); SET sql_mode = @m"); err != nil {
					t.Fatal(err)
				}
			}
		}
		if mode := row(t, live.db, "SELECT d FROM w")[0]; !strings.HasPrefix(mode, "0000-00-00") {
			t.Errorf("the row became %s", mode)
		}
	})
}
