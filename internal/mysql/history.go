package mysql

import (
	"context"
	"database/sql"
	"encoding/hex"
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
	schema  string
	lock    string        // the name of the lock that the working connection holds
	thread  int64         // the working connection; 0: it is not set up for migrations
	limit   time.Duration // of a statement
	limits  string        // settings of the session
	changed bool          // a statement may have left something in the session
	// inserted says that one may have made a key that LAST_INSERT_ID() tells.
	inserted bool
	users    bool // a transaction that the migration itself began is open
}

// History is in the database that the connection names, or in one of its own.
func (s *session) History(schema string) dialect.History {
	if schema == "" {
		schema = s.database
	}
	if schema == "" {
		schema = dialect.RevisionsTable
	}
	return &history{session: s, schema: schema}
}

func (h *history) Table() string { return h.schema + "." + dialect.RevisionsTable }

func (h *history) table() string { return qualified(h.schema, dialect.RevisionsTable) }

func (h *history) Read(ctx context.Context) ([]dialect.Revision, error) {
	var out []dialect.Revision
	query := `SELECT version, description, type, applied, total, UNIX_TIMESTAMP(executed_at), execution_time, COALESCE(error, ''), COALESCE(error_stmt, ''),
  hash, COALESCE(partial_hashes, 'null'), operator_version FROM ` + h.table() + " WHERE version <> " + hexText(dialect.AtlasIdentifier) + " ORDER BY version"
	err := h.each(ctx, query, func(rows *sql.Rows) error {
		var r dialect.Revision
		var at float64
		var hashes string
		if err := rows.Scan(&r.Version, &r.Description, &r.Type, &r.Applied, &r.Total, &at, &r.ExecutionTime,
			&r.Error, &r.ErrorStmt, &r.Hash, &hashes, &r.Operator); err != nil {
			return err
		}
		r.ExecutedAt = time.UnixMicro(int64(at * 1e6)).UTC()
		out = append(out, r)
		return json.Unmarshal([]byte(hashes), &out[len(out)-1].PartialHashes)
	})
	switch {
	case hasNumber(err, 1146, 1049):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", h.Table(), err)
	}
	return out, h.settle(ctx)
}

// settle ends the transaction of a read, whose snapshot would otherwise last.
func (h *history) settle(ctx context.Context) error {
	if h.thread == 0 {
		return nil
	}
	return h.Exec(ctx, "COMMIT")
}

