package atlas

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
)

// Postgres plans PostgreSQL tables through Atlas. The zero value is ready to use.
type Postgres struct{}

// CreateTable returns the statement that creates the table with its columns, keys and checks.
func (p Postgres) CreateTable(t Table) (Statement, error) {
	table, err := p.table(t)
	if err != nil {
		return Statement{}, err
	}
	stmts, err := p.plan(&schema.AddTable{T: table}, func(o *migrate.PlanOptions) { o.Indent = "  " })
	if err != nil {
		return Statement{}, err
	}
	return stmts[0], nil
}

// Alter diffs two versions of a table with Atlas and returns a statement for each difference.
func (p Postgres) Alter(from, to Table) ([]Statement, error) {
	before, err := p.table(from)
	if err != nil {
		return nil, err
	}
	after, err := p.table(to)
	if err != nil {
		return nil, err
	}
	changes, err := postgres.DefaultDiff.TableDiff(before, after)
	if err != nil {
		return nil, fmt.Errorf("atlas: %w", err)
	}
	var out []Statement
	for _, c := range changes {
		stmts, err := p.plan(&schema.ModifyTable{T: after, Changes: []schema.Change{c}})
		if err != nil {
			return nil, err
		}
		out = append(out, stmts...)
	}
	return out, nil
}

// AlterType returns the statement that changes a column's type, for the types whose difference Atlas does not see
// (postgres/diff.go compares user-defined types only where a schema is connected). using, if not empty, converts.
func (p Postgres) AlterType(t Table, from, to Column, using string) (Statement, error) {
	table, err := p.table(t)
	if err != nil {
		return Statement{}, err
	}
	change := &schema.ModifyColumn{From: p.column(from), To: p.column(to), Change: schema.ChangeType}
	if using != "" {
		change.Extra = append(change.Extra, &postgres.ConvertUsing{X: using})
	}
	stmts, err := p.plan(&schema.ModifyTable{T: table, Changes: []schema.Change{change}})
	if err != nil {
		return Statement{}, err
	}
	return stmts[0], nil
}

func (Postgres) plan(c schema.Change, options ...migrate.PlanOption) ([]Statement, error) {
	planned, err := postgres.DefaultPlan.PlanChanges(context.Background(), "", []schema.Change{c}, options...)
	if err != nil {
		return nil, fmt.Errorf("atlas: %w", err)
	}
	return statements(planned), nil
}

func statements(p *migrate.Plan) []Statement {
	out := make([]Statement, 0, len(p.Changes))
	for _, c := range p.Changes {
		s := Statement{SQL: c.Cmd, Comment: c.Comment}
		switch r := c.Reverse.(type) {
		case string:
			if r != "" {
				s.Reverse = []string{r}
			}
		case []string:
			s.Reverse = r
		}
		out = append(out, s)
	}
	return out
}

// inQuotes prepares a name for Atlas, which puts identifiers into quotes as they are (sqlx.Builder.Ident): the quotes in
// it are doubled.
func inQuotes(name string) string { return strings.ReplaceAll(name, `"`, `""`) }

func (p Postgres) table(t Table) (*schema.Table, error) {
	out := schema.NewTable(inQuotes(t.Name)).SetSchema(schema.New(inQuotes(t.Schema)))
	for _, c := range t.Columns {
		out.AddColumns(p.column(c))
	}
	if t.PrimaryKey != nil {
		pk, err := p.index(out, *t.PrimaryKey)
		if err != nil {
			return nil, err
		}
		out.SetPrimaryKey(pk)
	}
	for _, i := range t.Indexes {
		idx, err := p.index(out, i)
		if err != nil {
			return nil, err
		}
		out.AddIndexes(idx)
	}
	for _, f := range t.ForeignKeys {
		out.AddForeignKeys(foreignKey(out, f))
	}
	for _, c := range t.Checks {
		check := schema.NewCheck().SetName(inQuotes(c.Name)).SetExpr(c.Expr)
		if c.NoInherit {
			check.AddAttrs(&postgres.NoInherit{})
		}
		out.AddChecks(check)
	}
	return out, nil
}

