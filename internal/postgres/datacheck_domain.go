package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// names reports whether a type as the server spells it is that object.
func names(typ string, id object.ID) bool {
	return strings.ReplaceAll(typ, `"`, "") == strings.TrimPrefix(id.Schema+"."+id.Name, ".")
}

// domainOf finds the domain that is the type of a column.
func domainOf(s *object.State, col kind.Of[Column]) (kind.Of[Domain], bool) {
	return domainNamed(s, col.V.Type, col.Needs)
}

func domainNamed(s *object.State, typ string, needs []object.ID) (kind.Of[Domain], bool) {
	for _, n := range needs {
		if n.Kind == "domain" && names(typ, n) {
			return kind.Get[Domain](s, n)
		}
	}
	return kind.Of[Domain]{}, false
}

// typeBelow is the type below a domain, and below those below it.
func typeBelow(s *object.State, d kind.Of[Domain]) string {
	if below, ok := domainNamed(s, d.V.Type, d.Needs); ok {
		return typeBelow(s, below)
	}
	return d.V.Type
}

// domainHolds reports whether the domain, or one below it, forbids NULL.
func domainHolds(s *object.State, d kind.Of[Domain]) bool {
	below, ok := domainNamed(s, d.V.Type, d.Needs)
	return d.V.NotNull || ok && domainHolds(s, below)
}

// misfitDomain is the condition under which a value of another type does not fit a domain.
func misfitDomain(c *kind.Checking, x string, from *Column, d kind.Of[Domain]) (string, bool) {
	below := kind.Of[Column]{Object: d.Object, V: &Column{Type: d.V.Type}}
	cond, known := misfit(c, x, from, below)
	if !known {
		return "", false
	}
	var conds []string
	if cond != "" {
		conds = append(conds, cond)
	}
	if d.V.NotNull {
		conds = append(conds, x+" IS NULL")
	}
	for _, o := range c.To.Kind("domain_check") {
		if o.Parent == d.ID {
			conds = append(conds, o.Value.(*DomainCheck).refuses("("+x+"::"+d.V.Type+")"))
		}
	}
	if cond != "" && len(conds) > 1 { // what cannot be converted must not be asked further
		return "CASE WHEN " + cond + " THEN true ELSE " + strings.Join(conds[1:], " OR ") + " END", true
	}
	return strings.Join(conds, " OR "), true
}

// refuses is the condition under which the check refuses a value.
func (k *DomainCheck) refuses(x string) string {
	expr := strings.TrimPrefix(k.Def, "CHECK ")
	var b strings.Builder
	for i := 0; i < len(expr); {
		if end := skipQuoted(expr, i); end > i {
			b.WriteString(expr[i:end])
			i = end
			continue
		}
		end := i
		for end < len(expr) && isNameByte(expr[end]) {
			end++
		}
		word := expr[i:end]
		if word == "VALUE" && (i == 0 || expr[i-1] != '.') {
			word = x
		} else if word == "" {
			end = i + 1
			word = expr[i:end]
		}
		b.WriteString(word)
		i = end
	}
	return "NOT " + b.String()
}

func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// domainChecks ask the columns of a domain whether they are filled, once it forbids NULL, and whether their values fit the
// type that it becomes.
func domainChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	from, was := kind.Get[Domain](c.From, ch.ID)
	to, is := kind.Get[Domain](c.To, ch.ID)
	if !was || !is {
		return nil
	}
	var out []plan.Check
	for _, col := range usersOf(c, to.ID) {
		im, ok := imageOf(c, col.Parent, withHeirs)
		if !ok {
			continue
		}
		name := ident(c.Was(col.ID).Name)
		if to.V.NotNull && !from.V.NotNull {
			out = append(out, im.check("not-null", col.ID.String()+" must not be NULL: "+to.ID.String()+" forbids it", liveRows(c, im, name+" IS NULL"), fillNulls(c, im, col)))
		}
		if cond, known := misfit(c, name, &Column{Type: from.V.Type}, kind.Of[Column]{Object: to.Object, V: &Column{Type: to.V.Type}}); known && cond != "" {
			out = append(out, im.check("type", "the values of "+col.ID.String()+" must fit "+to.V.Type, liveRows(c, im, cond)))
		}
	}
	return out
}

