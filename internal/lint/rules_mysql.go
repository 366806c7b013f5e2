package lint

import (
	"fmt"
	"slices"
	"strings"

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
			Bad:   "ALTER TABLE log ADD id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY",
			check: onOld(func(a *Act) string {
				if !a.Column.AutoIncrement {
					return ""
				}
				return fmt.Sprintf("numbers the rows of %s in %s", a.Table, a.Column.Name)
			}, safety.AddColumn),
		},
		{
			ID: "not-null-mysql", Severity: Error, Class: dataDepend, Dialects: mysql, Codes: []string{"MF104"},
			Short: "Whether a column takes NULL changes",
			Why:   "The table is rebuilt; without strict sql_mode NULLs become zeros and empty strings without a word.",
			Fix:   "Fill the rows first, and see that sql_mode has STRICT_TRANS_TABLES in the session.",
			Bad:   "ALTER TABLE users MODIFY name varchar(255) NOT NULL",
			Good:  "ALTER TABLE users MODIFY name varchar(255) DEFAULT 'nobody'",
			check: onOld(func(a *Act) string {
				c := a.Before.Column(a.Name)
				if c == nil || a.Column == nil || c.NotNull == a.Column.NotNull || !a.OldColumn(a.Name) {
					return ""
				}
				if a.Column.NotNull {
					return fmt.Sprintf("rebuilds %s: %s takes no NULL any more", a.Table, a.Name)
				}
				return fmt.Sprintf("rebuilds %s: %s takes NULL from now on", a.Table, a.Name)
			}, safety.ChangeColumn),
		},
		{
			ID: "change-type-copy", Severity: Error, Class: locking, Dialects: mysql,
			Short: "A change of a column copies the table",
			Why:   "All rows are copied while nobody can write the table.",
			Fix:   "Add a new column and move to that, or use an online schema change tool.",
			Bad:   "ALTER TABLE users MODIFY age bigint", Good: "ALTER TABLE users MODIFY name varchar(200)",
			check: onOld(func(a *Act) string {
				if a.Facts.Algorithm != "COPY" || a.Verb == safety.AddColumn && (a.Column.Generated == "stored" || a.Column.AutoIncrement || slow(a) != "") || !a.OldColumn(a.Name) && a.Verb == safety.ChangeColumn {
					return ""
				}
				if a.Verb == safety.AddColumn {
					return fmt.Sprintf("copies %s to add %s", a.Table, a.Name)
				}
				return fmt.Sprintf("copies %s to change %s", a.Table, a.Name)
			}, safety.ChangeColumn, safety.AddColumn),
		},
		{
			ID: "instant-budget", Severity: Warning, Class: locking, Dialects: mysql,
			Short: "A column is added or dropped, and the table cannot do that instantly",
			Why:   "With a FULLTEXT index, ROW_FORMAT=COMPRESSED, or at a place that the server cannot do, INSTANT becomes a rebuild or a copy without a word.",
			Fix:   "Write ALGORITHM=INSTANT, so that the server refuses what it cannot; plan the rebuild for a time when few use the table.",
			Bad:   "ALTER TABLE texts ADD COLUMN a int", Good: "ALTER TABLE users ADD COLUMN c int, ALGORITHM=INSTANT",
			check: onOld(slow, safety.AddColumn, safety.DropColumn),
		},
		{
			ID: "enum-order-insert", Severity: Warning, Class: locking, Dialects: mysql, Codes: []string{"MY111", "MY112", "MY113", "MY121", "MY122", "MY123"},
			Short: "A value of an ENUM or SET is not put behind the others, or makes each take more bytes",
			Why:   "Values are stored by their number: other numbers, or more bytes, copy the table while nobody can write it.",
			Fix:   "Put new values last. Past 255 values of an ENUM, or 8, 16, 24 or 32 of a SET, plan the copy.",
			Bad:   "ALTER TABLE users MODIFY state ENUM('old','new','used')", Good: "ALTER TABLE users MODIFY state ENUM('new','used','old')",
			check: onOld(enumOrder, safety.ChangeColumn),
		},
	}
}

// mysqlDesignRules are of what MySQL takes and had better not be written.
func mysqlDesignRules() []Rule {
	mysql := []string{my}
	return []Rule{
		{
			ID: "inline-references-ignored", Severity: Error, Class: dataDepend, Dialects: mysql, Codes: []string{"MY102"},
			Short: "REFERENCES stands at a column",
			Why:   "MySQL before 9.0 reads it and makes no foreign key, without a word; newer ones do, so that the file means different things.",
			Fix:   "Write FOREIGN KEY (…) REFERENCES … as a clause of its own.",
			Bad:   "ALTER TABLE posts ADD COLUMN editor bigint REFERENCES users (id)",
			Good:  "ALTER TABLE posts ADD COLUMN editor bigint, ADD FOREIGN KEY (editor) REFERENCES users (id)",
			check: each(inlineReferences),
		},
		{
			ID: "definer-or-engine-policy", Severity: Info, Class: design, Dialects: mysql,
			Short: "A DEFINER, an engine other than InnoDB, or compression is spelled out",
			Why:   "A definer that another server lacks makes the object fail there; other engines lack transactions and foreign keys; compressed tables cannot be changed instantly.",
			Fix:   "Leave DEFINER out, use InnoDB, and compress only where it is known to pay.",
			Bad:   "CREATE TABLE cache (id bigint PRIMARY KEY) ENGINE=MEMORY", Good: "CREATE TABLE cache (id bigint PRIMARY KEY) ENGINE=InnoDB",
			check: each(policy),
		},
	}
}

