package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

func foreignKeyRules() []Rule {
	return []Rule{
		{
			ID: "fk-not-valid-missing", Severity: Error, Class: locking, Dialects: []string{pg}, Codes: []string{"PG307", "adding-foreign-key-constraint"},
			Short: "A foreign key is added and tried on all rows at once",
			Why:   "Nobody can write either table while every row of the child is looked up in the parent.",
			Fix:   "Add it NOT VALID, which holds for new rows at once, and VALIDATE it in a transaction of its own.",
			Bad:   "ALTER TABLE posts ADD CONSTRAINT author FOREIGN KEY (user_id) REFERENCES users (id)",
			Good:  "ALTER TABLE posts ADD CONSTRAINT author FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID",
			check: onOld(func(a *Act) string {
				if a.Constraint.Type != safety.Foreign || !a.Facts.Scans {
					return ""
				}
				return fmt.Sprintf("looks every row of %s up in %s, while nobody can write either", a.Table, a.Constraint.RefTable)
			}, safety.AddConstraint),
		},
		{
			ID: "fk-multi-table-lock", Severity: Warning, Class: locking, Dialects: []string{pg},
			Short: "A foreign key locks the other table, too",
			Why:   "Both tables are locked until the end of the transaction; who waits for one holds up the other, and may deadlock.",
			Fix:   "One pair of tables a transaction, always in the same order, with a lock_timeout.",
			Bad:   "ALTER TABLE posts DROP CONSTRAINT author",
			check: each(otherTableLock),
		},
		{
			ID: "fk-type-mismatch", Severity: Error, Class: dataDepend,
			Short: "The columns of a foreign key have other types than those that they refer to",
			Why:   "MySQL refuses it; PostgreSQL has to cast on each look-up, or refuses it.",
			Fix:   "Give both the same type, length, character set and collation first.",
			Bad:   "ALTER TABLE posts ADD COLUMN editor integer REFERENCES users (id)",
			MySQL: Example{Bad: "ALTER TABLE posts ADD COLUMN editor int, ADD FOREIGN KEY (editor) REFERENCES users (id)", Good: "ALTER TABLE posts ADD COLUMN editor bigint, ADD FOREIGN KEY (editor) REFERENCES users (id)"},
			check: foreignTypes,
		},
		{
			ID: "fk-parent-not-unique", Severity: Error, Class: dataDepend, Dialects: []string{my},
			Short: "A foreign key refers to columns that are no unique key",
			Why:   "MySQL refuses it since 8.4, and what such a key means is not clear.",
			Fix:   "Make a unique key over the columns of the parent first.",
			Bad:   "ALTER TABLE posts ADD FOREIGN KEY (user_name) REFERENCES users (name)",
			check: eachForeign(func(a *Act, _ *safety.Table, c safety.Constraint, parent *safety.Table) string {
				if parent == nil || parent.Opaque || len(c.RefColumns) == 0 || a.Model.Server.Flavor == "mariadb" || uniqueOver(parent, c.RefColumns) {
					return ""
				}
				return fmt.Sprintf("%s (%s) is no unique key", parent.Name, strings.Join(c.RefColumns, ", "))
			}),
		},
		{
			ID: "fk-copy-or-unchecked", Severity: Warning, Class: locking, Dialects: []string{my},
			Short: "Adding a foreign key copies the table, or tries no row",
			Why:   "With foreign_key_checks on, all rows are copied while nobody can write; with it off, wrong rows stay unseen.",
			Fix:   "Look for orphans by a query, add the key with foreign_key_checks off and ALGORITHM=INPLACE, and look again.",
			Bad:   "ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users (id)",
			check: onOld(func(a *Act) string {
				switch {
				case a.Constraint.Type != safety.Foreign || a.Constraint.Ignored:
					return ""
				case a.Facts.Algorithm == "COPY":
					return fmt.Sprintf("copies %s, to look its rows up in %s", a.Table, a.Constraint.RefTable)
				}
				return fmt.Sprintf("looks no row of %s up in %s: foreign_key_checks is off", a.Table, a.Constraint.RefTable)
			}, safety.AddConstraint),
		},
	}
}

// foreignKeyDesignRules are of what a foreign key does later.
func foreignKeyDesignRules() []Rule {
	return []Rule{
		{
			ID: "fk-unindexed-child", Severity: Warning, Class: "design", Dialects: []string{pg}, Codes: []string{"require-foreign-key-index"},
			Short: "The columns of a foreign key have no index",
			Why:   "Every delete of a row of the parent, and every change of its key, reads the whole child.",
			Fix:   "Make an index that begins with these columns, concurrently, before the foreign key.",
			Bad:   "ALTER TABLE posts ADD CONSTRAINT author FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID",
			check: unindexedChild,
		},
		{
			ID: "fk-cascade", Severity: Info, Class: "design",
			Short: "Deleting a row deletes rows of another table",
			Why:   "One DELETE may take many rows of tables that it does not name, and lock them.",
			Fix:   "See that it is meant; otherwise leave ON DELETE CASCADE out and delete by hand.",
			Bad:   "ALTER TABLE posts ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
			check: on(func(a *Act) string {
				if a.Constraint.Type != safety.Foreign || !strings.Contains(strings.ToLower(strings.Join(strings.Fields(a.Statement.SQL), " ")), "on delete cascade") {
					return ""
				}
				return fmt.Sprintf("deletes rows of %s along with those of %s", a.Table, a.Constraint.RefTable)
			}, safety.AddConstraint),
		},
	}
}

