package mysql

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.Explainer = (*session)(nil)

// explainer is a connection on which queries are explained.
type explainer struct {
	db       *sql.DB
	conn     *sql.Conn
	flavor   server
	setup    []string // what a connection starts with
	database string   // that is selected
	home     string   // that is selected by itself
	// value is an expression that the server does not know before it runs the query: it reads rows of unique keys while
	// it plans, and tells of no table where it finds none.
	value   string
	explain string
	tables  map[relation]bool
	types   map[column]string
}

type relation struct{ schema, name string }

type column struct {
	relation
	name string
}

// valueName is what stands for a value in queries that are explained.
const valueName = "schemactl_value"

// Explaining opens a connection, and reads which tables and columns there are.
func (s *session) Explaining(ctx context.Context, state *object.State) error {
	if s.explainer == nil {
		if err := s.openExplainer(ctx, state); err != nil {
			return err
		}
	}
	e := s.explainer
	e.tables, e.types = map[relation]bool{}, map[column]string{}
	rows, err := e.conn.QueryContext(ctx, `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS
WHERE TABLE_SCHEMA NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')`)
	if err != nil {
		return e.flavor.fault(err, "")
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var c column
		var typ string
		if err := rows.Scan(&c.schema, &c.relation.name, &c.name, &typ); err != nil {
			return err
		}
		e.tables[c.relation] = true
		c.relation, c.name = relation{c.schema, c.relation.name}, strings.ToLower(c.name)
		e.types[c] = typ
	}
	if err := rows.Err(); err != nil {
		return e.flavor.fault(err, "")
	}
	e.pretend(ctx, s.flavor)
	return nil
}

// pretend gives the tables the statistics of large ones, so that the server weighs as it does where they matter (MySQL
// manual, "Configuring Persistent Optimizer Statistics Parameters"; MariaDB, "Engine-Independent Table Statistics"). Where
// the user may not write them, more is read whole before and behind the plan.
func (e *explainer) pretend(ctx context.Context, f server) {
	databases := map[string]bool{}
	var tables []string
	for t := range e.tables {
		databases[literal(t.schema)] = true
		tables = append(tables, qualified(t.schema, t.name))
	}
	if len(tables) == 0 {
		return
	}
	slices.Sort(tables)
	in := " IN (" + strings.Join(slices.Sorted(maps.Keys(databases)), ", ") + ")"
	statements := []string{
		"UPDATE mysql.innodb_table_stats SET n_rows = 1000000, clustered_index_size = 20000, sum_of_other_index_sizes = 20000 WHERE database_name" + in,
		`UPDATE mysql.innodb_index_stats SET stat_value = if(stat_name LIKE 'n\_diff%', 1000000, 10000) WHERE database_name` + in,
	}
	if f.mariadb {
		statements = []string{
			"REPLACE INTO mysql.table_stats (db_name, table_name, cardinality) SELECT TABLE_SCHEMA, TABLE_NAME, 1000000 FROM information_schema.TABLES WHERE TABLE_SCHEMA" + in,
			"REPLACE INTO mysql.index_stats (db_name, table_name, index_name, prefix_arity, avg_frequency) SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, 1 FROM information_schema.STATISTICS WHERE TABLE_SCHEMA" + in,
		}
	}
	for _, st := range append(statements, "FLUSH TABLES "+strings.Join(tables, ", ")) {
		_ = e.exec(ctx, st) // see above
	}
}

func (s *session) openExplainer(ctx context.Context, state *object.State) error {
	e := &explainer{db: s.db, flavor: s.flavor, home: s.database, explain: "EXPLAIN FORMAT=TRADITIONAL ", setup: slices.Clone(s.setup)}
	if s.flavor.mariadb {
		e.explain = "EXPLAIN EXTENDED "
		// Subqueries are not run while the plan is made.
		e.value = "CONCAT((SELECT '1' FROM information_schema.ENGINES AS " + valueName + " LIMIT 1))"
		e.setup = append(e.setup, "SET SESSION expensive_subquery_limit = 0", "SET SESSION join_cache_level = 0")
	} else { // neither hides that a table is read whole
		e.setup = append(e.setup, "SET SESSION optimizer_switch = 'skip_scan=off,block_nested_loop=off'")
	}
	if err := e.open(ctx); err != nil {
		return err
	}
	s.explainer = e
	if !s.flavor.mariadb {
		e.makeValue(ctx, state)
	}
	return nil
}

