package prove_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// TestRandomPostgres proves plans between random schemas. For a long run: go test -run RandomPostgres -rapid.checks=2000.
func TestRandomPostgres(t *testing.T) {
	fewChecks(t, "12")
	for _, srv := range dbtest.Servers() {
		if srv.Scheme != "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			b := newBench(t, srv)
			defer b.report(t)
			rapid.Check(t, func(t *rapid.T) {
				p := &pair{t: t, slots: map[string][2]int{}}
				from, to := postgresSchema(p, 0, srv.Major), postgresSchema(p, 1, srv.Major)
				b.check(t, from, to)
			})
		})
	}
}

type pgSide struct {
	side
	major  int
	tables []*pgTable
	names  map[string]bool // of what is there
}

type pgTable struct {
	name     string
	columns  []pgColumn
	key      bool // has the primary key id
	parted   bool
	volatile bool // unlogged
}

type pgColumn struct{ name, typ, family string }

func (t *pgTable) column(family string) (pgColumn, bool) {
	for _, c := range t.columns {
		if c.family == family {
			return c, true
		}
	}
	return pgColumn{}, false
}

func postgresSchema(p *pair, at, major int) string {
	s := &pgSide{side: side{pair: p, at: at}, major: major, names: map[string]bool{}}
	s.types()
	s.functions()
	for i := range 3 {
		s.table(i)
	}
	s.partitioned()
	s.references()
	s.views()
	s.triggers()
	s.rest()
	return s.text()
}

func (s *pgSide) types() {
	if n := s.pick("schema app", 2); n == 1 {
		s.add("CREATE SCHEMA app")
		s.names["app"] = true
	}
	if n := s.pick("enum", 6); n > 0 {
		s.add("CREATE TYPE mood AS ENUM (%s)", []string{"'sad', 'ok', 'glad'", "'sad', 'ok', 'glad', 'new'", "'sad', 'mid', 'ok', 'glad'", "'ok', 'sad', 'glad'", "'sad', 'ok'"}[n-1])
		s.names["mood"] = true
		s.comment("TYPE mood")
	}
	if n := s.pick("domain", 5); n > 0 {
		s.add("CREATE DOMAIN short AS %s", []string{"text", "text CHECK (VALUE <> '')", "text DEFAULT 'x' CONSTRAINT len CHECK (length(VALUE) < 20)", "varchar(30) NOT NULL"}[n-1])
		s.names["short"] = true
	}
	if n := s.pick("composite", 4); n > 0 {
		s.add("CREATE TYPE pair AS (%s)", []string{"a int, b text", "a int, b text, c date", "a bigint, b text"}[n-1])
		s.names["pair"] = true
	}
	if n := s.pick("sequence", 4); n > 0 {
		s.add("CREATE SEQUENCE counter %s", []string{"", "INCREMENT 5 CACHE 3", "AS smallint MAXVALUE 900 CYCLE"}[n-1])
		s.names["counter"] = true
	}
}

func (s *pgSide) functions() {
	if n := s.pick("function twice", 5); n > 0 {
		s.add("%s", []string{
			"CREATE FUNCTION twice(i integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT i * 2'",
			"CREATE FUNCTION twice(i integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT i + i'",
			"CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT n * 2'",
			"CREATE FUNCTION twice(i integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN i * 2",
		}[n-1])
		s.names["twice"] = true
		s.comment("FUNCTION twice(integer)")
	}
	if n := s.pick("function touch", 3); n > 0 {
		s.add("CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s RETURN NEW; END $$", []string{"", "NULL;"}[n-1])
		s.names["touch"] = true
	}
	if n := s.pick("procedure", 3); n > 0 {
		s.add("CREATE PROCEDURE work(a int%s) LANGUAGE sql AS 'SELECT 1'", []string{"", ", b text DEFAULT 'x'"}[n-1])
	}
}

func (s *pgSide) comment(target string) {
	if n := s.pick("comment on "+target, 3); n > 0 {
		s.add("COMMENT ON %s IS %s", target, []string{"'one'", "'it''s two'"}[n-1])
	}
}

// family draws the type of a column in which values of the other types of the family fit.
func (s *pgSide) family(slot, family string) string {
	switch family {
	case "number":
		return s.one(slot, "integer", "bigint", "smallint", "numeric(10,2)", "numeric", "text")
	case "text":
		words := []string{"text", "varchar(20)", "varchar(40)", "character(5)"}
		if s.names["short"] {
			words = append(words, "short")
		}
		return s.one(slot, words...)
	case "time":
		return s.one(slot, "date", "timestamp", "timestamptz", "timestamp(3)")
	case "enum":
		if s.names["mood"] {
			return s.one(slot, "mood", "text", "mood[]")
		}
		return "text"
	case "document":
		return s.one(slot, "jsonb", "json")
	case "list":
		return s.one(slot, "integer[]", "bigint[]")
	case "made":
		if s.names["pair"] {
			return "pair"
		}
		return "bytea"
	}
	return s.one(slot, "uuid", "boolean", "inet", "interval", "int4range", "point", "bit(4)", "money", "tsvector", "macaddr", "xml", "cidr", "box", "float8", "time", "oid", "varbit(6)", "real", "daterange", "int8multirange")
}

