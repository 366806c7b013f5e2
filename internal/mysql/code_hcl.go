package mysql

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func dependsOnAttr() hcl.AttrSpec {
	return hcl.AttrSpec{
		Name: "depends_on", Takes: hcl.Reference, List: true, Refs: []string{"table", "view", "function", "procedure", "sequence"},
		Doc: "what must be there before",
	}
}

func asAttr(doc string) hcl.AttrSpec { return hcl.AttrSpec{Name: "as", Takes: hcl.Expr, Doc: doc} }

func securityAttr() hcl.AttrSpec {
	return hcl.AttrSpec{Name: "security", Takes: hcl.Word, Words: []string{"DEFINER", "INVOKER"}, Doc: "whose rights it runs with; DEFINER by default"}
}

func viewHCL() hclKind {
	as := asAttr("its query")
	as.Required = true
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: "view", Labels: hcl.Qualified, Doc: "a view",
			Attrs: []hcl.AttrSpec{
				schemaAttr(), as, dependsOnAttr(), securityAttr(),
				{Name: "columns", Takes: hcl.String, List: true, Doc: "the names of its columns, where the query does not give them"},
				{Name: "algorithm", Takes: hcl.Word, Words: []string{"UNDEFINED", "MERGE", "TEMPTABLE"}, Doc: "how the server carries it out"},
				{Name: "check_option", Takes: hcl.Word, Words: []string{"LOCAL", "CASCADED"}, Doc: "rows written through it must stay in it"},
			},
		},
		decode: func(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
			id := d.idOf(b)
			v := &View{
				Query: strings.TrimRight(b.Text("as"), "\n; "), Algorithm: b.Text("algorithm"), Invoker: b.Text("security") == "INVOKER",
				CheckOption: b.Text("check_option"),
			}
			for _, c := range b.List("columns") {
				v.Columns = append(v.Columns, c.Text)
			}
			return d.object(b, &object.Object{
				ID: id, Value: v, Needs: d.dependsOn(b), Claims: []string{relationClaim(id.Schema, id.Name)},
			})
		},
		encode: func(e *encoder, o *object.Object, b *hcl.Block) {
			v := o.Value.(*View)
			var columns []hcl.Value
			for _, c := range v.Columns {
				columns = append(columns, hcl.Str(c))
			}
			if len(columns) > 0 {
				b.Set("columns", hcl.Items(columns...))
			}
			b.Set("as", hcl.Code(v.Query))
			for _, a := range []struct{ name, word string }{{"algorithm", v.Algorithm}, {"check_option", v.CheckOption}} {
				if a.word != "" {
					b.Set(a.name, hcl.Bare(a.word))
				}
			}
			if v.Invoker {
				b.Set("security", hcl.Bare("INVOKER"))
			}
			e.dependsOn(o, b)
		},
	}
}

// dependsOn writes the needs of an object that its text only names.
func (e *encoder) dependsOn(o *object.Object, b *hcl.Block) {
	var refs []hcl.Value
	for _, id := range o.Needs {
		if id.Kind != "schema" {
			refs = append(refs, hcl.To(e.path(id)...))
		}
	}
	if len(refs) > 0 {
		b.Set("depends_on", hcl.Items(refs...))
	}
}

func functionHCL() hclKind  { return routineHCL("function") }
func procedureHCL() hclKind { return routineHCL("procedure") }

