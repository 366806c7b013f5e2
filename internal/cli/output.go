package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"text/template"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/project"
	"github.com/schemactl/schemactl/internal/render"
)

// output is how a command writes its result: in a form that has a name, or by a Go template.
type output struct {
	name string // empty: the template
	tmpl *template.Template
	pos  diag.Pos
}

// outputOf takes what --format says; else the environment's template for a command, under the name that it has in Atlas;
// else the first of the names. The template is tried on a sample, so that it fails before the command has done anything.
func (t *target) outputOf(flag, command string, sample any, names ...string) (*output, error) {
	given := project.Template{Text: flag}
	if flag == "" {
		given = t.chosen.Formats[command]
	}
	if given.Text == "" {
		given.Text = names[0]
	}
	if !strings.Contains(given.Text, "{{") && (flag != "" || slices.Contains(names, given.Text)) {
		return &output{name: given.Text}, oneOf("--format", given.Text, names...)
	}
	o := &output{pos: given.Pos}
	var err error
	if o.tmpl, err = template.New("format").Funcs(templateFuncs()).Parse(given.Text); err != nil {
		return nil, o.fault(err)
	}
	return o, o.write(io.Discard, sample)
}

func (o *output) write(w io.Writer, value any) error {
	var text bytes.Buffer
	if err := o.tmpl.Execute(&text, value); err != nil {
		return o.fault(err)
	}
	if !bytes.HasSuffix(text.Bytes(), []byte("\n")) && text.Len() > 0 {
		text.WriteByte('\n')
	}
	_, err := w.Write(text.Bytes())
	return err
}

// value writes a value as JSON or by the template.
func (o *output) value(w io.Writer, value any) error {
	if o.name == "" {
		return o.write(w, value)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(value)
}

func (o *output) fault(err error) error {
	return diag.Errorf(o.pos, "bad-template", "%s", strings.TrimPrefix(err.Error(), "template: ")).
		WithHint("templates have the fields of the Go value that {{ json . }} shows, and the functions json, sql and hcl")
}

// formed is a value that has forms of its own.
type formed interface {
	form(w io.Writer, name string) error
}

var errNoForm = errors.New("the value has no such form")

// templateFuncs are those of Atlas's templates that mean something here.
func templateFuncs() template.FuncMap {
	return template.FuncMap{"json": jsonForm, "sql": sqlForm, "hcl": hclForm, "upper": strings.ToUpper, "lower": strings.ToLower}
}

// jsonForm is json value [[prefix] indent].
func jsonForm(v any, layout ...string) (string, error) {
	var text bytes.Buffer
	if f, ok := v.(formed); ok {
		if err := f.form(&text, "json"); err != nil {
			return "", err
		}
	} else {
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			return "", err
		}
	}
	var out bytes.Buffer
	var err error
	switch len(layout) {
	case 0:
		err = json.Compact(&out, text.Bytes())
	case 1:
		err = json.Indent(&out, text.Bytes(), "", layout[0])
	case 2:
		err = json.Indent(&out, text.Bytes(), layout[0], layout[1])
	default:
		err = errors.New("json takes a value, a prefix and an indentation")
	}
	return strings.TrimSpace(out.String()), err
}

// sqlForm is sql value [indent].
func sqlForm(v any, layout ...string) (string, error) {
	if len(layout) > 1 || len(layout) == 1 && layout[0] != sqlIndent {
		return "", errors.New("sql is indented by two spaces, and not otherwise")
	}
	return textForm(v, "sql")
}

// sqlIndent is the indentation of all SQL that schemactl writes.
const sqlIndent = "  "

func hclForm(v any) (string, error) { return textForm(v, "hcl") }

func textForm(v any, name string) (string, error) {
	f, ok := v.(formed)
	if !ok {
		return "", errNoForm
	}
	var text bytes.Buffer
	err := f.form(&text, name)
	return text.String(), err
}

// planValue is a plan as templates see it.
type planValue struct{ *plan.Plan }

func (p planValue) form(w io.Writer, name string) error {
	switch name {
	case "json":
		return render.JSON(w, p.Plan)
	case "sql":
		return render.SQL(w, p.Plan)
	}
	return errNoForm
}

// inspectionValue is a state as templates see it.
type inspectionValue struct{ in *engine.Inspection }

func (v inspectionValue) form(w io.Writer, name string) error {
	if v.in == nil { // the sample
		_, err := io.WriteString(w, "{}")
		return err
	}
	return writeState(w, v.in, name)
}
