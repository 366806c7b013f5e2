package render

import (
	"fmt"
	"reflect"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/visible"
)

// text writes for people. All that is not painted comes from elsewhere and is made visible, so that no name, comment or
// row moves the cursor, hides a line or colours it.
type text struct {
	writer
	colour  bool
	changes map[object.ID]plan.Change
}

// painted is a text that may be written as it is: made visible, then coloured.
type painted string

// format is Sprintf in which all but painted texts are made visible.
func (t *text) format(format string, args ...any) painted {
	shown := make([]any, len(args))
	for i, a := range args {
		switch x := a.(type) {
		case painted:
			shown[i] = x
		case error, fmt.Stringer:
			shown[i] = visible.Text(fmt.Sprint(x))
		default:
			shown[i] = x
			if v := reflect.ValueOf(a); v.Kind() == reflect.String {
				shown[i] = visible.Text(v.String())
			}
		}
	}
	return painted(fmt.Sprintf(format, shown...))
}

func (t *text) line(format string, args ...any) {
	t.writer.line("%s", string(t.format(format, args...)))
}

func (t *text) paint(c visible.Colour, s string) painted {
	if t.colour {
		return painted(visible.Paint(c, s))
	}
	return painted(visible.Text(s))
}

func (t *text) bold(s string) painted   { return t.paint(visible.Bold, s) }
func (t *text) dim(s string) painted    { return t.paint(visible.Dim, s) }
func (t *text) red(s string) painted    { return t.paint(visible.Red, s) }
func (t *text) yellow(s string) painted { return t.paint(visible.Yellow, s) }

func (t *text) sign(s string) painted {
	switch s {
	case "+":
		return t.paint(visible.Green, s)
	case "-":
		return t.red(s)
	}
	return t.yellow(s)
}