func routineHCL(name string) hclKind {
	attrs := []hcl.AttrSpec{
		schemaAttr(), asAttr("its body"), dependsOnAttr(), securityAttr(), commentAttr(),
		{Name: "deterministic", Takes: hcl.Bool, Doc: "true: equal arguments give equal results"},
		{Name: "data_access", Takes: hcl.Word, Words: []string{"CONTAINS_SQL", "NO_SQL", "READS_SQL_DATA", "MODIFIES_SQL_DATA"}, Doc: "what it does with data"},
		definitionAttr("all that follows the name, in place of the other attributes"),
	}
	attrs = append(attrs, madeAttrs(false)...)
	modes := []string{"IN"}
	if name == "function" {
		attrs = append(attrs, hcl.AttrSpec{Name: "return", Takes: hcl.Type | hcl.String | hcl.SQL, Doc: "the type of its result"})
	} else {
		modes = append(modes, "OUT", "INOUT")
	}
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: name, Labels: hcl.Qualified, Doc: "a stored " + name, Attrs: attrs,
			Blocks: []*hcl.BlockSpec{{Type: "arg", Labels: hcl.OneLabel, Doc: "an argument", Attrs: []hcl.AttrSpec{
				{Name: "type", Takes: hcl.Type | hcl.String | hcl.SQL, Required: true, Doc: "its type"},
				{Name: "unsigned", Takes: hcl.Bool, Doc: "true: numbers are not negative"},
				{Name: "charset", Takes: hcl.String, Doc: "its character set"},
				{Name: "collate", Takes: hcl.String, Doc: "its collation"},
				{Name: "mode", Takes: hcl.Word, Words: modes, Doc: "which way it goes"},
			}}},
		},
		decode: decodeRoutine,
		encode: func(e *encoder, o *object.Object, b *hcl.Block) {
			r := o.Value.(*Routine)
			b.Set("definition", hcl.Code(r.Text))
			encodeMade(b, r.Made)
			e.dependsOn(o, b)
		},
	}
}

func decodeRoutine(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	r := &Routine{Text: strings.TrimRight(b.Text("definition"), "\n"), Made: decodeMade(b)}
	_, hasBody := b.Attr("as")
	_, hasDefinition := b.Attr("definition")
	if hasBody == hasDefinition {
		d.faults.Add(b.Errorf("conflict", "%s takes either as or definition", b).WithHint("as is the body; a definition starts with the arguments"))
	}
	if !hasDefinition {
		r.Text = routineDefinition(b)
	}
	return d.object(b, &object.Object{
		ID: id, Value: r, Needs: d.dependsOn(b), Claims: []string{b.Type + " " + qualified(id.Schema, id.Name)},
	})
}

// routineDefinition spells a routine from its attributes.
func routineDefinition(b *hcl.Block) string {
	var args []string
	for _, a := range b.Nested("arg") {
		words := []string{}
		if m := a.Text("mode"); m != "" && b.Type == "procedure" {
			words = append(words, m)
		}
		words = append(words, ident(a.Labels[0]), a.Text("type"))
		if a.Bool("unsigned", false) {
			words = append(words, "unsigned")
		}
		if c := a.Text("charset"); c != "" {
			words = append(words, "CHARSET "+c)
		}
		if c := a.Text("collate"); c != "" {
			words = append(words, "COLLATE "+c)
		}
		args = append(args, strings.Join(words, " "))
	}
	out := "(" + strings.Join(args, ", ") + ")"
	if r := b.Text("return"); r != "" {
		out += " RETURNS " + r
	}
	if b.Bool("deterministic", false) {
		out += "\nDETERMINISTIC"
	}
	if a := b.Text("data_access"); a != "" {
		out += "\n" + strings.ReplaceAll(a, "_", " ")
	}
	if s := b.Text("security"); s != "" {
		out += "\nSQL SECURITY " + s
	}
	if c := b.Text("comment"); c != "" {
		out += "\nCOMMENT " + literal(c)
	}
	return out + "\n" + strings.TrimRight(b.Text("as"), "\n; ")
}

