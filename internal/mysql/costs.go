package mysql

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/safety"
)

// Facts tells what an action costs on the tables of a model: the table of facts says how the server runs it. What it
// does not know costs nothing that it can name.
func (Dialect) Facts(m *safety.Model, a safety.Action) safety.Facts {
	t := m.Table(a.Table)
	switch a.Verb {
	case safety.LockTable:
		hold := either(a.Expr == "WRITE", safety.HoldAll, safety.HoldWrites)
		return safety.Facts{Locks: []safety.Lock{{Table: a.Table, Mode: a.Expr, Hold: hold}}}
	case safety.DropTable:
		return safety.Facts{Locks: append(brief(a.Table), brief(parentsOf(m, t)...)...), Loses: "the rows of " + a.Table.String()}
	case safety.TruncateTable:
		return safety.Facts{Locks: brief(a.Table), Loses: "the rows of " + a.Table.String()}
	case safety.RenameTable:
		return safety.Facts{Algorithm: "INSTANT", Locks: append(brief(a.Table), brief(childrenOf(m, a.Table)...)...)}
	case safety.CreateTable:
		return safety.Facts{Locks: brief(parentsOf(m, a.New)...)}
	case safety.CreateTrigger, safety.DropTrigger:
		if a.Table.IsZero() {
			return safety.Facts{}
		}
		return safety.Facts{Locks: brief(a.Table)}
	case safety.Analyze:
		return safety.Facts{}
	}
	changes, known := changesOf(m, t, a)
	if !known {
		return safety.Facts{Locks: append(brief(a.Table), brief(childrenOf(m, a.Table)...)...)}
	}
	if len(changes) == 0 {
		return safety.Facts{}
	}
	f := factsAs(wayFor(m, t, a, changes), a)
	f.Loses = lostBy(t, a)
	f.Locks = append(f.Locks, brief(parentsOf(m, keyOnly(t, a))...)...)
	f.Locks = append(f.Locks, brief(childrenOf(m, a.Table)...)...)
	return f
}

// childrenOf are the tables whose foreign keys refer to a table, which MySQL locks for readers, too, whatever changes of
// that table; MariaDB does not.
func childrenOf(m *safety.Model, n safety.Name) []safety.Name {
	var out []safety.Name
	if m.Server.Flavor == "mariadb" {
		return nil
	}
	for _, t := range m.Children(n) {
		if t.Name != m.Full(n) {
			out = append(out, t.Name)
		}
	}
	return out
}

// brief are the metadata locks that every change of a definition takes at its end (MySQL manual, "Metadata Locking").
func brief(tables ...safety.Name) []safety.Lock {
	var out []safety.Lock
	for _, n := range tables {
		out = append(out, safety.Lock{Table: n, Mode: "EXCLUSIVE METADATA", Hold: safety.HoldAll, Brief: true})
	}
	return out
}

