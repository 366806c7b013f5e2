package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func triggerHCL() hclKind {
	columns := columnsAttr("update_of", "the columns whose update it fires on", false)
	columns.Refs = []string{"table.column", "view.column", "foreign_table.column"}
	when := func(typ, doc string) *hcl.BlockSpec {
		spec := &hcl.BlockSpec{Type: typ, Single: true, Doc: doc}
		for _, name := range triggerEvents() {
			spec.Attrs = append(spec.Attrs, hcl.AttrSpec{Name: name, Takes: hcl.Bool, Doc: "true: on " + name})
		}
		spec.Attrs = append(spec.Attrs, columns)
		return spec
	}
	level := hcl.AttrSpec{Name: "for", Takes: hcl.Word, Words: []string{"ROW", "STATEMENT"}, Doc: "whether it fires for each row or once for a statement (the default)"}
	also := level
	also.Name, also.Doc = "foreach", "the same as for"
	return hclKind{
		top: true,
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "trigger", Labels: hcl.OneLabel, Doc: "a trigger of a table or view",
				Attrs: []hcl.AttrSpec{
					onAttr("table", "partition", "view", "foreign_table"), level, also,
					{Name: "when", Takes: hcl.Expr, Doc: "the condition under which it fires"},
					{Name: "constraint", Takes: hcl.Bool, Doc: "true: a constraint trigger; with deferrable or from it is one anyway"},
					{Name: "deferrable", Takes: hcl.Word, Words: []string{"INITIALLY_IMMEDIATE", "INITIALLY_DEFERRED"}, Doc: "a constraint trigger can fire at the end of the transaction"},
					{Name: "from", Takes: hcl.Reference | hcl.SQL, Refs: []string{"table", "partition"}, Doc: "the table that a constraint trigger refers to"},
					enabledAttr(),
				},
				Blocks: []*hcl.BlockSpec{
					when("before", "it fires before the change"), when("after", "it fires after the change"), when("instead_of", "it fires in place of the change, on a view"),
					{Type: "referencing", Single: true, Doc: "names for the rows that a statement changed", Attrs: []hcl.AttrSpec{
						{Name: "old_table", Takes: hcl.String, Doc: "the rows before"}, {Name: "new_table", Takes: hcl.String, Doc: "the rows after"},
					}},
					{Type: "execute", Single: true, Doc: "what it calls", Attrs: []hcl.AttrSpec{
						{Name: "function", Takes: hcl.Reference | hcl.Expr, Refs: []string{"function"}, Doc: "a function that returns trigger"},
						{Name: "procedure", Takes: hcl.Reference | hcl.Expr, Refs: []string{"function"}, Doc: "the same as function"},
						{Name: "args", Takes: hcl.String | hcl.Number | hcl.Bool, List: true, Doc: "what the function gets as TG_ARGV"},
					}},
				},
			},
			id: childID, decode: decodeTrigger,
		}},
		encode: encodeTrigger,
	}
}

func triggerEvents() []string { return []string{"insert", "update", "delete", "truncate"} }

func decodeTrigger(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	t := &Trigger{
		Enabled: enabledOf(b), Row: b.Text("for") == "ROW" || b.Text("foreach") == "ROW", When: b.Text("when"),
		Deferrable: strings.ReplaceAll(b.Text("deferrable"), "_", " "), Constraint: b.Bool("constraint", false),
	}
	o := &object.Object{ID: id, Value: t, Parent: d.hostOf(b), Claims: []string{"trigger " + tableOf(id) + "." + ident(id.Name)}}
	if v, ok := b.Attr("foreach"); ok && b.Text("for") != "" {
		d.faults.Add(v.Errorf("conflict", "%s has %q and %q", b, "for", "foreach").WithHint("keep one of them"))
	}
	if v, ok := b.Attr("from"); ok {
		t.From = d.tableName(v, o)
	}
	t.Constraint = t.Constraint || t.From != "" || t.Deferrable != ""
	if r := b.Only("referencing"); r != nil {
		t.OldTable, t.NewTable = r.Text("old_table"), r.Text("new_table")
	}
	d.triggerTiming(b, t, o)
	d.triggerCall(b, t, o)
	t.Def = t.spell(id)
	return d.object(b, o)
}

// triggerTiming reads when a trigger fires.
func (d *decoder) triggerTiming(b *hcl.Block, t *Trigger, o *object.Object) {
	var blocks []*hcl.Block
	for _, typ := range []string{"before", "after", "instead_of"} {
		blocks = append(blocks, b.Nested(typ)...)
	}
	if len(blocks) != 1 {
		d.faults.Add(b.Errorf("conflict", "%s takes one block of before, after and instead_of, and has %d", b, len(blocks)).
			WithHint("write before { insert = true }, one attribute a line"))
		return
	}
	at := blocks[0]
	t.Timing = strings.ToUpper(strings.ReplaceAll(at.Type, "_", " "))
	for _, name := range triggerEvents() {
		if at.Bool(name, false) {
			t.Events = append(t.Events, strings.ToUpper(name))
		}
	}
	if v, ok := at.Attr("update_of"); ok {
		var needs []object.ID
		t.Columns, needs = d.columns(v.List, o.Parent)
		o.Needs = append(o.Needs, needs...)
		if slices.Contains(t.Events, "UPDATE") {
			d.faults.Add(v.Errorf("conflict", "%s has %q and %q", at.Type, "update", "update_of").WithHint("update_of limits update; keep one of them"))
			return
		}
		t.Events = append(t.Events, "UPDATE")
	}
	if len(t.Events) == 0 {
		d.faults.Add(at.Errorf("missing-attribute", "%s of %s names no event", at.Type, b).WithHint("write insert = true, update = true, delete = true, truncate = true or update_of = […]"))
	}
}