func (Postgres) column(c Column) *schema.Column {
	out := schema.NewColumn(inQuotes(c.Name)).SetNull(c.Null)
	out.Type.Raw = c.Type
	out.Type.Type = postgresType(c)
	if c.Default != "" {
		out.SetDefault(&schema.RawExpr{X: c.Default})
	}
	if c.Generated != "" {
		out.SetGeneratedExpr(&schema.GeneratedExpr{Expr: c.Generated, Type: "STORED"})
	}
	return out
}

// postgresType parses a type where Atlas prints it back unchanged, and keeps the spelling as it is everywhere else.
func postgresType(c Column) schema.Type {
	raw := &postgres.UserDefinedType{T: c.Type}
	if c.Raw {
		return raw
	}
	t, err := postgres.ParseType(c.Type)
	if err != nil {
		return raw
	}
	if _, isArray := t.(*postgres.ArrayType); isArray {
		return raw
	}
	if f, err := postgres.FormatType(t); err != nil || f != c.Type {
		return raw
	}
	return t
}

func (Postgres) index(t *schema.Table, i Index) (*schema.Index, error) {
	out := schema.NewIndex(inQuotes(i.Name)).SetUnique(i.Unique)
	out.Table = t
	for _, p := range i.Parts {
		part := schema.NewExprPart(&schema.RawExpr{X: p.Expr})
		if p.Column != "" {
			c, ok := t.Column(inQuotes(p.Column))
			if !ok {
				return nil, fmt.Errorf("atlas: index %q names the unknown column %q", i.Name, p.Column)
			}
			part = schema.NewColumnPart(c)
		}
		part.SetDesc(p.Desc)
		if p.NullsFirst || p.NullsLast {
			part.AddAttrs(&postgres.IndexColumnProperty{NullsFirst: p.NullsFirst, NullsLast: p.NullsLast})
		}
		if p.OpClass != "" {
			part.AddAttrs(&postgres.IndexOpClass{Name: p.OpClass})
		}
		out.AddParts(part)
	}
	if i.Method != "" {
		out.AddAttrs(&postgres.IndexType{T: i.Method})
	}
	if i.Where != "" {
		out.AddAttrs(&postgres.IndexPredicate{P: i.Where})
	}
	if len(i.Include) > 0 {
		include := &postgres.IndexInclude{}
		for _, name := range i.Include {
			include.Columns = append(include.Columns, schema.NewColumn(inQuotes(name)))
		}
		out.AddAttrs(include)
	}
	if i.NullsNotDistinct {
		out.AddAttrs(&postgres.IndexNullsDistinct{V: false})
	}
	if i.Constraint {
		out.AddAttrs(postgres.UniqueConstraint(inQuotes(i.Name)))
	}
	return out, nil
}

func foreignKey(t *schema.Table, f ForeignKey) *schema.ForeignKey {
	ref, refSchema, refTable := t, inQuotes(f.RefSchema), inQuotes(f.RefTable)
	if refSchema != t.Schema.Name || refTable != t.Name {
		ref = schema.NewTable(refTable).SetSchema(schema.New(refSchema))
	}
	out := schema.NewForeignKey(inQuotes(f.Name)).SetTable(t).SetRefTable(ref)
	for _, name := range f.Columns {
		out.AddColumns(columnNamed(t, name))
	}
	for _, name := range f.RefColumns {
		out.AddRefColumns(columnNamed(ref, name))
	}
	return out.SetOnUpdate(schema.ReferenceOption(f.OnUpdate)).SetOnDelete(schema.ReferenceOption(f.OnDelete))
}

func columnNamed(t *schema.Table, name string) *schema.Column {
	name = inQuotes(name)
	if i := slices.IndexFunc(t.Columns, func(c *schema.Column) bool { return c.Name == name }); i >= 0 {
		return t.Columns[i]
	}
	return schema.NewColumn(name)
}

// Clause splits a statement of Atlas's after its ALTER TABLE head, so that several can share one.
func Clause(sql, schemaName, table string) (prefix, clause string, ok bool) {
	prefix = `ALTER TABLE "` + inQuotes(schemaName) + `"."` + inQuotes(table) + `" `
	clause, ok = strings.CutPrefix(sql, prefix)
	return prefix, clause, ok
}
