package postgres

import (
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func eventTriggerHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "event_trigger", Labels: hcl.OneLabel, Doc: "a trigger on changes of the schema",
				Attrs: []hcl.AttrSpec{
					{Name: "on", Takes: hcl.Word | hcl.String, Words: []string{"ddl_command_start", "ddl_command_end", "sql_drop", "table_rewrite", "login"},
						Required: true, Doc: "the event; login from PostgreSQL 17 on"},
					{Name: "tags", Takes: hcl.String, List: true, Doc: `the commands that it is limited to: tags = ["CREATE TABLE"]`},
					{Name: "execute", Takes: hcl.Reference | hcl.Expr, Refs: []string{"function"}, Required: true, Doc: "the function: execute = function.audit"},
					enabledAttr(),
				},
			},
			decode: decodeEventTrigger,
			id: func(_ *decoder, b *hcl.Block) object.ID {
				return object.ID{Kind: "event_trigger", Name: b.Name()}
			},
		}},
		encode: encodeEventTrigger,
	}
}

// enabledAttr says when a trigger or a rule fires.
func enabledAttr() hcl.AttrSpec {
	return hcl.AttrSpec{
		Name: "enabled", Takes: hcl.Word, Words: []string{"ORIGIN", "DISABLE", "REPLICA", "ALWAYS"},
		Doc: "on which servers it fires: by default on all but replicas (ORIGIN)",
	}
}

func enabledOf(b *hcl.Block) string { return unless(b.Text("enabled"), "ORIGIN") }

func decodeEventTrigger(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	t := &EventTrigger{Event: b.Text("on"), Enabled: enabledOf(b)}
	o := &object.Object{ID: id, Value: t, Claims: []string{"event trigger " + id.Name}}
	v, _ := b.Attr("execute")
	t.Function = d.functionName(v, o)
	for _, tag := range b.List("tags") {
		t.Tags = append(t.Tags, tag.Text)
	}
	return d.object(b, o)
}

func encodeEventTrigger(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	t := o.Value.(*EventTrigger)
	b := &hcl.Block{Type: "event_trigger", Labels: []string{o.ID.Name}}
	b.Set("on", hcl.Bare(t.Event))
	if len(t.Tags) > 0 {
		var tags []hcl.Value
		for _, tag := range t.Tags {
			tags = append(tags, hcl.Str(tag))
		}
		b.Set("tags", hcl.Items(tags...))
	}
	b.Set("execute", e.functionExpr(t.Function))
	setWord(b, "enabled", t.Enabled)
	return b
}