func defaultFor(typ string) string {
	switch strings.TrimRight(typ, "(0123456789,) ") {
	case "integer", "bigint", "smallint", "numeric":
		return "7"
	case "text", "varchar", "short":
		return "'d'"
	case "character":
		return "'e'"
	case "date":
		return "CURRENT_DATE"
	case "timestamp", "timestamptz":
		return "now()"
	case "mood":
		return "'ok'"
	case "jsonb", "json":
		return "'{}'"
	case "integer[]", "bigint[]", "mood[]":
		return "'{}'"
	case "uuid":
		return "gen_random_uuid()"
	case "boolean":
		return "true"
	case "interval":
		return "'1 day'"
	}
	return ""
}

func (s *pgSide) table(i int) {
	slot := fmt.Sprintf("t%d", i)
	if s.pick(slot, 5) == 0 {
		return
	}
	t := &pgTable{name: slot}
	var body []string
	switch s.pick(slot+" id", 6) {
	case 0:
		body, t.key = append(body, "id integer PRIMARY KEY"), true
	case 1:
		body, t.key = append(body, "id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"), true
	case 2:
		body, t.key = append(body, "id serial PRIMARY KEY"), true
	case 3:
		body, t.key = append(body, "id integer NOT NULL GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 2) CONSTRAINT "+slot+"_key PRIMARY KEY"), true
	case 4:
		body = append(body, "id integer NOT NULL")
	case 5:
		body = append(body, "id bigint UNIQUE")
	}
	for _, f := range []string{"number", "text", "time", "enum", "document", "list", "made", "misc"} {
		if !s.has(slot + " " + f) {
			continue
		}
		typ := s.family(slot+" type "+f, f)
		c := pgColumn{name: f, typ: typ, family: f}
		if f == "misc" || f == "made" {
			c.name += "_" + strings.Trim(strings.ReplaceAll(strings.ReplaceAll(typ, "(", ""), ")", ""), "[]")
		}
		t.columns = append(t.columns, c)
		body = append(body, c.name+" "+typ+s.columnSuffix(slot+" "+f, slot+" type "+f, typ))
	}
	body = s.tableParts(slot, t, body)
	tail := s.one(slot+" tail", "", " WITH (fillfactor = 70)", " WITH (fillfactor = 80, autovacuum_enabled = false)")
	head := s.one(slot+" head", "CREATE TABLE", "CREATE TABLE", "CREATE TABLE", "CREATE UNLOGGED TABLE")
	t.volatile = strings.Contains(head, "UNLOGGED")
	s.add("%s %s (%s)%s", head, t.name, strings.Join(body, ", "), tail)
	s.tables = append(s.tables, t)
	s.comment("TABLE " + t.name)
	s.indexes(slot, t)
}

func (s *pgSide) columnSuffix(slot, typeSlot, typ string) string {
	out := ""
	stays := s.stays(slot) && s.stays(typeSlot) // else NOT NULL fails on the rows that are there
	if strings.HasPrefix(typ, "text") && s.pick(slot+" collate", 5) == 4 {
		out += ` COLLATE "C"`
	}
	if s.has(slot+" not null") && stays {
		out += " NOT NULL"
	}
	if d := defaultFor(typ); d != "" && s.has(slot+" default") {
		if strings.HasPrefix(typ, "integer") && typ == "integer" && s.names["counter"] && s.has(slot+" nextval") {
			d = "nextval('counter')"
		} else if typ == "integer" && s.names["twice"] && s.has(slot+" twice") {
			d = "twice(4)"
		}
		out += " DEFAULT " + d
	}
	return out
}

