package run

import (
	"context"
	"errors"
	"slices"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/plan"
)

// Journal is where a run writes down how far it came: in the database, or in a file where the user may not write there.
// The zero Journal writes nothing, for sessions that roll back.
type Journal struct {
	session dialect.Journaler
	store   dialect.Journal
	file    dialect.Journal
}

// OpenJournal finds the journal of a session; file is the name of a file of this database's own.
func OpenJournal(s dialect.Session, file string) *Journal {
	j, ok := s.(dialect.Journaler)
	if !ok {
		return &Journal{}
	}
	return &Journal{session: j, store: j.Journal(), file: fileJournal(file)}
}

// Interrupted is a run that did not end well, and what became of its statements.
type Interrupted struct {
	At        string       // when its journal was last written
	Done      []*plan.Step // known to be done
	Happened  *plan.Step   // had started, and is done: its objects are not what they were
	Missed    *plan.Step   // had started, and left its objects as they were
	Remaining []*plan.Step // never started
	// Again are statements on rows, of which no catalog tells, that must run now although no plan would hold them.
	Again []*plan.Step
}

// Steps is the number of statements of the run.
func (i *Interrupted) Steps() int {
	n := len(i.Done) + len(i.Remaining)
	if i.Happened != nil || i.Missed != nil {
		n++
	}
	return n
}

// Interrupted reads what an earlier run left; nil when there is nothing. Of a statement that had started the server is
// asked whether its objects have changed.
func (j *Journal) Interrupted(ctx context.Context) (*Interrupted, error) {
	if j.session == nil {
		return nil, nil
	}
	entries, err := j.store.Read(ctx)
	if err == nil && len(entries) == 0 {
		entries, err = j.file.Read(ctx)
	}
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	out := &Interrupted{}
	for _, e := range entries {
		out.At = max(out.At, e.At)
		switch {
		case e.State == dialect.Done:
			out.Done = append(out.Done, e.Step)
			continue
		case e.State != dialect.Started:
			out.Remaining = append(out.Remaining, e.Step)
		default:
			happened, err := j.happened(ctx, e)
			if err != nil {
				return nil, err
			}
			if happened {
				out.Happened = e.Step
				continue
			}
			out.Missed = e.Step
		}
		if e.Step.Data && !slices.ContainsFunc(out.Remaining, func(s *plan.Step) bool { return s != e.Step && s.Owner == e.Step.Owner }) {
			out.Again = append(out.Again, e.Step)
		}
	}
	return out, nil
}

func (j *Journal) happened(ctx context.Context, e dialect.Entry) (bool, error) {
	if e.Step.Data {
		return false, nil // it does no harm to run it again
	}
	now, err := j.session.Witness(ctx, e.Step)
	return now != e.Witness, err
}

// begin writes down what is going to run.
func (j *Journal) begin(ctx context.Context, steps []*plan.Step) error {
	if j.session == nil {
		return nil
	}
	err := j.store.Begin(ctx, steps)
	if errors.Is(err, dialect.ErrNoJournal) {
		j.store = j.file
		err = j.store.Begin(ctx, steps)
	}
	return err
}

// start writes down that a statement is about to run.
func (j *Journal) start(ctx context.Context, n int, step *plan.Step) error {
	if j.session == nil {
		return nil
	}
	witness, err := j.session.Witness(ctx, step)
	if err != nil {
		return err
	}
	return j.store.Start(ctx, n, witness)
}

func (j *Journal) done(ctx context.Context, n int) error {
	if j.session == nil {
		return nil
	}
	return j.store.Done(ctx, n)
}

// End removes the journal: what it speaks of is complete.
func (j *Journal) End(ctx context.Context) error {
	if j.session == nil {
		return nil
	}
	return errors.Join(j.store.End(ctx), j.file.End(ctx))
}
