package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// aggregateOption is an option of CREATE AGGREGATE and the attribute that it is in HCL.
type aggregateOption struct {
	sql, attr, doc string
	takes          aggregateValue
}

// aggregateValue is what an option of an aggregate holds.
type aggregateValue int

const (
	aggregateFunction aggregateValue = iota
	aggregateType
	aggregateText
	aggregateNumber
	aggregateFlag
	aggregateModify
	aggregateOperator
)

// aggregateOptionList stands in the order in which inspection lists the options. The attributes of the first are Atlas's.
func aggregateOptionList() []aggregateOption {
	list := []aggregateOption{
		{"SFUNC", "state_func", "the function that takes in a row", aggregateFunction},
		{"STYPE", "state_type", "the type of the state", aggregateType},
		{"SSPACE", "state_size", "about how many bytes the state takes", aggregateNumber},
		{"FINALFUNC", "final_func", "the function that makes the result of the state", aggregateFunction},
		{"FINALFUNC_EXTRA", "final_func_extra", "true: it gets the types of the arguments too", aggregateFlag},
		{"FINALFUNC_MODIFY", "final_func_modify", "what it does to the state", aggregateModify},
		{"COMBINEFUNC", "combine_func", "the function that joins two states", aggregateFunction},
		{"SERIALFUNC", "serial_func", "the function that makes bytes of a state", aggregateFunction},
		{"DESERIALFUNC", "deserial_func", "the function that makes a state of bytes", aggregateFunction},
		{"INITCOND", "initial_value", "the state to begin with, as text", aggregateText},
	}
	for _, o := range []aggregateOption{
		{"MSFUNC", "state_func", "", aggregateFunction}, {"MINVFUNC", "inverse_func", "", aggregateFunction},
		{"MSTYPE", "state_type", "", aggregateType}, {"MSSPACE", "state_size", "", aggregateNumber},
		{"MFINALFUNC", "final_func", "", aggregateFunction}, {"MFINALFUNC_EXTRA", "final_func_extra", "", aggregateFlag},
		{"MFINALFUNC_MODIFY", "final_func_modify", "", aggregateModify}, {"MINITCOND", "initial_value", "", aggregateText},
	} {
		o.attr, o.doc = "moving_"+o.attr, "the same for moving windows"
		if o.sql == "MINVFUNC" {
			o.doc = "the function that takes a row out of the window again"
		}
		list = append(list, o)
	}
	return append(list,
		aggregateOption{"SORTOP", "sort_operator", "the operator by which min and max sort", aggregateOperator},
		aggregateOption{"HYPOTHETICAL", "hypothetical", "true: a hypothetical-set aggregate", aggregateFlag})
}

func aggregateHCL() hclKind {
	attrs := []hcl.AttrSpec{schemaAttr()}
	for _, o := range aggregateOptionList() {
		a := hcl.AttrSpec{Name: o.attr, Doc: o.doc, Takes: hcl.Expr}
		switch o.takes {
		case aggregateFunction:
			a.Takes, a.Refs = hcl.Reference|hcl.Expr, []string{"function"}
		case aggregateType:
			a = typeAttr(o.attr, o.doc, false)
		case aggregateText:
			a.Takes = hcl.String | hcl.Number | hcl.Bool
		case aggregateNumber:
			a.Takes = hcl.Number
		case aggregateFlag:
			a.Takes = hcl.Bool
		case aggregateModify:
			a.Takes, a.Words = hcl.Word, []string{"READ_ONLY", "SHAREABLE", "READ_WRITE"}
		}
		a.Required = o.sql == "SFUNC" || o.sql == "STYPE"
		attrs = append(attrs, a)
	}
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "aggregate", Labels: hcl.Qualified, Doc: `an aggregate function; of several with one name each has its own label: aggregate "f(integer)" { name = "f" … }`,
				Attrs: append(attrs,
					hcl.AttrSpec{Name: "parallel", Takes: hcl.Word, Words: []string{"UNSAFE", "RESTRICTED", "SAFE"}, Doc: "UNSAFE by default"},
					hcl.AttrSpec{Name: "args", Takes: hcl.Expr, Doc: "the arguments as SQL, for what no block arg says"}),
				Blocks: []*hcl.BlockSpec{{Type: "arg", Labels: hcl.OptionalLabel, Doc: "an argument, in their order", Attrs: []hcl.AttrSpec{
					typeAttr("type", "its type", true),
					{Name: "mode", Takes: hcl.Word, Words: []string{"IN", "VARIADIC"}, Doc: "IN by default"},
					{Name: "order_by", Takes: hcl.Bool, Doc: "true: an argument of an ordered-set aggregate that stands behind ORDER BY"},
				}}},
			},
			id: aggregateID, decode: decodeAggregate,
		}},
		encode: encodeAggregate,
	}
}

// aggregateID carries the types of the arguments, as that of a function does.
func aggregateID(d *decoder, b *hcl.Block) object.ID {
	id := routineID(d, b)
	if args := b.Text("args"); args != "" {
		id.Name = b.Name() + "(" + args + ")"
	}
	return id
}

