package project

import (
	"strconv"
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// text is an attribute that must be a string; "" and true when it is null or not there.
func (l *loader) text(b *Block, name string) (string, bool) {
	a, ok := b.Attrs[name]
	if !ok || a.Value.IsNull() {
		return "", true
	}
	if a.Value.Type() != cty.String {
		l.faultAt(a, "attribute-value", "%s is a %s, not a string", name, a.Value.Type().FriendlyName()).
			hint(`write it in quotes, as in %s = "…"`, name)
		return "", false
	}
	return a.Value.AsString(), true
}

// list is an attribute that must be a string or several; nulls and empty strings in it are left out.
func (l *loader) list(b *Block, name string) []string {
	a, ok := b.Attrs[name]
	if !ok || a.Value.IsNull() {
		return nil
	}
	out, ok := texts(a.Value)
	if !ok {
		l.faultAt(a, "attribute-value", "%s is a %s, not a list of strings", name, a.Value.Type().FriendlyName()).
			hint(`write it as %s = ["…", "…"]`, name)
	}
	return out
}

// texts are the strings of a string, list, set or tuple.
func texts(v cty.Value) ([]string, bool) {
	var out []string
	if v.IsNull() {
		return nil, true
	}
	switch t := v.Type(); {
	case t == cty.String:
		return []string{v.AsString()}, true
	case t.IsPrimitiveType():
		s, err := convert.Convert(v, cty.String)
		return []string{s.AsString()}, err == nil
	case !t.IsListType() && !t.IsSetType() && !t.IsTupleType():
		return nil, false
	}
	for _, e := range v.AsValueSlice() {
		switch {
		case e.IsNull():
		case e.Type() == cty.String:
			if s := e.AsString(); s != "" {
				out = append(out, s)
			}
		default:
			return nil, false
		}
	}
	return out, true
}

func (l *loader) flag(b *Block, name string) bool { return l.flagOr(b, name, false) }

// flagOr is flag for an attribute that has another value when it is not set.
func (l *loader) flagOr(b *Block, name string, unset bool) bool {
	if b == nil {
		return unset
	}
	a, ok := b.Attrs[name]
	if !ok || a.Value.IsNull() {
		return unset
	}
	v, err := convert.Convert(a.Value, cty.Bool)
	if err != nil {
		l.faultAt(a, "attribute-value", "%s is a %s, not true or false", name, a.Value.Type().FriendlyName()).
			hint("write %s = true or %s = false", name, name)
		return false
	}
	return v.True()
}

func (l *loader) duration(b *Block, name string) time.Duration {
	text, ok := l.text(b, name)
	if !ok || text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		l.faultAt(b.Attrs[name], "attribute-value", "%s is not a duration", name).
			hint(`durations are written "10s", "500ms" or "2m"`)
	}
	return d
}

// plain turns a value into what a template or a query takes.
func plain(v cty.Value) any {
	if v == cty.NilVal || v.IsNull() {
		return nil
	}
	switch t := v.Type(); {
	case t == cty.String:
		return v.AsString()
	case t == cty.Bool:
		return v.True()
	case t == cty.Number:
		if i, accuracy := v.AsBigFloat().Int64(); accuracy == 0 {
			return i
		}
		f, err := strconv.ParseFloat(v.AsBigFloat().Text('g', -1), 64)
		if err != nil {
			return v.AsBigFloat().String()
		}
		return f
	case t.IsListType() || t.IsSetType() || t.IsTupleType():
		out := make([]any, 0, v.LengthInt())
		for _, e := range v.AsValueSlice() {
			out = append(out, plain(e))
		}
		return out
	case t.IsMapType() || t.IsObjectType():
		out := map[string]any{}
		for k, e := range v.AsValueMap() {
			out[k] = plain(e)
		}
		return out
	}
	return nil
}
