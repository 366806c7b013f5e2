package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// migrate measures the next migration of a directory that has a thousand already.
func (b *bench) migrate(ctx context.Context) error {
	const files = 1000
	server, err := b.server(ctx, "SCHEMACTL_TEST_POSTGRES_18", "PostgreSQL", "SHOW server_version")
	if err != nil {
		return err
	}
	dev, err := b.database(ctx, server, "migrations")
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "migrations")
	if err := writeMigrations(dir, files); err != nil {
		return err
	}
	args := []string{"--dir", "file://" + dir, "--dev-url", dev}
	if _, _, err := b.command(ctx, "migrate", "hash", "--dir", "file://"+dir); err != nil {
		return err
	}
	b.say("replay %d migrations", files)
	first, hcl, err := b.command(ctx, "inspect", "--url", "file://"+dir, "--dev-url", dev)
	if err != nil {
		return err
	}
	desired := filepath.Join(b.dir, "migrations.hcl")
	extra := ""
	var runs []sample
	for i := range 6 {
		extra += fmt.Sprintf("  column \"extra%d\" {\n    type = int\n    null = true\n  }\n", i)
		text := strings.Replace(string(hcl), "  primary_key {", extra+"  primary_key {", 1)
		if err := os.WriteFile(desired, []byte(text), 0o600); err != nil {
			return err
		}
		s, _, err := b.command(ctx, append([]string{"migrate", "diff", "more", "--to", "file://" + desired}, args...)...)
		if err != nil {
			return err
		}
		runs = append(runs, s)
	}
	if found, err := filepath.Glob(filepath.Join(dir, "*_more.sql")); err != nil || len(found) != len(runs) {
		return fmt.Errorf("%d migrations were written, not %d: %w", len(found), len(runs), err)
	}
	b.add(budget{name: "PostgreSQL, 1,000 migrations: the first replay", unit: "s", value: first.seconds, note: "100 tables; one run"})
	b.add(budget{
		name: "PostgreSQL, 1,000 migrations: migrate diff, after the first", limit: 1.5, unit: "s",
		value: medians(runs[1:]).seconds, note: "median of 5; each replays what it writes",
	})
	return nil
}

// writeMigrations writes a history of 100 tables that get columns and indexes.
func writeMigrations(dir string, files int) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for i := range files {
		t := table(i % 100)
		text := fmt.Sprintf("ALTER TABLE %s ADD COLUMN c%d int;\n", t, i)
		switch {
		case i < 100:
			text = fmt.Sprintf("CREATE TABLE %s (id bigint PRIMARY KEY, name text NOT NULL);\n", t)
		case i%3 == 0:
			text = fmt.Sprintf("CREATE INDEX %s_i%d ON %s (name);\n", t, i, t)
		}
		name := filepath.Join(dir, fmt.Sprintf("2025%010d_step.sql", i))
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
