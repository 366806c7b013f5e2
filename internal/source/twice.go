package source

import (
	"errors"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

// alreadyThere is what servers say of an object that two statements make.
var alreadyThere = regexp.MustCompile(`(?i)\b\w+ (?:"([^"]+)"|'([^']+)') already exists`)

// twice names all places that make an object of which the server says that it is there already.
func (d declared) twice(err error) error {
	var f *diag.Diagnostic
	if !errors.As(err, &f) {
		return err
	}
	m := alreadyThere.FindStringSubmatch(f.Message)
	if m == nil {
		return err
	}
	places := d.placesOf(bareName(m[1] + m[2]))
	if len(places) < 2 {
		return err
	}
	f.Pos = places[len(places)-1]
	list := make([]string, len(places))
	for i, p := range places {
		list[i] = p.String()
	}
	_ = f.WithHint("objects of that name are made at %s: keep one of them", strings.Join(list, " and "))
	return err
}

// placesOf lists where objects of a name are declared.
func (d declared) placesOf(name string) []diag.Pos {
	var out []diag.Pos
	if d.hcl != nil {
		for _, o := range d.hcl.All() {
			if o.ID.Name == name && o.Pos.Line > 0 && o.Parent.IsZero() {
				out = append(out, o.Pos)
			}
		}
	}
	for _, f := range d.sql {
		eachCreated(f, func(made string, at diag.Pos) {
			if made == name {
				out = append(out, at)
			}
		})
	}
	return out
}