// domainCheckChecks ask the columns of the domain whether their values satisfy its check.
func domainCheckChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	to := kind.Of[DomainCheck]{Object: ch.To, V: ch.To.Value.(*DomainCheck)}
	if to.V.NotValid || ch.From != nil && len(ch.Attrs) == 0 {
		return nil
	}
	var out []plan.Check
	for _, col := range usersOf(c, to.Parent) {
		im, ok := imageOf(c, col.Parent, withHeirs)
		if !ok {
			continue
		}
		cond := to.V.refuses("(" + domainValue(c, to.Parent, ident(c.Was(col.ID).Name)) + ")")
		out = append(out, im.check("check", "the values of "+col.ID.String()+" must satisfy "+to.ID.String(), liveRows(c, im, cond)))
	}
	if !answerable(c, to.Object) {
		return unanswerable(out)
	}
	return out
}

// domainValue is a value of a domain in the type that the domain is to be over.
func domainValue(c *kind.Checking, domain object.ID, x string) string {
	from, was := kind.Get[Domain](c.From, domain)
	to, is := kind.Get[Domain](c.To, domain)
	if !was || !is {
		return x
	}
	a, b := &Column{Type: typeBelow(c.From, from)}, &Column{Type: typeBelow(c.To, to)}
	if a.Type == b.Type {
		return x
	}
	return x + strings.TrimPrefix(using(a, b, "x"), ident("x"))
}

// usersOf lists the columns of tables that are of a type now and then, through domains over it too.
func usersOf(c *kind.Checking, typ object.ID) []kind.Of[Column] {
	var out []kind.Of[Column]
	types := []object.ID{typ}
	for i := 0; i < len(types); i++ {
		for _, o := range c.From.Kind("domain") {
			if slices.Contains(o.Needs, types[i]) && names(o.Value.(*Domain).Type, types[i]) && !slices.Contains(types, o.ID) {
				types = append(types, o.ID)
			}
		}
	}
	for _, o := range c.From.Kind("column") {
		col := kind.Of[Column]{Object: o, V: o.Value.(*Column)}
		to, stays := kind.Get[Column](c.To, o.ID)
		if !stays || o.Parent.Kind != "table" || to.V.Type != col.V.Type || c.Goes(o.ID) {
			continue
		}
		base, _, _ := strings.Cut(col.V.Type, "[")
		for _, t := range types {
			if slices.Contains(o.Needs, t) && names(base, t) && (t.Kind == "enum" || base == col.V.Type) {
				out = append(out, col)
				break
			}
		}
	}
	return out
}

// enumOf finds the enum that is the type of a column.
func enumOf(s *object.State, col kind.Of[Column]) (kind.Of[Enum], bool) {
	for _, n := range col.Needs {
		if n.Kind == "enum" && names(col.V.Type, n) {
			return kind.Get[Enum](s, n)
		}
	}
	return kind.Of[Enum]{}, false
}

func literals(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = literal(v)
	}
	return out
}

// enumChecks ask for rows that hold a value which the enum loses.
func enumChecks(c *kind.Checking, ch kind.Change) []plan.Check {
	from, was := kind.Get[Enum](c.From, ch.ID)
	to, is := kind.Get[Enum](c.To, ch.ID)
	if !was || !is {
		return nil
	}
	gone := literals(slices.DeleteFunc(slices.Clone(from.V.Values), func(v string) bool { return slices.Contains(to.V.Values, v) }))
	if len(gone) == 0 {
		return nil
	}
	var out []plan.Check
	for _, col := range usersOf(c, to.ID) {
		im, ok := imageOf(c, col.Parent, withHeirs)
		if !ok {
			continue
		}
		name := ident(c.Was(col.ID).Name)
		cond := name + "::text IN (" + strings.Join(gone, ", ") + ")"
		if strings.HasSuffix(col.V.Type, "[]") {
			cond = name + "::text[] && ARRAY[" + strings.Join(gone, ", ") + "]"
		}
		out = append(out, im.check("enum", col.ID.String()+" must not hold a value that "+to.ID.String()+" loses", liveRows(c, im, cond),
			"UPDATE "+im.liveTable()+" SET "+name+" = "+dots+" WHERE "+cond))
	}
	return out
}
