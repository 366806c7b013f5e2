package drift

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/source"
)

// Adoption is the changes of files that make a live database what they declare.
type Adoption struct {
	Edits []Edit
	Files []hcl.File // as they are to be
}

// Adopt makes the changes of the files of a desired state that accept differences. What HCL cannot say, and what is no
// HCL, is told with the SQL that would do the same to another database.
func Adopt(c *engine.Comparison, r *Report, files []source.File, pick func(*Difference) bool) (*Adoption, error) {
	accepted, taken, left := object.NewState(), 0, []string{}
	mark := map[object.ID]*Difference{}
	for i := range r.Differences {
		d := &r.Differences[i]
		switch {
		case !pick(d):
		case d.Unmanaged:
			left = append(left, unmanagedNames(d)...)
		default:
			mark[d.ID] = d
			taken++
			for _, a := range d.Attrs {
				if watched(c, d.ID, a.Name) {
					left = append(left, strings.ReplaceAll(a.Name, "_", " ")+" of "+d.ID.String())
				}
			}
		}
	}
	if err := take(accepted, c, mark); err != nil {
		return nil, err
	}
	out := &Adoption{}
	if taken > 0 {
		if err := out.write(c, accepted, files); err != nil {
			return nil, err
		}
	}
	if len(left) > 0 {
		out.Edits = append(out.Edits, Edit{Cannot: "no declaration holds " + strings.Join(left, ", ") + ": put it back, or accept it with --accept-until"})
	}
	return out, nil
}

// unmanagedNames name what nothing declares of an object, or the object.
func unmanagedNames(d *Difference) []string {
	var out []string
	for _, a := range d.Attrs {
		out = append(out, strings.ReplaceAll(a.Name, "_", " ")+" of "+d.ID.String())
	}
	if len(out) == 0 {
		out = append(out, d.ID.String())
	}
	return out
}

// watched reports whether an attribute is told by a fact, and none that a kind compares.
func watched(c *engine.Comparison, id object.ID, attr string) bool {
	for _, ch := range c.Changes {
		if ch.ID != id {
			continue
		}
		for _, a := range ch.Attrs {
			if a.Name == attr {
				return false
			}
		}
	}
	return true
}

// take fills a state with what is desired, and with what is live where a difference is marked.
func take(out *object.State, c *engine.Comparison, mark map[object.ID]*Difference) error {
	marked := func(s *object.State, o *object.Object) bool {
		for ; o != nil; o = s.Get(o.Parent) {
			if d := mark[o.ID]; d != nil {
				return d.Direction != Differs || d.ID == o.ID
			}
		}
		return false
	}
	for _, o := range c.Desired.All() {
		if live := c.Live.Get(o.ID); marked(c.Desired, o) {
			if o = live; o == nil {
				continue
			}
		}
		if err := out.Add(o); err != nil {
			return err
		}
	}
	for _, o := range c.Live.All() {
		if !out.Has(o.ID) && !c.Desired.Has(o.ID) && marked(c.Live, o) {
			if err := out.Add(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// write makes the edits of HCL files, or says in SQL what other sources would have to say.
func (a *Adoption) write(c *engine.Comparison, accepted *object.State, files []source.File) error {
	var list []hcl.File
	for _, f := range files {
		if strings.HasSuffix(f.Name, ".hcl") {
			list = append(list, hcl.File{Name: f.Name, Text: f.Text})
		}
	}
	codec, ok := c.Dialect.(dialect.HCLCodec)
	if !ok || len(list) == 0 || len(list) < len(files) {
		return a.say(c, accepted, "the desired state is no HCL, which alone is edited; its source would need what this SQL does")
	}
	from, to, err := a.blocks(c, codec, accepted, list)
	if err != nil {
		return err
	}
	p, err := hcl.Patch(list, from, to)
	if err != nil {
		return err
	}
	a.Files = p.Files
	for _, f := range p.Files {
		a.Edits = append(a.Edits, Edit{File: f.Name, Patch: unified(list, f)})
	}
	if len(p.Unfound) > 0 {
		var names []string
		for _, b := range p.Unfound {
			names = append(names, b.String())
		}
		return a.say(c, accepted, fmt.Sprintf("no block of the files is written as %s: an expression makes it, or several look alike; change it by hand so that it does what this SQL does", strings.Join(names, ", ")))
	}
	return nil
}

// blocks are the declarations before and after, with the name of the schema that the files have where the connection is
// bound to one.
func (a *Adoption) blocks(c *engine.Comparison, codec dialect.HCLCodec, accepted *object.State, files []hcl.File) (from, to []*hcl.Block, err error) {
	if from, _, err = codec.EncodeHCL(c.Desired, c.Scope); err != nil {
		return nil, nil, err
	}
	if to, _, err = codec.EncodeHCL(accepted, c.Scope); err != nil {
		return nil, nil, err
	}
	if name := hcl.OnlyLabel(files, "schema"); c.Scope.Bound && name != "" {
		hcl.Relabel(from, "schema", name)
		hcl.Relabel(to, "schema", name)
	}
	return from, to, nil
}

func (a *Adoption) say(c *engine.Comparison, accepted *object.State, why string) error {
	p, err := engine.Diff(c.Dialect, c.Desired, accepted, engine.Options{})
	if err != nil {
		return fmt.Errorf("say in SQL what is accepted: %w", err)
	}
	e := Edit{Cannot: why}
	for _, s := range p.Steps() {
		e.SQL = append(e.SQL, Statement{SQL: s.SQL, Comment: s.Comment, Loses: strings.Join(s.Losses(), "; ")})
	}
	a.Edits = append(a.Edits, e)
	return nil
}

func unified(before []hcl.File, after hcl.File) string {
	for _, f := range before {
		if f.Name == after.Name {
			text := string(diff.Diff("a/"+f.Name, f.Text, "b/"+f.Name, after.Text))
			_, text, _ = strings.Cut(text, "\n") // the line "diff a b"
			return text
		}
	}
	return ""
}
