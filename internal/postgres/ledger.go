package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/object"
)

// unmanaged puts an object into the ledger: it is there, and no plan will touch it.
func (b *builder) unmanaged(kind, name, reason string) {
	b.state.Ledger = append(b.state.Ledger, object.Entry{Kind: kind, Name: name, Status: object.Unmanaged, Reason: reason})
}

// ownRule begins the reasons of what schemactl leaves alone by itself, although it manages such objects.
const ownRule = "schemactl: "

func (b *builder) ignored(kind, name, reason string) {
	b.state.Ledger = append(b.state.Ledger, object.Entry{Kind: kind, Name: name, Status: object.Ignored, Reason: reason})
}

// fewLargeObjects is the condition under which each is named: there may be millions.
const fewLargeObjects = `(SELECT count(*) FROM (SELECT FROM pg_catalog.pg_largeobject_metadata LIMIT 101) l) <= 100`

// ledgerQueries read what no kind models, so that nothing is passed over in silence. OIDs below 16384 are the
// server's own. What belongs to the whole server rather than the database (roles, tablespaces) is listed where the
// database uses it.
func ledgerQueries() []catalog.Query {
	return []catalog.Query{{Name: "ledger", SQL: `
SELECT x.class, x.oid, x.kind, x.name, x.reason FROM (
  SELECT 2995 AS class, m.oid, 'large object' AS kind, m.oid::text AS name, 'large objects are data; move them with pg_dump' AS reason
  FROM pg_catalog.pg_largeobject_metadata m WHERE ` + fewLargeObjects + `
  UNION ALL SELECT 2995, 0, 'large object', 'all of them', 'large objects are data; move them with pg_dump' WHERE NOT ` + fewLargeObjects + `
  UNION ALL SELECT 3576, t.oid, 'transform', pg_catalog.format_type(t.trftype, NULL) || ' for ' || l.lanname, 'CREATE TRANSFORM needs C functions; keep it in an extension'
  FROM pg_catalog.pg_transform t JOIN pg_catalog.pg_language l ON l.oid = t.trflang WHERE t.oid >= 16384
  UNION ALL SELECT 2607, c.oid, 'conversion', n.nspname || '.' || c.conname, 'CREATE CONVERSION needs C functions; keep it in an extension'
  FROM pg_catalog.pg_conversion c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace WHERE c.oid >= 16384
  UNION ALL SELECT 2601, a.oid, 'access method', a.amname, 'CREATE ACCESS METHOD needs C functions; keep it in an extension' FROM pg_catalog.pg_am a WHERE a.oid >= 16384
  UNION ALL SELECT 1247, t.oid, 'base type', n.nspname || '.' || t.typname, 'base types need C functions; keep them in an extension'
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE t.oid >= 16384 AND (t.typtype = 'p' OR t.typtype = 'b' AND t.typelem = 0 OR t.typtype = 'b' AND t.typsubscript <> 'array_subscript_handler'::pg_catalog.regproc)
  UNION ALL SELECT 1213, s.oid, 'tablespace', s.spcname, 'tablespaces belong to the server: create them with CREATE TABLESPACE' FROM pg_catalog.pg_tablespace s WHERE s.oid >= 16384
  UNION ALL SELECT 3592, l.objoid, 'security label', l.provider || ' on ' || l.classoid::pg_catalog.regclass || ' ' || l.objoid, 'SECURITY LABEL is not managed' FROM pg_catalog.pg_seclabel l
  UNION ALL SELECT 0, 0, 'comment', 'NOT NULL ' || k.conname || ' on ' || CASE WHEN k.contypid = 0 THEN k.conrelid::pg_catalog.regclass::text ELSE pg_catalog.format_type(k.contypid, NULL) END,
    'comments on NOT NULL are managed for columns of tables only, where they are not inherited'
  FROM pg_catalog.pg_description d JOIN pg_catalog.pg_constraint k ON k.oid = d.objoid LEFT JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  WHERE d.classoid = 2606 AND d.objoid >= 16384 AND k.contype = 'n' AND (k.contypid <> 0 OR NOT k.conislocal OR c.relispartition)
  UNION ALL ` + databaseQuery + `
  UNION ALL ` + secretQuery + `
) x
ORDER BY 1, 4`}}
}

func (b *builder) buildLedger() error {
	return b.rows("ledger", func(r catalog.Row) error {
		if at := (ref{r.Str("class"), r.Str("oid"), "0"}); !b.isMember(at) {
			b.listed[at] = true
			if strings.HasPrefix(r.Str("reason"), ownRule) {
				b.ignored(r.Str("kind"), r.Str("name"), r.Str("reason"))
				return nil
			}
			b.unmanaged(r.Str("kind"), r.Str("name"), r.Str("reason"))
		}
		return nil
	})
}
