package mysql

import (
	"cmp"
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
)

const (
	// loadLock keeps two loads out of the same dev database.
	loadLock = "schemactl_load"
	// loaded is a setting in the catalog of what was loaded: nothing in it is data.
	loaded = "schemactl_loaded"
	// loadLockTimeout is how long a load waits for another one.
	loadLockTimeout = time.Minute
	// cleanTimeout bounds the clean-up after a load, which a cancelled run does not cut off.
	cleanTimeout = time.Minute
	// cleanOne is what each statement of the load adds to that.
	cleanOne = 50 * time.Millisecond
)

// Load runs the statements, reads the catalogs and drops all that was made: nothing can be rolled back here.
// Statements that name an object which does not exist yet are tried again after the others, so that files need no
// order.
func (s *session) Load(ctx context.Context, statements []dialect.Statement, scope dialect.Scope) (c *catalog.Catalog, err error) {
	err = s.lend(ctx, scope, func(ctx context.Context, l *load) (err error) {
		c, err = l.run(ctx, statements)
		return err
	})
	return c, err
}

// lend runs f on the empty database and drops all that it made.
func (s *session) lend(ctx context.Context, scope dialect.Scope, f func(context.Context, *load) error) error {
	guard, err := s.db.Conn(ctx) // holds the lock while the other connections come and go
	if err != nil {
		return s.flavor.fault(err, "")
	}
	defer func() { _ = guard.Close() }()
	unlock, err := s.lockOn(ctx, guard, loadLock, loadLockTimeout)
	if err != nil {
		return err
	}
	if err := s.declare(ctx); err != nil {
		return errors.Join(err, unlock(context.WithoutCancel(ctx)))
	}
	l := &load{session: s, scope: scope, said: catalog.NewRows("kind", "db", "tab", "name", "variable")}
	err = l.open(ctx)
	if l.untouched {
		return errors.Join(err, unlock(context.WithoutCancel(ctx)))
	}
	if err == nil {
		err = f(ctx, l)
	}
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTimeout+time.Duration(l.statements)*cleanOne)
	defer cancel()
	if cleanErr := l.clean(clean); cleanErr != nil {
		err = errors.Join(err, fmt.Errorf("empty the dev database: %w", cleanErr))
	}
	return errors.Join(err, unlock(clean))
}

// load is one load of a dev database.
type load struct {
	*session
	scope              dialect.Scope
	charset, collation string // of the database before
	made               bool   // the database was made for this load
	untouched          bool   // nothing was done yet, and nothing may be dropped
	statements         int    // that were run
	thread             int64  // the connection that runs the statements
	fresh              bool   // that connection has only read
	passed             []passedOver
	altered            diag.Pos          // the last ALTER DATABASE
	takeBack           []string          // statements that undo what was made on the whole server
	shortened          []string          // notes: what the server cut of keys, and how backslashes are read
	backslash          bool              // the latter is noted
	variables          map[string]string // of the session, as they were before scripts set them
	said               *catalog.Rows     // which variables are set for programs
	framed             []string          // of which a frame sets for the statement that comes next
}

// open selects the database of a bound scope and checks that nothing is there.
func (l *load) open(ctx context.Context) error {
	l.untouched = true
	if l.scope.Bound && l.database == "" {
		name := l.scope.Schemas[0]
		if err := l.Exec(ctx, "CREATE DATABASE "+ident(name)); err != nil {
			return err
		}
		l.made, l.database, l.untouched = true, name, false
		if err := l.Exec(ctx, "USE "+ident(name)); err != nil {
			return err
		}
	}
	if err := l.checkEmpty(ctx); err != nil {
		return err
	}
	var charset, collation sql.NullString
	row := l.conn.QueryRowContext(ctx, "SELECT CONNECTION_ID(), @@character_set_database, @@collation_database")
	if err := row.Scan(&l.thread, &charset, &collation); err != nil {
		return l.flavor.fault(err, "")
	}
	l.untouched = false
	l.charset, l.collation = charset.String, collation.String
	if err := l.encryptAs(ctx, l.imitated); err != nil {
		return err
	}
	if want := l.imitated["collation_database"]; l.scope.Bound && want != "" && want != l.collation {
		return l.Exec(ctx, "ALTER DATABASE "+ident(l.database)+" CHARACTER SET "+l.imitated["character_set_database"]+" COLLATE "+want)
	}
	return nil
}

// encryptAs makes new tables of a dev database be encrypted where those of another database are.
func (l *load) encryptAs(ctx context.Context, other map[string]string) error {
	if !l.scope.Bound || !l.flavor.extended || l.imitated == nil || l.imitated[encryptedDatabase] == l.server.Settings[encryptedDatabase] {
		return nil
	}
	value := "N"
	if other[encryptedDatabase] == "YES" {
		value = "Y"
	}
	return l.Exec(ctx, "ALTER DATABASE "+ident(l.database)+" ENCRYPTION = '"+value+"'")
}

// contents lists what a condition on the database finds, views before tables.
func contents(condition within) string {
	return `
SELECT CASE TABLE_TYPE WHEN 'VIEW' THEN 'VIEW' WHEN 'SEQUENCE' THEN 'SEQUENCE' ELSE 'TABLE' END, TABLE_SCHEMA, TABLE_NAME
FROM information_schema.TABLES WHERE ` + condition("TABLE_SCHEMA") + `
UNION ALL SELECT ROUTINE_TYPE, ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ` + condition("ROUTINE_SCHEMA") + `
UNION ALL SELECT 'EVENT', EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS WHERE ` + condition("EVENT_SCHEMA")
}

// content is an object of a dev database.
type content struct{ kind, db, name string }

func (l *load) list(ctx context.Context, query string) ([]content, error) {
	rows, err := l.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, l.flavor.fault(err, "")
	}
	defer rows.Close()
	var out []content
	for rows.Next() {
		var c content
		if err := rows.Scan(&c.kind, &c.db, &c.name); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// own is the condition for what a load may make: everything in the database, or in all databases but the server's own.
func (l *load) own() within { return scopeCondition(dialect.Scope{Bound: l.scope.Bound}, l.database) }

// databases lists the databases that are not the server's own, in a scope of the whole server.
func (l *load) databases(ctx context.Context) ([]content, error) {
	if l.scope.Bound {
		return nil, nil
	}
	return l.list(ctx, "SELECT 'DATABASE', SCHEMA_NAME, '' FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ("+
		systemSchemas+", "+literal(l.database)+")")
}

// checkEmpty refuses a database that holds anything: it would become part of the desired state, and be dropped.
func (l *load) checkEmpty(ctx context.Context) error {
	found, err := l.list(ctx, contents(l.own())+" LIMIT 1")
	if err != nil {
		return err
	}
	databases, err := l.databases(ctx)
	if err != nil {
		return err
	}
	if found = append(found, databases...); len(found) == 0 {
		return nil
	}
	return diag.Errorf(diag.Pos{}, "dev-not-empty", "the dev database is not empty: it holds the %s %s",
		strings.ToLower(found[0].kind), strings.Trim(found[0].db+"."+found[0].name, ".")).
		WithHint("give --dev-url an empty database, or leave it out and let schemactl make one")
}

func (l *load) run(ctx context.Context, statements []dialect.Statement) (*catalog.Catalog, error) {
	if err := l.runAll(ctx, statements); err != nil {
		return nil, err
	}
	if err := l.reconnect(ctx); err != nil { // the statements may have changed the session
		return nil, err
	}
	c, err := l.inspectLoaded(ctx)
	if err == nil {
		c.Tables[said] = l.said
		c.Settings[loaded] = "1"
		err = l.tellPassed(ctx, c)
	}
	return c, err
}

// tellPassed reports the statements that were not run, and what was run for the dev database alone.
func (l *load) tellPassed(ctx context.Context, c *catalog.Catalog) error {
	if l.altered.Line > 0 {
		collation, err := l.databaseCollation(ctx)
		if err != nil {
			return err
		}
		if collation != cmp.Or(l.imitated["collation_database"], l.collation) {
			l.passed = append(l.passed, passedOver{l.altered, "ALTER DATABASE", "it holds for the tables that are declared here, and the database of the URL keeps its own character set and collation: no plan changes them"})
		}
	}
	rows := catalog.NewRows("kind", "name", "reason")
	for _, p := range l.passed {
		rows.Add(p.kind, fmt.Sprintf("%s:%d", p.pos.File, p.pos.Line), p.reason)
	}
	c.Tables[others] = rows
	l.keepShortened(c)
	return nil
}

// runAll goes round until every statement ran.
func (l *load) runAll(ctx context.Context, statements []dialect.Statement) error {
	pending, err := l.split(ctx, statements)
	if err != nil {
		return err
	}
	l.statements += len(pending)
	checks := true // of foreign keys; two tables that need each other can only be made without
	for len(pending) > 0 {
		left, firstErr, err := l.round(ctx, pending)
		if err != nil {
			return err
		}
		if acts(left) == acts(pending) {
			if !checks || !missesReference(firstErr) {
				return firstErr
			}
			checks = false
			if err := l.Exec(ctx, "SET SESSION foreign_key_checks = 0"); err != nil {
				return err
			}
		}
		pending = left
	}
	return nil
}

// inspectLoaded reads what was loaded. In a scope of the whole server the database that the URL happens to name must
// have stayed empty and is left out.
func (l *load) inspectLoaded(ctx context.Context) (c *catalog.Catalog, err error) {
	defer func() {
		if l.fresh = err == nil; l.fresh && l.variables[generatesKeys] != "ON" {
			c.Settings[keysDeclared] = "1"
		}
	}()
	if l.scope.Bound || l.database == "" {
		return inspect(ctx, l.conn, l.flavor, l.scope, l.database, true)
	}
	stray, err := l.list(ctx, contents(scopeCondition(dialect.Scope{Bound: true}, l.database))+" LIMIT 1")
	if err != nil {
		return nil, err
	}
	if len(stray) > 0 {
		return nil, diag.Errorf(diag.Pos{}, "no-database", "the %s %s is in no database", strings.ToLower(stray[0].kind), stray[0].name).
			WithHint("the target is a whole server: write database.%s, or name a database in --url", stray[0].name)
	}
	databases, err := l.databases(ctx)
	if err != nil {
		return nil, err
	}
	scope := dialect.Scope{Schemas: []string{l.database}}
	for _, d := range databases {
		scope.Schemas = append(scope.Schemas, d.db)
	}
	c, err = inspect(ctx, l.conn, l.flavor, scope, "", true)
	if err == nil {
		schemas := c.Tables["schemas"]
		name := schemas.Columns[0]
		schemas.Filter(func(r catalog.Row) bool { return r.Str(name) != l.database })
	}
	return c, err
}

// split cuts files into statements. In a bound scope none of them may leave the dev database: on the target's own
// server it would reach real ones.
func (l *load) split(ctx context.Context, statements []dialect.Statement) ([]dialect.Statement, error) {
	var out []dialect.Statement
	for _, st := range statements {
		pieces, err := l.piecesOf(st)
		if err != nil {
			return nil, err
		}
		for _, p := range pieces {
			if err := l.checkStays(ctx, p); err != nil {
				return nil, err
			}
			if l.passOver(p) {
				continue
			}
			l.noteBackslash(p)
			l.noteComment(p)
			out = append(out, p)
		}
	}
	return out, nil
}

// piecesOf cuts a file. What makes a declared object is one statement, whose sql_mode another one has set.
func (l *load) piecesOf(st dialect.Statement) ([]dialect.Statement, error) {
	if !st.Object.IsZero() {
		return []dialect.Statement{st}, nil
	}
	pieces, err := Dialect{}.Split([]byte(st.SQL), st.Pos.File)
	if st.Pos.Line > 0 {
		for i := range pieces {
			pieces[i].Pos.Line += st.Pos.Line - 1
		}
	}
	return pieces, err
}

// acts counts the statements that do more than set the stage for others.
func acts(statements []dialect.Statement) int {
	n := 0
	for _, st := range statements {
		if !setsTheStage.MatchString(st.SQL) {
			n++
		}
	}
	return n
}

// round tries each statement once and returns those that wait for others, with the first reason. What sets the stage is
// done again then, in its place.
func (l *load) round(ctx context.Context, pending []dialect.Statement) (left []dialect.Statement, firstErr, err error) {
	for _, st := range pending {
		execErr := l.execute(ctx, st)
		if execErr == nil {
			if err := l.noteShortened(ctx, st); err != nil {
				return nil, nil, err
			}
			if setsTheStage.MatchString(st.SQL) {
				left = append(left, st)
			}
			continue
		}
		execErr = locate(l.explain(ctx, execErr), st)
		if !waitsForOther(execErr) {
			return nil, nil, execErr
		}
		if firstErr == nil || missesReference(execErr) && !missesReference(firstErr) {
			firstErr = execErr
		}
		left = append(left, st)
	}
	if acts(left) == 0 {
		left = nil
	}
	return left, firstErr, nil
}

// reconnect replaces the connection by a fresh one with nothing selected but the URL's database.
func (l *load) reconnect(ctx context.Context) error {
	fresh, err := l.db.Conn(ctx)
	if err != nil {
		return l.flavor.fault(err, "")
	}
	old := l.conn
	l.conn = fresh
	// A connection whose call was cut off is closed already, but the server may still be at work on its statement.
	_, _ = fresh.ExecContext(ctx, fmt.Sprintf("KILL %d", l.thread))
	_ = old.Raw(func(any) error { return sqldriver.ErrBadConn }) // so that it is thrown away, not kept for later
	if err := old.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
		return err
	}
	if err := l.await(ctx); err != nil {
		return err
	}
	if err := l.conn.QueryRowContext(ctx, "SELECT CONNECTION_ID()").Scan(&l.thread); err != nil {
		return l.flavor.fault(err, "")
	}
	if l.made {
		if err := l.Exec(ctx, "USE "+ident(l.database)); err != nil {
			return err
		}
	}
	return l.prepare(ctx)
}

// await waits until the server has given up the former connection.
func (l *load) await(ctx context.Context) error {
	for wait := time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		_, alive, err := processDatabase(ctx, l.conn, l.thread)
		if err != nil {
			return l.flavor.fault(err, "")
		}
		if !alive {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// clean drops what was made and gives the database its old defaults back.
func (l *load) clean(ctx context.Context) error {
	if !l.fresh {
		if err := l.reconnect(ctx); err != nil {
			return err
		}
	}
	if err := l.Exec(ctx, "SET SESSION foreign_key_checks = 0"); err != nil {
		return err
	}
	if err := l.empty(ctx); err != nil {
		return err
	}
	for _, statement := range slices.Backward(l.takeBack) { // which the tables used
		if err := l.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if l.made {
		return nil
	}
	if err := l.encryptAs(ctx, l.server.Settings); err != nil {
		return err
	}
	if l.scope.Bound && l.collation != "" {
		return l.restoreDefaults(ctx)
	}
	return l.Exec(ctx, "SET SESSION foreign_key_checks = 1")
}

// empty drops the databases and objects that were made.
func (l *load) empty(ctx context.Context) error {
	if l.made {
		defer func() { l.database = "" }()
		return l.Exec(ctx, "DROP DATABASE "+ident(l.database))
	}
	databases, err := l.databases(ctx)
	if err != nil {
		return err
	}
	for _, d := range databases {
		if err := l.Exec(ctx, "DROP DATABASE "+ident(d.db)); err != nil {
			return err
		}
	}
	found, err := l.list(ctx, contents(l.own()))
	if err != nil {
		return err
	}
	for _, statement := range dropAll(found) {
		if err := l.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (l *load) databaseCollation(ctx context.Context) (collation string, err error) {
	err = l.conn.QueryRowContext(ctx, "SELECT @@collation_database").Scan(&collation)
	return collation, l.flavor.fault(err, "")
}

// restoreDefaults undoes an ALTER DATABASE of the statements.
func (l *load) restoreDefaults(ctx context.Context) error {
	collation, err := l.databaseCollation(ctx)
	if err != nil {
		return err
	}
	if collation != l.collation {
		alter := "ALTER DATABASE " + ident(l.database) + " CHARACTER SET " + l.charset + " COLLATE " + l.collation
		if err := l.Exec(ctx, alter); err != nil {
			return err
		}
	}
	return l.Exec(ctx, "SET SESSION foreign_key_checks = 1")
}

// dropAll makes the statements that drop the objects: tables together, which is one transaction of the server instead
// of one each.
func dropAll(found []content) []string {
	const together = 200
	var out []string
	byKind := map[string][]string{}
	for _, c := range found {
		byKind[c.kind] = append(byKind[c.kind], qualified(c.db, c.name))
	}
	for _, kind := range []string{"EVENT", "VIEW", "TABLE", "SEQUENCE", "FUNCTION", "PROCEDURE", "PACKAGE"} {
		names := byKind[kind]
		size := 1
		if kind == "VIEW" || kind == "TABLE" {
			size = together
		}
		for len(names) > 0 {
			n := min(size, len(names))
			out = append(out, "DROP "+kind+" IF EXISTS "+strings.Join(names[:n], ", "))
			names = names[n:]
		}
	}
	return out
}
