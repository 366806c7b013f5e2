package postgres_test

import (
	"os"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/postgres"
)

// faultsOf reads HCL and returns what is wrong with it.
func faultsOf(text string, scope dialect.Scope) diag.List {
	files := []hcl.File{{Name: "app.hcl", Text: []byte(text)}}
	blocks, faults := hcl.Eval(files, postgres.Dialect{}.Vocabulary(), hcl.Inputs{})
	if faults.Err() != nil {
		return faults
	}
	_, faults = postgres.Dialect{}.DecodeHCL(blocks, scope)
	hcl.Attach(faults, map[string][]byte{"app.hcl": []byte(text)})
	return faults
}

// TestFaults reads testdata/faults.txt: pieces of HCL, each below a line "== name", and below "--" what the user is
// told. A schema public and a table users surround each piece. A fault less or more than listed fails.
func TestFaults(t *testing.T) {
	const file = "testdata/faults.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, piece := range strings.Split(string(text), "== ")[1:] {
		name, rest, _ := strings.Cut(piece, "\n")
		source, want, _ := strings.Cut(rest, "\n--\n")
		scope := dialect.Scope{}
		if strings.HasPrefix(name, "bound") {
			scope = dialect.Scope{Bound: true, Schemas: []string{"app"}}
		}
		got := ""
		for _, f := range faultsOf(source+"\n", scope) {
			got += f.Error() + "\n"
		}
		if !*update && strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%s:\n%s\n got\n%s\nwant\n%s", name, source, got, want)
		}
		out.WriteString("== " + name + "\n" + source + "\n--\n" + got + "\n")
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