func otherTableLock(a *Act) string {
	if !a.Old() {
		return ""
	}
	switch a.Verb {
	case safety.AddConstraint:
		if a.Constraint.Type != safety.Foreign {
			return ""
		}
	case safety.DropConstraint, safety.DropTable, safety.DropColumn, safety.AlterType:
	default:
		return ""
	}
	var others []string
	for _, l := range a.Facts.Locks {
		if l.Table != a.Table && l.Hold > safety.HoldNothing && a.OldTable(l.Table) {
			others = append(others, l.Table.String())
		}
	}
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("locks %s as well as %s", strings.Join(others, ", "), a.Table)
}

// eachForeign makes a check of foreign keys, however they are written.
func eachForeign(message func(a *Act, child *safety.Table, c safety.Constraint, parent *safety.Table) string) func(*Unit, func(*Act, string)) {
	return func(u *Unit, report func(*Act, string)) {
		u.acts(func(a *Act) {
			var keys []safety.Constraint
			switch {
			case a.Verb == safety.AddConstraint:
				keys = []safety.Constraint{*a.Constraint}
			case a.Verb == safety.CreateTable && a.New != nil:
				keys = a.New.Constraints
			}
			for _, c := range keys {
				if c.Type != safety.Foreign || c.Ignored {
					continue
				}
				child, parent := u.After.Table(a.Table), u.After.Table(c.RefTable)
				if m := message(a, child, c, parent); m != "" {
					report(a, m)
				}
			}
		})
	}
}

func unindexedChild(u *Unit, report func(*Act, string)) {
	eachForeign(func(a *Act, child *safety.Table, c safety.Constraint, _ *safety.Table) string {
		if a.Verb == safety.CreateTable || !a.Old() || child == nil || leads(child, c.Columns) {
			return ""
		}
		return fmt.Sprintf("no index of %s begins with %s", a.Table, strings.Join(c.Columns, ", "))
	})(u, report)
}

// leads reports whether an index begins with the columns, in any order.
func leads(t *safety.Table, columns []string) bool {
	return slices.ContainsFunc(t.Indexes, func(i safety.Index) bool {
		if len(i.Columns) < len(columns) || i.Where != "" && !onlyNotNull(i.Where, columns) {
			return false
		}
		for _, c := range columns {
			if !slices.Contains(i.Columns[:len(columns)], c) {
				return false
			}
		}
		return true
	})
}

// onlyNotNull reports whether a condition leaves out nothing but the rows without a reference.
func onlyNotNull(where string, columns []string) bool {
	where = strings.Trim(strings.ToLower(where), "() ")
	return slices.ContainsFunc(columns, func(c string) bool { return strings.Trim(where, `"`) == strings.ToLower(c)+" is not null" })
}

func foreignTypes(u *Unit, report func(*Act, string)) {
	eachForeign(func(a *Act, child *safety.Table, c safety.Constraint, parent *safety.Table) string {
		refs := c.RefColumns
		if p := parent.Primary(); len(refs) == 0 && p != nil {
			refs = p.Columns
		}
		for i, name := range c.Columns {
			if i >= len(refs) {
				break
			}
			from, to := child.Column(name), parent.Column(refs[i])
			if from == nil || to == nil {
				continue
			}
			if alike(from.Type, to.Type, u.Dialect) {
				if m := otherText(*from, *to); m != "" {
					return fmt.Sprintf("%s.%s and %s.%s: %s", a.Table, name, c.RefTable, to.Name, m)
				}
				continue
			}
			return fmt.Sprintf("%s.%s is %s, and %s.%s is %s", a.Table, name, from.Type, c.RefTable, to.Name, to.Type)
		}
		return ""
	})(u, report)
}

// otherText tells how the texts of two columns differ, where both are known.
func otherText(a, b safety.Column) string {
	for _, x := range [][3]string{{"character sets", a.Charset, b.Charset}, {"collations", a.Collation, b.Collation}} {
		if x[1] != "" && x[2] != "" && x[1] != x[2] {
			return fmt.Sprintf("the %s %s and %s differ", x[0], x[1], x[2])
		}
	}
	return ""
}

// alike reports whether a foreign key may join two types. Lengths of strings do not matter.
func alike(a, b, dialect string) bool {
	x, xm := safety.SplitType(a)
	y, ym := safety.SplitType(b)
	if dialect == pg {
		texts := []string{"text", "character varying", "character"}
		return x == y || slices.Contains(texts, x) && slices.Contains(texts, y)
	}
	if x == y {
		return x != "decimal" || slices.Equal(xm, ym)
	}
	return strings.TrimPrefix(x, "var") == strings.TrimPrefix(y, "var")
}

func uniqueOver(t *safety.Table, columns []string) bool {
	return slices.ContainsFunc(t.Indexes, func(i safety.Index) bool {
		return i.Unique && i.Where == "" && !i.Prefix && len(i.Columns) == len(columns) && !slices.ContainsFunc(i.Columns, func(c string) bool { return !slices.Contains(columns, c) })
	})
}
