package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Find makes the report of a comparison.
func Find(c *engine.Comparison, accepted Accepted) *Report {
	f := &finder{c: c, found: map[object.ID]int{}}
	f.report = &Report{Format: Format, Target: engine.Describe(c.Server), Differences: []Difference{}}
	f.objects()
	f.facts()
	f.beside()
	f.classify()
	f.back()
	f.ignored()
	accepted.apply(f.report)
	f.report.sort()
	f.report.Drifted = len(f.report.Open()) > 0
	return f.report
}

type finder struct {
	c      *engine.Comparison
	report *Report
	found  map[object.ID]int // the place of an object's difference in the report
}

func (f *finder) add(d Difference) {
	if d.Owner.IsZero() {
		d.Owner = d.ID
	}
	f.found[d.ID] = len(f.report.Differences)
	f.report.Differences = append(f.report.Differences, d)
}

// objects turns the changes that lead from live to desired around, into what live has, lacks or has otherwise. What
// comes and goes with what it belongs to is a part of that.
func (f *finder) objects() {
	whole := map[object.ID]kind.Action{}
	for _, c := range f.c.Changes {
		if c.Action == kind.Add || c.Action == kind.Drop {
			whole[c.ID] = c.Action
		}
	}
	parts := map[object.ID][]object.ID{}
	for _, c := range f.c.Changes {
		if top := f.topOf(c, whole); top != c.ID {
			parts[top] = append(parts[top], c.ID)
			continue
		}
		f.add(f.difference(c))
	}
	for id, list := range parts {
		f.report.Differences[f.found[id]].Parts = list
	}
}

// topOf is the outermost object that comes or goes together with one.
func (f *finder) topOf(c kind.Change, whole map[object.ID]kind.Action) object.ID {
	id := c.ID
	o, state := c.To, f.c.Desired
	if c.Action == kind.Drop {
		o, state = c.From, f.c.Live
	}
	if c.Action != kind.Add && c.Action != kind.Drop {
		return id
	}
	for o != nil && !o.Parent.IsZero() && whole[o.Parent] == c.Action {
		id = o.Parent
		o = state.Get(id)
	}
	return id
}

func (f *finder) difference(c kind.Change) Difference {
	o := c.To
	if o == nil {
		o = c.From
	}
	d := Difference{ID: c.ID, Owner: kind.Owner(o, f.c.Live, f.c.Desired)}
	if c.To != nil {
		d.Pos = f.place(c.To)
	} else if p := f.c.Wanted.Get(o.Parent); p != nil {
		d.Pos = f.place(p)
	}
	switch c.Action {
	case kind.Add:
		d.Direction = Missing
	case kind.Drop:
		d.Direction = Extra
	default:
		d.Direction = Differs
		for _, a := range c.Attrs {
			d.Attrs = append(d.Attrs, Attr{a.Name, a.To, a.From})
		}
	}
	return d
}

// place is where an object is declared, or else what it belongs to.
func (f *finder) place(o *object.Object) (p diag.Pos) {
	for ; o != nil; o = f.c.Wanted.Get(o.Parent) {
		if o.Pos.Line > 0 {
			return o.Pos
		}
	}
	return p
}

// classify gives every difference its class.
func (f *finder) classify() {
	appraiser, _ := f.c.Dialect.(dialect.Appraiser)
	for i := range f.report.Differences {
		d := &f.report.Differences[i]
		why := d.Why
		if d.Class, d.Why = f.classOf(appraiser, d); d.Why == "" {
			d.Why = why
		}
	}
}

