package postgres

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// A function whose body names things without their schemas, and that has no search_path of its own, works where the
// session's search_path leads to them. An index on its results, a check or a generated column then works or not with the
// session that makes it. Such statements run under a search_path in which the function finds what it names.

// pathHint tells what to do about a function that finds nothing.
const pathHint = "a function that finds what it names by the session's search_path works in some sessions only, and from PostgreSQL 17 on " +
	"in no index or materialized view: give it one of its own, ALTER FUNCTION … SET search_path = …"

// inRoutine reports whether the server missed something that the body of a function names.
func (f *serverFault) inRoutine() bool {
	return f.Is(dialect.ErrMissing) && strings.Contains(f.within, "function ")
}

// findsNothing reports whether a function does not find what it names: one that a statement calls, or that it makes.
func findsNothing(err error, of object.ID) bool {
	var f *serverFault
	return errors.As(err, &f) && (f.inRoutine() || f.Is(dialect.ErrMissing) && (of.Kind == "function" || of.Kind == "procedure"))
}

// underPath loads what was made of a declaration, which has no search_path, with all schemas within reach of functions:
// those of the object and of everybody first. What it names itself has its schema.
func (l *loading) underPath(ctx context.Context, st dialect.Statement) (loaded bool, err error) {
	path, err := l.pathOfAll(ctx, st.Object.Schema)
	if err != nil {
		return false, err
	}
	if err := l.Exec(ctx, "SET "+l.local+"search_path = "+path); err != nil {
		return false, err
	}
	failed := l.tryWithRoles(ctx, st.SQL)
	l.settings = "search_path" // none that a statement asks for: the next puts its own into force
	return failed == nil, l.set(ctx, st.Settings)
}

// pathOfAll spells a search_path of all schemas.
func (s *session) pathOfAll(ctx context.Context, first string) (path string, err error) {
	err = s.conn.QueryRowContext(ctx, `SELECT pg_catalog.string_agg(pg_catalog.quote_ident(n.nspname), ', ' ORDER BY n.nspname <> $1, n.nspname <> 'public', n.nspname)
FROM pg_catalog.pg_namespace n WHERE `+userSchemas, first).Scan(&path)
	return path, fault(err, "")
}

// reachFor marks the steps on relations and domains whose expressions call such functions.
func reachFor(c *kind.Context, steps []*plan.Step) {
	f := pathFinder{schemas: map[object.ID][]string{}, scripts: map[string][]string{}}
	f.note(c.From)
	f.note(c.To)
	if len(f.schemas) == 0 && len(f.scripts) == 0 {
		return
	}
	paths := map[relationName][]string{}
	for _, s := range []*object.State{c.From, c.To} {
		f.domains(s)
		for _, o := range s.All() {
			if path := f.pathOf(c, o); path != nil {
				paths[relationOf(o.ID)] = append(paths[relationOf(o.ID)], path...)
			}
		}
	}
	for _, st := range steps {
		path := paths[relationOf(st.ID)]
		whole := st.Op == plan.Drop && st.ID.Table == ""
		if path != nil && !whole && !slices.Contains([]string{"comment", "permission", "owner"}, st.ID.Kind) {
			st.Setting = pathSetting(path)
		}
	}
}

// relationName is the name of a table, a materialized view or a domain.
type relationName struct{ schema, name string }

func relationOf(id object.ID) relationName {
	return relationName{id.Schema, cmp.Or(id.Table, id.Name)}
}

// pathSetting spells a search_path of schemas, and of public, which is in most.
func pathSetting(schemas []string) string {
	schemas = slices.Sorted(slices.Values(schemas))
	schemas = slices.DeleteFunc(slices.Compact(schemas), func(s string) bool { return s == "public" })
	return "search_path = " + idents(append(schemas, "public"))
}

// pathFinder knows the schemas in which functions and domains look for what they name.
type pathFinder struct {
	schemas map[object.ID][]string
	scripts map[string][]string // of functions of extensions, by their names with their schemas
}

// note finds the functions that name things outside of public without their schemas, themselves or by others that they call.
func (f *pathFinder) note(s *object.State) {
	own := map[object.ID][]string{}
	routines := slices.Concat(s.Kind("function"), s.Kind("procedure"))
	for _, o := range routines {
		if schemas := unqualifiedIn(o); len(schemas) > 0 {
			own[o.ID] = schemas
		}
	}
	f.noteExtensions(s)
	if len(own) == 0 {
		return
	}
	for _, o := range routines {
		seen := map[object.ID]bool{}
		var walk func(id object.ID)
		walk = func(id object.ID) {
			if seen[id] {
				return
			}
			seen[id] = true
			f.schemas[o.ID] = append(f.schemas[o.ID], own[id]...)
			called := s.Get(id)
			for _, n := range slices.Concat(called.Needs, called.Mentions) {
				if n.Kind == "function" && s.Has(n) {
					walk(n)
				}
			}
		}
		walk(o.ID)
		if len(f.schemas[o.ID]) == 0 {
			delete(f.schemas, o.ID)
		}
	}
}

