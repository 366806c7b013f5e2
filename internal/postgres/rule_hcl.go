package postgres

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

func ruleHCL() hclKind {
	return hclKind{
		top: true,
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "rule", Labels: hcl.OneLabel, Doc: "a rewrite rule of a table or view",
				Attrs: []hcl.AttrSpec{
					onAttr("table", "partition", "view", "foreign_table"),
					{Name: "event", Takes: hcl.Word, Words: ruleEvents(), Doc: "the command that is rewritten"},
					{Name: "where", Takes: hcl.Expr, Doc: "the condition under which it is"},
					{Name: "instead", Takes: hcl.Bool, Doc: "true: the action takes the place of the command"},
					{Name: "as", Takes: hcl.Expr, Doc: `the action: "NOTHING", a command, or several in parentheses: "(…; …)"`},
					enabledAttr(), definitionAttr(),
				},
			},
			id: childID, decode: decodeRule,
		}},
		encode: encodeRule,
	}
}

func ruleEvents() []string { return []string{"SELECT", "INSERT", "UPDATE", "DELETE"} }

// ruleParts are what a rule consists of, beside its name and table.
type ruleParts struct {
	event, where, action string
	instead              bool
}

func (p ruleParts) spell(id object.ID) string {
	return p.head(id) + toggle(p.instead, "INSTEAD ", "ALSO ") + p.action
}

// spellShort spells as the server does, which leaves out what is so anyway.
func (p ruleParts) spellShort(id object.ID) string {
	return p.head(id) + toggle(p.instead, "INSTEAD ", "") + p.action
}

func (p ruleParts) head(id object.ID) string {
	out := "CREATE RULE " + ident(id.Name) + " AS ON " + p.event + " TO " + tableOf(id)
	if p.where != "" {
		out += " WHERE (" + p.where + ")"
	}
	return out + " DO "
}

func decodeRule(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	r := &Rule{Enabled: enabledOf(b)}
	if v, ok := b.Attr("definition"); ok {
		r.Def = v.Text
		for _, a := range b.Attrs {
			if slices.Contains([]string{"event", "where", "instead", "as"}, a.Name) {
				d.faults.Add(b.Errorf("conflict", "%s has a definition and %q", b, a.Name).WithHint("a definition is the whole rule"))
			}
		}
	} else {
		for _, name := range []string{"event", "as"} {
			if _, ok := b.Attr(name); !ok {
				d.faults.Add(b.Errorf("missing-attribute", "%s lacks the attribute %q", b, name))
			}
		}
		r.Def = ruleParts{b.Text("event"), b.Text("where"), strings.TrimRight(b.Text("as"), "; \t\r\n"), b.Bool("instead", false)}.spell(id)
	}
	return d.object(b, &object.Object{
		ID: id, Value: r, Parent: d.hostOf(b), Claims: []string{"rule " + tableOf(id) + "." + ident(id.Name)},
	})
}

// partsOf reads what pg_get_ruledef makes of a rule: CREATE RULE r AS ON UPDATE TO t WHERE (…) DO INSTEAD …
func (r *Rule) partsOf(id object.ID) (p ruleParts, ok bool) {
	_, rest, ok := takeIdent(strings.TrimPrefix(r.Def, "CREATE RULE "))
	rest, isRule := strings.CutPrefix(rest, "AS")
	rest, hasEvent := strings.CutPrefix(strings.TrimSpace(rest), "ON ")
	if !ok || !isRule || !hasEvent {
		return p, false
	}
	halves := splitTop(rest, " DO ")
	if len(halves) < 2 {
		return p, false
	}
	action := strings.TrimSpace(rest[strings.Index(rest, halves[0])+len(halves[0])+len(" DO "):])
	p.action, p.instead = strings.CutPrefix(action, "INSTEAD ")
	p.action = strings.TrimPrefix(p.action, "ALSO ") // which HCL says, and no server
	p.action = strings.TrimSpace(p.action)
	head := strings.Fields(halves[0])
	p.event = head[0]
	if _, where, found := strings.Cut(halves[0], " WHERE "); found {
		p.where = unwrapped(strings.TrimSpace(where))
	}
	return p, slices.Contains(ruleEvents(), p.event) && (sameSQL(p.spell(id), r.Def) || sameSQL(p.spellShort(id), r.Def))
}

func encodeRule(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	r := o.Value.(*Rule)
	b := &hcl.Block{Type: "rule", Labels: []string{o.ID.Name}}
	b.Set("on", e.hostRef(o.Parent))
	if p, ok := r.partsOf(o.ID); ok {
		b.Set("event", hcl.Bare(p.event))
		if p.where != "" {
			b.Set("where", hcl.Code(p.where))
		}
		setFlag(b, "instead", p.instead)
		setWord(b, "enabled", r.Enabled)
		b.Set("as", hcl.Code(p.action))
		return b
	}
	setWord(b, "enabled", r.Enabled)
	b.Set("definition", hcl.Code(r.Def))
	return b
}
