// Package source turns what a user names (HCL files, SQL files, a database, a snapshot) into a state.
package source

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// Dev opens the database in which desired states are normalised.
type Dev func(ctx context.Context) (dialect.Session, func() error, error)

// Loader reads sources for one dialect.
type Loader struct {
	Dialect dialect.Dialect
	Scope   dialect.Scope
	Server  dialect.Server // what the desired state is meant for
	Dev     Dev
	Stdin   io.Reader
	Vars    Vars
	Given   Given
	Data    map[string]Data // by their data:// URLs
	Cache   *Cache
	Env     dburl.Env
	// Scripts reads migration directories.
	Scripts OpenScripts
	// Live, if set, reads the live state: what files name of kinds that they do not speak of is taken from there.
	Live func() (*object.State, error)
	// Alone lists the kinds that the user leaves alone: sources do not speak of them.
	Alone []string
}

// Desired is a desired state and what its source can say.
type Desired struct {
	State *object.State
	// Kinds lists the kinds that the source speaks of; nil: all. The absence of an object of another kind is no wish to
	// drop it.
	Kinds []string
	// HCL tells that all of it is HCL, which leaves some things open.
	HCL bool
	// Place tells that it is the state of one database, and not what files declare for any.
	Place bool
	// Blind tells that it was written down without the facts that no plan changes.
	Blind bool
}

// Load reads the sources together as one desired state.
func (l *Loader) Load(ctx context.Context, sources []string) (*Desired, error) {
	if err := l.Given.checkNoFiles(sources); err != nil {
		return nil, err
	}
	out := &Desired{Kinds: l.spoken(nil)}
	err := l.load(ctx, sources, out)
	return out, err
}

// spoken takes the kinds that are left alone out of those that a source can declare; nil: all.
func (l *Loader) spoken(kinds []string) []string {
	if len(l.Alone) == 0 {
		return kinds
	}
	if kinds == nil {
		kinds = l.Dialect.Kinds().Names()
	}
	return slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return slices.Contains(l.Alone, k) })
}

func (l *Loader) load(ctx context.Context, sources []string, out *Desired) (err error) {
	if slices.ContainsFunc(sources, dburl.Is) {
		if len(sources) > 1 {
			return diag.Errorf(diag.Pos{}, "mixed-sources", "a database cannot be combined with other sources").
				WithHint("give the database alone, or only files")
		}
		out.Place = true
		out.State, err = l.live(ctx, sources[0])
		return err
	}
	if slices.ContainsFunc(sources, IsMigrations) {
		out.State, err = l.migrations(ctx, sources)
		return err
	}
	l, files, err := l.prepare(ctx, sources)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(files, isSnapshot); i >= 0 {
		if len(files) > 1 {
			return diag.Errorf(diag.Pos{File: files[i].Name}, "mixed-sources", "a snapshot cannot be combined with other sources")
		}
		out.Place = true
		out.State, out.Blind, err = l.snapshot(files[i])
		return err
	}
	if codec, ok := l.Dialect.(dialect.HCLCodec); ok && !slices.ContainsFunc(files, func(f File) bool { return !isHCL(f) }) {
		out.Kinds, out.HCL = l.spoken(codec.HCLKinds()), true
	}
	if alone := l.declaredOnly(); len(alone) > 0 && !slices.ContainsFunc(files, isHCL) {
		out.Kinds = slices.DeleteFunc(l.spoken(l.Dialect.Kinds().Names()), func(k string) bool { return slices.Contains(alone, k) })
	}
	out.State, err = l.desired(ctx, files, out.Kinds)
	return err
}

// declaredOnly are the kinds that nothing but HCL declares, of those that are asked for.
func (l *Loader) declaredOnly() []string {
	d, ok := l.Dialect.(dialect.HCLDeclarer)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.DeclaredKinds()), func(k string) bool { return !l.Scope.Has(k) })
}

