package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

func upper(s string) string { return strings.ToUpper(s) }

// changeOf is the row of costs that an action falls under; empty where none.
func changeOf(m *safety.Model, a safety.Action) string {
	t := m.Table(a.Table)
	switch a.Verb {
	case safety.CreateTable:
		return createChange(m, a)
	case safety.DropTable:
		if len(parents(m, t, "")) > 0 || a.Cascade && len(m.Children(a.Table)) > 0 {
			return "drop table with foreign keys"
		}
		return "drop table"
	case safety.CreateIndex:
		return createIndexChange(t, a)
	case safety.AddConstraint, safety.ValidateConstraint, safety.DropConstraint:
		return constraintChange(m, a)
	}
	if a.Verb == safety.AttachPartition && m.Table(a.Of).Checked() {
		return "attach partition, proven"
	}
	return columnChange(m, a)
}

// defaultPartition is the partition that takes what fits no other.
func defaultPartition(m *safety.Model, parent safety.Name) *safety.Table {
	if p := m.Table(parent); p != nil {
		for _, n := range p.Partitions {
			if t := m.Table(n); t != nil && t.IsDefault {
				return t
			}
		}
	}
	return nil
}

func constraintChange(m *safety.Model, a safety.Action) string {
	if a.Verb == safety.AddConstraint {
		return addConstraintChange(m, a)
	}
	word := "validate"
	if a.Verb == safety.DropConstraint {
		word = "drop constraint"
	}
	if c := m.Table(a.Table).Constraint(a.Name); c != nil && c.Type == safety.Foreign {
		word = strings.TrimSuffix(word, " constraint") + " foreign key"
	}
	return word
}

// columnChange is of changes of a column.
func columnChange(m *safety.Model, a safety.Action) string {
	t := m.Table(a.Table)
	switch a.Verb {
	case safety.AddColumn:
		return addColumnChange(m, a)
	case safety.DropColumn:
		if len(parents(m, t, a.Name))+len(referring(m, a)) > 0 {
			return "drop column with a foreign key"
		}
		return "drop column"
	case safety.SetDefault, safety.DropDefault:
		return "set or drop default"
	case safety.AddIdentity, safety.AlterIdentity, safety.DropIdentity:
		return "change identity"
	case safety.SetExpression:
		if c := t.Column(a.Name); c != nil && c.Generated == "virtual" {
			return "set expression, virtual"
		}
		return "set expression, stored"
	case safety.AlterType:
		return typeChange(m, a)
	case safety.SetNotNull:
		if c := t.Column(a.Name); c != nil && c.NotNull || provenNotNull(t, a.Name) {
			return "set not null, proven"
		}
		return "set not null"
	}
	return plainChange(a)
}

// plainChange is of actions that cost the same on every table.
func plainChange(a safety.Action) string {
	switch a.Verb {
	case safety.DropIndex, safety.Reindex, safety.DetachPartition, safety.RefreshView:
		word := string(a.Verb)
		if a.Verb == safety.RefreshView {
			word = "refresh"
		}
		if a.Concurrently {
			word += " concurrently"
		}
		return word
	case safety.AttachPartition:
		return "attach partition"
	case safety.SetOptions:
		if a.Name == "replica identity" {
			return a.Name
		}
	case safety.EnableRLS, safety.DisableRLS, safety.ForceRLS:
		return "row security"
	case safety.CreatePolicy, safety.AlterPolicy, safety.DropPolicy:
		return "policy"
	case safety.SetOwner:
		if a.Table.IsZero() {
			return ""
		}
	case safety.Insert, safety.Update, safety.Delete:
		return "write rows"
	case safety.Query:
		return "read rows"
	}
	return string(a.Verb)
}

func createChange(m *safety.Model, a safety.Action) string {
	if !a.New.Parent.IsZero() {
		p := m.Table(a.New.Parent)
		if p != nil && p.Kind != "partitioned table" {
			return "create child table"
		}
		if defaultPartition(m, a.New.Parent) != nil {
			return "create partition beside a default"
		}
		return "create partition"
	}
	if slices.ContainsFunc(a.New.Constraints, func(c safety.Constraint) bool { return c.Type == safety.Foreign }) {
		return "create table with foreign keys"
	}
	return "create table"
}

