package policy_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/project"
	"github.com/schemactl/schemactl/internal/review"
	"github.com/schemactl/schemactl/internal/safety"
)

// check lints SQL with a lint block alone: what comes before the line "-- now" was there before.
func check(t *testing.T, d dialect.Dialect, block, sql string, programs review.Programs) (lint.Report, error) {
	t.Helper()
	return checkWith(t.Context(), t, d, block, sql, programs)
}

func checkWith(ctx context.Context, t *testing.T, d dialect.Dialect, block, sql string, programs review.Programs) (lint.Report, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "atlas.hcl")
	if err := os.WriteFile(file, []byte("lint {\n"+block+"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := project.Load(t.Context(), project.Options{Path: file})
	if err != nil {
		t.Fatal(err)
	}
	s, err := review.Configure(p.Lint, programs)
	if err != nil {
		t.Fatal(err)
	}
	ex := d.(dialect.Examiner)
	server := safety.Server{Flavor: "postgres", Version: [3]int{18, 1}}
	if d.Name() == "mysql" {
		server = safety.Server{Flavor: "mysql", Version: [3]int{9, 7}}
	}
	m := ex.Model(nil, "", server)
	before, now, split := strings.Cut(sql, "-- now\n")
	if !split {
		before, now = "", sql
	}
	lint.Examine(ex, m, &lint.Unit{Dialect: d.Name()}, pieces(t, d, before))
	u := &lint.Unit{Name: "x.sql", File: "m/x.sql", Dialect: d.Name(), Tx: true}
	lint.Examine(ex, m, u, pieces(t, d, now))
	return lint.Check(ctx, u, s.Rules)
}

func pieces(t *testing.T, d dialect.Dialect, sql string) []lint.Source {
	t.Helper()
	statements, err := d.Split([]byte(sql), "m/x.sql")
	if err != nil {
		t.Fatal(err)
	}
	var out []lint.Source
	for _, s := range statements {
		out = append(out, lint.Source{SQL: s.SQL, Pos: s.Pos, Comments: s.Comments})
	}
	return out
}

// messages are those of one rule.
func messages(r lint.Report, rule string) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Rule == rule {
			out = append(out, f.Message)
		}
	}
	return out
}

const users = "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20) NOT NULL, note text DEFAULT 'x', n int);\n-- now\n"

