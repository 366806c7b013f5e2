package mysql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/statement"
)

var _ dialect.Migrating = Dialect{}

// Frames names the command of a statement that begins or ends a transaction.
func (Dialect) Frames(text string) string {
	w := statement.Words(text, 3)
	switch {
	case len(w) == 0:
		return ""
	case w[0].Is("begin"), w[0].Is("start") && len(w) > 1 && w[1].Is("transaction"):
		return "START TRANSACTION"
	case w[0].Is("commit"):
		return "COMMIT"
	case w[0].Is("rollback") && !statement.EndsSavepoint(w):
		return "ROLLBACK"
	}
	return ""
}

// ForSession reports whether a statement only sets something of the session.
func (Dialect) ForSession(text string) bool {
	w := statement.Words(text, 2)
	return len(w) == 2 && (w[0].Is("use") || w[0].Is("set") && !w[1].Is("global", "persist", "persist_only", "password", "default", "resource"))
}

// Leaves are temporary tables, and user variables that are set to more than constants and settings: LAST_INSERT_ID() is
// another on a new connection.
func (Dialect) Leaves(text string) []string {
	w := statement.Words(text, 2000)
	if len(w) > 2 && w[0].Is("create") {
		p := &words{w[1:]}
		_ = p.take("or", "replace")
		if !p.take("temporary", "table") {
			return nil
		}
		_ = p.take("if", "not", "exists")
		name := p.name()
		return []string{strings.Trim(name[strings.LastIndex(name, ".")+1:], "`")}
	}
	var out []string
	constant := len(w) > 0 && w[0].Is("set") && !strings.Contains(text, "(")
	for i := 1; i+1 < len(w) && !constant; i++ {
		if w[i].Is("@") && !w[i-1].Is("@") && !w[i+1].Is("@") && !w[i+1].String {
			out = append(out, "@"+w[i+1].Text)
		}
	}
	return out
}

// Halves reports whether a statement is several to the server, each of which stays.
func (Dialect) Halves(text string) bool {
	w := statement.Words(text, 1)
	return len(w) > 0 && w[0].Is("call", "execute", "drop", "rename", "grant", "revoke", "create") && !readDDL(text).single()
}

// Forbidden statements would keep the entry of the history from being written, or tear it from its statement.
func (Dialect) Forbidden(text string) string {
	w := statement.Words(text, 60)
	switch {
	case len(w) > 1 && w[0].Is("lock") && w[1].Is("tables", "table"):
		return "LOCK TABLES keeps the history of migrations from being written: take it out, with its UNLOCK TABLES"
	case len(w) > 0 && w[0].Is("set"):
		for i, x := range w[1:] {
			if x.Is("autocommit") {
				return "SET autocommit changes what is one transaction: take it out, and say -- atlas:txmode none at the top of the file where each statement is to be its own"
			}
			if i > 0 && x.Is("select") {
				break
			}
		}
	}
	return ""
}

// WholeRun is false: DDL commits.
func (Dialect) WholeRun() bool { return false }

// changesRows reports whether a statement is certain not to commit by itself.
func changesRows(text string) bool {
	w := statement.Words(text, 2)
	return len(w) > 1 && (w[0].Is("insert", "update", "delete", "replace", "select", "with", "values", "do", "use", "(", "savepoint", "release", "explain", "show") ||
		w[0].Is("set") && !w[1].Is("password", "default") || w[0].Is("load") && w[1].Is("data"))
}

// ddl is what a statement does to which objects.
type ddl struct {
	verb  string   // create, alter, drop, rename, truncate; repeat; empty: not known
	kind  string   // the word of SHOW CREATE
	names []string // quoted, as they are written; of RENAME the old ones and the new ones
	part  bool     // it changes what no definition shows
}

func (d ddl) single() bool { return d.verb != "" && len(d.names) <= 1 }

// kindsOfDDL are the words that stand before the names.
func kindsOfDDL() []string {
	return []string{"table", "tables", "view", "function", "procedure", "trigger", "event", "database", "schema", "sequence", "index", "key"}
}

// readDDL recognises a statement as far as its traces in the catalog need it.
func readDDL(text string) ddl {
	p := &words{statement.Words(text, 400)}
	if len(p.rest) == 0 {
		return ddl{}
	}
	d := ddl{verb: strings.ToLower(p.rest[0].Text)}
	switch d.verb {
	case "analyze", "optimize", "check", "repair", "flush", "checksum", "grant":
		return ddl{verb: "repeat"}
	case "create", "alter", "drop", "rename", "truncate":
	default:
		return ddl{}
	}
	p.rest = p.rest[1:]
	for len(p.rest) > 0 && !p.rest[0].Is(kindsOfDDL()...) {
		if p.rest[0].Is("user", "role", "server", "tablespace", "temporary") || d.verb == "truncate" {
			break
		}
		p.rest = p.rest[1:]
	}
	if len(p.rest) == 0 || d.verb != "truncate" && !p.rest[0].Is(kindsOfDDL()...) {
		return ddl{}
	}
	d.kind = "table"
	if p.rest[0].Is(kindsOfDDL()...) {
		d.kind = strings.TrimSuffix(strings.ToLower(p.rest[0].Text), "s")
		p.rest = p.rest[1:]
	}
	p.names(&d)
	return d
}

