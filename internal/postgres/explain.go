package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

var _ dialect.Explainer = (*session)(nil)

// explained is the name of the statement that is being explained.
const explained = "schemactl_query"

// textType is the OID of text, which a parameter is taken for that could be anything.
const textType = 25

// explainer is a connection on which queries are prepared: of all clients only pgconn tells what a statement that never
// runs would return.
type explainer struct {
	conn  *pgconn.PgConn
	path  string // search_path, as it is set
	limit time.Duration
	types map[string]string // names by OID and modifier
	roots map[qualifiedName]qualifiedName
	parts map[qualifiedName]bool // indexes of some of the rows
	bases map[uint32]uint32      // the types that domains are of
}

type qualifiedName struct{ schema, name string }

// Planner settings under which an index is taken wherever one can be: tables are empty here, and reading them whole would
// be cheapest. Neither a sort nor a merge hides that; a plan for all values of the parameters is made.
const explainSettings = `SET enable_seqscan = off; SET enable_sort = off; SET enable_indexonlyscan = off; SET enable_mergejoin = off;
SET plan_cache_mode = force_generic_plan; SET max_parallel_workers_per_gather = 0; SET jit = off; SET default_transaction_read_only = on`

// Explaining opens a connection that cannot write, and reads which tables and indexes are parts of others.
func (s *session) Explaining(ctx context.Context, _ *object.State) error {
	if s.explainer == nil {
		if err := s.openExplainer(ctx); err != nil {
			return err
		}
	}
	e := s.explainer
	e.types, e.roots, e.parts = map[string]string{}, map[qualifiedName]qualifiedName{}, map[qualifiedName]bool{}
	if err := e.readDomains(ctx); err != nil {
		return err
	}
	rows, err := e.rows(ctx, `
SELECT n.nspname, c.relname, rn.nspname, r.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class r ON r.oid = pg_catalog.pg_partition_root(c.oid) JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
 WHERE c.relispartition
UNION ALL
SELECT n.nspname, c.relname, NULL, NULL FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE i.indpred IS NOT NULL`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		from := qualifiedName{string(r[0]), string(r[1])}
		if r[2] == nil {
			e.parts[from] = true
			continue
		}
		e.roots[from] = qualifiedName{string(r[2]), string(r[3])}
	}
	return nil
}

// readDomains reads of which types domains are.
func (e *explainer) readDomains(ctx context.Context) error {
	rows, err := e.rows(ctx, `
WITH RECURSIVE d AS (SELECT oid, typbasetype FROM pg_catalog.pg_type WHERE typtype = 'd'
  UNION ALL SELECT d.oid, t.typbasetype FROM d JOIN pg_catalog.pg_type t ON t.oid = d.typbasetype AND t.typtype = 'd')
SELECT d.oid, d.typbasetype FROM d JOIN pg_catalog.pg_type t ON t.oid = d.typbasetype AND t.typtype <> 'd'`)
	if err != nil {
		return err
	}
	e.bases = map[uint32]uint32{}
	for _, r := range rows {
		domain, err := strconv.ParseUint(string(r[0]), 10, 32)
		base, baseErr := strconv.ParseUint(string(r[1]), 10, 32)
		if err := errors.Join(err, baseErr); err != nil {
			return err
		}
		e.bases[uint32(domain)] = uint32(base)
	}
	return nil
}

func (s *session) openExplainer(ctx context.Context) error {
	dsn, err := s.url.DSN(ctx)
	if err != nil {
		return err
	}
	config, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return fmt.Errorf("%s: the address cannot be read", s.url.Redacted()) // the fault may quote the password
	}
	if name := config.RuntimeParams["fallback_application_name"]; name != "" && config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = name
	}
	for _, known := range []string{"fallback_application_name", "binary_parameters", "disable_prepared_binary_result"} { // to lib/pq only
		delete(config.RuntimeParams, known)
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return connectFault(s.url, err)
	}
	s.explainer = &explainer{conn: conn}
	var path string
	if err := s.conn.QueryRowContext(ctx, "SELECT current_setting('search_path')").Scan(&path); err != nil {
		return fault(err, "")
	}
	if err := s.explainer.exec(ctx, explainSettings); err != nil {
		return err
	}
	return s.explainer.setPath(ctx, path)
}

