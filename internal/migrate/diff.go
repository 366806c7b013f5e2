package migrate

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Draft is a new migration before it is written: one file, or several where the server must commit in between.
type Draft struct {
	Plan  *plan.Plan
	Parts []Part
	Notes []string // what the reader should know of how it was made
}

// Part is one file of a draft.
type Part struct {
	Version string
	Name    string
	Script  Script
	OneWay  bool // a plan of states cannot undo it: the rows would lack what it dropped
}

// DiffOptions say how a migration is written.
type DiffOptions struct {
	Name             string
	Now              time.Time
	Down             bool // write what undoes it, too
	AllowDestructive bool
	CheckData        bool // write what the plan asks the rows, too
	Phased           bool // let columns that are renamed or get another type give way to new ones, in files for two releases
}

// Diff drafts the migration from what the directory leads to, which is the job's current state, to the desired state.
// It replays the draft on the dev database: a draft that does not lead there is not handed out. Nil means no changes.
func Diff(ctx context.Context, job *engine.Job, d *Dir, o DiffOptions) (*Draft, error) {
	if o.Phased {
		if err := d.takesPhases(job); err != nil {
			return nil, err
		}
	}
	r, err := job.Plan(ctx)
	if err != nil {
		return nil, err
	}
	if r.Plan.Empty() {
		return nil, nil
	}
	if losses := r.Plan.Losses(); len(losses) > 0 && !o.AllowDestructive {
		return nil, diag.Errorf(diag.Pos{}, "destructive", "refused: the migration loses %s", strings.Join(losses, "; ")).
			WithHint("if that is meant, add --allow-destructive")
	}
	if err := checkSecrets(r.Plan); err != nil {
		return nil, err
	}
	draft, err := d.draft(ctx, job, r, o)
	if err != nil {
		return nil, err
	}
	states, err := d.rehearse(ctx, job, r.Current, draft.Parts)
	if err != nil {
		return nil, err
	}
	rest, err := job.Diff(states[len(states)-1], r.Desired)
	if err != nil {
		return nil, err
	}
	if !rest.Empty() {
		return nil, unproven(rest)
	}
	if o.Down {
		for i := range draft.Parts {
			if draft.Parts[i].OneWay {
				continue
			}
			if err := draft.Parts[i].undo(ctx, job, renamedBack(r.Plan, states[i+1], states[i]), states[i+1], states[i]); err != nil {
				return nil, err
			}
		}
	}
	return draft, nil
}

// draft writes the files of a plan.
func (d *Dir) draft(ctx context.Context, job *engine.Job, r *engine.Result, o DiffOptions) (*Draft, error) {
	phased := job.Phased(r)
	if o.Phased {
		return d.phase(ctx, job, r, phased, o)
	}
	draft := &Draft{Plan: r.Plan, Parts: d.parts(r.Plan, job.Session.Transactional(), o), Notes: dialect.Hints(phased)}
	if o.CheckData {
		return draft, d.guard(draft)
	}
	return draft, nil
}

// guard writes what the plan asks the rows before the first statement of the first file. What only the server can tell has
// no query.
func (d *Dir) guard(draft *Draft) error {
	if d.Format != Atlas {
		return diag.Errorf(diag.Pos{File: d.Name}, "no-checks", "files of the format %s hold no checks", d.Format).
			WithHint("leave out --check-data, and check_data in the migration block")
	}
	first := &draft.Parts[0].Script
	for _, c := range draft.Plan.Checks {
		if query := c.Assertion(); query != "" {
			first.Checks = append(first.Checks, Block{Comments: []string{c.Demand}, SQL: query})
		}
	}
	return nil
}

// checkSecrets refuses to write passwords and other secrets into files.
func checkSecrets(p *plan.Plan) error {
	for _, s := range p.Steps() {
		if s.Masked {
			return diag.Errorf(s.Pos, "secret-in-file", "%s holds a secret, which does not belong into a migration", s.Comment).
				WithHint("leave what holds it to schemactl apply: manage { roles = false, subscriptions = false, foreign_data = false } in the environment of the migrations")
		}
	}
	return nil
}

// unproven is the fault of a draft that does not lead to the desired state.
func unproven(rest *plan.Plan) error {
	d := diag.Errorf(diag.Pos{}, "not-converged", "the migration was replayed, and does not lead to the desired state; nothing is written. These differences remain:")
	for _, s := range rest.Steps() {
		d.Message += "\n  " + s.Comment
	}
	return d.WithHint("this is a fault of schemactl's: please report it with the declarations of these objects")
}

// parts makes a file of each transaction of the plan, and of each run of statements that no transaction can hold.
// Where DDL commits by itself there is nothing to part.
func (d *Dir) parts(p *plan.Plan, transactional bool, o DiffOptions) []Part {
	return d.numbered(o, named(o.Name, scriptsOf(p, transactional)))
}

