package mysql

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

var (
	_ dialect.Records  = Dialect{}
	_ dialect.Recorder = (*session)(nil)
)

// recordName is where the servers record queries.
const recordName = "performance_schema"

// cutText ends a text that the server has cut (max_digest_length, performance_schema_max_sql_text_length).
const cutText = "..."

// ofServer finds queries of the server's own catalogs, as tools ask them.
var ofServer = regexp.MustCompile(`(?i)\b(?:information_schema|performance_schema|mysql|sys)\b\W*\.`)

// Record is the name of the schema.
func (Dialect) Record() string { return recordName }

// QueryPath is the database that the session selects.
func (s *session) QueryPath(context.Context) (string, error) { return s.database, nil }

// Recorded reads the digests of queries. They are shown without their values; what is explained is the last such query
// with its values, where the server keeps one (MySQL manual, "Statement Summary Tables").
func (s *session) Recorded(ctx context.Context, scope dialect.Scope) (out *dialect.Recorded, err error) {
	var on bool
	if err := s.conn.QueryRowContext(ctx, "SELECT @@performance_schema").Scan(&on); err != nil {
		return nil, s.flavor.fault(err, "")
	}
	if !on {
		return nil, diag.Errorf(diag.Pos{}, "no-record", "performance_schema is off on that server").
			WithHint("start it with performance_schema=ON, or give a file of queries")
	}
	sample := "QUERY_SAMPLE_TEXT"
	if s.flavor.mariadb {
		sample = "NULL"
	}
	rows, err := s.conn.QueryContext(ctx, "SELECT SCHEMA_NAME, DIGEST, DIGEST_TEXT, "+sample+", COUNT_STAR FROM performance_schema.events_statements_summary_by_digest "+
		"WHERE DIGEST IS NULL OR "+scopeCondition(scope, s.database)("SCHEMA_NAME")+" ORDER BY SUM_TIMER_WAIT DESC, SCHEMA_NAME, DIGEST")
	if err != nil {
		return nil, s.flavor.fault(err, "")
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	r := recording{out: &dialect.Recorded{}}
	for rows.Next() {
		var database, digest, text, whole sql.NullString
		var calls int64
		if err := rows.Scan(&database, &digest, &text, &whole, &calls); err != nil {
			return nil, err
		}
		r.take(database.String, digest, text.String, whole.String, calls)
	}
	return r.done(), s.flavor.fault(rows.Err(), "")
}

// recording gathers what can be asked, and counts what cannot.
type recording struct {
	out       *dialect.Recorded
	cut, lost int
	own       int // of the server's catalogs
}

func (r *recording) take(database string, digest sql.NullString, text, sample string, calls int64) {
	q := dialect.RecordedQuery{ID: digest.String, Text: text, Calls: calls}
	if len(q.ID) > 16 {
		q.ID = q.ID[:16]
	}
	q.Asked.Discreet, q.Asked.Path = true, database
	switch {
	case !digest.Valid: // the table is full
		r.lost += int(calls)
		return
	case ofServer.MatchString(text):
		r.own++
		return
	case sample != "" && !strings.HasSuffix(sample, cutText):
		q.Asked.SQL = sample
	case text != "" && !strings.HasSuffix(text, cutText):
		q.Asked.SQL = text
	default:
		r.cut++
		return
	}
	r.out.Queries = append(r.out.Queries, q)
}

func (r *recording) done() *dialect.Recorded {
	if r.own > 0 {
		r.out.Left = append(r.out.Left, dialect.LeftOut{Count: r.own, Reason: "of the server's own catalogs"})
	}
	if r.cut > 0 {
		r.out.Left = append(r.out.Left, dialect.LeftOut{Count: r.cut, Reason: "the server has cut their text: raise max_digest_length and performance_schema_max_sql_text_length"})
	}
	if r.lost > 0 {
		r.out.Left = append(r.out.Left, dialect.LeftOut{Count: r.lost, Reason: "the server has no room for their digests: raise performance_schema_digests_size"})
	}
	return r.out
}
