package review

import (
	"reflect"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/safety"
)

// Diagram is the changed part of a schema: the tables that differ, and those that foreign keys join them with.
type Diagram struct {
	Tables []Entity `json:"tables"`
	Joins  []Join   `json:"joins"`
	// Left is how many changed tables found no room.
	Left int `json:"left,omitempty"`
}

// State tells how a part of a diagram differs.
type State string

// The states.
const (
	Same    State = "same"
	Added   State = "added"
	Dropped State = "dropped"
	Altered State = "altered"
)

// Entity is a table. Of one that is the same only the columns stand there that joins need.
type Entity struct {
	Name    string   `json:"name"`
	State   State    `json:"state"`
	Columns []Column `json:"columns"`
}

// Column is a column of an entity.
type Column struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Was   string `json:"was,omitempty"` // the type before, where that differs
	Null  bool   `json:"null,omitempty"`
	Key   string `json:"key,omitempty"` // PK, FK, UK, or several with commas
	State State  `json:"state"`
}

// Join is a foreign key.
type Join struct {
	Name    string   `json:"name"`
	From    string   `json:"from"`
	To      string   `json:"to"`
	Columns []string `json:"columns"`
	State   State    `json:"state"`
}

// diagramLimit is how many changed tables a diagram shows: more are no help to anybody.
const diagramLimit = 20

func diagram(before, after *safety.Model, changes []plan.Change) Diagram {
	d := &drawing{before: before, after: after, renamed: map[safety.Name]safety.Name{}, entities: map[safety.Name]*Entity{}}
	for from, to := range renamesOf(changes) {
		d.renamed[nameOf(to)] = nameOf(from)
	}
	var changed []safety.Name
	for _, n := range d.names() {
		if d.differs(n) {
			changed = append(changed, n)
		}
	}
	out := Diagram{Tables: []Entity{}, Joins: []Join{}}
	if len(changed) > diagramLimit {
		out.Left = len(changed) - diagramLimit
		changed = changed[:diagramLimit]
	}
	for _, n := range changed {
		d.whole(n)
	}
	joins := d.joins(changed)
	for _, n := range d.names() {
		if e := d.entities[n]; e != nil {
			out.Tables = append(out.Tables, *e)
		}
	}
	out.Joins = append(out.Joins, joins...)
	return out
}

type drawing struct {
	before, after *safety.Model
	renamed       map[safety.Name]safety.Name // new to old
	entities      map[safety.Name]*Entity
}

func nameOf(id object.ID) safety.Name { return safety.Name{Schema: id.Schema, Name: id.Name} }