// scriptsOf makes a script of each transaction of a plan, and of each run of statements that no transaction can hold.
func scriptsOf(p *plan.Plan, transactional bool) []Script {
	reasons := map[object.ID]string{}
	for _, c := range p.Changes {
		reasons[c.ID] = c.Reason
	}
	var scripts []Script
	for _, seg := range p.Segments {
		mode := TxMode("")
		if transactional && !seg.Transactional {
			mode = TxNone
		}
		n := len(scripts)
		if n == 0 || transactional && (mode == "" || scripts[n-1].TxMode != mode) {
			scripts = append(scripts, Script{TxMode: mode})
			n++
		}
		for _, s := range seg.Steps {
			scripts[n-1].Up = append(scripts[n-1].Up, blockOf(s, reasons[s.ID]))
		}
	}
	return scripts
}

// named gives scripts that belong together one name, and all but the first a number.
func named(name string, scripts []Script) []Part {
	out := make([]Part, len(scripts))
	for i, s := range scripts {
		out[i] = Part{Name: name, Script: s}
		if i > 0 {
			out[i].Name = strings.TrimPrefix(fmt.Sprintf("%s_%d", name, i+1), "_")
		}
	}
	return out
}

// numbered gives the parts their versions.
func (d *Dir) numbered(o DiffOptions, parts []Part) []Part {
	version := d.NextVersion(o.Now)
	for i := range parts {
		parts[i].Version = version
		version = nextAfter(version, o.Now)
	}
	return parts
}

// blockOf says what a statement does, why, and what it loses.
func blockOf(s *plan.Step, reason string) Block {
	b := Block{SQL: strings.TrimRight(s.SQL, "; \n")}
	if s.Comment != "" {
		b.Comments = append(b.Comments, strings.ToUpper(s.Comment[:1])+s.Comment[1:])
	}
	for _, p := range s.Parts {
		if p.Comment != "" && !strings.EqualFold(p.Comment, s.Comment) && s.Op == plan.Alter {
			b.Comments = append(b.Comments, "and "+p.Comment)
		}
	}
	if s.Why != "" {
		b.Comments = append(b.Comments, "split: "+s.Why)
	}
	if reason != "" {
		b.Comments = append(b.Comments, "because: "+reason)
	}
	for _, l := range s.Losses() {
		b.Comments = append(b.Comments, "LOSES "+l)
	}
	return b
}

// rehearse replays the directory with each part in turn and returns the states before and after all of them.
func (d *Dir) rehearse(ctx context.Context, job *engine.Job, current *object.State, parts []Part) ([]*object.State, error) {
	files, err := d.preview(parts)
	if err != nil {
		return nil, err
	}
	scripts := Scripts(d.Fresh())
	states := []*object.State{current}
	for _, f := range files {
		scripts = append(slices.Clone(scripts), Scripts([]*File{f})...)
		s, err := job.Replay(ctx, scripts)
		if err != nil {
			return nil, fmt.Errorf("%s was not written, because it fails when it is replayed: %w", f.Name, err)
		}
		states = append(states, s)
	}
	return states, nil
}

// preview reads parts as if they had been written.
func (d *Dir) preview(parts []Part) (_ []*File, err error) {
	tmp, err := os.MkdirTemp("", "schemactl-draft-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	draft, err := open(disk.Dir(tmp), tmp, d.Format, true)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if _, err := draft.Add(p.Version, p.Name, p.Script); err != nil {
			return nil, err
		}
	}
	for _, f := range draft.Files {
		f.path = d.path(f.Name)
	}
	return draft.Files, nil
}

// undo plans the way back from the state after the part to the one before.
func (p *Part) undo(ctx context.Context, job *engine.Job, renames []string, after, before *object.State) error {
	back, err := job.PlanTo(ctx, after, before, renames...)
	if err != nil {
		return fmt.Errorf("plan the way back: %w", err)
	}
	p.Script.Undone = true
	for _, s := range back.Plan.Steps() {
		p.Script.Down = append(p.Script.Down, blockOf(s, ""))
	}
	return nil
}

// renamedBack tells what a plan renamed between two states, the other way round: of states alone nobody could.
func renamedBack(p *plan.Plan, after, before *object.State) []string {
	var out []string
	for _, c := range p.Changes {
		if c.RenamedFrom != (object.ID{}) && after.Has(c.ID) && !before.Has(c.ID) && before.Has(c.RenamedFrom) {
			out = append(out, engine.Candidate{From: c.ID, To: c.RenamedFrom}.Flag())
		}
	}
	return out
}

// Write adds the files of the draft and returns their names.
func (d *Dir) Write(draft *Draft) ([]string, error) {
	var names []string
	for _, p := range draft.Parts {
		written, err := d.Add(p.Version, p.Name, p.Script)
		if err != nil {
			return names, err
		}
		names = append(names, written...)
	}
	return names, nil
}

// Preview lists the files that Write would write.
func (d *Dir) Preview(draft *Draft) []OutFile {
	var out []OutFile
	for _, p := range draft.Parts {
		out = append(out, d.layout.compose(p.Version, p.Name, p.Script)...)
	}
	return out
}
