package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
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
		return "BEGIN"
	case w[0].Is("commit", "end"):
		return "COMMIT"
	case w[0].Is("abort"), w[0].Is("rollback") && !statement.EndsSavepoint(w):
		return "ROLLBACK"
	case w[0].Is("prepare") && len(w) > 1 && w[1].Is("transaction"):
		return "PREPARE TRANSACTION"
	}
	return ""
}

// ForSession reports whether a statement only sets something of the session.
func (Dialect) ForSession(text string) bool {
	w := statement.Words(text, 3)
	switch {
	case len(w) < 2:
		return false
	case w[0].Is("set"):
		return !w[1].Is("local", "transaction", "constraints")
	case w[0].Is("select"):
		return setsConfig(text)
	}
	return w[0].Is("reset", "load", "listen", "prepare") && !w[1].Is("transaction")
}

// setsConfig recognises SELECT [pg_catalog.]set_config(…, false), as pg_dump writes it.
func setsConfig(text string) bool {
	w := statement.Words(text, 20)[1:]
	if len(w) > 2 && w[0].Is("pg_catalog") {
		w = w[2:]
	}
	return len(w) > 7 && w[0].Is("set_config") && w[6].Is("false")
}

// Forbidden is nothing here: the cut refuses what is for psql.
func (Dialect) Forbidden(string) string { return "" }

// Leaves are temporary tables and what is like them, and cursors that outlive their transaction.
func (Dialect) Leaves(text string) []string {
	p := &words{statement.Words(text, 2000)}
	switch {
	case p.take("create"):
		return p.temporary()
	case p.take("declare"):
		return []string{unquoted(p.name())}
	case p.take("select"), p.take("with"):
		for ; len(p.rest) > 0; p.rest = p.rest[1:] {
			if p.takeAll("into", "temp") || p.takeAll("into", "temporary") {
				p.take("table")
				return []string{lastName(p.name())}
			}
		}
	}
	return nil
}

// temporary reads behind CREATE.
func (p *words) temporary() []string {
	_ = p.takeAll("or", "replace")
	_ = p.take("global") || p.take("local")
	temporary := p.take("temp") || p.take("temporary")
	_ = p.take("unlogged") || p.take("recursive")
	if !p.take("table") && !p.take("view") && !p.take("sequence") && !p.take("function") && !p.take("procedure") && !p.take("type") && !p.take("domain") {
		return nil
	}
	p.takeAll("if", "not", "exists")
	name := p.name()
	if !temporary && !strings.HasPrefix(name, ident("pg_temp")+".") {
		return nil
	}
	return []string{lastName(name)}
}

func lastName(name string) string { return unquoted(name[strings.LastIndex(name, ".")+1:]) }

// Halves are statements that commit on their way; the rest of those that no transaction holds can simply run again.
func (Dialect) Halves(text string) bool {
	a, ok := readAlone(text)
	return !ok || a.verb == "detach"
}

// WholeRun is true: a transaction can hold DDL.
func (Dialect) WholeRun() bool { return true }

