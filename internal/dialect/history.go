package dialect

import (
	"context"
	"strings"
	"time"
)

// RevisionsTable is the name of the table that holds the history of migrations, and of its schema where the connection
// is bound to none. Both are Atlas's, so that either tool goes on where the other stopped.
const RevisionsTable = "atlas_schema_revisions"

// AtlasLock is the name of the lock that Atlas holds while it runs migrations.
const AtlasLock = "atlas_migrate_execute"

// AtlasIdentifier is the version of a row that Atlas keeps for itself: no migration.
const AtlasIdentifier = ".atlas_cloud_identifier"

// RevisionType says how a migration came into the history; the values are Atlas's, and can be combined.
type RevisionType uint

// The types of revisions.
const (
	Baseline RevisionType = 1 << iota // stands for all before it: the database had them already
	Executed                          // was run
	Resolved                          // a person said that it is applied
	Undoing                           // is being undone: schemactl's own, and no longer there when that is done
)

// Revision is a migration in the history of a database.
type Revision struct {
	Version     string
	Description string
	Type        RevisionType
	// Applied counts the statements that are done, of Total.
	Applied, Total int
	ExecutedAt     time.Time
	ExecutionTime  time.Duration
	Error          string // why it stopped
	ErrorStmt      string // and at which statement
	Hash           string // of the file, and all before it: that of atlas.sum
	PartialHashes  []string
	Operator       string // the tool that wrote it
}

// Partial reports whether statements of the migration are still to be run.
func (r *Revision) Partial() bool { return r.Applied != r.Total }

// undoneByFile and undoneByPlan stand before the hashes of the statements that undo a migration. Atlas finds none of them
// in its file, and refuses to go on there.
const (
	undoneByFile = "undone by its own statements"
	undoneByPlan = "undone by a plan"
)

// Undone is the entry of a migration while it is undone, when some of the statements that do it are done. It counts
// those and the entry itself, which goes last. Planned says that they were made of states.
func (r Revision) Undone(done []string, total int, planned bool) *Revision {
	mark := undoneByFile
	if planned {
		mark = undoneByPlan
	}
	r.Type |= Undoing
	r.PartialHashes = append([]string{mark}, done...)
	r.Applied, r.Total = len(r.PartialHashes), total+2
	r.Error, r.ErrorStmt = "", ""
	return &r
}

// BeingUndone tells how far a migration is undone: the hashes of the statements that are done, how many there are, and
// whether they were made of states.
func (r *Revision) BeingUndone() (done []string, total int, planned, ok bool) {
	if r.Type&Undoing == 0 || len(r.PartialHashes) == 0 {
		return nil, 0, false, r.Type&Undoing != 0
	}
	return r.PartialHashes[1:], r.Total - 2, r.PartialHashes[0] == undoneByPlan, true
}

const startedMark = "schemactl: the statement was started, and nothing says how it ended"

// Starting is the revision while a statement runs that cannot share a transaction with its entry: the error says so, and
// keeps the witness. Atlas takes it for an error, and would run the statement again.
func (r Revision) Starting(sql, witness string) *Revision {
	r.Error, r.ErrorStmt = startedMark+" ["+witness+"]", sql
	return &r
}

// Started reports whether a statement was started whose end is not written down, and what the server told of its
// objects before.
func (r *Revision) Started() (witness string, ok bool) {
	rest, ok := strings.CutPrefix(r.Error, startedMark+" [")
	if !ok || !r.Partial() {
		return "", false
	}
	witness, _, _ = strings.Cut(rest, "]")
	return witness, true
}

// Historian is a session that keeps the history of migrations.
type Historian interface {
	// History is the one in a schema (MySQL: a database); empty: where Atlas puts it.
	History(schema string) History
}

