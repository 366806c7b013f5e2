package devdb

import (
	"reflect"
	"testing"

	"github.com/schemactl/schemactl/internal/localserver"
)

func TestParseChoice(t *testing.T) {
	target := localserver.Release{Flavor: localserver.Postgres, Major: 17, Minor: 2}
	tests := []struct {
		raw      string
		origin   Origin
		release  string
		image    string
		database string
	}{
		{"", "", "-0.0", "", ""},
		{"postgres://u@h/dev", Given, "-0.0", "", ""},
		{"maria://u@h/dev", Given, "-0.0", "", ""},
		{"scratch://", Scratch, "postgres-17", "", ""},
		{"embedded://", Embedded, "postgres-17", "", ""},
		{"embedded://postgres", Embedded, "postgres-17", "", ""},
		{"embedded://postgres/18", Embedded, "postgres-18", "", ""},
		{"embedded://mysql/9.7/shop", Embedded, "mysql-9.7", "", "shop"},
		{"embedded://maria/10.11", Embedded, "mariadb-10.11", "", ""},
		{"embedded://mysql/8", Embedded, "mysql-8", "", ""},
		{"docker://postgres/17/dev", Docker, "postgres-17", "postgres:17", "dev"},
		{"docker://mysql/8", Docker, "mysql-8", "mysql:8", ""},
		{"docker://maria/latest/test", Docker, "mariadb-17.2", "mariadb:latest", "test"},
		{"docker://postgis/14-3.3/dev?search_path=public", Docker, "postgres-17", "postgis/postgis:14-3.3", "dev"},
		{"docker://pgvector/pg17/dev", Docker, "postgres-17", "pgvector/pgvector:pg17", "dev"},
		{"docker+postgres://_/postgres:15/dev", Docker, "postgres-17", "postgres:15", "dev"},
		{"docker+postgres://ghcr.io/org/image:tag/dev", Docker, "postgres-17", "ghcr.io/org/image:tag", "dev"},
		{"docker+mysql://registry:5000/org/image:tag", Docker, "mysql-17.2", "registry:5000/org/image:tag", ""},
		{"docker+mysql://org/image", Docker, "mysql-17.2", "org/image", ""},
	}
	for _, tt := range tests {
		c, err := parseChoice(tt.raw, target)
		if err != nil {
			t.Errorf("%s: %v", tt.raw, err)
			continue
		}
		if c.origin != tt.origin || c.release.ID() != tt.release || c.image != tt.image || c.database != tt.database {
			t.Errorf("%s: got %+v", tt.raw, c)
		}
	}
}

func TestParseChoiceFaults(t *testing.T) {
	for _, raw := range []string{
		"nonsense", "file://x.hcl", "scratch://x", "embedded://oracle/19", "embedded://postgres/x",
		"embedded://postgres/18/a/b", "embedded://postgres/18?%zz", "docker://postgres", "docker://sqlserver/2022",
		"docker+sqlite://x:1", "docker+postgres://", "docker+postgres://-v=/:/host/x:1", "docker://postgres/1 -v/dev",
	} {
		if c, err := parseChoice(raw, localserver.Release{Flavor: localserver.Postgres, Major: 18}); err == nil {
			t.Errorf("%s: accepted as %+v", raw, c)
		} else {
			isFault(t, err)
		}
	}
}

func TestContainerCommand(t *testing.T) {
	c := container{flavor: localserver.Postgres, image: "postgres:17", password: "geheim", owner: "host:1"}
	want := []string{
		"run", "--detach", "--rm", "--label", "schemactl.dev=host:1", "--publish", "127.0.0.1::5432",
		"--env", "POSTGRES_PASSWORD", "postgres:17", "-c", "fsync=off", "-c", "synchronous_commit=off",
		"-c", "full_page_writes=off", "-c", "max_locks_per_transaction=1024",
	}
	if got := c.runArgs(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if got := c.env(); got[0] != "POSTGRES_PASSWORD=geheim" {
		t.Errorf("got %q", got)
	}
	if got := c.url("5"); got != "postgres://postgres:geheim@127.0.0.1:5/postgres?sslmode=disable" {
		t.Errorf("got %q", got)
	}
	c = container{flavor: localserver.MariaDB, image: "mariadb:11", password: "geheim", owner: "host:1"}
	want = []string{
		"run", "--detach", "--rm", "--label", "schemactl.dev=host:1", "--publish", "127.0.0.1::3306",
		"--env", "MARIADB_ROOT_PASSWORD", "mariadb:11", "--skip-log-bin", "--event-scheduler=OFF",
		"--innodb-flush-log-at-trx-commit=0",
	}
	if got := c.runArgs(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if got := c.url("5"); got != "mariadb://root:geheim@127.0.0.1:5/" {
		t.Errorf("got %q", got)
	}
}

func TestPublishedPort(t *testing.T) {
	for out, want := range map[string]string{"127.0.0.1:32768\n": "32768", "127.0.0.1:1\n[::1]:2": "1"} {
		if got, err := publishedPort(out); err != nil || got != want {
			t.Errorf("%q: %q, %v", out, got, err)
		}
	}
	if _, err := publishedPort(""); err == nil {
		t.Error("no port, and no error")
	}
}

func TestContainerOwner(t *testing.T) {
	if ownerGone(owner()) || ownerGone("elsewhere:1") || ownerGone("") {
		t.Error("a living or foreign owner is said to be gone")
	}
}

// TestNoEngine runs where no engine answers: the client is there or not, the way out is the same.
func TestNoEngine(t *testing.T) {
	t.Setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
	t.Setenv("CONTAINER_HOST", "tcp://127.0.0.1:1")
	_, err := Open(t.Context(), Request{Choice: "docker://postgres/17/dev", CacheDir: t.TempDir()})
	isFault(t, err, "docker://postgres/17/dev", "embedded://postgres")
}