// words are read from the front.
type words struct{ rest []statement.Word }

func (p *words) take(list ...string) bool {
	if len(p.rest) < len(list) {
		return false
	}
	for i, w := range list {
		if !p.rest[i].Is(w) {
			return false
		}
	}
	p.rest = p.rest[len(list):]
	return true
}

// names reads what follows the kind.
func (p *words) names(d *ddl) {
	_ = p.take("if", "not", "exists") || p.take("if", "exists")
	switch d.kind {
	case "index", "key": // CREATE INDEX i [USING …] ON t, DROP INDEX i ON t
		d.kind = "table"
		for len(p.rest) > 0 && !p.take("on") {
			p.rest = p.rest[1:]
		}
		d.verb = "alter"
	case "schema":
		d.kind = "database"
	}
	for {
		name := p.name()
		if name == "" {
			return
		}
		d.names = append(d.names, name)
		if d.verb == "rename" && p.take("to") || (d.verb == "drop" || d.verb == "rename") && p.take(",") {
			continue
		}
		break
	}
	if d.verb == "alter" {
		p.clauses(d)
	}
}

// clauses looks for those of an ALTER that matter here.
func (p *words) clauses(d *ddl) {
	for i, w := range p.rest {
		switch {
		case w.Is("exchange", "truncate", "import", "discard"):
			d.part = true
		case w.Is("rename") && i+1 < len(p.rest): // TO and AS may be left out
			q := &words{p.rest[i+1:]}
			if q.rest[0].Is("column", "index", "key") {
				continue
			}
			_ = q.take("to") || q.take("as") || q.take("=")
			if name := q.name(); name != "" {
				d.names = append(d.names, name)
			}
		}
	}
}

// name takes a name with its database, and quotes it.
func (p *words) name() string {
	var parts []string
	for len(p.rest) > 0 && !p.rest[0].String && (p.rest[0].Quoted || isName(p.rest[0].Text)) {
		parts = append(parts, ident(p.rest[0].Text))
		p.rest = p.rest[1:]
		if !p.take(".") {
			break
		}
	}
	return strings.Join(parts, ".")
}

func isName(s string) bool {
	c := s[0]
	return c == '_' || c == '$' || c > 127 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// witness is a digest of the definitions of all that a statement names: another after it than before. It is empty where
// none is there, and for statements that are not known.
func (h *history) witness(ctx context.Context, text string) (string, error) {
	d := readDDL(text)
	sum, found := sha256.New(), false
	for _, name := range d.names {
		shown, err := h.showCreate(ctx, strings.ToUpper(d.kind), name)
		if err != nil {
			return "", fmt.Errorf("look at %s: %w", name, err)
		}
		found = found || shown != ""
		_, _ = sum.Write([]byte(liveCounter.ReplaceAllString(shown, "") + "\x00"))
	}
	if !found {
		return "", nil
	}
	return hex.EncodeToString(sum.Sum(nil))[:32], nil
}

// Judge holds the definitions of what the statement names against what they were before it.
func (h *history) Judge(ctx context.Context, r *dialect.Revision, st dialect.Statement) (dialect.Verdict, error) {
	before, _ := r.Started()
	d := readDDL(st.SQL)
	switch {
	case d.verb == "repeat":
		return dialect.Verdict{Again: true, Why: "it can run any number of times"}, nil
	case d.verb == "" || len(d.names) == 0:
		return dialect.Verdict{}, nil
	case d.verb == "truncate":
		return h.judgeTruncate(ctx, d)
	}
	if err := h.ready(ctx); err != nil {
		return dialect.Verdict{}, err
	}
	now, err := h.witness(ctx, st.SQL)
	names := strings.Join(d.names, ", ")
	switch {
	case err != nil:
		return dialect.Verdict{}, err
	case now == before && d.part:
		return dialect.Verdict{Why: "it changes what no definition shows"}, nil
	case now == before:
		return dialect.Verdict{Again: true, Why: d.kind + " " + names + " is as it was before"}, nil
	case d.verb == "drop" && now != "", d.verb == "rename" && len(d.names) > 2 && h.flavor.mariadb:
		return dialect.Verdict{Why: "of " + names + " a part has changed"}, nil
	}
	return dialect.Verdict{Done: true, Why: d.kind + " " + names + " is not what it was before"}, nil
}

// judgeTruncate: an empty table is what the statement makes, whether it ran or not.
func (h *history) judgeTruncate(ctx context.Context, d ddl) (dialect.Verdict, error) {
	var rows bool
	if err := h.conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+d.names[0]+")").Scan(&rows); err != nil {
		return dialect.Verdict{}, h.flavor.fault(err, "")
	}
	if rows {
		return dialect.Verdict{Why: "table " + d.names[0] + " has rows, which may have come after it"}, nil
	}
	return dialect.Verdict{Done: true, Why: "table " + d.names[0] + " is empty"}, nil
}
