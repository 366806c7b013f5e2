package migrator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/revision"
)

// File is a migration of the directory.
type File struct {
	Name        string // 20260131090000_add_users.sql
	Version     string // 20260131090000
	Description string // add_users
}

func fileOf(f *migrate.File) File { return File{Name: f.Name, Version: f.Version, Description: f.Desc} }

func filesOf(list []*migrate.File) []File {
	var out []File
	for _, f := range list {
		out = append(out, fileOf(f))
	}
	return out
}

// Applied is a migration that Apply ran.
type Applied struct {
	File
	Statements int // of the file
	Took       time.Duration
}

// Result is what Apply did.
type Result struct {
	Applied []Applied // in the order in which they ran; those of a transaction that failed are not among them
	// Baseline is the version that the history of the database now begins at, if Apply wrote that.
	Baseline string
	// Held are the migrations that did not run because the first of them is held back; see Options.Held.
	Held []File
}

// EventKind says what an Event tells.
type EventKind string

// The kinds of events.
const (
	Started  EventKind = "started"  // a migration starts
	Finished EventKind = "finished" // and is done
	Note     EventKind = "note"     // something to know
)

// Event is something that happens while migrations run.
type Event struct {
	Kind    EventKind
	File    File          // of Started and Finished
	Took    time.Duration // of Finished
	Message string        // of Note
}

// String is the event for people.
func (e Event) String() string {
	switch e.Kind {
	case Started:
		return e.File.Name + " starts"
	case Finished:
		return fmt.Sprintf("%s is applied (%s)", e.File.Name, e.Took.Round(time.Millisecond))
	}
	return e.Message
}

// State is what the history says of a migration.
type State string

// The states.
const (
	StateApplied  State = "applied"
	StateBaseline State = "baseline"     // the database had it when its history began
	StateSet      State = "manually set" // somebody said that it is applied
	StateHalf     State = "half done"    // it stopped midway; Apply goes on there
	StateUndoing  State = "being undone" // "schemactl migrate down" stopped midway, and must finish first
)

// Revision is a migration in the history of a database.
type Revision struct {
	Version     string
	Description string
	State       State
	// Done counts the statements that have run, of Total.
	Done, Total int
	At          time.Time
	Error       string // why it stopped
}

// Status is a directory held against the history of a database.
type Status struct {
	Current string // the last version that is applied, or begun; empty: none
	// Applied is the history, in the order of the versions.
	Applied []Revision
	// Pending are the files that Apply would run, in order; those that are half done come first.
	Pending []File
	// OutOfOrder are those of the pending ones that come before Current: see Options.ExecOrder.
	OutOfOrder []File
	// Edited is the first file that is not what it was when it was applied, if there is one.
	Edited []File
	// Missing are versions that are applied, and have no file.
	Missing []string
}

func statusOf(s *revision.Survey) *Status {
	out := &Status{Pending: filesOf(s.Pending()), OutOfOrder: filesOf(s.OutOfOrder), Edited: filesOf(s.Edited)}
	if s.Last != nil {
		out.Current = s.Last.Version
	}
	for i := range s.Revisions {
		r := &s.Revisions[i]
		one := Revision{Version: r.Version, Description: r.Description, State: StateApplied, Done: r.Applied, Total: r.Total, At: r.ExecutedAt, Error: r.Error}
		done, total, _, undoing := r.BeingUndone()
		switch {
		case undoing:
			one.State, one.Done, one.Total = StateUndoing, len(done), total
		case r.Partial():
			one.State = StateHalf
		case r.Type == dialect.Baseline:
			one.State = StateBaseline
		case r.Type&dialect.Resolved != 0:
			one.State = StateSet
		}
		out.Applied = append(out.Applied, one)
		if slices.ContainsFunc(s.Missing, func(m dialect.Revision) bool { return m.Version == r.Version }) {
			out.Missing = append(out.Missing, r.Version)
		}
	}
	return out
}

// Error is what the functions of this package fail with. Its text is complete: place, message, code and what to do.
type Error struct {
	// Code names the fault: file-edited, out-of-order, not-clean, locked, "SQLSTATE 42P01", "MySQL 1062", "MariaDB 1062"; empty: it has none.
	Code string
	// Path, Line and Column are the place, where the fault has one.
	Path         string
	Line, Column int

	// Version and File are the migration that stopped; empty: none had begun.
	Version, File string
	// Statement is the one that failed.
	Statement string
	// StatementsDone counts those of the migration that ran before it, and stay; -1: it is not known, as the connection is
	// gone. The history knows.
	StatementsDone int
	// Left are the migrations that were not run. Sent are those of which that is not known either: they were sent together
	// with the one that stopped.
	Left, Sent []File

	text string
	err  error
}

func (e *Error) Error() string { return e.text }

// Unwrap is the cause, for errors.Is with context.Canceled and context.DeadlineExceeded.
func (e *Error) Unwrap() error { return e.err }

// wrap makes an Error of any other.
func wrap(ctx context.Context, err error) error {
	var done *Error
	if err == nil || errors.As(err, &done) {
		return err
	}
	e := &Error{text: err.Error(), err: cause(ctx, err)}
	var f *revision.Failure
	if errors.As(err, &f) {
		e.Version, e.File, e.StatementsDone = f.Migration.File.Version, f.Migration.File.Name, f.Applied
		for _, m := range f.Left {
			e.Left = append(e.Left, fileOf(m.File))
		}
		for _, m := range f.Sent {
			e.Sent = append(e.Sent, fileOf(m.File))
		}
		if f.Statement != nil {
			e.Statement = revision.Shown(*f.Statement)
			e.Path, e.Line, e.Column = f.Statement.Pos.File, f.Statement.Pos.Line, f.Statement.Pos.Column
		}
	}
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		e.Code = d.Code
		if d.Pos.File != "" {
			e.Path, e.Line, e.Column = d.Pos.File, d.Pos.Line, d.Pos.Column
		}
	}
	return e
}

// cause keeps what callers can ask for, and none of the types of this module's inside.
func cause(ctx context.Context, err error) error {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return known
		}
	}
	return ctx.Err() // a driver, or the server that it asked to stop, tells the end of the context in words of its own
}
