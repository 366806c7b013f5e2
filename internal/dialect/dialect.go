// Package dialect is what features may ask of a database's dialect, so that none of them ever asks which one it is.
package dialect

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/statement"
)

// Dialect is one family of servers: PostgreSQL, or MySQL with MariaDB.
type Dialect interface {
	// Name is "postgres" or "mysql".
	Name() string
	// Kinds are the kinds of objects that the dialect manages.
	Kinds() *kind.Set
	// Connect opens one session; its errors are for the user and hold no password.
	Connect(ctx context.Context, url *dburl.URL) (Session, error)
	// Build makes the state of a catalog; it is pure.
	Build(c *catalog.Catalog, scope Scope) (*object.State, error)
	// Split cuts SQL text into statements with their places.
	Split(text []byte, file string) ([]Statement, error)
	// Groups are the kinds that users can leave alone, or turn on, under names of their own.
	Groups() []Group
	// Segments groups ordered steps into what runs together: a transaction each, or one statement outside any.
	Segments(steps []*plan.Step) []plan.Segment
}

// Group is kinds that are managed, or left alone, together.
type Group struct {
	// Names are what users call it; the first is what schemactl does: "views", "view".
	Names []string
	Kinds []string
	// Off groups are not managed unless asked for: they reach beyond the objects of the database.
	Off bool
}

// Scope limits what a state holds; the zero Scope is the whole database or server.
type Scope struct {
	// Schemas lists the schemas (MySQL: databases) that are wanted; empty: all.
	Schemas []string `json:"schemas,omitempty"`
	// Bound means that the connection itself is bound to the one schema listed (?search_path=x, a MySQL URL with a
	// database): statements without a schema mean it, and HCL's only schema block does, whatever its label.
	Bound bool `json:"bound,omitempty"`
	// Thorough asks for what no server heeds, too, so that it can be written down: it is no part of plans, and takes time.
	Thorough bool `json:"-"`
	// Watched asks for the facts that no plan changes, too.
	Watched bool `json:"watched,omitempty"`
	// With lists the kinds of groups that are off by themselves and were turned on.
	With []string `json:"with,omitempty"`
	// History is the schema that holds the history of migrations; empty: where Atlas puts it. Only replays ask.
	History string `json:"-"`
}

// Has reports whether a kind that is off by itself was turned on.
func (s Scope) Has(kind string) bool { return slices.Contains(s.With, kind) }

// Server tells which server a session talks to.
type Server struct {
	Dialect string `json:"dialect"`
	Flavor  string `json:"flavor"`  // "postgres", "mysql", "mariadb"
	Version string `json:"version"` // as the server reports it
	Major   int    `json:"major"`
	Minor   int    `json:"minor"`
	Patch   int    `json:"patch,omitempty"`
	// Variant names the server of another maker that speaks the dialect, such as tidb; empty: the genuine one.
	Variant string `json:"variant,omitempty"`
	// Settings change what a desired state means on this server, such as sql_mode.
	Settings map[string]string `json:"settings,omitempty"`
	// Identity is equal for two sessions exactly when they talk to the same database of the same server.
	Identity string `json:"identity"`
	// User is who the session acts as, where that decides what a state means.
	User string `json:"-"`
}

// Resolver is a dialect in which some of what is declared means something else on a database: a privilege of a role, where
// that role owns the object.
type Resolver interface {
	// Resolve returns the desired state as it is told apart on the database of the current one. It changes neither state.
	Resolve(current, desired *object.State, server Server) *object.State
}

// Resolve returns the desired state as it is told apart on the database of the current one.
func Resolve(d Dialect, current, desired *object.State, server Server) *object.State {
	if r, ok := d.(Resolver); ok {
		return r.Resolve(current, desired, server)
	}
	return desired
}

// Likener is a dialect in which a likeness of a database needs what its state leaves open, for the statements of a plan.
type Likener interface {
	// Likeness returns the whole state of a database as a copy of it is made, where a plan leads to the others. It changes none.
	Likeness(whole *object.State, others ...*object.State) *object.State
}

// Planned is the server as plans see it.
func (s Server) Planned() kind.Server {
	mode, known := s.Settings["sql_mode"]
	lenient := known && !strings.Contains(mode, "STRICT_") && !strings.Contains(mode, "TRADITIONAL")
	return kind.Server{Flavor: s.Flavor, Variant: s.Variant, Version: [3]int{s.Major, s.Minor, s.Patch}, Lenient: lenient}
}

// Explicit is a dialect that can write how a statement runs into the statement, so that the server refuses another way.
type Explicit interface {
	Explicit(steps []*plan.Step)
}

// Surveyor is a session that knows what no catalog of objects tells: how large the tables are that a plan goes through.
type Surveyor interface {
	Survey(ctx context.Context, steps []*plan.Step) error
}

// Limited is a session whose statements can be held to limits, so that nobody waits long for what waits itself.
type Limited interface {
	// Limit holds the statements that follow, up to the next call, to these limits; zero: to those of the server. In a
	// transaction that is rolled back it is undone.
	Limit(ctx context.Context, statement, lock time.Duration) error
	// Transient reports whether an error goes away by itself: a lock timeout, a deadlock.
	Transient(err error) bool
	// Tidy takes away what a statement that failed left behind, and returns what that was; empty: nothing.
	Tidy(ctx context.Context, step *plan.Step) (string, error)
}

// Batcher is a session that can run a statement on many rows in pieces, each of which commits.
type Batcher interface {
	// Batch runs a statement that asks for it, and reports whether it does. tell hears how it goes; nil: nobody does.
	Batch(ctx context.Context, text string, tell func(string)) (bool, error)
}

