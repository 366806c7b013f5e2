package postgres

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Composite is a composite type. As with tables, the order of its attributes is kept for new types only: PostgreSQL
// adds attributes at the end.
type Composite struct {
	Fields []Field `json:"fields,omitempty"`
}

// Field is an attribute of a composite type.
type Field struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Collation string `json:"collation,omitempty"` // quoted; empty: the type's own
}

func (f Field) String() string {
	out := ident(f.Name) + " " + f.Type
	if f.Collation != "" {
		out += " COLLATE " + f.Collation
	}
	return out
}

func (*Composite) address(id object.ID) string { return typeAddress(id) }

func compositeKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Composite]{
			Name: "composite", Weight: weightType,
			Create: createComposite, Alter: alterComposite, Drop: dropComposite, Aside: typeAside[Composite],
			Equal: func(from, to *Composite) bool {
				return len(from.Fields) == len(to.Fields) && len(missing(from.Fields, to.Fields)) == 0
			},
		}),
		queries: []catalog.Query{{Name: "composites", SQL: `
SELECT t.oid, t.typarray AS array, t.typrelid AS relation, n.nspname AS schema, t.typname AS name,
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
     'collation', CASE WHEN a.attcollation <> at.typcollation AND a.attcollation <> 0 THEN
       (SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname) FROM pg_catalog.pg_collation co
        JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) ELSE '' END) ORDER BY a.attnum)
   FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type at ON at.oid = a.atttypid
   WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS fields,
  (SELECT pg_catalog.string_agg(a.attnum::text, E'\x1f' ORDER BY a.attnum)
   FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS nums
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE t.typtype = 'c' AND c.relkind = 'c' AND t.oid >= 16384 AND ` + userSchemas + `
ORDER BY 4, 5`}},
		build: buildComposites,
		hcl:   compositeHCL(),
	}
}

func buildComposites(b *builder) error {
	return b.rows("composites", func(r catalog.Row) error {
		v := &Composite{}
		if err := fromJSON(r.Str("fields"), &v.Fields); err != nil {
			return err
		}
		id := object.ID{Kind: "composite", Schema: r.Str("schema"), Name: r.Str("name")}
		if err := b.add(ref{classType, r.Str("oid"), "0"}, &object.Object{ID: id, Value: v, Claims: relationClaims(id)}); err != nil {
			return err
		}
		b.alias(ref{classType, r.Str("array"), "0"}, id)
		b.alias(ref{classRelation, r.Str("relation"), "0"}, id)
		nums := r.List("nums")
		if len(nums) != len(v.Fields) {
			return fmt.Errorf("%s has %d fields with %d numbers", id, len(v.Fields), len(nums))
		}
		for i, num := range nums {
			b.part(ref{classRelation, r.Str("relation"), num}, columnID(id, v.Fields[i].Name), id)
		}
		return nil
	})
}

// missing lists the fields of a that b lacks.
func missing(a, b []Field) []Field {
	return slices.DeleteFunc(slices.Clone(a), func(f Field) bool { return slices.Contains(b, f) })
}

func (v *Composite) definition(id object.ID) string {
	fields := make([]string, len(v.Fields))
	for i, f := range v.Fields {
		fields[i] = "\n  " + f.String()
	}
	return "CREATE TYPE " + qualified(id.Schema, id.Name) + " AS (" + strings.Join(fields, ",") + toggle(len(fields) > 0, "\n", "") + ")"
}

// createComposite keeps the order of what the type had before where it is made anew: tables made after it have that.
func createComposite(c *kind.Context, t kind.Of[Composite]) ([]plan.Step, error) {
	ordered := &Composite{}
	for _, name := range t.V.inOrderOf(c.From, t.ID) {
		i := slices.IndexFunc(t.V.Fields, func(f Field) bool { return f.Name == name })
		ordered.Fields = append(ordered.Fields, t.V.Fields[i])
	}
	return append(matchOld(c, t), plan.Step{
		SQL:     ordered.definition(t.ID),
		Comment: "create " + t.ID.String(),
		Reverse: []string{"DROP " + t.V.address(t.ID)},
	}), nil
}

