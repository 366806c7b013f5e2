package mysql

import "strings"

// MySQL takes not (a or b) apart into (not a) and (not b), and tells that within parentheses even where it stands in a list
// of the same word: x and (y and z). It reads that as one list. Twice negated it stays what it was, so that an object made
// by its own spelling is spelled as before.

// keepNested spells an expression so that lists within lists stay.
func keepNested(expr string) string {
	return nestedLists(expr, func(group string) string { return "(not(not" + group + "))" })
}

// withoutNested takes the parentheses off lists within lists of the same word.
func withoutNested(expr string) string {
	return nestedLists(expr, func(group string) string { return group[1 : len(group)-1] })
}

// nestedLists rewrites each list of and, or of or, that is an element of a list of the same word.
func nestedLists(expr string, rewrite func(group string) string) string {
	if !strings.Contains(expr, " and (") && !strings.Contains(expr, ") and ") && !strings.Contains(expr, " or (") && !strings.Contains(expr, ") or ") {
		return expr
	}
	l := lister{text: expr, rewrite: rewrite}
	out, _ := l.list()
	return out
}

// lister reads an expression from left to right.
type lister struct {
	text    string
	at      int
	rewrite func(string) string
}

// element is a part of a list: a group in parentheses and the word of its list, or other text.
type element struct{ text, op string }

// list reads up to the parenthesis that closes it, or to the end, and tells the word that joins its elements; empty: there
// is none or more than one.
func (l *lister) list() (text, op string) {
	var out []element
	between, mixed, start := false, false, l.at
	add := func(e element) { out = append(out, e) }
	for l.at < len(l.text) && l.text[l.at] != ')' {
		switch c := l.text[l.at]; {
		case c == '(':
			bare := l.at == start || !isNameByte(l.text[l.at-1])
			add(l.group(bare))
		case isNameByte(c):
			word := l.word()
			switch lower := strings.ToLower(word); {
			case lower == "between":
				between = true
			case lower == "and" && between:
				between = false
			case lower == "and" || lower == "or":
				mixed = mixed || op != "" && op != lower
				op = lower
			case lower == "xor", lower == "select", lower == "case":
				mixed = true
			}
			add(element{text: word})
		default:
			mixed = mixed || c == ','
			end := tokenEnd(l.text, l.at)
			add(element{text: l.text[l.at:end]})
			l.at = end
		}
	}
	if mixed {
		op = ""
	}
	var b strings.Builder
	for _, e := range out {
		if op != "" && e.op == op {
			e.text = l.rewrite(e.text)
		}
		b.WriteString(e.text)
	}
	return b.String(), op
}

// group reads what stands in parentheses; bare: it is no list of arguments.
func (l *lister) group(bare bool) element {
	l.at++
	text, op := l.list()
	if l.at < len(l.text) {
		l.at++
		text += ")"
	}
	if !bare {
		op = ""
	}
	return element{"(" + text, op}
}

func (l *lister) word() string {
	start := l.at
	for l.at < len(l.text) && isNameByte(l.text[l.at]) {
		l.at++
	}
	return l.text[start:l.at]
}
