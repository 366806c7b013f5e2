// Package migrator runs versioned migrations from a Go program: embed the directory that "schemactl migrate" keeps, and
// apply it when the program starts.
//
//	//go:embed migrations
//	var files embed.FS
//
//	func migrate(ctx context.Context, url string) error {
//		dir, err := fs.Sub(files, "migrations")
//		if err != nil {
//			return err
//		}
//		m, err := migrator.Open(dir, migrator.Options{})
//		if err != nil {
//			return err
//		}
//		_, err = m.Apply(ctx, url)
//		return err
//	}
//
// It does what "schemactl migrate apply" does, on PostgreSQL, MySQL and MariaDB: the same table of revisions (Atlas's
// atlas_schema_revisions, so that programs, schemactl and Atlas can take turns), the same lock (any number of instances may
// start at once: one runs the migrations, the others wait, and find nothing to do), the same checks of atlas.sum, and the
// same care after a kill. docs/migrations.md tells what that is.
//
// The package writes nothing anywhere but into the database, keeps no state of its own, and needs no schemactl on the
// machine. It connects by itself, with two or three connections, which it closes before it returns: the URL is one that
// schemactl takes, as in postgres://user@host:5432/db?search_path=app or mysql://user@host/db. Passwords may stand in it, or
// in the places where PostgreSQL's and MySQL's clients look.
package migrator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/revision"
	"github.com/schemactl/schemactl/internal/run"
)

// Format is the layout of a migration directory: the tool whose files it holds.
type Format string

// The formats.
const (
	Atlas         Format = "atlas" // also schemactl's own
	GolangMigrate Format = "golang-migrate"
	Goose         Format = "goose"
	Flyway        Format = "flyway"
	Liquibase     Format = "liquibase"
	DBMate        Format = "dbmate"
	Sqitch        Format = "sqitch"
)

// TxMode says what is one transaction. A file's own "-- atlas:txmode" counts more.
type TxMode string

// The transaction modes.
const (
	TxFile TxMode = "file" // each file: the default
	TxAll  TxMode = "all"  // all files of a run; not on MySQL and MariaDB, which commit at every DDL statement
	TxNone TxMode = "none" // each statement
)

// ExecOrder says what becomes of files that come before the last one that ran, and did not run.
type ExecOrder string

// The orders.
const (
	Linear     ExecOrder = "linear"      // they are an error: the default
	LinearSkip ExecOrder = "linear-skip" // they are left out
	NonLinear  ExecOrder = "non-linear"  // they run first
)

// Options say how migrations are read and run. The zero value is right for most programs.
type Options struct {
	// Format of the directory; empty: Atlas.
	Format Format
	// RevisionsSchema is the schema (MySQL: database) of the history; empty: that of the URL, or atlas_schema_revisions.
	RevisionsSchema string
	// Baseline is the version that a database without history, which is not empty, has already.
	Baseline string
	// AllowDirty runs all files on a database that has no history and is not empty.
	AllowDirty bool

	// Held runs files that are held back ("-- schemactl:hold REASON" at their top), too: without it Apply stops before them.
	Held bool

	TxMode    TxMode    // empty: TxFile
	ExecOrder ExecOrder // empty: Linear

	// LockTimeout is how long to wait for another run on the same database; zero: 10 seconds.
	LockTimeout time.Duration
	// StatementTimeout is the longest that a statement takes, and StatementLockTimeout the longest that it waits for a lock;
	// zero: as the server has it.
	StatementTimeout, StatementLockTimeout time.Duration
	// Retries is how often a file is tried again after a lock timeout or a deadlock, each time after a longer wait; zero: 3
	// times; less: never.
	Retries int

	// Progress, if set, hears what goes on, in the goroutine of the caller. To log it:
	//
	//	Progress: func(e migrator.Event) { slog.Info("migration", "event", e.String()) }
	Progress func(Event)
}

// Migrator is a migration directory that was read, and how it is to be run. It can be used any number of times, by several
// goroutines and for several databases.
type Migrator struct {
	dir     *migrate.Dir
	options Options
}

// Open reads a migration directory: the files at the root of fsys, with their atlas.sum, which they must fit.
func Open(fsys fs.FS, o Options) (*Migrator, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	dir, err := migrate.OpenFS(fsys, "migrations", migrate.Format(o.Format))
	if err == nil {
		err = dir.Ready()
	}
	if err != nil {
		return nil, wrap(context.Background(), err)
	}
	return &Migrator{dir: dir, options: o}, nil
}

func (o Options) check() error {
	switch o.TxMode {
	case "", TxFile, TxAll, TxNone:
	default:
		return &Error{text: fmt.Sprintf("there is no transaction mode %q", o.TxMode), Code: "tx-mode"}
	}
	switch o.ExecOrder {
	case "", Linear, LinearSkip, NonLinear:
	default:
		return &Error{text: fmt.Sprintf("there is no execution order %q", o.ExecOrder), Code: "exec-order"}
	}
	return nil
}

// Apply runs all pending migrations on the database. On failure the error is an *Error that tells where it stopped, and the
// result holds what was applied before; calling Apply again, once the cause is mended, goes on there. Canceling the context
// ends the statement at work, and leaves the history true.
func (m *Migrator) Apply(ctx context.Context, url string) (*Result, error) {
	return m.apply(ctx, url, "")
}

// ApplyTo is Apply up to a version.
func (m *Migrator) ApplyTo(ctx context.Context, url, version string) (*Result, error) {
	return m.apply(ctx, url, version)
}

