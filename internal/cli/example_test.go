package cli

import (
	"path/filepath"
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
