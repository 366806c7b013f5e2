package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/safety"
)

// Plan reviews a plan. name is what its findings are of: the file that it was read from, or "plan".
func (s Subject) Plan(ctx context.Context, p *plan.Plan, name string) (*Review, error) {
	r := &Review{
		Title: "Plan for " + cmp.Or(p.Target, s.Dialect.Name()), Target: p.Target, Current: p.Current, Desired: p.Desired, Changes: p.Changes, Notes: p.Notes,
	}
	r.planned(p)
	ex, m, ok := s.model()
	if !ok {
		r.Notes = append(r.Notes, unexamined(s.Dialect))
		r.Hazards = []lint.Report{{Name: name, Findings: []lint.Finding{}}}
		r.protect(p.Queries)
		return r, s.finish(r, nil, nil)
	}
	u := &lint.Unit{Name: name, Dialect: s.Dialect.Name(), Timeout: bounded(p)}
	sources, at := framed(p)
	lint.Examine(ex, m, u, sources)
	steps := p.Steps()
	for i := range r.Statements {
		st := &r.Statements[i]
		st.costs(u.Statements[at[i]])
		switch f := steps[i].Facts; {
		case f == nil:
		case !s.known(): // the plan knew the tables
			st.Facts = *f
		default: // measured on the live tables
			st.Facts.Takes, st.Facts.Sizes = f.Takes, f.Sizes
		}
		if f := steps[i].Facts; f != nil { // rules of the project see it, too
			l := u.Statements[at[i]]
			l.Facts.Takes, l.Facts.Sizes = f.Takes, f.Sizes
		}
	}
	if !s.known() && !p.Empty() {
		r.Notes = append(r.Notes, "reviewed without the database, and the plan does not say what its tables are like: hazards that depend on what is there, such as types that become narrower, are not seen; --url or --env shows them")
	}
	if err := r.check(ctx, u, s.Config); err != nil {
		return nil, err
	}
	r.protect(p.Queries)
	return r, s.finish(r, u.Start, u.After)
}

// bounded reports whether apply bounds how long the statements wait for locks: it does where they lock tables in use.
func bounded(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Steps(), func(s *plan.Step) bool { return len(s.Busy) > 0 })
}

// check raises the hazards of a unit.
func (r *Review) check(ctx context.Context, u *lint.Unit, c lint.Config) error {
	report, err := lint.Check(ctx, u, c)
	if err != nil {
		return err
	}
	r.Hazards = append(r.Hazards, report)
	assign(r.Statements, report.Findings)
	return nil
}

// planned takes over what the plan knows of its statements.
func (r *Review) planned(p *plan.Plan) {
	framed := slices.ContainsFunc(p.Segments, func(s plan.Segment) bool { return s.Transactional })
	if !framed && !p.Empty() { // where no change can be rolled back
		r.Parts = []Part{{Title: "Each statement for itself", First: 1, Count: len(p.Steps())}}
	}
	for i, seg := range p.Segments {
		if framed {
			r.Parts = append(r.Parts, Part{Title: titleOf(i, len(p.Segments), seg), Transactional: seg.Transactional, First: len(r.Statements) + 1, Count: len(seg.Steps)})
		}
		for _, step := range seg.Steps {
			r.Statements = append(r.Statements, Statement{
				Number: len(r.Statements) + 1, SQL: step.SQL, Comment: step.Comment, Object: step.Owner.String(), Pos: step.Pos,
				Runs: step.Runs, Loses: step.Losses(), MayChange: step.MayChanges(), Reverse: step.Reverse, Why: step.Why, Tool: step.Tool,
			})
		}
	}
}

func titleOf(i, n int, seg plan.Segment) string {
	title := fmt.Sprintf("Segment %d of %d: ", i+1, n)
	if seg.Transactional {
		return title + "one transaction"
	}
	return title + "outside a transaction"
}

// framed are the statements of a plan as apply sends them, each transaction in its frame. at tells where each step is.
func framed(p *plan.Plan) (sources []lint.Source, at []int) {
	for _, seg := range p.Segments {
		if seg.Transactional {
			sources = append(sources, lint.Source{SQL: "BEGIN"})
		}
		for _, step := range seg.Steps {
			at = append(at, len(sources))
			sources = append(sources, lint.Source{SQL: step.SQL, Pos: step.Pos})
		}
		if seg.Transactional {
			sources = append(sources, lint.Source{SQL: "COMMIT"})
		}
	}
	return sources, at
}

// Migrations reviews what Lint found of a directory's files. changes are what they do all together, if that is known.
func (s Subject) Migrations(reports []lint.Report, changes []plan.Change) (*Review, error) {
	r := &Review{Title: "Migrations", Changes: changes, Hazards: reports}
	var first, last *safety.Model
	for _, report := range reports {
		u := report.Unit
		if first == nil {
			first = u.Start
		}
		last = u.After
		begin := len(r.Statements)
		for _, l := range u.Statements {
			st := Statement{Number: len(r.Statements) + 1, SQL: l.SQL, Pos: l.Pos}
			for _, a := range l.Acts {
				if st.Object = cmp.Or(a.Table.String(), a.Of.String()); st.Object != "" {
					break
				}
			}
			st.costs(l)
			r.Statements = append(r.Statements, st)
		}
		assign(r.Statements[begin:], report.Findings)
		r.Parts = append(r.Parts, Part{Title: report.Name, Transactional: u.Tx, First: begin + 1, Count: len(u.Statements)})
	}
	return r, s.finish(r, first, last)
}
