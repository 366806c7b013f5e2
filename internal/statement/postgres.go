package statement

import (
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
)

// Postgres cuts text as psql does: dollar quotes, nested comments and BEGIN ATOMIC … END are whole. Commands of psql and
// COPY … FROM stdin are faults, because no server can run them from a file.
func Postgres(text string) ([]Piece, error) {
	return split(text, rules{
		dollarQuotes: true, nestedComments: true, escapeStrings: true, parentheses: true, psql: true,
		body: func() body { return &postgresBody{} },
	})
}

// postgresBody follows the bodies of SQL functions, the only ones that are not quoted: psql counts BEGIN, CASE and END
// of CREATE FUNCTION and CREATE PROCEDURE outside parentheses.
type postgresBody struct {
	words []string // the first ones
	last  string
	at    int
	depth int
}

func (b *postgresBody) word(w string, parens int, offset int) *diag.Diagnostic {
	if len(b.words) < 4 {
		b.words = append(b.words, w)
	}
	last := b.last
	b.last = w
	if parens > 0 {
		return nil
	}
	if w == "stdin" && last == "from" && b.words[0] == "copy" {
		return diag.Errorf(diag.Pos{}, "copy-stdin", "COPY … FROM stdin takes its rows from psql, not from the statement: no other program can run it").
			WithHint("write the rows as INSERT statements (pg_dump --inserts does), or leave them out (pg_dump --schema-only)")
	}
	switch {
	case !b.routine():
	case w == "begin":
		if b.depth == 0 {
			b.at = offset
		}
		b.depth++
	case w == "case" && b.depth > 0:
		b.depth++
	case w == "end" && b.depth > 0:
		b.depth--
	}
	return nil
}

func (b *postgresBody) routine() bool {
	words := b.words
	if len(words) == 0 || words[0] != "create" {
		return false
	}
	if len(words) > 3 && words[1] == "or" && words[2] == "replace" {
		words = words[2:]
	}
	return len(words) > 1 && slices.Contains([]string{"function", "procedure"}, words[1])
}

func (b *postgresBody) mark(byte) { b.last = "" }

func (b *postgresBody) open() (int, bool) { return b.at, b.depth > 0 }
