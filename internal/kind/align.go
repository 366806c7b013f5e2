package kind

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

// pairs are old names with their new ones. With them two texts of a server can be compared: what an object that
// names others looked like before these were renamed, and what it looks like now.
type pairs struct {
	names   map[string][]string  // of objects
	columns map[[2]string]bool   // those that belong to another object, as columns do
	places  map[[2]string]string // new names by schema and old name
	schemas map[string]string
	parts   map[[2]string]bool // values of enums
}

func newPairs() *pairs {
	return &pairs{
		names: map[string][]string{}, columns: map[[2]string]bool{}, places: map[[2]string]string{},
		schemas: map[string]string{}, parts: map[[2]string]bool{},
	}
}

func (p *pairs) add(from, to object.ID) {
	a, b := plainName(from.Name), plainName(to.Name)
	switch {
	case from.Schema != to.Schema:
		p.names[from.Schema] = append(p.names[from.Schema], to.Schema)
		p.schemas[from.Schema] = to.Schema
	case from.Schema == "" && from.Table == "":
		p.schemas[a] = b
	case from.Table == "":
		p.places[[2]string{from.Schema, a}] = b
	default:
		p.columns[[2]string{a, b}] = true
	}
	if a != b && !slices.Contains(p.names[a], b) {
		p.names[a] = append(p.names[a], b)
	}
}

// plainName leaves out the types of a routine's arguments.
func plainName(name string) string {
	if i := strings.IndexByte(name, '('); i > 0 && strings.HasSuffix(name, ")") {
		return name[:i]
	}
	return name
}

func (p *pairs) empty() bool { return len(p.names) == 0 && len(p.parts) == 0 && len(p.schemas) == 0 }

// becomes reports whether a name may be spelled as another one now. A relation that a query reads twice without an
// alias is told apart by a number: a_1.
func (p *pairs) becomes(from, to string) bool {
	if slices.Contains(p.names[from], to) {
		return true
	}
	i, j := strings.LastIndexByte(from, '_'), strings.LastIndexByte(to, '_')
	return i > 0 && j > 0 && from[i:] == to[j:] && strings.Trim(from[i+1:], "0123456789") == "" &&
		slices.Contains(p.names[from[:i]], to[:j]) && !p.columns[[2]string{from[:i], to[:j]}]
}

// rewrite spells the names anew that stand in a text with their schema, or that are all of it and in quotes, and nothing
// else: a bare name may be another's.
func (p *pairs) rewrite(text string) string {
	var out strings.Builder
	last := 0
	tokens := tokenize(text)
	// A name alone is one for certain in quotes; where names are exchanged, it is taken for one.
	if len(tokens) == 1 && tokens[0].kind == nameToken && (tokens[0].quote != 0 || p.circular()) && len(p.names[tokens[0].text]) == 1 {
		return tokens[0].spell(p.names[tokens[0].text][0])
	}
	for i, t := range tokens {
		if t.kind != nameToken || i+2 >= len(tokens) || tokens[i+1].text != "." || tokens[i+2].kind != nameToken {
			continue
		}
		if to, ok := p.schemas[t.text]; ok {
			out.WriteString(text[last:t.start] + t.spell(to))
			last = t.end
		}
		name := tokens[i+2]
		if to, ok := p.places[[2]string{t.text, name.text}]; ok {
			out.WriteString(text[last:name.start] + name.spell(to))
			last = name.end
		}
	}
	return out.String() + text[last:]
}

// equal reports whether a text from before the renames is the other text now, as a server spells it that keeps
// references and not names. Where a query selects a renamed column by itself, its result keeps the old name: the server
// then writes "new AS old".
func (p *pairs) equal(from, to string) bool {
	if from == to || p.becomes(from, to) || p.parts[[2]string{from, to}] {
		return true
	}
	if p.empty() {
		return false
	}
	a, b := tokenize(from), tokenize(to)
	items := selectItems(a)
	for i := 0; i < len(a); {
		ahead, behind := p.step(a[i:], b, items[i], i > 0 && a[i-1].is("AS"))
		if ahead == 0 {
			return false
		}
		i, b = i+ahead, b[behind:]
	}
	return len(b) == 0
}

