package drift_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/drift"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/source"
)

// change is a line of a list in test/drift: what was changed by hand, and what must be found of it.
type change struct {
	sign, object, attr string
	sql                string
	min, max           int
	snapshot           bool // files cannot tell
	oneWay             bool // the way back is not to be tried: SQL has none, or it is not known
}

// A line is
//
//	[>=15] [<18] [mysql|mariadb] [snapshot] [oneway] + object [attribute] | SQL
//
// where + is what only the database has, - what it lacks and ~ what it has otherwise. snapshot means that files do not
// tell, so that only a snapshot is compared; oneway that no SQL is asked for that puts it back. {database} in the SQL is the
// name of the database.
func parseChanges(t *testing.T, text string, server dbtest.Server) []change {
	t.Helper()
	var out []change
	for line := range strings.Lines(text) {
		head, sql, ok := strings.Cut(strings.TrimSpace(line), " | ")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !ok {
			t.Fatalf("a line without |: %s", line)
		}
		c, wanted := change{sql: sql, max: 1 << 20}, true
		for {
			word, rest, _ := strings.Cut(head, " ")
			switch {
			case strings.HasPrefix(word, ">="):
				c.min, _ = strconv.Atoi(word[2:])
			case strings.HasPrefix(word, "<"):
				c.max, _ = strconv.Atoi(word[1:])
			case word == "mysql" || word == "mariadb":
				wanted = wanted && word == server.Scheme
			case word == "snapshot":
				c.snapshot = true
			case word == "oneway":
				c.oneWay = true
			default:
				c.sign = word
				c.object, c.attr = rest, ""
			}
			if head = rest; c.sign != "" {
				break
			}
		}
		if wanted && server.Major >= c.min && server.Major < c.max {
			out = append(out, c)
		}
	}
	return out
}

// matches reports whether a difference is the one that is asked for: the object by the beginning of its name, with the
// attribute behind it.
func (c change) matches(d *drift.Difference) bool {
	sign := map[drift.Direction]string{drift.Extra: "+", drift.Missing: "-", drift.Differs: "~"}[d.Direction]
	name := d.ID.Kind + " " + d.ID.Path()
	rest, ok := strings.CutPrefix(strings.ReplaceAll(c.object, "_", " "), strings.ReplaceAll(name, "_", " "))
	kindOnly := strings.ReplaceAll(c.object, "_", " ") == strings.ReplaceAll(d.ID.Kind, "_", " ")
	if sign != c.sign || !ok && !kindOnly {
		return false
	}
	attr := strings.TrimSpace(rest)
	if attr == "" || kindOnly {
		return true
	}
	for _, a := range d.Attrs {
		if strings.ReplaceAll(a.Name, "_", " ") == attr {
			return true
		}
	}
	return false
}

// TestManualChanges makes each change of the lists in test/drift by hand on a database that is in step, and sees that it is
// found and named, against a snapshot and, on the newest servers, against the files, that nothing else is, and that the SQL
// told puts the database back. DRIFT_LIST limits it to lists whose name it matches, DRIFT_CHANGE to changes.
func TestManualChanges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, server dbtest.Server) {
		dir := server.Scheme
		if dir == "mariadb" {
			dir = "mysql"
		}
		lists, err := filepath.Glob("../../test/drift/" + dir + "/*.txtar")
		if err != nil || len(lists) == 0 {
			t.Fatalf("no lists: %v", err)
		}
		for _, list := range lists {
			name := strings.TrimSuffix(filepath.Base(list), ".txtar")
			if only := os.Getenv("DRIFT_LIST"); only != "" && !regexp.MustCompile(only).MatchString(name) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				manualChanges(t, server, list)
			})
		}
	})
}

func manualChanges(t *testing.T, server dbtest.Server, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, server)
	for _, f := range archive.Files {
		switch f.Name {
		case "base.sql":
			b.base = string(f.Data)
		case server.Scheme + ".sql":
			b.base += string(f.Data)
		}
	}
	for _, f := range archive.Files {
		if f.Name == "changes" {
			b.run(parseChanges(t, string(f.Data), server))
		}
	}
}

// bench holds databases against what they were made of.
type bench struct {
	t      *testing.T
	server dbtest.Server
	engine *engine.Engine
	base   string
	file   string // the base as a file
	hcl    string // and as HCL
	dev    *dbtest.DB
}

func newBench(t *testing.T, server dbtest.Server) *bench {
	b := &bench{t: t, server: server, dev: server.Database(t), file: filepath.Join(t.TempDir(), "base.sql"), hcl: filepath.Join(t.TempDir(), "base.hcl")}
	u, err := dburl.Parse(b.dev.URL)
	if err != nil {
		t.Fatal(err)
	}
	b.engine = &engine.Engine{
		Dialect: func(name string) (dialect.Dialect, error) {
			return map[string]dialect.Dialect{dburl.Postgres: postgres.Dialect{}, dburl.MySQL: mysql.Dialect{}}[name], nil
		},
		OpenDev: func(context.Context, engine.DevRequest) (*engine.DevDatabase, error) {
			return &engine.DevDatabase{URL: u, Close: func() error { return nil }}, nil
		},
		Cache: &source.Cache{Dir: t.TempDir(), Version: "test"}, Env: dburl.SystemEnv(), Notify: func(string) {},
	}
	return b
}

