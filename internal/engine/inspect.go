package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/source"
	"github.com/schemactl/schemactl/internal/visible"
)

// Inspection is the state of a source, ready to be written down.
type Inspection struct {
	Dialect dialect.Dialect
	Server  dialect.Server
	Scope   dialect.Scope
	State   *object.State
}

// OutFile is a file to be written, named relative to a folder, with slashes.
type OutFile struct {
	Name string
	Text []byte
}

// Inspect reads a database; the request's URL may also name any other source.
func (e *Engine) Inspect(ctx context.Context, r Request) (_ *Inspection, err error) {
	if r.URL != "" && !dburl.Is(r.URL) {
		return e.inspectFiles(ctx, r)
	}
	if err := r.Given.Check(r.To); err != nil {
		return nil, err
	}
	job, err := e.Open(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { err = joinDone(err, job.Close) }()
	job.Scope.Thorough, job.Scope.Watched = true, r.Watched
	s, err := job.Current(ctx)
	if err == nil {
		err = job.knowSchemas(s)
	}
	if err != nil {
		return nil, err
	}
	return &Inspection{Dialect: job.Dialect, Server: job.Session.Server(), Scope: job.Scope, State: withoutBeyond(job.Dialect, job.managed(s), job.Scope)}, nil
}

// inspectFiles reads files through a dev database, which tells the dialect.
func (e *Engine) inspectFiles(ctx context.Context, r Request) (*Inspection, error) {
	name, err := DialectName(r, "")
	if err != nil {
		return nil, err
	}
	d, err := e.Dialect(name)
	if err != nil {
		return nil, err
	}
	in := &Inspection{Dialect: d, Scope: dialect.Scope{Schemas: r.Schemas}}
	m, err := manage(d, r.Manage)
	if err != nil {
		return nil, err
	}
	if schema := schemaOf(r.Dev); schema != "" && len(r.Schemas) == 0 {
		in.Scope = dialect.Scope{Schemas: []string{schema}, Bound: true}
	}
	in.Scope.With = m.with
	l := e.loader(in, r)
	want, err := l.Load(ctx, []string{r.URL})
	if err != nil {
		return nil, err
	}
	in.State = want.State
	return in, nil
}

// schemaOf is the schema that the URL of a database, or of a container or server for one, is bound to, if it is.
func schemaOf(raw string) string {
	if dburl.Is(raw) {
		u, err := dburl.Parse(raw)
		if err != nil || u.Scope() != dburl.SchemaScope {
			return ""
		}
		return u.Schema()
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "embedded" && !strings.HasPrefix(u.Scheme, "docker") {
		return ""
	}
	if schema := u.Query().Get("search_path"); schema != "" {
		return schema
	}
	if parts := strings.Split(strings.Trim(u.Path, "/"), "/"); strings.HasPrefix(u.Host, "m") && len(parts) == 2 {
		return parts[1] // docker://mysql/9/dev, embedded://mysql/9.7/dev
	}
	return ""
}

// loader reads sources without a live target: the dev database stands for it.
func (e *Engine) loader(in *Inspection, r Request) *source.Loader {
	return &source.Loader{
		Dialect: in.Dialect, Scope: in.Scope, Stdin: e.Stdin, Vars: r.Vars, Env: e.Env,
		Given: r.Given, Data: r.Data, Scripts: e.Scripts,
		Dev: func(ctx context.Context) (dialect.Session, func() error, error) {
			s, done, err := e.dev(ctx, in.Dialect, DevRequest{Choice: r.Dev, Server: dialect.Server{Flavor: in.Dialect.Name()}})
			if err == nil {
				in.Server = s.Server()
			}
			return s, done, err
		},
	}
}

// DialectName finds the dialect that a request without a live database means.
func DialectName(r Request, given string) (string, error) {
	for _, raw := range []string{r.URL, r.Dev} {
		scheme, rest, ok := strings.Cut(raw, "://")
		switch {
		case !ok:
			continue
		case dburl.Is(raw):
			u, err := dburl.Parse(raw)
			if err != nil {
				return "", err
			}
			return u.Dialect, nil
		case scheme == "embedded" || strings.HasPrefix(scheme, "docker"):
			driver := strings.TrimPrefix(scheme, "docker+") + " " + rest
			if strings.Contains(driver, "mysql") || strings.Contains(driver, "maria") {
				return dburl.MySQL, nil
			}
			return dburl.Postgres, nil
		}
	}
	if given == "" {
		given = dburl.Postgres
	}
	return given, nil
}

// Header describes the state for snapshots.
func (in *Inspection) Header() object.Header {
	s := in.Server
	return object.Header{
		Dialect: in.Dialect.Name(), Version: s.Version, Scope: strings.Join(in.Scope.Schemas, ","),
		Server: object.Origin{
			Flavor: s.Flavor, Variant: s.Variant, Major: s.Major, Minor: s.Minor, Patch: s.Patch, Settings: s.Settings,
			Bound: in.Scope.Bound, Watched: in.Scope.Watched,
		},
	}
}

// Whole writes the state as one text, hcl or sql.
func (in *Inspection) Whole(format string) ([]byte, error) {
	if format == "sql" {
		p, err := in.plan()
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		for _, s := range p.Steps() {
			in.writeSQL(&b, s)
		}
		return b.Bytes(), nil
	}
	blocks, err := in.blocks()
	if err != nil {
		return nil, err
	}
	return hcl.Write(blocks), nil
}

// writeSQL writes a step such that the server's own client can run it.
func (in *Inspection) writeSQL(b *bytes.Buffer, s *plan.Step) {
	text := s.SQL + ";\n"
	if d, ok := in.Dialect.(dialect.Scripter); ok {
		text = d.ForClient(s.SQL)
	}
	_, _ = fmt.Fprintf(b, "%s\n%s", visible.Comment(s.Comment), text)
}

// plan leads from what an empty database holds anyway to the state.
func (in *Inspection) plan() (*plan.Plan, error) {
	from := object.NewState()
	if codec, ok := in.Dialect.(dialect.HCLCodec); ok {
		for _, o := range codec.Initial(in.Scope).All() {
			if !in.State.Has(o.ID) {
				continue
			}
			if err := from.Add(o); err != nil {
				return nil, err
			}
		}
	}
	return Diff(in.Dialect, from, in.State, Options{Policy: kind.Policy{Describes: true}})
}

func (in *Inspection) blocks() ([]*hcl.Block, error) {
	codec, ok := in.Dialect.(dialect.HCLCodec)
	if !ok {
		return nil, diag.Errorf(diag.Pos{}, "unsupported", "HCL of %s is not written yet", in.Dialect.Name()).WithHint("use --format sql")
	}
	blocks, unsaid, err := codec.EncodeHCL(in.State, in.Scope)
	in.State.Ledger = append(in.State.Ledger, unsaid...)
	return blocks, err
}

// Split writes the state as a file for each object.
func (in *Inspection) Split(format string) ([]OutFile, error) {
	if format == "sql" {
		return in.splitSQL()
	}
	blocks, err := in.blocks()
	if err != nil {
		return nil, err
	}
	files := map[string][]*hcl.Block{}
	for _, b := range blocks {
		name := strings.Join(append([]string{b.Type + "s"}, clean(b.Labels)...), "/") + ".hcl"
		if b.Type == "schema" {
			name = "schemas.hcl"
		}
		files[name] = append(files[name], b)
	}
	var out []OutFile
	for name, list := range files {
		out = append(out, OutFile{Name: name, Text: hcl.Write(list)})
	}
	slices.SortFunc(out, func(a, b OutFile) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (in *Inspection) splitSQL() ([]OutFile, error) {
	p, err := in.plan()
	if err != nil {
		return nil, err
	}
	files := map[string]*bytes.Buffer{}
	var order []string
	for _, s := range p.Steps() {
		name := strings.Join(clean(nonEmpty(ownerKind(s.ID)+"s", s.ID.Schema, ownerName(s.ID))), "/") + ".sql"
		if files[name] == nil {
			files[name] = &bytes.Buffer{}
			order = append(order, name)
		}
		in.writeSQL(files[name], s)
	}
	slices.Sort(order)
	out := make([]OutFile, 0, len(order))
	for _, name := range order {
		out = append(out, OutFile{Name: name, Text: files[name].Bytes()})
	}
	return out, nil
}

func ownerKind(id object.ID) string {
	if id.Table != "" {
		return "table"
	}
	if target, _, ok := strings.Cut(id.Name, " "); ok && partOnly(id.Kind) {
		return target
	}
	return id.Kind
}

func ownerName(id object.ID) string {
	if id.Table != "" {
		return id.Table
	}
	if _, name, ok := strings.Cut(id.Name, " "); ok && partOnly(id.Kind) {
		return name
	}
	return id.Name
}

func nonEmpty(parts ...string) []string {
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}

// clean makes file names of object names.
func clean(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.Map(func(r rune) rune {
			if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
				return '_'
			}
			return r
		}, n)
	}
	return out
}

// Validate checks the desired state without a target: HCL by itself, SQL files (and HCL, if server) by a dev database.
// It returns the number of objects.
func (e *Engine) Validate(ctx context.Context, r Request, dialectName string, server bool) (int, error) {
	name, err := DialectName(r, dialectName)
	if err != nil {
		return 0, err
	}
	d, err := e.Dialect(name)
	if err != nil {
		return 0, err
	}
	in := &Inspection{Dialect: d, Scope: dialect.Scope{Schemas: r.Schemas}}
	if schema := cmp.Or(schemaOf(r.URL), schemaOf(r.Dev)); schema != "" {
		in.Scope = dialect.Scope{Schemas: []string{schema}, Bound: true}
	}
	m, err := manage(d, r.Manage)
	if err != nil {
		return 0, err
	}
	in.Scope.With = m.with
	if len(r.To) == 0 {
		return 0, diag.Errorf(diag.Pos{}, "no-source", "nothing to validate is named").
			WithHint("give --to file://schema.hcl, or --env with src in atlas.hcl")
	}
	l := e.loader(in, r)
	if !server {
		n, done, err := l.Check(ctx, r.To)
		if err != nil || done {
			return n, err
		}
	}
	want, err := l.Load(ctx, r.To)
	if err != nil {
		return 0, err
	}
	return want.State.Len(), nil
}