func triggerHCL() hclKind {
	when := func(typ string) *hcl.BlockSpec {
		spec := &hcl.BlockSpec{Type: typ, Single: true, Doc: "it runs " + typ + " the change"}
		for _, name := range []string{"insert", "update", "delete"} {
			spec.Attrs = append(spec.Attrs, hcl.AttrSpec{Name: name, Takes: hcl.Bool, Doc: "true: on " + name})
		}
		return spec
	}
	as := asAttr("the statement that it runs")
	as.Required = true
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: "trigger", Labels: hcl.OneLabel, Doc: "a trigger of a table",
			Attrs: append([]hcl.AttrSpec{
				{Name: "on", Takes: hcl.Reference, Refs: []string{"table"}, Required: true, Doc: "the table: on = table.users"},
				as, dependsOnAttr(),
				{Name: "for", Takes: hcl.Word, Words: []string{"ROW"}, Doc: "triggers run for each row"},
				{Name: "foreach", Takes: hcl.Word, Words: []string{"ROW"}, Doc: "the same"},
				{Name: "follows", Takes: hcl.Reference, Refs: []string{"trigger"}, Doc: "the trigger that runs before it"},
				{Name: "head", Takes: hcl.Expr, Doc: "what stands before the body as it was written, which MariaDB keeps: TRIGGER t before insert ON users FOR EACH ROW"},
			}, madeAttrs(false)...),
			Blocks: []*hcl.BlockSpec{when("before"), when("after")},
		},
		decode: decodeTrigger, encode: encodeTrigger,
	}
}

func decodeTrigger(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	on, _ := b.Attr("on")
	if on.Ref.Target == nil {
		return nil // reported already
	}
	table := d.idOf(on.Ref.Target)
	t := &Trigger{Body: strings.TrimRight(b.Text("as"), "\n; "), Made: decodeMade(b)}
	var events []string
	for _, timing := range []string{"before", "after"} {
		if n := b.Only(timing); n != nil {
			for _, e := range []string{"insert", "update", "delete"} {
				if n.Bool(e, false) {
					t.Timing, t.Event = strings.ToUpper(timing), strings.ToUpper(e)
					events = append(events, timing+" "+e)
				}
			}
		}
	}
	if len(events) != 1 {
		d.faults.Add(b.Errorf("conflict", "%s runs at one time: before or after, on insert, update or delete", b).
			WithHint("write before { insert = true }"))
	}
	id := object.ID{Kind: "trigger", Schema: table.Schema, Table: table.Name, Name: b.Name()}
	o := &object.Object{ID: id, Value: t, Parent: table, Claims: []string{"trigger " + qualified(id.Schema, id.Name)}, Needs: d.dependsOn(b)}
	if v, ok := b.Attr("follows"); ok && v.Ref.Target != nil {
		t.Follows = v.Ref.Target.Name()
		o.Needs = append(o.Needs, object.ID{Kind: "trigger", Schema: table.Schema, Table: table.Name, Name: t.Follows})
	}
	if v, ok := b.Attr("head"); ok {
		if t.Head = v.Text; !t.headFits(id) {
			d.faults.Add(v.Errorf("conflict", "the head of %s names another trigger, table, time or event than its block", b).
				WithHint("take the head out, or write it anew"))
		}
	}
	return d.object(b, o)
}

func encodeTrigger(e *encoder, o *object.Object, b *hcl.Block) {
	t := o.Value.(*Trigger)
	b.Set("on", hcl.To(e.path(o.Parent)...))
	if t.Follows != "" {
		b.Set("follows", hcl.To("trigger", t.Follows))
	}
	b.Set("as", hcl.Code(t.Body))
	encodeMade(b, t.Made)
	if plain := (&Trigger{Timing: t.Timing, Event: t.Event}).sql(o.ID, ""); t.Head != "" && "CREATE "+t.Head != plain {
		b.Set("head", hcl.Str(t.Head))
	}
	b.Add(strings.ToLower(t.Timing)).Set(strings.ToLower(t.Event), hcl.Flag(true))
}

