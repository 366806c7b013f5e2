package drift

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// facts compares what no plan changes.
func (f *finder) facts() {
	if f.c.Blind {
		f.report.Notes = append(f.report.Notes, "one side is a snapshot of schemactl inspect, which has no owners, settings and the like: take it with schemactl snapshot to have these compared")
		return
	}
	have, want := f.c.Live.Facts, f.c.Wanted.Facts
	if w, ok := f.c.Dialect.(dialect.Watcher); ok {
		have, want = w.Watch(f.c.Live, f.c.Wanted, f.sides())
	}
	live, wanted := byKey(have), byKey(want)
	usual := usualValues(f.c.Live.Facts)
	keys := map[[3]string]bool{}
	for k := range live {
		keys[k] = true
	}
	for k := range wanted {
		keys[k] = true
	}
	there := [2]map[[2]string]bool{named(have), named(want)}
	byObject := map[[2]string]*Difference{}
	var order [][2]string
	for _, k := range slices.SortedFunc(maps.Keys(keys), compareKeys) {
		have, is := live[k]
		want, asked := wanted[k]
		if !f.comparable(have, want, is, asked) {
			continue
		}
		if asked && want.Usual && !f.c.Place {
			want.Value = cmp.Or(usual[have.Attr], have.Value)
			want.Set = setOf(f.c.Live.Facts, have, want.Value)
		}
		if is == asked && have.Value == want.Value || f.unplanned(have, want, is, asked, usual) {
			continue
		}
		at := [2]string{k[0], k[1]}
		if byObject[at] == nil {
			byObject[at] = &Difference{ID: factID(have, want), Unmanaged: true, Direction: directionOf(is || there[0][at], asked || there[1][at])}
			if of := cmp.Or(have.Of, want.Of); !of.IsZero() {
				byObject[at].Owner = of
			}
			order = append(order, at)
		}
		note(byObject[at], have, want, is, asked)
	}
	for _, at := range order {
		f.merge(*byObject[at])
	}
}

func (f *finder) sides() dialect.Sides {
	return dialect.Sides{Place: f.c.Place, Replayed: f.c.Replayed}
}

// comparable reports whether both sides can know a fact.
func (f *finder) comparable(have, want object.Fact, is, asked bool) bool {
	if !f.c.Place && (have.Place || want.Place) {
		return false
	}
	if (have.Always || want.Always) && is != asked {
		return false
	}
	of := want.Of
	if is {
		of = have.Of
	}
	// What is of an object is compared where both sides have that.
	return of.IsZero() || is && asked || f.c.Live.Has(of) && f.c.Wanted.Has(of)
}

// named tells of which things there is any fact.
func named(facts []object.Fact) map[[2]string]bool {
	out := map[[2]string]bool{}
	for _, x := range facts {
		out[[2]string{x.Kind, x.Name}] = true
	}
	return out
}

// unplanned reports whether a fact is only in files, which no plan heeds: that a database lacks it is no drift, and is noted.
func (f *finder) unplanned(have, want object.Fact, is, asked bool, usual map[string]string) bool {
	if f.c.Place || f.c.Replayed || !asked || want.Usual || is && have.Value != usual[have.Attr] {
		return false
	}
	f.report.Notes = append(f.report.Notes, fmt.Sprintf("the files say of %s %s that its %s is %s, which plans do not set and drift does not ask for",
		strings.ReplaceAll(want.Kind, "_", " "), want.Name, strings.ReplaceAll(want.Attr, "_", " "), want.Value))
	return true
}

// setOf is the statement that makes a fact have another value, as one that has it spells it.
func setOf(facts []object.Fact, fact object.Fact, value string) string {
	for _, x := range facts {
		if x.Attr == fact.Attr && x.Value == value && x.Tail != "" {
			return strings.TrimSuffix(fact.Set, fact.Tail) + x.Tail
		}
	}
	return ""
}

func note(d *Difference, have, want object.Fact, is, asked bool) {
	a := Attr{Name: have.Attr}
	if is {
		a.Live = have.Value
	}
	if asked {
		a.Name, a.Desired = want.Attr, want.Value
	}
	d.Attrs = append(d.Attrs, a)
	sql := have.Unset
	if asked {
		sql = want.Set
	}
	if sql != "" {
		d.Fix = append(d.Fix, Statement{SQL: sql, Comment: "put back " + strings.ReplaceAll(a.Name, "_", " ") + " of " + d.ID.String()})
	}
}

func directionOf(is, asked bool) Direction {
	switch {
	case !is:
		return Missing
	case !asked:
		return Extra
	}
	return Differs
}

// merge adds what was found of an object to what else differs of it.
func (f *finder) merge(d Difference) {
	i, ok := f.found[d.ID]
	if !ok {
		if o := f.c.Live.Get(d.ID); o != nil {
			d.Owner = ownerOf(f.c.Live, o)
		}
		if !d.Owner.IsZero() {
			d.Direction = Differs
		}
		f.add(d)
		return
	}
	known := &f.report.Differences[i]
	if known.Direction != Differs {
		return // it is all new, or gone
	}
	known.Attrs = append(known.Attrs, d.Attrs...)
	known.Fix = append(known.Fix, d.Fix...)
}

func ownerOf(s *object.State, o *object.Object) object.ID {
	for !o.Parent.IsZero() && s.Has(o.Parent) {
		o = s.Get(o.Parent)
	}
	return o.ID
}

func factID(have, want object.Fact) object.ID {
	for _, x := range []object.Fact{have, want} {
		switch {
		case x.Part != "":
			return object.ID{Kind: "column", Schema: x.Of.Schema, Table: x.Of.Name, Name: x.Part}
		case !x.Of.IsZero():
			return x.Of
		}
	}
	if have.Kind == "" {
		have = want
	}
	return object.ID{Kind: have.Kind, Name: have.Name}
}

func byKey(facts []object.Fact) map[[3]string]object.Fact {
	out := make(map[[3]string]object.Fact, len(facts))
	for _, x := range facts {
		out[x.Key()] = x
	}
	return out
}

func compareKeys(a, b [3]string) int {
	return strings.Compare(strings.Join(a[:], "\x00"), strings.Join(b[:], "\x00"))
}

// usualValues are the values that most objects of the live state have, by attribute: what one has that nobody said anything
// of. The value that the connection gives weighs more where two are as frequent. Where no value is that of nearly all,
// none is usual.
func usualValues(facts []object.Fact) map[string]string {
	counts, all := map[string]map[string]int{}, map[string]int{}
	for _, x := range facts {
		if !x.Always {
			continue
		}
		if counts[x.Attr] == nil {
			counts[x.Attr] = map[string]int{}
		}
		all[x.Attr]++
		counts[x.Attr][x.Value]++
	}
	out := map[string]string{}
	for attr, values := range counts {
		for _, v := range slices.Sorted(maps.Keys(values)) {
			if rest := all[attr] - values[v]; rest <= max(1, all[attr]/4) && values[v] >= values[out[attr]] {
				out[attr] = v
			}
		}
	}
	for _, x := range facts { // a database with one object, or two
		if x.Usual && all[x.Attr] <= 2 {
			out[x.Attr] = x.Value
		}
	}
	return out
}
