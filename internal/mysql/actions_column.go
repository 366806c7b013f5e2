package mysql

import (
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
	"github.com/schemactl/schemactl/internal/statement"
)

// column reads a column definition with the keys and checks written at it.
func (r *reader) column() (safety.Column, []safety.Constraint) {
	c := safety.Column{Name: r.word()}
	r.typeName(&c)
	var out []safety.Constraint
	if c.Serial {
		out = append(out, safety.Constraint{Type: safety.Unique, Columns: []string{c.Name}, Inline: true})
	}
	for !r.Done() && !r.Peek().Is(",", ")", "first", "after") {
		if found, ok := r.columnPart(&c); ok {
			out = append(out, found)
		}
	}
	return c, out
}

// columnPart reads one part of a column definition: an attribute, or a constraint, which is returned.
func (r *reader) columnPart(c *safety.Column) (safety.Constraint, bool) {
	k := safety.Constraint{Columns: []string{c.Name}, Inline: true}
	if r.Take("constraint") && !r.Peek().Is("check") {
		k.Name = r.word()
	}
	switch {
	case r.Take("not", "null"):
		c.NotNull = true
	case r.Take("null"):
	case r.Take("default"):
		c.Default = r.expression()
	case r.Take("on", "update"):
		c.OnUpdate = r.expression()
	case r.Take("auto_increment"):
		c.AutoIncrement = true
	case r.Take("unique"):
		r.Take("key")
		k.Type = safety.Unique
		return k, true
	case r.Take("primary", "key"), r.Take("primary"), r.Take("key"):
		k.Type, k.Name, c.NotNull = safety.Primary, primaryName, true
		return k, true
	case r.Take("check"):
		k.Type, k.Expr = safety.Check, r.Group()
		k.NotEnforced = r.notEnforced()
		return k, true
	case r.Take("references"):
		k.Type = safety.Foreign
		r.references(&k)
		return k, true
	default:
		r.columnAttribute(c)
	}
	return k, false
}

func (r *reader) columnAttribute(c *safety.Column) {
	switch {
	case r.Take("collate"):
		c.Collation = plainCollation(r.value())
	case r.charset(&c.Charset):
	case r.Take("comment"):
		c.Comment = r.value()
	case r.Take("invisible"):
		c.Invisible = true
	case r.Take("srid"), r.Take("ref_system_id"):
		c.SRID = r.value()
	case r.Take("generated", "always"), r.Peek().Is("as"):
		r.generated(c)
	case r.TakeAny("column_format", "storage", "engine_attribute", "secondary_engine_attribute") != "":
		r.value()
	case r.Peek().Is("("):
		r.Group()
	default:
		r.Next()
	}
}

// generated reads how a generated column is computed.
func (r *reader) generated(c *safety.Column) {
	r.Take("as")
	if r.Take("row") { // of system versioning
		c.Default, c.Generated, c.NotNull = "ROW "+strings.ToUpper(r.word()), "stored", true
		return
	}
	c.Default, c.Generated = r.Group(), "virtual"
	if r.TakeAny("stored", "persistent") != "" {
		c.Generated = "stored"
	}
	r.Take("virtual")
}

// expression reads a default: a literal, a function or an expression in parentheses.
func (r *reader) expression() string {
	start := r.Peek().Start
	end := start
	for !r.Done() && !r.Peek().Is(",", ")") {
		r.operand()
		end = r.Tokens[min(r.Pos, len(r.Tokens))-1].End
		if r.TakeAny("+", "-", "*", "/", "%", "||") == "" {
			break
		}
	}
	text := strings.TrimSpace(r.Text[start:max(start, end)])
	switch lower := strings.ToLower(text); {
	case strings.HasPrefix(lower, "current_timestamp"), strings.HasPrefix(lower, "now("), strings.HasPrefix(lower, "localtime"):
		return "CURRENT_TIMESTAMP"
	case strings.HasSuffix(text, ")") && text[0] != '(':
		return "(" + text + ")" // MariaDB takes functions as they are
	}
	return text
}

func (r *reader) operand() {
	if r.TakeAny("-", "+") != "" {
		r.Next()
		return
	}
	if r.Peek().Is("(") {
		r.Group()
		return
	}
	t := r.Next()
	if t.Kind == statement.Plain && r.Peek().Kind == statement.String && r.Peek().Start == t.End { // b'1', _utf8mb4'x'
		r.Next()
	}
	if t.Kind == statement.Plain && r.Peek().Is("(") {
		r.Group()
	}
}

// references reads what follows that word.
func (r *reader) references(k *safety.Constraint) {
	k.RefTable, k.RefColumns = r.name(), r.columnList()
	for {
		switch {
		case r.Take("match"):
			r.Next()
		case r.Take("on", "delete"), r.Take("on", "update"):
			if !r.Take("set", "null") && !r.Take("set", "default") && !r.Take("no", "action") {
				r.Next()
			}
		default:
			return
		}
	}
}

func (r *reader) columnList() []string {
	columns, _ := r.keyParts()
	return columns
}

// keyParts reads the parts of a key: columns, also by their first characters, and expressions in parentheses.
func (r *reader) keyParts() (columns []string, prefix bool) {
	if !r.Take("(") {
		return nil, false
	}
	for !r.Done() && !r.Take(")") {
		switch {
		case r.Peek().Is("("):
			columns = append(columns, "("+r.Group()+")")
		case r.isName(r.Peek()):
			columns = append(columns, r.word())
			prefix = prefix || r.Group() != ""
		}
		r.Until(",", ")")
		r.Take(",")
	}
	return columns, prefix
}

// notEnforced reads [NOT] ENFORCED.
func (r *reader) notEnforced() bool {
	if r.Take("not", "enforced") {
		return true
	}
	r.Take("enforced")
	return false
}
