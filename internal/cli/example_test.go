package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// TestLivingExamples brings the example of each dialect to its servers, where a second plan is empty.
func TestLivingExamples(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, srv dbtest.Server) {
		file, bound := "schema.hcl", ""
		if srv.Scheme == "postgres" {
			bound = "&search_path=public"
		} else {
			file = "examples/mysql/schema.hcl"
		}
		path, err := filepath.Abs("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		url := srv.Database(t).URL + bound
		for _, args := range [][]string{
			{"apply", "--url", url, "--to", "file://" + path, "--dev-url", "scratch://", "--auto-approve"},
			{"plan", "--url", url, "--to", "file://" + path, "--dev-url", "scratch://", "--detailed-exitcode"},
		} {
			cmd, stderr := schemactlCmd(t, args...)
			if out, err := cmd.Output(); err != nil {
				t.Fatalf("%s: %v\n%s%s", args[0], err, out, stderr)
			}
		}
	})
}

// TestLivingHistory replays the migrations of the example, which lead to exactly what schema.hcl declares.
func TestLivingHistory(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, srv dbtest.Server) {
		if srv.Scheme != "postgres" {
			t.Skip("the history is one of PostgreSQL")
		}
		dev := srv.Database(t).URL + "&search_path=public"
		args := []string{"--dir", "file://" + filepath.Join(root, "migrations"), "--dev-url", dev, "--no-cache"}
		cmd, stderr := schemactlCmd(t, append([]string{"migrate", "diff", "none", "--dry-run", "--to", "file://" + filepath.Join(root, "schema.hcl")}, args...)...)
		if out, err := cmd.Output(); err != nil || !strings.Contains(stderr.String(), "No changes") {
			t.Errorf("%v: run scripts/history.sh\n%s%s", err, out, stderr)
		}
		cmd, stderr = schemactlCmd(t, append([]string{"migrate", "validate"}, args...)...)
		if out, err := cmd.Output(); err != nil {
			t.Errorf("%v\n%s%s", err, out, stderr)
		}
	})
}
