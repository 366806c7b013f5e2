package main

import (
	"fmt"
	"io"
	"strings"
)

// mixture is how many objects of each sort a schema has. It is written as pg_dump writes a project's structure: all of a
// sort together, keys after the tables, foreign keys near the end.
type mixture struct {
	tables, lookups             int // with a key, indexes, checks and foreign keys; small and referenced by the others
	enums, domains, types       int
	views, materialized         int // each fourth view reads a table, the others the view before
	functions, triggers         int
	policies, grants, comments  int
	partitioned, partitionsEach int
}

// The mixtures that are measured: tables with code, and the structure of a project as large as GitLab's or Discourse's.
var (
	codeMixture    = mixture{tables: 1000, views: 200, functions: 200, triggers: 200}
	projectMixture = mixture{
		tables: 500, lookups: 60, enums: 50, domains: 20, types: 20, views: 120, materialized: 15, functions: 260,
		triggers: 300, policies: 150, grants: 300, comments: 440, partitioned: 10, partitionsEach: 10,
	}
)

// indexesEach and checksEach are what a table of a mixture has besides its key, sequence and foreign keys.
const (
	indexesEach = 3
	checksEach  = 1
)

// objects is the number of objects, without columns, their defaults and the schema.
func (m mixture) objects() int {
	tables := m.tables * (4 + indexesEach + checksEach) // with sequence, key and a foreign key
	if m.lookups > 0 {
		tables += m.tables
	}
	return tables + m.lookups*3 + m.enums + m.domains + m.types + m.views + 2*m.materialized + m.functions + m.triggers +
		m.policies + m.grants + m.comments + m.partitioned*(3+2*m.partitionsEach)
}

// text is the schema.
func (m mixture) text() string {
	var w strings.Builder
	m.write(&w)
	return w.String()
}

func (m mixture) write(w io.Writer) {
	for _, part := range []func(io.Writer){
		m.writeTypes, m.writeFunctions, m.writeTables, m.writePartitions, m.writeViews, m.writeKeys, m.writeIndexes,
		m.writeTriggers, m.writeForeignKeys, m.writeAccess, m.writeComments,
	} {
		part(w)
	}
}

func (m mixture) writeTypes(w io.Writer) {
	_, _ = fmt.Fprint(w, "SET statement_timeout = 0;\nSET check_function_bodies = false;\nSET client_min_messages = warning;\n\n")
	for i := range m.enums {
		_, _ = fmt.Fprintf(w, "CREATE TYPE public.status_%d AS ENUM (\n    'new',\n    'active',\n    'closed'\n);\n\n", i)
	}
	for i := range m.domains {
		_, _ = fmt.Fprintf(w, "CREATE DOMAIN public.amount_%d AS numeric(12,2)\n\tCONSTRAINT amount_%[1]d_check CHECK ((VALUE >= (%[1]d)::numeric));\n\n", i)
	}
	for i := range m.types {
		_, _ = fmt.Fprintf(w, "CREATE TYPE public.pair_%d AS (\n\tname text,\n\tamount numeric(12,2)\n);\n\n", i)
	}
}

func (m mixture) writeFunctions(w io.Writer) {
	for i := range m.functions {
		if i < m.triggers && i%2 == 0 || m.triggers > 0 && i == 0 {
			_, _ = fmt.Fprintf(w, `CREATE FUNCTION public.touch_%d() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  -- keeps what happened when
  NEW.updated_at := now();
  IF NEW.status IS DISTINCT FROM OLD.status THEN
    NEW.quantity := COALESCE(NEW.quantity, 0) + %[1]d;
  END IF;
  RETURN NEW;
END;
$$;

`, i)
			continue
		}
		_, _ = fmt.Fprintf(w, `CREATE FUNCTION public.total_%d(a integer, b numeric DEFAULT 0) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$ SELECT sum(amount) + b FROM public.%s WHERE quantity > a $$;

`, i, table(i%max(1, m.tables)))
	}
}

func (m mixture) writeTables(w io.Writer) {
	for i := range m.lookups {
		_, _ = fmt.Fprintf(w, "CREATE TABLE public.lookup_%d (\n    id integer NOT NULL,\n    code character varying(20) NOT NULL,\n    label text\n);\n\n", i)
	}
	for i := range m.tables {
		_, _ = fmt.Fprintf(w, `CREATE TABLE public.%[1]s (
    id bigint NOT NULL,
    parent_id bigint,
    lookup_id integer,
    name character varying(255) NOT NULL,
    status %[2]s NOT NULL,
    amount %[3]s DEFAULT 0 NOT NULL,
    quantity integer DEFAULT 1 NOT NULL,
    active boolean DEFAULT true NOT NULL,
    data jsonb DEFAULT '{}'::jsonb,
    tags text[],
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp without time zone,
    CONSTRAINT %[1]s_quantity CHECK ((quantity >= 0))
);

CREATE SEQUENCE public.%[1]s_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.%[1]s_id_seq OWNED BY public.%[1]s.id;

ALTER TABLE ONLY public.%[1]s ALTER COLUMN id SET DEFAULT nextval('public.%[1]s_id_seq'::regclass);

`, table(i), typeOr("status", i, m.enums, "text"), typeOr("amount", i, m.domains, "numeric(12,2)"))
	}
}

// typeOr is a type of the mixture for each second table, and a plain one for the others.
func typeOr(name string, i, n int, plain string) string {
	if n == 0 || i%2 == 1 {
		return plain
	}
	return fmt.Sprintf("public.%s_%d", name, i/2%n)
}

