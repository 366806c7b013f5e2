package source

import (
	"fmt"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// hclStatements makes CREATE statements of HCL files, in an order that works, with the places of the declarations.
func (l *Loader) hclStatements(files []File) ([]dialect.Statement, map[object.ID]diag.Pos, error) {
	codec, ok := l.Dialect.(dialect.HCLCodec)
	if !ok {
		return nil, nil, diag.Errorf(diag.Pos{File: files[0].Name}, "unsupported", "schemactl cannot read HCL for %s yet", l.Dialect.Name())
	}
	desired, faults := DecodeHCL(codec, files, l.Vars, l.Scope)
	if err := faults.Err(); err != nil {
		return nil, nil, err
	}
	if f, ok := codec.(dialect.HCLFitter); ok {
		f.FitHCL(desired, l.Server)
	}
	changes, steps, err := l.hclPlan(codec.Initial(l.Scope), desired)
	if err != nil {
		return nil, nil, fmt.Errorf("order the declarations: %w", err)
	}
	positions := make(map[object.ID]diag.Pos, len(changes))
	for _, o := range desired.All() {
		positions[o.ID] = o.Pos
	}
	return steps, positions, nil
}

// DecodeHCL reads HCL files as objects, as they are written. It needs no database.
func DecodeHCL(codec dialect.HCLCodec, files []File, vars Vars, scope dialect.Scope) (*object.State, diag.List) {
	docs := make([]hcl.File, len(files))
	texts := make(map[string][]byte, len(files))
	for i, f := range files {
		docs[i] = hcl.File(f)
		texts[f.Name] = f.Text
	}
	blocks, faults := hcl.Eval(docs, codec.Vocabulary(), hcl.Inputs{Vars: vars})
	if faults.Err() != nil {
		return nil, faults
	}
	state, more := codec.DecodeHCL(blocks, scope)
	hcl.Attach(more, texts)
	return state, append(faults, more...)
}

// hclPlan plans the way from an empty database, or what the desired state names of it, to the desired state.
func (l *Loader) hclPlan(initial, desired *object.State) ([]kind.Change, []dialect.Statement, error) {
	from := object.NewState()
	for _, o := range initial.All() {
		if desired.Has(o.ID) || desired.Has(o.Parent) {
			if err := from.Add(o); err != nil {
				return nil, nil, err
			}
		}
	}
	kinds := l.Dialect.Kinds()
	changes, err := kinds.Diff(from, desired)
	if err != nil {
		return nil, nil, err
	}
	changes, steps, err := kinds.Plan(from, desired, changes, kind.Policy{})
	if err != nil {
		return nil, nil, err
	}
	var out []dialect.Statement
	for _, segment := range l.Dialect.Segments(steps) { // as they would be run on a database
		for _, s := range segment.Steps {
			out = append(out, dialect.Statement{SQL: s.SQL, Pos: s.Pos, Object: s.ID})
		}
	}
	return changes, out, nil
}