// made is a database with the base in it, and the snapshot of that.
type made struct {
	db       *dbtest.DB
	snapshot string
}

func (b *bench) make() *made {
	b.t.Helper()
	db := b.server.Database(b.t)
	if err := b.exec(db, b.base); err != nil {
		b.t.Fatalf("the base: %v", err)
	}
	if err := os.WriteFile(b.file, []byte(b.base), 0o600); err != nil {
		b.t.Fatal(err)
	}
	m := &made{db: db, snapshot: filepath.Join(b.t.TempDir(), "snapshot.json")}
	in, err := b.engine.Inspect(b.t.Context(), engine.Request{URL: db.URL, Watched: true})
	if err != nil {
		b.t.Fatal(err)
	}
	hcl, err := in.Whole("hcl")
	if err == nil {
		err = os.WriteFile(b.hcl, hcl, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	var text bytes.Buffer
	if err := object.Encode(&text, in.Header(), in.State); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(m.snapshot, text.Bytes(), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return m
}

// exec runs statements one by one in one session, as a client does.
func (b *bench) exec(db *dbtest.DB, text string) error {
	d, err := b.engine.Dialect(map[bool]string{true: dburl.Postgres, false: dburl.MySQL}[b.server.Scheme == "postgres"])
	if err != nil {
		return err
	}
	list, err := d.Split([]byte(strings.ReplaceAll(text, "{database}", db.Name)), "")
	if err != nil {
		return err
	}
	conn, err := db.Conn(b.t.Context())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for _, s := range list {
		if _, err := conn.ExecContext(b.t.Context(), s.SQL); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) compare(m *made, to string) *drift.Report {
	b.t.Helper()
	job, err := b.engine.OpenLive(b.t.Context(), engine.Request{URL: m.db.URL, To: []string{"file://" + to}, Watched: true})
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = job.Close() }()
	c, err := job.Compare(b.t.Context(), nil)
	if err != nil {
		b.t.Fatalf("compare with %s: %v", to, err)
	}
	return drift.Find(c, drift.Accepted{Now: time.Now()})
}

func (b *bench) run(changes []change) {
	m := b.make()
	for _, to := range []string{m.snapshot, b.file, b.hcl} {
		if r := b.compare(m, to); r.Drifted {
			b.t.Fatalf("untouched, and held against %s:\n%s", filepath.Base(to), told(r))
		}
	}
	only := os.Getenv("DRIFT_CHANGE")
	for _, c := range changes {
		if only != "" && !strings.Contains(c.sql, only) {
			continue
		}
		if !b.check(m, c) {
			m = b.make()
		}
	}
}

// check makes a change, looks for it and puts the database back; false: it is not what it was.
func (b *bench) check(m *made, c change) (back bool) {
	if err := b.exec(m.db, c.sql); err != nil {
		b.t.Errorf("%s: %v", c.sql, err)
		return false
	}
	r := b.compare(m, m.snapshot)
	b.found(c, r, "snapshot")
	if !c.snapshot && slices.Contains(dbtest.Newest(), b.server) {
		b.found(c, b.compare(m, b.file), "SQL")
		b.found(c, b.compare(m, b.hcl), "HCL")
	}
	if c.oneWay {
		return false
	}
	for _, s := range r.Back {
		if _, err := m.db.Exec(s.SQL); err != nil {
			b.t.Errorf("%s: the way back: %s: %v", c.sql, s.SQL, err)
			return false
		}
	}
	if rest := b.compare(m, m.snapshot); rest.Drifted {
		b.t.Errorf("%s: the way back\n%s\nleaves\n%s", c.sql, statements(r), told(rest))
		return false
	}
	return true
}

func (b *bench) found(c change, r *drift.Report, against string) {
	if !r.Drifted {
		b.t.Errorf("%s: not found against %s", c.sql, against)
		return
	}
	for i := range r.Differences {
		if c.matches(&r.Differences[i]) {
			return
		}
	}
	b.t.Errorf("%s: found against %s, but not as %s %s:\n%s", c.sql, against, c.sign, c.object, told(r))
}

func told(r *drift.Report) string {
	var b strings.Builder
	for i := range r.Differences {
		d := &r.Differences[i]
		fmt.Fprintf(&b, "  %s %s %s [%s]", d.Direction, d.ID.Kind, d.ID.Path(), d.Class)
		for _, a := range d.Attrs {
			fmt.Fprintf(&b, " %s: %v -> %v;", a.Name, a.Desired, a.Live)
		}
		b.WriteString("\n")
	}
	return b.String() + strings.Join(r.Notes, "\n")
}

func statements(r *drift.Report) string {
	var out []string
	for _, s := range r.Back {
		out = append(out, s.SQL)
	}
	return strings.Join(out, ";\n")
}
