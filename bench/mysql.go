package main

import (
	"context"
	"fmt"
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
	b.add(budget{name: "MySQL, 1,000 tables: plan without changes, cold", unit: "s", value: of1000.cold.seconds, note: "one run"})
	f, err := b.inspect(ctx, of1000.url, 5, true)
	if err != nil {
		return err
	}
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
	return nil
}
