package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

const (
	incompatible = "incompatible"
	dataDepend   = "data_depend"
)

func incompatibleRules() []Rule {
	return []Rule{
		{
			ID: "rename-table", Severity: Error, Class: incompatible, Codes: []string{"BC101", "renaming-table"},
			Short: "A table or schema gets another name while programs use it",
			Why:   "Programs that run now know the old name only, and fail until they are replaced.",
			Fix:   "Leave a view under the old name, or make the new table, write to both, move the readers, and drop the old one.",
			Bad:   "ALTER TABLE users RENAME TO people",
			Good:  "ALTER TABLE users RENAME TO people; CREATE VIEW users AS SELECT * FROM people",
			check: renameTable,
		},
		{
			ID: "rename-column", Severity: Error, Class: incompatible, Codes: []string{"BC102", "renaming-column"},
			Short: "A column gets another name while programs use it",
			Why:   "Programs that run now know the old name only, and fail until they are replaced.",
			Fix:   "Add the new column, write to both, fill it, move the readers, and drop the old one in a later release. schemactl migrate diff --phased writes the migrations for that.",
			Bad:   "ALTER TABLE users RENAME COLUMN name TO full_name",
			check: onOld(func(a *Act) string {
				if a.Verb == safety.ChangeColumn && (a.Column == nil || strings.EqualFold(a.Column.Name, a.Name)) || !a.OldColumn(a.Name) {
					return ""
				}
				to := a.To
				if a.Column != nil {
					to = a.Column.Name
				}
				return fmt.Sprintf("renames column %s.%s to %s", a.Table, a.Name, to)
			}, safety.RenameColumn, safety.ChangeColumn),
		},
		{
			ID: "drop-code", Severity: Info, Class: incompatible, Codes: []string{"BC103"},
			Short: "A view, routine or trigger function that programs may call is dropped",
			Why:   "Programs that still use it fail.",
			Fix:   "Deploy programs that no longer use it first.",
			Bad:   "DROP VIEW active_users",
			check: each(func(a *Act) string {
				view := a.Verb == safety.DropTable && a.Kind == "materialized view"
				if !view && (a.Verb != safety.Drop || a.Kind != "view" && a.Kind != "function" && a.Kind != "procedure") {
					return ""
				}
				if name := a.Of.String() + a.Table.String(); !a.unit.fresh[a.Of] && !a.unit.fresh[a.Table] && !remade(a) {
					return fmt.Sprintf("drops %s %s", a.Kind, name)
				}
				return ""
			}),
		},
		{
			ID: "add-required-column", Severity: Error, Class: dataDepend, Codes: []string{"MF103", "MY101", "PG303", "adding-required-field", "adding-not-nullable-field"},
			Short: "A column that takes no NULL is added without a default",
			Why:   "PostgreSQL refuses it as soon as the table has a row; MySQL fills in zeros and empty strings without a word.",
			Fix:   "Add the column so that it takes NULL, fill it, and make it NOT NULL then; or give it a default.",
			Bad:   "ALTER TABLE users ADD COLUMN email text NOT NULL", Good: "ALTER TABLE users ADD COLUMN email text",
			check: onOld(func(a *Act) string {
				if c := a.Column; !c.NotNull || hasValue(*c) || primaryInline(a) {
					return ""
				}
				return fmt.Sprintf("adds column %s.%s, which takes no NULL and has no default", a.Table, a.Column.Name)
			}, safety.AddColumn),
		},
		{
			ID: "old-writer-break", Severity: Warning, Class: incompatible,
			Short: "Rows that programs may still write are refused from now on",
			Why:   "Programs that run now know nothing of the new rule, and their writes fail.",
			Fix:   "Deploy programs that keep the rule first, or give the column a default; tighten in a later release.",
			Bad:   "ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18)",
			check: onOld(oldWriter, safety.AddConstraint, safety.SetNotNull, safety.ChangeColumn),
		},
	}
}

// remade reports whether the unit makes what it drops again.
func remade(a *Act) bool {
	found := false
	a.unit.acts(func(b *Act) {
		found = found || b.Verb == safety.Create && b.Kind == a.Kind && b.Of == a.Of || b.Verb == safety.CreateTable && b.Table == a.Table && !a.Table.IsZero()
	})
	return found
}