func addColumnChange(m *safety.Model, a safety.Action) string {
	c := a.Column
	switch {
	case c.Serial, c.Identity != "":
		return "add column, serial or identity"
	case c.Generated == "stored":
		return "add column, stored"
	case c.Generated == "virtual":
		return "add column, virtual"
	case volatile(m, c.Default):
		return "add column, volatile default"
	case m.Constrained(c.Type):
		return "add column, constrained domain"
	case c.NotNull && (c.Default == "" || strings.EqualFold(c.Default, "null")):
		return "add column, required"
	}
	return "add column"
}

func addConstraintChange(m *safety.Model, a safety.Action) string {
	c := a.Constraint
	lax := c.NotValid || c.NotEnforced
	switch c.Type {
	case safety.Check:
		if lax {
			return "add check, not valid"
		}
		return "add check"
	case safety.NotNulls:
		if lax {
			return "add not null, not valid"
		}
		return "add not null"
	case safety.Foreign:
		// The values of a column that is being added are all null, unless it has a default.
		if lax || a.Column != nil && a.Column.Default == "" {
			return "add foreign key, not valid"
		}
		return "add foreign key"
	}
	if c.UsingIndex == "" {
		return "add key"
	}
	if t := m.Table(a.Table); c.Type == safety.Primary && t != nil {
		for _, name := range columnsOfKey(t, *c) {
			if col := t.Column(name); col != nil && !col.NotNull && !provenNotNull(t, name) {
				return "add key, using an index, nullable"
			}
		}
	}
	return "add key, using an index"
}

func columnsOfKey(t *safety.Table, c safety.Constraint) []string {
	if i := t.Index(c.UsingIndex); i != nil {
		return i.Columns
	}
	return c.Columns
}

func createIndexChange(t *safety.Table, a safety.Action) string {
	switch {
	case a.Concurrently:
		return "create index concurrently"
	case a.Index.Only && t != nil && t.Kind == "partitioned table":
		return "create index on an empty parent"
	}
	return "create index"
}

// provenNotNull reports whether a valid check says that the column has no nulls (ATExecSetNotNull,
// NotNullImpliedByRelConstraints).
func provenNotNull(t *safety.Table, column string) bool {
	if t == nil {
		return false
	}
	return slices.ContainsFunc(t.Constraints, func(c safety.Constraint) bool {
		return c.Type == safety.Check && !c.NotValid && !c.NotEnforced && impliesNotNull(c.Expr, column)
	})
}

// impliesNotNull knows "c IS NOT NULL", alone or as one of several conditions joined by AND.
func impliesNotNull(expr, column string) bool {
	r := readerOf(expr)
	for r.Peek().Is("(") && len(r.Tokens) > 0 && r.Tokens[len(r.Tokens)-1].Is(")") {
		inner := r.Group()
		if !r.Done() {
			r.Pos = 0
			break
		}
		r = readerOf(inner)
	}
	for !r.Done() {
		start := r.Pos
		part := r.Until("and", "or")
		if r.Peek().Is("or") {
			return false
		}
		if r.Pos-start == 4 && r.Tokens[start].Name() && r.Tokens[start].Text == column && r.Tokens[start+1].Is("is") && r.Tokens[start+2].Is("not") && r.Tokens[start+3].Is("null") {
			return true
		}
		if strings.HasPrefix(part, "(") && part != expr && impliesNotNull(part, column) {
			return true
		}
		r.Take("and")
	}
	return false
}

// volatileFunctions are those of PostgreSQL and its well-known extensions that give another value for each row.
//
//nolint:gochecknoglobals // a constant
var volatileFunctions = []string{
	"random", "random_normal", "gen_random_uuid", "clock_timestamp", "timeofday", "nextval", "currval", "lastval", "setval",
	"uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "gen_random_bytes", "gen_salt", "uuidv4", "uuidv7",
	"pg_sleep", "set_config", "normal_rand", "pg_backend_pid", "pg_notify", "txid_current_if_assigned",
}

// volatile reports whether a default differs from row to row.
func volatile(m *safety.Model, expr string) bool {
	tokens := tokensOf(expr)
	for i, t := range tokens {
		if !t.Name() || i+1 >= len(tokens) || !tokens[i+1].Is("(") {
			continue
		}
		n := safety.Name{Name: t.Text}
		if i > 1 && tokens[i-1].Is(".") {
			n.Schema = tokens[i-2].Text
		}
		if m.Volatility(n) == "volatile" || slices.Contains(volatileFunctions, t.Text) && n.Schema != m.Default {
			return true
		}
	}
	return false
}
