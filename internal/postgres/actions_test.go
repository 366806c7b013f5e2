package postgres

import (
	"strings"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/safety"
)

func TestActions(t *testing.T) {
	tests := map[string]string{
		`CREATE TABLE IF NOT EXISTS "S".t (a int PRIMARY KEY, "primary" text, CHECK (a > 0))`:     "create table S.t",
		`ALTER TABLE ONLY t ADD COLUMN a int DEFAULT f(1, 2) NOT NULL, DROP b CASCADE`:            "add column t a; drop column t b",
		`alter table t add a varchar(20)[] constraint x check (a is not null) not valid`:          "add column t a; add constraint t x",
		`ALTER TABLE t ADD UNIQUE (a, b)`:                                                         "add constraint t t_a_b_key",
		`ALTER TABLE t ADD CONSTRAINT p PRIMARY KEY USING INDEX i`:                                "add constraint t p",
		`ALTER TABLE t ALTER a TYPE numeric(10, 2) USING a::numeric, ALTER b SET NOT NULL`:        "alter type t a; set not null t b",
		`ALTER TABLE t ENABLE ROW LEVEL SECURITY`:                                                 "enable row security t",
		`ALTER TABLE t DISABLE TRIGGER ALL`:                                                       "enable or disable trigger t all",
		`ALTER TABLE p ATTACH PARTITION c FOR VALUES IN (1, 2)`:                                   "attach partition p",
		`CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t USING gin (a, (lower(b))) WHERE c`: "create index t i",
		`DROP TABLE IF EXISTS a, s.b CASCADE`:                                                     "drop table a; drop table s.b",
		`DROP FUNCTION f(int), g()`:                                                               "drop; drop",
		`TRUNCATE a, b`:                                                                           "truncate a; truncate b",
		`SET LOCAL lock_timeout TO '2s'`:                                                          "set lock_timeout",
		`WITH x AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM x`:                     "delete a; insert b",
		`SELECT count(*) FROM only t`:                                                             "query t",
		`SELECT 1 AS a INTO TEMP t2`:                                                              "create table t2",
		`REINDEX (VERBOSE, CONCURRENTLY) TABLE t`:                                                 "reindex t",
		`VACUUM (FULL FALSE) t`:                                                                   "vacuum t",
		`GRANT SELECT ON t TO PUBLIC`:                                                             "grant t SELECT",
		`ALTER TYPE mood ADD VALUE 'x' AFTER 'y'`:                                                 "add enum value x",
		`LOCK TABLE t IN SHARE MODE`:                                                              "lock t",
		`CHECKPOINT`:                                                                              "other",
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

func TestSameBytes(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"character varying(10)", "character varying(20)", true},
		{"character varying(20)", "character varying(10)", false},
		{"character varying(20)", "text", true},
		{"text", "character varying(20)", false},
		{"numeric(10,2)", "numeric(12,2)", true},
		{"numeric(10,2)", "numeric(12,3)", false},
		{"integer", "bigint", false},
		{"character(3)", "character(5)", false},
		{"timestamp(3) without time zone", "timestamp without time zone", true},
		{"interval(0)", "interval(6)", true},
		{"public.citext", "text", true},
		{"cidr", "inet", true},
		{"inet", "cidr", false},
	} {
		if got := sameBytes(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %v", c.from, c.to, got)
		}
	}
}

// FuzzActions reads whatever is given, and applies it to a model.
func FuzzActions(f *testing.F) {
	for _, sql := range []string{
		"CREATE TABLE t (a int DEFAULT (", "ALTER TABLE t ADD a int, ALTER a TYPE text USING", "CREATE INDEX ON t ((", "GRANT", "SET", "WITH (",
		"ALTER TABLE t ADD CONSTRAINT", "DROP INDEX CONCURRENTLY a.b.c", "SELECT $1, $a$ x", "CREATE TYPE x AS ENUM ('a", "REINDEX (", "VACUUM (",
	} {
		f.Add(sql)
	}
	f.Fuzz(func(_ *testing.T, sql string) {
		endless := time.AfterFunc(5*time.Second, func() { panic("endless: " + sql) })
		defer endless.Stop()
		m := safety.NewModel("public", safety.Server{Flavor: "postgres", Version: [3]int{18}})
		m.Put(&safety.Table{Name: safety.Name{Name: "t"}, Kind: "table", Columns: []safety.Column{{Name: "a", Type: "integer"}}})
		for _, a := range (Dialect{}).Actions(sql) {
			a = m.Resolve(a)
			(Dialect{}).Facts(m, a)
			m.Apply(a)
		}
	})
}
