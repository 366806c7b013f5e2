package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/localserver"
)

// postgres measures the budgets of PostgreSQL.
func (b *bench) postgres(ctx context.Context) error {
	server, err := b.server(ctx, "SCHEMACTL_TEST_POSTGRES_18", "PostgreSQL", "SHOW server_version")
	if err != nil {
		return err
	}
	var of100, of1000 growth
	if of100, err = b.grow(ctx, server, 100, 5, postgresSQL); err != nil {
		return err
	}
	if of1000, err = b.grow(ctx, server, 1000, 7, postgresSQL); err != nil {
		return err
	}
	b.add(budget{name: "PostgreSQL, 1,000 tables: plan without changes, warm, from SQL", limit: 1, unit: "s", value: of1000.warm.seconds, note: "median of 7"})
	if err := b.postgresPlans(ctx, of1000); err != nil {
		return err
	}
	f, err := b.inspect(ctx, of1000.url, 7, false)
	if err != nil {
		return err
	}
	b.add(budget{
		name: "PostgreSQL, 1,000 tables: inspection / the same queries by psql", limit: 2, unit: "×", gate: true,
		value: median(ratios(f.Ours, f.Raw)), note: fmt.Sprintf("median of 7 pairs; %s, %s", figure(median(f.Ours), "s"), figure(median(f.Raw), "s")),
	})
	if err := b.postgresAtlas(ctx, of1000.tables); err != nil {
		return err
	}
	for _, x := range compare("PostgreSQL", of100, of1000) {
		b.add(x)
	}
	if !b.full {
		return nil
	}
	of10000, err := b.grow(ctx, server, 10000, 3, postgresSQL)
	if err != nil {
		return err
	}
	for _, x := range append(compare("PostgreSQL", of1000, of10000), of10000.memory("PostgreSQL")...) {
		b.addLarge(x)
	}
	hcl, args, err := b.hclFile(of10000)
	if err != nil {
		return err
	}
	s, err := b.plan(ctx, 1, append(args, "--no-cache")...)
	if err != nil {
		return fmt.Errorf("%s: %w", hcl, err)
	}
	b.addLarge(budget{name: "PostgreSQL, 10,000 tables: plan without changes, cold, from HCL", unit: "s", value: s.seconds})
	b.addLarge(budget{name: "PostgreSQL, 10,000 tables: peak memory, cold, from HCL", limit: 1024, unit: "MB", value: s.peak, gate: true})
	return b.postgresFromEmpty(ctx, server, of1000, of10000)
}

