package postgres

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

func sequenceHCL() hclKind {
	return hclKind{
		forms: []hclForm{{
			spec: &hcl.BlockSpec{
				Type: "sequence", Labels: hcl.Qualified, Doc: "a sequence that stands by itself",
				Attrs: slices.Concat([]hcl.AttrSpec{
					schemaAttr(),
					{Name: "type", Takes: hcl.Type | hcl.String | hcl.SQL, Doc: "smallint, integer or bigint (the default)"},
				}, sequenceAttrs(), []hcl.AttrSpec{
					{Name: "unlogged", Takes: hcl.Bool, Doc: "true: not written to the log"},
				}),
			},
			decode: decodeSequence,
		}},
		encode: encodeSequence,
	}
}

// sequenceAttrs are the options that sequences and identity columns share.
func sequenceAttrs() []hcl.AttrSpec {
	return []hcl.AttrSpec{
		{Name: "start", Takes: hcl.Number, Doc: "the first value"},
		{Name: "increment", Takes: hcl.Number, Doc: "the step; 1 by default"},
		{Name: "min_value", Takes: hcl.Number, Doc: "the lowest value"},
		{Name: "max_value", Takes: hcl.Number, Doc: "the highest value"},
		{Name: "cache", Takes: hcl.Number, Doc: "how many values a session takes at once; 1 by default"},
		{Name: "cycle", Takes: hcl.Bool, Doc: "true: begin again after the last value"},
	}
}

// decodeSequenceOptions reads the options and fills in the defaults of the type.
func (d *decoder) decodeSequenceOptions(b *hcl.Block, typ string) Sequence {
	number := func(name string, unset int64) int64 {
		if n, ok := b.Int(name); ok {
			return n
		}
		if v, ok := b.Attr(name); ok {
			d.faults.Add(v.Errorf("wrong-type", "%q takes a whole number of 64 bits", name))
		}
		return unset
	}
	s := Sequence{Type: typ, Increment: number("increment", 1), Cache: number("cache", 1), Cycle: b.Bool("cycle", false)}
	if v, ok := b.Attr("increment"); ok && s.Increment == 0 {
		d.faults.Add(v.Errorf("wrong-value", "a sequence cannot advance by 0"))
	}
	low, high := limits(typ, s.Increment > 0)
	s.Min, s.Max = number("min_value", low), number("max_value", high)
	s.Start = number("start", s.Min)
	if _, given := b.Attr("start"); !given && s.Increment < 0 {
		s.Start = s.Max
	}
	return s
}

func decodeSequence(d *decoder, b *hcl.Block, _ *object.Object) *object.Object {
	id := d.idOf(b)
	typ := "bigint"
	if v, ok := b.Attr("type"); ok {
		typ = canonicalInteger(v.Text)
		if !slices.Contains([]string{"smallint", "integer", "bigint"}, typ) {
			d.faults.Add(v.Errorf("wrong-value", "a sequence is of type smallint, integer or bigint, not %s", v.Text))
		}
	}
	s := d.decodeSequenceOptions(b, typ)
	s.Unlogged = b.Bool("unlogged", false)
	return d.object(b, &object.Object{ID: id, Value: &s, Claims: []string{relationClaim(id.Schema, id.Name)}})
}

func canonicalInteger(typ string) string {
	switch strings.ToLower(typ) {
	case "int2":
		return "smallint"
	case "int", "int4":
		return "integer"
	case "int8":
		return "bigint"
	}
	return strings.ToLower(typ)
}

func encodeSequence(e *encoder, o *object.Object, _ *hcl.Block) *hcl.Block {
	b := e.top(o)
	s := *o.Value.(*Sequence)
	if s.Type != "bigint" {
		b.Set("type", e.typeValue(s.Type))
	}
	encodeSequenceOptions(b, s)
	if s.Unlogged {
		b.Set("unlogged", hcl.Flag(true))
	}
	return b
}

// encodeSequenceOptions writes the options that are not the defaults of the type.
func encodeSequenceOptions(b *hcl.Block, s Sequence) {
	low, high := limits(s.Type, s.Increment > 0)
	start := s.Min
	if s.Increment < 0 {
		start = s.Max
	}
	number := func(name string, n, unset int64) {
		if n != unset {
			b.Set(name, hcl.Num(strconv.FormatInt(n, 10)))
		}
	}
	number("start", s.Start, start)
	number("increment", s.Increment, 1)
	number("min_value", s.Min, low)
	number("max_value", s.Max, high)
	number("cache", s.Cache, 1)
	if s.Cycle {
		b.Set("cycle", hcl.Flag(true))
	}
}