func (m mixture) writePartitions(w io.Writer) {
	for i := range m.partitioned {
		_, _ = fmt.Fprintf(w, "CREATE TABLE public.events_%d (\n    id bigint NOT NULL,\n    at date NOT NULL,\n    payload jsonb\n)\nPARTITION BY RANGE (at);\n\n", i)
		_, _ = fmt.Fprintf(w, "ALTER TABLE ONLY public.events_%d\n    ADD CONSTRAINT events_%[1]d_pkey PRIMARY KEY (id, at);\n\n", i)
		_, _ = fmt.Fprintf(w, "CREATE INDEX events_%d_at ON public.events_%[1]d USING btree (at);\n\n", i)
		for k := range m.partitionsEach {
			_, _ = fmt.Fprintf(w, "CREATE TABLE public.events_%d_y%d PARTITION OF public.events_%[1]d FOR VALUES FROM ('%[2]d-01-01') TO ('%[3]d-01-01');\n\n",
				i, 2000+k, 2001+k)
		}
	}
}

func (m mixture) writeViews(w io.Writer) {
	for i := range m.views {
		from := fmt.Sprintf("public.view_%d", i-1)
		if i%4 == 0 {
			from = "public." + table(i%m.tables)
		}
		_, _ = fmt.Fprintf(w, `CREATE VIEW public.view_%d AS
 SELECT v.id,
    v.parent_id,
    v.name,
    v.amount,
    v.created_at
   FROM (%s v
     LEFT JOIN public.%s t ON ((t.id = v.parent_id)))
  WHERE ((v.name)::text <> 'no %[1]d'::text);

`, i, from, table((i+1)%m.tables))
	}
	for i := range m.materialized {
		_, _ = fmt.Fprintf(w, `CREATE MATERIALIZED VIEW public.summary_%d AS
 SELECT parent_id,
    count(*) AS number,
    sum(amount) AS total
   FROM public.%s
  GROUP BY parent_id
  WITH NO DATA;

CREATE INDEX summary_%[1]d_parent ON public.summary_%[1]d USING btree (parent_id);

`, i, table(i%m.tables))
	}
}

func (m mixture) writeKeys(w io.Writer) {
	for i := range m.lookups {
		_, _ = fmt.Fprintf(w, "ALTER TABLE ONLY public.lookup_%d\n    ADD CONSTRAINT lookup_%[1]d_pkey PRIMARY KEY (id);\n\n", i)
		_, _ = fmt.Fprintf(w, "ALTER TABLE ONLY public.lookup_%d\n    ADD CONSTRAINT lookup_%[1]d_code UNIQUE (code);\n\n", i)
	}
	for i := range m.tables {
		_, _ = fmt.Fprintf(w, "ALTER TABLE ONLY public.%s\n    ADD CONSTRAINT %[1]s_pkey PRIMARY KEY (id);\n\n", table(i))
	}
}

func (m mixture) writeIndexes(w io.Writer) {
	for i := range m.tables {
		_, _ = fmt.Fprintf(w, `CREATE INDEX index_%[1]s_on_parent_id ON public.%[1]s USING btree (parent_id);

CREATE INDEX index_%[1]s_on_status_and_created_at ON public.%[1]s USING btree (status, created_at DESC) WHERE (active = true);

CREATE UNIQUE INDEX index_%[1]s_on_lower_name ON public.%[1]s USING btree (lower((name)::text));

`, table(i))
	}
}

func (m mixture) writeTriggers(w io.Writer) {
	for i := range m.triggers {
		_, _ = fmt.Fprintf(w, "CREATE TRIGGER touch_it BEFORE UPDATE ON public.%s FOR EACH ROW EXECUTE FUNCTION public.touch_%d();\n\n",
			table(i%m.tables), i/2*2%m.functions)
	}
}

func (m mixture) writeForeignKeys(w io.Writer) {
	for i := range m.tables {
		_, _ = fmt.Fprintf(w, "ALTER TABLE ONLY public.%s\n    ADD CONSTRAINT fk_%[1]s_parent FOREIGN KEY (parent_id) REFERENCES public.%s(id) ON DELETE CASCADE;\n\n", table(i), before(i))
		if m.lookups > 0 {
			_, _ = fmt.Fprintf(w, "ALTER TABLE ONLY public.%s\n    ADD CONSTRAINT fk_%[1]s_lookup FOREIGN KEY (lookup_id) REFERENCES public.lookup_%d(id);\n\n", table(i), i%m.lookups)
		}
	}
}

// writeAccess writes policies and grants. The grantees are roles that every server has.
func (m mixture) writeAccess(w io.Writer) {
	for i := range m.policies {
		_, _ = fmt.Fprintf(w, "ALTER TABLE public.%s ENABLE ROW LEVEL SECURITY;\n\n", table(i))
		_, _ = fmt.Fprintf(w, "CREATE POLICY own_rows ON public.%s FOR SELECT USING ((name = CURRENT_USER));\n\n", table(i))
	}
	for i := range m.grants {
		_, _ = fmt.Fprintf(w, "GRANT SELECT ON TABLE public.%s TO pg_monitor;\n\n", table(i%m.tables))
	}
}

func (m mixture) writeComments(w io.Writer) {
	for i := range m.comments {
		if i%2 == 0 {
			_, _ = fmt.Fprintf(w, "COMMENT ON TABLE public.%s IS 'What table %[1]s is for';\n\n", table(i/2))
			continue
		}
		_, _ = fmt.Fprintf(w, "COMMENT ON COLUMN public.%s.name IS 'What people call it';\n\n", table(i/2))
	}
}
