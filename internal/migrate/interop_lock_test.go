package migrate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ariga.io/atlas/sql/schema"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

// TestLockOfAtlas has Atlas's driver and schemactl keep each other out of runs on one database. Other tests hold locks of
// the same server on other databases meanwhile.
func TestLockOfAtlas(t *testing.T) {
	for _, name := range []string{"postgres-18", "mysql-9.7", "mariadb-10.11"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAlternation(t, name)
			h := a.session.(dialect.Historian).History("")
			quiet := func(string) {}

			free, err := a.drv.(schema.Locker).Lock(t.Context(), "atlas_migrate_execute", time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.Lock(t.Context(), "schemactl_apply", 100*time.Millisecond, quiet); err == nil || !strings.Contains(err.Error(), `the lock "atlas_migrate_execute"`) {
				t.Fatalf("a run of Atlas is not waited for: %v", err)
			} else if d := new(diag.Diagnostic); !errors.As(err, &d) || !strings.Contains(d.Hint, "of the server holds it (") {
				t.Errorf("nobody tells who holds it: %v", d)
			}
			other := newAlternation(t, name)
			elsewhere := other.session.(dialect.Historian).History("")
			unlock, err := elsewhere.Lock(t.Context(), "schemactl_apply", time.Minute, quiet)
			if err != nil {
				t.Fatalf("it is waited for on another database: %v", err)
			}
			if err := errors.Join(unlock(t.Context()), free()); err != nil {
				t.Fatal(err)
			}
			unlock = lockBoth(t, a.db, h)
			if _, err := a.drv.(schema.Locker).Lock(t.Context(), "atlas_migrate_execute", 0); !errors.Is(err, schema.ErrLocked) {
				t.Errorf("Atlas does not wait for a run of schemactl: %v", err)
			}
			if err := unlock(t.Context()); err != nil {
				t.Fatal(err)
			}
			free, err = a.drv.(schema.Locker).Lock(t.Context(), "atlas_migrate_execute", time.Minute)
			if err != nil {
				t.Fatalf("the lock stays: %v", err)
			}
			if err := free(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// lockBoth gets Atlas's lock with the own one: on MySQL it may be taken for another database of the server.
func lockBoth(t *testing.T, db *dbtest.DB, h dialect.History) func(context.Context) error {
	t.Helper()
	for range 100 {
		unlock, err := h.Lock(t.Context(), "schemactl_apply", time.Minute, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		held := true
		if db.Server.Scheme != "postgres" {
			err = db.QueryRow("SELECT COALESCE(DB = DATABASE(), 0) FROM information_schema.PROCESSLIST WHERE ID = IS_USED_LOCK('atlas_migrate_execute')").Scan(&held)
		}
		if held && err == nil {
			return unlock
		}
		if err := unlock(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("Atlas's lock is always taken for another database")
	return nil
}