func (f *finder) classOf(a dialect.Appraiser, d *Difference) (Class, string) {
	meanings := f.meanings(a, d)
	wider := len(meanings) > 0
	for _, m := range meanings {
		if m.Service != "" {
			return ManagedNoise, "it is of " + m.Service
		}
	}
	for _, m := range meanings {
		if m.Danger != "" {
			return Dangerous, m.Danger
		}
		wider = wider && m.Wider
	}
	switch {
	case d.Direction == Missing && !d.Unmanaged && d.ID.Kind != "comment":
		return Dangerous, "the " + strings.ReplaceAll(d.ID.Kind, "_", " ") + " is missing"
	case wider:
		return ManualWidening, "all that fits what is declared fits here, too"
	case d.Direction == Extra && d.ID.Kind == "index":
		return EmergencyIndex, "the index is only here: it may have been made in a hurry"
	}
	return ManualChange, ""
}

func (f *finder) meanings(a dialect.Appraiser, d *Difference) []dialect.Meaning {
	if a == nil {
		return nil
	}
	deviation := dialect.Deviation{ID: d.ID, Wanted: valueOf(f.c.Desired, d.ID), Live: valueOf(f.c.Live, d.ID)}
	if len(d.Attrs) == 0 {
		return []dialect.Meaning{a.Appraise(deviation)}
	}
	var out []dialect.Meaning
	for _, attr := range d.Attrs {
		deviation.Attr, deviation.From, deviation.To = attr.Name, attr.Desired, attr.Live
		out = append(out, a.Appraise(deviation))
	}
	return out
}

func valueOf(s *object.State, id object.ID) any {
	if o := s.Get(id); o != nil {
		return o.Value
	}
	return nil
}

// back writes down the way back: as a whole, and under each difference the statements that are about it.
func (f *finder) back() {
	if f.c.Fault != nil {
		f.report.Notes = append(f.report.Notes, f.c.Fault.Error())
	}
	if f.c.Plan != nil {
		for _, s := range f.c.Plan.Steps() {
			st := Statement{SQL: s.SQL, Comment: s.Comment, Loses: strings.Join(s.Losses(), "; ")}
			f.report.Back = append(f.report.Back, st)
			f.attach(s, st)
		}
		f.report.Notes = append(f.report.Notes, f.c.Plan.Notes...)
	}
	for i := range f.report.Differences {
		if d := &f.report.Differences[i]; d.Unmanaged {
			f.report.Back = append(f.report.Back, d.Fix...)
		}
	}
}

// attach puts a statement under the differences that it is about.
func (f *finder) attach(s *plan.Step, st Statement) {
	ids := []object.ID{s.ID}
	for _, p := range s.Parts {
		ids = append(ids, p.ID)
	}
	seen := map[int]bool{}
	for _, id := range ids {
		if i, ok := f.at(id); ok && !seen[i] {
			seen[i] = true
			f.report.Differences[i].Fix = append(f.report.Differences[i].Fix, st)
		}
	}
}

// at finds the difference that an object is, or is a part of.
func (f *finder) at(id object.ID) (int, bool) {
	for !id.IsZero() {
		if i, ok := f.found[id]; ok {
			return i, true
		}
		o := f.c.Desired.Get(id)
		if o == nil {
			o = f.c.Live.Get(id)
		}
		if o == nil {
			return 0, false
		}
		id = o.Parent
	}
	return 0, false
}

// ignored counts what rules left out, on either side.
func (f *finder) ignored() {
	rules := map[string][]string{}
	for _, e := range slices.Concat(f.c.Live.Ledger, f.c.Wanted.Ledger, f.c.Desired.Ledger, f.c.Skipped) {
		if e.Status != object.Ignored {
			continue
		}
		name := fmt.Sprintf("%s %s", strings.ReplaceAll(e.Kind, "_", " "), e.Name)
		if !slices.Contains(rules[e.Reason], name) {
			rules[e.Reason] = append(rules[e.Reason], name)
		}
	}
	for rule, objects := range rules {
		slices.Sort(objects)
		f.report.Ignored = append(f.report.Ignored, Ignored{Rule: rule, Count: len(objects), Objects: objects})
	}
	slices.SortFunc(f.report.Ignored, func(a, b Ignored) int { return strings.Compare(a.Rule, b.Rule) })
}