// Measurer is a session that knows how many rows its tables hold, as the server estimates it.
type Measurer interface {
	Measure(ctx context.Context) (map[object.ID]int64, error)
}

// Scripter is a dialect whose servers' own clients need more than a semicolon behind a statement.
type Scripter interface {
	// ForClient spells a statement for a script that such a client runs, with all that ends it.
	ForClient(sql string) string
}

// Splitter is a dialect that can split changes into statements that let others go on reading and writing.
type Splitter interface {
	// Ways lists how, by the names under which each can be turned off.
	Ways() []Way
}

// Way is one way to split a change.
type Way struct {
	Name string
	Why  string // what it is good for
}

// Statement is a piece of SQL and where it was written.
type Statement struct {
	SQL string
	Pos diag.Pos
	// Margins count the characters that stand before each of its lines in the file, where it was written as a comment.
	Margins []int
	// Comments stand before the statement in its file.
	Comments []string
	// Object names what the statement makes, where that is known.
	Object object.ID
	// Optional statements may fail.
	Optional bool
	// Single statements are known to be one each: they were cut from their file, or made for an object.
	Single bool
	// Settings are the statements before this one, in its file and those before, that set something for the session.
	Settings string
}

// Margin is how far a line of the statement is moved in its file.
func (s *Statement) Margin(line int) int {
	if line < 1 || line > len(s.Margins) {
		return 0
	}
	return s.Margins[line-1]
}

// Script is a migration to be replayed.
type Script struct {
	Statements []Statement
	NoTx       bool // its statements run outside a transaction
	Joined     bool // it is one transaction with the scripts beside it
}

// Statements gives the pieces of a file their places.
func Statements(pieces []statement.Piece, text, file string) []Statement {
	out := make([]Statement, 0, len(pieces))
	line, seen := 1, 0
	for _, p := range pieces {
		line += strings.Count(text[seen:p.Offset], "\n")
		seen = p.Offset
		column := p.Offset - strings.LastIndexByte(text[:p.Offset], '\n')
		out = append(out, Statement{SQL: p.Text, Pos: diag.Pos{File: file, Line: line, Column: column}, Comments: p.Comments, Single: true})
	}
	return out
}

// ErrMissing is what errors of Load are when a statement names an object that is not there.
var ErrMissing = errors.New("a statement names an object that is not there")

// ErrNoColumn is what errors are besides when that object is a column.
var ErrNoColumn = errors.New("a statement names a column that is not there")

// Session is one connection to a database. Its methods must not be called concurrently.
type Session interface {
	Server() Server
	// Inspect reads the catalogs in one consistent snapshot.
	Inspect(ctx context.Context, scope Scope) (*catalog.Catalog, error)
	// Load brings the statements into the database, which must be empty, reads its catalogs, and leaves it empty.
	Load(ctx context.Context, statements []Statement, scope Scope) (*catalog.Catalog, error)
	// Replay loads the base as Load does, runs the scripts on top of it in their order, as a database of users would,
	// reads the catalogs, and leaves the database empty. What a script sets in its session ends with it.
	Replay(ctx context.Context, base []Statement, scripts []Script, scope Scope) (*catalog.Catalog, error)
	// Lock takes the named lock of schemactl on the database, so that two runs cannot interleave. It waits no longer
	// than timeout; the lock ends with the session at the latest.
	Lock(ctx context.Context, name string, timeout time.Duration) (unlock func(context.Context) error, err error)
	// Transactional reports whether DDL can be rolled back.
	Transactional() bool
	// Begin, Commit and Rollback frame a segment.
	Begin(ctx context.Context) error
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
	// Exec runs one statement. Server faults come back as *diag.Diagnostic with the server's code.
	Exec(ctx context.Context, sql string) error
	Close() error
}

// Imitator is a session that can take on the settings of another server which change what statements mean, such as
// MySQL's sql_mode. It refuses what cannot be imitated.
type Imitator interface {
	Imitate(ctx context.Context, settings map[string]string) error
}

// Steady is a session that statements outside of transactions can be kept steady in: settings of the database or the role
// that would make something else of them are given their usual values.
type Steady interface {
	Steady(ctx context.Context) error
}

// Ignorer is a dialect that can leave some sorts of differences as they are where the user asks for it.
type Ignorer interface {
	// Ignorable lists the sorts.
	Ignorable() []string
	// Ignore returns the desired state with what the current one has of the named sorts. It changes neither state.
	Ignore(current, desired *object.State, sorts []string) *object.State
}

// Remote is a dialect some of whose objects reach out to other servers as soon as they are made, such as subscriptions:
// no dev database and no trial ever makes them.
type Remote interface {
	// ReachesOut reports whether a top-level object is such.
	ReachesOut(id object.ID) bool
}

// AtHome returns the state without what reaches out to other servers.
func AtHome(d Dialect, s *object.State) *object.State {
	r, ok := d.(Remote)
	if !ok || s == nil || !slices.ContainsFunc(s.All(), func(o *object.Object) bool { return r.ReachesOut(o.ID) }) {
		return s
	}
	return s.Filter(func(o *object.Object) (bool, string) {
		return !r.ReachesOut(o.ID), "schemactl: it reaches out to another server"
	})
}

// Beyond is a dialect whose databases hold objects outside of all schemas, such as PostgreSQL's event triggers.
type Beyond interface {
	// BeyondSchemas reports whether a top-level object is such.
	BeyondSchemas(id object.ID) bool
}
