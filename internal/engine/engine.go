// Package engine is the pipeline of values: sources become states, two states become changes, changes become a plan.
// It asks dialects and sources and decides nothing about either.
package engine

import (
	"cmp"
	"context"
	"io"
	"maps"
	"slices"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/online"
	"github.com/schemactl/schemactl/internal/selection"
	"github.com/schemactl/schemactl/internal/source"
)

// DevRequest asks for a dev database.
type DevRequest struct {
	Choice string         // what the user chose; "" is automatic
	Server dialect.Server // what it must be like
	Target *dburl.URL     // where a scratch database can be made; nil without a live target
	Own    bool           // what is committed there must go again: a database that is emptied or dropped afterwards
	// Watched asks that the server, where it is started for this, tells what its sessions lock.
	Watched bool
}

// DevDatabase is an empty dev database.
type DevDatabase struct {
	URL       *dburl.URL
	Exclusive bool         // nobody else uses its server
	Close     func() error // gives it back
}

// OpenDev opens an empty dev database.
type OpenDev func(ctx context.Context, r DevRequest) (*DevDatabase, error)

// Engine holds what all commands share.
type Engine struct {
	Dialect func(name string) (dialect.Dialect, error)
	OpenDev OpenDev
	Cache   *source.Cache // nil: nothing is cached
	Stdin   io.Reader
	Notify  func(string) // short announcements for people
	Scripts source.OpenScripts
	Env     dburl.Env
}

// Request says which database and which desired state are meant.
type Request struct {
	URL             string
	Said            diag.Pos   // where a project file says the URL, if one does
	At              *dburl.URL // what URL means, where that is known; nil: it is parsed
	To              []string
	Dev             string
	Schemas         []string
	Include         []string
	Exclude         []string
	Manage          []Switch
	Skip            []SkipRule
	Policy          kind.Policy
	BySize          bool // split changes of tables with more rows than Policy.Online.Over
	Explicit        bool // write into the statements how they are to run
	Online          online.Config
	Ignore          []string // sorts of differences that are left as they are, such as column-order
	Vars            source.Vars
	Given           source.Given
	Data            map[string]source.Data
	PasswordCommand []string
	ChangedSince    string   // a git revision: only what differs from it is planned
	Renames         []string // kind:old=new: objects that are to have other names
	Watched         bool     // facts are asked for that no plan changes
	History         string   // the schema of the history of migrations; empty: where Atlas puts it
}

// Job is a request at work: a session with the target, and the states as they are read.
type Job struct {
	Dialect dialect.Dialect
	Session dialect.Session
	Scope   dialect.Scope

	engine  *Engine
	request Request
	url     *dburl.URL
	matcher *selection.Matcher
	alone   map[string]string // kinds to leave alone, with the rule that says so
	// offline is the server of a live state that was read from a snapshot; nil where there is a session.
	offline *dialect.Server
	blind   bool // that snapshot has no facts
	// read reads the current state, where that is not the state of the session's database.
	read func(context.Context) (*object.State, error)
	// dev opens the dev database.
	dev   source.Dev
	close func() error // ends more than the session
	// like are the settings of the target, where the session is with a dev database that stands in for it.
	like   map[string]string
	agreed []Asked // renames that the user agreed to when asked
	// leave, if set, names changes that are left out of plans.
	leave func(kind.Change) bool
	// reads is the desired state as its source has it, when the plan renames objects and the source cannot declare all:
	// what it cannot declare is compared with what the renames made of it.
	reads *source.Desired
}

// Open connects to the target of a request. The caller closes the job.
func (e *Engine) Open(ctx context.Context, r Request) (*Job, error) {
	if r.URL == "" {
		if r.Said != (diag.Pos{}) {
			return nil, diag.Errorf(r.Said, "no-url", "the url is empty here, so no database is named").
				WithHint("set the variable that it reads, or give --url")
		}
		return nil, diag.Errorf(diag.Pos{}, "no-url", "no database is named").
			WithHint("give --url postgres://user@host/db, or --env with a url in atlas.hcl")
	}
	u := r.At
	if u == nil {
		var err error
		if u, err = e.parse(r.URL, r.PasswordCommand); err != nil {
			return nil, err
		}
	}
	var err error
	j := &Job{engine: e, request: r, url: u}
	if j.Dialect, err = e.Dialect(u.Dialect); err != nil {
		return nil, err
	}
	if err := j.bind(u.Schema()); err != nil {
		return nil, err
	}
	if err := cmp.Or(checkIgnore(j.Dialect, r.Ignore), checkWays(j.Dialect, r.Policy.Online.Without)); err != nil {
		return nil, err
	}
	j.dev = func(ctx context.Context) (dialect.Session, func() error, error) {
		return e.dev(ctx, j.Dialect, DevRequest{Choice: r.Dev, Server: j.Session.Server(), Target: u})
	}
	j.Session, err = j.Dialect.Connect(ctx, u)
	return j, err
}

