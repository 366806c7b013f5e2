package cli

import (
	"bytes"
	"fmt"
	"os/exec"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// TestManyMigrateAtOnce starts many runs on one database: one works, the others wait and find nothing to do, and no
// CREATE INDEX CONCURRENTLY waits for those that wait.
func TestManyMigrateAtOnce(t *testing.T) {
	for _, srv := range dbtest.Newest() {
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			many(t, srv, srv.Database(t).URL)
		})
	}
}

func many(t *testing.T, srv dbtest.Server, url string) {
	t.Helper()
	dir := crashDir(t, srv.Scheme != "postgres")
	const runs = 20
	cmds, said := make([]*exec.Cmd, runs), make([]*bytes.Buffer, runs)
	worked := 0
	for i := range cmds {
		cmds[i], said[i] = schemactlCmd(t, "migrate", "apply", "--url", url, "--dir", "file://"+dir, "--lock-timeout", "2m")
		if err := cmds[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	for i, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, said[i])
		}
		if bytes.Contains(said[i].Bytes(), []byte(fmt.Sprintf("Applied %d migrations", crashFiles))) {
			worked++
		}
	}
	if worked != 1 {
		t.Errorf("%d runs worked, not one", worked)
	}
	late, stderr := schemactlCmd(t, "migrate", "status", "--url", url, "--dir", "file://"+dir, "--detailed-exitcode")
	if err := late.Run(); err != nil {
		t.Errorf("%v\n%s", err, stderr)
	}
}
