package mysql

import (
	"context"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/statement"
)

// A dev database may be on the server of real ones. What is declared for one database must not reach another from there: it
// would run on that while a plan is made.

var choosesDatabase = regexp.MustCompile(`(?i)^(?:/\*M?!\d*\s*)?(?:use\s|(?:create|drop)\s+(?:/\*.*?\*/\s*)?(?:database|schema)\s)`)

var altersDatabase = regexp.MustCompile(`(?i)^(?:/\*M?!\d*\s*)?alter\s+(?:database|schema)\s`)

// checkStays refuses a statement that changes anything in another database, where the load is for one.
func (l *load) checkStays(ctx context.Context, st dialect.Statement) error {
	if !l.scope.Bound {
		return nil
	}
	if choosesDatabase.MatchString(st.SQL) {
		return foreignDatabase(st.Pos)
	}
	if altersDatabase.MatchString(st.SQL) {
		l.altered = st.Pos
	}
	for _, db := range databasesChanged(st.SQL) {
		var there int
		row := l.conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = "+literal(db)+" AND SCHEMA_NAME <> DATABASE()")
		if err := row.Scan(&there); err != nil {
			return l.flavor.fault(err, "")
		}
		if there > 0 {
			return diag.Errorf(st.Pos, "foreign-database", "the statement is about database %s, which is another one on this server", db).
				WithHint("leave the name of the database out: it is the one that the URL names; or leave the database out of --url and --dev-url to manage the whole server")
		}
	}
	return nil
}

// databasesChanged lists the databases before the names of what a statement changes, whichever sql_mode says what double
// quotes mean. It may list aliases of tables, too.
func databasesChanged(sql string) []string {
	out := changedIn(sql, statement.Flavour{MySQL: true})
	if strings.Contains(sql, `"`) {
		out = append(out, changedIn(sql, statement.Flavour{MySQL: true, AnsiQuotes: true})...)
	}
	return out
}

func changedIn(sql string, f statement.Flavour) []string {
	tokens := statement.Tokens(sql, f)
	if len(tokens) < 3 || !tokens[0].Is(
		"create", "alter", "drop", "truncate", "rename", "insert", "replace", "update", "delete", "load", "call", "with", "lock",
		"analyze", "optimize", "repair", "check", "import", "handler", "cache") {
		return nil
	}
	name := func(t statement.Token) string {
		if t.Kind == statement.Quoted {
			return t.Text
		}
		return sql[t.Start:t.End]
	}
	if tokens[0].Is("alter") && tokens[1].Is("database", "schema") {
		if tokens[2].Name() && !tokens[2].Is("default", "character", "charset", "collate", "comment", "encryption", "read") {
			return []string{name(tokens[2])}
		}
		return nil
	}
	var out []string
	depth := 0
	for i, t := range tokens {
		switch {
		case i > 0 && depth == 0 && endsTargets(tokens[0], t):
			return out
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case depth == 0 && qualifies(tokens, i):
			out = append(out, name(t))
		}
	}
	return out
}

// qualifies reports whether a token is the qualifier of a name that something may happen to.
func qualifies(tokens []statement.Token, i int) bool {
	return tokens[i].Name() && i+2 < len(tokens) && tokens[i+1].Is(".") && tokens[i+2].Name() && (i == 0 || !tokens[i-1].Is(".", "@", "references"))
}

// endsTargets reports whether nothing is named any more behind a word that a statement changes.
func endsTargets(first, word statement.Token) bool {
	switch {
	case first.Is("with"):
		return false
	case word.Is("("):
		return first.Is("create")
	}
	return word.Is("as", "begin", "select", "set", "values", "value", "for", "like", "where", "do", "returns")
}
