package postgres_test

import (
	"context"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/postgres"
)

// TestIndexDefinitions holds the definitions of indexes, most of which are put together here, against the server's own.
func TestIndexDefinitions(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Scheme != "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			db := srv.Database(t)
			ctx := context.Background()
			conn, err := db.Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			nulls := ""
			if srv.Name != "postgres-14" {
				nulls = " NULLS NOT DISTINCT"
			}
			for _, text := range []string{
				`CREATE EXTENSION citext`, `CREATE SCHEMA "S"`, `SET search_path = "S", public`,
				`CREATE COLLATION "S"."Own" (provider = icu, locale = 'de')`,
				`CREATE OPERATOR CLASS "S"."Ops" FOR TYPE int4 USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int4, int4)`,
				`CREATE TYPE mood AS ENUM ('a')`, `CREATE DOMAIN name_of AS varchar(10)`,
				`CREATE TABLE "T t" ("A" int, "select" text, "wei""rd" varchar(20), ä text COLLATE "C", o oid, ci public.citext, m mood, d name_of, n name, l int[], c cidr, id int, "absent" int, "value" int, "json_table" int, "merge_action" int, p point)`,
				`CREATE INDEX one ON "T t" ("A")`, `CREATE INDEX "Two" ON "T t" ("A" DESC, "select" NULLS FIRST, "wei""rd" DESC NULLS LAST, ä ASC NULLS LAST)`,
				`CREATE UNIQUE INDEX "user" ON "T t" (m, d, n, l, c)`, `CREATE INDEX o1 ON "T t" (o)`, `CREATE INDEX o2 ON "T t" (ci text_ops)`, `CREATE INDEX o3 ON "T t" (ci)`,
				`CREATE INDEX p1 ON "T t" ("select" text_pattern_ops, "wei""rd" varchar_ops DESC, d bpchar_pattern_ops)`,
				`CREATE INDEX own ON "T t" ("A" "Ops" DESC, "select" COLLATE "Own", ä COLLATE "de-x-icu" text_pattern_ops, "wei""rd" COLLATE "C")`,
				`CREATE INDEX words ON "T t" (id, "absent", "value", "json_table", "merge_action")`,
				`CREATE INDEX inc ON "T t" ("A") INCLUDE ("select")`, `CREATE INDEX part ON "T t" ("A") WHERE "A" > 1`, `CREATE INDEX expr ON "T t" (lower("select"), "A" DESC)`,
				`CREATE INDEX opts ON "T t" ("A") WITH (fillfactor = 70)`, `CREATE INDEX h ON "T t" USING hash ("A")`, `CREATE INDEX b ON "T t" USING brin ("A")`, `CREATE INDEX g ON "T t" USING gist (p)`, `CREATE INDEX gi ON "T t" USING gin (l)`,
				`CREATE TABLE parts (a int, b text) PARTITION BY RANGE (a)`, `CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9)`, `CREATE INDEX parts_b ON parts (b)`, `CREATE INDEX parts_only ON ONLY parts (a)`,
				`CREATE MATERIALIZED VIEW mv AS SELECT * FROM "T t"`, `CREATE UNIQUE INDEX mvi ON mv (id)`,
				`CREATE UNIQUE INDEX nnd ON "T t" ("A", "select")` + nulls, `SET search_path = ''`,
			} {
				if _, err := conn.ExecContext(ctx, text); err != nil {
					t.Fatalf("%s: %v", text, err)
				}
			}
			want := map[object.ID]string{}
			rows, err := conn.QueryContext(ctx, `SELECT n.nspname, c.relname, ic.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i
				JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid >= 16384 AND n.nspname = 'S'`)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = rows.Close() }()
			for rows.Next() {
				id, def := object.ID{Kind: "index"}, ""
				if err := rows.Scan(&id.Schema, &id.Table, &id.Name, &def); err != nil {
					t.Fatal(err)
				}
				want[id] = def
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			read, err := connectTo(t, db.URL).Inspect(ctx, dialect.Scope{})
			if err != nil {
				t.Fatal(err)
			}
			st, err := postgres.Dialect{}.Build(read, dialect.Scope{})
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for id, def := range want {
				o := st.Get(id)
				if o == nil {
					continue // of a partition, which its parent's index makes
				}
				found++
				if x, ok := o.Value.(*postgres.Index); !ok || x.Def != def {
					t.Errorf("%s\n  is   %+v\n  want %s", id, o.Value, def)
				}
			}
			if found < 20 {
				t.Errorf("%d indexes found of %d", found, len(want))
			}
		})
	}
}