// triggerCall reads what a trigger calls.
func (d *decoder) triggerCall(b *hcl.Block, t *Trigger, o *object.Object) {
	call := b.Only("execute")
	if call == nil {
		d.faults.Add(b.Errorf("missing-block", "%s calls nothing", b).WithHint("write execute { function = function.touch }"))
		return
	}
	function, isFunction := call.Attr("function")
	procedure, isProcedure := call.Attr("procedure")
	switch {
	case isFunction == isProcedure:
		d.faults.Add(call.Errorf("conflict", "execute takes either function or procedure, which mean the same"))
		return
	case isProcedure:
		function = procedure
	}
	t.Function = d.functionName(function, o)
	for _, v := range call.List("args") {
		t.Args = append(t.Args, v.Text)
	}
}

// spell writes the statement that creates the trigger, in the server's order of clauses
// (src/backend/utils/adt/ruleutils.c, pg_get_triggerdef_worker).
func (t *Trigger) spell(id object.ID) string {
	var events []string
	for _, e := range t.Events {
		if e == "UPDATE" && len(t.Columns) > 0 {
			e += " OF " + idents(t.Columns)
		}
		events = append(events, e)
	}
	out := "CREATE " + toggle(t.Constraint, "CONSTRAINT ", "") + "TRIGGER " + ident(id.Name) + " " + t.Timing + " " + strings.Join(events, " OR ") + " ON " + tableOf(id)
	if t.From != "" {
		out += " FROM " + t.From
	}
	switch t.Deferrable {
	case "INITIALLY DEFERRED":
		out += " DEFERRABLE INITIALLY DEFERRED"
	case "INITIALLY IMMEDIATE":
		out += " DEFERRABLE INITIALLY IMMEDIATE"
	}
	if t.OldTable != "" || t.NewTable != "" {
		out += " REFERENCING"
		if t.OldTable != "" {
			out += " OLD TABLE AS " + ident(t.OldTable)
		}
		if t.NewTable != "" {
			out += " NEW TABLE AS " + ident(t.NewTable)
		}
	}
	out += " FOR EACH " + toggle(t.Row, "ROW", "STATEMENT")
	if t.When != "" {
		out += " WHEN (" + t.When + ")"
	}
	args := make([]string, len(t.Args))
	for i, a := range t.Args {
		args[i] = literal(a)
	}
	return out + " EXECUTE FUNCTION " + t.Function + "(" + strings.Join(args, ", ") + ")"
}

func encodeTrigger(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	t := o.Value.(*Trigger)
	b := &hcl.Block{Type: "trigger", Labels: []string{o.ID.Name}}
	b.Set("on", e.hostRef(o.Parent))
	setWord(b, "for", toggle(t.Row, "ROW", ""))
	if t.When != "" {
		b.Set("when", hcl.Code(unwrapped(t.When)))
	}
	setFlag(b, "constraint", t.Constraint && t.Deferrable == "" && t.From == "")
	setWord(b, "deferrable", strings.ReplaceAll(t.Deferrable, " ", "_"))
	if t.From != "" {
		b.Set("from", e.tableRef(t.From))
	}
	setWord(b, "enabled", t.Enabled)
	at := b.Add(strings.ToLower(strings.ReplaceAll(t.Timing, " ", "_")))
	for _, name := range triggerEvents() {
		if slices.Contains(t.Events, strings.ToUpper(name)) && (name != "update" || len(t.Columns) == 0) {
			at.Set(name, hcl.Flag(true))
		}
	}
	if len(t.Columns) > 0 {
		at.Set("update_of", e.columnRefs(e.columnOwner(o.Parent), t.Columns, object.ID{}))
	}
	if t.OldTable != "" || t.NewTable != "" {
		r := b.Add("referencing")
		if t.OldTable != "" {
			r.Set("old_table", hcl.Str(t.OldTable))
		}
		if t.NewTable != "" {
			r.Set("new_table", hcl.Str(t.NewTable))
		}
	}
	call := b.Add("execute")
	call.Set("function", e.functionExpr(t.Function))
	if len(t.Args) > 0 {
		var args []hcl.Value
		for _, a := range t.Args {
			args = append(args, hcl.Str(a))
		}
		call.Set("args", hcl.Items(args...))
	}
	return b
}