func eventHCL() hclKind {
	schedule := hcl.AttrSpec{Name: "schedule", Takes: hcl.Expr, Required: true, Doc: `when it runs: schedule = "EVERY 1 DAY"`}
	as := asAttr("the statement that it runs")
	as.Required = true
	status := []string{"ENABLE", "DISABLE", "DISABLE_ON_REPLICA", "DISABLE_ON_SLAVE"}
	return hclKind{
		spec: &hcl.BlockSpec{
			Type: "event", Labels: hcl.Qualified, Doc: "a statement that the server runs at times",
			Attrs: append([]hcl.AttrSpec{
				schemaAttr(), schedule, as, commentAttr(),
				{Name: "preserve", Takes: hcl.Bool, Doc: "true: it stays when it will not run again"},
				{Name: "status", Takes: hcl.Word, Words: status, Doc: "whether it runs; ENABLE by default"},
			}, madeAttrs(true)...),
		},
		decode: func(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
			id := d.idOf(b)
			e := &Event{
				Schedule: b.Text("schedule"), Body: strings.TrimRight(b.Text("as"), "\n; "), Made: decodeMade(b), Comment: b.Text("comment"),
				Preserve: b.Bool("preserve", false), Status: strings.ReplaceAll(b.Text("status"), "_", " "),
			}
			if e.Status == "ENABLE" {
				e.Status = ""
			}
			return d.object(b, &object.Object{ID: id, Value: e, Claims: []string{"event " + qualified(id.Schema, id.Name)}})
		},
		encode: func(_ *encoder, o *object.Object, b *hcl.Block) {
			e := o.Value.(*Event)
			b.Set("schedule", hcl.Str(e.Schedule))
			b.Set("as", hcl.Code(e.Body))
			setFlag(b, "preserve", e.Preserve)
			if e.Status != "" {
				b.Set("status", hcl.Bare(strings.ReplaceAll(e.Status, " ", "_")))
			}
			setText(b, "comment", e.Comment)
			encodeMade(b, e.Made)
		},
	}
}

// sequenceOptions are the attributes of a sequence and their words in SQL, in the server's order.
func sequenceOptions() [][2]string {
	return [][2]string{{"start", "start with"}, {"min_value", "minvalue"}, {"max_value", "maxvalue"}, {"increment", "increment by"}, {"cache", "cache"}}
}

func sequenceHCL() hclKind {
	attrs := []hcl.AttrSpec{
		schemaAttr(), {Name: "cycle", Takes: hcl.Bool, Doc: "true: it starts again at the end"},
		{Name: "engine", Takes: hcl.Word | hcl.String, Words: engines(), Doc: "the storage engine; InnoDB by default"},
	}
	for _, o := range sequenceOptions() {
		attrs = append(attrs, hcl.AttrSpec{Name: o[0], Takes: hcl.Number, Doc: strings.ToUpper(o[1])})
	}
	return hclKind{
		spec:   &hcl.BlockSpec{Type: "sequence", Labels: hcl.Qualified, Doc: "a sequence; MariaDB", Attrs: attrs},
		decode: decodeSequence, encode: encodeSequence,
	}
}

func decodeSequence(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	var words []string
	for _, o := range sequenceOptions() {
		switch v, ok := b.Attr(o[0]); {
		case ok && o[0] == "cache" && v.Text == "0":
			words = append(words, "nocache")
		case ok:
			words = append(words, o[1]+" "+v.Text)
		}
	}
	if b.Bool("cycle", false) {
		words = append(words, "cycle")
	}
	s := &Sequence{Options: strings.Join(words, " "), Engine: b.Text("engine")}
	if s.Engine == "" {
		s.Engine = "InnoDB"
	}
	return d.object(b, &object.Object{ID: id, Value: s, Claims: []string{relationClaim(id.Schema, id.Name)}})
}

var sequenceWords = regexp.MustCompile(`(start with|minvalue|maxvalue|increment by|cache) (-?\d+)`)

func encodeSequence(_ *encoder, o *object.Object, b *hcl.Block) {
	s := o.Value.(*Sequence)
	for _, m := range sequenceWords.FindAllStringSubmatch(s.Options, -1) {
		i := slices.IndexFunc(sequenceOptions(), func(o [2]string) bool { return o[1] == m[1] })
		b.Set(sequenceOptions()[i][0], hcl.Num(m[2]))
	}
	if strings.Contains(s.Options, "nocache") {
		b.Set("cache", hcl.Num("0"))
	}
	setFlag(b, "cycle", strings.Contains(s.Options, " cycle"))
	if s.Engine != "InnoDB" {
		b.Set("engine", hcl.Str(s.Engine))
	}
}
