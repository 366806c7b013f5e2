package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

func indexRules() []Rule {
	postgres := []string{pg}
	return []Rule{
		{
			ID: "index-not-concurrent", Severity: Error, Class: "concurrent_index", Dialects: postgres, Codes: []string{"PG101", "require-concurrent-index-creation"},
			Short: "An index is built while nobody can write the table",
			Why:   "Every insert, update and delete waits until the index is built.",
			Fix:   "CREATE INDEX CONCURRENTLY, outside of transactions.",
			Bad:   "CREATE INDEX users_name ON users (name)", Good: "CREATE INDEX CONCURRENTLY users_name ON users (name)",
			check: onOld(func(a *Act) string {
				if a.Concurrently || a.Facts.Strongest() < safety.HoldWrites || a.Before != nil && a.Index.Only && a.Before.Kind == "partitioned table" {
					return ""
				}
				return fmt.Sprintf("builds %s while nobody can write %s%s", a.Index.Name, a.Table, sized(a.Before))
			}, safety.CreateIndex),
		},
		{
			ID: "drop-index-not-concurrent", Severity: Warning, Class: "concurrent_index", Dialects: postgres, Codes: []string{"PG102", "require-concurrent-index-deletion"},
			Short: "An index is dropped under a lock on its table",
			Why:   "It waits for every running query of the table, and every query behind it waits, too.",
			Fix:   "DROP INDEX CONCURRENTLY, outside of transactions.",
			Bad:   "DROP INDEX users_name", Good: "DROP INDEX CONCURRENTLY users_name",
			check: onOld(func(a *Act) string {
				if a.Concurrently || !a.Table.IsZero() && !a.OldKey(a.Name) {
					return ""
				}
				return fmt.Sprintf("drops index %s under a lock on its table", a.Name)
			}, safety.DropIndex),
		},
		{
			ID: "reindex-not-concurrent", Severity: Error, Class: "concurrent_index", Dialects: postgres, Codes: []string{"require-concurrent-reindex"},
			Short: "Indexes are rebuilt while nobody can write the table",
			Why:   "Writers wait, and so do readers that would use the index.",
			Fix:   "REINDEX … CONCURRENTLY, outside of transactions.",
			Bad:   "REINDEX TABLE users", Good: "REINDEX TABLE CONCURRENTLY users",
			check: onOld(func(a *Act) string {
				if a.Concurrently {
					return ""
				}
				return fmt.Sprintf("rebuilds %s%s while nobody can write", a.Of, a.Table)
			}, safety.Reindex),
		},
		{
			ID: "invalid-index-left", Severity: Error, Class: "concurrent_index", Dialects: postgres,
			Short: "An invalid index has the name of the new one",
			Why:   "A failed concurrent build left it. The statement fails, or IF NOT EXISTS passes over it and no query ever uses the index.",
			Fix:   "DROP INDEX CONCURRENTLY it first, then build it again.",
			Bad:   "CREATE INDEX CONCURRENTLY IF NOT EXISTS users_name ON users (name)",
			check: onOld(func(a *Act) string {
				if i := a.Before.Index(a.Index.Name); i != nil && i.Invalid {
					return fmt.Sprintf("the index %s is there already, and invalid", i.Name)
				}
				return ""
			}, safety.CreateIndex),
		},
	}
}

// indexDesignRules are of which indexes there should be.
func indexDesignRules() []Rule {
	return []Rule{
		{
			ID: "redundant-index", Severity: Info, Class: "design",
			Short: "An index adds nothing to another one",
			Why:   "Every write keeps it up to date, and no query needs it.",
			Fix:   "Leave it out, or drop the shorter one. More than three columns rarely help.",
			Bad:   "CREATE INDEX users_name ON users (name) -- there is users_name_email (name, email)",
			check: redundantIndex,
		},
		{
			ID: "drop-index-needed-by-fk", Severity: Error, Class: dataDepend, Dialects: []string{my},
			Short: "An index is dropped that a foreign key needs",
			Why:   "The server refuses it.",
			Fix:   "Drop the foreign key first, or make another index that begins with its columns.",
			Bad:   "DROP INDEX user_id ON posts",
			check: onOld(func(a *Act) string {
				t := a.Before
				i := t.Index(a.Name)
				if i == nil {
					return ""
				}
				left := t.Clone()
				left.Indexes = slices.DeleteFunc(left.Indexes, func(x safety.Index) bool { return x.Name == a.Name })
				for _, c := range t.Constraints {
					if after := a.unit.After.Table(a.Table); c.Type == safety.Foreign && leads(t, c.Columns) && !leads(left, c.Columns) && after.Constraint(c.Name) != nil && !leads(after, c.Columns) {
						return fmt.Sprintf("foreign key %s needs index %s", c.Name, a.Name)
					}
				}
				return ""
			}, safety.DropIndex),
		},
	}
}

func redundantIndex(u *Unit, report func(*Act, string)) {
	u.acts(func(a *Act) {
		t := u.After.Table(a.Table)
		switch {
		case t == nil:
		case a.Verb == safety.CreateIndex:
			if m := redundant(t, *a.Index); m != "" {
				report(a, m)
			}
		case a.Verb == safety.CreateTable && a.New != nil:
			for _, i := range t.Indexes {
				if a.New.Index(i.Name) == nil && a.New.Constraint(i.Name) == nil || i.Name == "PRIMARY" {
					continue
				}
				if m := redundant(t, i); m != "" {
					report(a, m)
				}
			}
		}
	})
}

// twin tells of another index of the same kind over the same columns.
func twin(t *safety.Table, i safety.Index) string {
	for _, other := range t.Indexes {
		if other.Name < i.Name && other.Type == i.Type && other.Unique == i.Unique && other.Where == i.Where && other.Prefix == i.Prefix && other.NullsNotDistinct == i.NullsNotDistinct && slices.Equal(other.Columns, i.Columns) {
			return fmt.Sprintf("index %s (%s) is %s once more", i.Name, strings.Join(i.Columns, ", "), other.Name)
		}
	}
	return ""
}

func redundant(t *safety.Table, i safety.Index) string {
	if i.Type == "fulltext" || i.Type == "spatial" || i.Unique {
		return twin(t, i)
	}
	if i.Where != "" || i.Method != "" && !strings.EqualFold(i.Method, "btree") {
		return ""
	}
	for _, other := range t.Indexes {
		if other.Name == i.Name || other.Where != "" || other.Type != "" || other.Prefix || other.Method != "" && !strings.EqualFold(other.Method, "btree") {
			continue
		}
		if len(other.Columns) >= len(i.Columns) && slices.Equal(other.Columns[:len(i.Columns)], i.Columns) && (len(other.Columns) > len(i.Columns) || other.Unique || other.Name < i.Name) {
			return fmt.Sprintf("index %s (%s) adds nothing to %s (%s)", i.Name, strings.Join(i.Columns, ", "), other.Name, strings.Join(other.Columns, ", "))
		}
	}
	if len(i.Columns) > 3 {
		return fmt.Sprintf("index %s has %d columns", i.Name, len(i.Columns))
	}
	return ""
}