// bind sets the scope: the schema that the URL is bound to, if it is, or the schemas of the request.
func (j *Job) bind(schema string) (err error) {
	r := j.request
	j.Scope = dialect.Scope{Schemas: r.Schemas, Watched: r.Watched}
	if schema != "" {
		if len(r.Schemas) > 0 {
			return diag.Errorf(diag.Pos{}, "two-scopes", "--schema cannot be combined with a URL that is bound to the schema %q", schema).
				WithHint("leave out one of them")
		}
		j.Scope = dialect.Scope{Schemas: []string{schema}, Bound: true, Watched: r.Watched}
	}
	j.Scope.History = r.History
	m, err := manage(j.Dialect, r.Manage)
	if err != nil {
		return err
	}
	j.alone, j.Scope.With = m.alone, m.with
	j.matcher, err = selection.Compile(selection.Options{Schema: schema, Schemas: r.Schemas, Include: r.Include, Exclude: r.Exclude})
	return err
}

// knowSchemas refuses the name of a schema that no state has: it is misspelt, and all would be well for ever.
func (j *Job) knowSchemas(states ...*object.State) error {
	for _, name := range j.request.Schemas {
		if selected, _ := j.matcher.Match("schema", "", "", name); !selected {
			continue // left out by a glob
		}
		if !slices.ContainsFunc(states, func(s *object.State) bool { return s.Has(object.ID{Kind: "schema", Name: name}) }) {
			return diag.Errorf(diag.Pos{}, "unknown-schema", "there is no schema %q", name).
				WithHint("check the spelling in --schema, or in schemas of the project file; schemactl inspect without it shows all")
		}
	}
	return nil
}

func (e *Engine) parse(raw string, passwordCommand []string) (*dburl.URL, error) {
	u, err := e.Env.Parse(raw)
	if err != nil {
		return nil, err
	}
	if len(passwordCommand) > 0 {
		u = u.WithPasswordCommand(passwordCommand...)
	}
	return u, nil
}

// URL is where the target is.
func (j *Job) URL() *dburl.URL { return j.url }

// Close ends the session.
func (j *Job) Close() error {
	if j == nil || j.Session == nil || j.offline != nil {
		return nil
	}
	if j.close != nil {
		return j.close()
	}
	return j.Session.Close()
}

// Current reads the live state.
func (j *Job) Current(ctx context.Context) (*object.State, error) {
	if j.read != nil {
		return j.read(ctx)
	}
	s, err := read(ctx, j.Dialect, j.Session, j.Scope)
	if err != nil {
		return nil, err
	}
	return j.selected(s), nil
}

// Desired reads the desired state.
func (j *Job) Desired(ctx context.Context) (*source.Desired, error) {
	return j.load(ctx, j.request.To, func() (*object.State, error) { return j.Current(ctx) })
}

func (j *Job) load(ctx context.Context, sources []string, live func() (*object.State, error)) (*source.Desired, error) {
	if len(sources) == 0 {
		return nil, diag.Errorf(diag.Pos{}, "no-source", "no desired state is named").
			WithHint("give --to file://schema.hcl, or --env with src in atlas.hcl")
	}
	l := j.loader()
	l.Live = live
	d, err := l.Load(ctx, sources)
	if err != nil {
		return nil, err
	}
	d.State = j.selected(d.State)
	return d, nil
}

func (j *Job) loader() *source.Loader {
	server := j.server()
	if j.like != nil {
		server.Settings = j.like
	}
	return &source.Loader{
		Dialect: j.Dialect, Scope: j.Scope, Server: server, Stdin: j.engine.Stdin, Vars: j.request.Vars,
		Given: j.request.Given, Data: j.request.Data, Alone: slices.Sorted(maps.Keys(j.alone)),
		Cache: j.engine.Cache, Env: j.engine.Env, Dev: j.dev, Scripts: j.engine.Scripts,
	}
}

// dev opens a dev database and a session with it.
func (e *Engine) dev(ctx context.Context, d dialect.Dialect, r DevRequest) (dialect.Session, func() error, error) {
	db, err := e.OpenDev(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	s, err := d.Connect(ctx, db.URL)
	if err != nil {
		return nil, nil, joinDone(err, db.Close)
	}
	return s, func() error { return joinDone(s.Close(), db.Close) }, nil
}
