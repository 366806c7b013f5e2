package lint

import (
	"fmt"

	"github.com/schemactl/schemactl/internal/safety"
)

func mysqlColumnRules() []Rule {
	mysql := []string{my}
	return []Rule{
		{
			ID: "add-column-autoincrement", Severity: Error, Class: locking, Dialects: mysql,
			Short: "A column is added that numbers the rows",
			Why:   "Every row is written anew while nobody can write the table.",
			Fix:   "Make a new table and copy, or do it when few use the table.",
			Bad:   "ALTER TABLE users ADD id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY",
			check: onOld(func(a *Act) string {
				if !a.Column.AutoIncrement {
					return ""
				}
				return fmt.Sprintf("numbers the rows of %s in %s", a.Table, a.Column.Name)
			}, safety.AddColumn),
		},
		{
			ID: "not-null-mysql", Severity: Error, Class: dataDepend, Dialects: mysql, Codes: []string{"MY110"},
			Short: "Whether a column takes NULL changes",
			Why:   "The table is rebuilt; without strict sql_mode NULLs become zeros and empty strings without a word.",
			Fix:   "Fill the rows first, and see that sql_mode has STRICT_TRANS_TABLES in the session.",
			Bad:   "ALTER TABLE users MODIFY name varchar(255) NOT NULL",
			check: onOld(func(a *Act) string {
				c := a.Before.Column(a.Name)
				if c == nil || a.Column == nil || c.NotNull == a.Column.NotNull || !a.OldColumn(a.Name) {
					return ""
				}
				return fmt.Sprintf("rebuilds %s: %s takes NULL or not", a.Table, a.Name)
			}, safety.ChangeColumn),
		},
		{
			ID: "change-type-copy", Severity: Error, Class: locking, Dialects: mysql,
			Short: "A change of a column copies the table",
			Why:   "All rows are copied while nobody can write the table.",
			Fix:   "Add a new column and move to that, or use an online schema change tool.",
			Bad:   "ALTER TABLE users MODIFY id bigint",
			check: onOld(func(a *Act) string {
				if a.Facts.Algorithm != "COPY" {
					return ""
				}
				return fmt.Sprintf("copies %s to change %s", a.Table, a.Name)
			}, safety.ChangeColumn),
		},
	}
}
