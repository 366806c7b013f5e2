package undo

import (
	"context"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/statement"
)

// between plans the way from a state to the target. What goes there and what comes look alike in states where a file
// renamed one to the other; where a statement says so, it is a rename.
func (f *finder) between(ctx context.Context, from *object.State, own bool) (*engine.Result, error) {
	renames := slices.Clone(f.options.Renames)
	said, err := f.statements(own)
	if err != nil {
		return nil, err
	}
	for {
		r, err := f.job.PlanTo(ctx, from, f.then, renames...)
		if err != nil {
			return nil, err
		}
		more := renamesIn(r.Candidates, said)
		if len(more) == 0 {
			return r, nil
		}
		renames = append(renames, more...)
	}
}

// statements are those that may tell of renames: what undoes the files, or the files themselves.
func (f *finder) statements(own bool) ([]dialect.Statement, error) {
	var out []dialect.Statement
	for _, file := range f.undo.Files {
		list, err := file.Statements(f.job.Dialect)
		if own {
			list, _, err = file.Down(f.job.Dialect)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// renamesIn are the candidates that a statement names as a rename, as --rename spells them.
func renamesIn(candidates []engine.Candidate, said []dialect.Statement) []string {
	var out []string
	for _, c := range candidates {
		if slices.ContainsFunc(said, func(st dialect.Statement) bool { return renames(st.SQL, c) }) {
			out = append(out, c.Flag())
		}
	}
	return out
}

// renames reports whether a statement is a rename with both names in it.
func renames(text string, c engine.Candidate) bool {
	words := statement.Words(text, 400)
	has := func(list ...string) bool {
		return slices.ContainsFunc(words, func(w statement.Word) bool {
			return !w.String && slices.ContainsFunc(list, func(name string) bool { return strings.EqualFold(w.Text, name) })
		})
	}
	from, _, _ := strings.Cut(c.From.Name, "(")
	to, _, _ := strings.Cut(c.To.Name, "(")
	return has("rename", "change") && has(from) && has(to)
}
