package atlas

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// MySQL plans tables of MySQL and MariaDB through Atlas. The zero value is ready to use.
//
// What Atlas has no word for (display widths, INVISIBLE, SRID, NOT ENFORCED, character sets of single columns) travels
// through it as a mark that Atlas copies unseen, and that is replaced in its statement.
type MySQL struct{}

// mark is what stands for text that Atlas does not know; NUL cannot occur in a statement.
const mark = "\x00"

// texts are the texts behind the marks of one statement.
type texts struct{ pairs []string }

// hide returns a mark for the text.
func (t *texts) hide(text string) string {
	m := fmt.Sprintf("%s%d%s", mark, len(t.pairs), mark)
	t.pairs = append(t.pairs, m, text)
	return m
}

// name hides a name that holds backquotes, which Atlas does not double.
func (t *texts) name(name string) string {
	if !strings.Contains(name, "`") {
		return name
	}
	return t.hide(strings.ReplaceAll(name, "`", "``"))
}

// shadow replaces another text that contains a mark.
func (t *texts) shadow(found, text string) { t.pairs = append([]string{found, text}, t.pairs...) }

func (t *texts) show(sql string) string {
	if len(t.pairs) == 0 {
		return sql
	}
	return strings.NewReplacer(t.pairs...).Replace(sql)
}

// CreateTable returns the statement that creates the table.
func (m MySQL) CreateTable(t MySQLTable) (Statement, error) {
	if err := t.whole(); err != nil {
		return Statement{}, err
	}
	hidden := &texts{}
	table := m.table(hidden, t)
	for _, c := range t.Columns {
		table.AddColumns(m.column(hidden, c))
	}
	if t.PrimaryKey != nil {
		table.SetPrimaryKey(m.index(hidden, table, *t.PrimaryKey))
	}
	for _, i := range t.Indexes {
		table.AddIndexes(m.index(hidden, table, i))
	}
	for _, f := range t.ForeignKeys {
		table.AddForeignKeys(m.foreignKey(hidden, table, f))
	}
	for _, c := range t.Checks {
		table.AddChecks(m.check(hidden, c))
	}
	stmt, err := m.plan(hidden, &schema.AddTable{T: table})
	for _, e := range t.Elements {
		stmt.SQL = strings.TrimSuffix(stmt.SQL, "\n)") + ",\n  " + e + "\n)"
	}
	stmt.SQL += t.Options
	return stmt, err
}

// AddColumn returns the statement that adds the column at the end.
func (m MySQL) AddColumn(t MySQLTable, c MySQLColumn) (Statement, error) {
	hidden := &texts{}
	return m.alter(hidden, t, &schema.AddColumn{C: m.column(hidden, c)})
}

// DropColumn returns the statement that drops the column.
func (m MySQL) DropColumn(t MySQLTable, c MySQLColumn) (Statement, error) {
	hidden := &texts{}
	return m.alter(hidden, t, &schema.DropColumn{C: m.column(hidden, c)})
}

// ModifyColumn returns the statement that changes the column's definition, which MySQL wants in full.
func (m MySQL) ModifyColumn(t MySQLTable, from, to MySQLColumn) (Statement, error) {
	hidden := &texts{}
	return m.alter(hidden, t, &schema.ModifyColumn{From: m.column(hidden, from), To: m.column(hidden, to), Change: schema.ChangeType})
}

// AddIndex returns the statement that adds the index.
func (m MySQL) AddIndex(t MySQLTable, i MySQLIndex) (Statement, error) {
	hidden := &texts{}
	return m.alter(hidden, t, &schema.AddIndex{I: m.index(hidden, m.table(hidden, t), i)})
}

// DropIndex returns the statement that drops the index.
func (m MySQL) DropIndex(t MySQLTable, i MySQLIndex) (Statement, error) {
	hidden := &texts{}
	return m.alter(hidden, t, &schema.DropIndex{I: m.index(hidden, m.table(hidden, t), i)})
}

// AddPrimaryKey returns the statement that adds the primary key.
func (m MySQL) AddPrimaryKey(t MySQLTable, i MySQLIndex) (Statement, error) {
	hidden := &texts{}
	return m.alter(hidden, t, &schema.AddPrimaryKey{P: m.index(hidden, m.table(hidden, t), i)})
}

// DropPrimaryKey returns the statement that drops the primary key.
func (m MySQL) DropPrimaryKey(t MySQLTable, i MySQLIndex) (Statement, error) {
	hidden := &texts{}
	return m.alter(hidden, t, &schema.DropPrimaryKey{P: m.index(hidden, m.table(hidden, t), i)})
}

// AddForeignKey returns the statement that adds the foreign key.
func (m MySQL) AddForeignKey(t MySQLTable, f ForeignKey) (Statement, error) {
	hidden := &texts{}
	return m.alter(hidden, t, &schema.AddForeignKey{F: m.foreignKey(hidden, m.table(hidden, t), f)})
}

