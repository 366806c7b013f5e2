package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// Script is a migration file, as far as replaying it needs.
type Script struct {
	Name string // for messages
	Text []byte
	Mode string // all that what it is cut into depends on beside its text
	Cut  func(dialect.Dialect) (dialect.Script, error)
}

// OpenScripts reads the migration directory that a URL names: the files that an empty database runs.
type OpenScripts func(url string) ([]Script, error)

// IsMigrations reports whether a source is a migration directory: it says a format, or holds atlas.sum.
func IsMigrations(s string) bool {
	folder, ok := strings.CutPrefix(s, "file://")
	if !ok {
		return false
	}
	folder, query, _ := strings.Cut(folder, "?")
	if strings.HasPrefix(query, "format=") {
		return true
	}
	_, err := os.Stat(filepath.Join(folder, "atlas.sum"))
	return err == nil
}

// migrations reads a migration directory as a desired state.
func (l *Loader) migrations(ctx context.Context, sources []string) (*object.State, error) {
	if len(sources) > 1 {
		return nil, diag.Errorf(diag.Pos{}, "mixed-sources", "a migration directory cannot be combined with other sources")
	}
	if l.Scripts == nil {
		return nil, errors.New("internal error: nothing reads migration directories")
	}
	if err := l.Given.check(nil); err != nil {
		return nil, err
	}
	scripts, err := l.Scripts(sources[0])
	if err != nil {
		return nil, err
	}
	return l.Replay(ctx, scripts)
}

// Replay lets a server run migrations in order and reads what they make. Every result is cached by all that it depends
// on, so that only the files behind the longest known beginning are run: on top of the state that it leads to.
func (l *Loader) Replay(ctx context.Context, scripts []Script) (*object.State, error) {
	if s, err := l.replayed(scripts); s != nil || err != nil {
		return s, err
	}
	dev, done, err := l.Dev(ctx)
	if err != nil {
		return nil, err
	}
	s, err := l.replayOn(ctx, dev, scripts)
	return s, errors.Join(err, done())
}

// replayed is the state where it is known without a server; nil: it is not.
func (l *Loader) replayed(scripts []Script) (*object.State, error) {
	if l.Server.Major == 0 || l.Cache == nil {
		return nil, nil
	}
	keys, err := l.replayKeys(l.Server, scripts)
	if err != nil {
		return nil, err
	}
	n := l.Cache.get(keys[len(scripts)])
	if n == nil {
		return nil, nil
	}
	return l.Dialect.Build(n.Catalog, l.Scope)
}

func (l *Loader) replayOn(ctx context.Context, dev dialect.Session, scripts []Script) (*object.State, error) {
	if err := l.fit(ctx, dev); err != nil {
		return nil, err
	}
	server := l.Server
	if server.Major == 0 {
		server = dev.Server()
	}
	keys, err := l.replayKeys(server, scripts)
	if err != nil {
		return nil, err
	}
	known := len(scripts)
	for known > 0 && !l.Cache.has(keys[known]) {
		known--
	}
	var begin *Normalised
	if known > 0 {
		begin = l.Cache.get(keys[known])
	}
	if begin != nil && known == len(scripts) {
		return l.Dialect.Build(begin.Catalog, l.Scope)
	}
	c, err := l.replayFrom(ctx, dev, begin, known, scripts)
	if err != nil {
		return nil, err
	}
	l.Cache.put(keys[len(scripts)], &Normalised{Catalog: c})
	return l.Dialect.Build(c, l.Scope)
}

// replayFrom runs the scripts after a known beginning. What cannot run on top of its state, which has no rows and
// nothing that schemactl does not manage, runs from the start.
func (l *Loader) replayFrom(ctx context.Context, dev dialect.Session, begin *Normalised, known int, scripts []Script) (*catalog.Catalog, error) {
	if base, ok := l.base(begin); ok {
		rest, err := l.cut(scripts[known:])
		if err != nil {
			return nil, err
		}
		if c, err := dev.Replay(ctx, base, rest, l.Scope); err == nil || ctx.Err() != nil {
			return c, err
		}
	}
	all, err := l.cut(scripts)
	if err != nil {
		return nil, err
	}
	return dev.Replay(ctx, nil, all, l.Scope)
}

// base makes statements of a known state, if they can stand for all of it.
func (l *Loader) base(begin *Normalised) ([]dialect.Statement, bool) {
	if begin == nil {
		return nil, false
	}
	state, err := l.Dialect.Build(begin.Catalog, l.Scope)
	if err != nil || slices.ContainsFunc(state.Ledger, func(e object.Entry) bool { return e.Status == object.Unmanaged }) {
		return nil, false
	}
	statements, err := l.hclStatements(state)
	return statements, err == nil && statements != nil
}

func (l *Loader) cut(scripts []Script) ([]dialect.Script, error) {
	var faults diag.List
	out := make([]dialect.Script, len(scripts))
	for i, s := range scripts {
		script, err := s.Cut(l.Dialect)
		var d *diag.Diagnostic
		switch {
		case errors.As(err, &d):
			faults.Add(d)
		case err != nil:
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		out[i] = script
	}
	return out, faults.Err()
}

// replayKeys are the cache keys of all beginnings: keys[n] is that of the first n scripts.
func (l *Loader) replayKeys(server dialect.Server, scripts []Script) ([]string, error) {
	keys := make([]string, len(scripts)+1)
	if l.Cache == nil {
		return keys, nil
	}
	head, err := json.Marshal([]any{"replay", server.Dialect, server.Flavor, server.Version, server.Settings, l.Scope, l.Scope.History})
	if err != nil {
		return nil, err
	}
	keys[0] = l.Cache.key(head)
	for i, s := range scripts {
		keys[i+1] = l.Cache.key([]byte(keys[i]), s.Text, []byte(s.Mode))
	}
	return keys, nil
}