// TestPredicates holds what predicates see of actions, and that what is not there is no fault.
func TestPredicates(t *testing.T) {
	for _, x := range []struct {
		name, when, message, sql string
		want                     []string
	}{
		{"before and after", `verb == "alter_type"`, "${column_before.type} to ${column.type}", users + "ALTER TABLE users ALTER COLUMN name TYPE text", []string{"character varying(20) to text"}},
		{"renamed column", `verb == "rename_column"`, "${column_before.name} to ${column.name}", users + "ALTER TABLE users RENAME COLUMN name TO title", []string{"name to title"}},
		{"dropped column", `verb == "drop_column"`, "${column.name} ${column.type}", users + "ALTER TABLE users DROP COLUMN note", []string{"note text"}},
		{"new column", `column_before == null && column != null`, "${column.name}", users + "ALTER TABLE users ADD COLUMN a int, DROP COLUMN n", []string{"a"}},
		{"size of a type without one", `column.size > 5`, "m", users + "ALTER TABLE users ADD COLUMN a text", nil},
		{"not of unknown", `!(column.size > 5) && verb == "add_column"`, "m", users + "ALTER TABLE users ADD COLUMN a text", []string{"m"}},
		{"or of unknown", `column.size > 5 || column.name == "a"`, "m", users + "ALTER TABLE users ADD COLUMN a text", []string{"m"}},
		{"counting with unknown", `column.size + 1 > 0 || column.size * 2 == null && verb == "add_column"`, "m", users + "ALTER TABLE users ADD COLUMN a text", []string{"m"}},
		{"condition of unknown", `verb == "add_column"`, `${column.size > 3 ? "long" : "short"}`, users + "ALTER TABLE users ADD COLUMN a text", []string{"short"}},
		{"function of unknown", `lower(column.default) == null && verb == "add_column"`, "<${upper(column.default)}>", users + "ALTER TABLE users ADD COLUMN a text", []string{"<>"}},
		{"default", `column.default == null && verb == "add_column"`, "m", users + "ALTER TABLE users ADD COLUMN a text DEFAULT 'b'", nil},
		{"each column of a table", `column.type_family == "money"`, "${table.name}.${column.name}", "CREATE TABLE t (id bigint, a money, b money)", []string{"t.a", "t.b"}},
		{"each constraint of a table", `constraint.type == "foreign key"`, "${constraint.ref_table.name}", users + "CREATE TABLE t (id bigint PRIMARY KEY REFERENCES users (id), CHECK (id > 0))", []string{"users"}},
		{"no primary key", `verb == "create_table" && table.primary_key == null`, "m", "CREATE TABLE t (id bigint)", []string{"m"}},
		{"columns of a list", `verb == "create_index" && index.columns == ["name"]`, "${join(\", \", index.columns)}", users + "CREATE INDEX ON users (name); CREATE INDEX ON users (name, note)", []string{"name"}},
		{"list by place", `verb == "create_index" && index.columns[1] == "note"`, "m", users + "CREATE INDEX ON users (name, note)", []string{"m"}},
		{"loop", `anytrue([for c in table.columns : c.size > 5 if c.not_null])`, "m", users + "DROP TABLE users", []string{"m"}},
		{"not there before", `verb == "add_column" && !table.exists_before`, "m", "CREATE TABLE t (id int);\nALTER TABLE t ADD COLUMN a int", []string{"m"}},
		{"there before", `table.exists_before && table.known`, "m", users + "ALTER TABLE users ADD COLUMN a int", []string{"m"}},
		{"not known", `table.exists_before && !table.known && table.rows == null`, "m", "ALTER TABLE else ADD COLUMN a int", []string{"m"}},
		{"facts", `facts.rewrites && facts.blocks_reads && facts.locks[0].mode == "ACCESS EXCLUSIVE"`, "${facts.locks[0].table}", users + "ALTER TABLE users ALTER COLUMN n TYPE bigint", []string{"users"}},
		{"statement", `matches(statement.sql, "(?i)vacuum") && statement.number == 2`, "${line}: ${file} ${unit.name}", "SELECT 1;\nVACUUM users", []string{"2: m/x.sql x.sql"}},
		{"comments", `anytrue([for c in statement.comments : matches(c, "TICKET-1")])`, "m", "-- TICKET-1\nSELECT 1", []string{"m"}},
		{"server", `server.major == 18 && server.minor == 1 && version == "18.1.0" && dialect == "postgres"`, "m", "SELECT 1", []string{"m"}},
		{"without where", `verb == "delete" && action.without_where`, "${table.name}", users + "DELETE FROM users; DELETE FROM users WHERE id = 1", []string{"users"}},
		{"cascade", `action.cascade`, "${table.name}", users + "DROP TABLE users CASCADE", []string{"users"}},
		{"dropped constraint", `verb == "drop_constraint" && constraint.type == "check"`, "${constraint.expression}", "CREATE TABLE t (id int, CONSTRAINT c CHECK (id > 0));\n-- now\nALTER TABLE t DROP CONSTRAINT c", []string{"id > 0"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			r, err := check(t, postgres.Dialect{}, "custom \"mine\" {\n when = "+x.when+"\n message = \""+x.message+"\"\n}", x.sql, review.Programs{})
			if err != nil {
				t.Fatal(err)
			}
			if got := messages(r, "mine"); !slices.Equal(got, x.want) {
				t.Errorf("%q, not %q", got, x.want)
			}
		})
	}
}

