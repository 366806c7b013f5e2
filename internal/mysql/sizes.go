package mysql

import (
	"context"
	"database/sql"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/safety"
)

var _ dialect.Sizer = (*session)(nil)

// Sizes reads what the storage engine estimates (MySQL manual, "The INFORMATION_SCHEMA TABLES Table"). Tables without a
// schema are those of the session's database.
func (s *session) Sizes(ctx context.Context, tables []safety.Name) (map[safety.Name]safety.Size, error) {
	out := map[safety.Name]safety.Size{}
	if len(tables) == 0 {
		return out, nil
	}
	stale, err := s.freshStatistics(ctx)
	if err != nil {
		return nil, err
	}
	defer stale()
	var which []string
	for _, t := range tables {
		schema := "DATABASE()"
		if t.Schema != "" {
			schema = literal(t.Schema)
		}
		which = append(which, "TABLE_SCHEMA = "+schema+" AND TABLE_NAME = "+literal(t.Name))
	}
	query := "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH FROM information_schema.TABLES WHERE " + strings.Join(which, " OR ")
	return out, s.each(ctx, query, func(row *sql.Rows) error {
		var db, name string
		var rows, data, index sql.NullInt64
		if err := row.Scan(&db, &name, &rows, &data, &index); err != nil {
			return err
		}
		for _, t := range tables {
			if t.Name == name && (t.Schema == "" || strings.EqualFold(t.Schema, db)) {
				out[t] = safety.Size{Rows: rows.Int64, Bytes: data.Int64, Index: index.Int64}
			}
		}
		return nil
	})
}

// Rates were measured on a machine of two cores, with other work beside it (docs/costs.md).
func (s *session) Rates() safety.Rates {
	return safety.Rates{Scan: 200 << 20, Rewrite: 20 << 20, Build: 20 << 20}
}

// Probes are statements that take the locks of readers and writers, and touch no row.
func (Dialect) Probes(t safety.Name) (read, write string) {
	table := ident(t.Name)
	if t.Schema != "" {
		table = ident(t.Schema) + "." + table
	}
	return "SELECT 1 FROM " + table + " LIMIT 1", "DELETE FROM " + table + " WHERE 1 = 0"
}
