package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// overloaded is implemented by the values of kinds of which several may have one name.
type overloaded interface{ baseName() string }

func (r *Routine) baseName() string   { return r.Name }
func (g *Aggregate) baseName() string { return g.Name }

// labelOverloaded gives overloaded objects the label by which HCL tells them apart: the name, where the schema has no
// second one, and the name with the types of the arguments otherwise.
func (e *encoder) labelOverloaded() {
	count := map[string]int{}
	key := func(id object.ID, name string) string { return id.Kind + " " + id.Schema + " " + name }
	for _, o := range e.state.All() {
		if v, ok := o.Value.(overloaded); ok {
			count[key(o.ID, v.baseName())]++
		}
	}
	for _, o := range e.state.All() {
		if v, ok := o.Value.(overloaded); ok && count[key(o.ID, v.baseName())] == 1 && !strings.Contains(v.baseName(), "(") {
			e.names[o.ID] = v.baseName()
		}
	}
}

// name is the label of an object.
func (e *encoder) name(id object.ID) string {
	if n, ok := e.names[id]; ok {
		return n
	}
	return id.Name
}

// topOverloaded makes the block of an object whose label may be more than its name.
func (e *encoder) topOverloaded(o *object.Object, name string) *hcl.Block {
	b := e.top(o)
	if e.name(o.ID) != name {
		b.Set("name", hcl.Str(name))
	}
	return b
}

// functionExpr refers to a function by its quoted name; where that is not one function of the state it is written as SQL.
func (e *encoder) functionExpr(name string) hcl.Value {
	schema, base, ok := splitQualified(name)
	if !ok || schema == "" {
		return hcl.Str(name)
	}
	var found []object.ID
	for _, o := range e.functions() {
		if r, ok := o.Value.(*Routine); ok && o.ID.Schema == schema && r.Name == base {
			found = append(found, o.ID)
		}
	}
	if len(found) != 1 {
		return hcl.Raw(name)
	}
	return hcl.To(e.path(found[0])...)
}

func (e *encoder) functions() []*object.Object {
	if e.routines == nil {
		e.routines = e.state.Kind("function")
	}
	return e.routines
}

func encodeRoutine(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	r := o.Value.(*Routine)
	b := e.topOverloaded(o, r.Name)
	switch r.Language {
	case "sql":
		b.Set("lang", hcl.Bare("SQL"))
	case "plpgsql":
		b.Set("lang", hcl.Bare("PLpgSQL"))
	default:
		b.Set("lang", hcl.Str(r.Language))
	}
	e.encodeResult(r, b)
	setWord(b, "volatility", r.Volatility)
	setFlag(b, "strict", r.Strict)
	setFlag(b, "leakproof", r.Leakproof)
	setWord(b, "parallel", r.Parallel)
	setWord(b, "security", toggle(r.Definer, "DEFINER", ""))
	setWord(b, "cost", r.Cost)
	setWord(b, "rows", r.Rows)
	if r.Support != "" {
		b.Set("support", e.functionExpr(r.Support))
	}
	setFlag(b, "window", r.Window)
	if len(r.Transforms) > 0 {
		var types []hcl.Value
		for _, t := range r.Transforms {
			types = append(types, e.typeExpr(t))
		}
		b.Set("transform", hcl.Items(types...))
	}
	if len(r.Config) > 0 {
		var fields []hcl.Attr
		for _, c := range r.Config {
			name, value, _ := strings.Cut(c, "=")
			fields = append(fields, hcl.Attr{Name: name, Value: hcl.Str(value)})
		}
		b.Set("config_params", hcl.Fields(fields...))
	}
	if r.Library != "" {
		b.Set("library", hcl.Str(r.Library))
	}
	if r.SQLBody != "" {
		b.Set("as", hcl.Code(r.SQLBody))
	} else {
		b.Set("as", hcl.Body(r.Body))
	}
	e.encodeArgs(r.Args, b)
	return b
}

// encodeResult writes what a function returns, as pg_get_function_result spells it.
func (e *encoder) encodeResult(r *Routine, b *hcl.Block) {
	if r.Procedure {
		return
	}
	set, isSet := strings.CutPrefix(r.Returns, "SETOF ")
	switch {
	case strings.HasPrefix(r.Returns, "TABLE("):
		t := b.Add("return_table")
		for _, a := range r.Args {
			if a.Mode == "TABLE" {
				t.Add("column", a.Name).Set("type", e.typeExpr(a.Type))
			}
		}
	case isSet:
		b.Set("return_set", e.typeExpr(set))
	default:
		b.Set("return", e.typeExpr(r.Returns))
	}
}

// encodeArgs writes the arguments before what else stands in the block. Two may share a name where one only goes in and
// the other only comes out.
func (e *encoder) encodeArgs(args []Arg, b *hcl.Block) {
	rest := b.Blocks
	b.Blocks = nil
	seen := map[string]bool{}
	for _, a := range args {
		if a.Mode == "TABLE" {
			continue
		}
		n := b.Add("arg")
		switch {
		case a.Name == "":
		case seen[a.Name]:
			n.Set("name", hcl.Str(a.Name))
		default:
			n.Labels = []string{a.Name}
		}
		seen[a.Name] = true
		n.Set("type", e.typeExpr(a.Type))
		setWord(n, "mode", a.Mode)
		if a.Default != "" {
			n.Set("default", defaultValue(a.Default, a.Type))
		}
	}
	b.Blocks = append(b.Blocks, rest...)
}

// setWord sets an attribute to a bare word or number unless it is empty.
func setWord(b *hcl.Block, name, word string) {
	if word != "" {
		b.Set(name, hcl.Bare(word))
	}
}

// setFlag sets an attribute that is false by default.
func setFlag(b *hcl.Block, name string, on bool) {
	if on {
		b.Set(name, hcl.Flag(true))
	}
}
