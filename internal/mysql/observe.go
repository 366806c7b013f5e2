package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/safety"
)

var (
	_ dialect.Observer   = (*session)(nil)
	_ dialect.Calibrator = (*session)(nil)
)

// Backend is the connection of the session.
func (s *session) Backend(ctx context.Context) (id int64, err error) {
	return id, s.flavor.fault(s.conn.QueryRowContext(ctx, "SELECT CONNECTION_ID()").Scan(&id), "")
}

// Why no lock can be seen.
var (
	errNoPerformanceSchema = errors.New("the server runs without performance_schema, or does not watch metadata locks (setup_instruments: wait/lock/metadata/sql/mdl)")
	errNoLockPlugin        = errors.New("the server has no plugin METADATA_LOCK_INFO (INSTALL SONAME 'metadata_lock_info')")
)

// Observe reads the metadata locks that are granted on tables (MySQL manual, "The metadata_locks Table"; MariaDB, "METADATA_LOCK_INFO
// Plugin"), and whether the server copies a table.
func (s *session) Observe(ctx context.Context, backend int64) (out dialect.Observed, err error) {
	query := fmt.Sprintf("SELECT 'copies', STATE, '', '' FROM information_schema.PROCESSLIST WHERE ID = %[1]d"+
		" UNION SELECT LOCK_MODE, '', TABLE_SCHEMA, TABLE_NAME FROM information_schema.METADATA_LOCK_INFO WHERE THREAD_ID = %[1]d AND LOCK_TYPE = 'Table metadata lock'", backend)
	if !s.flavor.mariadb {
		query = fmt.Sprintf("SELECT 'copies', PROCESSLIST_STATE, '', '' FROM performance_schema.threads WHERE PROCESSLIST_ID = %[1]d"+
			" UNION SELECT m.LOCK_TYPE, '', m.OBJECT_SCHEMA, m.OBJECT_NAME FROM performance_schema.metadata_locks m"+
			" JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID"+
			" WHERE t.PROCESSLIST_ID = %[1]d AND m.OBJECT_TYPE = 'TABLE' AND m.LOCK_STATUS = 'GRANTED'", backend)
	}
	seen := false
	err = s.each(ctx, query, func(row *sql.Rows) error {
		var word string
		var state, schema, name sql.NullString
		if err := row.Scan(&word, &state, &schema, &name); err != nil {
			return err
		}
		seen = true
		switch {
		case word == "copies":
			out.Copies = strings.HasPrefix(state.String, "copy to tmp table")
		case !strings.HasPrefix(name.String, "#sql") && !systemSchema(schema.String):
			l := metadataLock(word)
			l.Table = safety.Name{Schema: schema.String, Name: name.String}
			out.Locks = append(out.Locks, l)
		}
		return nil
	})
	switch {
	case s.flavor.mariadb && hasNumber(err, 1109): // unknown table
		return out, errNoLockPlugin
	case err == nil && !seen && !s.flavor.mariadb:
		return out, errNoPerformanceSchema
	}
	return out, err
}

func systemSchema(name string) bool {
	const dictionary = "dummy_sdi_db" // where InnoDB locks what it writes of definitions
	return name == dictionary || strings.Contains(systemSchemas, "'"+strings.ToLower(name)+"'")
}

// metadataLock names a mode as the table of facts does (MySQL source, sql/mdl.h, enum_mdl_type).
func metadataLock(word string) safety.Lock {
	word = strings.TrimPrefix(word, "MDL_")
	l := safety.Lock{Mode: strings.ReplaceAll(word, "_", " ") + " METADATA"}
	switch word {
	case "EXCLUSIVE", "SHARED_NO_READ_WRITE":
		l.Hold = safety.HoldAll
	case "SHARED_NO_WRITE", "SHARED_READ_ONLY":
		l.Hold = safety.HoldWrites
	}
	return l
}

// Files reads the numbers of InnoDB's tables and indexes: a table that is rebuilt has another.
func (s *session) Files(ctx context.Context, tables []safety.Name) ([]dialect.File, error) {
	at, names := map[string]safety.Name{}, []string{}
	for _, t := range tables {
		database := t.Schema
		if database == "" {
			database = s.database
		}
		file := fileName(database) + "/" + fileName(t.Name)
		at[strings.ToLower(file)] = t
		names = append(names, literal(file))
	}
	if len(names) == 0 {
		return nil, nil
	}
	views := [2]string{"INNODB_TABLES", "INNODB_INDEXES"}
	if s.flavor.mariadb {
		views = [2]string{"INNODB_SYS_TABLES", "INNODB_SYS_INDEXES"}
	}
	query := "SELECT SUBSTRING_INDEX(t.NAME, '#', 1), t.NAME, t.TABLE_ID, i.NAME, i.INDEX_ID FROM information_schema." + views[0] +
		" t LEFT JOIN information_schema." + views[1] + " i ON i.TABLE_ID = t.TABLE_ID WHERE SUBSTRING_INDEX(t.NAME, '#', 1) IN (" + strings.Join(names, ", ") + ") ORDER BY 2, 4"
	var out []dialect.File
	last := ""
	err := s.each(ctx, query, func(row *sql.Rows) error {
		var file, whole, table string
		var index, id sql.NullString // MySQL lists no indexes of partitions
		if err := row.Scan(&file, &whole, &table, &index, &id); err != nil {
			return err
		}
		name := at[strings.ToLower(file)]
		if whole != last {
			out = append(out, dialect.File{ID: whole, Table: name, Place: table})
			last = whole
		}
		if index.Valid {
			out = append(out, dialect.File{ID: whole + "/" + index.String, Table: name, Index: index.String, Place: id.String})
		}
		return nil
	})
	return out, err
}

// Calibrate works on a table beside the other.
func (s *session) Calibrate(ctx context.Context, t safety.Name, rows int64) (r safety.Rates, bytes int64, err error) {
	table, cal := qualified(t.Schema, t.Name), safety.Name{Schema: t.Schema, Name: dialect.Calibration}
	name := qualified(cal.Schema, cal.Name)
	var write, scan, build time.Duration
	write, err = s.timed(ctx, fmt.Sprintf("CREATE TABLE %s AS SELECT FLOOR(RAND(1) * 2147483647) AS made_up, t.* FROM %s t LIMIT %d", name, table, rows))
	if err != nil {
		return r, 0, err
	}
	defer func() { err = errors.Join(err, s.Exec(context.WithoutCancel(ctx), "DROP TABLE "+name)) }()
	if scan, err = s.timed(ctx, "DO (SELECT COUNT(*) FROM "+name+" WHERE made_up >= 0)"); err != nil {
		return r, 0, err
	}
	if err := s.Exec(ctx, "ANALYZE TABLE "+name); err != nil {
		return r, 0, err
	}
	sizes, err := s.Sizes(ctx, []safety.Name{cal})
	if err != nil {
		return r, 0, err
	}
	bytes = sizes[cal].Bytes
	build, err = s.timed(ctx, "CREATE INDEX made_up ON "+name+" (made_up)")
	return safety.Rates{Scan: safety.Rate(bytes, scan), Rewrite: safety.Rate(bytes, write), Build: safety.Rate(bytes, build)}, bytes, err
}

func (s *session) timed(ctx context.Context, sql string) (time.Duration, error) {
	start := time.Now()
	err := s.Exec(ctx, sql)
	return time.Since(start), err
}
