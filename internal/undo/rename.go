package undo

import (
	"context"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
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
		more := renamesIn(append(pairs(r.Plan), r.Candidates...), said, renames)
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

// pairs are all that goes with all that comes of its kind, whether it looks alike or not: what was renamed may have been
// changed, too. Parts can be told apart only once the object that they belong to has its name.
func pairs(p *plan.Plan) []engine.Candidate {
	var out []engine.Candidate
	for _, goes := range p.Changes {
		if goes.Action != "drop" || goes.Parent != (object.ID{}) {
			continue
		}
		for _, comes := range p.Changes {
			if comes.Action == "add" && comes.Parent == (object.ID{}) && comes.ID.Kind == goes.ID.Kind {
				out = append(out, engine.Candidate{From: goes.ID, To: comes.ID})
			}
		}
	}
	return out
}

// renamesIn are the candidates that a statement names as a rename, as --rename spells them, without those known.
func renamesIn(candidates []engine.Candidate, said []dialect.Statement, known []string) []string {
	var out []string
	used := map[object.ID]bool{}
	for _, c := range candidates {
		if slices.Contains(known, c.Flag()) || used[c.From] || used[c.To] {
			continue
		}
		if slices.ContainsFunc(said, func(st dialect.Statement) bool { return renames(st.SQL, c) }) {
			out = append(out, c.Flag())
			used[c.From], used[c.To] = true, true
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
