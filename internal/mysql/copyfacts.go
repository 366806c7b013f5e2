package mysql

import (
	"context"
	"database/sql"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.Copier = (*session)(nil)

// CopyFacts reads what an outside tool that copies the table must cope with. MariaDB keeps the names of checks in a copy.
func (s *session) CopyFacts(ctx context.Context, table object.ID) (dialect.CopyFacts, error) {
	f := dialect.CopyFacts{Database: s.databaseOf(table), Table: table.Name}
	at := " = " + literal(f.Database) + " AND "
	names := func(query string) (out []string, err error) {
		err = s.each(ctx, query, func(r *sql.Rows) error {
			var name string
			err := r.Scan(&name)
			out = append(out, name)
			return err
		})
		return out, err
	}
	keys, err := names("SELECT DISTINCT INDEX_NAME FROM information_schema.STATISTICS WHERE NON_UNIQUE = 0 AND TABLE_SCHEMA" + at + "TABLE_NAME = " + literal(f.Table))
	if err != nil {
		return f, err
	}
	f.UniqueKey = len(keys) > 0
	for _, q := range []struct {
		into  *[]string
		query string
	}{
		{&f.Triggers, "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA" + at + "EVENT_OBJECT_TABLE = " + literal(f.Table) + " ORDER BY 1"},
		{&f.Parents, "SELECT CONSTRAINT_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA" + at + "TABLE_NAME = " + literal(f.Table) + " ORDER BY 1"},
		{&f.Children, "SELECT CONSTRAINT_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE UNIQUE_CONSTRAINT_SCHEMA" + at + "REFERENCED_TABLE_NAME = " + literal(f.Table) + " ORDER BY 1"},
		{&f.Checks, "SELECT CONSTRAINT_NAME FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_TYPE = 'CHECK' AND TABLE_SCHEMA" + at + "TABLE_NAME = " + literal(f.Table) + " ORDER BY 1"},
	} {
		if q.into == &f.Checks && s.flavor.mariadb {
			continue
		}
		if *q.into, err = names(q.query); err != nil {
			return f, err
		}
	}
	return f, nil
}
