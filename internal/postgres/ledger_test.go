package postgres

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/object"
)

// everything makes one object of each sort that PostgreSQL has within a database.
const everything = `
CREATE SCHEMA app;
CREATE EXTENSION citext SCHEMA app;
CREATE COLLATION app.german (provider = icu, locale = 'de');
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE DOMAIN app.short AS text NOT NULL CHECK (length(VALUE) < 10);
CREATE TYPE app.pair AS (a int, b app.mood);
CREATE TYPE app.span AS RANGE (subtype = float8);
CREATE TYPE app.shell;
CREATE TYPE app.base;
CREATE FUNCTION app.base_in(cstring) RETURNS app.base LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION app.base_out(app.base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE app.base (INPUT = app.base_in, OUTPUT = app.base_out, LIKE = int4);
CREATE SEQUENCE app.seq;
CREATE TABLE app.t (
  id bigserial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, m app.mood DEFAULT 'ok', g bigint GENERATED ALWAYS AS (id * 2) STORED,
  s app.short, p app.pair[], c app.citext COLLATE app.german, CONSTRAINT positive CHECK (id > 0), UNIQUE (n), EXCLUDE (m WITH =)
);
CREATE INDEX t_m ON app.t (m);
CREATE STATISTICS app.st ON id, n FROM app.t;
CREATE TABLE app.child (extra text NOT NULL) INHERITS (app.t);
CREATE TABLE app.parts (id int PRIMARY KEY, t bigint REFERENCES app.t) PARTITION BY RANGE (id);
CREATE TABLE app.part PARTITION OF app.parts FOR VALUES FROM (0) TO (10);
CREATE INDEX parts_t ON app.parts (t);
CREATE TABLE app.typed OF app.pair;
CREATE VIEW app.v AS SELECT id, ARRAY[t] AS rows FROM app.t;
ALTER VIEW app.v ALTER COLUMN id SET DEFAULT 1;
CREATE MATERIALIZED VIEW app.mv AS SELECT 1 AS a;
CREATE INDEX mv_a ON app.mv (a);
CREATE RULE r AS ON UPDATE TO app.v DO INSTEAD NOTHING;
CREATE FUNCTION app.f(a int) RETURNS SETOF app.t LANGUAGE sql AS 'SELECT * FROM app.t';
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE PROCEDURE app.proc() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE app.agg(int) (SFUNC = int4pl, STYPE = int);
CREATE TRIGGER tr BEFORE INSERT ON app.parts FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE CONSTRAINT TRIGGER ctr AFTER INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE EVENT TRIGGER et ON sql_drop EXECUTE FUNCTION app.watch();
CREATE POLICY pol ON app.t USING (true);
CREATE FUNCTION app.eq(app.pair, app.pair) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR app.=== (FUNCTION = app.eq, LEFTARG = app.pair, RIGHTARG = app.pair, NEGATOR = OPERATOR(app.!==));
CREATE OPERATOR FAMILY app.fam USING btree;
CREATE OPERATOR CLASS app.cls FOR TYPE int USING btree FAMILY app.fam AS OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 btint4cmp(int, int);
ALTER OPERATOR FAMILY app.fam USING btree ADD OPERATOR 1 < (int, bigint), FUNCTION 1 (int, bigint) btint48cmp(int, bigint);
CREATE FUNCTION app.to_int(app.pair) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE CAST (app.pair AS int) WITH FUNCTION app.to_int(app.pair);
CREATE LANGUAGE mine HANDLER plpgsql_call_handler;
CREATE TEXT SEARCH PARSER app.tp (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE app.tt (LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY app.td (TEMPLATE = app.tt);
CREATE TEXT SEARCH CONFIGURATION app.tc (PARSER = app.tp);
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER srv FOREIGN DATA WRAPPER w;
CREATE USER MAPPING FOR PUBLIC SERVER srv OPTIONS (password 'secret');
CREATE FOREIGN TABLE app.ft (a int DEFAULT 1 CHECK (a > 0)) SERVER srv;
CREATE PUBLICATION pub FOR TABLE app.t;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC;
CREATE CONVERSION app.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal));
SELECT lo_create(0);
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO pg_monitor', current_database()); END $$;
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$;
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''8MB''', current_database()); END $$;
DO $$ BEGIN EXECUTE format('ALTER ROLE postgres IN DATABASE %I SET statement_timeout = ''9s''', current_database()); END $$;
DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS ''mine''', current_database()); END $$;
DO $$ DECLARE o oid = lo_create(0); BEGIN EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO PUBLIC', o); END $$;
GRANT EXECUTE ON FUNCTION pg_ls_dir(text) TO pg_monitor;
REVOKE EXECUTE ON FUNCTION app.citext_eq FROM PUBLIC;
CREATE SUBSCRIPTION sub CONNECTION 'dbname=nowhere password=secret' PUBLICATION pub WITH (connect = false, slot_name = NONE);
`

