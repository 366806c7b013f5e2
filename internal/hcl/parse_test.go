package hcl

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// TestParsePiecesEqualsWhole reads a file in pieces of every size and compares blocks and places with the whole.
func TestParsePiecesEqualsWhole(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"blocks":       blocks(6),
		"no last line": strings.TrimSuffix(blocks(6), "\n"),
		"nested":       "a \"x\" {\n  b {\n  }\n}\nc {\n}\n\n\n",
		"heredoc":      "a {\n  text = <<-SQL\n    begin\n}\n    end\n  SQL\n}\n" + blocks(3),
		"comment":      "/* a {\n}\n*/\n" + blocks(3) + "# }\n// {\n",
		"not ASCII":    "ä {\n  größe = \"ü}\"\n}\n" + blocks(2),
		"CRLF":         strings.ReplaceAll(blocks(3), "\n", "\r\n"),
	} {
		f := File{Name: "f.hcl", Text: []byte(text)}
		whole, faults := hclsyntax.ParseConfig(f.Text, f.Name, hcl.InitialPos)
		if faults.HasErrors() {
			t.Fatalf("%s: %v", name, faults)
		}
		want := whole.Body.(*hclsyntax.Body).Blocks
		for size := range len(text) {
			if got := parsePieces(f, size); got != nil && !reflect.DeepEqual(got.Blocks, want) {
				t.Errorf("%s, pieces of %d bytes: the blocks differ from those of the whole", name, size)
			}
		}
	}
	if parsePieces(File{Text: []byte(blocks(3))}, 1) == nil {
		t.Error("a file of plain blocks is not read in pieces")
	}
}

// TestParseFileTellsFaultsOfTheWhole shows that a fault in a large file has its place in the file.
func TestParseFileTellsFaultsOfTheWhole(t *testing.T) {
	t.Parallel()
	text := blocks(20_000)
	if len(text) < 2*pieceBytes {
		t.Fatal("the text is too small to be cut")
	}
	body, faults := parseFile(File{Name: "f.hcl", Text: []byte(text)})
	if len(faults) > 0 || len(body.Blocks) != 20_000 {
		t.Fatalf("got %d blocks, faults %v", len(body.Blocks), faults)
	}
	_, faults = parseFile(File{Name: "f.hcl", Text: []byte(text + "a {\n  = 1\n}\n")})
	if want := strings.Count(text, "\n") + 2; len(faults) == 0 || faults[0].Subject.Start.Line != want {
		t.Errorf("got %v, want a fault in line %d", faults, want)
	}
	if _, faults = parseFile(File{Name: "f.hcl", Text: []byte(text + "a = 1\na = 2\n")}); len(faults) == 0 {
		t.Error("an attribute that is there twice is no fault")
	}
}

func blocks(n int) string {
	var text strings.Builder
	for i := range n {
		_, _ = fmt.Fprintf(&text, "table \"t%d\" {\n  column \"id\" {\n    type = int\n  }\n}\n", i)
	}
	return text.String()
}