// open takes a connection that has selected no database but the one at home.
func (e *explainer) open(ctx context.Context) (err error) {
	if e.conn, err = e.db.Conn(ctx); err != nil {
		return e.flavor.fault(err, "")
	}
	e.database = ""
	for _, st := range e.setup {
		if err := e.exec(ctx, st); err != nil {
			return errors.Join(err, e.close())
		}
	}
	return e.use(ctx, e.home)
}

// makeValue makes a function whose value the server does not know while the plan is made. Where the server refuses that,
// such as for a user without CREATE ROUTINE, values stand in queries as they are.
func (e *explainer) makeValue(ctx context.Context, state *object.State) {
	database := e.home
	for _, o := range state.All() {
		if database == "" {
			database = o.ID.Schema
		}
	}
	name := ident(database) + "." + ident(valueName)
	// A number as text takes the collation of what it is compared with.
	if err := e.exec(ctx, "CREATE FUNCTION "+name+"() RETURNS int DETERMINISTIC NO SQL RETURN 1"); err == nil {
		e.value = "CONCAT(" + name + "())"
	}
}

// Explain asks for the plan of the query with values of several sorts in the places of its parameters: what a column can
// be searched by depends on the value. The plan that reads the fewest tables whole counts.
func (s *session) Explain(ctx context.Context, q dialect.Asked, limit time.Duration) (out dialect.Explained, err error) {
	e := s.explainer
	if e.home != "" { // which stands in for the database that the query means
		q.SQL, q.Path = withoutDatabase(q.SQL, q.Path), ""
	}
	if err := errors.Join(e.use(ctx, q.Path), e.setLimit(ctx, s.flavor, limit)); err != nil {
		return out, err
	}
	var refused error
	known := false
	texts, plain := e.variants(q.SQL)
	for _, text := range texts {
		got, err := e.ask(ctx, text)
		if d := (*diag.Diagnostic)(nil); err != nil && (!errors.As(err, &d) || ctx.Err() != nil) {
			return out, err
		}
		if err != nil {
			if refused == nil || text == plain {
				refused = err
			}
			continue
		}
		if !known || better(got, out) {
			out, known = got, true
		}
		if out.Shallow == "" && whole(out) == 0 {
			break
		}
	}
	if known {
		return out, nil
	}
	return out, discreet(refused, q.Discreet)
}

func whole(x dialect.Explained) int {
	n := 0
	for _, r := range x.Reads {
		if len(r.Search) == 0 {
			n++
		}
	}
	return n
}

// better reports whether a plan tells more than another one, or reads fewer tables whole.
func better(a, b dialect.Explained) bool {
	if (a.Shallow == "") != (b.Shallow == "") {
		return a.Shallow == ""
	}
	return whole(a) < whole(b)
}

// discreet leaves out of a fault what may quote values. Those that name objects only stay.
func discreet(err error, ask bool) error {
	var f *serverFault
	if !ask || !errors.As(err, &f) || slices.Contains([]uint16{1054, 1146, 1305, 1176, 1049, 1052, 1356, 1136}, f.number) {
		return err
	}
	return &serverFault{Diagnostic: diag.Errorf(diag.Pos{}, f.Code, "the server refuses it"), number: f.number}
}