// slow tells why a column that is added or dropped is not so instantly; empty where it is, or where that has another
// reason than the table or the place.
func slow(a *Act) string {
	t := a.Before
	if t == nil || a.Facts.Algorithm == "INSTANT" || a.Algorithm != "" && a.Algorithm != "DEFAULT" || a.Verb == safety.DropColumn && !a.OldColumn(a.Name) {
		return ""
	}
	if c := a.Column; c != nil && (c.Generated != "" || c.AutoIncrement || strings.HasPrefix(c.Default, "(")) {
		return ""
	}
	how := fmt.Sprintf("%s of %s rebuilds the table instead of being instant: ", a.Verb, a.Table)
	switch {
	case slices.ContainsFunc(t.Indexes, func(i safety.Index) bool { return i.Type == "fulltext" }):
		return how + "it has a FULLTEXT index"
	case t.RowFormat == "compressed":
		return how + "it is compressed"
	case a.Beside != "" || a.Verb == safety.DropColumn && slices.ContainsFunc(t.Indexes, func(i safety.Index) bool { return slices.Contains(i.Columns, a.Name) }):
		return "" // other clauses are why
	case a.Facts.Rewrites:
		return how + "the server cannot do it there"
	}
	return ""
}

func enumOrder(a *Act) string {
	c := a.Before.Column(a.Name)
	if c == nil || a.Column == nil || !a.OldColumn(a.Name) {
		return ""
	}
	from, isEnum := safety.Members(c.Type)
	to, staysEnum := safety.Members(a.Column.Type)
	if !isEnum || !staysEnum || c.Type[:1] != a.Column.Type[:1] {
		return ""
	}
	gone := func(v string) bool { return !slices.Contains(to, v) }
	kept := slices.DeleteFunc(slices.Clone(from), gone)
	switch {
	case len(kept) > len(to) || !slices.Equal(kept, to[:len(kept)]):
		return fmt.Sprintf("copies %s: the values of %s are numbered anew", a.Table, a.Name)
	case memberBytes(c.Type[:1], len(from)) < memberBytes(a.Column.Type[:1], len(to)):
		return fmt.Sprintf("copies %s: each value of %s takes more bytes", a.Table, a.Name)
	}
	return ""
}

// memberBytes is how many bytes a value of an ENUM ("e") or SET takes.
func memberBytes(kind string, members int) int {
	switch {
	case kind == "e" || kind == "E":
		return 1 + min(members/256, 1)
	case members <= 32:
		return (members + 7) / 8
	}
	return 8
}

func inlineReferences(a *Act) string {
	if a.Model.Server.Flavor == "mariadb" {
		return ""
	}
	var keys []safety.Constraint
	switch {
	case a.Verb == safety.AddConstraint:
		keys = []safety.Constraint{*a.Constraint}
	case a.Verb == safety.CreateTable && a.New != nil:
		keys = a.New.Constraints
	}
	for _, k := range keys {
		if k.Type == safety.Foreign && k.Inline {
			return fmt.Sprintf("MySQL before 9.0 makes no foreign key of REFERENCES at %s.%s", a.Table, strings.Join(k.Columns, ", "))
		}
	}
	return ""
}

func policy(a *Act) string {
	engine := func(name string) string {
		if name == "" || strings.EqualFold(name, "InnoDB") {
			return ""
		}
		return fmt.Sprintf("%s uses the engine %s", a.Table, name)
	}
	switch a.Verb {
	case safety.CreateTable:
		if t := a.New; t != nil {
			if t.RowFormat == "compressed" || t.Compression != "" {
				return fmt.Sprintf("%s is compressed", a.Table)
			}
			return engine(t.Engine)
		}
	case safety.Engine:
		return engine(a.Expr)
	case safety.RowFormat:
		if strings.Contains(a.Name, "compress") || a.Name == "key_block_size" || strings.EqualFold(a.Expr, "compressed") {
			return fmt.Sprintf("%s is compressed", a.Table)
		}
	case safety.Create, safety.Alter, safety.CreateTrigger:
		if who, ok := strings.CutPrefix(a.Change, "definer "); ok && !strings.EqualFold(who, "current_user") {
			return fmt.Sprintf("%s acts as %s", cmpName(a.Of.String(), a.Name), who)
		}
	}
	return ""
}