// DropForeignKey returns the statement that drops the foreign key.
func (m MySQL) DropForeignKey(t MySQLTable, f ForeignKey) (Statement, error) {
	hidden := &texts{}
	return m.alter(hidden, t, &schema.DropForeignKey{F: m.foreignKey(hidden, m.table(hidden, t), f)})
}

// AddCheck returns the statement that adds the check.
func (m MySQL) AddCheck(t MySQLTable, c MySQLCheck) (Statement, error) {
	hidden := &texts{}
	return m.alter(hidden, t, &schema.AddCheck{C: m.check(hidden, c)})
}

// DropCheck returns the statement that drops the check.
func (m MySQL) DropCheck(t MySQLTable, c MySQLCheck) (Statement, error) {
	hidden := &texts{}
	return m.alter(hidden, t, &schema.DropCheck{C: m.check(hidden, c)})
}

// alter plans one change of an existing table.
func (m MySQL) alter(hidden *texts, t MySQLTable, c schema.Change) (Statement, error) {
	table := m.table(hidden, t)
	table.AddColumns(schema.NewIntColumn("unused", "int")) // Atlas refuses to alter a table without columns
	return m.plan(hidden, &schema.ModifyTable{T: table, Changes: []schema.Change{c}})
}

func (MySQL) plan(hidden *texts, c schema.Change) (Statement, error) {
	planned, err := mysql.DefaultPlan.PlanChanges(context.Background(), "", []schema.Change{c}, func(o *migrate.PlanOptions) {
		if _, create := c.(*schema.AddTable); create {
			o.Indent = "  "
		}
	})
	if err != nil {
		return Statement{}, fmt.Errorf("atlas: %w", err)
	}
	if len(planned.Changes) != 1 {
		return Statement{}, fmt.Errorf("atlas: planned %d statements for one change of a table", len(planned.Changes))
	}
	out := statements(planned)[0]
	out.SQL = hidden.show(out.SQL)
	for i := range out.Reverse {
		out.Reverse[i] = hidden.show(out.Reverse[i])
	}
	return out, nil
}

func (MySQL) table(hidden *texts, t MySQLTable) *schema.Table {
	return schema.NewTable(hidden.name(t.Name)).SetSchema(schema.New(hidden.name(t.Schema)))
}

// copied are the defaults that Atlas writes as they are; it takes any other, such as now(), for a text and quotes it.
var copied = regexp.MustCompile(`^(?:'|\(|[-+]?[0-9.]|(?i:current_timestamp))`)

// column lets Atlas spell the column when it prints the type back as the server does, and spells it in full otherwise.
// Atlas turns tinyint(1) into bool, drops display widths, and quotes defaults as Go strings (sql/mysql/convert.go,
// migrate.go).
func (m MySQL) column(hidden *texts, c MySQLColumn) *schema.Column {
	out := schema.NewColumn(hidden.name(c.Name)).SetNull(c.Null)
	typ, err := mysql.ParseType(c.Type)
	if err == nil && c.Charset == "" && c.Tail == "" && c.Generated == "" && !c.NoNull && (c.Default == "" || copied.MatchString(c.Default)) {
		if spelled, err := mysql.FormatType(typ); err == nil && spelled == c.Type {
			out.Type.Type = typ
			if c.Default != "" {
				out.SetDefault(&schema.RawExpr{X: c.Default})
			}
			if c.OnUpdate != "" {
				out.AddAttrs(&mysql.OnUpdate{A: c.OnUpdate})
			}
			if c.AutoIncrement {
				out.AddAttrs(&mysql.AutoIncrement{})
			}
			if c.Comment != "" {
				out.AddAttrs(&schema.Comment{Text: c.Comment})
			}
			return out
		}
	}
	m2 := hidden.hide(c.Definition())
	out.SetNull(true).Type.Type = &schema.SpatialType{T: m2}
	hidden.shadow(m2+" NULL", c.Definition())
	return out
}

// Definition is all that follows the name of the column (MySQL manual, "CREATE TABLE Statement", column_definition).
func (c MySQLColumn) Definition() string {
	words := []string{c.Type}
	add := func(ok bool, s ...string) {
		if ok {
			words = append(words, s...)
		}
	}
	add(c.Charset != "", c.Charset)
	add(c.Generated != "", "GENERATED ALWAYS AS ("+c.Generated+")", c.GeneratedKind)
	add(!c.Null && !c.NoNull, "NOT NULL")
	add(c.Null && !c.NoNull, "NULL")
	add(c.Default != "", "DEFAULT "+c.Default)
	add(c.OnUpdate != "", "ON UPDATE "+c.OnUpdate)
	add(c.AutoIncrement, "AUTO_INCREMENT")
	add(c.Comment != "", "COMMENT "+c.Comment)
	add(c.Tail != "", c.Tail)
	return strings.Join(words, " ")
}

