package mysql

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/schemactl/schemactl/internal/atlas"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// phasedTable is a table with columns that give way.
type phasedTable struct {
	id             object.ID
	columns        []*phasedColumn
	insert, update string // the names of the triggers
	// stamps are the columns that the server sets when a row is changed; the backfill leaves them as they are.
	stamps []string
}

// phasedColumn is a column that gives way to another.
type phasedColumn struct {
	dialect.Phased
	from, to kind.Of[Column]
	beside   string // the name of the new column until it takes its place
}

// renamed tells a column that keeps its type, and is used under both names meanwhile.
func (c *phasedColumn) renamed() bool { return c.From != c.To }

// last is the name that the old column has when it is dropped.
func (c *phasedColumn) last() string { return either(c.renamed(), c.From.Name, c.beside) }

// phaser makes the phases.
type phaser struct {
	from, to *object.State
	want     *rests
	server   kind.Server
	tables   []*phasedTable
	taken    map[string]bool // claims of either state, and of the phases
}

// Phase makes a new column beside each of those that give way, with the indexes that the desired state has on it.
func (Dialect) Phase(current, desired *object.State, columns []dialect.Phased, server kind.Server) (*dialect.Phases, error) {
	p := &phaser{from: current, to: desired, want: restsOf(desired), server: server, taken: map[string]bool{}}
	for _, s := range []*object.State{current, desired} {
		for _, o := range s.All() {
			for _, claim := range o.Claims {
				p.taken[claim] = true
			}
		}
	}
	for _, c := range columns {
		if err := p.add(c); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(p.tables, func(a, b *phasedTable) int { return object.Compare(a.id, b.id) })
	out := &dialect.Phases{Expand: p.tables[0].briefly(), Switch: p.tables[0].briefly()}
	for _, t := range p.tables {
		if err := p.phases(t, out); err != nil {
			return nil, err
		}
	}
	if out.Anew = len(out.Build) > 0; out.Anew {
		out.Build = append(p.tables[0].briefly(), out.Build...)
	}
	return out, nil
}

// briefly keeps a file's statements from waiting long for others' transactions to end: who comes after them waits behind
// them. apply tries the file again.
func (t *phasedTable) briefly() []*plan.Step {
	return []*plan.Step{t.step("table", plan.Alter, "SET SESSION lock_wait_timeout = 2", "keep nobody waiting: give up soon, and try again")}
}

func (p *phaser) add(c dialect.Phased) error {
	from, ok := kind.Get[Column](p.from, c.From)
	to, ok2 := kind.Get[Column](p.to, c.To)
	if !ok || !ok2 {
		return fmt.Errorf("internal error: %s cannot give way to %s, which are not there", c.From, c.To)
	}
	col := &phasedColumn{Phased: c, from: from, to: to, beside: c.To.Name}
	if !col.renamed() {
		col.beside = freeName(c.To.Name, "_new", func(name string) bool {
			return p.from.Has(columnID(to.Parent, name)) || p.to.Has(columnID(to.Parent, name))
		})
	}
	t := p.table(to.Parent)
	t.columns = append(t.columns, col)
	return nil
}

func (p *phaser) table(id object.ID) *phasedTable {
	for _, t := range p.tables {
		if t.id == id {
			return t
		}
	}
	t := &phasedTable{id: id}
	trigger := func(suffix string) string {
		return freeName(id.Name, suffix, func(name string) bool { return p.taken["trigger "+qualified(id.Schema, name)] })
	}
	t.insert, t.update = trigger("_schemactl_insert"), trigger("_schemactl_update")
	for _, name := range tableColumns(p.from, id) {
		if c, ok := kind.Get[Column](p.from, columnID(id, name)); ok && c.V.OnUpdate != "" {
			t.stamps = append(t.stamps, name)
		}
	}
	p.tables = append(p.tables, t)
	return t
}

// freeName makes a name of at most 64 characters that nothing has (MySQL manual, "Identifier Length Limits").
func freeName(name, suffix string, taken func(string) bool) string {
	const most = 64
	for n := 1; ; n++ {
		end := suffix
		if n > 1 {
			end += fmt.Sprint(n)
		}
		r := []rune(name)
		out := string(r[:min(len(r), most-utf8.RuneCountInString(end))]) + end
		if !taken(out) {
			return out
		}
	}
}

func (p *phaser) phases(t *phasedTable, out *dialect.Phases) error {
	added, err := p.addColumns(t)
	if err != nil {
		return err
	}
	out.Expand = append(append(out.Expand, added), t.syncSteps()...)
	keys, err := p.keys(t)
	if err != nil {
		return err
	}
	out.Fill = append(append(out.Fill, t.fillStep()), keys.early...)
	demanded, err := p.demand(t)
	if err != nil {
		return err
	}
	out.Build = slices.Concat(out.Build, demanded, keys.late)
	steps, err := p.switchSteps(t, keys)
	if err != nil {
		return err
	}
	out.Switch = append(out.Switch, steps...)
	out.InStep = append(out.InStep, t.inStep())
	return nil
}

// alter is an ALTER TABLE of the table.
func (t *phasedTable) alter(comment string, clauses ...string) *plan.Step {
	return t.step("table", plan.Alter, alterHead(t.id)+strings.Join(clauses, ", "), comment)
}

// step is one about the table. kindName is that of what it makes or drops.
func (t *phasedTable) step(kindName string, op plan.Op, sql, comment string) *plan.Step {
	id := t.id
	if kindName != "table" {
		id = object.ID{Kind: kindName, Schema: t.id.Schema, Table: t.id.Name, Name: t.insert}
	}
	return &plan.Step{ID: id, Owner: t.id, Op: op, SQL: sql, Comment: comment, Pace: plan.Brief}
}

// hides reports whether the server knows columns that SELECT * and INSERT without a list of columns leave out (MySQL
// manual, "Invisible Columns"; MariaDB has them since 10.3).
func (p *phaser) hides() bool {
	return p.server.Flavor == "mariadb" || p.server.AtLeast([3]int{8, 0, 23})
}

// addColumns adds the new columns, each behind its old one, without a value and unseen by who names no columns.
func (p *phaser) addColumns(t *phasedTable) (*plan.Step, error) {
	var clauses []string
	for _, c := range t.columns {
		v := *c.to.V
		v.NotNull, v.Default, v.Invisible = false, "", v.Invisible || p.hides()
		stmt, err := atlas.MySQL{}.AddColumn(bare(t.id), v.model(c.beside))
		if err != nil {
			return nil, err
		}
		_, clause, _ := atlas.MySQLClause(stmt.SQL, qualified(t.id.Schema, t.id.Name))
		clauses = append(clauses, clause+" AFTER "+ident(c.From.Name))
	}
	return t.alter("add the new columns beside the old ones: "+t.pairs(), clauses...), nil
}

// modify gives a new column a definition.
func (t *phasedTable) modify(from, to *Column, name string) (string, error) {
	stmt, err := atlas.MySQL{}.ModifyColumn(bare(t.id), from.model(name), to.model(name))
	if err != nil {
		return "", err
	}
	_, clause, _ := atlas.MySQLClause(stmt.SQL, qualified(t.id.Schema, t.id.Name))
	return clause, nil
}

// demand gives the new columns their defaults, and makes those NOT NULL that are to be, for which the server writes the table anew while others write.
func (p *phaser) demand(t *phasedTable) ([]*plan.Step, error) {
	var clauses, names, defaults []string
	for _, c := range t.columns {
		if c.to.V.Default != "" { // of which the trigger takes what a row that names no column has
			defaults = append(defaults, "ALTER COLUMN "+ident(c.beside)+" SET DEFAULT "+settable(c.to.V.Default))
		}
		if !c.to.V.NotNull {
			continue
		}
		from, to := *c.to.V, *c.to.V
		from.NotNull, from.Invisible = false, from.Invisible || p.hides()
		to.Invisible = from.Invisible
		if to.MariaDB && to.Default == "" { // an invisible column that is NOT NULL must have one: error 4108
			to.Default = filler(to.Type)
		}
		clause, err := t.modify(&from, &to, c.beside)
		if err != nil {
			return nil, err
		}
		clauses, names = append(clauses, clause), append(names, c.beside)
	}
	var steps []*plan.Step
	if len(defaults) > 0 {
		steps = append(steps, t.alter("give the new columns of "+t.id.String()+" their defaults", defaults...))
	}
	if len(clauses) == 0 {
		return steps, nil
	}
	step := t.alter("NULL is no longer taken: "+strings.Join(names, ", ")+" of "+t.id.String(), clauses...)
	step.Pace = plan.Slow
	return append(steps, step), nil
}

// filler is a value of a type, for old columns that nobody writes any more.
func filler(typ string) string {
	switch t := parseType(typ); {
	case t.isWhole() || t.isFraction() || t.name == "bit":
		return "0"
	case t.name == "enum":
		return literal(t.args[0])
	case t.name == "json":
		return "(json_object())"
	case strings.HasSuffix(t.name, "text") || strings.HasSuffix(t.name, "blob"):
		return "(concat(''))" // a bare literal is refused: error 1101
	case t.name == "time":
		return "'00:00:00'"
	case t.name == "year":
		return "2000"
	case t.name == "date":
		return "'2000-01-01'"
	case t.isTime():
		return "'2000-01-01 00:00:00'"
	}
	return "''"
}

// settable is a default as ALTER COLUMN takes it: literals, and all else in parentheses.
func settable(expr string) string {
	if currentTime.MatchString(expr) {
		return "(" + expr + ")"
	}
	return expr
}