// TestPredicatesOfMySQL holds what differs there.
func TestPredicatesOfMySQL(t *testing.T) {
	const setup = "CREATE TABLE t (id bigint PRIMARY KEY, a int unsigned, s enum('x','y'), KEY k (a)) ENGINE=InnoDB DEFAULT CHARSET latin1;\n-- now\n"
	for _, x := range []struct {
		name, when, sql string
		want            int
	}{
		{"changed column", `verb == "change_column" && column_before.unsigned && !column.unsigned`, setup + "ALTER TABLE t MODIFY a int", 1},
		{"renamed and changed", `verb == "change_column" && column_before.name == "a" && column.name == "b" && column.size == 5`, setup + "ALTER TABLE t CHANGE a b varchar(5)", 1},
		{"charset", `verb == "add_column" && table.charset == "latin1"`, setup + "ALTER TABLE t ADD c int", 1},
		{"enum", `column.type_family == "enum"`, setup + "ALTER TABLE t MODIFY s enum('x')", 1},
		{"copy", `facts.algorithm == "COPY" && facts.blocks_writes`, setup + "ALTER TABLE t MODIFY a bigint", 1},
		{"asked for", `action.algorithm == "INPLACE"`, setup + "ALTER TABLE t ADD KEY z (s), ALGORITHM=INPLACE", 1},
		{"each index", `index.name == "k"`, "CREATE TABLE u (id int PRIMARY KEY, KEY k (id))", 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			r, err := check(t, mysql.Dialect{}, "custom \"mine\" {\n when = "+x.when+"\n message = \"m\"\n}", x.sql, review.Programs{})
			if err != nil {
				t.Fatal(err)
			}
			if got := messages(r, "mine"); len(got) != x.want {
				t.Errorf("%q", got)
			}
		})
	}
}

// TestPredicateThatFails holds that a rule that cannot be asked of a statement is an error with both places.
func TestPredicateThatFails(t *testing.T) {
	_, err := check(t, postgres.Dialect{}, "custom \"mine\" {\n when = index.columns[3] == \"a\"\n on = create_index\n message = \"m\"\n}", users+"\nCREATE INDEX ON users (name)", review.Programs{})
	if err == nil || !strings.Contains(err.Error(), "atlas.hcl:3:") || !strings.Contains(err.Error(), `rule "mine" cannot be asked of the statement at m/x.sql:2`) {
		t.Error(err)
	}
}

// TestProgram holds what a program gets and how its answers are read.
func TestProgram(t *testing.T) {
	seen := filepath.Join(t.TempDir(), "seen.json")
	script := filepath.Join(t.TempDir(), "check.sh")
	text := "cat > " + seen + "\nenv >&2\n" + `echo '{"findings": [{"message": "whole"}, {"message": "one", "statement": 2, "severity": "error", "fix": "f", "object": "o"}]}'` + "\n"
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var told []string
	programs := review.Programs{Environ: []string{
		"PATH=" + os.Getenv("PATH"), "PWD=/", "PGPASSWORD=geheim1", "DATABASE_URL=postgres://u:geheim2@h/d", "MYSQL_PWD=geheim3", "DSN=u:geheim4@tcp(h:3306)/d", "APP_DB_PASS=geheim5",
		"CONN=host=h password=geheim6", "KEPT=yes",
	}, Tell: func(line string) { told = append(told, line) }}
	block := "external \"mine\" {\n command = [\"sh\", \"" + script + "\"]\n severity = info\n}"
	r, err := check(t, postgres.Dialect{}, block, users+"SELECT 1;\n-- schemactl:ignore other\nALTER TABLE users ADD COLUMN a int", programs)
	if err != nil {
		t.Fatal(err)
	}
	if got := messages(r, "mine"); !slices.Equal(got, []string{"whole", "one"}) {
		t.Errorf("%q", got)
	}
	for _, f := range r.Findings {
		switch {
		case f.Rule != "mine":
		case f.Message == "whole" && (f.Severity != lint.Info || f.Pos.File != "m/x.sql" || f.Pos.Line != 0):
			t.Errorf("%+v", f)
		case f.Message == "one" && (f.Severity != lint.Error || f.Fix != "f" || f.Object != "o" || f.Pos.Line != 3):
			t.Errorf("%+v", f)
		}
	}
	if said := strings.Join(told, "\n"); strings.Contains(said, "geheim") || !strings.Contains(said, "mine: KEPT=yes") || !strings.Contains(said, "PWD=/") {
		t.Errorf("the program's environment: %s", said)
	}
	got, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Format     string
		Statements []struct {
			SQL     string
			Actions []map[string]any
		}
	}
	if err := json.Unmarshal(got, &doc); err != nil || doc.Format != "schemactl-lint-unit-1" || len(doc.Statements) != 2 {
		t.Fatalf("%v: %s", err, got)
	}
	column, _ := doc.Statements[1].Actions[0]["column"].(map[string]any)
	if column["name"] != "a" || column["size"] != nil {
		t.Errorf("%v", column)
	}
}