func renameTable(u *Unit, report func(*Act, string)) {
	u.acts(func(a *Act) {
		switch {
		case a.Verb == safety.RenameTable && a.Old() && !viewFor(a) && !swapped(a):
			report(a, fmt.Sprintf("renames %s to %s", a.Table, a.To))
		case a.Verb == safety.MoveTable && a.Old():
			report(a, fmt.Sprintf("moves %s to schema %s", a.Table, a.ToIn))
		case a.Verb == safety.Rename && (a.Kind == "schema" || a.Kind == "database") && !u.fresh[a.Of]:
			report(a, fmt.Sprintf("renames %s %s to %s", a.Kind, a.Of, a.To))
		}
	})
}

// viewFor reports whether the unit leaves a view under the old name.
func viewFor(a *Act) bool {
	found := false
	a.unit.acts(func(b *Act) { found = found || b.Verb == safety.Create && b.Kind == "view" && b.Of == a.Table })
	return found
}

// swapped reports whether the statement puts another table in the place of the one that it renames, or this one in the
// place of another: nobody finds a name missing.
func swapped(a *Act) bool {
	return slices.ContainsFunc(a.Statement.Acts, func(b *Act) bool {
		return b.Verb == safety.RenameTable && b != a && (b.ToIn == "" && b.To == a.Table.Name || b.Table.Name == a.To && a.ToIn == "")
	})
}

// hasValue reports whether the server knows what to put into the rows that are there.
func hasValue(c safety.Column) bool {
	return c.Serial || c.Identity != "" || c.AutoIncrement || c.Generated != "" || c.Default != "" && !strings.EqualFold(c.Default, "null")
}

// primaryInline reports whether the column is added as the primary key, which has a rule of its own.
func primaryInline(a *Act) bool {
	for _, b := range a.Statement.Acts {
		if b.Verb == safety.AddConstraint && b.Constraint.Type == safety.Primary && b.Column != nil && b.Column.Name == a.Column.Name {
			return true
		}
	}
	return false
}

func oldWriter(a *Act) string {
	if a.Verb != safety.AddConstraint {
		c := a.Before.Column(a.Name)
		tightens := a.Verb == safety.SetNotNull || a.Column != nil && a.Column.NotNull && c != nil && !c.NotNull
		filled := c != nil && hasValue(*c) || a.Verb == safety.ChangeColumn && hasValue(*a.Column)
		if !tightens || c != nil && c.NotNull || filled || !a.OldColumn(a.Name) || checkedNotNull(a) {
			return ""
		}
		return fmt.Sprintf("refuses NULL in %s.%s from now on", a.Table, a.Name)
	}
	k := a.Constraint
	switch {
	case k.NotEnforced, k.Ignored, k.UsingIndex != "", k.Type == safety.Foreign, k.Type == safety.Primary, replacing(a):
		return ""
	case k.Type == safety.Exclude, k.Type == safety.Unique:
		return fmt.Sprintf("refuses rows of %s with equal %s from now on", a.Table, strings.Join(k.Columns, ", "))
	}
	for _, name := range k.Columns {
		if c := a.Before.Column(name); c != nil && !a.OldColumn(name) {
			return "" // programs do not know the column yet
		}
	}
	return fmt.Sprintf("refuses rows of %s that break %s from now on", a.Table, k.Name)
}

// checkedNotNull reports whether a check, valid or not, refuses NULL already.
func checkedNotNull(a *Act) bool {
	t := a.unit.Start.Table(a.Table)
	if t == nil {
		return false
	}
	for _, c := range t.Constraints {
		if c.Type == safety.Check && !c.NotEnforced && strings.Contains(strings.ToLower(c.Expr), strings.ToLower(a.Name)) && strings.Contains(strings.ToLower(c.Expr), "is not null") {
			return true
		}
		if c.Type == safety.NotNulls && len(c.Columns) == 1 && c.Columns[0] == a.Name {
			return true
		}
	}
	return false
}
