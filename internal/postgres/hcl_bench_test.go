package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/postgres"
)

// manyTables is HCL of n tables with 10 columns, 3 indexes, a foreign key and a check each.
func manyTables(n int) string {
	var b strings.Builder
	b.WriteString("schema \"public\" {\n}\n")
	for i := range n {
		fmt.Fprintf(&b, "\ntable \"t%d\" {\n  schema = schema.public\n  column \"id\" {\n    type = bigint\n    identity {\n      generated = ALWAYS\n    }\n  }\n", i)
		for c := range 6 {
			fmt.Fprintf(&b, "  column \"c%d\" {\n    type    = varchar(%d)\n    null    = true\n    default = \"x\"\n  }\n", c, 10+c)
		}
		b.WriteString("  column \"n\" {\n    type = integer\n  }\n  column \"parent\" {\n    type = bigint\n    null = true\n  }\n")
		b.WriteString("  column \"at\" {\n    type    = timestamptz\n    default = sql(\"now()\")\n  }\n  primary_key {\n    columns = [column.id]\n  }\n")
		fmt.Fprintf(&b, "  foreign_key \"t%d_fk\" {\n    columns     = [column.parent]\n    ref_columns = [table.t%d.column.id]\n    on_delete   = CASCADE\n  }\n", i, i/2)
		fmt.Fprintf(&b, "  check \"t%d_n\" {\n    expr = \"n > 0\"\n  }\n", i)
		for x := range 3 {
			fmt.Fprintf(&b, "  index \"t%d_i%d\" {\n    columns = [column.c%d, column.n]\n  }\n", i, x, x)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func decodeMany(b *testing.B, text string) *object.State {
	blocks, faults := hcl.Eval([]hcl.File{{Name: "x.hcl", Text: []byte(text)}}, postgres.Dialect{}.Vocabulary(), hcl.Inputs{})
	if err := faults.Err(); err != nil {
		b.Fatal(err)
	}
	s, faults := postgres.Dialect{}.DecodeHCL(blocks, dialect.Scope{})
	if err := faults.Err(); err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkDecodeHCL(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		text := manyTables(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				decodeMany(b, text)
			}
		})
	}
}

func BenchmarkEncodeHCL(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		s := decodeMany(b, manyTables(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				blocks, _, err := postgres.Dialect{}.EncodeHCL(s, dialect.Scope{})
				if err != nil {
					b.Fatal(err)
				}
				if len(hcl.Write(blocks)) == 0 {
					b.Fatal("nothing written")
				}
			}
		})
	}
}
