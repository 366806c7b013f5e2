package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

// createTable reads CREATE TABLE after that word.
func (r *reader) createTable(t safety.Table) {
	a := safety.Action{Verb: safety.CreateTable, IfNotExists: r.ifNotExists()}
	a.Table = r.name()
	t.Name, t.Rows, t.Bytes = a.Table, -1, -1
	if t.Kind == "" {
		t.Kind = "table"
	}
	if r.Take("partition", "of") {
		t.Parent = r.name()
	}
	if r.Take("of") {
		r.name()
		t.Opaque = true
	}
	if r.Peek().Is("(") {
		r.tableElements(&t)
	}
	for !r.Done() {
		switch {
		case r.Take("inherits"):
			r.Take("(")
			t.Parent, t.Opaque = r.name(), true
		case r.Take("partition", "by"):
			t.Kind, t.PartitionBy = "partitioned table", r.word()
		case r.Take("default"):
			t.IsDefault = true
		case r.Take("as"):
			t.Opaque = true
			r.Pos = len(r.Tokens)
		default:
			r.Next()
		}
	}
	a.New = &t
	r.add(a)
}

// tableElements reads the columns and constraints of a table.
func (r *reader) tableElements(t *safety.Table) {
	r.Take("(")
	for !r.Done() && !r.Take(")") {
		switch {
		case r.Take("like"):
			r.name()
			t.Opaque = true
			r.Until(",", ")")
		case r.Peek().Is("constraint", "primary", "unique", "check", "foreign", "exclude") && !r.isColumn():
			if c, ok := r.tableConstraint(); ok {
				t.Constraints = append(t.Constraints, c)
			}
			r.Until(",", ")")
		default:
			c, constraints := r.column()
			t.Columns = append(t.Columns, c)
			t.Constraints = append(t.Constraints, constraints...)
			r.Until(",", ")")
		}
		r.Take(",")
	}
	nameConstraints(t)
}

// isColumn tells a column whose name is like the beginning of a constraint from a constraint.
func (r *reader) isColumn() bool {
	a, b := r.Peek(), r.PeekAt(1)
	switch a.Text {
	case "primary", "foreign":
		return !b.Is("key")
	case "check", "exclude", "unique":
		return b.Name() && !b.Is("using", "nulls")
	}
	return false
}

// nameConstraints gives constraints the names that the server would.
func nameConstraints(t *safety.Table) {
	taken := map[string]bool{}
	for _, c := range t.Constraints {
		taken[c.Name] = true
	}
	for i := range t.Constraints {
		if c := &t.Constraints[i]; c.Name == "" {
			c.Name = freeName(chosenName(t.Name.Name, *c), func(n string) bool { return taken[n] })
			taken[c.Name] = true
		}
	}
}

func freeName(base string, taken func(string) bool) string {
	for n := base; ; {
		if !taken(n) {
			return n
		}
		for i := 1; ; i++ {
			if n = base + digits(i); !taken(n) {
				return n
			}
		}
	}
}

func digits(i int) string {
	if i < 10 {
		return string(rune('0' + i))
	}
	return digits(i/10) + digits(i%10)
}

// chosenName is the name that PostgreSQL chooses for a constraint (ChooseConstraintName, ChooseIndexName).
func chosenName(table string, c safety.Constraint) string {
	columns := strings.Join(slices.DeleteFunc(slices.Clone(c.Columns), func(s string) bool { return strings.HasPrefix(s, "(") }), "_")
	switch c.Type {
	case safety.Primary:
		return table + "_pkey"
	case safety.Unique:
		return table + "_" + columns + "_key"
	case safety.Exclude:
		return table + "_" + columns + "_excl"
	case safety.Foreign:
		return table + "_" + columns + "_fkey"
	case safety.NotNulls:
		return table + "_" + columns + "_not_null"
	}
	if len(c.Columns) == 1 {
		return table + "_" + columns + "_check"
	}
	return table + "_check"
}

// tableConstraint reads a constraint of a table, with or without its name.
func (r *reader) tableConstraint() (safety.Constraint, bool) {
	var c safety.Constraint
	if r.Take("constraint") {
		c.Name = r.word()
	}
	switch {
	case r.Take("primary", "key"):
		c.Type = safety.Primary
		r.key(&c)
	case r.Take("unique"):
		c.Type = safety.Unique
		if r.Take("nulls") {
			r.Take("not")
			r.Take("distinct")
		}
		r.key(&c)
	case r.Take("check"):
		c.Type, c.Expr = safety.Check, r.Group()
		c.Columns = columnsOf(c.Expr)
	case r.Take("not", "null"):
		c.Type, c.Columns = safety.NotNulls, []string{r.word()}
	case r.Take("exclude"):
		c.Type = safety.Exclude
		if r.Take("using") {
			r.word()
		}
		c.Columns = r.list()
	case r.Take("foreign", "key"):
		c.Type, c.Columns = safety.Foreign, r.list()
		r.Take("references")
		c.RefTable, c.RefColumns = r.name(), r.list()
	default:
		return c, false
	}
	r.constraintEnd(&c)
	return c, true
}

// key reads the columns of a key, or the index that becomes it.
func (r *reader) key(c *safety.Constraint) {
	if r.Take("using", "index") {
		c.UsingIndex = r.word()
		if c.Name == "" {
			c.Name = c.UsingIndex
		}
		return
	}
	c.Columns = r.list()
}

// constraintEnd reads what stands behind a constraint.
func (r *reader) constraintEnd(c *safety.Constraint) {
	for !r.Done() && !r.Peek().Is(",", ")") {
		switch {
		case r.Take("not", "valid"):
			c.NotValid = true
		case r.Take("not", "enforced"):
			c.NotEnforced = true
		case r.Take("set", "null"), r.Take("set", "default"), r.Take("not", "deferrable"):
		case r.Take("deferrable"):
			c.Deferrable = true
		case r.Take("where"):
			c.Where = r.Group()
		case r.Peek().Is("constraint", "primary", "unique", "check", "references", "default", "generated", "null", "collate"), r.Peek().Is("not"):
			return // the next constraint of the column
		case r.Peek().Is("("):
			r.Group()
		default:
			r.Next()
		}
	}
}

// columnsOf lists what may be columns in an expression, each once.
func columnsOf(expr string) []string {
	var out []string
	q := readerOf(expr)
	for ; !q.Done(); q.Next() {
		t := q.Peek()
		if t.Name() && !q.PeekAt(1).Is("(", ".") && !q.PeekAt(-1).Is("::") && !(t.Is("and", "or", "not", "is", "null", "in", "between", "like", "true", "false", "any", "all", "array", "case", "when", "then", "else", "end", "ilike", "similar", "to", "distinct", "from", "cast", "as", "interval", "collate")) && !slices.Contains(out, t.Text) {
			out = append(out, t.Text)
		}
	}
	return out
}
