package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/source"
)

// Comparison is a live state held against a desired one.
type Comparison struct {
	Dialect dialect.Dialect
	Server  dialect.Server
	Scope   dialect.Scope
	Live    *object.State // as it was read
	Wanted  *object.State // as its source has it
	Desired *object.State // with the answers to what the source leaves open
	Changes []kind.Change // from live to desired
	Skipped []object.Entry
	// Place tells that the desired state is a database, or a snapshot of one: what every database has a value of its own
	// for can be compared. Files say nothing of what surrounds a schema.
	Place bool
	// Replayed tells that it is what migrations lead to.
	Replayed bool
	// Blind tells that one side is a snapshot without facts.
	Blind bool
	// Plan is the way from live to desired; nil where none was found, for which Fault is the cause.
	Plan  *plan.Plan
	Fault error
}

// OpenLive opens a job whose current state is that of a database, or of a snapshot, which needs no server.
func (e *Engine) OpenLive(ctx context.Context, r Request) (*Job, error) {
	path, ok := strings.CutPrefix(r.URL, "file://")
	if !ok || dburl.Is(r.URL) {
		return e.Open(ctx, r)
	}
	text, err := disk.Read(path)
	if err != nil {
		return nil, diag.Errorf(diag.Pos{File: path}, "no-file", "%v", errors.Unwrap(err))
	}
	h, err := object.DecodeHeader(text)
	if err != nil {
		return nil, diag.Errorf(diag.Pos{File: path}, "snapshot", "%v", err).WithHint("a live state is a database, or a snapshot as schemactl snapshot writes it")
	}
	j := &Job{engine: e, request: r, offline: serverOf(h), blind: !h.Server.Watched}
	if j.Dialect, err = e.Dialect(h.Dialect); err != nil {
		return nil, err
	}
	if err := j.bind(boundTo(h)); err != nil {
		return nil, err
	}
	if err := checkIgnore(j.Dialect, r.Ignore); err != nil {
		return nil, err
	}
	j.dev = func(ctx context.Context) (dialect.Session, func() error, error) {
		return e.dev(ctx, j.Dialect, DevRequest{Choice: r.Dev, Server: *j.offline})
	}
	j.read = func(context.Context) (*object.State, error) {
		_, s, err := object.Decode(text, j.Dialect.Kinds().NewValue)
		if err != nil {
			return nil, diag.Errorf(diag.Pos{File: path}, "snapshot", "%v", err)
		}
		return j.selected(s), nil
	}
	return j, nil
}

func serverOf(h object.Header) *dialect.Server {
	s := h.Server
	return &dialect.Server{
		Dialect: h.Dialect, Flavor: s.Flavor, Variant: s.Variant, Version: h.Version, Major: s.Major, Minor: s.Minor, Patch: s.Patch, Settings: s.Settings,
	}
}

// boundTo is the schema that a snapshot was bound to; empty: none.
func boundTo(h object.Header) string {
	if !h.Server.Bound {
		return ""
	}
	return h.Scope
}

// server is the one that the current state is of.
func (j *Job) server() dialect.Server {
	if j.offline != nil {
		return *j.offline
	}
	return j.Session.Server()
}

// Compare reads both states at the same time and tells how they differ. replay, if set, is the desired state: what the
// migrations lead to.
func (j *Job) Compare(ctx context.Context, replay []source.Script) (*Comparison, error) {
	live := sync.OnceValues(func() (_ *object.State, err error) {
		defer diag.Guard(&err)
		return j.Current(ctx)
	})
	go func() { _, _ = live() }() // asked for again below
	wanted, err := j.wanted(ctx, replay, live)
	current, liveErr := live()
	if err := cmp.Or(err, liveErr); err != nil {
		return nil, err
	}
	if err := j.knowSchemas(current, wanted.State); err != nil {
		return nil, err
	}
	if !j.Scope.Bound {
		current, wanted.State = inSchemas(current, j.Scope.Schemas), inSchemas(wanted.State, j.Scope.Schemas)
	}
	c := &Comparison{
		Dialect: j.Dialect, Server: j.server(), Scope: j.Scope, Live: current, Wanted: wanted.State,
		Place: wanted.Place, Replayed: replay != nil, Blind: wanted.Blind || j.blind,
	}
	return c, j.hold(c, wanted)
}

func (j *Job) wanted(ctx context.Context, replay []source.Script, live func() (*object.State, error)) (*source.Desired, error) {
	if replay == nil {
		return j.load(ctx, j.request.To, live)
	}
	s, err := j.Replay(ctx, replay)
	return &source.Desired{State: s}, err
}

// hold finds the changes and plans the way back. That none is found is no failure of the comparison.
func (j *Job) hold(c *Comparison, wanted *source.Desired) error {
	o := j.options()
	o.complete = j.complete
	desired, err := j.complete(c.Live, wanted.State, wanted)
	if err != nil {
		return err
	}
	c.Desired = desired
	if c.Changes, err = j.Dialect.Kinds().Diff(c.Live, desired); err != nil {
		return err
	}
	c.Changes, c.Skipped = skip(c.Changes, o.Skip)
	if len(c.Changes) == 0 {
		c.Plan = &plan.Plan{}
		return nil
	}
	r, err := diff(j.Dialect, c.Live, wanted, o)
	if err != nil {
		c.Fault = fmt.Errorf("no way back was found: %w", err)
		return nil
	}
	c.Plan = r.Plan
	return nil
}

// Files are the files behind the desired state of the request; none where it is a database, or migrations.
func (j *Job) Files(ctx context.Context) ([]source.File, error) {
	if slices.ContainsFunc(j.request.To, func(s string) bool { return dburl.Is(s) || source.IsMigrations(s) || s == "-" }) {
		return nil, nil
	}
	return j.loader().Files(ctx, j.request.To)
}

// inSchemas leaves out of a snapshot the objects of schemas that are not asked for.
func inSchemas(s *object.State, schemas []string) *object.State {
	if len(schemas) == 0 {
		return s
	}
	return s.Filter(func(o *object.Object) (bool, string) {
		return o.ID.Schema == "" && o.ID.Kind != "schema" || slices.Contains(schemas, o.ID.Schema) || o.ID.Kind == "schema" && slices.Contains(schemas, o.ID.Name), "--schema"
	})
}
