package postgres

import (
	"cmp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.Watcher = Dialect{}

// databaseMark stands in statements for the name of the database that they are to be run in; psql knows it, too.
const databaseMark = `:"DBNAME"`

// thisDatabase is how facts call the database: two that are compared need not have one name.
const thisDatabase = "this"

// watchedQueries read the facts.
func watchedQueries(scope Scope) []catalog.Query {
	if !scope.Watched {
		return nil
	}
	return []catalog.Query{
		{Name: "watched", SQL: watchedQuery}, {Name: "watched_owners", SQL: watchedOwnerQuery},
		{Name: "watched_place", SQL: watchedPlaceQuery}, {Name: "watched_roles", SQL: watchedRoleQuery},
	}
}

// buildFacts makes facts of their rows.
func (b *builder) buildFacts() error {
	if !b.scope.Watched {
		return nil
	}
	for _, step := range []func() error{b.buildOwnerFacts, b.buildPartFacts, b.buildPlaceFacts, b.buildRoleFacts} {
		if err := step(); err != nil {
			return err
		}
	}
	object.SortFacts(b.state.Facts)
	return nil
}

func (b *builder) fact(f object.Fact) { b.state.Facts = append(b.state.Facts, f) }

func (b *builder) buildOwnerFacts() error {
	if b.scope.Has("owner") {
		return nil
	}
	return b.rows("watched_owners", func(r catalog.Row) error {
		at := ref{r.Str("class"), r.Str("oid"), "0"}
		target, ok := b.target(at)
		if !ok || b.isMember(at) {
			return nil
		}
		b.fact(object.Fact{
			Kind: target.id.Kind, Name: target.id.Path(), Attr: "owner", Value: r.Str("role"), Of: target.owner, Usual: r.Bool("usual"),
			Set: ownerStatement(b.state, target.id, r.Str("role")), Tail: grantees([]string{r.Str("role")}), Always: true,
		})
		return nil
	})
}

// buildPartFacts makes facts of what kinds do not hold of their objects.
func (b *builder) buildPartFacts() error {
	return b.rows("watched", func(r catalog.Row) error {
		at := ref{r.Str("class"), r.Str("oid"), r.Str("sub")}
		target, ok := b.target(at)
		if !ok {
			if target, ok = b.target(ref{at.class, at.oid, "0"}); !ok {
				return nil
			}
		}
		name, part := target.id.Path(), ""
		switch c := r.Str("part"); {
		case target.id != target.owner:
			part = target.id.Name
		case c != "" && target.id.Kind == "index":
			name += "." + c
		case c != "" && target.id.Kind != "column":
			name, part = name+"."+c, c
		}
		b.fact(object.Fact{
			Kind: target.id.Kind, Name: name, Part: part, Attr: r.Str("attr"), Value: r.Str("value"), Of: target.owner,
			Set: r.Str("set"), Unset: r.Str("unset"),
		})
		return nil
	})
}

func (b *builder) buildPlaceFacts() error {
	return b.rows("watched_place", func(r catalog.Row) error {
		f := object.Fact{
			Kind: r.Str("kind"), Name: r.Str("name"), Attr: r.Str("attr"), Value: r.Str("value"),
			Set: r.Str("set"), Unset: r.Str("unset"), Place: r.Bool("place"),
		}
		if f.Kind == "database setting" && isSecret(f.Name) {
			f.Value, f.Set = "(not shown)", ""
		}
		b.fact(f)
		return nil
	})
}

func (b *builder) buildRoleFacts() error {
	return b.rows("watched_roles", func(r catalog.Row) error {
		if b.scope.Has("role") && r.Str("kind") == "role" {
			return nil // it is an object
		}
		f := object.Fact{
			Kind: r.Str("kind"), Name: r.Str("name"), Attr: r.Str("attr"), Value: r.Str("value"),
			Set: r.Str("set"), Unset: r.Str("unset"), Place: true,
		}
		if f.Kind == "role setting" && isSecret(f.Name) {
			f.Value, f.Set = "(not shown)", ""
		}
		b.fact(f)
		return nil
	})
}

// Watch adds the order of columns, and takes out what is data: whether a materialized view is filled. It puts the name of
// the live database into statements.
func (Dialect) Watch(live, wanted *object.State, sides dialect.Sides) (have, want []object.Fact) {
	keep := func(facts []object.Fact) []object.Fact {
		return slices.DeleteFunc(slices.Clone(facts), func(f object.Fact) bool {
			m, filled := kind.Get[Materialized](live, f.Of)
			return f.Attr == "populated" && filled && !m.V.Unpopulated
		})
	}
	a, b := columnOrders(live, wanted, sides)
	c, d := notNullNames(live, wanted, sides)
	return object.NameDatabase(slices.Concat(keep(live.Facts), a, c), slices.Concat(keep(wanted.Facts), b, d), databaseMark)
}

// Beside leaves out what is data, and what belongs to the server where files are compared.
func (Dialect) Beside(kind string, sides dialect.Sides) bool {
	switch kind {
	case "large object", "large object privilege", "replication origin":
		return false
	case "tablespace", "tablespace privilege", "parameter privilege", "role setting":
		return sides.Place
	}
	return true
}

// notNullNames are the names of constraints behind NOT NULL where a plan lets the live one be: what looks like a name that
// the server made up for an earlier name of the column may stay where files are compared.
func notNullNames(live, wanted *object.State, sides dialect.Sides) (have, want []object.Fact) {
	for _, o := range live.Kind("column") {
		from, to := o.Value.(*Column), (*Column)(nil)
		if w, ok := kind.Get[Column](wanted, o.ID); ok {
			to = w.V
		}
		if to == nil || !from.NotNull || !to.NotNull || to.NotNullAs.Name != "" || from.NotNullAs.Name == "" ||
			!sides.Place && !sides.Replayed && strings.Contains(from.NotNullAs.Name, "_not_null") {
			continue
		}
		f := object.Fact{Kind: "column", Name: o.ID.Path(), Attr: "not_null_name", Of: o.ID, Value: from.NotNullAs.Name}
		have = append(have, f)
		f.Value = notNullName(o.ID)
		f.Set = "ALTER TABLE " + tableOf(o.ID) + " RENAME CONSTRAINT " + ident(from.NotNullAs.Name) + " TO " + ident(f.Value)
		want = append(want, f)
	}
	return have, want
}

// columnOrders are the orders of those columns that both sides have, of tables in which they differ. No statement moves a
// column, so that a plan adds at the end what a file has in the middle: against files the order counts only where a column
// that stands elsewhere left a gap.
func columnOrders(live, wanted *object.State, sides dialect.Sides) (have, want []object.Fact) {
	columns := func(s *object.State) map[object.ID][]kind.Of[Column] {
		out := map[object.ID][]kind.Of[Column]{}
		for _, o := range s.All() {
			if c, ok := o.Value.(*Column); ok {
				out[o.Parent] = append(out[o.Parent], kind.Of[Column]{Object: o, V: c})
			}
		}
		for _, list := range out {
			slices.SortStableFunc(list, func(a, b kind.Of[Column]) int { return cmp.Compare(a.V.Position, b.V.Position) })
		}
		return out
	}
	a, b := columns(live), columns(wanted)
	for _, o := range live.Kind("table") {
		x, y := common(a[o.ID], wanted), common(b[o.ID], live)
		if slices.Equal(x, y) || !sides.Place && !sides.Replayed && !gap(a[o.ID]) {
			continue
		}
		fact := object.Fact{Kind: "table", Name: o.ID.Path(), Attr: "column_order", Of: o.ID}
		fact.Value = strings.Join(x, ", ")
		have = append(have, fact)
		fact.Value = strings.Join(y, ", ")
		want = append(want, fact)
	}
	return have, want
}

// common are the names of the columns that another state has, too.
func common(list []kind.Of[Column], other *object.State) []string {
	var out []string
	for _, c := range list {
		if other.Has(c.ID) {
			out = append(out, c.ID.Name)
		}
	}
	return out
}

// gap reports whether a column before others was dropped.
func gap(list []kind.Of[Column]) bool {
	return slices.ContainsFunc(list, func(c kind.Of[Column]) bool { return c.V.Position > slices.Index(list, c)+1 })
}
