package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

func transactionRules() []Rule {
	return []Rule{
		{
			ID: "concurrent-in-transaction", Severity: Error, Class: "concurrent_index", Dialects: []string{pg}, Codes: []string{"PG103", "ban-concurrent-index-creation-in-transaction"},
			Short: "A statement that must stand alone runs in a transaction",
			Why:   "CREATE INDEX CONCURRENTLY, VACUUM, CREATE DATABASE and their likes are refused within a transaction.",
			Fix:   "Put it into a file of its own that begins with -- atlas:txmode none.",
			Bad:   "BEGIN; CREATE INDEX CONCURRENTLY users_name ON users (name); COMMIT",
			check: each(func(a *Act) string {
				switch {
				case a.Facts.NoTx && a.Statement.Tx > 0:
					return "the server refuses this within a transaction"
				case a.Concurrently && a.Before != nil && a.Before.Kind == "partitioned table" && (a.Verb == safety.CreateIndex || a.Verb == safety.DropIndex):
					return fmt.Sprintf("%s is partitioned: the server refuses CONCURRENTLY", a.Table)
				}
				return ""
			}),
		},
		{
			ID: "enum-add-used-in-tx", Severity: Error, Class: "transaction", Dialects: []string{pg},
			Short: "A new value of an enum is used before it is committed",
			Why:   "PostgreSQL refuses it: unsafe use of new value.",
			Fix:   "Add the value in a migration of its own, before.",
			Bad:   "ALTER TYPE mood ADD VALUE 'ok'; UPDATE people SET mood = 'ok'",
			check: enumUsed,
		},
		{
			ID: "lock-timeout-missing", Severity: Warning, Class: locking, Codes: []string{"require-timeout-settings", "require-lock-timeout"},
			Short: "A strong lock is waited for without bound",
			Why:   "While the statement waits for one long query, every other query waits behind it.",
			Fix:   "SET lock_timeout = '2s' (MySQL: SET SESSION lock_wait_timeout = 5) first, and try again where it fails.",
			Bad:   "ALTER TABLE users ADD COLUMN email text",
			Good:  "SET lock_timeout = '2s'; ALTER TABLE users ADD COLUMN email text",
			MySQL: Example{Bad: "ALTER TABLE users ADD COLUMN phone text", Good: "SET SESSION lock_wait_timeout = 5; ALTER TABLE users ADD COLUMN phone text"},
			check: lockTimeout,
		},
		{
			ID: "many-ops-one-tx", Severity: Warning, Class: locking, Dialects: []string{pg},
			Short: "A transaction goes on while it holds a strong lock",
			Why:   "Nobody can use the locked table until the transaction ends, and locks on several tables may deadlock.",
			Fix:   "Part the statements over several migrations; put the one with the strongest lock last.",
			Bad:   "ALTER TABLE a ADD COLUMN x int; ALTER TABLE b ALTER COLUMN y TYPE bigint",
			check: manyOps,
		},
	}
}