func isSnapshot(f File) bool {
	head := f.Text[:min(200, len(f.Text))]
	return bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")) && bytes.Contains(head, []byte(`"schemactl-snapshot-`))
}

func (l *Loader) snapshot(f File) (s *object.State, blind bool, err error) {
	h, err := object.DecodeHeader(f.Text)
	if err != nil {
		return nil, false, diag.Errorf(diag.Pos{File: f.Name}, "snapshot", "%v", err)
	}
	if h.Dialect != l.Dialect.Name() {
		return nil, false, diag.Errorf(diag.Pos{File: f.Name}, "wrong-dialect", "the snapshot is of %s, the database of %s", h.Dialect, l.Dialect.Name())
	}
	_, state, err := object.Decode(f.Text, l.Dialect.Kinds().NewValue)
	if err != nil {
		return nil, false, diag.Errorf(diag.Pos{File: f.Name}, "snapshot", "%v", err)
	}
	return state, !h.Server.Watched, nil
}

func (l *Loader) live(ctx context.Context, raw string) (*object.State, error) {
	u, err := l.Env.Parse(raw)
	if err != nil {
		return nil, err
	}
	if u.Dialect != l.Dialect.Name() {
		return nil, diag.Errorf(diag.Pos{}, "wrong-dialect", "the source %s is of another kind of database than the target", u.Redacted())
	}
	s, err := l.Dialect.Connect(ctx, u)
	if err != nil {
		return nil, err
	}
	scope := l.Scope
	if scope.Bound && u.Scope() == dburl.SchemaScope {
		scope.Schemas = []string{u.Schema()}
	}
	c, err := s.Inspect(ctx, scope)
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, err
	}
	return l.Dialect.Build(c, scope)
}

// desired reads files as a server of the target's version reads them, from the cache when it did so before.
func (l *Loader) desired(ctx context.Context, files []File, kinds []string) (*object.State, error) {
	key, err := l.key(files)
	if err != nil {
		return nil, err
	}
	n, ended := l.Cache.get(key), func() error { return nil }
	if n == nil || !l.stillSettled(n) {
		if n, ended, err = l.normalise(ctx, files, kinds); err != nil {
			return nil, err
		}
		if n.pure {
			l.Cache.put(key, n)
		}
	}
	state, err := l.build(n)
	if err := errors.Join(err, ended()); err != nil {
		return nil, err
	}
	place(state, n.Positions)
	if err := tellRenamed(state, n.Renamed); err != nil {
		return nil, err
	}
	return state, l.carry(ctx, files, state)
}

// carry puts into the state what HCL says and no server gives back. It is never cached.
func (l *Loader) carry(ctx context.Context, files []File, state *object.State) error {
	c, ok := l.Dialect.(dialect.HCLCarrier)
	if !ok {
		return nil
	}
	texts := make([][]byte, len(files))
	for i, f := range files {
		texts[i] = f.Text
	}
	if !c.CarriesHCL(l.Scope, texts) {
		return nil
	}
	d, err := l.declare(ctx, files)
	if err != nil || d.hcl == nil {
		return err
	}
	return c.CarryHCL(d.hcl, state)
}

func (l *Loader) key(files []File) (string, error) {
	if l.Cache == nil {
		return "", nil
	}
	parts := make([][]byte, 0, 2*len(files))
	for _, f := range files {
		parts = append(parts, []byte(f.Name), f.Text)
	}
	return l.keyOf(parts)
}

// keyOf is the key of an entry that hangs on the parts, and on what the target is.
func (l *Loader) keyOf(parts [][]byte) (string, error) {
	head, err := json.Marshal([]any{l.Server.Dialect, l.Server.Flavor, l.Server.Version, l.Server.Settings, l.Scope, l.Vars.fingerprint()})
	if err != nil {
		return "", err
	}
	return l.Cache.key(append([][]byte{head}, parts...)...), nil
}

// normalise lets a server read what the files declare and tells what it made of it. The dev database is given back
// meanwhile: ended waits for that.
func (l *Loader) normalise(ctx context.Context, files []File, kinds []string) (n *Normalised, ended func() error, err error) {
	d, err := l.declare(ctx, files)
	if err != nil {
		return nil, nil, err
	}
	said, err := d.renamed()
	if err != nil {
		return nil, nil, err
	}
	live, settled, rest, err := l.settle(d)
	if err != nil {
		return nil, nil, err
	}
	if settled != nil {
		n, ended, err = l.normaliseRest(ctx, rest)
		if err == nil {
			n.Positions, n.Renamed = d.positions(), said
			return n, ended, n.settle(l.Dialect.Kinds(), live, settled)
		}
		if !errors.Is(err, dialect.ErrMissing) {
			return nil, nil, err
		}
	}
	if n, ended, err = l.ask(ctx, d, kinds); err == nil {
		n.Renamed = said
	}
	return n, ended, err
}

// ask lets a server read all that is declared.
func (l *Loader) ask(ctx context.Context, d declared, kinds []string) (_ *Normalised, ended func() error, err error) {
	var dev dialect.Session
	var done func() error
	opened := meanwhile(func() (err error) {
		dev, done, err = l.Dev(ctx)
		return err
	})
	statements, err := l.statements(d)
	if openErr := opened(); openErr != nil {
		return nil, nil, cmp.Or(err, openErr)
	}
	if err != nil {
		return nil, nil, errors.Join(err, done())
	}
	c, err := l.loadWith(ctx, dev, statements)
	pure := true
	if errors.Is(err, dialect.ErrMissing) && kinds != nil && l.Live != nil {
		backdrop, backErr := l.backdrop(kinds, d.hcl)
		if backErr != nil || len(backdrop) > 0 {
			err = errors.Join(backErr, err)
		}
		if backErr == nil && len(backdrop) > 0 {
			pure = false
			c, err = l.loadWith(ctx, dev, append(backdrop, statements...))
		}
	}
	if err != nil {
		return nil, nil, errors.Join(d.twice(undeclared(err)), done())
	}
	if noter, ok := l.Dialect.(dialect.HCLNoter); ok && d.hcl != nil {
		noter.NoteHCL(d.hcl, c)
	}
	return &Normalised{Catalog: c, Positions: d.positions(), pure: pure}, meanwhile(done), nil
}

// undeclared says what to do about a declaration that names what is not declared.
func undeclared(err error) error {
	var d *diag.Diagnostic
	if errors.Is(err, dialect.ErrMissing) && errors.As(err, &d) && d.Hint == "" {
		_ = d.WithHint("declare that too (schemactl inspect writes what a database has), or leave all of its kind alone: manage { … = false } in the project file")
	}
	return err
}

// meanwhile runs f beside the caller, who waits for its result.
func meanwhile(f func() error) (wait func() error) {
	result := make(chan error, 1)
	go func() {
		err := errors.New("ended") // what a panic leaves
		defer func() { result <- err }()
		defer diag.Guard(&err)
		err = f()
	}()
	return sync.OnceValue(func() error { return <-result })
}

// backdrop makes statements of what the live state has of the kinds that the source cannot declare, and, where only
// some schemas are asked for, of what belongs to the database and is not declared. The source may name them nevertheless: a
// domain, a function in a default, an extension's type.
func (l *Loader) backdrop(kinds []string, desired *object.State) ([]dialect.Statement, error) {
	live, err := l.Live()
	if err != nil {
		return nil, err
	}
	beyond, ok := l.Dialect.(dialect.Beyond)
	rest := live.Filter(func(o *object.Object) (bool, string) {
		top := kind.Owner(o, live)
		return !slices.Contains(kinds, o.ID.Kind) || ok && len(l.Scope.Schemas) > 0 && beyond.BeyondSchemas(top) && !desired.Has(top), ""
	})
	out, err := l.hclStatements(rest)
	for i := range out {
		out[i].Optional = true
	}
	return out, err
}

func (l *Loader) loadWith(ctx context.Context, dev dialect.Session, statements []dialect.Statement) (*catalog.Catalog, error) {
	if err := l.fit(ctx, dev); err != nil {
		return nil, err
	}
	return dev.Load(ctx, statements, l.Scope)
}

// fit makes sure that the dev database understands statements as the target does.
func (l *Loader) fit(ctx context.Context, dev dialect.Session) error {
	if have, want := dev.Server(), l.Server; want.Major != 0 && (have.Flavor != want.Flavor || have.Major < want.Major) {
		return diag.Errorf(diag.Pos{}, "dev-version", "the dev database is %s %s, the target %s %s", have.Flavor, have.Version, want.Flavor, want.Version).
			WithHint("give a --dev-url of the target's version")
	}
	if i, ok := dev.(dialect.Imitator); ok && l.Server.Settings != nil {
		if err := i.Imitate(ctx, l.Server.Settings); err != nil {
			return fmt.Errorf("set the dev database up like the target: %w", err)
		}
	}
	return nil
}

// declared is what files declare: SQL as it is, and the objects of HCL.
type declared struct {
	sql []File
	hcl *object.State // nil: there is none
}

// declare reads the files, without making anything of them yet.
func (l *Loader) declare(ctx context.Context, files []File) (d declared, err error) {
	var hclFiles []File
	for _, f := range files {
		if isHCL(f) {
			hclFiles = append(hclFiles, f)
		} else {
			d.sql = append(d.sql, f)
		}
	}
	if len(hclFiles) > 0 {
		d.hcl, err = l.declareHCL(ctx, hclFiles)
	}
	return d, err
}

// statements makes SQL of what is declared: SQL files as they are, HCL through the planner.
func (l *Loader) statements(d declared) (out []dialect.Statement, err error) {
	if d.hcl != nil {
		if out, err = l.hclStatements(d.hcl); err != nil {
			return nil, err
		}
	}
	for _, f := range d.sql {
		out = append(out, dialect.Statement{SQL: string(f.Text), Pos: diag.Pos{File: f.Name, Line: 1, Column: 1}})
	}
	return out, nil
}

// positions tells where what is declared stands.
func (d declared) positions() map[object.ID]diag.Pos {
	out := map[object.ID]diag.Pos{}
	for _, f := range d.sql {
		maps.Copy(out, positionsOf(f))
	}
	if d.hcl != nil {
		for _, o := range d.hcl.All() {
			out[o.ID] = o.Pos
		}
	}
	return out
}

func isHCL(f File) bool {
	return strings.HasSuffix(f.Name, ".hcl") || f.Name == "-" && looksLikeHCL(f.Text)
}

// looksLikeHCL tells HCL on standard input from SQL by its first block: a word, quoted labels and a brace.
func looksLikeHCL(text []byte) bool {
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//") || strings.HasPrefix(line, "--") {
			continue
		}
		return strings.HasSuffix(line, "{")
	}
	return false
}

// Check reads HCL sources as far as that needs no server and returns the number of objects; done is false when there
// are SQL files among them, or snapshots, which only Load can check.
func (l *Loader) Check(ctx context.Context, sources []string) (n int, done bool, err error) {
	codec, ok := l.Dialect.(dialect.HCLCodec)
	if !ok || slices.ContainsFunc(sources, dburl.Is) {
		return 0, false, nil
	}
	l, files, err := l.prepare(ctx, sources)
	if err != nil {
		return 0, false, err
	}
	if slices.ContainsFunc(files, func(f File) bool { return !isHCL(f) }) {
		return 0, false, nil
	}
	state, err := l.decodeHCL(ctx, codec, files)
	if err != nil {
		return 0, false, err
	}
	return state.Len(), true, nil
}