// tableParts adds generated columns and constraints.
func (s *pgSide) tableParts(slot string, t *pgTable, body []string) []string {
	if c, ok := t.column("number"); ok && c.typ == "integer" {
		switch n := s.pick(slot+" generated", 4); {
		case n == 1:
			body = append(body, "g integer GENERATED ALWAYS AS (number + 1) STORED")
		case n == 2 && s.names["twice"]:
			body = append(body, "g integer GENERATED ALWAYS AS (twice(number)) STORED")
		case n == 3 && s.major >= 18:
			body = append(body, "g integer GENERATED ALWAYS AS (number + 1) VIRTUAL")
		}
	}
	if c, ok := t.column("number"); ok && c.typ != "text" {
		switch n := s.pick(slot+" check", 5); {
		case n == 1:
			body = append(body, "CHECK (number > 0)")
		case n == 2:
			body = append(body, "CONSTRAINT positive CHECK (number >= 0 AND number < 10000)")
		case n == 3:
			body = append(body, "CHECK (number IN (1, 2, 3, 4)) NO INHERIT")
		case n == 4 && s.names["twice"] && c.typ == "integer":
			body = append(body, "CHECK (twice(number) > 0)")
		}
	}
	if _, ok := t.column("text"); ok {
		switch s.pick(slot+" unique", 5) {
		case 1:
			body = append(body, "UNIQUE (text)")
		case 2:
			body = append(body, "CONSTRAINT "+slot+"_u UNIQUE (text, id)")
		case 3:
			body = append(body, "UNIQUE (text) DEFERRABLE INITIALLY DEFERRED")
		case 4:
			body = append(body, "UNIQUE (id, text) INCLUDE (id)")
		}
		if s.pick(slot+" length", 3) == 2 {
			body = append(body, "CONSTRAINT "+slot+"_len CHECK (length(text) < 50)")
		}
	}
	return body
}

func (s *pgSide) indexes(slot string, t *pgTable) {
	if _, ok := t.column("text"); ok {
		if n := s.pick(slot+" index text", 6); n > 0 {
			s.add("CREATE INDEX %s_text ON %s %s", slot, slot, []string{"(text)", "(lower(text::text))", "(text DESC NULLS LAST)", "USING hash (text)", "(text) WHERE id > 5"}[n-1])
			s.comment("INDEX " + slot + "_text")
		}
	}
	if c, ok := t.column("document"); ok && c.typ == "jsonb" && s.has(slot+" gin") {
		s.add("CREATE INDEX %s_doc ON %s USING gin (document)", slot, slot)
	}
	if c, ok := t.column("number"); ok && c.typ == "integer" && s.names["twice"] && s.has(slot+" index twice") {
		s.add("CREATE INDEX %s_twice ON %s (twice(number))", slot, slot)
	}
	if _, ok := t.column("time"); ok {
		if n := s.pick(slot+" index time", 3); n > 0 {
			s.add("CREATE INDEX %s_time ON %s %s", slot, slot, []string{"USING brin (time)", "(time, id) INCLUDE (id)"}[n-1])
		}
		if _, ok := t.column("number"); ok && s.pick(slot+" stats", 4) == 3 {
			s.add("CREATE STATISTICS %s_stats (ndistinct, dependencies) ON time, number FROM %s", slot, slot)
		}
	}
}

func (s *pgSide) partitioned() {
	if s.pick("p", 3) == 0 {
		return
	}
	key := s.one("p key", "PRIMARY KEY (id, at)", "UNIQUE (at, id)", "CHECK (id > 0)")
	s.add("CREATE TABLE p (id integer NOT NULL, at date NOT NULL, note text%s, %s) PARTITION BY RANGE (at)", s.one("p note", "", " DEFAULT 'n'", " NOT NULL"), key)
	t := &pgTable{name: "p", columns: []pgColumn{{"note", "text", "text"}}, parted: true}
	for i := range 3 {
		if s.pick(fmt.Sprintf("p%d", i), 3) == 0 {
			continue
		}
		switch s.pick(fmt.Sprintf("p%d bound", i), 3) {
		case 0:
			s.add("CREATE TABLE p%d PARTITION OF p FOR VALUES FROM ('202%d-01-01') TO ('202%d-01-01')", i, i, i+1)
		case 1:
			s.add("CREATE TABLE p%d PARTITION OF p FOR VALUES FROM ('202%d-03-01') TO ('202%d-01-01')", i, i, i+1)
		case 2:
			s.add("CREATE TABLE p%d (id integer NOT NULL, at date NOT NULL, note text)", i)
		}
	}
	if s.has("p default") {
		s.add("CREATE TABLE pd PARTITION OF p DEFAULT")
	}
	if s.has("p index") {
		s.add("CREATE INDEX p_note ON p (note)")
	}
	s.tables = append(s.tables, t)
}

func (s *pgSide) references() {
	for _, t := range s.tables {
		c, ok := t.column("number")
		if !ok || c.typ == "text" || strings.HasPrefix(c.typ, "numeric") {
			continue
		}
		for _, ref := range s.tables {
			if !ref.key || ref.volatile && !t.volatile || s.pick("fk "+t.name+" "+ref.name, 4) != 1 {
				continue
			}
			actions := s.one("fk actions "+t.name+ref.name, "", " ON DELETE CASCADE", " ON DELETE SET NULL ON UPDATE CASCADE", " DEFERRABLE INITIALLY DEFERRED", " NOT VALID")
			s.add("ALTER TABLE %s ADD CONSTRAINT %s_%s_fk FOREIGN KEY (number) REFERENCES %s (id)%s", t.name, t.name, ref.name, ref.name, actions)
			break
		}
	}
}