// Ensure makes the table as Atlas does.
func (h *history) Ensure(ctx context.Context) error {
	var there int
	query := "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + literal(h.schema) + " AND TABLE_NAME = " + literal(dialect.RevisionsTable)
	if err := h.conn.QueryRowContext(ctx, query).Scan(&there); err != nil {
		return h.flavor.fault(err, "")
	}
	if there > 0 {
		return nil
	}
	text := ""
	if h.schema != h.database {
		text = "CREATE DATABASE IF NOT EXISTS " + ident(h.schema) + " CHARACTER SET utf8mb4; "
	}
	err := h.Exec(ctx, text+"CREATE TABLE IF NOT EXISTS "+h.table()+" (\n"+
		"  version varchar(255) NOT NULL,\n"+
		"  description varchar(255) NOT NULL,\n"+
		"  type bigint unsigned NOT NULL DEFAULT 2,\n"+
		"  applied bigint NOT NULL DEFAULT 0,\n"+
		"  total bigint NOT NULL DEFAULT 0,\n"+
		"  executed_at timestamp NOT NULL,\n"+
		"  execution_time bigint NOT NULL,\n"+
		"  error longtext,\n"+
		"  error_stmt longtext,\n"+
		"  hash varchar(255) NOT NULL,\n"+
		"  partial_hashes json,\n"+
		"  operator_version varchar(255) NOT NULL,\n"+
		"  PRIMARY KEY (version)\n"+
		") ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
	if isDenied(err) {
		var d *diag.Diagnostic
		if errors.As(err, &d) {
			return d.WithHint("the history of migrations needs the table %s: let its owner run this once, or grant CREATE; --revisions-schema names another database", h.Table())
		}
	}
	return err
}

// hexText is a string that no setting of the session, such as its sql_mode and character set, reads in another way.
func hexText(s string) string { return "_utf8mb4 X'" + hex.EncodeToString([]byte(s)) + "'" }

func (h *history) Write(ctx context.Context, revisions ...*dialect.Revision) error {
	return h.Exec(ctx, h.upsert(revisions...)+"; COMMIT")
}

// upsert writes revisions as Atlas does: those that are there keep their description and when they were run.
func (h *history) upsert(revisions ...*dialect.Revision) string {
	var rows []string
	for _, r := range revisions {
		hashes, _ := json.Marshal(r.PartialHashes) // strings always marshal
		rows = append(rows, fmt.Sprintf("(%s, %s, %d, %d, %d, FROM_UNIXTIME(%d), %d, %s, %s, %s, %s, %s)",
			hexText(r.Version), hexText(r.Description), r.Type, r.Applied, r.Total, max(1, r.ExecutedAt.Unix()), int64(r.ExecutionTime),
			hexText(clean(r.Error)), hexText(clean(r.ErrorStmt)), hexText(r.Hash), hexText(string(hashes)), hexText(r.Operator)))
	}
	set := ", executed_at = executed_at" // else servers without explicit_defaults_for_timestamp set it
	for _, c := range []string{"type", "applied", "total", "execution_time", "error", "error_stmt", "hash", "partial_hashes", "operator_version"} {
		set += ", " + c + " = VALUES(" + c + ")"
	}
	return "INSERT INTO " + h.table() + " (version, description, type, applied, total, executed_at, execution_time, error, error_stmt, hash, partial_hashes, operator_version) VALUES " +
		strings.Join(rows, ", ") + " ON DUPLICATE KEY UPDATE " + set[2:]
}

func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func (h *history) Delete(ctx context.Context, versions ...string) error {
	return h.Exec(ctx, h.without(versions)+"; COMMIT")
}

func (h *history) without(versions []string) string {
	list := make([]string, len(versions))
	for i, v := range versions {
		list[i] = hexText(v)
	}
	return "DELETE FROM " + h.table() + " WHERE version IN (" + strings.Join(list, ", ") + ")"
}

// Found looks for a table or view, or on a server that is managed as a whole for a database, as Atlas does.
func (h *history) Found(ctx context.Context) (found string, err error) {
	query := "SELECT CONCAT('database ', SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN (" + systemSchemas +
		", " + literal(h.schema) + ", " + literal(journalName) + ") ORDER BY 1 LIMIT 1"
	if h.database != "" {
		query = "SELECT CONCAT(IF(TABLE_TYPE LIKE '%VIEW', 'view ', 'table '), TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + literal(h.database) +
			" AND NOT (TABLE_NAME = " + literal(dialect.RevisionsTable) + " AND TABLE_SCHEMA = " + literal(h.schema) + ") ORDER BY TABLE_TYPE, TABLE_NAME LIMIT 1"
	}
	err = h.conn.QueryRowContext(ctx, query).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return found, h.flavor.fault(err, "")
}

func (h *history) Holds(ctx context.Context, query string) (bool, error) {
	rows, err := h.conn.QueryContext(ctx, query)
	if err != nil {
		return false, h.flavor.fault(err, query)
	}
	defer func() { _ = rows.Close() }()
	held, err := dialect.OneTrue(rows)
	if err == nil {
		err = rows.Err()
	}
	return held, h.flavor.fault(err, query)
}

// Limit keeps the limits for every connection of the run. The servers have no limit for all statements: that one is
// kept here.
func (h *history) Limit(ctx context.Context, statement, lock time.Duration) error {
	h.limit = statement
	if lock > 0 {
		seconds := max(1, int(lock.Round(time.Second).Seconds()))
		h.limits = fmt.Sprintf("; SET SESSION lock_wait_timeout = %d, innodb_lock_wait_timeout = %d", seconds, seconds)
		if h.thread != 0 {
			return h.Exec(ctx, h.limits[2:])
		}
	}
	return nil
}
