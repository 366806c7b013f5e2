package postgres_test

import (
	"os"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/postgres"
)

// FuzzDecodeHCL reads arbitrary HCL: no panic, a place for every fault, and what is accepted can be planned.
func FuzzDecodeHCL(f *testing.F) {
	text, err := os.ReadFile("testdata/faults.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, piece := range strings.Split(string(text), "== ")[1:] { // small pieces: long ones slow the fuzzer down
		_, source, _ := strings.Cut(piece, "\n")
		source, _, _ = strings.Cut(source, "\n--\n")
		f.Add(source)
	}
	f.Add("schema \"s\" {}\npartition \"p\" {\n  schema = schema.s\n  of = partition.p\n  range {\n    from = [MINVALUE]\n    to = []\n  }\n  index \"i\" {\n    columns = [\"a\"]\n  }\n}\n")
	f.Add("schema \"s\" {}\ntable \"t\" {\n  schema = schema.s\n  inherits = [table.t]\n  column \"c\" {\n    type = sql(\"x[]\")\n    default = \"d\"\n  }\n  exclude {\n    on {\n      column = column.c\n      op = \"=\"\n    }\n  }\n}\n")
	code, err := os.ReadFile("testdata/hcl/code.hcl")
	if err != nil {
		f.Fatal(err)
	}
	for _, block := range strings.Split(string(code), "\n\n") {
		f.Add("schema \"app\" {}\ntable \"users\" {\n  schema = schema.app\n}\nfunction \"touch\" {\n  schema = schema.app\n  lang   = SQL\n  return = trigger\n  as     = \"\"\n}\n" + block + "\n")
	}
	voc := postgres.Dialect{}.Vocabulary()
	f.Fuzz(func(t *testing.T, text string) {
		blocks, faults := hcl.Eval([]hcl.File{{Name: "x.hcl", Text: []byte(text)}}, voc, hcl.Inputs{})
		if faults.Err() != nil {
			return
		}
		state, faults := postgres.Dialect{}.DecodeHCL(blocks, dialect.Scope{})
		for _, d := range faults {
			if d.Pos.IsZero() {
				t.Errorf("a fault without a place: %v", d)
			}
		}
		if faults.Err() != nil {
			return
		}
		if _, _, err := (postgres.Dialect{}).EncodeHCL(state, dialect.Scope{}); err != nil {
			t.Error(err)
		}
	})
}
