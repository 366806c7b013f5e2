package hcl

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// wide is the length from which on a list is written with one element a line.
const wide = 100

// Format brings HCL text into the canonical layout. Text that does not parse comes back as it is.
func Format(src []byte) []byte {
	return hclwrite.Format(src)
}

// Write spells the blocks in the canonical layout: what Format would leave as it is.
func Write(blocks []*Block) []byte {
	var w writer
	for i, b := range blocks {
		if i > 0 {
			w.WriteByte('\n')
		}
		w.block(b, 0)
	}
	return w.Bytes()
}

type writer struct{ bytes.Buffer }

func (w *writer) indent(depth int) {
	for range depth {
		w.WriteString("  ")
	}
}

func (w *writer) block(b *Block, depth int) {
	w.indent(depth)
	w.WriteString(b.Type)
	for _, l := range b.Labels {
		w.WriteByte(' ')
		w.WriteString(Quote(l))
	}
	w.WriteString(" {\n")
	w.attrs(b.Attrs, depth+1)
	for _, n := range b.Blocks {
		w.block(n, depth+1)
	}
	w.indent(depth)
	w.WriteString("}\n")
}

// attrs writes attributes with their equal signs below each other; a list, an object or a call of several lines
// stands apart, as Format has it.
func (w *writer) attrs(attrs []Attr, depth int) {
	texts := make([]string, len(attrs))
	for i, a := range attrs {
		texts[i] = valueText(a.Value, depth)
	}
	for i := 0; i < len(attrs); {
		end, width := i, 0
		for end < len(attrs) {
			multi := apart.MatchString(texts[end])
			if multi && end > i {
				break
			}
			width = max(width, len(attrs[end].Name))
			if end++; multi {
				break
			}
		}
		for ; i < end; i++ {
			w.indent(depth)
			fmt.Fprintf(w, "%-*s = %s\n", width, attrs[i].Name, texts[i])
		}
	}
}

// apart matches the values of several lines that do not end where the next attribute begins.
var apart = regexp.MustCompile(`^(?:[\[{]\n|chomp\(<<)`)

func valueText(v Value, depth int) string {
	switch v.Kind {
	case String:
		if text, ok := heredoc(v, depth); ok {
			return text
		}
		return Quote(v.Text)
	case Bool:
		return strconv.FormatBool(v.Bool)
	case SQL:
		return "sql(" + Quote(v.Text) + ")"
	case Reference:
		return refText(v.Ref.Path)
	case List:
		return listText(v.List, depth)
	case Object:
		return objectText(v.Fields, depth)
	}
	return v.Text
}

// objectText spells an object with one field a line.
func objectText(fields []Attr, depth int) string {
	if len(fields) == 0 {
		return "{}"
	}
	names := make([]string, len(fields))
	width := 0
	for i, f := range fields {
		if names[i] = f.Name; !hclsyntax.ValidIdentifier(f.Name) {
			names[i] = Quote(f.Name)
		}
		width = max(width, utf8.RuneCountInString(names[i]))
	}
	var b strings.Builder
	b.WriteString("{\n")
	for i, f := range fields {
		fmt.Fprintf(&b, "%s%-*s = %s\n", strings.Repeat("  ", depth+1), width, names[i], valueText(f.Value, depth+1))
	}
	b.WriteString(strings.Repeat("  ", depth) + "}")
	return b.String()
}

func listText(list []Value, depth int) string {
	items := make([]string, len(list))
	long := 0
	for i, v := range list {
		items[i] = valueText(v, depth+1)
		long += len(items[i]) + 2
	}
	if long <= wide {
		return "[" + strings.Join(items, ", ") + "]"
	}
	pad := "\n" + strings.Repeat("  ", depth+1)
	return "[" + pad + strings.Join(items, ","+pad) + ",\n" + strings.Repeat("  ", depth) + "]"
}

// refText spells a reference: steps that are no identifiers go into brackets.
func refText(path []string) string {
	var b strings.Builder
	for i, step := range path {
		switch {
		case i == 0:
			b.WriteString(step)
		case hclsyntax.ValidIdentifier(step):
			b.WriteString("." + step)
		default:
			b.WriteString("[" + Quote(step) + "]")
		}
	}
	return b.String()
}

// Quote spells a string with quotes and escapes.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\ufffd`)
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteString(s[i : i+size])
		case r > 0xFFFF:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += size
	}
	b.WriteByte('"')
	return b.String()
}

// heredoc spells a text of several lines as a heredoc where that gives exactly the same text back. It always ends with
// a newline: code may have one more than its text, and chomp takes it off a body. Where taking the indentation away
// again would take some of the text's own, nothing is indented.
func heredoc(v Value, depth int) (string, bool) {
	text := v.Text
	short := !strings.HasSuffix(text, "\n")
	if short && (v.Code || v.Body) {
		text += "\n"
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 2 || !strings.HasSuffix(text, "\n") || !utf8.ValidString(text) {
		return "", false
	}
	word := "TEXT"
	if v.Code || v.Body {
		word = "SQL"
	}
	indentable, ok := heredocLines(lines, word)
	if !ok || !indentable && !v.Body {
		return "", false
	}
	pad, mark := strings.Repeat("  ", depth+1), "<<-"
	if !indentable {
		pad, mark = "", "<<"
	}
	var b strings.Builder
	b.WriteString(mark + word + "\n")
	for _, l := range lines {
		if l != "" {
			b.WriteString(pad + strings.NewReplacer("${", "$${", "%{", "%%{").Replace(l))
		}
		b.WriteByte('\n')
	}
	b.WriteString(strings.Repeat("  ", depth) + word)
	if v.Body && short {
		return "chomp(" + b.String() + "\n" + strings.Repeat("  ", depth) + ")", true
	}
	return b.String(), true
}

// heredocLines tells whether the lines can stand in a heredoc, and whether indented: where every line has spaces before
// it, or one has nothing else, taking the indentation away would take some of them too.
func heredocLines(lines []string, word string) (indentable, ok bool) {
	flush, blank := false, false
	for _, l := range lines {
		blank = blank || joinsSpace(l)
		if strings.TrimSpace(l) == word || strings.ContainsFunc(l, unprintable) || sigils.MatchString(l) {
			return false, false
		}
		blank = blank || l != "" && strings.TrimSpace(l) == ""
		flush = flush || l != "" && !unicode.IsSpace(rune(l[0]))
	}
	return flush && !blank, true
}

// joinsSpace reports whether a line begins with a mark that makes one character of a space before it: HCL takes that away with
// the indentation.
func joinsSpace(line string) bool {
	first, _ := utf8.DecodeRuneInString(line)
	n, err := textseg.TokenCount([]byte(" "+string(first)), textseg.ScanGraphemeClusters)
	return line != "" && (err != nil || n < 2)
}

// sigils matches what the escapes of a template cannot tell apart.
var sigils = regexp.MustCompile(`[$%][$%]\{`)

func unprintable(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }
