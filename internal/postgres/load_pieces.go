package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

const (
	// pieceStatements is how many statements of a load are committed together at first. It shrinks as the server asks.
	pieceStatements = 400
	// dropTogether is how many objects one statement of the clean-up drops: each may lock a dozen others.
	dropTogether = 25
	// emptyTimeout bounds the clean-up, which a cancelled load does not cut off.
	emptyTimeout = 10 * time.Minute
)

// outOfLocks reports whether a transaction locked more objects than the server has room for: SQLSTATE 53200 with a hint
// that names the setting (PostgreSQL manual, "Lock Management").
func outOfLocks(err error) bool {
	var f *serverFault
	return errors.As(err, &f) && f.code == "53200" && strings.Contains(f.Hint, "max_locks_per_transaction")
}

// pieces is a load in several transactions that are committed. What it makes is dropped at the end.
type pieces struct {
	*session
	load    loading
	size    int     // statements to commit together
	backend int     // the process that serves the load
	comment *string // of the schema public before
}

// loadInPieces loads what one transaction cannot hold. The database was empty, so that all that is there afterwards can
// go; statements that leave traces elsewhere are refused.
func (s *session) loadInPieces(ctx context.Context, pending []dialect.Statement, scope dialect.Scope) (*catalog.Catalog, error) {
	return s.inPieces(ctx, pending, scope, func(*pieces) error { return nil })
}

// inPieces loads statements in pieces, lets then do more, and reads the catalogs.
func (s *session) inPieces(ctx context.Context, pending []dialect.Statement, scope dialect.Scope, then func(*pieces) error) (c *catalog.Catalog, err error) {
	splitFurther(&pending)
	if err := refuseTraces(pending); err != nil {
		return nil, err
	}
	p := &pieces{session: s, load: loading{session: s, scope: scope}, size: pieceStatements}
	err = s.conn.QueryRowContext(ctx, `
SELECT pg_catalog.pg_backend_pid(), pg_catalog.obj_description(pg_catalog.to_regnamespace('public'), 'pg_namespace')`).Scan(&p.backend, &p.comment)
	if err != nil {
		return nil, fault(err, "")
	}
	defer func() {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), emptyTimeout)
		defer cancel()
		if cleanErr := p.empty(clean); cleanErr != nil {
			err = errors.Join(err, fmt.Errorf("empty the dev database: %w", cleanErr))
		}
	}()
	if err := s.Steady(ctx); err != nil {
		return nil, err
	}
	if scope.Bound {
		name := ident(scope.Schemas[0])
		if err := s.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+name); err != nil {
			return nil, err
		}
		if err := s.Exec(ctx, "SET search_path = "+name); err != nil {
			return nil, err
		}
	}
	if err := loadAll(ctx, pending, p.round); err != nil {
		return nil, err
	}
	if err := then(p); err != nil {
		return nil, err
	}
	return Inspect(ctx, s.conn, scope)
}

// leavesTraces reports whether the effect of a statement outlives the objects of the database.
func leavesTraces(statement string) bool {
	if privileges.MatchString(statement) {
		return !onObject.MatchString(statement) || onShared.MatchString(statement)
	}
	return beyond.MatchString(statement) && !userMapping.MatchString(statement)
}

var (
	privileges  = regexp.MustCompile(`(?i)^\s*(?:grant|revoke)\s`)
	onObject    = regexp.MustCompile(`(?i)\son\s`)
	onShared    = regexp.MustCompile(`(?is)\son\s+(?:database|tablespace|parameter|schema\s+(?:[^;]*,\s*)?"?public"?(?:\s*,|\s+to|\s+from))\s`)
	userMapping = regexp.MustCompile(`(?i)^\s*\w+\s+user\s+mapping\s`)
	beyond      = regexp.MustCompile(`(?i)^\s*(?:` + strings.Join([]string{
		`(?:create|alter|drop|comment\s+on)\s+(?:role|group|user|tablespace|database|subscription)\s`,
		`alter\s+(?:system|default\s+privileges)\s`,
		`(?:reassign|drop)\s+owned\s`,
		`(?:alter|drop)\s+(?:schema|extension)\s+(?:if\s+exists\s+)?"?(?:public|plpgsql)\b`,
	}, `|`) + `)`)
)

// refuseTraces refuses statements that nothing could undo.
func refuseTraces(statements []dialect.Statement) error {
	for _, st := range statements {
		if leavesTraces(st.SQL) {
			return diag.Errorf(st.Pos, "out-of-locks", "the dev server cannot hold the whole desired state in one transaction, "+
				"and without it this statement would leave something behind").
				WithHint("raise max_locks_per_transaction on the dev server, or leave --dev-url out and let schemactl start one")
		}
	}
	return nil
}