// ask explains one text.
func (e *explainer) ask(ctx context.Context, text string) (out dialect.Explained, err error) {
	var rows []map[string]string
	err = dialect.EachRow(ctx, e.conn, e.explain+text, func(columns []string, values []*string) error {
		row := map[string]string{}
		for i, c := range columns {
			if values[i] != nil {
				row[strings.ToLower(c)] = *values[i]
			}
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		return out, e.flavor.fault(err, "")
	}
	note := ""
	err = dialect.EachRow(ctx, e.conn, "SHOW WARNINGS", func(_ []string, values []*string) error {
		if *values[1] == "1003" {
			note = *values[2]
		}
		return nil
	})
	if err != nil {
		return out, e.flavor.fault(err, "")
	}
	names := e.aliases(note, text)
	tables := map[string]int{} // of each SELECT
	for _, row := range rows {
		if readsTable(row) {
			tables[row["id"]]++
		}
	}
	for _, row := range rows {
		e.read(row, tables[row["id"]] > 1, names, &out)
	}
	out.Columns = e.columns(note, text, names)
	return out, nil
}

// readsTable reports whether a row tells how a table is read.
func readsTable(row map[string]string) bool {
	t := row["table"]
	return t != "" && !strings.HasPrefix(t, "<") && t != valueName && row["select_type"] != "INSERT" && row["select_type"] != "REPLACE"
}

// read takes over a row of EXPLAIN (MySQL manual, "EXPLAIN Output Format"). Of a table that is read alone every index
// counts that could be taken; of joined ones only that which is.
func (e *explainer) read(row map[string]string, joined bool, names map[string]relation, out *dialect.Explained) {
	extra := row["extra"]
	out.Sorts += strings.Count(extra, "Using filesort")
	if row["table"] == "" {
		for _, hides := range []string{"impossible", "no matching"} {
			if strings.HasPrefix(strings.ToLower(extra), hides) {
				out.Shallow = extra
			}
		}
		return
	}
	if !readsTable(row) {
		return
	}
	n, known := names[strings.ToLower(row["table"])]
	if !known { // one of the server's own
		return
	}
	r := dialect.Read{Table: object.ID{Kind: "table", Schema: n.schema, Name: n.name}}
	if r.Table.Schema == e.home {
		r.Table.Schema = ""
	}
	lists := []string{row["key"], row["possible_keys"]}
	if joined {
		lists = lists[:1]
	}
	for _, list := range lists {
		for _, key := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == '|' }) {
			if key != "" && !strings.HasPrefix(key, "<") && !slices.Contains(r.Search, key) {
				r.Search = append(r.Search, key)
			}
		}
	}
	all := row["type"] == "index" || row["type"] == "ALL" // from one end to the other
	if all && (joined || row["possible_keys"] == "") {
		r.Order, r.Search = row["key"], nil
	}
	slices.Sort(r.Search)
	out.Reads = append(out.Reads, r)
}

// use selects the database that names without one mean.
func (e *explainer) use(ctx context.Context, database string) error {
	if database == "" {
		database = e.home
	}
	switch database {
	case e.database:
		return nil
	case "": // none can be selected no more
		if err := e.close(); err != nil {
			return err
		}
		return e.open(ctx)
	}
	if err := e.exec(ctx, "USE "+ident(database)); err != nil {
		return err
	}
	e.database = database
	return nil
}

// setLimit bounds what the server spends on a query, as far as it can be told to.
func (e *explainer) setLimit(ctx context.Context, f server, limit time.Duration) error {
	if f.mariadb {
		return e.exec(ctx, fmt.Sprintf("SET SESSION max_statement_time = %d", max(1, int(limit.Seconds()))))
	}
	return e.exec(ctx, fmt.Sprintf("SET SESSION max_execution_time = %d", max(1, limit.Milliseconds())))
}

func (e *explainer) exec(ctx context.Context, text string) error {
	_, err := e.conn.ExecContext(ctx, text)
	return e.flavor.fault(err, text)
}

// close ends the connection, which nobody else may get: it is set up for queries that are explained.
func (e *explainer) close() error {
	if e == nil || e.conn == nil {
		return nil
	}
	_ = e.conn.Raw(func(any) error { return sqldriver.ErrBadConn }) // drops it
	if err := e.conn.Close(); !errors.Is(err, sql.ErrConnDone) {
		return err
	}
	return nil
}