func lostConnection(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// alone is a statement that no transaction can hold, as far as its traces in the catalog go.
type alone struct {
	verb  string // create index, drop index, reindex, detach, repeat
	name  string // of the index or the partition, quoted as it is written; empty: the server names it
	table string // quoted as it is written
	once  bool   // IF NOT EXISTS
}

// readAlone recognises statements whose traces are known.
func readAlone(text string) (alone, bool) {
	p := &words{statement.Words(text, 60)}
	if _, _, batches := readBatch(text); batches {
		return alone{verb: "repeat"}, true
	}
	switch {
	case p.take("create"):
		p.take("unique")
		if !p.take("index") || !p.take("concurrently") {
			return alone{}, false
		}
		a := alone{verb: "create index", once: p.takeAll("if", "not", "exists")}
		if !p.take("on") {
			a.name = p.name()
			p.take("on")
		}
		p.take("only")
		a.table = p.name()
		return a, a.table != ""
	case p.take("drop"):
		if !p.take("index") || !p.take("concurrently") {
			return alone{}, false
		}
		p.takeAll("if", "exists")
		return alone{verb: "drop index", name: p.name()}, true
	case p.takeAll("alter", "table"):
		p.takeAll("if", "exists")
		p.take("only")
		a := alone{verb: "detach", table: p.name()}
		if !p.takeAll("detach", "partition") {
			return alone{}, false
		}
		a.name = p.name()
		return a, p.take("concurrently")
	case p.take("reindex"):
		return alone{verb: "reindex"}, true
	}
	// These can run any number of times.
	return alone{verb: "repeat"}, p.take("vacuum") || p.take("analyze") || p.take("cluster") || p.take("checkpoint") || p.takeAll("alter", "system")
}

// words are read from the front.
type words struct{ rest []statement.Word }

func (p *words) take(word string) bool { return p.takeAll(word) }

func (p *words) takeAll(list ...string) bool {
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

// name takes a name with its qualifiers, and quotes it.
func (p *words) name() string {
	var parts []string
	for len(p.rest) > 0 && !p.rest[0].String && (p.rest[0].Quoted || len(p.rest[0].Text) > 1 || isLetter(p.rest[0].Text)) {
		text := p.rest[0].Text
		if !p.rest[0].Quoted {
			text = strings.ToLower(text)
		}
		parts = append(parts, ident(text))
		p.rest = p.rest[1:]
		if len(p.rest) == 0 || p.rest[0].Quoted || p.rest[0].Text != "." {
			break
		}
		p.rest = p.rest[1:]
	}
	return strings.Join(parts, ".")
}

func isLetter(s string) bool { return strings.ToLower(s) != strings.ToUpper(s) || s == "_" }

// invalid lists the indexes of a table that a concurrent build left unfinished: of one name, or all.
const invalid = `SELECT n.nspname, i.relname, EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index b WHERE b.index_relid = i.oid)
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace
WHERE NOT x.indisvalid AND i.relkind = 'i' AND `

// clearInvalid drops what an interrupted concurrent build of the same index left: the server keeps it, marked invalid,
// and takes its name for used (PostgreSQL manual, "CREATE INDEX", "Building Indexes Concurrently").
func (h *history) clearInvalid(ctx context.Context, p *dialect.Progress) error {
	a, ok := readAlone(p.Statement.SQL)
	if !ok || a.verb != "create index" || a.name == "" {
		return nil
	}
	where := "x.indrelid = to_regclass(" + literal(a.table) + ") AND i.relname = " + literal(unquoted(a.name))
	return h.dropInvalid(ctx, where, p)
}

func unquoted(name string) string {
	return strings.ReplaceAll(strings.Trim(name, `"`), `""`, `"`)
}

func (h *history) dropInvalid(ctx context.Context, where string, p *dialect.Progress) error {
	drops, building, err := h.invalid(ctx, where)
	if err != nil {
		return err
	}
	if building {
		return diag.Errorf(p.Statement.Pos, "index-in-work", "another session is building the index %s", drops[len(drops)-1]).
			WithHint("wait until it is done, and apply again")
	}
	for _, name := range drops {
		p.Tell(fmt.Sprintf("index %s is invalid: an earlier attempt to build it was cut off; it is dropped and built anew", name))
		if err := h.Exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+name); err != nil {
			return h.at(err, p)
		}
	}
	return nil
}

// unnamed lists the unfinished indexes of the table on which a statement builds one that the server names.
func (h *history) unnamed(ctx context.Context, p *dialect.Progress) ([]string, error) {
	a, ok := readAlone(p.Statement.SQL)
	if !ok || a.verb != "create index" || a.name != "" {
		return nil, nil
	}
	names, _, err := h.invalid(ctx, "x.indrelid = to_regclass("+literal(a.table)+")")
	return names, err
}

// dropUnnamed drops the index that a failed statement left, which nobody would find by its name. known were there before.
func (h *history) dropUnnamed(ctx context.Context, p *dialect.Progress, known []string) {
	a, ok := readAlone(p.Statement.SQL)
	if !ok || a.verb != "create index" || a.name != "" {
		return
	}
	left, _, err := h.invalid(ctx, "NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index b WHERE b.index_relid = i.oid) AND x.indrelid = to_regclass("+literal(a.table)+")")
	if err != nil {
		p.Tell(fmt.Sprintf("the statement may have left an invalid index on %s: look for one, and drop it", a.table))
		return
	}
	for _, name := range left {
		if slices.Contains(known, name) {
			continue
		}
		if err := h.Exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+name); err != nil {
			p.Tell(fmt.Sprintf("the failed statement left the invalid index %s: drop it (%v)", name, err))
			continue
		}
		p.Tell(fmt.Sprintf("index %s, which the failed statement left invalid, is dropped", name))
	}
}

