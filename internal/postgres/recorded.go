package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

var (
	_ dialect.Records  = Dialect{}
	_ dialect.Recorder = (*session)(nil)
)

// recordName is the extension that records queries, and its view.
const recordName = "pg_stat_statements"

// noRight is what the view shows in place of a text that the role may not read (PostgreSQL manual, "pg_stat_statements").
const noRight = "<insufficient privilege>"

// ofServer finds queries of the server's own catalogs, as tools ask them.
var ofServer = regexp.MustCompile(`\b(?:pg_catalog|information_schema)\.`)

// Record is the name of the view.
func (Dialect) Record() string { return recordName }

// QueryPath is the search path of the session, which the database and the role may have set.
func (s *session) QueryPath(ctx context.Context) (path string, err error) {
	err = s.conn.QueryRowContext(ctx, "SELECT pg_catalog.current_setting('search_path')").Scan(&path)
	return path, fault(err, "")
}

// Recorded reads the queries of the database, whose values the server has taken out.
func (s *session) Recorded(ctx context.Context, _ dialect.Scope) (out *dialect.Recorded, err error) {
	var schema string
	err = s.conn.QueryRowContext(ctx, `SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = '`+recordName+`'`).Scan(&schema)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, diag.Errorf(diag.Pos{}, "no-record", "the extension %s is not installed in the database %q", recordName, s.database).
			WithHint("CREATE EXTENSION %s there, on a server that has it in shared_preload_libraries; or give a file of queries", recordName)
	}
	if err != nil {
		return nil, fault(err, "")
	}
	query := `SELECT coalesce(s.queryid, 0)::text, s.query, s.calls FROM ` + qualified(schema, recordName) + ` s
WHERE s.dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
ORDER BY s.total_exec_time DESC, s.queryid`
	rows, err := s.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, unreadRecord(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = &dialect.Recorded{}
	hidden, lost, own := 0, 0, 0
	for rows.Next() {
		var q dialect.RecordedQuery
		var text sql.NullString
		if err := rows.Scan(&q.ID, &text, &q.Calls); err != nil {
			return nil, err
		}
		switch {
		case !text.Valid:
			lost++
		case text.String == noRight:
			hidden++
		case ofServer.MatchString(text.String):
			own++
		default:
			q.Text, q.Asked.SQL = text.String, text.String
			out.Queries = append(out.Queries, q)
		}
	}
	if own > 0 {
		out.Left = append(out.Left, dialect.LeftOut{Count: own, Reason: "of the server's own catalogs"})
	}
	if hidden > 0 {
		out.Left = append(out.Left, dialect.LeftOut{Count: hidden, Reason: fmt.Sprintf("the role %s may not read their text: GRANT pg_read_all_stats TO it", s.user)})
	}
	if lost > 0 {
		out.Left = append(out.Left, dialect.LeftOut{Count: lost, Reason: "the server has lost their text"})
	}
	return out, unreadRecord(rows.Err())
}

// unreadRecord says what a record lacks that cannot be read.
func unreadRecord(err error) error {
	f := new(serverFault)
	if err = fault(err, ""); !errors.As(err, &f) {
		return err
	}
	switch f.code {
	case "55000":
		return diag.Errorf(diag.Pos{}, "no-record", "%s", f.Message).WithHint("put %s into shared_preload_libraries and restart that server, or give a file of queries", recordName)
	case "42703":
		return diag.Errorf(diag.Pos{}, "no-record", "the extension %s is older than the server: %s", recordName, f.Message).WithHint("ALTER EXTENSION %s UPDATE", recordName)
	}
	return err
}