// parentsOf are the tables that the foreign keys of a table refer to, where the server locks them as the table comes and
// goes: MySQL does, MariaDB does not.
func parentsOf(m *safety.Model, t *safety.Table) []safety.Name {
	var out []safety.Name
	if t == nil || m.Server.Flavor == "mariadb" {
		return nil
	}
	for _, c := range t.Constraints {
		if n := m.Full(c.RefTable); c.Type == safety.Foreign && !c.Ignored && n != t.Name && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// keyOnly is a table with nothing but the constraint that an action adds or drops.
func keyOnly(t *safety.Table, a safety.Action) *safety.Table {
	k := a.Constraint
	if a.Verb == safety.DropConstraint {
		k = t.Constraint(a.Name)
	}
	if k == nil {
		return nil
	}
	return &safety.Table{Name: a.Table, Constraints: []safety.Constraint{*k}}
}

// serverOf is the server of a model as the table of facts knows it.
func serverOf(m *safety.Model) kind.Server {
	s := kind.Server{Flavor: m.Server.Flavor, Version: m.Server.Version}
	if s.Flavor == "" {
		s.Flavor = "mysql"
	}
	return s
}

// wayFor is the code of how the server runs an action that makes these changes.
func wayFor(m *safety.Model, t *safety.Table, a safety.Action, changes []change) string {
	s := serverOf(m)
	if t != nil && t.Engine != "" && !strings.EqualFold(t.Engine, "InnoDB") && !slices.Contains(changes, changeEngine) {
		return either(otherEngineRuns(changes).Algorithm == "INSTANT", "I?", "C?")
	}
	code := worstWay(s, traitsIn(t), changes)
	unchecked := a.Verb == safety.AddConstraint && a.Constraint.Type == safety.Foreign && m.Server.Settings["foreign_key_checks"] == "0"
	switch {
	case a.Algorithm == "COPY":
		return "C"
	case code == unknownWay:
		return "C?"
	case unchecked:
		return "N" // MySQL manual, "Online DDL Operations", Adding a foreign key constraint
	case rank(code) == 0 && inRows(changes) && (a.Beside == safety.NewKey || s.Flavor == "mysql" && (a.Beside != "" || a.Algorithm == "INPLACE")):
		return "Nr" // without INSTANT, each row gets or loses the column
	}
	return code
}

// inRows reports whether a column is added or dropped that each row holds.
func inRows(changes []change) bool {
	return slices.ContainsFunc(changes, func(ch change) bool {
		return slices.Contains([]change{addColumn, placeColumn, addExpression, dropPlainColumn, dropIndexedColumn}, ch)
	})
}

// factsAs spells a code out.
func factsAs(code string, a safety.Action) safety.Facts {
	w := ways()[rank(code)]
	f := safety.Facts{
		Algorithm: w.algorithm, Rewrites: w.rebuild, Scans: w.rebuild, Locks: brief(a.Table),
		Online: w.lock == "NONE" && w.algorithm != "INSTANT",
	}
	if w.lock == "SHARED" {
		f.Locks = append(f.Locks, safety.Lock{Table: a.Table, Mode: w.lock, Hold: safety.HoldWrites})
	}
	switch {
	case w.rebuild:
		f.Builds = []string{"*"}
	case a.Index != nil && a.Verb == safety.CreateIndex:
		f.Scans, f.Builds = true, []string{a.Index.Name}
	case a.Verb == safety.AddConstraint && a.Constraint.Type == safety.Unique:
		f.Scans, f.Builds = true, []string{a.Constraint.Name}
	}
	return f
}

func lostBy(t *safety.Table, a safety.Action) string {
	switch a.Verb {
	case safety.DropColumn:
		if c := t.Column(a.Name); c == nil || c.Generated != "virtual" {
			return "the values of " + a.Table.String() + "." + a.Name
		}
	case safety.DropPartition:
		return "the rows of partition " + a.Name + " of " + a.Table.String()
	}
	return ""
}

// traitsIn tells what makes a table costly to alter.
func traitsIn(t *safety.Table) []trait {
	if t == nil {
		return nil
	}
	var out []trait
	add := func(is bool, x trait) {
		if is && !hasTrait(out, x) {
			out = append(out, x)
		}
	}
	add(strings.EqualFold(t.RowFormat, "compressed"), isCompressed)
	add(t.PartitionBy != "", isPartitioned)
	for _, c := range t.Columns {
		add(c.Generated == "stored", hasStored)
		add(c.Generated == "virtual", hasVirtual)
	}
	for _, i := range t.Indexes {
		add(i.Type == "fulltext", hasFulltext)
		add(i.Type == "vector", hasVector)
		for _, name := range i.Columns {
			add(isExpression(name), hasFunctional)
			c := t.Column(name)
			add(c != nil && c.Generated == "virtual", hasVirtualKey)
		}
	}
	return out
}

// changesOf are the changes that an action makes; known is false where the model does not tell.
func changesOf(m *safety.Model, t *safety.Table, a safety.Action) (changes []change, known bool) {
	one := func(ch change) ([]change, bool) { return []change{ch}, true }
	if a.Change != "" && a.Verb != safety.Create && a.Verb != safety.Alter && a.Verb != safety.Engine {
		return one(change(a.Change))
	}
	switch a.Verb {
	case safety.AddColumn:
		return one(columnOf(m, a.Column).addition(a.Placed))
	case safety.DropColumn:
		return removals(m, t, a.Name)
	case safety.RenameColumn:
		return one(renameColumn)
	case safety.ChangeColumn:
		return columnChange(m, t, a)
	case safety.AddConstraint:
		return constraintAddition(m, a), true
	case safety.DropConstraint:
		return one(constraintRemoval(t, a))
	case safety.Engine:
		return one(engineChange(t, a.Expr))
	case safety.SetTablespace:
		return one(rowFormat)
	case safety.ConvertTo:
		return conversion(m, t, a), t != nil
	case safety.ExchangePart, safety.AttachPartition, safety.DetachPartition:
		return nil, false
	}
	return indexChange(t, a), true
}

// engineChange tells a rebuild with the same engine from another engine.
func engineChange(t *safety.Table, engine string) change {
	same := t == nil || t.Engine == "" || strings.EqualFold(t.Engine, engine)
	return either(same && strings.EqualFold(engine, "InnoDB"), rowFormat, changeEngine)
}

func indexChange(t *safety.Table, a safety.Action) []change {
	switch a.Verb {
	case safety.CreateIndex:
		return []change{keyAddition(t, a.Index)}
	case safety.DropIndex:
		return []change{dropKey}
	case safety.RenameIndex:
		return []change{renameKey}
	case safety.AlterIndex:
		return []change{hideKey}
	}
	return nil
}

func removals(m *safety.Model, t *safety.Table, name string) ([]change, bool) {
	c := t.Column(name)
	if c == nil {
		return nil, false
	}
	out := []change{columnOf(m, c).removal()}
	if indexed(t, name) {
		out = append(out, dropIndexedColumn)
	}
	return out, true
}

func indexed(t *safety.Table, column string) bool {
	return slices.ContainsFunc(t.Indexes, func(i safety.Index) bool { return slices.Contains(i.Columns, column) })
}

// columnOf is a column as the dialect knows it.
func columnOf(m *safety.Model, c *safety.Column) *Column {
	out := &Column{
		Type: strings.TrimSuffix(c.Type, " zerofill"), NotNull: c.NotNull, Default: c.Default, OnUpdate: c.OnUpdate, AutoIncrement: c.AutoIncrement,
		Stored: c.Generated == "stored", Charset: c.Charset, Collation: c.Collation, Comment: c.Comment, Invisible: c.Invisible, SRID: c.SRID,
		MariaDB: m.Server.Flavor == "mariadb",
	}
	if c.Generated != "" {
		out.Generated, out.Default = c.Default, ""
	}
	if isText(c.Type) {
		if out.Collation != "" && out.Charset == "" {
			out.Charset = charsetOf(out.Collation)
		}
		if out.Charset == "" { // what both servers have where nothing else is said, or nearly
			out.Charset = "utf8mb4"
		}
	}
	return out
}

func columnChange(m *safety.Model, t *safety.Table, a safety.Action) ([]change, bool) {
	before := t.Column(a.Name)
	if before == nil {
		return nil, false
	}
	from, to := columnOf(m, before), columnOf(m, a.Column)
	if from.Generated != "" && to.Generated != "" && sameExpression(from.Generated, to.Generated) {
		to.Generated = from.Generated
	}
	out := from.changesTo(to, a.Placed && !standsAt(t, a), func() bool { return indexed(t, a.Name) })
	if a.Column.Name != before.Name {
		out = append(out, renameColumn)
	}
	return out, true
}

// sameExpression compares what a person wrote with what a server spells, as far as that goes without one.
func sameExpression(a, b string) bool {
	plain := strings.NewReplacer("`", "", "(", "", ")", "", " ", "")
	return strings.EqualFold(plain.Replace(a), plain.Replace(b))
}

// standsAt reports whether a column is already where FIRST or AFTER puts it.
func standsAt(t *safety.Table, a safety.Action) bool {
	i := slices.IndexFunc(t.Columns, func(c safety.Column) bool { return c.Name == a.Name })
	if i <= 0 {
		return i == 0 && a.After == ""
	}
	return strings.EqualFold(t.Columns[i-1].Name, a.After)
}

func constraintAddition(m *safety.Model, a safety.Action) []change {
	k := a.Constraint
	mariadb := m.Server.Flavor == "mariadb"
	switch {
	case k.Ignored:
		return nil
	case k.Type == safety.Primary:
		return []change{addPrimary}
	case k.Type == safety.Unique:
		return []change{either(slices.ContainsFunc(k.Columns, isExpression), addEarlyFunctional, addKey)}
	case k.Type == safety.Foreign:
		return []change{addForeign}
	case k.Inline && mariadb: // it comes with its column
		return []change{columnDetail}
	}
	return []change{either(k.NotEnforced && !mariadb, addIdleCheck, addCheck)}
}

func constraintRemoval(t *safety.Table, a safety.Action) change {
	k := t.Constraint(a.Name)
	switch {
	case a.Name == primaryName:
		return dropPrimary
	case a.Kind == "foreign key", k != nil && k.Type == safety.Foreign:
		return dropForeign
	case a.Kind == "check", k != nil && k.Type == safety.Check:
		return dropACheck
	}
	return dropKey
}

func keyAddition(t *safety.Table, x *safety.Index) change {
	switch {
	case x.Type == "fulltext":
		return either(hasTrait(traitsIn(t), hasFulltext), addMoreFulltext, addFulltext)
	case x.Type == "spatial":
		return addSpatial
	case x.Type == "vector":
		return addVector
	case slices.ContainsFunc(x.Columns, isExpression):
		return functionalAddition(x.Unique, x.Name, functionalNames(t))
	}
	return addKey
}

// functionalNames are those of the functional indexes of a table.
func functionalNames(t *safety.Table) []string {
	var out []string
	for i := 0; t != nil && i < len(t.Indexes); i++ {
		if slices.ContainsFunc(t.Indexes[i].Columns, isExpression) {
			out = append(out, t.Indexes[i].Name)
		}
	}
	return out
}

func isExpression(part string) bool { return strings.HasPrefix(part, "(") }

// conversion is what CONVERT TO CHARACTER SET does to each column with text.
func conversion(m *safety.Model, t *safety.Table, a safety.Action) []change {
	out := []change{tableDetail}
	if t == nil {
		return out
	}
	for _, c := range t.Columns {
		if !isText(c.Type) {
			continue
		}
		from, converted := columnOf(m, &c), c
		converted.Charset, converted.Collation = a.Expr, a.To
		if ch := from.retyping(columnOf(m, &converted), func() bool { return indexed(t, c.Name) }); ch != "" {
			out = append(out, ch)
		}
	}
	return out
}

// isText reports whether the values of a type have a character set.
func isText(typ string) bool {
	base, _, _ := strings.Cut(typ, "(")
	return slices.Contains([]string{"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"}, base)
}