// Status tells which migrations the database has. It changes nothing.
func (m *Migrator) Status(ctx context.Context, url string) (_ *Status, err error) {
	c, err := m.connect(ctx, url)
	if err != nil {
		return nil, wrap(ctx, err)
	}
	defer func() { err = wrap(ctx, errors.Join(err, c.session.Close())) }()
	s, err := m.look(ctx, c)
	if err != nil {
		return nil, err
	}
	return statusOf(s), nil
}

// connection is a database at hand.
type connection struct {
	dialect dialect.Dialect
	session dialect.Session
	history dialect.History
}

func (m *Migrator) connect(ctx context.Context, raw string) (*connection, error) {
	u, err := dburl.Parse(raw)
	if err != nil {
		return nil, err
	}
	c := &connection{dialect: postgres.Dialect{}}
	if u.Dialect == dburl.MySQL {
		c.dialect = mysql.Dialect{}
	}
	if c.session, err = c.dialect.Connect(ctx, u); err != nil {
		return nil, cmp.Or(ctx.Err(), err)
	}
	h, ok := c.session.(dialect.Historian)
	if !ok {
		return nil, errors.Join(errors.New("internal error: the dialect keeps no history"), c.session.Close())
	}
	c.history = h.History(m.options.RevisionsSchema)
	return c, nil
}

func (m *Migrator) look(ctx context.Context, c *connection) (*revision.Survey, error) {
	revisions, err := c.history.Read(ctx)
	if err != nil {
		return nil, err
	}
	return revision.Look(m.dir, revisions)
}

func (m *Migrator) apply(ctx context.Context, url, to string) (_ *Result, err error) {
	out := &Result{}
	c, err := m.connect(ctx, url)
	if err != nil {
		return out, wrap(ctx, err)
	}
	defer func() { err = wrap(ctx, errors.Join(err, c.session.Close())) }()
	wait := cmp.Or(m.options.LockTimeout, 10*time.Second)
	unlock, err := c.history.Lock(ctx, run.LockName, wait, m.tell)
	if err != nil {
		return out, err
	}
	defer func() {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if unlockErr := unlock(clean); err == nil {
			err = unlockErr
		}
	}()
	s, err := m.look(ctx, c)
	if err != nil {
		return out, err
	}
	work, err := m.decide(ctx, c, s, to)
	if err != nil {
		return out, err
	}
	list, err := revision.Prepare(c.dialect, s, work.Files, migrate.TxMode(m.options.TxMode))
	if err != nil {
		return out, err
	}
	m.doubts(s, work)
	if work.Held != nil {
		out.Held = filesOf(append([]*migrate.File{work.Held}, work.Behind...))
		m.tell(fmt.Sprintf("held back: %s, %s", work.Held.Name, work.Held.Hold))
	}
	if len(list) == 0 && work.Baseline == nil {
		return out, nil
	}
	return out, m.run(ctx, c, work, list, out)
}

func (m *Migrator) decide(ctx context.Context, c *connection, s *revision.Survey, to string) (*revision.Work, error) {
	o := revision.Options{Order: revision.Order(m.options.ExecOrder), Baseline: m.options.Baseline, AllowDirty: m.options.AllowDirty, Held: m.options.Held, To: to}
	if s.Last != nil {
		o.Baseline, o.AllowDirty = "", false // they are for the first time
	}
	found := ""
	if s.Last == nil && !o.AllowDirty {
		var err error
		if found, err = c.history.Found(ctx); err != nil {
			return nil, err
		}
		if found == "" {
			o.Baseline = "" // a new database has nothing yet
		}
	}
	return revision.Decide(s, found, o)
}

func (m *Migrator) run(ctx context.Context, c *connection, work *revision.Work, list []*revision.Migration, out *Result) error {
	retries := max(cmp.Or(m.options.Retries, 3), 0)
	r := &revision.Run{
		Dialect: c.dialect, History: c.history, TxMode: migrate.TxMode(cmp.Or(m.options.TxMode, TxFile)), Operator: "schemactl migrator",
		Retries: retries, Tell: m.tell,
		Start: func(one *revision.Migration, _ time.Duration) { m.event(Event{Kind: Started, File: fileOf(one.File)}) },
		End: func(one *revision.Migration, took time.Duration) {
			done := Applied{File: fileOf(one.File), Statements: len(one.Statements), Took: took}
			out.Applied = append(out.Applied, done)
			m.event(Event{Kind: Finished, File: done.File, Took: took})
		},
	}
	if err := c.history.Ensure(ctx); err != nil {
		return err
	}
	if err := c.history.Limit(ctx, m.options.StatementTimeout, m.options.StatementLockTimeout); err != nil {
		return err
	}
	if work.Baseline != nil {
		if err := r.Baseline(ctx, work.Baseline); err != nil {
			return err
		}
		out.Baseline = work.Baseline.Version
	}
	err := r.Apply(ctx, list)
	if err != nil && r.TxMode == migrate.TxAll {
		out.Applied = nil // rolled back
	}
	return err
}

// doubts tells what does not fit, and does not stop a run.
func (m *Migrator) doubts(s *revision.Survey, work *revision.Work) {
	for _, f := range work.Skipped {
		m.tell(fmt.Sprintf("left out: %s comes before %s, which is applied", f.Name, s.Last.Version))
	}
	for _, f := range s.Edited {
		m.tell(fmt.Sprintf("warning: %s, or a file before it, is not what it was when it was applied", f.Name))
	}
}

func (m *Migrator) tell(text string) { m.event(Event{Kind: Note, Message: text}) }

func (m *Migrator) event(e Event) {
	if m.options.Progress != nil {
		m.options.Progress(e)
	}
}
