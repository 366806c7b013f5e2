package rehearse

import (
	"context"
	"errors"
	"slices"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/run"
	"github.com/schemactl/schemactl/internal/safety"
)

// MaxRows is how many rows a table is filled with at most, unless somebody says otherwise.
const MaxRows = 1_000_000

// Synthetic rehearses the plan of a job on a copy of its schema, on the dev server, in which the tables that the plan
// touches have made-up rows: as many as the live ones are estimated to have, and no more than most.
func Synthetic(ctx context.Context, job *engine.Job, result *engine.Result, most int64, tell func(string)) (*Report, error) {
	live, sized := job.Session.(dialect.Sizer)
	if !sized {
		return nil, diag.Errorf(diag.Pos{}, "unsupported", "nobody can tell how large the tables of %s are", job.Dialect.Name())
	}
	lab, done, err := job.WatchedLab(ctx, result.Desired)
	if err != nil {
		return nil, err
	}
	s := &synthetic{Lab: lab, job: job, result: result, most: most, tell: tell, live: live}
	err = lab.Lender.Lend(ctx, lab.Trial, s.rehearse)
	if ctx.Err() != nil {
		return nil, errors.Join(context.Cause(ctx), done())
	}
	return s.report, errors.Join(err, done())
}

type synthetic struct {
	*engine.Lab
	job    *engine.Job
	result *engine.Result
	most   int64
	tell   func(string)
	live   dialect.Sizer
	report *Report
}

func (s *synthetic) rehearse(ctx context.Context) error {
	p, untried := s.StayAtHome(s.result.Plan)
	desired := dialect.AtHome(s.Dialect(), s.result.Desired)
	creation, _, err := s.Copying(ctx, desired)
	if err != nil {
		return err
	}
	if err := run.Apply(ctx, s.Session, creation, &run.Journal{}, run.Options{}); err != nil {
		return err
	}
	made, err := s.fill(ctx, touched(p), desired)
	if err != nil {
		return err
	}
	s.report, err = Run(ctx, &Stage{Dialect: s.Dialect(), Session: s.Session, URL: s.URL, Local: s.local, Home: s.home, Live: s.live}, p)
	if err != nil {
		return err
	}
	s.report.Made, s.report.Untried = made, untried
	return nil
}

// fill makes up the rows of the tables that the plan touches, and of those that they refer to.
func (s *synthetic) fill(ctx context.Context, tables []safety.Name, desired *object.State) ([]Made, error) {
	grower, ok := s.Session.(dialect.Grower)
	if !ok {
		return nil, diag.Errorf(diag.Pos{}, "unsupported", "no rows can be made up for %s", s.Dialect().Name())
	}
	all := s.referred(tables)
	sizes, err := s.live.Sizes(ctx, all)
	if err != nil {
		return nil, err
	}
	wanted, names := map[object.ID]int64{}, map[object.ID]safety.Name{}
	for _, n := range all {
		id, found := s.table(n)
		if rows := sizes[n].Rows; found && rows > 0 {
			wanted[id], names[id] = min(rows, s.most), n
		}
	}
	if s.tell != nil && len(wanted) > 0 {
		s.tell("making up rows")
	}
	rows, err := grower.Grow(ctx, s.Whole, desired, wanted)
	if err != nil {
		return nil, err
	}
	return s.made(ctx, rows, names)
}

// made tells of the tables that were filled how large the live ones are.
func (s *synthetic) made(ctx context.Context, rows []dialect.Rows, names map[object.ID]safety.Name) ([]Made, error) {
	var all []safety.Name
	for i, r := range rows {
		all = append(all, safety.Name{Schema: r.Table.Schema, Name: r.Table.Name})
		if n, ok := names[r.Table]; ok {
			all[i] = n
		}
	}
	sizes, err := s.live.Sizes(ctx, all)
	if err != nil {
		return nil, err
	}
	var out []Made
	for i, r := range rows {
		out = append(out, Made{Table: all[i].String(), Rows: r.Count, Live: sizes[all[i]].Rows, Reason: r.Reason})
	}
	return out, nil
}

// table is the object of a table of the plan.
func (s *synthetic) table(n safety.Name) (object.ID, bool) {
	for _, id := range []object.ID{{Kind: "table", Schema: n.Schema, Name: n.Name}, {Kind: "table", Name: n.Name}} {
		if s.Whole.Has(id) {
			return id, true
		}
	}
	return object.ID{}, false
}

// local is what a table is called in the lab, whose database may have another name.
func (s *synthetic) local(n safety.Name) safety.Name {
	if id, ok := s.table(n); ok {
		return safety.Name{Schema: id.Schema, Name: id.Name}
	}
	return n
}

// home is what a table of the lab is called in the live database.
func (s *synthetic) home(n safety.Name) safety.Name {
	inside := n.Schema == s.URL.Database || n.Schema == ""
	if inside && s.Whole.Has(object.ID{Kind: "table", Name: n.Name}) && len(s.job.Scope.Schemas) == 1 {
		n.Schema = s.job.Scope.Schemas[0]
	}
	return n
}

// referred are tables with those that parts of them need, which they refer to.
func (s *synthetic) referred(tables []safety.Name) []safety.Name {
	out, children := slices.Clone(tables), s.Whole.Children()
	for i := 0; i < len(out); i++ {
		id, ok := s.table(out[i])
		if !ok {
			continue
		}
		for _, part := range children(id) {
			for _, need := range part.Needs {
				other := object.ID{Kind: "table", Schema: need.Schema, Name: need.Table}
				if need.Kind == "table" {
					other = need
				}
				if other == id || !s.Whole.Has(other) {
					continue
				}
				n := safety.Name{Schema: other.Schema, Name: other.Name}
				if other.Schema == "" {
					n.Schema = out[i].Schema
				}
				if !slices.Contains(out, n) {
					out = append(out, n)
				}
			}
		}
	}
	return out
}
