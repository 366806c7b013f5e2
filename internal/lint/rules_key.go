package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

func keyRules() []Rule {
	postgres := []string{pg}
	return []Rule{
		{
			ID: "unique-constraint-direct", Severity: Error, Class: locking, Dialects: postgres, Codes: []string{"PG104", "disallowed-unique-constraint"},
			Short: "A unique or exclusion constraint builds its index under a lock",
			Why:   "Nobody can read or write the table while the index is built.",
			Fix:   "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … UNIQUE USING INDEX. An exclusion constraint has no such way: do it when nobody needs the table.",
			Bad:   "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email)",
			Good:  "ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_idx",
			check: onOld(func(a *Act) string {
				if k := a.Constraint; k.UsingIndex != "" || k.Type != safety.Unique && k.Type != safety.Exclude {
					return ""
				}
				return fmt.Sprintf("builds the index of %s while nobody can use %s", a.Constraint.Name, a.Table)
			}, safety.AddConstraint),
		},
		{
			ID: "pk-constraint-direct", Severity: Error, Class: locking, Dialects: postgres, Codes: []string{"PG105"},
			Short: "A primary key builds its index, or reads the table, under a lock",
			Why:   "Nobody can read or write the table while the index is built, and while every row is read for NULL.",
			Fix:   "Make a unique index concurrently, prove that its columns are NOT NULL, then ADD PRIMARY KEY USING INDEX.",
			Bad:   "ALTER TABLE users ADD PRIMARY KEY (id)",
			check: onOld(func(a *Act) string {
				switch k := a.Constraint; {
				case k.Type != safety.Primary:
				case k.UsingIndex == "":
					return fmt.Sprintf("builds the primary key of %s while nobody can use it", a.Table)
				case a.Facts.Scans:
					return fmt.Sprintf("reads every row of %s under a lock, because a column of %s may be NULL", a.Table, k.UsingIndex)
				}
				return ""
			}, safety.AddConstraint),
		},
		{
			ID: "unique-may-fail", Severity: Warning, Class: dataDepend, Codes: []string{"MF101", "MF102", "MF106"},
			Short: "Rows that are equal make a new unique key fail",
			Why:   "One pair of equal rows is enough, and a failed concurrent build leaves an invalid index.",
			Fix:   "Count the duplicates first: schemactl plan --check-data does.",
			Bad:   "CREATE UNIQUE INDEX users_name_key ON users (name)",
			check: onOld(uniqueMayFail, safety.CreateIndex, safety.AddConstraint),
		},
		{
			ID: "pk-change", Severity: Error, Class: incompatible,
			Short: "The primary key is dropped, replaced, or changes its type while foreign keys refer to it",
			Why:   "Replication and programs know rows by it, the table is rebuilt, and foreign keys have to follow.",
			Fix:   "PostgreSQL: a new unique index concurrently, then change over. MySQL: DROP and ADD in one ALTER. Types: new columns on both sides.",
			Bad:   "ALTER TABLE users DROP CONSTRAINT users_pkey",
			MySQL: Example{Bad: "ALTER TABLE users DROP PRIMARY KEY"},
			check: onOld(primaryChange, safety.DropConstraint, safety.AlterType, safety.ChangeColumn),
		},
	}
}

// allNull reports whether one of the columns holds NULL in every row that is there, and NULLs are not equal.
func allNull(a *Act, columns []string) bool {
	return slices.ContainsFunc(columns, func(name string) bool {
		c := a.Before.Column(name)
		if a.Column != nil && a.Column.Name == name {
			c = a.Column
		}
		return c != nil && !a.OldColumn(name) && !hasValue(*c) && !c.NotNull
	})
}

func uniqueMayFail(a *Act) string {
	var columns []string
	switch {
	case a.Verb == safety.CreateIndex && a.Index.Unique:
		columns = a.Index.Columns
	case a.Verb == safety.AddConstraint && (a.Constraint.Type == safety.Unique || a.Constraint.Type == safety.Primary) && a.Constraint.UsingIndex == "":
		columns = a.Constraint.Columns
	default:
		return ""
	}
	if allNull(a, columns) || a.Column != nil && hasValue(*a.Column) && a.Column.Default == "" || wasUnique(a, columns) {
		return ""
	}
	return fmt.Sprintf("fails if two rows of %s have equal %s", a.Table, strings.Join(columns, ", "))
}

// wasUnique reports whether a unique key over some of the columns held when the unit began.
func wasUnique(a *Act, columns []string) bool {
	t := a.unit.Start.Table(a.Table)
	if t == nil {
		return false
	}
	return slices.ContainsFunc(t.Indexes, func(i safety.Index) bool {
		return i.Unique && i.Where == "" && !i.Invalid && !slices.ContainsFunc(i.Columns, func(c string) bool { return !slices.Contains(columns, c) })
	})
}

func primaryChange(a *Act) string {
	p := a.unit.Start.Table(a.Table).Primary()
	switch {
	case p == nil:
		return ""
	case a.Verb == safety.DropConstraint:
		if a.Name == p.Name || a.Change == "primary" {
			return fmt.Sprintf("drops the primary key of %s", a.Table)
		}
		return ""
	case !slices.Contains(p.Columns, a.Name) || !a.OldColumn(a.Name) || len(a.Model.Children(a.Table)) == 0:
		return ""
	}
	c := a.Before.Column(a.Name)
	if c == nil || a.Column == nil || c.Type == a.Column.Type {
		return ""
	}
	return fmt.Sprintf("changes the type of %s.%s, which foreign keys refer to", a.Table, a.Name)
}
