package queries

import (
	"slices"
	"strings"
	"unicode"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// causes finds the statement of a plan that does something to a query, by the objects that it is about.
type causes struct {
	plan  *plan.Plan
	steps map[object.ID]int // the number of the first statement that serves an object, from 1
	state *object.State     // before the plan; may be nil
}

func newCauses(p *plan.Plan, before *object.State) *causes {
	c := &causes{plan: p, steps: map[object.ID]int{}, state: before}
	note := func(id object.ID, n int) {
		if _, known := c.steps[id]; !known {
			c.steps[id] = n
		}
	}
	for i, s := range p.Steps() {
		note(s.ID, i+1)
		for _, part := range s.Parts {
			note(part.ID, i+1)
		}
	}
	return c
}

// later is what a table is called behind the plan.
func (c *causes) later(table object.ID) object.ID {
	for i := range c.plan.Changes {
		if was := c.plan.Changes[i].RenamedFrom; same(was, table) && was.Table == "" {
			return object.ID{Kind: table.Kind, Schema: c.plan.Changes[i].ID.Schema, Name: c.plan.Changes[i].ID.Name}
		}
	}
	return table
}

// same compares what has rows by name: what reads it knows no kinds.
func same(a, b object.ID) bool { return !a.IsZero() && a.Schema == b.Schema && a.Name == b.Name }

// laterIndex is what an index of a table is called behind the plan.
func (c *causes) laterIndex(table object.ID, index string) string {
	for i := range c.plan.Changes {
		ch := &c.plan.Changes[i]
		if was := ch.RenamedFrom; was.Name == index && was.Schema == table.Schema && was.Table != "" && was.Kind != "column" {
			return ch.ID.Name
		}
	}
	return index
}

// before is what an object is called before the plan.
func before(ch *plan.Change) object.ID {
	if !ch.RenamedFrom.IsZero() {
		return ch.RenamedFrom
	}
	return ch.ID
}

// cause is the statement that carries a change out.
func (c *causes) cause(ch *plan.Change) *plan.QueryCause {
	for _, id := range []object.ID{ch.ID, ch.RenamedFrom, ch.Parent, ch.Owner} {
		if n := c.steps[id]; n > 0 && !id.IsZero() {
			return &plan.QueryCause{Number: n, Object: ch.ID.String(), SQL: c.plan.Steps()[n-1].SQL}
		}
	}
	return nil
}

// ofIndex finds what takes an index away, or makes it of no use: a change of itself, or of what it is on.
func (c *causes) ofIndex(table object.ID, index string) *plan.QueryCause {
	on := func(id object.ID) bool {
		return id.Schema == table.Schema && (id.Table == table.Name || c.later(object.ID{Schema: id.Schema, Name: id.Table}).Name == table.Name)
	}
	is := func(id object.ID) bool {
		return on(id) && id.Kind != "column" && (id.Name == index || id.Kind == "primary_key" && index == "PRIMARY")
	}
	needs := map[object.ID]bool{}
	if c.state != nil {
		for _, o := range c.state.All() {
			if is(o.ID) {
				for _, n := range o.Needs {
					needs[n] = true
				}
			}
		}
	}
	for _, match := range []func(ch *plan.Change) bool{
		func(ch *plan.Change) bool { return is(before(ch)) || is(ch.ID) },
		func(ch *plan.Change) bool { return before(ch).Kind == "column" && needs[before(ch)] },
	} {
		for i := range c.plan.Changes {
			if ch := &c.plan.Changes[i]; ch.Action != "add" && match(ch) {
				return c.cause(ch)
			}
		}
	}
	return nil
}

// ofRefusal finds the change of what a server names when it refuses a query, else the only change of what the query names.
func (c *causes) ofRefusal(text, message string, read []dialect.Read) *plan.QueryCause {
	said, written := words(message), words(text)
	near := func(ch *plan.Change) bool {
		owner := c.later(ch.Owner)
		return len(read) == 0 || before(ch).Table == "" || slices.ContainsFunc(read, func(r dialect.Read) bool {
			return same(r.Table, ch.Owner) || same(c.later(r.Table), owner)
		})
	}
	for _, match := range []func(ch *plan.Change) bool{
		func(ch *plan.Change) bool { return said[name(ch)] && written[name(ch)] && before(ch).Table != "" },
		func(ch *plan.Change) bool { return said[name(ch)] && written[name(ch)] },
		func(ch *plan.Change) bool { return written[name(ch)] },
		func(ch *plan.Change) bool { return said[name(ch)] },
		func(ch *plan.Change) bool {
			return goes(ch) && ch.ID.Kind != "column" && written[strings.ToLower(ch.Owner.Name)]
		},
		func(ch *plan.Change) bool { return goes(ch) && written[strings.ToLower(ch.Owner.Name)] },
	} {
		var causes []*plan.QueryCause
		for i := range c.plan.Changes {
			if ch := &c.plan.Changes[i]; match(ch) && near(ch) {
				causes = append(causes, c.cause(ch))
			}
		}
		if len(causes) == 0 {
			continue
		}
		for _, o := range causes {
			if o == nil || o.Number != causes[0].Number {
				return nil // it may be either
			}
		}
		return causes[0]
	}
	return nil
}

// goes reports whether an object goes, if only to come again.
func goes(ch *plan.Change) bool { return ch.Action == "drop" || ch.Action == "replace" }

func name(ch *plan.Change) string {
	n, _, _ := strings.Cut(before(ch).Name, "(")
	return strings.ToLower(n)
}

// words are the words of a text in lower case.
func words(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r != '_' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		out[w] = true
	}
	return out
}