// mixingRules are of statements that had better stand together, or apart.
func mixingRules() []Rule {
	return []Rule{
		{
			ID: "merge-alters", Severity: Info, Class: locking,
			Short: "Several ALTER TABLE statements change one table",
			Why:   "Each takes the lock anew, and may read or write all rows anew.",
			Fix:   "Write their clauses into one statement.",
			Bad:   "ALTER TABLE t ADD COLUMN a int; ALTER TABLE t ADD COLUMN b int",
			Good:  "ALTER TABLE t ADD COLUMN a int, ADD COLUMN b int",
			MySQL: Example{Bad: "ALTER TABLE t ADD KEY x (a); ALTER TABLE t ADD KEY y (id, a)", Good: "ALTER TABLE t ADD KEY x (a), ADD KEY y (id, a)"},
			check: mergeAlters,
		},
		{
			ID: "data-change-in-ddl-tx", Severity: Warning, Class: "transaction",
			Short: "Rows are changed together with the schema",
			Why:   "The locks of the one are held for as long as the other takes; on MySQL a failure leaves half of it.",
			Fix:   "Change rows in a migration of its own, in batches.",
			Bad:   "ALTER TABLE users ADD COLUMN a int; UPDATE users SET a = 1",
			check: dataChange,
		},
		{
			ID: "ddl-not-transactional", Severity: Warning, Class: "transaction", Dialects: []string{my},
			Short: "Several changes of the schema stand in one migration",
			Why:   "MySQL commits each on its own: when one fails, those before it stay.",
			Fix:   "One statement a migration, or such as can run again.",
			Bad:   "ALTER TABLE a ADD x int; ALTER TABLE b ADD y int",
			check: notTransactional,
		},
		{
			ID: "non-idempotent-statement", Severity: Info, Class: "transaction", Codes: []string{"prefer-robust-stmts"},
			Short: "A statement outside of transactions cannot run again",
			Why:   "When the migration fails behind it, running it again fails at this statement.",
			Fix:   "Write IF [NOT] EXISTS, where what is there surely is what is meant.",
			Bad:   "CREATE INDEX CONCURRENTLY users_name ON users (name)",
			MySQL: Example{Bad: "CREATE TABLE x (id bigint PRIMARY KEY); CREATE TABLE y (id bigint PRIMARY KEY)", Good: "CREATE TABLE IF NOT EXISTS x (id bigint PRIMARY KEY); CREATE TABLE IF NOT EXISTS y (id bigint PRIMARY KEY)"},
			check: each(func(a *Act) string {
				if !a.Facts.NoTx && a.unit.Dialect != my || a.IfNotExists || a.IfExists || a.OrReplace || !guardable(a) {
					return ""
				}
				return "it runs outside of transactions, and fails when it runs again"
			}),
		},
	}
}

// guardable reports whether the server takes IF [NOT] EXISTS there, and the statement is not the only one of its unit,
// which runs whole or not at all.
func guardable(a *Act) bool {
	if a.unit.Dialect == pg {
		return a.Verb == safety.CreateIndex || a.Verb == safety.DropIndex
	}
	changes := 0
	for _, s := range a.unit.Statements {
		if slices.ContainsFunc(s.Acts, changesSchema) {
			changes++
		}
	}
	if changes < 2 {
		return false
	}
	switch a.Verb {
	case safety.CreateTable, safety.DropTable:
		return a.New == nil || !a.New.Temporary
	case safety.Create, safety.Drop:
		return a.Kind == "database" || a.Kind == "event" || a.Verb == safety.Drop
	}
	return false
}

func enumUsed(u *Unit, report func(*Act, string)) {
	type added struct {
		tx    int
		value string
	}
	var all []added
	for _, s := range u.Statements {
		for _, x := range all {
			if x.tx == s.Tx && len(s.Acts) > 0 && strings.Contains(s.SQL, "'"+x.value+"'") && s.Acts[0].Verb != safety.AddEnumValue {
				report(s.Acts[0], fmt.Sprintf("uses the value '%s' in the transaction that adds it", x.value))
			}
		}
		for _, a := range s.Acts {
			if a.Verb == safety.AddEnumValue && s.Tx > 0 && !u.fresh[a.Of] {
				all = append(all, added{s.Tx, a.Name})
			}
		}
	}
}

func lockTimeout(u *Unit, report func(*Act, string)) {
	for _, s := range u.Statements {
		if s.Timeout {
			continue
		}
		for _, a := range s.Acts {
			i := slices.IndexFunc(a.Facts.Locks, func(l safety.Lock) bool { return l.Hold >= safety.HoldWrites && a.OldTable(l.Table) })
			if i >= 0 && (a.Before == nil || !a.Before.Temporary) {
				report(a, fmt.Sprintf("waits for a lock on %s without bound", a.Facts.Locks[i].Table))
				break
			}
		}
	}
}

// manyOps finds what a transaction does while it holds up the readers of a table.
func manyOps(u *Unit, report func(*Act, string)) {
	held := map[int]safety.Name{}
	for _, s := range u.Statements {
		if s.Tx == 0 {
			continue
		}
		if table, holds := held[s.Tx]; holds {
			if a := prolongs(s, table); a != nil {
				report(a, fmt.Sprintf("%s stays locked meanwhile", table))
			}
			continue
		}
		for _, a := range s.Acts {
			for _, l := range a.Facts.Locks {
				if l.Hold == safety.HoldAll && a.OldTable(l.Table) {
					held[s.Tx] = l.Table
				}
			}
		}
	}
}

