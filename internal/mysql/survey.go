package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

var _ dialect.Surveyor = (*session)(nil)

// Survey tells how large the tables are that statements write anew, and which INSTANT changes have no row version left.
// It asks for those tables only.
func (s *session) Survey(ctx context.Context, steps []*plan.Step) error {
	if err := s.variant.refuse(steps); err != nil {
		return err
	}
	if err := s.completeRuns(ctx, steps); err != nil {
		return err
	}
	if err := s.spareAccounts(ctx, steps); err != nil {
		return err
	}
	if err := s.surveyVersions(ctx, steps); err != nil {
		return err
	}
	wanted := map[object.ID][]*plan.Step{}
	for _, st := range steps {
		if st.Runs != nil && st.Runs.Rebuild {
			wanted[st.Owner] = append(wanted[st.Owner], st)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	stale, err := s.freshStatistics(ctx)
	if err != nil {
		return err
	}
	defer stale()
	query := "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_ROWS, DATA_LENGTH + INDEX_LENGTH FROM information_schema.TABLES WHERE " + s.anyOf(wanted)
	return s.each(ctx, query, func(row *sql.Rows) error {
		var db, name string
		var rows, bytes sql.NullInt64
		if err := row.Scan(&db, &name, &rows, &bytes); err != nil {
			return err
		}
		for id, list := range wanted {
			if !strings.EqualFold(s.databaseOf(id), db) || id.Name != name {
				continue
			}
			for _, st := range list {
				st.Runs.Tables = append(st.Runs.Tables, plan.Size{Table: id, Rows: rows.Int64, Bytes: bytes.Int64})
			}
		}
		return nil
	})
}

// freshStatistics makes the session read how large tables are from the engine: otherwise the numbers may be a day old (MySQL
// manual, "Optimizing INFORMATION_SCHEMA Queries"). done takes that back.
func (s *session) freshStatistics(ctx context.Context) (done func(), err error) {
	if s.flavor.mariadb {
		return func() {}, nil
	}
	if err := s.Exec(ctx, "SET SESSION information_schema_stats_expiry = 0"); err != nil && !hasNumber(err, 1193) {
		return nil, err
	}
	return func() {
		_ = s.Exec(context.WithoutCancel(ctx), "SET SESSION information_schema_stats_expiry = DEFAULT")
	}, nil
}

// databaseOf is the database of an object; in a bound scope that of the connection.
func (s *session) databaseOf(id object.ID) string {
	if id.Schema == "" {
		return s.database
	}
	return id.Schema
}

// anyOf is the condition for rows about these tables.
func (s *session) anyOf(tables map[object.ID][]*plan.Step) string {
	var out []string
	for id := range tables {
		out = append(out, "TABLE_SCHEMA = "+literal(s.databaseOf(id))+" AND TABLE_NAME = "+literal(id.Name))
	}
	return strings.Join(out, " OR ")
}

func (s *session) each(ctx context.Context, query string, f func(*sql.Rows) error) error {
	rows, err := s.conn.QueryContext(ctx, query)
	if err != nil {
		return s.flavor.fault(err, "")
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return s.flavor.fault(rows.Err(), "")
}

// rowVersions is how often the columns of a table can be added to and dropped at once before it must be rebuilt (MySQL
// manual, "Online DDL Operations", Column Operations).
func (s *session) rowVersions() int {
	if s.server.Planned().AtLeast([3]int{9, 1, 0}) {
		return 255
	}
	return 64
}

// surveyVersions counts the row versions that INSTANT changes of columns use up. Nothing is told to who may not see them
// (PROCESS), and where the server does not answer within a second: it opens all its tables for it, and waits for each
// that another statement changes.
func (s *session) surveyVersions(ctx context.Context, steps []*plan.Step) error {
	if s.flavor.mariadb || s.variant.name != "" || !s.server.Planned().AtLeast([3]int{8, 0, 29}) {
		return nil
	}
	uses, names := map[string][]*plan.Step{}, []string{}
	for _, st := range steps {
		if !usesVersion(st) {
			continue
		}
		file := fileName(s.databaseOf(st.Owner)) + "/" + fileName(st.Owner.Name)
		if uses[file] == nil {
			names = append(names, literal(file))
		}
		uses[file] = append(uses[file], st)
	}
	if len(uses) == 0 {
		return nil
	}
	used := map[string]int{}
	err := s.each(ctx, "SELECT /*+ SET_VAR(lock_wait_timeout = 1) MAX_EXECUTION_TIME(1000) */ SUBSTRING_INDEX(NAME, '#p#', 1), MAX(TOTAL_ROW_VERSIONS)"+
		" FROM information_schema.INNODB_TABLES WHERE SUBSTRING_INDEX(NAME, '#p#', 1) IN ("+strings.Join(names, ", ")+") GROUP BY 1",
		func(r *sql.Rows) error {
			var file string
			var n sql.NullInt64
			err := r.Scan(&file, &n)
			used[file] = int(n.Int64)
			return err
		})
	switch {
	case hasNumber(err, 1205, 3024, 1227, 1109, 1054): // not in a second, no right, no such view
		return nil
	case err != nil:
		return err
	}
	for file, list := range uses {
		spend(list, used[file], s.rowVersions())
	}
	return nil
}

// spend writes into the steps of a table, in their order, what becomes of its row versions.
func spend(steps []*plan.Step, used, limit int) {
	for _, st := range steps {
		switch used++; {
		case used > limit: // the server would rebuild, and count from zero
			st.Runs = runsAs("Nr")
			st.Runs.Note = fmt.Sprintf("the table's %d row versions for INSTANT are used up, so it is rebuilt", limit)
			used = 0
		case used*10 >= limit*9:
			st.Runs.Note = fmt.Sprintf("row version %d of %d: after those the table must be rebuilt", used, limit)
		}
	}
}

// usesVersion reports whether the statement adds or drops columns at once; virtual ones are in no row.
func usesVersion(st *plan.Step) bool {
	if st.Runs == nil || st.Runs.Algorithm != "INSTANT" || st.Class == classVirtual {
		return false
	}
	counts := func(op plan.Op, id object.ID) bool { return id.Kind == "column" && op != plan.Alter }
	if counts(st.Op, st.ID) {
		return true
	}
	for _, p := range st.Parts {
		if counts(p.Op, p.ID) {
			return true
		}
	}
	return false
}

// fileName is a name as InnoDB spells it: all but plain letters, digits and _ as @ and the character's number (MySQL
// manual, "Mapping of Identifiers to File Names").
func fileName(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "@%04x", r)
		}
	}
	return b.String()
}
