package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
)

// family is one of the servers that speak MySQL's language, with the budgets that are not the same for all.
type family struct {
	name, env string
	overAtlas float64 // how many times our inspection is to be faster than Atlas's
	narrow    bool    // whether the tables do not fit into the server's table_open_cache as it is by default
}

// mysql measures the budgets of MySQL, and mariadb those of MariaDB.
func (b *bench) mysql(ctx context.Context) error {
	return b.mysqlFamily(ctx, family{name: "MySQL", env: "SCHEMACTL_TEST_MYSQL_97", overAtlas: 5})
}

func (b *bench) mariadb(ctx context.Context) error {
	return b.mysqlFamily(ctx, family{name: "MariaDB", env: "SCHEMACTL_TEST_MARIADB_1011", overAtlas: 2, narrow: true})
}

func (b *bench) mysqlFamily(ctx context.Context, f family) error {
	server, err := b.server(ctx, f.env, f.name, "SELECT VERSION()")
	if err != nil {
		return err
	}
	of100, err := b.grow(ctx, server, 100, 5, mysqlSQL)
	if err != nil {
		return err
	}
	of1000, err := b.grow(ctx, server, 1000, 7, mysqlSQL)
	if err != nil {
		return err
	}
	b.add(budget{name: f.name + ", 1,000 tables: plan without changes, warm", limit: 0.6, unit: "s", value: of1000.warm.seconds, note: "median of 7"})
	b.add(budget{name: f.name + ", 1,000 tables: plan without changes, cold, from SQL", unit: "s", value: of1000.cold.seconds, note: "one run"})
	if err := b.mysqlHCL(ctx, f, of1000, b.add); err != nil {
		return err
	}
	in, err := b.inspect(ctx, of1000.url, 7, true)
	if err != nil {
		return err
	}
	b.add(budget{
		name: f.name + ", 1,000 tables: inspection / the same queries by mariadb", limit: 1.5, unit: "×", gate: true,
		value: median(ratios(in.Ours, in.Raw)), note: fmt.Sprintf("median of 7 pairs; %s, %s", figure(median(in.Ours), "s"), figure(median(in.Raw), "s")),
	})
	b.add(budget{
		name: f.name + ", 1,000 tables: Atlas's inspection / ours", limit: f.overAtlas, unit: "×", least: true, gate: true,
		value: median(in.Atlas) / median(in.Ours), note: fmt.Sprintf("one process; %s, %s", figure(median(in.Atlas), "s"), figure(median(in.Ours), "s")),
	})
	for _, x := range compare(f.name, of100, of1000) {
		b.add(x)
	}
	if !b.full {
		return nil
	}
	of10000, err := b.grow(ctx, server, 10000, 3, mysqlSQL)
	if err != nil {
		return err
	}
	if f.narrow {
		if of10000.warm, err = b.widened(ctx, server, f, of10000); err != nil {
			return err
		}
	}
	for _, x := range append(compare(f.name, of1000, of10000), of10000.memory(f.name)...) {
		b.addLarge(x)
	}
	return b.mysqlHCL(ctx, f, of10000, b.addLarge)
}

// widened measures the plan of many tables once more with a table_open_cache that holds them, as the smaller database's
// fit into the default one. MariaDB opens the files of a table anew for each query on information_schema where the cache
// does not hold it, whoever asks: growth with that in it would be the server's.
func (b *bench) widened(ctx context.Context, server *url.URL, f family, g growth) (s sample, err error) {
	b.addLarge(budget{
		name: fmt.Sprintf("%s, %s tables: plan without changes, warm, table_open_cache as it is by default", f.name, thousands(g.tables)),
		unit: "s", value: g.warm.seconds,
	})
	err = onServer(ctx, server.String(), func(db *sql.DB) (err error) {
		var open, definitions int
		if err := db.QueryRowContext(ctx, "SELECT @@table_open_cache, @@table_definition_cache").Scan(&open, &definitions); err != nil {
			return err
		}
		set := func(ctx context.Context, open, definitions int) error {
			_, err := db.ExecContext(ctx, fmt.Sprintf("SET GLOBAL table_open_cache = %d, GLOBAL table_definition_cache = %d", open, definitions))
			return err
		}
		defer func() { err = errors.Join(err, set(context.WithoutCancel(ctx), open, definitions)) }()
		if err := set(ctx, 2*g.tables, 2*g.tables); err != nil {
			return err
		}
		if _, err := b.plan(ctx, 1, g.args()...); err != nil { // fills the cache
			return err
		}
		s, err = b.plan(ctx, 3, g.args()...)
		return err
	})
	return s, err
}

// mysqlHCL measures plans from HCL, for which no dev server is asked where the tables are what is live.
func (b *bench) mysqlHCL(ctx context.Context, f family, g growth, add func(budget)) error {
	name := filepath.Join(b.dir, fmt.Sprintf("%s-%d.hcl", f.name, g.tables))
	if err := writeFile(name, func(w io.Writer) { mysqlHCL(w, g.tables) }); err != nil {
		return err
	}
	args := []string{"--url", g.url, "--to", "file://" + name}
	const runs = 3
	cold, err := b.plan(ctx, runs, append(args, "--no-cache")...)
	if err != nil {
		return err
	}
	if _, err := b.plan(ctx, 1, args...); err != nil { // fills the cache
		return err
	}
	warm, err := b.plan(ctx, runs, args...)
	if err != nil {
		return err
	}
	limits := [2]float64{} // of cold and warm
	if g.tables <= 1000 {
		limits = [2]float64{3, 0.6}
	}
	for i, s := range []sample{cold, warm} {
		add(budget{
			name: fmt.Sprintf("%s, %s tables: plan without changes, %s, from HCL", f.name, thousands(g.tables), []string{"cold", "warm"}[i]),
			unit: "s", limit: limits[i], value: s.seconds, note: fmt.Sprintf("median of %d", runs),
		})
	}
	return nil
}
