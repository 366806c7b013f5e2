package project

import (
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/schemactl/schemactl/internal/diag"
)

// secretNameRE are the names of variables whose values are taken for secrets.
var secretNameRE = regexp.MustCompile(`(?i)pass|pwd|secret|token|credential|api_?key|private`)

// variable evaluates a variable block: the value given for it, else its default, converted to its type and validated.
func (l *loader) variable(b *hclsyntax.Block) (cty.Value, bool) {
	name := b.Labels[0]
	typ, ok := l.variableType(b)
	if !ok {
		return cty.NilVal, false
	}
	secret := secretNameRE.MatchString(name)
	if a := b.Body.Attributes["sensitive"]; a != nil {
		v, ok := l.eval(a.Expr, nil)
		secret = secret || ok && v.Type() == cty.Bool && !v.IsNull() && v.True()
	}
	at := b.LabelRanges[0]
	var value cty.Value
	if given, ok := l.opts.Vars[name]; ok {
		value = fromFlags(given, typ)
	} else if a := b.Body.Attributes["default"]; a != nil {
		if value, ok = l.eval(a.Expr, nil); !ok {
			return cty.NilVal, false
		}
		at = a.Expr.Range()
	} else {
		l.fault(at, "missing-variable", "variable %q has no value", name).
			hint("give it with --var %s=…, or add a default", name)
		return cty.NilVal, false
	}
	if typ.IsListType() && value.Type().Equals(typ.ElementType()) {
		value = cty.ListVal([]cty.Value{value})
	}
	l.secrets.addValue(value, secret)
	converted, err := convert.Convert(value, typ)
	if err != nil {
		l.fault(at, "variable-type", "variable %q: %v", name, err).
			hint("its type is %s", typ.FriendlyName())
		return cty.NilVal, false
	}
	return converted, l.validate(b, name, converted)
}

// fromFlags reads the values of --var: text, which the type converts; several make a list; JSON for the other types.
func fromFlags(given []string, typ cty.Type) cty.Value {
	if len(given) == 1 && !typ.IsPrimitiveType() {
		if v, err := ctyjson.Unmarshal([]byte(given[0]), typ); err == nil {
			return v
		}
	}
	values := make([]cty.Value, len(given))
	for i, s := range given {
		values[i] = cty.StringVal(s)
	}
	if len(values) == 1 && typ.IsPrimitiveType() {
		return values[0]
	}
	if len(values) == 0 {
		return cty.ListValEmpty(cty.String)
	}
	return cty.ListVal(values)
}

func (l *loader) variableType(b *hclsyntax.Block) (cty.Type, bool) {
	a := b.Body.Attributes["type"]
	if a == nil {
		l.fault(b.TypeRange, "variable-type", "variable %q has no type", b.Labels[0]).
			hint("add type = string, or number, bool, list(string), set(string), map(string), object({…}), tuple([…])")
		return cty.NilType, false
	}
	v, ok := l.eval(a.Expr, nil)
	if !ok {
		return cty.NilType, false
	}
	if v.Type().IsCapsuleType() {
		if t, ok := v.EncapsulatedValue().(*cty.Type); ok {
			return *t, true
		}
	}
	d := l.fault(a.Expr.Range(), "variable-type", "the type of variable %q is not a type", b.Labels[0])
	d.Hint = "types are written without quotes: string, number, bool, list(string), set(string), map(string), object({…}), tuple([…])"
	return cty.NilType, false
}

// validate runs the validation blocks, which may refer to the variable itself.
func (l *loader) validate(b *hclsyntax.Block, name string, value cty.Value) bool {
	ok := true
	self := l.variables()["var"].AsValueMap()
	if self == nil {
		self = map[string]cty.Value{}
	}
	self[name] = value
	scope := map[string]cty.Value{"var": cty.ObjectVal(self)}
	n := l.nodes["var."+name]
	n.state, n.value = done, value // a validation refers to its own variable
	for _, v := range b.Body.Blocks {
		condition, message := v.Body.Attributes["condition"], v.Body.Attributes["error_message"]
		if condition == nil || message == nil {
			l.fault(v.TypeRange, "validation", "a validation needs condition and error_message").hint("add what is missing")
			ok = false
			continue
		}
		held, good := l.eval(condition.Expr, scope)
		if !good {
			ok = false
			continue
		}
		if held.Type() != cty.Bool || held.IsNull() {
			l.fault(condition.Expr.Range(), "validation", "the condition is not true or false").hint("compare something in it")
			ok = false
			continue
		}
		if held.True() {
			continue
		}
		ok = false
		if text, good := l.eval(message.Expr, scope); good && text.Type() == cty.String && !text.IsNull() {
			l.fault(condition.Expr.Range(), "validation", "variable %q: %s", name, text.AsString())
		} else {
			l.fault(condition.Expr.Range(), "validation", "variable %q does not hold its condition", name)
		}
	}
	return ok
}

// secrets are the texts that no report may show.
type secrets struct{ texts []string }

// userinfoRE finds the password of a URL.
var userinfoRE = regexp.MustCompile(`(://[^\s:/@"']*:)([^\s"']+)(@)`)

func (s *secrets) add(text string) {
	if text != "" {
		s.texts = append(s.texts, text)
	}
}

// addValue adds every text in a value; of a value that is no secret, the passwords in URLs.
func (s *secrets) addValue(v cty.Value, secret bool) {
	for _, text := range deepTexts(v) {
		if secret {
			s.add(text)
		} else if m := userinfoRE.FindStringSubmatch(text); m != nil {
			s.add(m[2])
		}
	}
}

func (s *secrets) scrub(d *diag.Diagnostic) {
	for _, field := range []*string{&d.Message, &d.Hint, &d.Source} {
		*field = s.hide(*field)
	}
}

const hidden = "xxxxx"

func (s *secrets) hide(text string) string {
	for _, secret := range s.texts {
		switch {
		case len(secret) >= 6:
			text = strings.ReplaceAll(text, secret, hidden)
		case strings.Contains(text, secret): // a short one would tear words apart
			text = wordRE(secret).ReplaceAllString(text, "${1}"+hidden+"${2}")
		}
	}
	return userinfoRE.ReplaceAllString(text, "${1}"+hidden+"${3}")
}

func wordRE(word string) *regexp.Regexp {
	return regexp.MustCompile(`(^|[^A-Za-z0-9_])` + regexp.QuoteMeta(word) + `($|[^A-Za-z0-9_])`)
}

func deepTexts(v cty.Value) []string {
	var out []string
	if v == cty.NilVal {
		return nil
	}
	_ = cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
			out = append(out, v.AsString())
		}
		return true, nil
	})
	return out
}
