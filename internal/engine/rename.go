package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// Asked is a rename that the user asked for.
type Asked = kind.Rename

// Candidate is a drop and an add that may be a rename.
type Candidate struct {
	From, To object.ID
	Pos      diag.Pos // of the new object's declaration
	// Facts are what the rows say, where they were asked.
	Facts string
	// Inherited marks a column that its table has from one that it leaves: no object yet, which a rename could name.
	Inherited bool
}

// Flag is how --rename spells it.
func (c Candidate) Flag() string {
	return c.From.Kind + ":" + c.From.Path() + "=" + c.To.Path()
}

// Hint asks the user what is meant.
func (c Candidate) Hint() string {
	where := ""
	if c.Pos.Line > 0 {
		where = fmt.Sprintf(" (%s:%d)", c.Pos.File, c.Pos.Line)
	}
	hint := fmt.Sprintf("note: %s is dropped and %s made new, which looks like it; if it is the same under a new name, write renamed_from = %q in its declaration%s or give --rename %s",
		c.From, c.To, bareName(c.From), where, c.Flag())
	if c.Inherited {
		hint = fmt.Sprintf("note: %s is dropped and %s made new, which looks like it; if it is the same under a new name, let its table leave its parent with one plan, and rename it with the next",
			c.From, c.To)
	}
	if c.Facts != "" {
		hint += "\n  " + c.Facts
	}
	return hint
}

// Hints ask what the candidates are.
func (r *Result) Hints() []string {
	var out []string
	for _, c := range r.Candidates {
		out = append(out, c.Hint())
	}
	return out
}

// bareName is the name of an object without the types of its arguments.
func bareName(id object.ID) string {
	name, _, _ := strings.Cut(id.Name, "(")
	return name
}

// candidates tells them in the names that the database has now.
func candidates(list []kind.Rename, renamed *kind.Renaming, desired *object.State) []Candidate {
	var out []Candidate
	for _, r := range list {
		c := Candidate{From: renamed.Was(r.From), To: r.To, Inherited: !renamed.Current.Has(r.From)}
		if o := desired.Get(r.To); o != nil {
			c.Pos = o.Pos
		}
		out = append(out, c)
	}
	return out
}

// refusal decides which renames the user's rules leave out.
type refusal struct {
	options Options
	any     bool
	ledger  []object.Entry
}

func (r *refusal) refuses(c kind.Change) bool {
	for _, rule := range r.options.Skip {
		if rule.Kind == c.ID.Kind && rule.Action == "rename" {
			r.any = true
			r.ledger = append(r.ledger, object.Entry{
				Kind: c.ID.Kind, Name: c.ID.Path(), Status: object.Ignored, Reason: rule.name(),
			})
			return true
		}
	}
	if r.options.Only != nil && !r.options.Only(c) {
		r.any = true
		return true
	}
	return false
}

// asked finds the objects that the user's renames name.
func (j *Job) asked(current, desired *object.State) ([]Asked, error) {
	out := slices.Clone(j.agreed)
	for _, text := range j.request.Renames {
		r, err := parseRename(text, current, desired)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// parseRename reads kind:old=new.
func parseRename(text string, current, desired *object.State) (r Asked, err error) {
	kindName, rest, ok := strings.Cut(text, ":")
	from, to, ok2 := strings.Cut(rest, "=")
	if !ok || !ok2 || kindName == "" || from == "" || to == "" {
		return r, diag.Errorf(diag.Pos{}, "bad-rename", "--rename %q is not of the form kind:old=new", text).
			WithHint("as in --rename table:public.users=public.accounts or --rename column:public.users.mail=email")
	}
	kindName = strings.ReplaceAll(kindName, " ", "_")
	olds := named(current, kindName, from)
	if len(olds) == 0 {
		return r, notNamed(text, current, kindName, from, "the database has")
	}
	news := named(desired, kindName, to)
	if len(news) == 0 && !strings.Contains(to, ".") {
		if i := strings.LastIndexByte(from, '.'); i >= 0 {
			news = named(desired, kindName, from[:i+1]+to)
		}
	}
	if len(news) == 0 {
		return r, notNamed(text, desired, kindName, to, "the desired state has")
	}
	if len(olds) > 1 || len(news) > 1 {
		return r, diag.Errorf(diag.Pos{}, "bad-rename", "--rename %q may mean several objects", text).WithHint("name them with their schemas")
	}
	return Asked{From: olds[0], To: news[0]}, nil
}

// named finds the objects of a kind by their path, or by its end where that is enough. Routines may be named without
// their types.
func named(s *object.State, kindName, path string) []object.ID {
	var exact, loose []object.ID
	for _, o := range s.Kind(kindName) {
		p := o.ID.Path()
		short, _, _ := strings.Cut(p, "(")
		switch {
		case p == path:
			exact = append(exact, o.ID)
		case short == path, strings.HasSuffix(p, "."+path), strings.HasSuffix(short, "."+path):
			loose = append(loose, o.ID)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return loose
}

func notNamed(text string, s *object.State, kindName, path, who string) error {
	var names []string
	for _, o := range s.Kind(kindName) {
		names = append(names, o.ID.Path())
	}
	d := diag.Errorf(diag.Pos{}, "bad-rename", "--rename %q: %s no %s %s", text, who, spaced(kindName), path)
	if near := diag.Nearest(path, names); near != "" {
		return d.WithHint("did you mean %s?", near)
	}
	if len(names) == 0 {
		var kinds []string
		for _, o := range s.All() {
			if !slices.Contains(kinds, o.ID.Kind) {
				kinds = append(kinds, o.ID.Kind)
			}
		}
		if near := diag.Nearest(kindName, kinds); near != "" {
			return d.WithHint("did you mean %s:?", near)
		}
	}
	return d
}

// Suppose plans again as if a candidate were a rename, and forgets it.
func (j *Job) Suppose(ctx context.Context, r *Result, c Candidate) (*Result, error) {
	agreed := j.agreed
	defer func() { j.agreed = agreed }()
	return j.Again(ctx, r, []Candidate{c})
}

// Again plans again between the same states, with renames that the user has agreed to.
func (j *Job) Again(ctx context.Context, r *Result, agreed []Candidate) (*Result, error) {
	j.agreed = slices.Clone(j.agreed)
	for _, c := range agreed {
		j.agreed = append(j.agreed, Asked{From: c.From, To: c.To})
	}
	return j.planBetween(ctx, r.Current, r.wanted)
}
