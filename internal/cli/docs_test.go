package cli

import (
	"bytes"
	"os"
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
)

// TestManualsAreCurrent holds docs/hcl-<dialect>.md to what the program reads. UPDATE_DOCS=1 writes them.
func TestManualsAreCurrent(t *testing.T) {
	for name, d := range dialects() {
		codec, ok := d.(dialect.HCLCodec)
		if !ok {
			t.Errorf("%s has no HCL", name)
			continue
		}
		path, want := "../../docs/hcl-"+name+".md", hcl.Manual(codec.Vocabulary())
		if os.Getenv("UPDATE_DOCS") != "" {
			if err := os.WriteFile(path, want, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not current (%v): run UPDATE_DOCS=1 go test ./internal/cli -run Manuals", path, err)
		}
	}
}
