package hcl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
)

// FuzzPlainlyFlat holds the quick look at a text to its tokens: what it calls flat is.
func FuzzPlainlyFlat(f *testing.F) {
	for _, text := range []string{
		"a = \"}}}]])\"\n", "a = <<E\n}}}\nE\n", "a = <<-E\n  }}}\n  E\n", "# }}}\na {\n}\n", "// }\n", "/* } */", "a = \"${b}\"", "a = \"\\\"}\"\n",
		"a = <<E\n%{if x}\nE\n", "a = 1 <<E\n", "a = \"}\n", "a = '}'\n", "a = <<E x\n}\nE\n", "a = <<E\r\n}\r\nE\r\n", "a = <<E\n}\n\u00a0E\n[\nE\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		// Each repetition goes one deeper, where the text leaves anything open.
		text = strings.Repeat(text, 1+2*maxDepth)
		if len(text) < 1<<18 && plainlyFlat([]byte(text)) && tooDeep([]byte(text), "f.hcl", hcl.InitialPos) != nil {
			t.Errorf("called flat, and is not: %q", text[:min(len(text), 200)])
		}
	})
}

// TestRealFilesAreFlat sees that the files that people write are parsed at no more cost than before.
func TestRealFilesAreFlat(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/*.hcl")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, "../../schema.hcl") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !plainlyFlat(text) {
			t.Errorf("%s is not seen to be flat", file)
		}
	}
}
