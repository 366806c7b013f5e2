// Package diag holds the faults of a user's input as values: a code, a place, what is wrong and what to do.
// It renders them; it never prints, logs or exits. System faults stay ordinary errors.
package diag

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
)

// Severity tells how much a diagnostic weighs.
type Severity string

// The severities, from the one that stops a command to the one that informs.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Pos is a place in a source file. Line and Column count from 1; a zero Line means that the place is not known.
type Pos struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// IsZero reports whether the position names no place at all.
func (p Pos) IsZero() bool { return p == Pos{} }

// String is the file:line:column form that editors understand.
func (p Pos) String() string {
	switch {
	case p.IsZero():
		return ""
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Diagnostic is one fault of the user's input.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code,omitempty"`   // stable, kebab-case; what to look up and to silence
	Message  string   `json:"message"`          // what is wrong
	Hint     string   `json:"hint,omitempty"`   // what to do
	Pos      Pos      `json:"pos,omitzero"`     // where
	Width    int      `json:"width,omitempty"`  // columns to underline in Source; 0 is one
	Source   string   `json:"source,omitempty"` // the source line at Pos
	Object   string   `json:"object,omitempty"` // the object concerned, when there is no place
	Secret   bool     `json:"-"`                // the source line holds a secret and is not attached
}

// Errorf makes an error diagnostic.
func Errorf(pos Pos, code, format string, args ...any) *Diagnostic {
	return &Diagnostic{Severity: Error, Code: code, Pos: pos, Message: fmt.Sprintf(format, args...)}
}

// Warningf makes a warning diagnostic.
func Warningf(pos Pos, code, format string, args ...any) *Diagnostic {
	d := Errorf(pos, code, format, args...)
	d.Severity = Warning
	return d
}

// WithHint adds what the user can do and returns the same diagnostic.
func (d *Diagnostic) WithHint(format string, args ...any) *Diagnostic {
	d.Hint = fmt.Sprintf(format, args...)
	return d
}

// WithSource attaches the line at the position, taken from the file's text.
func (d *Diagnostic) WithSource(text []byte) *Diagnostic {
	if d.Pos.Line < 1 || d.Secret {
		return d
	}
	lines := strings.Split(string(text), "\n")
	if d.Pos.Line <= len(lines) {
		d.Source = strings.TrimRight(lines[d.Pos.Line-1], "\r")
	}
	return d
}

// InFile puts a diagnostic that knows only the line into its file. Other errors stay as they are.
func InFile(err error, file string, text []byte) error {
	var d *Diagnostic
	if !errors.As(err, &d) {
		return err
	}
	d.Pos.File = file
	return d.WithSource(text)
}

// Error renders the diagnostic in full: place, message, code, source line with the place underlined, hint.
func (d *Diagnostic) Error() string {
	var b strings.Builder
	if place := d.Pos.String(); place != "" {
		b.WriteString(place + ": ")
	} else if d.Object != "" {
		b.WriteString(d.Object + ": ")
	}
	if d.Severity != Error {
		b.WriteString(string(d.Severity) + ": ")
	}
	b.WriteString(d.Message)
	if d.Code != "" {
		b.WriteString(" [" + d.Code + "]")
	}
	if d.Source != "" {
		b.WriteString("\n" + d.snippet())
	}
	if d.Hint != "" {
		b.WriteString("\n  hint: " + strings.ReplaceAll(d.Hint, "\n", "\n        "))
	}
	return b.String()
}

func (d *Diagnostic) snippet() string {
	gutter := fmt.Sprintf("  %d | ", d.Pos.Line)
	line := strings.ReplaceAll(d.Source, "\t", " ")
	out := gutter + line
	if d.Pos.Column > 0 {
		pad := strings.Repeat(" ", len(gutter)-2) + "| " + strings.Repeat(" ", d.Pos.Column-1)
		out += "\n" + pad + strings.Repeat("^", max(1, min(d.Width, len(line)-d.Pos.Column+1)))
	}
	return out
}

// List gathers diagnostics, so that a user sees all faults at once.
type List []*Diagnostic

// Add appends diagnostics.
func (l *List) Add(d ...*Diagnostic) { *l = append(*l, d...) }

// Err is nil when the list holds no error; warnings and notes do not fail a command.
func (l List) Err() error {
	var errs []error
	for _, d := range l {
		if d.Severity == Error {
			errs = append(errs, d)
		}
	}
	return errors.Join(errs...)
}

// Nearest returns the candidate that a misspelt word most likely meant, or "" when none is near.
func Nearest(word string, candidates []string) string {
	best, limit := "", len(word)/3+1
	for _, c := range candidates {
		if n := distance(strings.ToLower(word), strings.ToLower(c)); n <= limit && (best == "" || n < limit) {
			best, limit = c, n
		}
	}
	return best
}

// distance counts the letters to add, drop, change or swap with their neighbour between two short words (optimal
// string alignment).
func distance(a, b string) int {
	before, prev := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			if a[i-1] == b[j-1] {
				row[j] = prev[j-1]
			} else {
				row[j] = 1 + min(prev[j-1], prev[j], row[j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev = prev, row
	}
	return prev[len(b)]
}

// Guard makes an error of a panic: defer diag.Guard(&err). A program that dies of one exits with the code that elsewhere says
// that there are changes.
func Guard(err *error) {
	if fault := recover(); fault != nil {
		*err = Errorf(Pos{}, "fault", "schemactl has a fault: %v\n%s", fault, debug.Stack()).
			WithHint("please report it, with what you ran; what was done before it stands")
	}
}
