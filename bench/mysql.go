package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
)

// mysql measures the budgets of MySQL.
func (b *bench) mysql(ctx context.Context) error {
	server, err := b.server(ctx, "SCHEMACTL_TEST_MYSQL_97", "MySQL", "SELECT VERSION()")
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
	b.add(budget{name: "MySQL, 1,000 tables: plan without changes, warm", limit: 0.6, unit: "s", value: of1000.warm.seconds, note: "median of 7"})
	b.add(budget{name: "MySQL, 1,000 tables: plan without changes, cold, from SQL", unit: "s", value: of1000.cold.seconds, note: "one run"})
	if err := b.mysqlHCL(ctx, of1000, b.add); err != nil {
		return err
	}
	f, err := b.inspect(ctx, of1000.url, 7, true)
	if err != nil {
		return err
	}
	b.add(budget{
		name: "MySQL, 1,000 tables: inspection / the same queries by mariadb", limit: 1.5, unit: "×", gate: true,
		value: median(ratios(f.Ours, f.Raw)), note: fmt.Sprintf("median of 7 pairs; %s, %s", figure(median(f.Ours), "s"), figure(median(f.Raw), "s")),
	})
	b.add(budget{
		name: "MySQL, 1,000 tables: Atlas's inspection / ours", limit: 5, unit: "×", least: true, gate: true,
		value: median(f.Atlas) / median(f.Ours), note: fmt.Sprintf("one process; %s, %s", figure(median(f.Atlas), "s"), figure(median(f.Ours), "s")),
	})
	for _, x := range compare("MySQL", of100, of1000) {
		b.add(x)
	}
	if !b.full {
		return nil
	}
	of10000, err := b.grow(ctx, server, 10000, 3, mysqlSQL)
	if err != nil {
		return err
	}
	for _, x := range append(compare("MySQL", of1000, of10000), of10000.memory("MySQL")...) {
		b.addLarge(x)
	}
	return b.mysqlHCL(ctx, of10000, b.addLarge)
}

// mysqlHCL measures plans from HCL, for which no dev server is asked where the tables are what is live.
func (b *bench) mysqlHCL(ctx context.Context, g growth, add func(budget)) error {
	name := filepath.Join(b.dir, fmt.Sprintf("mysql-%d.hcl", g.tables))
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
			name: fmt.Sprintf("MySQL, %s tables: plan without changes, %s, from HCL", thousands(g.tables), []string{"cold", "warm"}[i]),
			unit: "s", limit: limits[i], value: s.seconds, note: fmt.Sprintf("median of %d", runs),
		})
	}
	return nil
}
