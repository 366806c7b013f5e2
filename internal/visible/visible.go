// Package visible spells text from elsewhere (names, comments, rows, files, servers' answers) so that a terminal, a log
// or a comment of SQL shows it and obeys nothing in it.
package visible

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text keeps line breaks and tabs. All else that moves the cursor, ends a line for some reader, or turns the direction
// of writing is spelled out, as \x1b and \u2028 are; so are bytes that are not UTF-8, and what a runner of GitHub's or
// Azure's workflows takes for a command.
func Text(s string) string {
	return noCommands(spelled(s, func(s string, i int, r rune) bool {
		return r == '\n' || r == '\t' || r == '\r' && strings.HasPrefix(s[i+1:], "\n")
	}))
}

// command is what runners look for in what a step prints: ::name at the beginning of a line, and ##[name] anywhere
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
var command = regexp.MustCompile(`(?m)^(\s*):(:[A-Za-z-]+[ :])|##(\[)`)

func noCommands(s string) string {
	if !strings.Contains(s, "::") && !strings.Contains(s, "##[") {
		return s
	}
	return command.ReplaceAllStringFunc(s, func(m string) string {
		if head, found := strings.CutSuffix(m, "##["); found {
			return head + `#\x23[`
		}
		before, after, _ := strings.Cut(m, ":")
		return before + `\x3a` + after
	})
}

// Line is the same on one line: line breaks and tabs are spelled out, too.
func Line(s string) string {
	return noCommands(spelled(s, func(string, int, rune) bool { return false }))
}

// Comment is a text as one line of a SQL comment that nothing in it ends.
func Comment(s string) string { return strings.TrimRight("-- "+Line(s), " ") }

// Comments is the same for a text of several lines, such as a statement. All but the first are indented, so that none
// is taken for a directive.
func Comments(s string) string {
	first, rest, more := strings.Cut(s, "\n")
	out := Comment(strings.TrimSuffix(first, "\r"))
	for more {
		first, rest, more = strings.Cut(rest, "\n")
		out += "\n" + strings.TrimRight("--   "+Line(strings.TrimSuffix(first, "\r")), " ")
	}
	return out
}

func spelled(s string, kept func(s string, i int, r rune) bool) string {
	if !strings.ContainsFunc(s, obeyed) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !obeyed(r) || kept(s, i, r):
			b.WriteString(s[i : i+n])
		default:
			b.WriteString(escape(r))
		}
		i += n
	}
	return b.String()
}

func escape(r rune) string {
	switch r {
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	switch {
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// obeyed reports characters that some reader does not show but follows: control characters, the line and paragraph
// separators, and marks of the direction of writing (Unicode's Bidi_Control), by which a line reads as what it is not.
func obeyed(r rune) bool {
	return unicode.IsControl(r) || r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Bidi_Control, r)
}

// Writer makes all visible that is written to a stream for people. Callers write whole characters.
type Writer struct {
	To io.Writer
	// Colours lets those pass that Paint makes.
	Colours bool
}

// Write spells what Text spells.
func (w Writer) Write(p []byte) (int, error) {
	text := ""
	if w.Colours {
		text = coloured(string(p))
	} else {
		text = Text(string(p))
	}
	if _, err := io.WriteString(w.To, text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Colour is how a terminal shows a text.
type Colour string

// The colours, as terminals number them.
const (
	Bold   Colour = "1"
	Dim    Colour = "2"
	Red    Colour = "31"
	Green  Colour = "32"
	Yellow Colour = "33"
)

const plain = "\x1b[0m"

// Paint makes a text visible and colours it.
func Paint(c Colour, s string) string { return c.begin() + Text(s) + plain }

func (c Colour) begin() string { return "\x1b[" + string(c) + "m" }

// coloured spells a text but for the marks of colours.
func coloured(s string) string {
	marks := []string{plain}
	for _, c := range []Colour{Bold, Dim, Red, Green, Yellow} {
		marks = append(marks, c.begin())
	}
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '\x1b')
		if i < 0 {
			b.WriteString(Text(s))
			break
		}
		b.WriteString(Text(s[:i]))
		s = s[i:]
		n := slices.IndexFunc(marks, func(m string) bool { return strings.HasPrefix(s, m) })
		if n < 0 {
			b.WriteString(Text(s[:1]))
			s = s[1:]
			continue
		}
		b.WriteString(marks[n])
		s = s[len(marks[n]):]
	}
	return b.String()
}
