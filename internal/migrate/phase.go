package migrate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// phase drafts a migration in which columns give way to new ones in phases: what else differs comes first, in files as
// always; then a file that adds the new columns, one that fills them, and one or two for the next release.
func (d *Dir) phase(ctx context.Context, job *engine.Job, r *engine.Result, found []dialect.Phased, o DiffOptions) (*Draft, error) {
	draft := &Draft{Plan: r.Plan}
	var columns []dialect.Phased
	for _, p := range found {
		if p.Refused != "" {
			draft.Notes = append(draft.Notes, fmt.Sprintf("note: %s is changed directly, not in phases: %s", p.To, p.Refused))
			continue
		}
		columns = append(columns, p)
	}
	if len(columns) == 0 {
		draft.Parts = d.parts(r.Plan, job.Session.Transactional(), o)
		if o.CheckData {
			return draft, d.guard(draft)
		}
		return draft, nil
	}
	others, err := job.Without(ctx, r, concerning(r, columns))
	if err != nil {
		return nil, err
	}
	var parts []Part
	if !others.Plan.Empty() {
		parts = named(o.Name, scriptsOf(others.Plan, job.Session.Transactional()))
		if o.CheckData {
			if err := d.guard(&Draft{Plan: others.Plan, Parts: parts}); err != nil {
				return nil, err
			}
		}
	}
	more, err := d.phases(ctx, job, r, columns, parts, o)
	if err != nil {
		return nil, err
	}
	draft.Parts = d.numbered(o, append(parts, more...))
	if o.Down {
		draft.Notes = append(draft.Notes, "note: the files for the next release have no way back of their own: the old columns, which they drop, are to be made and filled anew")
	}
	return draft, nil
}

// takesPhases refuses directories and dialects that have none.
func (d *Dir) takesPhases(job *engine.Job) error {
	if d.Format != Atlas {
		return diag.Errorf(diag.Pos{File: d.Name}, "no-phases", "files of the format %s hold no checks, without which no column can give way in phases", d.Format).
			WithHint("leave out --phased, and phased in the diff block")
	}
	if _, ok := job.Dialect.(dialect.Phaser); !ok {
		return diag.Errorf(diag.Pos{}, "no-phases", "schemactl makes no phases for %s", job.Dialect.Name()).
			WithHint("leave out --phased, and phased in the diff block")
	}
	return nil
}

// concerning tells which changes are of the columns, or of what rests on them: they are left to the phases.
func concerning(r *engine.Result, columns []dialect.Phased) func(kind.Change) bool {
	ids := reached(r.Desired, columns, func(p dialect.Phased) object.ID { return p.To })
	maps.Copy(ids, reached(r.Current, columns, func(p dialect.Phased) object.ID { return p.From }))
	return func(c kind.Change) bool { return ids[c.ID] || ids[c.RenamedFrom] }
}

// reached are the columns and what rests on them, however far away.
func reached(s *object.State, columns []dialect.Phased, name func(dialect.Phased) object.ID) map[object.ID]bool {
	out := map[object.ID]bool{}
	dependents, children := s.Dependents(), s.Children()
	var visit func(object.ID)
	visit = func(id object.ID) {
		if out[id] {
			return
		}
		out[id] = true
		for _, o := range slices.Concat(dependents(id), children(id)) {
			visit(o.ID)
		}
	}
	for _, p := range columns {
		visit(name(p))
	}
	return out
}