// unqualifiedIn lists the schemas of what the body of a routine without a search_path names without them.
func unqualifiedIn(o *object.Object) []string {
	r := o.Value.(*Routine)
	if r.mentionText() == "" || slices.ContainsFunc(r.Config, func(c string) bool { return strings.HasPrefix(c, "search_path=") }) {
		return nil
	}
	var out []string
	for _, m := range o.Mentions {
		if m.Schema == "public" || m.Schema == "" || slices.Contains(out, m.Schema) || m == o.ID {
			continue
		}
		name, _, _ := strings.Cut(m.Name, "(")
		if alone := regexp.MustCompile(`(?i)(?:^|[^.\w$"])(?:` + regexp.QuoteMeta(name) + `\b|` + regexp.QuoteMeta(ident(name)) + `)`); alone.MatchString(r.Body) {
			out = append(out, m.Schema)
		}
	}
	return out
}

// noteExtensions finds functions of extensions that are written in SQL and have no search_path: they name functions and types
// of theirs, and of the extensions that they build on.
func (f *pathFinder) noteExtensions(s *object.State) {
	var schemas []string
	for _, o := range s.Kind("extension") {
		schemas = append(schemas, o.Value.(*Extension).Schema)
	}
	for _, o := range s.Kind("extension") {
		e := o.Value.(*Extension)
		for _, name := range e.Scripts {
			if slices.ContainsFunc(schemas, func(s string) bool { return s != "public" }) {
				f.scripts[asNeeded(e.Schema)+"."+asNeeded(name)] = append([]string{e.Schema}, schemas...)
			}
		}
	}
}

// domains lets what checks of a domain call be called by columns of its type.
func (f *pathFinder) domains(s *object.State) {
	for _, o := range s.Kind("domain_check") {
		for _, n := range o.Needs {
			f.schemas[o.Parent] = append(f.schemas[o.Parent], f.schemas[n]...)
		}
		if len(f.schemas[o.Parent]) == 0 {
			delete(f.schemas, o.Parent)
		}
	}
}

// pathOf lists the schemas that the functions of an object's expression look into when the server evaluates it for rows that
// are there. Since PostgreSQL 17 it does so with none for indexes and materialized views.
func (f *pathFinder) pathOf(c *kind.Context, o *object.Object) []string {
	switch o.ID.Kind {
	case "index", "materialized":
		if c.Policy.Server.AtLeast([3]int{17}) {
			return nil
		}
	case "check", "exclude", "column", "default", "inherited_column", "domain_check", "table":
	default:
		return nil
	}
	text := declaredText(o)
	if k, ok := o.Value.(*Constraint); ok {
		text = k.Def
	}
	var out []string
	for _, n := range o.Needs {
		out = append(out, f.schemas[n]...)
		if n.Kind == "extension" && len(f.scripts) > 0 {
			for name, schemas := range f.scripts {
				if strings.Contains(text, name+"(") {
					out = append(out, schemas...)
				}
			}
		}
	}
	return out
}

// underPaths puts the search_path that steps need around them.
func underPaths(steps []*plan.Step) []*plan.Step {
	var out []*plan.Step
	for i, s := range steps {
		if s.Setting == "" {
			out = append(out, s)
			continue
		}
		frame := func(sql, comment string) {
			out = append(out, &plan.Step{ID: s.ID, Owner: s.Owner, Op: s.Op, Pos: s.Pos, SQL: sql, Comment: comment, NoTx: s.NoTx, UndoneAlong: true})
		}
		set, reset := "SET "+s.Setting, "RESET search_path"
		if i == 0 || steps[i-1].Setting != s.Setting || steps[i-1].NoTx != s.NoTx {
			frame(set, "functions that "+s.Owner.String()+" calls find by the search_path what they name")
		}
		bare := func(sql string) bool { return strings.HasPrefix(sql, "DROP ") }
		if len(s.Reverse) > 0 && s.Reverse[0] != set && !slices.ContainsFunc(s.Reverse, bare) {
			s.Reverse = slices.Concat([]string{set}, s.Reverse, []string{reset})
		}
		out = append(out, s)
		if i == len(steps)-1 || steps[i+1].Setting != s.Setting || steps[i+1].NoTx != s.NoTx {
			frame(reset, "back to the session's own search_path")
		}
	}
	return out
}
