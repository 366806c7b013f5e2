package localserver

import (
	"database/sql"
	"os"
	"testing"
	"time"
)

func find(t testing.TB, flavor Flavor, version string) Install {
	t.Helper()
	want, err := ParseRelease(flavor, version)
	if err != nil {
		t.Fatal(err)
	}
	in, err := Find(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func query(t testing.TB, s *Server, statements ...string) {
	t.Helper()
	conn, err := s.socket().connector()
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(conn)
	defer func() { _ = db.Close() }()
	for _, q := range statements {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

func TestStart(t *testing.T) {
	for _, tt := range []struct {
		flavor  Flavor
		version string
	}{{Postgres, "18"}, {Postgres, "15"}, {Postgres, "14"}, {MySQL, "9.7"}, {MariaDB, "10.11"}} {
		t.Run(string(tt.flavor)+"-"+tt.version, func(t *testing.T) {
			in := find(t, tt.flavor, tt.version)
			opts := Options{CacheDir: t.TempDir()}
			for range 4 {
				from := time.Now()
				s, err := Start(t.Context(), in, opts)
				if err != nil {
					t.Fatal(err)
				}
				opened := time.Since(from)
				query(t, s, "CREATE DATABASE d")
				from = time.Now()
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				t.Logf("%s: opened in %v, closed in %v", in.Server, opened, time.Since(from))
				if _, err := os.Stat(s.work.dir); !os.IsNotExist(err) {
					t.Errorf("%s is still there: %v", s.work.dir, err)
				}
			}
		})
	}
}