// phases drafts the files of the phases, after those that were drafted before.
func (d *Dir) phases(ctx context.Context, job *engine.Job, r *engine.Result, columns []dialect.Phased, before []Part, o DiffOptions) ([]Part, error) {
	start, err := d.after(ctx, job, r.Current, before, o)
	if err != nil {
		return nil, err
	}
	var renames []engine.Asked
	for _, p := range columns {
		if p.From != p.To {
			renames = append(renames, engine.Asked{From: p.From, To: p.To})
		}
	}
	rest, err := job.From(ctx, start, r, renames)
	if err != nil {
		return nil, err
	}
	ph, err := job.Phase(rest, columns)
	if err != nil {
		return nil, err
	}
	parts := phaseParts(o.Name, ph, columns, rest.Plan.Checks)
	last := &parts[len(parts)-1]
	end, err := d.after(ctx, job, r.Current, append(slices.Clone(before), parts...), o)
	if err != nil {
		return nil, err
	}
	left, err := job.Rest(end, rest)
	if err != nil {
		return nil, err
	}
	for _, s := range left.Steps() {
		if s.NoTx || s.Pace == plan.Slow || s.Destructive() {
			return nil, unproven(left)
		}
		last.Script.Up = append(last.Script.Up, blockOf(s, ""))
	}
	return parts, nil
}

// after is the state that the directory leads to with drafted parts.
func (d *Dir) after(ctx context.Context, job *engine.Job, current *object.State, parts []Part, o DiffOptions) (*object.State, error) {
	if len(parts) == 0 {
		return current, nil
	}
	files, err := d.preview(d.numbered(o, slices.Clone(parts)))
	if err != nil {
		return nil, err
	}
	s, err := job.Replay(ctx, Scripts(append(slices.Clone(d.Fresh()), files...)))
	if err != nil {
		return nil, fmt.Errorf("nothing was written, because the phases fail when they are replayed: %w", err)
	}
	return s, nil
}

// phaseParts makes files of the phases. What is for the next release is held back.
func phaseParts(name string, ph *dialect.Phases, columns []dialect.Phased, asks []plan.Check) []Part {
	blocks := func(steps []*plan.Step) []Block {
		var out []Block
		for _, s := range steps {
			out = append(out, blockOf(s, ""))
		}
		return out
	}
	phase := func(suffix string, mode TxMode, steps []*plan.Step) Part {
		return Part{Name: strings.TrimPrefix(name+"_"+suffix, "_"), Script: Script{TxMode: mode, Up: blocks(steps)}}
	}
	expand, fill := phase("expand", "", ph.Expand), phase("backfill", TxNone, ph.Fill)
	fits, others := parted(asks)
	expand.Script.Checks = assertions(fits)
	expand.Script.Ignores = []string{"trigger-change", "many-ops-one-tx"}
	contract := phase("contract", "", ph.Switch)
	contract.OneWay = true
	contract.Script.Ignores = []string{
		"drop-column", "rename-column", "drop-constraint", "set-not-null-scan", "lock-table", "many-ops-one-tx", "merge-alters", "trigger-change", "drop-code",
	}
	contract.Script.Hold = "until no running program needs " + heldFor(columns)
	contract.Script.Checks = assertions(slices.Concat(ph.InStep, others))
	out := []Part{expand, fill}
	if len(ph.Build) > 0 {
		build := phase("contract", TxNone, ph.Build)
		build.OneWay = true
		build.Script.Hold, build.Script.Checks = contract.Script.Hold, contract.Script.Checks
		if ph.Anew {
			build.Script.Ignores = []string{"not-null-mysql"}
		}
		contract.Name += "_2"
		contract.Script.Checks = assertions(ph.InStep)
		out = append(out, build)
	}
	return append(out, contract)
}

// parted tells the questions whether values fit another type, which come before anything, from the others, whose rows may
// be mended until the next release.
func parted(asks []plan.Check) (fits, others []plan.Check) {
	for _, c := range asks {
		if c.Rule == "type" {
			fits = append(fits, c)
		} else {
			others = append(others, c)
		}
	}
	return fits, others
}

func assertions(checks []plan.Check) []Block {
	var out []Block
	for _, c := range checks {
		if query := c.Assertion(); query != "" {
			out = append(out, Block{Comments: []string{c.Demand}, SQL: query})
		}
	}
	return out
}

// heldFor says what programs of the release before may still rely on.
func heldFor(columns []dialect.Phased) string {
	var out []string
	for _, p := range columns {
		if p.From != p.To {
			out = append(out, p.From.Path()+" under this name")
		} else {
			out = append(out, p.From.Path()+" with its old type")
		}
	}
	return strings.Join(out, ", ")
}
