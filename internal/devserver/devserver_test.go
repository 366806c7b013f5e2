package devserver

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/localserver"
)

func execute(t *testing.T, raw string, statements ...string) {
	t.Helper()
	u, err := dburl.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	dsn, err := u.DSN(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(u.Driver(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, q := range statements {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

func TestLife(t *testing.T) {
	for _, want := range []localserver.Release{
		{Flavor: localserver.Postgres, Major: 18, Minor: localserver.Any},
		{Flavor: localserver.MySQL, Major: 9, Minor: 7},
		{Flavor: localserver.MariaDB, Major: 10, Minor: 11},
	} {
		t.Run(want.ID(), func(t *testing.T) {
			cache := t.TempDir()
			for _, dir := range []string{filepath.Dir(cache), cache} { // root's servers run as another user
				if err := os.Chmod(dir, 0o711); err != nil {
					t.Fatal(err)
				}
			}
			s, err := Start(t.Context(), cache, want, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Clean(t.Context()) })
			execute(t, s.URL(), "CREATE DATABASE shop")
			again, err := Start(t.Context(), cache, want, nil)
			if err != nil || again.PID != s.PID || again.URL() != s.URL() {
				t.Errorf("a second start: %+v, %v", again, err)
			}
			if _, err := Find(cache, want); err != nil {
				t.Error(err)
			}
			if err := s.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := Find(cache, want); !errors.Is(err, ErrNone) {
				t.Errorf("found after stop: %v", err)
			}
			list, err := List(cache)
			if err != nil || len(list) != 1 || list[0].Running || !want.Matches(list[0].Release) {
				t.Errorf("list: %+v, %v", list, err)
			}
			if s, err = Start(t.Context(), cache, want, nil); err != nil {
				t.Fatal(err)
			}
			if s.Port != again.Port || s.Password != again.Password {
				t.Error("port or password changed")
			}
			execute(t, s.URL(), "DROP DATABASE shop")
			if err := s.Clean(t.Context()); err != nil {
				t.Fatal(err)
			}
			if list, err := List(cache); err != nil || len(list) != 0 {
				t.Errorf("after clean: %+v, %v", list, err)
			}
		})
	}
}
