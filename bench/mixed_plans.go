package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
)

// postgresMixed measures schemas of all sorts of objects: plans without changes, and changes that much hangs on.
func (b *bench) postgresMixed(ctx context.Context) error {
	server, err := b.server(ctx, "SCHEMACTL_TEST_POSTGRES_18", "PostgreSQL", "SHOW server_version")
	if err != nil {
		return err
	}
	code, err := b.mixed(ctx, server, "code", codeMixture.text())
	if err != nil {
		return err
	}
	warm, err := b.warm(ctx, 7, code)
	if err != nil {
		return err
	}
	b.add(budget{
		name:  "PostgreSQL, 1,000 tables, 200 views, 200 functions, 200 triggers: plan without changes, warm",
		limit: 1.2, unit: "s", value: warm.seconds, note: "median of 7",
	})
	project, err := b.mixed(ctx, server, "project", projectMixture.text())
	if err != nil {
		return err
	}
	return b.postgresProject(ctx, server, project)
}

// postgresProject measures the schema of a large project.
func (b *bench) postgresProject(ctx context.Context, server *url.URL, project growth) error {
	size := fmt.Sprintf("PostgreSQL, %s mixed objects: ", thousands(projectMixture.objects()))
	cold, err := b.plan(ctx, 3, append(project.args(), "--no-cache")...)
	if err != nil {
		return err
	}
	b.add(budget{name: size + "plan without changes, cold, from SQL", limit: 3, unit: "s", value: cold.seconds, note: "median of 3"})
	warm, err := b.warm(ctx, 5, project)
	if err != nil {
		return err
	}
	b.add(budget{name: size + "plan without changes, warm", unit: "s", value: warm.seconds, note: "median of 5"})
	f, err := b.inspect(ctx, project.url, 7, false)
	if err != nil {
		return err
	}
	b.add(budget{
		name: size + "inspection / the same queries by psql", limit: 2, unit: "×", gate: true,
		value: median(ratios(f.Ours, f.Raw)), note: fmt.Sprintf("median of 7 pairs; %s, %s", figure(median(f.Ours), "s"), figure(median(f.Raw), "s")),
	})
	return b.postgresChanges(ctx, server, size)
}

// changedText is a schema and what is to become of it.
type changedText struct{ name, text string }

// changes are changes of a large project that much hangs on, and the schema before them.
func changes() (old string, after []changedText) {
	var views, functions, tables strings.Builder
	for i := range 100 {
		from := fmt.Sprintf("public.on_it_%d", i-1)
		if i%4 == 0 {
			from = "public." + table(1)
		}
		_, _ = fmt.Fprintf(&views, "CREATE VIEW public.on_it_%d AS SELECT id, amount FROM %s;\n", i, from)
	}
	for i := range 500 {
		_, _ = fmt.Fprintf(&functions, "CREATE FUNCTION public.gone_%d(a integer) RETURNS integer LANGUAGE sql AS $$ SELECT a + %[1]d $$;\n", i)
	}
	for i := range 2000 {
		_, _ = fmt.Fprintf(&tables, "CREATE TABLE public.new_%[1]s (id bigint PRIMARY KEY, parent_id bigint REFERENCES public.new_%[2]s, name text NOT NULL UNIQUE);\n", table(i), before(i))
	}
	project := projectMixture.text()
	old = project + views.String() + functions.String()
	return old, []changedText{
		{"the type of a column that 100 views use", strings.Replace(old, "    amount numeric(12,2) DEFAULT", "    amount numeric(14,3) DEFAULT", 1)},
		{"500 functions dropped", project + views.String()},
		{"2,000 tables added", old + tables.String()},
	}
}

// postgresChanges compares plans of changes with a plan without.
func (b *bench) postgresChanges(ctx context.Context, server *url.URL, size string) error {
	old, after := changes()
	g, err := b.mixed(ctx, server, "changed", old)
	if err != nil {
		return err
	}
	none, err := b.warm(ctx, 5, g)
	if err != nil {
		return err
	}
	for i, c := range after {
		file := filepath.Join(b.dir, fmt.Sprintf("changed-%d.sql", i))
		if err := writeFile(file, func(w io.Writer) { _, _ = io.WriteString(w, c.text) }); err != nil {
			return err
		}
		args := []string{"plan", "--url", g.url, "--to", "file://" + file, "--format", "sql"}
		if _, _, err := b.command(ctx, args...); err != nil { // fills the cache
			return err
		}
		took, err := b.repeat(ctx, 5, args...)
		if err != nil {
			return err
		}
		b.add(budget{
			name: size + c.name + " / no changes, warm", limit: 3, unit: "×", gate: true, value: took.cpu / none.cpu,
			note: fmt.Sprintf("processor time, medians of 5; in all %s, %s", figure(took.seconds, "s"), figure(none.seconds, "s")),
		})
	}
	return nil
}

// mixed makes a database of a schema and a file that declares it.
func (b *bench) mixed(ctx context.Context, server *url.URL, name, text string) (growth, error) {
	g := growth{file: filepath.Join(b.dir, name+".sql")}
	var err error
	if g.url, err = b.database(ctx, server, name); err != nil {
		return g, err
	}
	b.say("load a mixed schema into %s", server.Scheme)
	err = onServer(ctx, g.url, func(db *sql.DB) error { _, err := db.ExecContext(ctx, text); return err })
	if err != nil {
		return g, fmt.Errorf("load: %w", err)
	}
	return g, writeFile(g.file, func(w io.Writer) { _, _ = io.WriteString(w, text) })
}

// warm plans without changes once to fill the cache, and then to measure.
func (b *bench) warm(ctx context.Context, runs int, g growth) (sample, error) {
	if _, err := b.plan(ctx, 1, g.args()...); err != nil {
		return sample{}, err
	}
	return b.plan(ctx, runs, g.args()...)
}