// names are those of the tables of both models, ordered; a renamed table only has its new one.
func (d *drawing) names() []safety.Name {
	seen := map[safety.Name]bool{}
	for _, n := range d.renamed {
		seen[n] = true
	}
	var out []safety.Name
	for _, m := range []*safety.Model{d.after, d.before} {
		for _, t := range m.Tables() {
			if !seen[t.Name] && drawn(t) {
				seen[t.Name] = true
				out = append(out, t.Name)
			}
		}
	}
	slices.SortFunc(out, func(a, b safety.Name) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// drawn leaves out what is no table of its own: partitions look like their parents.
func drawn(t *safety.Table) bool {
	return (t.Kind == "table" || t.Kind == "partitioned table" || t.Kind == "foreign table" || t.Kind == "") && t.Parent.IsZero() && !t.Temporary
}

func (d *drawing) pair(n safety.Name) (was, is *safety.Table) {
	old, ok := d.renamed[n]
	if !ok {
		old = n
	}
	return d.before.Table(old), d.after.Table(n)
}

func (d *drawing) differs(n safety.Name) bool {
	was, is := d.pair(n)
	if was == nil || is == nil {
		return was != is
	}
	if was.Name != is.Name || len(was.Columns) != len(is.Columns) || len(was.Constraints) != len(is.Constraints) {
		return true
	}
	for _, c := range is.Columns {
		if o := was.Column(c.Name); o == nil || columnState(o, &c) != Same {
			return true
		}
	}
	for _, c := range is.Constraints {
		if o := was.Constraint(c.Name); o == nil || !reflect.DeepEqual(o.Columns, c.Columns) || o.Type != c.Type {
			return true
		}
	}
	return false
}

func columnState(was, is *safety.Column) State {
	switch {
	case was == nil:
		return Added
	case is == nil:
		return Dropped
	case was.Type != is.Type || was.NotNull != is.NotNull || was.Default != is.Default || was.Generated != is.Generated || was.Identity != is.Identity:
		return Altered
	}
	return Same
}

// whole adds a changed table with all its columns: keys first, those that go last.
func (d *drawing) whole(n safety.Name) {
	was, is := d.pair(n)
	e := &Entity{Name: n.String(), State: Altered, Columns: []Column{}}
	switch {
	case was == nil:
		e.State = Added
	case is == nil:
		e.State = Dropped
	}
	if is != nil {
		for _, c := range is.Columns {
			old := was.Column(c.Name)
			col := Column{Name: c.Name, Type: c.Type, Null: !c.NotNull, Key: keyOf(is, c.Name), State: columnState(old, &c)}
			if old != nil && old.Type != c.Type {
				col.Was = old.Type
			}
			e.Columns = append(e.Columns, col)
		}
	}
	if was != nil {
		for _, c := range was.Columns {
			if is.Column(c.Name) == nil {
				e.Columns = append(e.Columns, Column{Name: c.Name, Type: c.Type, Null: !c.NotNull, Key: keyOf(was, c.Name), State: Dropped})
			}
		}
	}
	slices.SortStableFunc(e.Columns, func(a, b Column) int { return keyRank(a) - keyRank(b) })
	d.entities[n] = e
}

func keyRank(c Column) int {
	switch {
	case strings.HasPrefix(c.Key, "PK"):
		return 0
	case c.Key != "":
		return 1
	}
	return 2
}

func keyOf(t *safety.Table, column string) string {
	var keys []string
	for _, kind := range []struct {
		of   safety.ConstraintType
		word string
	}{{safety.Primary, "PK"}, {safety.Foreign, "FK"}, {safety.Unique, "UK"}} {
		if slices.ContainsFunc(t.Constraints, func(c safety.Constraint) bool { return c.Type == kind.of && slices.Contains(c.Columns, column) }) {
			keys = append(keys, kind.word)
		}
	}
	return strings.Join(keys, ",")
}

// joins are the foreign keys of changed tables, and those that lead to them; tables at their other ends come along.
func (d *drawing) joins(changed []safety.Name) []Join {
	var out []Join
	for _, n := range d.names() {
		was, is := d.pair(n)
		for _, c := range foreign(was, is) {
			state := Same
			switch {
			case was.Constraint(c.Name) == nil:
				state = Added
			case is.Constraint(c.Name) == nil:
				state = Dropped
			}
			to := d.now(d.after.Full(c.RefTable))
			if !slices.Contains(changed, n) && !slices.Contains(changed, to) {
				continue
			}
			d.neighbour(n, c.Columns)
			d.neighbour(to, c.RefColumns)
			out = append(out, Join{Name: c.Name, From: n.String(), To: to.String(), Columns: c.Columns, State: state})
		}
	}
	return out
}

// now is the name that a table has in the end.
func (d *drawing) now(n safety.Name) safety.Name {
	for to, from := range d.renamed {
		if from == n {
			return to
		}
	}
	return n
}

// foreign are the foreign keys of a table in either state, each once.
func foreign(was, is *safety.Table) []safety.Constraint {
	var out []safety.Constraint
	for _, t := range []*safety.Table{is, was} {
		if t == nil {
			continue
		}
		for _, c := range t.Constraints {
			if c.Type == safety.Foreign && !slices.ContainsFunc(out, func(o safety.Constraint) bool { return o.Name == c.Name }) {
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b safety.Constraint) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// neighbour adds the columns that a join needs to a table that is the same.
func (d *drawing) neighbour(n safety.Name, columns []string) {
	e := d.entities[n]
	if e == nil {
		e = &Entity{Name: n.String(), State: Same, Columns: []Column{}}
		d.entities[n] = e
	}
	if e.State != Same {
		return
	}
	_, is := d.pair(n)
	for _, name := range columns {
		if slices.ContainsFunc(e.Columns, func(c Column) bool { return c.Name == name }) {
			continue
		}
		col := Column{Name: name, State: Same}
		if c := is.Column(name); c != nil {
			col.Type, col.Null, col.Key = c.Type, !c.NotNull, keyOf(is, name)
		}
		e.Columns = append(e.Columns, col)
	}
}