// prolongs returns the act of a statement that makes others wait longer for a table, or for another one.
func prolongs(s *Statement, table safety.Name) *Act {
	for _, a := range s.Acts {
		switch a.Verb {
		case safety.Query, safety.Insert, safety.Update, safety.Delete, safety.Call:
			return a
		}
		if a.Facts.Heavy() && a.Old() {
			return a
		}
		for _, l := range a.Facts.Locks {
			if l.Hold == safety.HoldAll && l.Table != table && a.OldTable(l.Table) {
				return a
			}
		}
	}
	return nil
}

func mergeAlters(u *Unit, report func(*Act, string)) {
	type key struct {
		tx    int
		table safety.Name
	}
	seen := map[key]bool{}
	for _, s := range u.Statements {
		if len(s.Acts) == 0 || !altersOne(s) || u.Dialect == pg && s.Tx == 0 {
			continue
		}
		k := key{s.Tx, s.Acts[0].Table}
		if seen[k] && (u.Dialect == pg || s.Facts.Algorithm != "INSTANT") {
			report(s.Acts[0], fmt.Sprintf("another statement of this migration alters %s, too", k.table))
		}
		seen[k] = true
	}
}

// altersOne reports whether a statement is an ALTER TABLE whose clauses another one could take along.
func altersOne(s *Statement) bool {
	if !strings.HasPrefix(strings.ToLower(strings.TrimLeft(stripComments(s.SQL), " \n\t(")), "alter table") {
		return false
	}
	for _, a := range s.Acts {
		switch a.Verb {
		case safety.RenameTable, safety.RenameColumn, safety.RenameConstraint, safety.MoveTable, safety.AttachPartition, safety.DetachPartition,
			safety.ValidateConstraint, safety.Other, safety.RenameIndex:
			return false
		}
		if !a.Old() || a.Table != s.Acts[0].Table {
			return false
		}
	}
	return true
}

func stripComments(sql string) string {
	lines := strings.Split(sql, "\n")
	for len(lines) > 0 && (strings.HasPrefix(strings.TrimSpace(lines[0]), "--") || strings.TrimSpace(lines[0]) == "") {
		lines = lines[1:]
	}
	return strings.Join(lines, "\n")
}

func dataChange(u *Unit, report func(*Act, string)) {
	ddl := map[int]bool{}
	where := func(s *Statement) int {
		if u.Dialect == my {
			return 0
		}
		return s.Tx
	}
	u.acts(func(a *Act) {
		if a.Facts.Strongest() >= safety.HoldWrites && a.Old() || u.Dialect == my && changesSchema(a) && a.Old() {
			ddl[where(a.Statement)] = true
		}
	})
	u.acts(func(a *Act) {
		changes := a.Verb == safety.Update || a.Verb == safety.Delete || a.Verb == safety.Insert && a.Whole
		if changes && a.Old() && ddl[where(a.Statement)] && (u.Dialect == my || a.Statement.Tx > 0) {
			report(a, fmt.Sprintf("changes rows of %s together with the schema", a.Table))
		}
	})
}

// changesSchema reports whether an act is a change of the schema.
func changesSchema(a *Act) bool {
	switch a.Verb {
	case safety.Insert, safety.Update, safety.Delete, safety.Query, safety.Call, safety.SetVariable, safety.Begin, safety.Commit, safety.Rollback,
		safety.Other, safety.Analyze, safety.LockTable, safety.Comment:
		return false
	}
	return true
}

func notTransactional(u *Unit, report func(*Act, string)) {
	count, old := 0, false
	for _, s := range u.Statements {
		i := slices.IndexFunc(s.Acts, changesSchema)
		if i < 0 {
			continue
		}
		a := s.Acts[i]
		count++
		old = old || a.Old()
		if count > 1 && old {
			report(a, "when it fails, the changes before it stay")
			return
		}
	}
}