// TestProgramFaults holds that a program that cannot be asked is an error that says why.
func TestProgramFaults(t *testing.T) {
	for _, x := range []struct{ name, script, want string }{
		{"fails", "echo no luck >&2; exit 3", "failed on x.sql: exit status 3\n  no luck"},
		{"says nothing", "true", "not understood"},
		{"says another thing", "echo '{\"finding\": []}'", "unknown field"},
		{"says more", "echo '{\"findings\": []} {}'", "more behind"},
		{"no message", "echo '{\"findings\": [{\"statement\": 1}]}'", "no message"},
		{"no such statement", "echo '{\"findings\": [{\"statement\": 9, \"message\": \"m\"}]}'", "of statement 9, and there are 1"},
		{"no such severity", "echo '{\"findings\": [{\"severity\": \"fatal\", \"message\": \"m\"}]}'", `severity "fatal"`},
		{"hangs", "sleep 30 & sleep 30", "did not end within 100ms"},
	} {
		t.Run(x.name, func(t *testing.T) {
			start := time.Now()
			script, err := json.Marshal(x.script)
			if err != nil {
				t.Fatal(err)
			}
			timeout := "10s"
			if x.name == "hangs" {
				timeout = "100ms"
			}
			_, err = check(t, postgres.Dialect{}, "external \"mine\" {\n command = [\"sh\", \"-c\", "+string(script)+"]\n timeout = \""+timeout+"\"\n}", "SELECT 1", review.Programs{Environ: os.Environ()})
			if err == nil || !strings.Contains(err.Error(), x.want) || !strings.Contains(err.Error(), "atlas.hcl:2:1") {
				t.Error(err)
			}
			if took := time.Since(start); took > 8*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
	t.Run("is not there", func(t *testing.T) {
		_, err := check(t, postgres.Dialect{}, "external \"mine\" {\n command = [\"./not-there\"]\n}", "SELECT 1", review.Programs{})
		if err == nil || !strings.Contains(err.Error(), "not-there") {
			t.Error(err)
		}
	})
	t.Run("is cut off", func(t *testing.T) {
		alive := filepath.Join(t.TempDir(), "alive")
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		_, err := checkWith(ctx, t, postgres.Dialect{}, "external \"mine\" {\n command = [\"sh\", \"-c\", \"(sleep 1; touch "+alive+") & wait\"]\n}", "SELECT 1", review.Programs{Environ: os.Environ()})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		time.Sleep(1200 * time.Millisecond)
		if _, err := os.Stat(alive); err == nil {
			t.Error("a child of the program went on")
		}
	})
}

// TestSettings holds that comments, severities and reports know the project's rules.
func TestSettings(t *testing.T) {
	const block = `
  custom "mine" {
    when        = verb == "add_column"
    message     = "m ${column.name}"
    description = "No columns"
    url         = "https://example.org/rule"
    severity    = error
  }
  custom "off" {
    when     = true
    message  = "m"
    severity = off
  }
`
	sql := users + "ALTER TABLE users ADD COLUMN a int;\n-- schemactl:ignore mine\nALTER TABLE users ADD COLUMN b int;\n-- atlas:nolint custom\nALTER TABLE users ADD COLUMN c int;\n"
	r, err := check(t, postgres.Dialect{}, block, sql, review.Programs{})
	if err != nil {
		t.Fatal(err)
	}
	if got := messages(r, "mine"); !slices.Equal(got, []string{"m a"}) || messages(r, "off") != nil || r.Worst() != lint.Error {
		t.Errorf("%q", got)
	}
	silenced := 0
	for _, f := range r.Suppressed {
		if f.Rule == "mine" {
			silenced++
		}
	}
	if silenced != 2 || len(r.Rules) != 2 || r.Rules[0].Short != "No columns" || r.Rules[0].Doc() != "https://example.org/rule" {
		t.Errorf("%d silenced, %+v", silenced, r.Rules)
	}
	if r, err = check(t, postgres.Dialect{}, block+"rule \"mine\" {\n severity = info\n}", sql, review.Programs{}); err != nil || r.Findings[len(r.Findings)-1].Severity == lint.Error {
		t.Errorf("%v: %+v", err, r.Findings)
	}
}