func (h *history) invalid(ctx context.Context, where string) (names []string, building bool, err error) {
	rows, err := h.conn.QueryContext(ctx, invalid+where)
	if err != nil {
		return nil, false, fault(err, "")
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var schema, name string
		var inWork bool
		if err := rows.Scan(&schema, &name, &inWork); err != nil {
			return nil, false, err
		}
		building = building || inWork
		names = append(names, qualified(schema, name))
	}
	return names, building, fault(rows.Err(), "")
}

// Judge looks for the traces of a statement that ran outside of transactions.
func (h *history) Judge(ctx context.Context, _ *dialect.Revision, st dialect.Statement) (dialect.Verdict, error) {
	if err := h.awaitEnd(ctx, st.SQL); err != nil {
		return dialect.Verdict{}, err
	}
	a, ok := readAlone(st.SQL)
	if !ok {
		return dialect.Verdict{}, nil
	}
	switch a.verb {
	case "repeat":
		return dialect.Verdict{Again: true, Why: "it can run any number of times"}, nil
	case "reindex":
		left, err := h.ask(ctx, "SELECT EXISTS ("+invalid+`i.relname ~ '_cc(new|old)\d*$')`)
		if left {
			return dialect.Verdict{Why: "invalid indexes with names that end in _ccnew or _ccold are there: drop those that it left (PostgreSQL manual, \"REINDEX\")"}, err
		}
		return dialect.Verdict{Again: true, Why: "it can run any number of times"}, err
	case "create index":
		return h.judgeIndex(ctx, a)
	case "drop index":
		there, err := h.ask(ctx, "SELECT to_regclass("+literal(a.name)+") IS NOT NULL")
		return dialect.Verdict{Done: !there, Again: there, Why: presence("the index", there)}, err
	}
	attached := "EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = to_regclass(" + literal(a.name) + ") AND inhparent = to_regclass(" + literal(a.table) + ")"
	pending, err := h.ask(ctx, "SELECT "+attached+" AND inhdetachpending)")
	if err != nil {
		return dialect.Verdict{}, err
	}
	if pending { // half of it is done, and only this ends it (PostgreSQL manual, "ALTER TABLE")
		err := h.Exec(ctx, "ALTER TABLE "+a.table+" DETACH PARTITION "+a.name+" FINALIZE")
		return dialect.Verdict{Done: err == nil, Why: "it was half done, and is finalized"}, err
	}
	there, err := h.ask(ctx, "SELECT "+attached+")")
	return dialect.Verdict{Done: !there, Again: there, Why: presence("the partition", there)}, err
}

// judgeIndex: an index of a name is there, is valid, or is not. A mark is written only once no invalid one is left.
func (h *history) judgeIndex(ctx context.Context, a alone) (dialect.Verdict, error) {
	if a.name == "" {
		why := "the index has no name of its own"
		left, _, err := h.invalid(ctx, "x.indrelid = to_regclass("+literal(a.table)+")")
		if len(left) > 0 {
			why += "; invalid ones are there, which an attempt may have left: " + strings.Join(left, ", ")
		}
		return dialect.Verdict{Why: why}, err
	}
	valid, err := h.ask(ctx, "SELECT EXISTS (SELECT FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid WHERE x.indisvalid"+
		" AND x.indrelid = to_regclass("+literal(a.table)+") AND i.relname = "+literal(unquoted(a.name))+")")
	if valid {
		return dialect.Verdict{Done: true, Why: "the index is there, and valid"}, err
	}
	return dialect.Verdict{Again: true, Why: "there is no valid index of that name"}, err
}

func presence(what string, there bool) string {
	if there {
		return what + " is still there"
	}
	return what + " is gone"
}

func (h *history) ask(ctx context.Context, query string) (yes bool, err error) {
	err = h.conn.QueryRowContext(ctx, query).Scan(&yes)
	return yes, fault(err, query)
}

// awaitEnd waits while the server still runs the statement for a client that is gone.
func (h *history) awaitEnd(ctx context.Context, text string) error {
	query := `SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()
  AND state = 'active' AND left(query, 200) = left(` + literal(text) + `, 200))`
	for {
		running, err := h.ask(ctx, query)
		if err != nil || !running {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