// catalogs lists what must be modelled or listed, by catalog; the conditions leave out what is part of another object.
func catalogs() map[string]string {
	return map[string]string{
		"pg_namespace":            "nspname !~ '^pg_'",
		"pg_class":                "relkind <> 't' AND NOT relispartition AND relnamespace <> 99 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = x.oid AND d.classid = 1259 AND d.deptype = 'i' AND x.relkind = 'S') AND NOT (relkind = 'i' AND EXISTS (SELECT FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid WHERE i.indexrelid = x.oid AND t.relkind = 't'))",
		"pg_type":                 "NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = x.oid)",
		"pg_proc":                 "NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = x.oid AND d.classid = 1255 AND d.deptype = 'i')",
		"pg_constraint":           "conparentid = 0 AND conislocal AND contype <> 'n'",
		"pg_trigger":              "NOT tgisinternal AND tgparentid = 0",
		"pg_attrdef":              "true",
		"pg_policy":               "true",
		"pg_rewrite":              "true",
		"pg_operator":             "oprcode <> 0",
		"pg_opclass":              "true",
		"pg_opfamily":             "true",
		"pg_amop":                 "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 2753 AND d.objid = x.amopfamily AND d.deptype = 'e')",
		"pg_amproc":               "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 2753 AND d.objid = x.amprocfamily AND d.deptype = 'e')",
		"pg_cast":                 "NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = x.oid AND d.classid = 2605 AND d.deptype = 'i')",
		"pg_collation":            "true",
		"pg_ts_config":            "true",
		"pg_ts_dict":              "true",
		"pg_ts_parser":            "true",
		"pg_ts_template":          "true",
		"pg_publication":          "true",
		"pg_publication_rel":      "true",
		"pg_subscription":         "subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
		"pg_foreign_data_wrapper": "true",
		"pg_foreign_server":       "true",
		"pg_user_mapping":         "true",
		"pg_event_trigger":        "true",
		"pg_statistic_ext":        "true",
		"pg_conversion":           "true",
		"pg_transform":            "true",
		"pg_am":                   "true",
		"pg_language":             "true",
		"pg_extension":            "true",
		"pg_largeobject_metadata": "true",
		"pg_default_acl":          "true",
	}
}

// TestNothingIsSilent looks for objects that are neither modelled nor in the ledger.
func TestNothingIsSilent(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Scheme != "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			db := srv.Database(t)
			made := everything
			if srv.Major >= 15 {
				made += "CREATE PUBLICATION whole FOR TABLES IN SCHEMA app;\n"
			}
			for _, statement := range strings.SplitAfter(made, ";\n") {
				if _, err := db.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%v\n  in: %s", err, statement)
				}
			}
			conn, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			c, err := Inspect(t.Context(), conn, Scope{})
			if err != nil {
				t.Fatal(err)
			}
			b, err := assemble(c, Scope{})
			if err != nil {
				t.Fatal(err)
			}
			for name, condition := range catalogs() {
				checkCatalog(t, conn, b, name, condition)
			}
			if srv.Major >= 15 {
				checkCatalog(t, conn, b, "pg_publication_namespace", "true")
			}
			checkListed(t, b, srv.Major)
			checkAllCatalogs(t, conn)
			for table, rows := range c.Tables {
				for _, text := range rows.Chunks {
					if strings.Contains(text, "secret'") || strings.Contains(text, "=secret") {
						t.Errorf("the rows of %s hold a secret: %q", table, text)
					}
				}
			}
		})
	}
}

// checkCatalog looks for rows of one catalog that the builder passed over.
func checkCatalog(t *testing.T, conn *sql.Conn, b *builder, name, condition string) {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), "SELECT "+pq.QuoteLiteral(name)+"::regclass::oid::text, oid::text, to_jsonb(x)::text FROM "+name+
		" x WHERE oid >= 16384 AND ("+condition+")")
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer func() { _ = rows.Close() }()
	found := 0
	for rows.Next() {
		var class, oid, row string
		if err := rows.Scan(&class, &oid, &row); err != nil {
			t.Fatal(err)
		}
		found++
		at := ref{class, oid, "0"}
		if _, known := b.refs[at]; !known && !b.listed[at] && !b.isMember(at) && !inParts(b, at) {
			t.Errorf("%s holds an object that is neither modelled nor listed: %s", name, row)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Errorf("%s holds nothing: the test proves nothing of it", name)
	}
}

// checkListed looks for what has no OID, or belongs to the whole server, in the ledger.
func checkListed(t *testing.T, b *builder, major int) {
	t.Helper()
	for _, want := range []string{
		"database privilege pg_monitor: CREATE", "database privilege PUBLIC: not all that a new database gives", "database setting work_mem",
		"database setting statement_timeout of postgres", "database comment ", "large object privilege 1 of them",
		"privilege of the server pg_ls_dir(text)", "extension member privilege app.citext_eq(app.citext,app.citext)",
		"user mapping secret srv.PUBLIC password", "subscription connection sub",
	} {
		if !slices.ContainsFunc(b.state.Ledger, func(e object.Entry) bool { return strings.HasPrefix(e.Kind+" "+e.Name, want) }) {
			t.Errorf("PostgreSQL %d: the ledger lacks %q: %v", major, want, b.state.Ledger)
		}
	}
	for _, e := range b.state.Ledger {
		if e.Kind == "database privilege" && strings.Contains(e.Name, "PUBLIC: C") {
			t.Errorf("what a new database gives is no privilege: %v", e)
		}
	}
}

// elsewhere are the catalogs with OIDs whose rows are no objects of a database, or parts of others that are checked.
func elsewhere() []string {
	return []string{
		"pg_authid", "pg_auth_members", "pg_database", "pg_tablespace", // the server's: listed where roles are managed, or by checkListed
		"pg_parameter_acl", "pg_replication_origin", // the server's; see test/script/plan/ledger.txtar
		"pg_enum", // of types
	}
}

// checkAllCatalogs demands that each catalog of the server whose rows have OIDs is checked, or said not to be.
func checkAllCatalogs(t *testing.T, conn *sql.Conn) {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), `SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'oid' AND a.attnum > 0
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if catalogs()[name] == "" && name != "pg_publication_namespace" && !slices.Contains(elsewhere(), name) {
			t.Errorf("nobody looks whether what is in %s is modelled or listed", name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// inParts reports whether a row is several objects, as a list of default privileges is.
func inParts(b *builder, at ref) bool {
	for known := range b.refs {
		if known.class == at.class && known.oid == at.oid {
			return at.class == classDefaultACL
		}
	}
	return false
}
