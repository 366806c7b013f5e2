package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

var (
	_ dialect.Historian = (*session)(nil)
	_ dialect.History   = (*history)(nil)
)

// history is Atlas's table of revisions.
type history struct {
	*session
	schema string
	limits string // settings that hold for every statement
	open   bool   // a transaction of Begin
	lead   string // its BEGIN, which goes to the server with what comes first in it
	users  bool   // a transaction that the migration itself began
	// entries says whether new entries are written by a prepared statement.
	entries preparing
	held    []lock // of the session, for the run; behind a pooler it has none
	left    leftover
	lost    error // the lock of the run, to another one
}

// History is in the schema that the connection is bound to, or in one of its own.
func (s *session) History(schema string) dialect.History {
	if schema == "" {
		schema = s.bound
	}
	if schema == "" {
		schema = dialect.RevisionsTable
	}
	return &history{session: s, schema: schema}
}

func (h *history) Table() string { return h.schema + "." + dialect.RevisionsTable }

func (h *history) table() string { return qualified(h.schema, dialect.RevisionsTable) }

func (h *history) Read(ctx context.Context) (_ []dialect.Revision, err error) {
	rows, err := h.conn.QueryContext(ctx, `SELECT version, description, type, applied, total, extract(epoch FROM executed_at)::float8, execution_time,
  coalesce(error, ''), coalesce(error_stmt, ''), hash, coalesce(partial_hashes, 'null')::text, operator_version
FROM `+h.table()+` WHERE version <> `+literal(dialect.AtlasIdentifier)+` ORDER BY version COLLATE "C"`)
	if f := new(serverFault); errors.As(fault(err, ""), &f) && (f.code == "42P01" || f.code == "3F000") {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", h.Table(), fault(err, ""))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var out []dialect.Revision
	for rows.Next() {
		var r dialect.Revision
		var at float64
		var hashes string
		if err := rows.Scan(&r.Version, &r.Description, &r.Type, &r.Applied, &r.Total, &at, &r.ExecutionTime,
			&r.Error, &r.ErrorStmt, &r.Hash, &hashes, &r.Operator); err != nil {
			return nil, fmt.Errorf("read %s: %w", h.Table(), err)
		}
		r.ExecutedAt = time.UnixMicro(int64(at * 1e6)).UTC()
		if err := json.Unmarshal([]byte(hashes), &r.PartialHashes); err != nil {
			return nil, fmt.Errorf("read %s: the partial_hashes of version %s: %w", h.Table(), r.Version, err)
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fault(err, "")
	}
	return out, h.checkWhole(ctx)
}

// checkWhole refuses a history of which policies may hide rows: what ran would run again.
func (h *history) checkWhole(ctx context.Context) error {
	var hidden sql.NullBool
	err := h.conn.QueryRowContext(ctx, "SELECT pg_catalog.row_security_active(to_regclass("+literal(h.table())+")::oid)").Scan(&hidden)
	if err != nil || !hidden.Bool {
		return fault(err, "")
	}
	return diag.Errorf(diag.Pos{}, "history-hidden", "row security on %s may hide migrations from this role, which would run again", h.Table()).
		WithHint("ALTER TABLE %s DISABLE ROW LEVEL SECURITY; or run as the owner of the table, or as a role with BYPASSRLS", h.table())
}

// Ensure makes the table as Atlas does. A right that is missing for what is there already is no fault.
func (h *history) Ensure(ctx context.Context) error {
	var there, schema bool
	err := h.conn.QueryRowContext(ctx, "SELECT to_regclass("+literal(h.table())+") IS NOT NULL, to_regnamespace("+literal(ident(h.schema))+") IS NOT NULL").Scan(&there, &schema)
	if err != nil {
		return fault(err, "")
	}
	if there {
		return nil
	}
	text := pinned("LOCAL ", making()) + ";\n" // one message is one transaction
	if !schema {
		text += "CREATE SCHEMA IF NOT EXISTS " + ident(h.schema) + ";\n"
	}
	err = h.Exec(ctx, text+"CREATE TABLE IF NOT EXISTS "+h.table()+` (
  version character varying NOT NULL PRIMARY KEY,
  description character varying NOT NULL,
  type bigint NOT NULL DEFAULT 2,
  applied bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL DEFAULT 0,
  executed_at timestamp with time zone NOT NULL,
  execution_time bigint NOT NULL,
  error text,
  error_stmt text,
  hash character varying NOT NULL,
  partial_hashes jsonb,
  operator_version character varying NOT NULL
)`)
	var d *diag.Diagnostic
	if errors.As(err, &d) && strings.HasSuffix(d.Code, "42501") {
		return d.WithHint("the history of migrations needs the table %s: let its owner run this once, or grant CREATE; --revisions-schema names another schema", h.Table())
	}
	return err
}

func (h *history) Write(ctx context.Context, revisions ...*dialect.Revision) error {
	return h.Exec(ctx, h.upsert(revisions...))
}

func (h *history) upsert(revisions ...*dialect.Revision) string {
	return h.insert("", revisions...) + orUpdate()
}

// orUpdate is how Atlas writes revisions: those that are there keep their description and when they were run.
func orUpdate() string {
	set := ""
	for _, c := range []string{"type", "applied", "total", "execution_time", "error", "error_stmt", "hash", "partial_hashes", "operator_version"} {
		set += ", " + c + " = excluded." + c
	}
	return " ON CONFLICT (version) DO UPDATE SET " + set[2:]
}

// insert writes revisions, and adds an expression to the time that they took.
func (h *history) insert(took string, revisions ...*dialect.Revision) string {
	var rows []string
	for _, r := range revisions {
		hashes, _ := json.Marshal(r.PartialHashes) // strings always marshal
		rows = append(rows, fmt.Sprintf("(%s, %s, %d, %d, %d, %s, %d%s, %s, %s, %s, %s, %s)",
			literal(r.Version), literal(r.Description), r.Type, r.Applied, r.Total,
			literal(r.ExecutedAt.UTC().Format("2006-01-02 15:04:05.999999Z07:00")), int64(r.ExecutionTime), took,
			literal(clean(r.Error)), literal(clean(r.ErrorStmt)), literal(r.Hash), literal(string(hashes)), literal(r.Operator)))
	}
	return "INSERT INTO " + h.table() + " (version, description, type, applied, total, executed_at, execution_time, error, error_stmt, hash, partial_hashes, operator_version) VALUES " +
		strings.Join(rows, ", ")
}

// clean takes out what no text of PostgreSQL can hold.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func (h *history) Delete(ctx context.Context, versions ...string) error {
	return h.Exec(ctx, h.without(versions))
}

func (h *history) without(versions []string) string {
	list := make([]string, len(versions))
	for i, v := range versions {
		list[i] = literal(v)
	}
	return "DELETE FROM " + h.table() + " WHERE version IN (" + strings.Join(list, ", ") + ")"
}

// Found looks for a relation, and in a database that is managed as a whole for a schema, as Atlas does. What belongs to
// an extension does not count.
func (h *history) Found(ctx context.Context) (found string, err error) {
	own := "n.nspname = " + literal(h.schema)
	in, schemas := userSchemas, `
UNION ALL SELECT 'schema ' || n.nspname, 0 FROM pg_catalog.pg_namespace n
WHERE `+userSchemas+` AND n.nspname <> 'public' AND NOT `+own+`
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.classid = 'pg_catalog.pg_namespace'::regclass AND m.objid = n.oid AND m.deptype = 'e')`
	if h.bound != "" {
		in, schemas = "n.nspname = "+literal(h.bound), ""
	}
	err = h.conn.QueryRowContext(ctx, `
SELECT what FROM (
  SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' WHEN 'S' THEN 'sequence ' ELSE 'table ' END || n.nspname || '.' || c.relname AS what, 1 AS last
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND `+in+` AND NOT (`+own+` AND c.relname = `+literal(dialect.RevisionsTable)+`)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid AND m.deptype IN ('e', 'a', 'i') AND m.refobjid <> c.relnamespace)`+
		schemas+`) x
ORDER BY last DESC, what LIMIT 1`).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return found, fault(err, "")
}

func (h *history) Holds(ctx context.Context, query string) (bool, error) {
	if lead := h.lead; lead != "" {
		h.lead = ""
		if err := h.Exec(ctx, lead); err != nil {
			return false, err
		}
	}
	rows, err := h.conn.QueryContext(ctx, query)
	if err != nil {
		return false, fault(err, query)
	}
	defer func() { _ = rows.Close() }()
	held, err := dialect.OneTrue(rows)
	if err == nil {
		err = rows.Err()
	}
	return held, fault(err, query)
}

// Limit sets the server's own timeouts; RESET ALL between files must not take them away.
func (h *history) Limit(ctx context.Context, statement, lock time.Duration) error {
	h.limits = ""
	if statement > 0 {
		h.limits += fmt.Sprintf("; SET statement_timeout = %d", max(1, statement.Milliseconds()))
	}
	if lock > 0 {
		h.limits += fmt.Sprintf("; SET lock_timeout = %d", max(1, lock.Milliseconds()))
	}
	if h.limits == "" {
		return nil
	}
	return h.Exec(ctx, h.limits[2:])
}
