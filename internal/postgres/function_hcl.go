package postgres

import (
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func functionHCL() hclKind {
	return routineHCL("function", "a function",
		[]hcl.AttrSpec{
			typeAttr("return", "the type of its result: return = trigger", false),
			typeAttr("return_set", "the type of the rows of its result", false),
			{Name: "volatility", Takes: hcl.Word, Words: []string{"VOLATILE", "STABLE", "IMMUTABLE"}, Doc: "VOLATILE by default"},
			{Name: "strict", Takes: hcl.Bool, Doc: "true: null for a null argument, without a call"},
			{Name: "leakproof", Takes: hcl.Bool, Doc: "true: it tells nothing of its arguments but the result"},
			{Name: "parallel", Takes: hcl.Word, Words: []string{"UNSAFE", "RESTRICTED", "SAFE"}, Doc: "UNSAFE by default"},
			{Name: "cost", Takes: hcl.Number, Doc: "the planner's estimate of what a call costs"},
			{Name: "rows", Takes: hcl.Number, Doc: "the planner's estimate of how many rows it returns"},
			{Name: "support", Takes: hcl.Reference | hcl.Expr, Refs: []string{"function"}, Doc: "a planner support function"},
			{Name: "window", Takes: hcl.Bool, Doc: "true: a window function"},
		},
		&hcl.BlockSpec{Type: "return_table", Single: true, Doc: "the columns of the rows that it returns", Blocks: []*hcl.BlockSpec{{
			Type: "column", Labels: hcl.OneLabel, Doc: "a column of the result", Attrs: []hcl.AttrSpec{typeAttr("type", "its type", true)},
		}}})
}

func procedureHCL() hclKind { return routineHCL("procedure", "a procedure", nil) }

func routineHCL(name, doc string, attrs []hcl.AttrSpec, blocks ...*hcl.BlockSpec) hclKind {
	arg := &hcl.BlockSpec{Type: "arg", Labels: hcl.OptionalLabel, Doc: "an argument, in their order", Attrs: []hcl.AttrSpec{
		typeAttr("type", "its type", true),
		{Name: "mode", Takes: hcl.Word, Words: []string{"IN", "OUT", "INOUT", "VARIADIC"}, Doc: "IN by default"},
		{Name: "default", Takes: hcl.String | hcl.Number | hcl.Bool | hcl.SQL, Doc: "its default: a text, a number, true, false or an expression"},
		nameAttr(),
	}}
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: name, Labels: hcl.Qualified, Doc: doc + `; of several with one name each has its own label: ` + name + ` "f(integer)" { name = "f" … }`,
				Attrs: append([]hcl.AttrSpec{
					schemaAttr(),
					{Name: "lang", Takes: hcl.Word | hcl.String, Words: []string{"SQL", "PLpgSQL"}, Required: true, Doc: "its language: SQL, PLpgSQL or the name of another"},
					{Name: "as", Takes: hcl.Expr, Required: true, Doc: "its body, without quotes around it; RETURN … and BEGIN ATOMIC … END for a body of the SQL standard"},
					{Name: "library", Takes: hcl.String, Doc: "the shared library of a C function; as is its symbol there"},
					{Name: "security", Takes: hcl.Word, Words: []string{"INVOKER", "DEFINER"}, Doc: "whose rights it runs with; INVOKER by default"},
					{Name: "config_params", Takes: hcl.Object, Doc: `settings for the time of a call: config_params = { search_path = "public" }`},
					func() hcl.AttrSpec {
						a := typeAttr("transform", "the types that it gets transformed", false)
						a.List = true
						return a
					}(),
				}, attrs...),
				Blocks: append([]*hcl.BlockSpec{arg}, blocks...),
			},
			id: routineID, decode: decodeRoutine,
		}},
		encode: encodeRoutine,
	}
}

// routineID carries the types of the input arguments, by which the server tells routines of one name apart.
func routineID(d *decoder, b *hcl.Block) object.ID {
	var types []string
	for _, a := range b.Nested("arg") {
		if a.Text("mode") != "OUT" {
			v, _ := a.Attr("type")
			sql, _ := d.typeOf(v)
			types = append(types, signatureType(sql))
		}
	}
	return object.ID{Kind: b.Type, Schema: d.schemaOf(b), Name: b.Name() + "(" + strings.Join(types, ", ") + ")"}
}