func (MySQL) index(hidden *texts, t *schema.Table, i MySQLIndex) *schema.Index {
	out := schema.NewIndex(hidden.name(i.Name)).SetUnique(i.Unique)
	if i.Type == "VECTOR" { // which Atlas does not know
		out.Name = hidden.hide(strings.ReplaceAll(i.Name, "`", "``"))
		hidden.shadow("FULLTEXT INDEX `"+out.Name+"`", "VECTOR INDEX `"+strings.ReplaceAll(i.Name, "`", "``")+"`")
		i.Type = "FULLTEXT"
	}
	out.Table = t
	for _, p := range i.Parts {
		part := schema.NewColumnPart(schema.NewColumn(hidden.name(p.Column)))
		if p.Column == "" {
			part = schema.NewExprPart(&schema.RawExpr{X: p.Expr})
		}
		if p.Prefix > 0 {
			part.AddAttrs(&mysql.SubPart{Len: p.Prefix})
		}
		out.AddParts(part.SetDesc(p.Desc))
	}
	if i.Type != "" {
		out.AddAttrs(&mysql.IndexType{T: i.Type})
	}
	if last := len(i.Parts) - 1; i.Name == "PRIMARY" && i.Tail != "" || last >= 0 && i.Parts[last].Period != "" {
		// Atlas writes nothing after the parts of a primary key, and knows no WITHOUT OVERLAPS.
		m := hidden.hide("")
		out.Parts = []*schema.IndexPart{schema.NewExprPart(&schema.RawExpr{X: m})}
		hidden.shadow("(("+m+"))", strings.TrimRight(i.parts()+" "+i.Tail, " "))
		return out
	}
	if i.Tail != "" { // Atlas knows only a comment there, and forgets even that on primary keys
		m := hidden.hide(i.Tail)
		out.AddAttrs(&schema.Comment{Text: "'" + m + "'"})
		hidden.shadow("COMMENT '"+m+"'", i.Tail)
	}
	return out
}

// parts are the columns of a key in parentheses.
func (i MySQLIndex) parts() string {
	var out []string
	for _, p := range i.Parts {
		if p.Period != "" {
			out = append(out, "`"+strings.ReplaceAll(p.Period, "`", "``")+"` WITHOUT OVERLAPS")
			continue
		}
		s := "`" + strings.ReplaceAll(p.Column, "`", "``") + "`"
		if p.Prefix > 0 {
			s += fmt.Sprintf("(%d)", p.Prefix)
		}
		if p.Desc {
			s += " DESC"
		}
		out = append(out, s)
	}
	return "(" + strings.Join(out, ", ") + ")"
}

func (MySQL) foreignKey(hidden *texts, t *schema.Table, f ForeignKey) *schema.ForeignKey {
	ref := t
	if hidden.name(f.RefSchema) != t.Schema.Name || hidden.name(f.RefTable) != t.Name {
		// Behind a mark: Atlas orders tables by their bare names, and takes two of one name for a circle.
		ref = schema.NewTable(hidden.hide(strings.ReplaceAll(f.RefTable, "`", "``"))).SetSchema(schema.New(hidden.name(f.RefSchema)))
	}
	out := schema.NewForeignKey(hidden.name(f.Name)).SetTable(t).SetRefTable(ref)
	for _, name := range f.Columns { // Atlas checks them against SET NULL; the server has done so already
		out.AddColumns(schema.NewNullColumn(hidden.name(name)))
	}
	for _, name := range f.RefColumns {
		out.AddRefColumns(schema.NewColumn(hidden.name(name)))
	}
	return out.SetOnUpdate(schema.ReferenceOption(f.OnUpdate)).SetOnDelete(schema.ReferenceOption(f.OnDelete))
}

// check spells NOT ENFORCED, for which Atlas writes ENFORCED.
func (MySQL) check(hidden *texts, c MySQLCheck) *schema.Check {
	out := schema.NewCheck().SetName(hidden.name(c.Name)).SetExpr(c.Expr)
	if c.NotEnforced {
		m := hidden.hide(c.Expr)
		out.SetExpr(m)
		hidden.shadow("("+m+")", "("+c.Expr+") NOT ENFORCED")
	}
	return out
}

// MySQLClause splits a statement of Atlas's after its ALTER TABLE head, so that several can share one. table is the
// quoted name.
func MySQLClause(sql, table string) (prefix, clause string, ok bool) {
	prefix = "ALTER TABLE " + table + " "
	clause, ok = strings.CutPrefix(sql, prefix)
	return prefix, clause, ok
}