// step compares what two texts begin with and tells how many tokens of each are one thing; 0: they differ. What stands
// behind AS is no reference and keeps its name.
func (p *pairs) step(a, b []token, item int, label bool) (ahead, behind int) {
	if len(b) == 0 || a[0].kind != b[0].kind {
		return 0, 0
	}
	old, anew := a[0].text, b[0].text
	if a[0].kind != nameToken || label || !p.becomes(old, anew) {
		if !p.same(a[0], b[0], castOf(a[1:])) {
			return 0, 0
		}
		return 1, 1
	}
	if !p.columns[[2]string{old, anew}] {
		return 1, 1
	}
	switch {
	case item == bareItem && (len(b) < 3 || !b[1].is("AS") || b[2].text != old):
		return 0, 0
	case item == bareItem:
		return 1, 3
	case item == namedItem && a[2].text == anew:
		return 3, 1
	}
	return 1, 1
}

// same compares two tokens that are no renamed names. A string holds a name where it is cast to one, as in
// nextval('s'::regclass), and the value of an enum where it is cast to a type that is not the server's own.
func (p *pairs) same(a, b token, cast string) bool {
	if a.text == b.text {
		return true
	}
	if a.kind != stringToken {
		return false
	}
	if !strings.HasPrefix(cast, "reg") {
		return p.parts[[2]string{a.text, b.text}] && !slices.Contains([]string{"text", "character", "bpchar", "name"}, cast)
	}
	x, y := tokenize(a.text), tokenize(b.text)
	if len(x) != len(y) || len(x) != 1 && len(x) != 3 {
		return false
	}
	for i := range x {
		if x[i].kind != y[i].kind || x[i].text != y[i].text && !p.becomes(x[i].text, y[i].text) {
			return false
		}
	}
	return true
}

// castOf is the first name of the type that what stands before the tokens is cast to.
func castOf(tokens []token) string {
	if len(tokens) < 3 || tokens[0].text != ":" || tokens[1].text != ":" {
		return ""
	}
	return tokens[2].text
}

// The places that a name may have in the list of what a query selects.
const (
	noItem    = iota
	bareItem  // t.a
	namedItem // t.a AS b
)

// selectItems finds the names that a query selects by themselves.
func selectItems(tokens []token) []int {
	out := make([]int, len(tokens))
	list := []bool{false} // whether each depth of parentheses stands in a list
	start := 0
	for i, t := range tokens {
		top := len(list) - 1
		switch {
		case t.text == "(" && t.kind == otherToken:
			list = append(list, false)
		case t.text == ")" && t.kind == otherToken:
			list = list[:max(1, top)]
			if start < i && list[len(list)-1] && tokens[start].is("ON") {
				start = i + 1 // DISTINCT ON (…)
			}
		case t.is("SELECT"), t.is("RETURNING"):
			list[top], start = true, i+1
		case endsList(t):
			list[top] = false
		case !list[top]:
		case t.is("DISTINCT") && i == start:
			start = i + 1
		case t.text == ",":
			start = i + 1
		case t.kind == nameToken && isChain(tokens[start:i]):
			out[i] = itemBefore(tokens[i+1:])
		}
	}
	return out
}

// endsList reports whether the token begins what follows the list of a query.
func endsList(t token) bool {
	return t.isAny("FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FETCH", "UNION", "INTERSECT", "EXCEPT")
}

// itemBefore tells what a chain of names is that stands before the tokens.
func itemBefore(rest []token) int {
	switch {
	case len(rest) == 0 || endsList(rest[0]) || slices.Contains([]string{",", ")", ";"}, rest[0].text):
		return bareItem
	case rest[0].is("AS") && len(rest) > 1:
		return namedItem
	}
	return noItem
}

// isChain reports whether the tokens are names with dots behind them.
func isChain(tokens []token) bool {
	for i, t := range tokens {
		if i%2 == 0 && t.kind != nameToken || i%2 == 1 && t.text != "." {
			return false
		}
	}
	return len(tokens)%2 == 0
}
