package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

const destructive = "destructive"

func destructiveRules() []Rule {
	return []Rule{
		{
			ID: "drop-schema", Severity: Error, Class: destructive, Codes: []string{"DS101", "ban-drop-database"},
			Short: "A schema, database, type, sequence or extension is dropped, or CASCADE drops what is not named",
			Why:   "All that is in it, or depends on it, goes along, and nobody has read a list of that.",
			Fix:   "Drop what depends on it by name first, in statements of their own, and leave CASCADE out.",
			Bad:   "DROP SCHEMA old CASCADE",
			MySQL: Example{Bad: "DROP DATABASE old"},
			check: each(dropSchema),
		},
		{
			ID: "drop-table", Severity: Error, Class: destructive, Codes: []string{"DS102", "ban-drop-table"},
			Short: "A table is dropped with its rows",
			Why:   "The rows are gone for good, and programs that still use the table fail.",
			Fix:   "Stop using the table, rename it aside, wait until nobody misses it, and drop it then.",
			Bad:   "DROP TABLE users", Good: "ALTER TABLE users RENAME TO users_unused",
			check: onOld(func(a *Act) string {
				if a.Kind != "table" && a.Kind != "" {
					return ""
				}
				return fmt.Sprintf("drops table %s with its rows%s", a.Table, sized(a.Before))
			}, safety.DropTable),
		},
		{
			ID: "drop-column", Severity: Error, Class: destructive, Codes: []string{"DS103", "ban-drop-column"},
			Short: "A column is dropped with its values",
			Why:   "The values are gone for good, and programs that still read or write the column fail.",
			Fix:   "Deploy programs that no longer use the column first; drop it in a later release.",
			Bad:   "ALTER TABLE users DROP COLUMN email",
			check: onOld(func(a *Act) string {
				c := a.Before.Column(a.Name)
				if !a.OldColumn(a.Name) || c != nil && c.Generated == "virtual" {
					return ""
				}
				return fmt.Sprintf("drops column %s.%s with its values%s", a.Table, a.Name, sized(a.Before))
			}, safety.DropColumn),
		},
		{
			ID: "drop-partition-data", Severity: Error, Class: destructive,
			Short: "A partition goes with its rows",
			Why:   "The rows of the partition are gone for good.",
			Fix:   "Detach or exchange the partition, archive its rows, and drop it later.",
			Bad:   "DROP TABLE log_2020", Good: "ALTER TABLE log DETACH PARTITION log_2020 CONCURRENTLY",
			MySQL: Example{Bad: "ALTER TABLE log DROP PARTITION log_2020", Good: "ALTER TABLE log EXCHANGE PARTITION log_2020 WITH TABLE log_archive"},
			check: onOld(func(a *Act) string {
				switch {
				case a.Kind == "truncate":
					return fmt.Sprintf("empties partition %s of %s", a.Name, a.Table)
				case a.Verb == safety.DropPartition:
					return fmt.Sprintf("drops partition %s of %s with its rows", a.Name, a.Table)
				case a.Before != nil && !a.Before.Parent.IsZero():
					return fmt.Sprintf("takes the rows of %s, which belongs to %s", a.Table, a.Before.Parent)
				}
				return ""
			}, safety.DropPartition, safety.DropTable, safety.TruncateTable),
		},
		{
			ID: "truncate-table", Severity: Error, Class: destructive, Codes: []string{"ban-truncate-cascade"},
			Short: "All rows of a table are deleted",
			Why:   "The rows are gone for good; CASCADE empties tables that the statement does not name.",
			Fix:   "Delete what is to go in batches, or say that it is meant, and name every table.",
			Bad:   "TRUNCATE users CASCADE", Good: "DELETE FROM users WHERE id BETWEEN 1 AND 10000",
			MySQL: Example{Bad: "TRUNCATE TABLE users", Good: "DELETE FROM users WHERE id BETWEEN 1 AND 10000"},
			check: onOld(func(a *Act) string {
				if a.Cascade {
					return fmt.Sprintf("empties %s, and every table that refers to it", a.Table)
				}
				return fmt.Sprintf("empties %s%s", a.Table, sized(a.Before))
			}, safety.TruncateTable),
		},
	}
}