// matchOld gives the old version of a type, which stands aside, the attributes of the new one in the same order, where lists
// of rows move: these move as text, which names no attributes.
func matchOld(c *kind.Context, t kind.Of[Composite]) []plan.Step {
	from, was := kind.Get[Composite](c.From, t.ID)
	if !was || !movesInLists(c, t.ID) {
		return nil
	}
	var clauses []string
	gone := droppedFields(from.V, t.V)
	for _, name := range gone {
		clauses = append(clauses, "DROP ATTRIBUTE "+ident(name))
	}
	for _, name := range t.V.inOrderOf(c.From, t.ID) {
		if !slices.ContainsFunc(from.V.Fields, func(f Field) bool { return f.Name == name }) {
			i := slices.IndexFunc(t.V.Fields, func(f Field) bool { return f.Name == name })
			clauses = append(clauses, "ADD ATTRIBUTE "+t.V.Fields[i].String())
		}
	}
	if len(clauses) == 0 {
		return nil
	}
	step := plan.Step{
		SQL:     "ALTER TYPE " + qualified(t.ID.Schema, aside(t.ID.Name)) + " " + strings.Join(clauses, ", "),
		Comment: "give the old " + t.ID.String() + " the attributes of the new one",
	}
	if len(gone) > 0 {
		step.Loses = "the values of " + strings.Join(gone, ", ") + " in columns of " + t.ID.String()
	}
	return []plan.Step{step}
}

// movesInLists reports whether a column moves over to a new version of the type, with rows of it in lists or ranges that have
// other attributes then.
func movesInLists(c *kind.Context, id object.ID) bool {
	types := typesWithin(c, id)
	for _, o := range c.From.Kind("column") {
		to, stays := kind.Get[Column](c.To, o.ID)
		if !stays || !slices.ContainsFunc(o.Needs, func(n object.ID) bool { return slices.Contains(types, n) }) {
			continue
		}
		carry := &carrying{c: c, ok: true}
		if carry.value("", o.Value.(*Column).Type, to.V.Type); !carry.ok {
			return true
		}
	}
	return false
}

// alterComposite adds, drops and changes attributes in place. A change of type is refused while a table uses the type
// (PostgreSQL manual, "ALTER TYPE"): then the type is made anew.
func alterComposite(c *kind.Context, from, to kind.Of[Composite], a *kind.Attrs) (plan.Edit, error) {
	a.Take("fields")
	named := func(fields []Field, name string) int {
		return slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
	}
	var clauses, back []string
	retyped := false
	for _, f := range missing(from.V.Fields, to.V.Fields) {
		if named(to.V.Fields, f.Name) < 0 {
			clauses = append(clauses, "DROP ATTRIBUTE "+ident(f.Name))
			back = append(back, "ADD ATTRIBUTE "+f.String())
		}
	}
	for _, f := range missing(to.V.Fields, from.V.Fields) {
		i := named(from.V.Fields, f.Name)
		if i < 0 {
			clauses = append(clauses, "ADD ATTRIBUTE "+f.String())
			back = append(back, "DROP ATTRIBUTE "+ident(f.Name))
			continue
		}
		retyped = true
		clauses = append(clauses, "ALTER ATTRIBUTE "+retypedField(f))
		back = append(back, "ALTER ATTRIBUTE "+retypedField(from.V.Fields[i]))
	}
	if retyped && usedByColumns(c, to.ID) {
		return plan.Replace("PostgreSQL cannot change the type of an attribute while a table uses the type"), nil
	}
	head := "ALTER TYPE " + qualified(to.ID.Schema, to.ID.Name) + " "
	step := plan.Step{
		SQL: head + strings.Join(clauses, ", "), Reverse: []string{head + strings.Join(back, ", ")}, Comment: "modify " + to.ID.String(),
	}
	if gone := droppedFields(from.V, to.V); len(gone) > 0 && usedByColumns(c, to.ID) {
		step.Loses = "the values of " + strings.Join(gone, ", ") + " in columns of " + to.ID.String()
	}
	edit := plan.InPlace(step)
	edit.Disturbs = func(dep *object.Object) bool {
		switch dep.Value.(type) {
		case *View, *Materialized, *Rule, *Policy:
			return true
		}
		return false
	}
	return edit, nil
}

// droppedFields names the attributes that a type loses.
func droppedFields(from, to *Composite) []string {
	var out []string
	for _, f := range from.Fields {
		if !slices.ContainsFunc(to.Fields, func(t Field) bool { return t.Name == f.Name }) {
			out = append(out, f.Name)
		}
	}
	return out
}

func retypedField(f Field) string {
	out := ident(f.Name) + " TYPE " + f.Type
	if f.Collation != "" {
		out += " COLLATE " + f.Collation
	}
	return out
}

func dropComposite(_ *kind.Context, t kind.Of[Composite]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP " + t.V.address(t.ID),
		Comment: "drop " + t.ID.String(),
		Reverse: []string{t.V.definition(t.ID)},
	}}, nil
}
