package lint

import (
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

const locking = "locking"

func columnRules() []Rule {
	postgres := []string{pg}
	return []Rule{
		{
			ID: "add-column-volatile-default", Severity: Error, Class: locking, Dialects: postgres, Codes: []string{"PG302", "adding-field-with-default"},
			Short: "A column is added whose default differs from row to row",
			Why:   "Every row is written anew, with all indexes, while nobody can read or write the table.",
			Fix:   "Add the column without the default, set the default then, and fill the rows that are there in batches.",
			Bad:   "ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid()",
			Good:  "ALTER TABLE users ADD COLUMN token uuid; ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid()",
			check: onOld(func(a *Act) string {
				if c := a.Column; a.Facts.Rewrites && c.Generated == "" && !c.Serial && c.Identity == "" && c.Default != "" {
					return fmt.Sprintf("writes every row of %s anew, because the default of %s differs from row to row", a.Table, c.Name)
				}
				return ""
			}, safety.AddColumn),
		},
		{
			ID: "add-column-serial", Severity: Error, Class: locking, Dialects: postgres, Codes: []string{"adding-serial-primary-key-field", "PG301"},
			Short: "A serial or identity column is added to a table",
			Why:   "Every row is written anew, with all indexes, while nobody can read or write the table.",
			Fix:   "Add a bigint column that takes NULL, make a sequence, set it as default, fill the rows in batches.",
			Bad:   "ALTER TABLE users ADD COLUMN id bigserial",
			check: onOld(func(a *Act) string {
				if c := a.Column; !c.Serial && c.Identity == "" {
					return ""
				}
				return fmt.Sprintf("writes every row of %s anew, to number the rows in %s", a.Table, a.Column.Name)
			}, safety.AddColumn),
		},
		{
			ID: "add-column-stored-generated", Severity: Error, Class: locking, Codes: []string{"adding-generated-column"},
			Short: "A stored generated column is added",
			Why:   "Every row is written anew while nobody can write the table, and on PostgreSQL nobody can read it either.",
			Fix:   "Make the column VIRTUAL where the server can, or a plain column that a trigger fills, and fill the rows in batches.",
			Bad:   "ALTER TABLE users ADD COLUMN total numeric GENERATED ALWAYS AS (a + b) STORED",
			check: onOld(func(a *Act) string {
				if a.Column.Generated != "stored" {
					return ""
				}
				return fmt.Sprintf("writes every row of %s anew, to compute %s", a.Table, a.Column.Name)
			}, safety.AddColumn),
		},
		{
			ID: "add-column-domain-default", Severity: Warning, Class: locking, Dialects: postgres,
			Short: "A column of a domain with conditions is added",
			Why:   "Every row is written anew, even without a default, while nobody can read or write the table.",
			Fix:   "Use the domain's base type and a check that is added NOT VALID and validated afterwards.",
			Bad:   "ALTER TABLE users ADD COLUMN zip us_zip",
			check: onOld(func(a *Act) string {
				if c := a.Column; a.Facts.Rewrites && c.Default == "" && c.Generated == "" && !c.Serial && c.Identity == "" {
					return fmt.Sprintf("writes every row of %s anew, because the domain %s of %s has conditions", a.Table, c.Type, c.Name)
				}
				return ""
			}, safety.AddColumn),
		},
		{
			ID: "set-not-null-scan", Severity: Error, Class: locking, Dialects: postgres, Codes: []string{"adding-not-nullable-field", "PG305", "MF104"},
			Short: "A column is made NOT NULL, which reads the whole table",
			Why:   "Nobody can read or write the table while every row is read, and one NULL makes the statement fail.",
			Fix:   "Add CHECK (c IS NOT NULL) NOT VALID, validate it in a transaction of its own, then SET NOT NULL and drop the check. On 18: ADD CONSTRAINT n NOT NULL c NOT VALID, then VALIDATE.",
			Bad:   "ALTER TABLE users ALTER COLUMN name SET NOT NULL",
			Good:  "ALTER TABLE users ADD CONSTRAINT name_set CHECK (name IS NOT NULL) NOT VALID",
			check: onOld(func(a *Act) string {
				if !a.Facts.Scans || a.Verb == safety.AddConstraint && a.Constraint.Type != safety.NotNulls {
					return ""
				}
				return fmt.Sprintf("reads every row of %s under a lock, to see that %s has no NULL", a.Table, columnOf(a))
			}, safety.SetNotNull, safety.AddConstraint),
		},
	}
}

func typeRules() []Rule {
	postgres := []string{pg}
	return []Rule{
		{
			ID: "change-type-rewrite", Severity: Error, Class: locking, Dialects: postgres, Codes: []string{"PG304", "changing-column-type"},
			Short: "A change of type writes every row anew",
			Why:   "The table and all its indexes are written anew while nobody can read or write it.",
			Fix:   "Add a column of the new type, keep it in step by a trigger, fill it in batches, and change the names in one transaction: schemactl migrate diff --phased writes the migrations for that.",
			Bad:   "ALTER TABLE users ALTER COLUMN age TYPE bigint",
			check: onOld(func(a *Act) string {
				if !a.Facts.Rewrites || !a.OldColumn(a.Name) {
					return ""
				}
				from := ""
				if c := a.Before.Column(a.Name); c != nil {
					from = " from " + c.Type
				}
				return fmt.Sprintf("writes every row of %s anew: %s%s to %s", a.Table, a.Name, from, a.Column.Type)
			}, safety.AlterType, safety.SetExpression),
		},
		{
			ID: "change-type-reindex", Severity: Warning, Class: locking, Dialects: postgres,
			Short: "A change of type builds indexes anew, or reads every row",
			Why:   "The rows stay, but indexes on the column are built, or checks are tried, while nobody can read or write the table.",
			Fix:   "Drop the index before and make it again concurrently afterwards, or go by a new column.",
			Bad:   "ALTER TABLE users ALTER COLUMN name TYPE text COLLATE \"C\"",
			check: onOld(func(a *Act) string {
				switch {
				case a.Facts.Rewrites:
				case len(a.Facts.Builds) > 0:
					return fmt.Sprintf("builds %s anew under a lock", strings.Join(a.Facts.Builds, ", "))
				case a.Facts.Scans:
					return fmt.Sprintf("reads every row of %s under a lock, to try its checks again", a.Table)
				}
				return ""
			}, safety.AlterType),
		},
		{
			ID: "type-dependents-block", Severity: Error, Class: locking, Dialects: postgres,
			Short: "The type of a column changes that views, rules, policies, triggers or generated columns use",
			Why:   "PostgreSQL refuses it.",
			Fix:   "Drop what uses the column and make it again behind the change, in the same transaction.",
			Bad:   "ALTER TABLE users ALTER COLUMN name TYPE text",
			check: onOld(func(a *Act) string {
				c := a.Before.Column(a.Name)
				if c == nil || len(c.UsedBy) == 0 {
					return ""
				}
				users := []string{}
				for _, by := range c.UsedBy {
					if !droppedBefore(a, by) {
						users = append(users, by)
					}
				}
				if len(users) == 0 {
					return ""
				}
				return fmt.Sprintf("%s.%s is used by %s: the server refuses it", a.Table, a.Name, strings.Join(users, ", "))
			}, safety.AlterType),
		},
		{
			ID: "collation-change", Severity: Warning, Class: dataDepend,
			Short: "A column sorts and compares in another way",
			Why:   "Indexes are built anew, values that differed may be equal and break a unique key, and the order of results changes.",
			Fix:   "Look for duplicates under the new collation first.",
			Bad:   "ALTER TABLE users ALTER COLUMN name TYPE text COLLATE \"C\"",
			MySQL: Example{Bad: "ALTER TABLE users MODIFY name varchar(100) COLLATE utf8mb4_bin"},
			check: onOld(collationChange, safety.AlterType, safety.ChangeColumn, safety.ConvertTo),
		},
	}
}

func columnOf(a *Act) string {
	if a.Verb == safety.AddConstraint {
		return strings.Join(a.Constraint.Columns, ", ")
	}
	return a.Name
}

// droppedBefore reports whether the unit drops an object before the act.
func droppedBefore(a *Act, object string) bool {
	found, passed := false, false
	a.unit.acts(func(b *Act) {
		passed = passed || b == a
		if passed || b.Verb != safety.Drop && b.Verb != safety.DropTable && b.Verb != safety.DropTrigger && b.Verb != safety.DropPolicy {
			return
		}
		name := b.Of.String()
		switch b.Verb {
		case safety.DropTable:
			name = b.Table.String()
		case safety.DropTrigger, safety.DropPolicy:
			name = b.Table.String() + "." + b.Name
		}
		found = found || strings.HasSuffix(object, " "+name)
	})
	return found
}

func collationChange(a *Act) string {
	if a.Verb == safety.ConvertTo {
		return collationConversion(a)
	}
	c := a.Before.Column(a.Name)
	if c == nil || a.Column == nil || a.Column.Collation == "" || !a.OldColumn(a.Name) {
		return ""
	}
	from, to := plainDefault(c.Collation), plainDefault(a.Column.Collation)
	if strings.EqualFold(from, to) {
		return ""
	}
	if from == "" {
		from = "the default"
	}
	return fmt.Sprintf("%s.%s compares by %s instead of %s", a.Table, a.Name, a.Column.Collation, from)
}

// collationConversion tells of a conversion of the whole table which columns compare in another way.
func collationConversion(a *Act) string {
	if a.Before == nil || a.To == "" {
		return ""
	}
	var other []string
	for _, c := range a.Before.Columns {
		if c.Collation != "" && c.Collation != a.To {
			other = append(other, c.Name)
		}
	}
	if len(other) == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %s compare by %s from now on", strings.Join(other, ", "), a.Table, a.To)
}

func plainDefault(collation string) string {
	if collation == "default" {
		return ""
	}
	return collation
}
