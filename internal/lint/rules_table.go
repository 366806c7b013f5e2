package lint

import (
	"fmt"

	"github.com/schemactl/schemactl/internal/safety"
)

func partitionRules() []Rule {
	postgres := []string{pg}
	return []Rule{
		{
			ID: "attach-partition-scan", Severity: Error, Class: locking, Dialects: postgres,
			Short: "Attaching a partition reads all its rows under a lock",
			Why:   "The partition, and a default partition, are read while they are locked.",
			Fix:   "Add a valid check that says the same as the bound first, with NOT NULL on the key, and one to the default partition that leaves it out.",
			Bad:   "ALTER TABLE log ATTACH PARTITION log_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
			check: onOld(func(a *Act) string {
				if !a.OldTable(a.Of) || a.unit.Start.Table(a.Of).Checked() {
					return ""
				}
				return fmt.Sprintf("reads every row of %s to see that it belongs to %s", a.Of, a.Table)
			}, safety.AttachPartition),
		},
		{
			ID: "detach-not-concurrent", Severity: Warning, Class: locking, Dialects: postgres,
			Short: "Detaching a partition locks the parent",
			Why:   "It waits for every query of the whole table, and every query behind it waits, too.",
			Fix:   "DETACH PARTITION … CONCURRENTLY, outside of transactions; not with a default partition.",
			Bad:   "ALTER TABLE log DETACH PARTITION log_2020",
			check: onOld(func(a *Act) string {
				if a.Concurrently {
					return ""
				}
				return fmt.Sprintf("locks %s until %s is detached", a.Table, a.Of)
			}, safety.DetachPartition),
		},
		{
			ID: "create-partition-direct", Severity: Warning, Class: locking, Dialects: postgres,
			Short: "A partition is made where it is used",
			Why:   "CREATE TABLE … PARTITION OF locks the parent, and reads a default partition.",
			Fix:   "CREATE TABLE … (LIKE parent), then ATTACH PARTITION, which needs a weaker lock.",
			Bad:   "CREATE TABLE log_2024 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
			check: on(func(a *Act) string {
				p := safety.Name{}
				if a.New != nil {
					p = a.Model.Full(a.New.Parent)
				}
				if t := a.Model.Table(p); p.Name == "" || !a.OldTable(p) || t != nil && t.Kind != "partitioned table" || len(a.Facts.Locks) == 0 {
					return ""
				}
				return fmt.Sprintf("locks %s while %s is made", p, a.Table)
			}, safety.CreateTable),
		},
		{
			ID: "partition-rebuild", Severity: Error, Class: locking, Dialects: []string{my},
			Short: "Changing the partitions copies all rows",
			Why:   "PARTITION BY, REMOVE PARTITIONING and more or fewer HASH partitions copy the table while nobody can write it.",
			Fix:   "Do it when few use the table, or make a new table and move to that.",
			Bad:   "ALTER TABLE log PARTITION BY HASH (id) PARTITIONS 8",
			check: onOld(func(a *Act) string {
				return fmt.Sprintf("copies the rows of %s to change its partitions", a.Table)
			}, safety.PartitionTable, safety.ChangePartitions),
		},
	}
}

