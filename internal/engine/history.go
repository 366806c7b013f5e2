package engine

import (
	"cmp"
	"context"
	"time"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/source"
)

// OpenHistory opens a job whose current state is what migrations lead to. It has no target: a dev database replays the
// migrations and reads the desired state. The caller closes the job.
func (e *Engine) OpenHistory(ctx context.Context, r Request, dialectName string, scripts []source.Script) (_ *Job, err error) {
	name, err := DialectName(r, dialectName)
	if err != nil {
		return nil, err
	}
	j := &Job{engine: e, request: r}
	if j.Dialect, err = e.Dialect(name); err != nil {
		return nil, err
	}
	schema := ""
	if len(r.Schemas) == 0 {
		schema = cmp.Or(schemaOf(r.URL), schemaOf(r.Dev))
	}
	if err := cmp.Or(j.bind(schema), checkWays(j.Dialect, r.Policy.Online.Without)); err != nil {
		return nil, err
	}
	want, err := e.devFor(ctx, j.Dialect, r)
	if err != nil {
		return nil, err
	}
	if j.Session, j.close, err = e.dev(ctx, j.Dialect, want); err != nil {
		return nil, err
	}
	if have := j.Session.Server(); want.Server.Settings != nil && want.Server.Flavor == have.Flavor {
		j.like = want.Server.Settings
	}
	j.dev = func(context.Context) (dialect.Session, func() error, error) {
		return j.Session, func() error { return nil }, nil
	}
	state, err := j.Replay(ctx, scripts)
	if err != nil {
		return nil, joinDone(err, j.close)
	}
	j.read = func(context.Context) (*object.State, error) { return state, nil }
	return j, nil
}

// Replay lets the dev database run migrations from nothing and returns the state that they lead to.
func (j *Job) Replay(ctx context.Context, scripts []source.Script) (*object.State, error) {
	s, err := j.loader().Replay(ctx, scripts)
	if err != nil {
		return nil, err
	}
	return j.selected(s), nil
}

// devFor tells what the dev database must be like. Where only the URL of a database can tell, that is asked.
func (e *Engine) devFor(ctx context.Context, d dialect.Dialect, r Request) (DevRequest, error) {
	want := DevRequest{Choice: r.Dev, Server: dialect.Server{Flavor: d.Name()}}
	if r.URL == "" || !dburl.Is(r.URL) {
		return want, nil
	}
	u, err := e.parse(r.URL, r.PasswordCommand)
	if err != nil {
		return want, err
	}
	if u.MariaDB {
		want.Server.Flavor = "mariadb"
	}
	if r.Dev != "" && r.Dev != "scratch://" {
		want.Server = e.ask(ctx, d, u, want.Server)
		return want, nil
	}
	s, err := d.Connect(ctx, u)
	if err != nil {
		return want, err
	}
	want.Server, want.Target = s.Server(), u
	return want, s.Close()
}

// askTimeout is how long a target is waited for that is only asked what its settings are.
const askTimeout = 5 * time.Second

// ask tells what the server of a target is like, where the dev database is chosen already. A target that cannot be reached
// from here does not keep migrations from being written.
func (e *Engine) ask(ctx context.Context, d dialect.Dialect, u *dburl.URL, fallback dialect.Server) dialect.Server {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	s, err := d.Connect(ctx, u)
	if err != nil {
		if e.Notify != nil {
			e.Notify("note: the target cannot be asked for its settings, so those of the dev database count: " + err.Error())
		}
		return fallback
	}
	server := s.Server()
	if err := s.Close(); err != nil {
		return fallback
	}
	return server
}

// Diff plans the way between two states with the rules of the request.
func (j *Job) Diff(current, desired *object.State) (*plan.Plan, error) {
	return Diff(j.Dialect, current, desired, Options{Skip: j.request.Skip, Policy: j.request.Policy})
}

// PlanTo plans the way between two states as Plan does, whatever the request says of the desired one and of renames. No
// change is split: the way back of a migration goes into the transaction that its file has.
func (j *Job) PlanTo(ctx context.Context, current, desired *object.State, renames ...string) (*Result, error) {
	k := *j
	k.request.Renames, k.agreed = renames, nil
	k.request.Policy.Online, k.request.BySize = kind.Online{}, false
	return k.planBetween(ctx, current, &source.Desired{State: desired})
}

// Script writes down a state as the plan that makes it in an empty database.
func (j *Job) Script(s *object.State) (*plan.Plan, error) {
	return (&Inspection{Dialect: j.Dialect, Server: j.Session.Server(), Scope: j.Scope, State: s}).plan()
}