// sequenceOwnerHCL makes the owner an attribute of the sequence's block.
func sequenceOwnerHCL() hclKind {
	return hclKind{
		attrs: map[string][]hcl.AttrSpec{"sequence": {{
			Name: "owner", Takes: hcl.Reference | hcl.String, Refs: append(roleBlocks(), "table.column"),
			Doc: "the column whose drop takes the sequence along, or, with manage { owners = true }, the role",
		}}},
		decodeAttrs: decodeSequenceOwner,
		encodeAttrs: encodeSequenceOwner,
	}
}

func ownerID(sequence object.ID) object.ID {
	return object.ID{Kind: "sequence_owner", Schema: sequence.Schema, Name: sequence.Name}
}

func decodeSequenceOwner(d *decoder, b *hcl.Block, of *object.Object) {
	v, ok := b.Attr("owner")
	if !ok || of.ID.Kind != "sequence" || v.Ref.Target == nil || v.Ref.Target.Type != "column" {
		return
	}
	column := d.idOf(v.Ref.Target)
	d.add(&object.Object{
		ID: ownerID(of.ID), Value: &SequenceOwner{Table: tableOf(column), Column: column.Name},
		Parent: of.ID, Needs: []object.ID{column}, Pos: v.Pos,
	}, v.Width)
}

func encodeSequenceOwner(e *encoder, of object.ID, b *hcl.Block) {
	if of.Kind != "sequence" {
		return
	}
	o, ok := kind.Get[SequenceOwner](e.state, ownerID(of))
	if !ok {
		return
	}
	schema, table, ok := splitQualified(o.V.Table)
	column := columnID(object.ID{Schema: schema, Name: table}, o.V.Column)
	if !ok || !e.state.Has(column) {
		return // a column out of scope; the ledger names it
	}
	e.said[o.ID] = true
	b.Set("owner", e.columnRef(object.ID{Kind: "table", Schema: schema, Name: table}, o.V.Column, object.ID{}))
}

var nextval = regexp.MustCompile(`^nextval\('((?:[^']|'')+)'::regclass\)$`)

// findSerials finds the columns that are as serial makes them: a sequence of their own with the standard name and
// options, from which the default draws (PostgreSQL manual, "Serial Types").
func (e *encoder) findSerials() {
	for _, o := range e.state.Kind("sequence_owner") {
		owner := o.Value.(*SequenceOwner)
		schema, table, ok := splitQualified(owner.Table)
		if !ok || schema != o.ID.Schema {
			continue
		}
		id := columnID(object.ID{Schema: schema, Name: table}, owner.Column)
		column, haveColumn := kind.Get[Column](e.state, id)
		value, haveDefault := kind.Get[Default](e.state, defaultID(id))
		sequence, haveSequence := kind.Get[Sequence](e.state, o.Parent)
		hasOwn := func(c *object.Object) bool { return c.ID.Kind == "permission" } // which need the sequence's name
		if !haveColumn || !haveDefault || !haveSequence || slices.ContainsFunc(e.children(o.Parent), hasOwn) || !isSerial(column, value.V.Expr, sequence, e.state) {
			continue
		}
		e.serials[id] = map[string]string{"smallint": "smallserial", "integer": "serial", "bigint": "bigserial"}[column.V.Type]
		for _, said := range []object.ID{o.ID, value.ID, sequence.ID} {
			e.hidden[said] = true
		}
	}
}

func isSerial(column kind.Of[Column], value string, sequence kind.Of[Sequence], s *object.State) bool {
	table, _ := kind.Get[Table](s, column.Parent)
	m := nextval.FindStringSubmatch(value)
	if m == nil || !column.V.NotNull || table.V == nil || len(sequence.Needs) > 1 || s.Has(commentID(sequence.ID)) {
		return false
	}
	schema, name, ok := splitQualified(strings.ReplaceAll(m[1], "''", "'"))
	standard := Sequence{Type: column.V.Type, Increment: 1, Cache: 1, Start: 1, Unlogged: table.V.Unlogged}
	standard.Min, standard.Max = limits(column.V.Type, true)
	return ok && name == sequence.ID.Name && (schema == "" || schema == sequence.ID.Schema) &&
		name == generatedName(column.ID.Table, column.ID.Name, "seq") &&
		slices.Contains([]string{"smallint", "integer", "bigint"}, column.V.Type) && *sequence.V == standard
}
