package lint

import (
	"fmt"
	"slices"

	"github.com/schemactl/schemactl/internal/safety"
)

func constraintRules() []Rule {
	return []Rule{
		{
			ID: "check-not-valid-missing", Severity: Error, Class: locking, Dialects: []string{pg}, Codes: []string{"PG306", "constraint-missing-not-valid", "MF105"},
			Short: "A check is added and tried on all rows at once",
			Why:   "Nobody can read or write the table while every row is read.",
			Fix:   "Add it NOT VALID, which holds for new rows at once, and VALIDATE it in a transaction of its own.",
			Bad:   "ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18)",
			Good:  "ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID",
			check: onOld(func(a *Act) string {
				if a.Constraint.Type != safety.Check || !a.Facts.Scans {
					return ""
				}
				return fmt.Sprintf("reads every row of %s under a lock, to try %s", a.Table, a.Constraint.Name)
			}, safety.AddConstraint),
		},
		{
			ID: "validate-in-same-tx", Severity: Error, Class: locking, Dialects: []string{pg},
			Short: "A constraint is validated in the transaction that added it",
			Why:   "The strong lock of ADD CONSTRAINT is held until the end, so that NOT VALID gains nothing.",
			Fix:   "Validate in a migration of its own, or commit in between.",
			Bad:   "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c",
			check: validateSameTx,
		},
		{
			ID: "constraint-replaced", Severity: Warning, Class: dataDepend,
			Short: "A constraint is dropped and made anew",
			Why:   "In between, or until the new one is validated, wrong rows can come in; and the whole table is read again.",
			Fix:   "Add the new one under another name, NOT VALID; validate it, drop the old one, and rename.",
			Bad:   "ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1) NOT VALID",
			MySQL: Example{Bad: "ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1)"},
			check: onOld(func(a *Act) string {
				if b := replaced(a.unit, a); b != nil && (a.Verb != safety.DropIndex || a.Before.Index(a.Name) != nil && a.Before.Index(a.Name).Unique) {
					return fmt.Sprintf("drops %s of %s and makes it anew", a.Name, a.Table)
				}
				return ""
			}, safety.DropConstraint),
		},
		{
			ID: "constraint-not-validated", Severity: Info, Class: dataDepend, Dialects: []string{pg},
			Short: "A constraint stays NOT VALID",
			Why:   "Rows that are there already may break it, and the planner cannot rely on it.",
			Fix:   "Validate it in a following migration.",
			Bad:   "ALTER TABLE t ADD CONSTRAINT d CHECK (a > 0) NOT VALID",
			check: onOld(func(a *Act) string {
				if c := a.unit.After.Table(a.Table).Constraint(a.Constraint.Name); c == nil || !c.NotValid {
					return ""
				}
				return fmt.Sprintf("%s of %s is not validated", a.Constraint.Name, a.Table)
			}, safety.AddConstraint),
		},
		{
			ID: "check-copy", Severity: Warning, Class: locking, Dialects: []string{my},
			Short: "Adding a check copies the table",
			Why:   "All rows are copied while nobody can write the table.",
			Fix:   "Do it when few write, or add the check NOT ENFORCED on MySQL, or use an online schema change tool.",
			Bad:   "ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18)",
			check: onOld(func(a *Act) string {
				if a.Constraint.Type != safety.Check || a.Facts.Algorithm != "COPY" || inNewColumn(a) {
					return ""
				}
				return fmt.Sprintf("copies %s, to try %s", a.Table, cmpName(a.Constraint.Name, "the check"))
			}, safety.AddConstraint),
		},
	}
}

// inNewColumn reports whether a check is written at a column that the statement adds: the column has the finding.
func inNewColumn(a *Act) bool {
	return a.Constraint.Inline && slices.ContainsFunc(a.Statement.Acts, func(b *Act) bool {
		return b.Verb == safety.AddColumn && b.Column == a.Column && b.Facts.Algorithm == "COPY"
	})
}

func cmpName(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

func validateSameTx(u *Unit, report func(*Act, string)) {
	type key struct {
		tx         int
		table      safety.Name
		constraint string
	}
	added := map[key]bool{}
	u.acts(func(a *Act) {
		if a.Statement.Tx == 0 || !a.Old() {
			return
		}
		switch k := (key{a.Statement.Tx, a.Table, a.Name}); a.Verb {
		case safety.AddConstraint:
			k.constraint = a.Constraint.Name
			added[k] = true
		case safety.ValidateConstraint:
			if added[k] {
				report(a, fmt.Sprintf("validates %s of %s under the lock that adding it took", a.Name, a.Table))
			}
		}
	})
}

// replaced returns the act that makes again what a drops: a constraint of the same name, or the same key in other words.
func replaced(u *Unit, a *Act) *Act {
	if a.Verb != safety.DropConstraint && a.Verb != safety.DropIndex {
		return nil
	}
	old := a.Before.Constraint(a.Name)
	var out *Act
	u.acts(func(b *Act) {
		if out != nil || b.Verb != safety.AddConstraint || b.Table != a.Table {
			return
		}
		k := b.Constraint
		same := k.Name == a.Name || old != nil && old.Type == k.Type && k.Type != safety.Check && slices.Equal(old.Columns, k.Columns)
		if same && k.Type != safety.Primary {
			out = b
		}
	})
	return out
}

// replacing reports whether an added constraint takes the place of a dropped one.
func replacing(a *Act) bool {
	found := false
	a.unit.acts(func(b *Act) {
		found = found || (b.Verb == safety.DropConstraint) && b.Table == a.Table && replaced(a.unit, b) == a
	})
	return found
}