// lossRules are of what may lose some values, or what keeps them right.
func lossRules() []Rule {
	return []Rule{
		{
			ID: "delete-without-where", Severity: Error, Class: destructive,
			Short: "Every row of a table is deleted or changed",
			Why:   "A statement without WHERE reaches all rows, often because the condition was forgotten, and locks them all.",
			Fix:   "Write the condition; go through large tables in batches.",
			Bad:   "DELETE FROM users", Good: "DELETE FROM users WHERE deleted_at < '2020-01-01'",
			check: onOld(func(a *Act) string {
				if !a.Whole {
					return ""
				}
				return fmt.Sprintf("%ss every row of %s", a.Verb, a.Table)
			}, safety.Delete),
		},
		{
			ID: "drop-enum-value", Severity: Error, Class: destructive, Codes: []string{"MY110", "MY120"},
			Short: "A value of an enum or set is taken away",
			Why:   "Rows that hold the value make the statement fail, or lose it.",
			Fix:   "Change the rows first, and see that no program writes the value any more.",
			Bad:   "ALTER TABLE users MODIFY state ENUM('new')", Good: "ALTER TABLE users MODIFY state ENUM('new','used','old')",
			check: onOld(func(a *Act) string {
				if len(a.Lost) > 0 {
					return fmt.Sprintf("takes %s from the values of %s.%s", strings.Join(a.Lost, ", "), a.Table, a.Name)
				}
				return ""
			}, safety.ChangeColumn, safety.AlterType),
		},
		{
			ID: "narrow-type", Severity: Error, Class: "data_depend", Codes: []string{"changing-column-type"},
			Short: "The new type of a column does not hold all values of the old one",
			Why:   "A value that does not fit makes the statement fail, or is cut.",
			Fix:   "Count the rows that do not fit first, or make a new column and move to that.",
			Bad:   "ALTER TABLE users ALTER COLUMN name TYPE varchar(10)",
			MySQL: Example{Bad: "ALTER TABLE users MODIFY name varchar(10)", Good: "ALTER TABLE users MODIFY name varchar(200)"},
			check: onOld(narrowType, safety.ChangeColumn, safety.AlterType),
		},
		{
			ID: "drop-constraint", Severity: Warning, Class: "condrop", Codes: []string{"CD101", "CD102", "CD103", "constraint-missing-not-valid-drop"},
			Short: "A foreign key, check or unique key is dropped",
			Why:   "Wrong rows can come in from then on, and making the constraint again has to read the whole table.",
			Fix:   "See that nobody relies on it.",
			Bad:   "ALTER TABLE users DROP CONSTRAINT users_email_key",
			check: dropConstraint,
		},
	}
}

func dropSchema(a *Act) string {
	if a.Verb == safety.Drop && slices.Contains([]string{"schema", "database", "type", "sequence", "extension", "domain"}, a.Kind) {
		if a.OldTable(a.Of) && !a.unit.remade(a.Of) {
			return fmt.Sprintf("drops %s %s", a.Kind, a.Of)
		}
		return ""
	}
	if a.Cascade && a.Old() && a.Verb != safety.TruncateTable {
		return "CASCADE drops whatever depends on it, which nothing names here"
	}
	return ""
}

// sized tells how large a table is, where that is known.
func sized(t *safety.Table) string {
	if t == nil || t.Rows < 0 {
		return ""
	}
	return fmt.Sprintf(" (about %d)", t.Rows)
}

// lostValues are the values of an enum that its new type lacks.
// lostValues are those that the old type of a column has and its new one has not.
func lostValues(a *Act) []string {
	if a.Verb != safety.ChangeColumn && a.Verb != safety.AlterType || a.Before == nil {
		return nil
	}
	from, to := enumValues(a, a.Before.Column(a.Name)), enumValues(a, a.Column)
	if from == nil || to == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(from), func(v string) bool { return slices.Contains(to, v) })
}

func enumValues(a *Act, c *safety.Column) []string {
	if c == nil {
		return nil
	}
	if values, ok := safety.Members(c.Type); ok {
		return values
	}
	element := strings.TrimSuffix(c.Type, "[]")
	n := safety.Name{Name: element}
	if schema, name, ok := strings.Cut(element, "."); ok {
		n = safety.Name{Schema: schema, Name: name}
	}
	return a.Model.Enum(n)
}

func narrowType(a *Act) string {
	c := a.Before.Column(a.Name)
	if c == nil || a.Column == nil || !a.OldColumn(a.Name) {
		return ""
	}
	if safety.Narrows(c.Type, a.Column.Type) {
		return fmt.Sprintf("%s.%s from %s to %s: values may not fit", a.Table, a.Name, c.Type, a.Column.Type)
	}
	return ""
}

func dropConstraint(u *Unit, report func(*Act, string)) {
	u.acts(func(a *Act) {
		if !a.Old() || replaced(u, a) != nil {
			return
		}
		switch a.Verb {
		case safety.DropConstraint:
			c := a.Before.Constraint(a.Name)
			if !a.OldKey(a.Name) || c != nil && (c.Type == safety.Primary || c.Type == safety.NotNulls) {
				return
			}
			report(a, fmt.Sprintf("drops constraint %s of %s", a.Name, a.Table))
		case safety.DropIndex:
			if i := a.Before.Index(a.Name); i != nil && i.Unique && a.OldKey(a.Name) {
				report(a, fmt.Sprintf("drops the unique index %s of %s", a.Name, a.Table))
			}
		}
	})
}