// Explain prepares the query and asks for the plan that fits all values.
func (s *session) Explain(ctx context.Context, q dialect.Asked, limit time.Duration) (dialect.Explained, error) {
	e := s.explainer
	if err := errors.Join(e.setPath(ctx, q.Path), e.setLimit(ctx, limit)); err != nil {
		return dialect.Explained{}, err
	}
	d, err := e.prepare(ctx, inNumbers(q.SQL))
	if err != nil {
		return dialect.Explained{}, err
	}
	out, err := e.plan(ctx, len(d.ParamOIDs))
	if freeErr := e.exec(ctx, "DEALLOCATE "+explained); err == nil {
		err = freeErr
	}
	if err != nil {
		return dialect.Explained{}, err
	}
	out.Columns, err = e.columns(ctx, d.Fields)
	return out, err
}

var untyped = regexp.MustCompile(`parameter \$(\d+)`)

// prepare parses a query. A parameter that could be of any type is text. One of a domain is of the type below: the domain
// may not take NULL, which stands for all values.
func (e *explainer) prepare(ctx context.Context, text string) (*pgconn.StatementDescription, error) {
	var types []uint32
	for {
		d, err := e.conn.Prepare(ctx, explained, text, types)
		if err != nil {
			again := asText(err, types)
			if again == nil {
				return nil, e.fault(err)
			}
			types = again
			continue
		}
		plain := slices.Clone(d.ParamOIDs)
		for i, t := range plain {
			if base, ok := e.bases[t]; ok {
				plain[i] = base
			}
		}
		if slices.Equal(plain, d.ParamOIDs) {
			return d, nil
		}
		types = plain
		if err := e.exec(ctx, "DEALLOCATE "+explained); err != nil {
			return nil, err
		}
	}
}

// asText adds the type text for the parameter that a fault is of; nil for other faults.
func asText(err error, types []uint32) []uint32 {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || pe.Code != "42P18" {
		return nil
	}
	m := untyped.FindStringSubmatch(pe.Message)
	if m == nil {
		return nil
	}
	n, _ := strconv.Atoi(m[1])
	if n < 1 || n <= len(types) && types[n-1] != 0 {
		return nil
	}
	types = append(types, make([]uint32, max(0, n-len(types)))...)
	types[n-1] = textType
	return types
}

func (e *explainer) plan(ctx context.Context, parameters int) (out dialect.Explained, err error) {
	call := explained
	if parameters > 0 {
		call += "(" + strings.Join(slices.Repeat([]string{"NULL"}, parameters), ", ") + ")"
	}
	rows, err := e.rows(ctx, "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) EXECUTE "+call)
	if err != nil {
		return out, err
	}
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal(rows[0][0], &plans); err != nil {
		return out, fmt.Errorf("read a plan of the server: %w", err)
	}
	for i := range plans {
		e.walk(&plans[i].Plan, &out)
	}
	return out, nil
}

// planNode is what is read of a node of a plan (PostgreSQL manual, "EXPLAIN").
type planNode struct {
	Type      string `json:"Node Type"`
	Schema    string
	Relation  string     `json:"Relation Name"`
	Index     string     `json:"Index Name"`
	Condition string     `json:"Index Cond"`
	Plans     []planNode `json:"Plans"`
}

