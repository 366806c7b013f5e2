package undo

import (
	"context"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/prove"
	"github.com/schemactl/schemactl/internal/revision"
	"github.com/schemactl/schemactl/internal/source"
)

// place finds out where the database is: where the files lead that its history names, as far as they are done. What
// differs is refused, unless the user allows it.
func (f *finder) place(ctx context.Context, own bool) error {
	if f.begun {
		return f.midway(ctx)
	}
	candidates, err := f.candidates(own)
	if err != nil {
		return err
	}
	var drift *plan.Plan
	for _, scripts := range candidates {
		state, err := f.job.Replay(ctx, scripts)
		if err != nil {
			return err
		}
		rest, err := f.job.PlanTo(ctx, f.live, state)
		if err != nil {
			return err
		}
		if rest.Plan.Empty() {
			f.now, f.told = scripts, state
			return nil
		}
		if drift == nil {
			drift, f.now, f.told = rest.Plan, scripts, state
		}
	}
	return f.drifted(comments(drift), own)
}

// candidates are the scripts that may lead to where the database is: two where a statement was cut off.
func (f *finder) candidates(own bool) ([][]source.Script, error) {
	scripts := migrate.Scripts(f.undo.Now)
	switch {
	case f.undo.Half != nil:
		half := f.undo.Now[len(f.undo.Now)-1]
		statements, _, err := half.Runnable(f.job.Dialect, "")
		if err != nil {
			return nil, err
		}
		_, started := f.undo.Half.Started()
		var out [][]source.Script
		for n := f.undo.Half.Applied; n <= len(statements) && len(out) < 1+count(started); n++ {
			out = append(out, append(slices.Clone(scripts[:len(scripts)-1]), scriptOf(scripts[len(scripts)-1].Name, statements[:n], true)))
		}
		if len(out) == 0 {
			return nil, diag.Errorf(diag.Pos{File: f.survey.Dir.Path(half.Name)}, "history-changed", "%d statements of the file are applied, and it has only %d now", f.undo.Half.Applied, len(statements))
		}
		return out, nil
	case own && len(f.undo.Begun) > 0:
		begun := f.undo.Begun[0]
		m, err := revision.Undoing(f.job.Dialect, f.survey.Dir, f.undo.Files[0], begun)
		if err != nil {
			return nil, err
		}
		_, started := begun.Started()
		var out [][]source.Script
		for n := m.Revision.Applied; n <= len(m.Statements) && len(out) < 1+count(started); n++ {
			out = append(out, append(slices.Clone(scripts), scriptOf("undone", m.Statements[:n], true)))
		}
		return out, nil
	}
	return [][]source.Script{scripts}, nil
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// midway is for a database that a plan was to bring back, and which stopped midway: what is left to do must be a part of
// what there was to do.
func (f *finder) midway(ctx context.Context) error {
	now, err := f.job.Replay(ctx, migrate.Scripts(f.undo.Now))
	if err != nil {
		return err
	}
	whole, err := f.job.PlanTo(ctx, now, f.then)
	if err != nil {
		return err
	}
	left, err := f.job.PlanTo(ctx, f.live, f.then)
	if err != nil {
		return err
	}
	var drift []string
	for _, c := range left.Plan.Changes {
		if !slices.ContainsFunc(whole.Plan.Changes, func(w plan.Change) bool { return w.ID == c.ID || w.RenamedFrom == c.ID }) {
			drift = append(drift, c.Action+" "+c.ID.String())
		}
	}
	return f.drifted(drift, false)
}

// drifted refuses what the history does not tell of.
func (f *finder) drifted(drift []string, own bool) error {
	if len(drift) == 0 {
		return nil
	}
	f.drift = drift
	if f.options.AllowDrift {
		return nil
	}
	goes := "the way back then starts from what is there, and these differences go, too"
	if own {
		goes = "the statements of the files run all the same, and these differences stay"
	}
	version := f.undo.Revisions[0].Version
	return diag.Errorf(diag.Pos{}, "drift", "the database is not what its history says, which is version %s. To be, it would need:\n  %s", version, strings.Join(drift, "\n  ")).
		WithHint("see whether somebody changed it by hand, or another --dir or --exclude is meant;\n--allow-drift goes on: %s", goes)
}

// proveOnCopy tries a plan on a copy of the database as it is, where no files lead. What a statement left that was cut
// off, such as an invalid index, cannot be copied; the way on from there was tried as a whole when it began.
func (f *finder) proveOnCopy(ctx context.Context, w *Way) error {
	if w.Result.Plan.Empty() {
		return nil
	}
	proof, err := prove.Plan(ctx, f.job, w.Result.Plan, f.then)
	if err != nil || proof.Proven {
		return err
	}
	var lines []string
	for _, d := range proof.Failures {
		w.Untried = w.Untried || f.begun && len(f.drift) == 0 && d.Stage == plan.StageCopy
		line := d.Message
		if d.Object != (object.ID{}) {
			line = d.Object.String() + ": " + line
		}
		lines = append(lines, line)
	}
	if w.Untried {
		return nil
	}
	return diag.Errorf(diag.Pos{}, "unproven", "nothing was undone: the plan was tried on a copy, and failed:\n  %s", strings.Join(lines, "\n  "))
}