// round loads the statements once, so many at a time as the server can hold.
func (p *pieces) round(ctx context.Context, pending []dialect.Statement) (left []dialect.Statement, firstErr, err error) {
	for len(pending) > 0 {
		n := min(p.size, len(pending))
		waiting, reason, err := p.piece(ctx, pending[:n])
		if outOfLocks(err) && n > 1 {
			p.size = max(1, n/4)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if firstErr == nil {
			firstErr = reason
		}
		left = append(left, waiting...)
		pending = pending[n:]
	}
	return left, firstErr, nil
}

// ended is no settings of any statement: a transaction has ended, and what held for it only.
const ended = "\x00"

// piece loads statements in one transaction and commits it.
func (p *pieces) piece(ctx context.Context, statements []dialect.Statement) (left []dialect.Statement, firstErr, err error) {
	if err := p.Begin(ctx); err != nil {
		return nil, nil, err
	}
	if err = p.checkBodies(ctx); err == nil {
		if p.load.settings != "" {
			p.load.settings = ended
		}
		left, firstErr, err = p.load.round(ctx, statements)
	}
	if err != nil {
		return nil, nil, errors.Join(err, p.Rollback(context.WithoutCancel(ctx)))
	}
	return left, firstErr, p.Commit(ctx)
}

// empty drops all that the load made, on a fresh connection: the old one may have been cut off, and has settings.
func (p *pieces) empty(ctx context.Context) error {
	_ = p.conn.Raw(func(any) error { return driver.ErrBadConn }) // so that it is thrown away, not kept for later
	_ = p.conn.Close()
	fresh, err := p.db.Conn(ctx)
	if err != nil {
		return fault(err, "")
	}
	p.conn = fresh
	if err := p.awaitEnd(ctx); err != nil {
		return err
	}
	for _, list := range []string{dropFirst, dropInSchemas, dropLast} {
		if err := p.dropAll(ctx, list); err != nil {
			return err
		}
	}
	if err := p.dropRoles(ctx); err != nil {
		return err
	}
	comment := "NULL"
	if p.comment != nil {
		comment = literal(*p.comment)
	}
	if err := p.Exec(ctx, "COMMENT ON SCHEMA public IS "+comment); err != nil {
		return err
	}
	return p.checkEmpty(ctx, dialect.Scope{})
}

// awaitEnd waits until the process that served the load has ended: it may still be at work on its last statement.
func (p *pieces) awaitEnd(ctx context.Context) error {
	for wait := time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		var ended sql.NullBool
		err := p.conn.QueryRowContext(ctx, `
SELECT pg_catalog.bool_and(pg_catalog.pg_terminate_backend(pid)) IS NULL FROM pg_catalog.pg_stat_activity
WHERE pid = $1 AND pid <> pg_catalog.pg_backend_pid()`, p.backend).Scan(&ended)
		if err != nil {
			return fault(err, "")
		}
		if ended.Bool {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// What can be dropped, as the server names it: the type for DROP, and the name. Extensions' own objects go with them.
const (
	// dropFirst is what would interfere with the drops.
	dropFirst = `SELECT 'event trigger', pg_catalog.quote_ident(evtname) FROM pg_catalog.pg_event_trigger WHERE oid >= 16384`

	// dropInSchemas is what is in schemas: it depends on them.
	dropInSchemas = `
SELECT CASE i.type WHEN 'statistics object' THEN 'statistics' WHEN 'composite type' THEN 'type' ELSE i.type END, i.identity
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_namespace n ON n.oid = d.refobjid
CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, 0) i
WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.deptype = 'n' AND d.objid >= 16384
  AND i.type NOT IN ('extension', 'default acl', 'index', 'operator class')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.classid = d.classid AND m.objid = d.objid AND m.deptype IN ('e', 'a', 'i')
    AND (m.refclassid, m.refobjid) <> (m.classid, m.objid))
  AND ` + userSchemas

	// dropLast is what is left at the level of the database.
	dropLast = `
SELECT pg_catalog.replace(i.type, '-', ' '), i.identity FROM (
  SELECT 'pg_catalog.pg_extension'::regclass AS class, oid FROM pg_catalog.pg_extension
  UNION ALL SELECT 'pg_catalog.pg_publication'::regclass, oid FROM pg_catalog.pg_publication
  UNION ALL SELECT 'pg_catalog.pg_cast'::regclass, oid FROM pg_catalog.pg_cast
  UNION ALL SELECT 'pg_catalog.pg_foreign_data_wrapper'::regclass, oid FROM pg_catalog.pg_foreign_data_wrapper
  UNION ALL SELECT 'pg_catalog.pg_language'::regclass, oid FROM pg_catalog.pg_language
  UNION ALL SELECT 'pg_catalog.pg_am'::regclass, oid FROM pg_catalog.pg_am
  UNION ALL SELECT 'pg_catalog.pg_namespace'::regclass, n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname <> 'public' AND ` + userSchemas + `) x
CROSS JOIN LATERAL pg_catalog.pg_identify_object(x.class, x.oid, 0) i
WHERE x.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.classid = x.class AND m.objid = x.oid AND m.deptype = 'e')`
)

// dropAll drops what a query lists, some at a time, until it lists nothing: what one drop takes along, the next would
// miss.
func (p *pieces) dropAll(ctx context.Context, list string) error {
	for {
		found, err := p.droppable(ctx, list)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, kind := range slices.Sorted(maps.Keys(found)) {
			if err := p.drop(ctx, kind, found[kind]); err != nil {
				return err
			}
		}
	}
}

// droppable runs a query for what can be dropped, and returns names by kind.
func (p *pieces) droppable(ctx context.Context, list string) (map[string][]string, error) {
	rows, err := p.conn.QueryContext(ctx, list+" LIMIT 500")
	if err != nil {
		return nil, fault(err, "")
	}
	defer rows.Close()
	found := map[string][]string{}
	for rows.Next() {
		var kind, name string
		if err := rows.Scan(&kind, &name); err != nil {
			return nil, err
		}
		found[kind] = append(found[kind], name)
	}
	return found, rows.Err()
}

// drop drops objects of one kind; what depends on them goes along.
func (p *pieces) drop(ctx context.Context, kind string, names []string) error {
	size := dropTogether
	switch kind {
	case "cast", "operator family", "language", "access method":
		size = 1 // these are dropped one by one
	}
	for len(names) > 0 {
		n := min(size, len(names))
		if err := p.Exec(ctx, "DROP "+strings.ToUpper(kind)+" IF EXISTS "+strings.Join(names[:n], ", ")+" CASCADE"); err != nil {
			return err
		}
		names = names[n:]
	}
	return nil
}