// History is the history of migrations in a database, and the way in which migrations run so that it tells the truth
// whatever is killed at whatever moment.
type History interface {
	// Table is the name of its table, for messages.
	Table() string
	// Read returns the revisions, in the order of their versions; none when there is no table.
	Read(ctx context.Context) ([]Revision, error)
	// Ensure makes the table.
	Ensure(ctx context.Context) error
	// Write adds or replaces revisions, all or none.
	Write(ctx context.Context, revisions ...*Revision) error
	// Delete takes revisions out, all or none.
	Delete(ctx context.Context, versions ...string) error
	// Found names something that the database holds beside its history; empty when there is nothing.
	Found(ctx context.Context) (string, error)
	// Holds runs a query and reports whether it returned one row with one true value.
	Holds(ctx context.Context, query string) (bool, error)
	// Lock is Session.Lock for runs of migrations, whatever stands between schemactl and the server, and Atlas's lock
	// with it. Waiting holds nothing that others wait for in turn. What else is to be known of the locks is told.
	Lock(ctx context.Context, name string, timeout time.Duration, tell func(string)) (unlock func(context.Context) error, err error)
	// Limit bounds what a statement may take, and what it may wait for locks; zero: as the server has it.
	Limit(ctx context.Context, statement, lock time.Duration) error

	// Hear has what the server says beside its answers, as NOTICE and WARNING, told from now on; nil: no longer. MySQL says
	// nothing unasked.
	Hear(tell func(string))

	// Begin opens the transaction of a file, or of several.
	Begin(ctx context.Context) error
	// Run runs a statement. Within a transaction of Begin before is the revision as it will be if only the statements
	// before this one are done, and after if this one is done, too; what of them is written down when is the
	// dialect's. Otherwise the statement and its entry in the history are one transaction; where that is not possible
	// the history says beforehand that the statement has started.
	Run(ctx context.Context, s *Progress) error
	// RunWhole does at once what Run does for each statement of a file of a transaction of Begin, and Finish or Forget at
	// its end. It is not ok, and has done nothing, where they must go one by one. With an error done counts the
	// statements before the one that failed; that are all if it was the end.
	RunWhole(ctx context.Context, w *Whole) (done int, ok bool, err error)
	// RunSeveral runs the first of some files of which nothing has run, each as RunWhole does and in a transaction of its
	// own, in one go; none, and without an error, where the first must go alone. took has those that are committed; an
	// error is of the one behind them, of which done statements were done. When the connection is lost, took may lack some.
	RunSeveral(ctx context.Context, files []*Whole) (took []time.Duration, done int, err error)
	// Finish ends what the file set in its session and writes its revision. Unless more files are to come into the
	// same transaction it commits.
	Finish(ctx context.Context, r *Revision, commit bool) error
	// Forget is Finish for migrations that were undone: it takes their revisions out.
	Forget(ctx context.Context, versions []string) error
	// Rollback ends the transaction and what it set.
	Rollback(ctx context.Context) error

	// Judge tells what became of the statement that a revision says was started.
	Judge(ctx context.Context, r *Revision, s Statement) (Verdict, error)
	// Transient reports whether an error goes away by itself: a lock timeout, a deadlock.
	Transient(err error) bool
	// Lost reports whether an error means that the connection is gone.
	Lost(err error) bool
	// Missing reports whether an error means that its table is not there; Gone asks, and is true only if that is known.
	Missing(err error) bool
	Gone(ctx context.Context) bool
}

// Progress is a statement of a migration that is to run.
type Progress struct {
	Statement     Statement
	Shown         string // the statement as the history may show it: without secrets
	Before, After *Revision
	// Framed means that a transaction of Begin is open.
	Framed bool
	// Last means that Finish follows, whose entry is that of this statement too.
	Last bool
	// Tell hears what else was done.
	Tell func(string)
}

// Whole is a file that runs as a whole, with its end.
type Whole struct {
	Statements []Statement
	// Entry is the revision that its end writes; the time that the statements take is added to the entry's.
	Entry *Revision
	// New means that the history has no entry of that version.
	New bool
	// Forget are the revisions that its end takes out instead.
	Forget []string
	Commit bool
}

// Verdict is what became of a statement whose end nobody wrote down.
type Verdict struct {
	// Done, Again (it left nothing behind, or can run once more) or neither: a person must look.
	Done, Again bool
	// Why says what the catalog shows.
	Why string
}

// Migrating is a dialect that knows which statements matter to a run of migrations.
type Migrating interface {
	// Frames names the command of a statement that begins or ends a transaction; empty for all others.
	Frames(sql string) string
	// ForSession reports whether a statement only changes the session, so that it runs again when a file is resumed.
	ForSession(sql string) bool
	// Halves reports whether a statement that the server fails may have done a part of its work.
	Halves(sql string) bool
	// Forbidden says why a statement cannot be in a migration; empty: it can.
	Forbidden(sql string) string
	// Leaves names what a statement leaves in the session that cannot be made again by running it once more: temporary
	// tables, and variables that depend on what went before.
	Leaves(sql string) []string
	// WholeRun reports whether files can share a transaction.
	WholeRun() bool
}