func tableRules() []Rule {
	return []Rule{
		{
			ID: "set-logged-rewrite", Severity: Error, Class: locking, Dialects: []string{pg}, Codes: []string{"ban-vacuum-full", "PG311"},
			Short: "A table is written anew: SET LOGGED, SET TABLESPACE, SET ACCESS METHOD, CLUSTER, VACUUM FULL",
			Why:   "Every row is written anew while nobody can read or write the table.",
			Fix:   "Do it when nobody needs the table, or use a tool that repacks tables online.",
			Bad:   "VACUUM FULL users",
			check: onOld(func(a *Act) string {
				return fmt.Sprintf("writes %s%s anew while nobody can use it", a.Table, a.Of)
			}, safety.SetLogged, safety.SetTablespace, safety.SetAccessMethod, safety.Cluster, safety.VacuumFull),
		},
		{
			ID: "matview-not-concurrent", Severity: Warning, Class: locking, Dialects: []string{pg},
			Short: "A materialized view is refreshed while nobody can read it",
			Why:   "Readers wait until the whole query has run.",
			Fix:   "Make a unique index on it and REFRESH … CONCURRENTLY.",
			Bad:   "REFRESH MATERIALIZED VIEW totals", Good: "REFRESH MATERIALIZED VIEW CONCURRENTLY totals",
			check: onOld(func(a *Act) string {
				if a.Concurrently {
					return ""
				}
				return fmt.Sprintf("nobody can read %s until it is refreshed", a.Table)
			}, safety.RefreshView),
		},
		{
			ID: "lock-table", Severity: Warning, Class: locking,
			Short: "A statement locks a table by hand",
			Why:   "Everybody waits until the transaction ends, whatever it does meanwhile.",
			Fix:   "See that the lock is needed, weak enough and short; set a lock_timeout.",
			Bad:   "LOCK TABLE users",
			MySQL: Example{Bad: "LOCK TABLES users WRITE"},
			check: onOld(func(a *Act) string {
				if a.Facts.Strongest() == safety.HoldNothing && a.unit.Dialect == pg {
					return ""
				}
				return fmt.Sprintf("locks %s", a.Table)
			}, safety.LockTable),
		},
		{
			ID: "unlogged-table", Severity: Info, Class: "design", Dialects: []string{pg},
			Short: "A table is unlogged",
			Why:   "After a crash it is empty, and replicas never have its rows.",
			Fix:   "See that its rows can be lost.",
			Bad:   "CREATE UNLOGGED TABLE sessions (id bigint PRIMARY KEY)",
			check: each(func(a *Act) string {
				if a.Verb == safety.CreateTable && a.New != nil && a.New.Unlogged || a.Verb == safety.SetLogged && a.Change == "unlogged" {
					return fmt.Sprintf("the rows of %s do not survive a crash", a.Table)
				}
				return ""
			}),
		},
		{
			ID: "engine-or-format-change", Severity: Warning, Class: locking, Dialects: []string{my},
			Short: "Engine, row format or compression of a table change",
			Why:   "Every row is written anew, and with a new engine nobody can write meanwhile.",
			Fix:   "Do it when few use the table.",
			Bad:   "ALTER TABLE users ROW_FORMAT=COMPRESSED",
			check: onOld(func(a *Act) string {
				return fmt.Sprintf("writes %s anew: %s", a.Table, a.Verb)
			}, safety.Engine, safety.RowFormat, safety.OrderBy, safety.OptimizeTable, safety.SetTablespace),
		},
		{
			ID: "convert-charset", Severity: Error, Class: dataDepend, Dialects: []string{my},
			Short: "Another character set copies the table and may lose characters",
			Why:   "All rows are copied while nobody can write; characters that the new set lacks become question marks.",
			Fix:   "Try the way there and back on a copy, go column by column, and do it when few use the table.",
			Bad:   "ALTER TABLE users CONVERT TO CHARACTER SET latin1",
			check: onOld(func(a *Act) string {
				if a.Facts.Algorithm == "INSTANT" || a.Facts.Algorithm == "INPLACE" {
					return "" // from utf8mb3 to utf8mb4, or nothing to convert
				}
				if a.Verb == safety.ConvertTo {
					return fmt.Sprintf("converts the texts of %s to %s", a.Table, a.Expr)
				}
				if c := a.Before.Column(a.Name); c != nil && a.Column != nil && a.Column.Charset != "" && c.Charset != "" && a.Column.Charset != c.Charset && a.OldColumn(a.Name) {
					return fmt.Sprintf("converts %s.%s from %s to %s", a.Table, a.Name, c.Charset, a.Column.Charset)
				}
				return ""
			}, safety.ConvertTo, safety.ChangeColumn),
		},
	}
}
