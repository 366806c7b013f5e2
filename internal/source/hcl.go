package source

import (
	"context"
	"fmt"
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// declareHCL reads what HCL files declare for the server that it is meant for.
func (l *Loader) declareHCL(ctx context.Context, files []File) (*object.State, error) {
	codec, ok := l.Dialect.(dialect.HCLCodec)
	if !ok {
		return nil, diag.Errorf(diag.Pos{File: files[0].Name}, "unsupported", "schemactl cannot read HCL for %s yet", l.Dialect.Name())
	}
	desired, err := l.decodeHCL(ctx, codec, files)
	if err != nil {
		return nil, err
	}
	if f, ok := codec.(dialect.HCLFitter); ok {
		f.FitHCL(desired, l.Server)
	}
	return desired, nil
}

// decodeHCL reads HCL files as objects, as they are written. It needs no database.
func (l *Loader) decodeHCL(ctx context.Context, codec dialect.HCLCodec, files []File) (*object.State, error) {
	docs := make([]hcl.File, len(files))
	texts := make(map[string][]byte, len(files))
	for i, f := range files {
		docs[i] = hcl.File(f)
		texts[f.Name] = f.Text
	}
	var blocks []*hcl.Block
	faults, err := hcl.Bounded(ctx, func() (faults diag.List) {
		blocks, faults = hcl.Eval(docs, codec.Vocabulary(), hcl.Inputs{Vars: l.Vars})
		return faults
	})
	if err == nil {
		err = faults.Err()
	}
	if err != nil {
		return nil, err
	}
	state, more := codec.DecodeHCL(blocks, l.Scope)
	hcl.Attach(more, texts)
	return state, append(faults, more...).Err()
}

// hclStatements makes CREATE statements of what HCL declares, in an order that works on an empty database.
func (l *Loader) hclStatements(desired *object.State) ([]dialect.Statement, error) {
	codec, ok := l.Dialect.(dialect.HCLCodec)
	if !ok {
		return nil, nil
	}
	from := object.NewState()
	for _, o := range codec.Initial(l.Scope).All() { // what the desired state names of it
		if desired.Has(o.ID) || desired.Has(o.Parent) {
			if err := from.Add(o); err != nil {
				return nil, err
			}
		}
	}
	segments, err := Creation(l.Dialect, from, l.asked(desired))
	if err != nil {
		return nil, fmt.Errorf("order the declarations: %w", err)
	}
	var out []dialect.Statement
	for _, segment := range segments {
		for _, s := range segment.Steps {
			sql, _ := s.Statement() // of a plan just made
			out = append(out, dialect.Statement{SQL: sql, Pos: s.Pos, Object: s.ID})
		}
	}
	return out, nil
}

// asked leaves out what no server is asked about.
func (l *Loader) asked(desired *object.State) *object.State {
	alone := l.declaredOnly()
	if len(alone) == 0 {
		return desired
	}
	return desired.Filter(func(o *object.Object) (bool, string) { return !slices.Contains(alone, o.ID.Kind), "" })
}

// Creation plans what makes the objects of a state in a database that holds no more than from, as it would be run. What
// reaches out to other servers is left out.
func Creation(d dialect.Dialect, from, state *object.State) ([]plan.Segment, error) {
	kinds, state := d.Kinds(), dialect.AtHome(d, state)
	changes, err := kinds.Diff(from, state)
	if err != nil {
		return nil, err
	}
	_, steps, err := kinds.Plan(from, state, changes, kind.Policy{})
	if err != nil {
		return nil, err
	}
	return d.Segments(steps), nil
}