func decodeAggregate(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	d.checkName(b)
	g := &Aggregate{Name: b.Name(), Parallel: unless(b.Text("parallel"), "UNSAFE")}
	g.Signature = strings.TrimSuffix(strings.TrimPrefix(id.Name, g.Name+"("), ")")
	o := &object.Object{ID: id, Value: g, Claims: []string{"routine " + qualified(id.Schema, g.Name) + "(" + g.Signature + ")"}}
	d.aggregateArgs(b, g, o)
	g.Identity = g.Args
	for _, option := range aggregateOptionList() {
		v, ok := b.Attr(option.attr)
		if !ok || option.takes == aggregateFlag && !v.Bool {
			continue
		}
		text := v.Text
		switch option.takes {
		case aggregateFlag:
			g.Options = append(g.Options, option.sql)
			continue
		case aggregateFunction:
			text = d.functionName(v, o)
		case aggregateType:
			text = d.typeFor(v, o)
		case aggregateText:
			text = literal(v.Text)
		}
		g.Options = append(g.Options, option.sql+" = "+text)
	}
	return d.object(b, o)
}

// aggregateArgs spells the arguments: those of an ordered-set aggregate stand before and behind ORDER BY.
func (d *decoder) aggregateArgs(b *hcl.Block, g *Aggregate, o *object.Object) {
	blocks := b.Nested("arg")
	var direct, ordered []string
	for _, a := range blocks {
		v, _ := a.Attr("type")
		words := d.typeFor(v, o)
		if name := a.Name(); name != "" {
			words = ident(name) + " " + words
		}
		if a.Text("mode") == "VARIADIC" {
			words = "VARIADIC " + words
		}
		switch {
		case a.Bool("order_by", false):
			ordered = append(ordered, words)
		case len(ordered) > 0:
			d.faults.Add(a.Errorf("conflict", "an argument without order_by stands after one with it").WithHint("put the arguments with order_by last"))
		default:
			direct = append(direct, words)
		}
	}
	g.Args = strings.Join(direct, ", ")
	if len(ordered) > 0 {
		g.Args = strings.TrimSpace(g.Args + " ORDER BY " + strings.Join(ordered, ", "))
	}
	if v, ok := b.Attr("args"); ok {
		g.Args = v.Text
		if len(blocks) > 0 {
			d.faults.Add(blocks[0].Errorf("conflict", "%s has the attribute %q and blocks %q", b, "args", "arg").WithHint("keep one of them"))
		}
	}
	if g.Args == "" {
		g.Args = "*"
	}
}

func encodeAggregate(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	g := o.Value.(*Aggregate)
	b := e.topOverloaded(o, g.Name)
	if !e.aggregateArgBlocks(g, b) {
		b.Blocks = nil
		b.Set("args", hcl.Str(g.Args))
	}
	values := map[string]string{}
	for _, option := range g.Options {
		name, value, _ := strings.Cut(option, " = ")
		values[name] = value
	}
	for _, option := range aggregateOptionList() {
		value, ok := values[option.sql]
		if !ok {
			continue
		}
		switch option.takes {
		case aggregateFunction:
			b.Set(option.attr, e.functionExpr(value))
		case aggregateType:
			b.Set(option.attr, e.typeExpr(value))
		case aggregateText:
			b.Set(option.attr, hcl.Str(unquoteLiteral(value)))
		case aggregateFlag:
			b.Set(option.attr, hcl.Flag(true))
		case aggregateOperator:
			b.Set(option.attr, hcl.Str(value))
		default:
			b.Set(option.attr, hcl.Bare(value))
		}
	}
	setWord(b, "parallel", g.Parallel)
	return b
}

// aggregateArgBlocks writes the arguments as blocks, by the types of the signature. It reports false where the text of
// the arguments says more than these.
func (e *encoder) aggregateArgBlocks(g *Aggregate, b *hcl.Block) bool {
	if g.Args == "*" {
		return true
	}
	types := splitTop(g.Signature, ",")
	n := 0
	halves := splitTop(g.Args, "ORDER BY ")
	for i, half := range halves {
		if half == "" {
			continue
		}
		for _, arg := range splitTop(half, ",") {
			if n >= len(types) {
				return false
			}
			arg, variadic := strings.CutPrefix(arg, "VARIADIC ")
			name, ok := strings.CutSuffix(arg, types[n])
			if !ok {
				return false
			}
			a := b.Add("arg")
			if name = strings.TrimSpace(name); name != "" {
				label, whole := wholeIdent(name)
				if !whole {
					return false
				}
				a.Labels = []string{label}
			}
			a.Set("type", e.typeExpr(types[n]))
			setWord(a, "mode", toggle(variadic, "VARIADIC", ""))
			setFlag(a, "order_by", i > 0)
			n++
		}
	}
	return n == len(types)
}

// unquoteLiteral reads what literal writes.
func unquoteLiteral(sql string) string {
	escaped := strings.HasPrefix(sql, "E")
	sql = strings.TrimPrefix(sql, "E")
	if len(sql) < 2 {
		return sql
	}
	sql = strings.ReplaceAll(sql[1:len(sql)-1], "''", "'")
	if escaped {
		sql = strings.ReplaceAll(sql, `\\`, `\`)
	}
	return sql
}