func (s *pgSide) views() {
	for i, t := range s.tables {
		name := "v" + t.name
		if s.pick(name, 3) > 0 {
			columns := []string{"id"}
			for _, c := range t.columns {
				if s.pick(name+" "+c.name, 3) > 0 {
					columns = append(columns, c.name)
				}
			}
			s.add("CREATE VIEW %s%s AS SELECT %s FROM %s%s", name, s.one(name+" with", "", "", " WITH (security_barrier = true)"),
				strings.Join(columns, ", "), t.name, s.one(name+" where", "", " WHERE id > 0", " WHERE id > 1"))
			s.names[name] = true
			s.comment("VIEW " + name)
			if s.has(name + " over") {
				s.add("CREATE VIEW %s_over AS SELECT x.*, 1 AS one FROM %s x", name, name)
			}
		}
		name = "m" + t.name
		if s.pick(name, 4) == 1 && i < 2 {
			from := t.name
			if s.names["v"+t.name] && s.has(name+" of view") {
				from = "v" + t.name
			}
			s.add("CREATE MATERIALIZED VIEW %s AS SELECT id, count(*) AS n FROM %s GROUP BY id%s", name, from, s.one(name+" data", "", " WITH NO DATA"))
			if s.has(name + " index") {
				s.add("CREATE UNIQUE INDEX %s_id ON %s (id)", name, name)
			}
			s.comment("MATERIALIZED VIEW " + name)
		}
	}
	if len(s.tables) > 1 && s.names["v"+s.tables[0].name] && s.has("vjoin") {
		s.add("CREATE VIEW vjoin AS SELECT a.id, b.id AS other FROM v%s a JOIN %s b ON a.id = b.id", s.tables[0].name, s.tables[1].name)
	}
	if len(s.tables) > 0 && s.pick("function rows", 4) == 1 {
		s.add("CREATE FUNCTION allof() RETURNS SETOF %s LANGUAGE sql STABLE AS 'SELECT * FROM %s'", s.tables[0].name, s.tables[0].name)
	}
}

func (s *pgSide) triggers() {
	for _, t := range s.tables {
		if s.names["touch"] {
			if n := s.pick("trigger "+t.name, 4); n > 0 {
				s.add("CREATE TRIGGER touch %s ON %s FOR EACH ROW EXECUTE FUNCTION touch()",
					[]string{"BEFORE UPDATE", "BEFORE INSERT OR UPDATE", "AFTER DELETE"}[n-1], t.name)
				if s.pick("trigger off "+t.name, 4) == 3 {
					s.add("ALTER TABLE %s DISABLE TRIGGER touch", t.name)
				}
			}
		}
		if t.parted {
			continue
		}
		if n := s.pick("policy "+t.name, 5); n > 0 {
			s.add("ALTER TABLE %s ENABLE ROW LEVEL SECURITY", t.name)
			s.add("CREATE POLICY own ON %s %s", t.name, []string{"USING (id > 0)", "FOR SELECT USING (id > 1)", "FOR INSERT WITH CHECK (id > 0)", "AS RESTRICTIVE USING (true)"}[n-1])
		}
		if s.pick("rule "+t.name, 6) == 5 {
			s.add("CREATE RULE quiet AS ON DELETE TO %s DO INSTEAD NOTHING", t.name)
		}
	}
}

func (s *pgSide) rest() {
	for _, t := range s.tables {
		switch s.pick("grant "+t.name, 4) {
		case 1:
			s.add("GRANT SELECT ON %s TO PUBLIC", t.name)
		case 2:
			s.add("GRANT SELECT (id), INSERT ON %s TO pg_monitor", t.name)
		case 3:
			s.add("REVOKE ALL ON %s FROM postgres", t.name)
		}
		for _, c := range t.columns {
			s.comment("COLUMN " + t.name + "." + c.name)
		}
	}
	if s.names["twice"] && s.pick("revoke twice", 3) == 2 {
		s.add("REVOKE EXECUTE ON FUNCTION twice(integer) FROM PUBLIC")
	}
	// Not while its table becomes logged or unlogged, which takes the sequence along: a known gap.
	if s.names["counter"] && len(s.tables) > 0 && s.stays(s.tables[0].name+" head") && s.pick("owned", 4) == 1 {
		s.add("ALTER SEQUENCE counter OWNED BY %s.id", s.tables[0].name)
	}
	if s.names["app"] && s.has("app table") {
		s.add("CREATE TABLE app.t (id integer PRIMARY KEY%s)", s.one("app column", "", ", x text", ", x text NOT NULL DEFAULT 'q'"))
	}
}
