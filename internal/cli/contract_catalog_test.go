package cli

import (
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// postgresCatalog reads what a database holds with the server's own functions, and none of ours.
var postgresCatalog = []string{
	`SELECT 'relation', c.oid::regclass::text, relkind, relpersistence, relrowsecurity, relforcerowsecurity, relreplident, reloptions, relacl, pg_get_userbyid(relowner),
	   amname, pg_get_expr(relpartbound, c.oid), pg_get_partkeydef(c.oid), obj_description(c.oid, 'pg_class')
	 FROM pg_class c LEFT JOIN pg_am a ON a.oid = relam WHERE relnamespace = ANY (%s) AND relkind <> 'c'`,
	`SELECT 'column', attrelid::regclass::text, attname, row_number() OVER (PARTITION BY attrelid ORDER BY attnum), format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid), attidentity,
	   attgenerated, attstorage, attcompression, attstattarget, attoptions, attacl, attislocal, attinhcount, collname, col_description(attrelid, attnum)
	 FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum LEFT JOIN pg_collation l ON l.oid = attcollation
	 WHERE relnamespace = ANY (%s) AND attnum > 0 AND NOT attisdropped`,
	`SELECT 'constraint', conrelid::regclass::text, contypid::regtype::text, conname, pg_get_constraintdef(oid), convalidated, condeferrable, condeferred, conislocal, connoinherit,
	   obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE connamespace = ANY (%s)`,
	`SELECT 'index', pg_get_indexdef(indexrelid), indisunique, indisprimary, indisclustered, indisreplident, indisvalid FROM pg_index JOIN pg_class c ON c.oid = indexrelid
	 WHERE relnamespace = ANY (%s)`,
	`SELECT 'view', c.oid::regclass::text, pg_get_viewdef(c.oid) FROM pg_class c WHERE relkind IN ('v', 'm') AND relnamespace = ANY (%s)`,
	`SELECT 'routine', pg_get_functiondef(p.oid), proacl, obj_description(p.oid, 'pg_proc') FROM pg_proc p WHERE prokind <> 'a' AND pronamespace = ANY (%s)`,
	`SELECT 'trigger', pg_get_triggerdef(t.oid), tgenabled, obj_description(t.oid, 'pg_trigger') FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND relnamespace = ANY (%s)`,
	`SELECT 'rule', pg_get_ruledef(r.oid), ev_enabled FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class WHERE rulename <> '_RETURN' AND relnamespace = ANY (%s)`,
	`SELECT 'sequence', seqrelid::regclass::text, seqtypid::regtype::text, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle,
	   (SELECT refobjid::regclass::text || '.' || refobjsubid || deptype::text FROM pg_depend WHERE objid = seqrelid AND classid = 'pg_class'::regclass AND refobjsubid > 0)
	 FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid WHERE relnamespace = ANY (%s)`,
	`SELECT 'type', t.oid::regtype::text, typtype, typbasetype::regtype::text, typnotnull, typdefault, typacl, obj_description(t.oid, 'pg_type'),
	   (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)
	 FROM pg_type t WHERE typtype IN ('e', 'd', 'r') AND typnamespace = ANY (%s)`,
	`SELECT 'schema', nspname, nspacl, pg_get_userbyid(nspowner), obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE oid = ANY (%s)`,
	`SELECT 'extension', extname, extversion, (SELECT nspname FROM pg_namespace WHERE oid = extnamespace) FROM pg_extension WHERE array_length(%s, 1) > 0`,
	`SELECT 'policy', polrelid::regclass::text, polname, polcmd, polpermissive, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy JOIN pg_class c ON c.oid = polrelid
	 WHERE relnamespace = ANY (%s)`,
}

const ownSchemas = `ARRAY(SELECT oid FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema')`

// catalogText is all that a database holds, as lines in no particular order, as its server tells it.
func catalogText(t *testing.T, db *dbtest.DB) []string {
	t.Helper()
	if db.Server.Scheme != "postgres" {
		return mysqlCatalogText(t, db)
	}
	var out []string
	for _, q := range postgresCatalog {
		out = append(out, rowTexts(t, db, strings.Replace(q, "%s", ownSchemas, 1))...)
	}
	return out
}

// nextValue is where the counter of a table stands, which belongs to its rows.
var nextValue = regexp.MustCompile(` AUTO_INCREMENT=\d+`)

func mysqlCatalogText(t *testing.T, db *dbtest.DB) []string {
	t.Helper()
	list := `SELECT CASE TABLE_TYPE WHEN 'VIEW' THEN 'VIEW' WHEN 'SEQUENCE' THEN 'SEQUENCE' ELSE 'TABLE' END, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()
	  UNION ALL SELECT ROUTINE_TYPE, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
	  UNION ALL SELECT 'EVENT', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()`
	var out []string
	for _, object := range rowTexts(t, db, list) {
		kind, name, _ := strings.Cut(object, "\t")
		for _, text := range rowTexts(t, db, "SHOW CREATE "+kind+" `"+name+"`") {
			text = strings.ReplaceAll(text, "`"+db.Name+"`.", "")
			for _, line := range strings.Split(nextValue.ReplaceAllString(text, ""), "\n") {
				out = append(out, strings.TrimSuffix(line, ",")) // keys have no order
			}
		}
	}
	// Not as they were written: their text has comments between the table and the body, which no body has.
	out = append(out, rowTexts(t, db, `SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER, ACTION_STATEMENT, SQL_MODE, DEFINER, CHARACTER_SET_CLIENT,
	  COLLATION_CONNECTION FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()`)...)
	return append(out, rowTexts(t, db, "SELECT TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()")...)
}

// rowTexts returns the rows of a query, their values with tabs between them.
func rowTexts(t *testing.T, db *dbtest.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%v: %s", err, query)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values, dest := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		cells := make([]string, len(values))
		for i, v := range values {
			if cells[i] = v.String; !v.Valid {
				cells[i] = "NULL"
			}
		}
		out = append(out, strings.Join(cells, "\t"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", query, err))
	}
	return out
}
