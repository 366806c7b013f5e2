package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// downDir writes three migrations, with what undoes them or without.
func downDir(t *testing.T, own, mysql bool) string {
	t.Helper()
	index, drop := "CREATE INDEX CONCURRENTLY a_v ON a (v);", "DROP INDEX CONCURRENTLY a_v;"
	if mysql {
		index, drop = "CREATE INDEX a_v ON a (v);", "DROP INDEX a_v ON a;"
	}
	files := [][2]string{
		{"CREATE TABLE a (id int PRIMARY KEY, v int);", "DROP TABLE a;"},
		{"CREATE TABLE b (id int PRIMARY KEY);\nALTER TABLE a ADD COLUMN c int;", "ALTER TABLE a DROP COLUMN c;\nDROP TABLE b;"},
		{"-- atlas:txmode none\n\n" + index + "\nCREATE TABLE d (id int PRIMARY KEY);\nALTER TABLE a ADD COLUMN e int;",
			"ALTER TABLE a DROP COLUMN e;\nDROP TABLE d;\n" + drop},
	}
	dir := filepath.Join(t.TempDir(), "migrations")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		text := f[0] + "\n"
		if own {
			text += "\n-- atlas:down\n-- " + strings.ReplaceAll(f[1], "\n", "\n-- ") + "\n"
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d_step.sql", i+1)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	succeed(t, "migrate", "hash", "--dir", "file://"+dir)
	return dir
}

func succeed(t *testing.T, args ...string) string {
	t.Helper()
	cmd, stderr := schemactlCmd(t, args...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("schemactl %s: %v\n%s%s", strings.Join(args[:2], " "), err, out, stderr)
	}
	return string(out)
}

// TestKilledDown kills migrate down, or its connections, at statements that reach the server. The status must not say
// that a migration is applied of which something is undone, and the next down must end where an undisturbed one does.
func TestKilledDown(t *testing.T) {
	for _, srv := range dbtest.Newest() {
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			for _, own := range []bool{true, false} {
				dir := downDir(t, own, srv.Scheme != "postgres")
				c := &downCrash{srv: srv, dir: "file://" + dir, dev: srv.Database(t).URL}
				whole := srv.Database(t)
				succeed(t, "migrate", "apply", "--url", whole.URL, "--dir", c.dir)
				w, over := newWire(t, whole.URL, func(int, bool) {})
				succeed(t, c.down(over, c.dev)...)
				c.want = structure(t, whole)
				total, step := w.count(), 5
				if os.Getenv("SCHEMACTL_CRASH") == "all" {
					step = 1
				}
				for n := total - 1; n > max(total-30, 0); n -= step {
					how := []string{"kill before", "kill after", "cut before", "cut after"}[n%4]
					t.Run(fmt.Sprintf("own %t %s %d of %d", own, how, n, total), func(t *testing.T) { c.crash(t, how, n) })
				}
			}
		})
	}
}

type downCrash struct {
	srv            dbtest.Server
	dir, dev, want string
}

func (c *downCrash) down(url, dev string) []string {
	return []string{"migrate", "down", "--to-version", "1", "--url", url, "--dir", c.dir, "--dev-url", dev, "--auto-approve", "--allow-destructive", "--lock-timeout", "60s"}
}

func (c *downCrash) crash(t *testing.T, how string, n int) {
	db := c.srv.Database(t)
	succeed(t, "migrate", "apply", "--url", db.URL, "--dir", c.dir)
	applied := structure(t, db)
	kill, after := strings.HasPrefix(how, "kill"), strings.HasSuffix(how, "after")
	var cmd *exec.Cmd
	var w *wire
	started := make(chan struct{})
	w, over := newWire(t, db.URL, func(i int, passed bool) {
		if i != n || passed != after {
			return
		}
		<-started
		if kill {
			_ = cmd.Process.Kill()
			_, _ = cmd.Process.Wait()
		}
		w.cut()
	})
	// A machine that is slow may be at work on the dev database still when it is killed, and leave something there.
	cmd, stderr := schemactlCmd(t, c.down(over, c.srv.Database(t).URL)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	_ = cmd.Wait() // where it was cut off after its work is done, it may end well
	first := stderr.String()
	status := succeed(t, "migrate", "status", "--url", db.URL, "--dir", c.dir)
	if all := strings.Count(status, "  applied 2"); all == 3 && structure(t, db) != applied {
		t.Errorf("status says that all is applied, and something is undone:\n%s\nthe first run said:\n%s", status, first)
	}
	succeed(t, c.down(db.URL, c.dev)...)
	if got := structure(t, db); got != c.want {
		t.Errorf("the database holds\n%s\nwant\n%s\nthe first run said:\n%s", got, c.want, first)
	}
	if status := succeed(t, "migrate", "status", "--url", db.URL, "--dir", c.dir); !strings.Contains(status, "Current version:  1") || strings.Contains(status, "undone") {
		t.Errorf("status after it:\n%s", status)
	}
}

// structure lists the columns and indexes of a database.
func structure(t *testing.T, db *dbtest.DB) string {
	t.Helper()
	schema, indexes := "'public'", "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"
	if db.Server.Scheme != "postgres" {
		schema = "DATABASE()"
		indexes = "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME NOT LIKE 'atlas%' ORDER BY 1, 2, SEQ_IN_INDEX"
	}
	columns := "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = " + schema + " AND table_name NOT LIKE 'atlas%' ORDER BY 1, ordinal_position"
	return strings.Join(append(lines(t, db, columns), lines(t, db, indexes)...), "\n")
}