// postgresAtlas compares inspections on a server of its own: Atlas's joins depend on what statistics the server happens
// to have of its catalogs, and here it has none, as in every new database.
func (b *bench) postgresAtlas(ctx context.Context, tables int) (err error) {
	in, err := localserver.Find(ctx, localserver.Release{Flavor: localserver.Postgres, Major: 18, Minor: localserver.Any})
	if err != nil {
		return err
	}
	s, err := localserver.Start(ctx, in, localserver.Options{CacheDir: filepath.Join(b.dir, "cache", "schemactl")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	b.say("load %d tables into a server of its own", tables)
	if err := fill(ctx, s.URL(""), tables, postgresSQL); err != nil {
		return err
	}
	f, err := b.inspect(ctx, s.URL(""), 5, true)
	if err != nil {
		return err
	}
	b.add(budget{
		name: "PostgreSQL, 1,000 tables: Atlas's inspection / ours", limit: 40, unit: "×", least: true, gate: true,
		value: median(f.Atlas) / median(f.Ours), note: fmt.Sprintf("one process; %s, %s", figure(median(f.Atlas), "s"), figure(median(f.Ours), "s")),
	})
	return nil
}

// postgresPlans measures the plans of 1,000 tables that growth does not.
func (b *bench) postgresPlans(ctx context.Context, g growth) error {
	_, hclArgs, err := b.hclFile(g)
	if err != nil {
		return err
	}
	for _, x := range []struct {
		name string
		runs int
		args []string
		budget
	}{
		{"plan without changes, cold, from SQL", 3, append(g.args(), "--no-cache"), budget{limit: 4}},
		{"plan without changes, cold, from HCL", 3, append(hclArgs, "--no-cache"), budget{limit: 4}},
		{"the cache of HCL is filled", 1, hclArgs, budget{}},
		{"plan without changes, warm, from HCL", 5, hclArgs, budget{limit: 1}},
	} {
		s, err := b.plan(ctx, x.runs, x.args...)
		if err != nil {
			return err
		}
		if x.limit > 0 {
			b.add(budget{name: "PostgreSQL, 1,000 tables: " + x.name, limit: x.limit, unit: "s", value: s.seconds, note: fmt.Sprintf("median of %d", x.runs)})
		}
	}
	return b.postgresDrift(ctx, g)
}

// postgresDrift measures drift where the desired state is known.
func (b *bench) postgresDrift(ctx context.Context, g growth) error {
	if _, err := b.drift(ctx, 1, g.args()...); err != nil { // fills the cache
		return err
	}
	s, err := b.drift(ctx, 5, g.args()...)
	if err != nil {
		return err
	}
	b.add(budget{name: "PostgreSQL, 1,000 tables: drift of a database in step, warm, from SQL", limit: 0.7, unit: "s", value: s.seconds, note: "median of 5"})
	return nil
}

// hclFile writes the tables as HCL and returns the arguments of a plan with it.
func (b *bench) hclFile(g growth) (name string, args []string, err error) {
	name = filepath.Join(b.dir, fmt.Sprintf("postgres-%d.hcl", g.tables))
	err = writeFile(name, func(w io.Writer) { postgresHCL(w, g.tables) })
	return name, []string{"--url", g.url, "--to", "file://" + name}, err
}

// postgresFromEmpty measures how the planner grows, by plans from an empty database.
func (b *bench) postgresFromEmpty(ctx context.Context, server *url.URL, small, large growth) error {
	empty, err := b.database(ctx, server, "empty")
	if err != nil {
		return err
	}
	var took []sample
	for _, g := range []growth{small, large} {
		s, err := b.repeat(ctx, 3, "plan", "--url", empty, "--to", "file://"+g.file, "--format", "sql")
		if err != nil {
			return err
		}
		took = append(took, s)
	}
	b.addLarge(growthBudget("PostgreSQL, plan from empty, time per table", small.tables, large.tables, took[0].seconds, took[1].seconds, "s"))
	b.addLarge(growthBudget("PostgreSQL, plan from empty, memory per table", small.tables, large.tables, took[0].peak, took[1].peak, "MB"))
	b.addLarge(budget{name: "PostgreSQL, plan from empty to 10,000 tables: peak memory", limit: 1024, unit: "MB", value: took[1].peak, gate: true})
	return nil
}

// growth is what plans without changes of one size took.
type growth struct {
	tables     int
	url, file  string
	cold, warm sample
}

func (g growth) args() []string { return []string{"--url", g.url, "--to", "file://" + g.file} }

// memory is the budget for the memory of a large database.
func (g growth) memory(server string) []budget {
	return []budget{
		{name: fmt.Sprintf("%s, %s tables: peak memory, warm", server, thousands(g.tables)), limit: 1024, unit: "MB", value: g.warm.peak, gate: true},
		{name: fmt.Sprintf("%s, %s tables: peak memory, cold", server, thousands(g.tables)), limit: 1024, unit: "MB", value: g.cold.peak, gate: true},
		{name: fmt.Sprintf("%s, %s tables: plan without changes, warm", server, thousands(g.tables)), unit: "s", value: g.warm.seconds},
		{name: fmt.Sprintf("%s, %s tables: plan without changes, cold", server, thousands(g.tables)), unit: "s", value: g.cold.seconds},
	}
}

// grow makes a database of n tables and plans without changes: once cold, which fills the cache, and then warm.
func (b *bench) grow(ctx context.Context, server *url.URL, n, runs int, write func(w io.Writer, from, to int)) (growth, error) {
	g := growth{tables: n}
	var err error
	if g.url, err = b.database(ctx, server, fmt.Sprint(n)); err != nil {
		return g, err
	}
	b.say("load %d tables into %s", n, server.Scheme)
	if err := fill(ctx, g.url, n, write); err != nil {
		return g, err
	}
	g.file = filepath.Join(b.dir, fmt.Sprintf("%s-%d.sql", server.Scheme, n))
	if err := writeFile(g.file, func(w io.Writer) { write(w, 0, n) }); err != nil {
		return g, err
	}
	b.say("plan %d tables", n)
	if g.cold, err = b.plan(ctx, 1, g.args()...); err != nil {
		return g, err
	}
	g.warm, err = b.plan(ctx, runs, g.args()...)
	return g, err
}

// compare is the budgets for growth from one size to the next, of what a plan takes with its cache filled.
func compare(server string, small, large growth) []budget {
	return []budget{
		growthBudget(server+", plan without changes, time per table", small.tables, large.tables, small.warm.seconds, large.warm.seconds, "s"),
		growthBudget(server+", plan without changes, memory per table", small.tables, large.tables, small.warm.peak, large.warm.peak, "MB"),
	}
}

func growthBudget(name string, from, to int, a, b float64, unit string) budget {
	return budget{
		name: fmt.Sprintf("%s: %s / %s tables", name, thousands(to), thousands(from)), limit: 1.3, unit: "×", gate: true,
		value: b / float64(to) / (a / float64(from)), note: figure(b, unit) + ", " + figure(a, unit),
	}
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

func ratios(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return out
}

func writeFile(name string, write func(io.Writer)) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	write(w)
	return errors.Join(w.Flush(), f.Close())
}

// server finds a server of the tests and notes its version.
func (b *bench) server(ctx context.Context, env, name, query string) (*url.URL, error) {
	u, err := url.Parse(os.Getenv(env))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", env, err)
	}
	if u.Host == "" {
		return nil, fmt.Errorf("%s is not set: run `make bench`", env)
	}
	var version string
	err = onServer(ctx, u.String(), func(db *sql.DB) error { return db.QueryRowContext(ctx, query).Scan(&version) })
	if note := name + " " + version; !slices.Contains(b.versions, note) {
		b.versions = append(b.versions, note)
	}
	return u, err
}

// database makes a database on the server, to be dropped at the end.
func (b *bench) database(ctx context.Context, server *url.URL, suffix string) (string, error) {
	name := fmt.Sprintf("bench_%d_%s", os.Getpid(), suffix)
	exec := func(ctx context.Context, text string) error {
		return onServer(ctx, server.String(), func(db *sql.DB) error { _, err := db.ExecContext(ctx, text); return err })
	}
	if err := exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	b.undo = append(b.undo, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		if err := exec(ctx, "DROP DATABASE "+name); err != nil {
			b.say("drop %s: %v", name, err)
		}
	})
	u := *server
	u.Path = "/" + name
	return u.String(), nil
}

// fill loads the tables in chunks that the server's lock table can hold.
func fill(ctx context.Context, url string, n int, write func(w io.Writer, from, to int)) error {
	return onServer(ctx, url, func(db *sql.DB) error {
		for i := 0; i < n; i += perChunk {
			var text strings.Builder
			write(&text, i, min(i+perChunk, n))
			if _, err := db.ExecContext(ctx, text.String()); err != nil {
				return fmt.Errorf("load tables: %w", err)
			}
		}
		return nil
	})
}

// onServer opens a database for as long as f takes.
func onServer(ctx context.Context, raw string, f func(*sql.DB) error) error {
	u, err := dburl.Parse(raw)
	if err != nil {
		return err
	}
	dsn, err := u.DSN(ctx)
	if err != nil {
		return err
	}
	db, err := sql.Open(u.Driver(), dsn)
	if err != nil {
		return err
	}
	return errors.Join(f(db), db.Close())
}