func decodeRoutine(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	d.checkName(b)
	r := &Routine{
		Name: b.Name(), Procedure: b.Type == "procedure", Language: languageOf(b), Window: b.Bool("window", false),
		Volatility: unless(b.Text("volatility"), "VOLATILE"), Parallel: unless(b.Text("parallel"), "UNSAFE"),
		Strict: b.Bool("strict", false), Leakproof: b.Bool("leakproof", false), Definer: b.Text("security") == "DEFINER",
		Cost: b.Text("cost"), Rows: b.Text("rows"), Library: b.Text("library"),
	}
	r.Signature = strings.TrimSuffix(strings.TrimPrefix(id.Name, r.Name+"("), ")")
	o := &object.Object{ID: id, Value: r, Claims: []string{"routine " + r.qualified(id)}}
	o.Needs = append(o.Needs, object.ID{Kind: "language", Name: r.Language})
	if v, ok := b.Attr("support"); ok {
		r.Support = d.functionName(v, o)
	}
	for _, v := range b.List("transform") {
		r.Transforms = append(r.Transforms, d.typeFor(v, o))
	}
	if v, ok := b.Attr("config_params"); ok {
		for _, f := range v.Fields {
			r.Config = append(r.Config, f.Name+"="+f.Value.Text)
		}
	}
	switch body := b.Text("as"); {
	case r.Language == "sql" && isStandardBody(body):
		r.SQLBody = strings.TrimRight(body, "\n; ")
	default:
		r.Body = body
	}
	for _, a := range b.Nested("arg") {
		r.Args = append(r.Args, d.argument(a, o))
	}
	if !r.Procedure {
		d.result(b, r, o)
	}
	return d.object(b, o)
}

// checkName asks for the name of a routine whose label is a signature.
func (d *decoder) checkName(b *hcl.Block) {
	if _, named := b.Attr("name"); !named && strings.Contains(b.Name(), "(") {
		base, _, _ := strings.Cut(b.Name(), "(")
		d.faults.Add(b.Errorf("missing-attribute", "the label of %s is no name", b).WithHint("add name = %q", base))
	}
}

// languageOf is the name of a language: the words are Atlas's, the server's names are lower case.
func languageOf(b *hcl.Block) string {
	for _, name := range []string{"sql", "plpgsql"} {
		if strings.EqualFold(b.Text("lang"), name) {
			return name
		}
	}
	return b.Text("lang")
}

func unless(word, standard string) string {
	if word == standard {
		return ""
	}
	return word
}

// typeFor is a type as SQL for an object that needs it.
func (d *decoder) typeFor(v hcl.Value, o *object.Object) string {
	sql, needs := d.typeOf(v)
	o.Needs = append(o.Needs, needs...)
	return sql
}

// functionName is the quoted name of a function that the object needs; what is no reference is taken as it is.
func (d *decoder) functionName(v hcl.Value, o *object.Object) string {
	if v.Ref.Target == nil {
		return v.Text
	}
	id := d.idOf(v.Ref.Target)
	o.Needs = append(o.Needs, id)
	return qualified(id.Schema, v.Ref.Target.Name())
}

func (d *decoder) argument(b *hcl.Block, o *object.Object) Arg {
	typ, _ := b.Attr("type")
	a := Arg{Mode: unless(b.Text("mode"), "IN"), Name: b.Name(), Type: d.typeFor(typ, o)}
	if v, ok := b.Attr("default"); ok {
		a.Default = v.Text
		if v.Kind == hcl.String {
			a.Default = literal(v.Text)
		}
		if a.Mode == "OUT" {
			d.faults.Add(v.Errorf("conflict", "an argument of mode OUT has no default"))
		}
	}
	return a
}

// result reads what a function returns. With arguments that go out it may be left to the server.
func (d *decoder) result(b *hcl.Block, r *Routine, o *object.Object) {
	var given []string
	if v, ok := b.Attr("return"); ok {
		given = append(given, "return")
		r.Returns = d.typeFor(v, o)
	}
	if v, ok := b.Attr("return_set"); ok {
		given = append(given, "return_set")
		r.Returns = "SETOF " + d.typeFor(v, o)
	}
	if t := b.Only("return_table"); t != nil {
		given = append(given, "return_table")
		var columns []string
		for _, c := range t.Nested("column") {
			a := Arg{Mode: "TABLE", Name: c.Name()}
			v, _ := c.Attr("type")
			a.Type = d.typeFor(v, o)
			r.Args = append(r.Args, a)
			columns = append(columns, ident(a.Name)+" "+a.Type)
		}
		r.Returns = "TABLE(" + strings.Join(columns, ", ") + ")"
		if len(columns) == 0 {
			d.faults.Add(t.Errorf("missing-block", "return_table has no block %q", "column").WithHint(`write column "id" { type = bigint }, one attribute a line`))
		}
	}
	out := false
	for _, a := range r.Args {
		out = out || a.Mode == "OUT" || a.Mode == "INOUT"
	}
	switch {
	case len(given) > 1:
		d.faults.Add(b.Errorf("conflict", "%s has %s and %s", b, given[0], given[1]).WithHint("keep one of them"))
	case len(given) == 0 && !out:
		d.faults.Add(b.Errorf("missing-attribute", "%s does not say what it returns", b).WithHint("write return = void, return_set = …, or return_table { … }"))
	}
}

var (
	blank        = regexp.MustCompile(`^(?:\s+|--[^\n]*(?:\n|$)|/\*(?s:.*?)\*/)`)
	standardBody = regexp.MustCompile(`(?i)^(?:return\b|begin\s+atomic\b)`)
)

// isStandardBody tells the bodies of the SQL standard from texts: no statement of a text begins with these words
// (PostgreSQL manual, "CREATE FUNCTION", sql_body).
func isStandardBody(text string) bool {
	for {
		space := blank.FindString(text)
		if space == "" {
			return standardBody.MatchString(text)
		}
		text = text[len(space):]
	}
}