func (e *explainer) walk(n *planNode, out *dialect.Explained) {
	switch n.Type {
	case "Sort", "Incremental Sort":
		out.Sorts++
	case "Seq Scan", "Sample Scan":
		out.Reads = append(out.Reads, dialect.Read{Table: e.table(n)})
	case "Index Scan", "Index Only Scan":
		r := dialect.Read{Table: e.table(n)}
		if index := e.root(n.Schema, n.Index); n.Condition != "" || e.parts[qualifiedName{n.Schema, n.Index}] {
			r.Search = []string{index}
		} else {
			r.Order = index
		}
		out.Reads = append(out.Reads, r)
	case "Bitmap Heap Scan":
		r := dialect.Read{Table: e.table(n)}
		for i := range n.Plans {
			e.bitmaps(n.Schema, &n.Plans[i], &r)
		}
		slices.Sort(r.Search)
		r.Search = slices.Compact(r.Search)
		out.Reads = append(out.Reads, r)
		return
	}
	for i := range n.Plans {
		e.walk(&n.Plans[i], out)
	}
}

// bitmaps gathers the indexes below a bitmap scan.
func (e *explainer) bitmaps(schema string, n *planNode, r *dialect.Read) {
	if n.Index != "" {
		r.Search = append(r.Search, e.root(schema, n.Index))
	}
	for i := range n.Plans {
		e.bitmaps(schema, &n.Plans[i], r)
	}
}

func (e *explainer) table(n *planNode) object.ID {
	if r, ok := e.roots[qualifiedName{n.Schema, n.Relation}]; ok {
		return object.ID{Kind: "table", Schema: r.schema, Name: r.name}
	}
	return object.ID{Kind: "table", Schema: n.Schema, Name: n.Relation}
}

// root is the index of the whole table that an index of a partition belongs to.
func (e *explainer) root(schema, index string) string {
	if r, ok := e.roots[qualifiedName{schema, index}]; ok {
		return r.name
	}
	return index
}

// columns names the types of what a query returns.
func (e *explainer) columns(ctx context.Context, fields []pgconn.FieldDescription) ([]dialect.ResultColumn, error) {
	var out []dialect.ResultColumn
	for _, f := range fields {
		key := fmt.Sprintf("%d, %d", f.DataTypeOID, f.TypeModifier)
		name, known := e.types[key]
		if !known {
			rows, err := e.rows(ctx, "SELECT pg_catalog.format_type("+key+")")
			if err != nil {
				return nil, err
			}
			name = string(rows[0][0])
			e.types[key] = name
		}
		out = append(out, dialect.ResultColumn{Name: f.Name, Type: name})
	}
	return out, nil
}

func (e *explainer) setPath(ctx context.Context, path string) error {
	if path == "" || path == e.path {
		return nil
	}
	e.path = path
	return e.exec(ctx, "SELECT pg_catalog.set_config('search_path', "+literal(path)+", false)")
}

func (e *explainer) setLimit(ctx context.Context, limit time.Duration) error {
	if limit == e.limit {
		return nil
	}
	e.limit = limit
	return e.exec(ctx, "SET statement_timeout = "+strconv.FormatInt(max(1, limit.Milliseconds()), 10))
}

func (e *explainer) exec(ctx context.Context, text string) error {
	_, err := e.conn.Exec(ctx, text).ReadAll()
	return e.fault(err)
}

// rows runs one query.
func (e *explainer) rows(ctx context.Context, text string) ([][][]byte, error) {
	results, err := e.conn.Exec(ctx, text).ReadAll()
	if err != nil {
		return nil, e.fault(err)
	}
	return results[0].Rows, nil
}

// fault makes a diagnostic of a server's error. The place is one in a text that nobody wrote.
func (e *explainer) fault(err error) error {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		return err
	}
	d := diag.Errorf(diag.Pos{}, "SQLSTATE "+pe.Code, "%s", pe.Message)
	d.Hint = pe.Hint
	return &serverFault{Diagnostic: d, code: pe.Code}
}

func (e *explainer) close() error {
	if e == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return e.conn.Close(ctx)
}
