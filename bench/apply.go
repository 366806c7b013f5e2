package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// runner is a client that is fed with the same SQL.
type runner struct {
	name, env, version string
	rounds             int
	command            func(u *url.URL) []string
}

func runners() []runner {
	maria := func(u *url.URL) []string {
		password, _ := u.User.Password()
		return []string{"mariadb", "--host=" + u.Hostname(), "--port=" + u.Port(), "--user=" + u.User.Username(), "--password=" + password, strings.TrimPrefix(u.Path, "/")}
	}
	return []runner{
		{"PostgreSQL", "SCHEMACTL_TEST_POSTGRES_18", "SHOW server_version", 5, func(u *url.URL) []string { return []string{"psql", "-q", u.String()} }},
		{"MySQL", "SCHEMACTL_TEST_MYSQL_97", "SELECT VERSION()", 1, maria},
		{"MariaDB", "SCHEMACTL_TEST_MARIADB_1011", "SELECT VERSION()", 3, maria},
	}
}

// apply measures 1,000 small migrations, and the status of a database that has them.
func (b *bench) apply(ctx context.Context) error {
	const files = 1000
	dir := filepath.Join(b.dir, "apply")
	if err := writeMigrations(dir, files); err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	if err != nil {
		return err
	}
	var all []byte
	for _, name := range found {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		text = []byte(strings.ReplaceAll(string(text), "name text", "name varchar(100)")) // which MySQL can index
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return err
		}
		all = append(all, text...)
	}
	if _, _, err := b.command(ctx, "migrate", "hash", "--dir", "file://"+dir); err != nil {
		return err
	}
	for _, r := range runners() {
		if err := b.applyOn(ctx, r, dir, string(all)); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) applyOn(ctx context.Context, r runner, dir, all string) error {
	server, err := b.server(ctx, r.env, r.name, r.version)
	if err != nil {
		return err
	}
	var ours, theirs []float64
	var last string
	for i := range r.rounds {
		b.say("%s: 1,000 migrations, round %d of %d", r.name, i+1, r.rounds)
		base, err := b.database(ctx, server, fmt.Sprintf("client%d", i))
		if err != nil {
			return err
		}
		u, err := url.Parse(base)
		if err != nil {
			return err
		}
		args := r.command(u)
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Stdin = strings.NewReader(all)
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%.500s", args[0], err, out)
		}
		theirs = append(theirs, time.Since(start).Seconds())
		if last, err = b.database(ctx, server, fmt.Sprintf("apply%d", i)); err != nil {
			return err
		}
		s, _, err := b.command(ctx, "migrate", "apply", "--dir", "file://"+dir, "--url", last)
		if err != nil {
			return err
		}
		ours = append(ours, s.seconds)
	}
	b.add(budget{
		name: r.name + ": migrate apply of 1,000 small files, against its client", limit: 1.5, unit: "×", value: median(ours) / median(theirs),
		note: fmt.Sprintf("%.2f s against %.2f s; in turn, %d each", median(ours), median(theirs), r.rounds),
	})
	s, err := b.repeat(ctx, 11, "migrate", "status", "--dir", "file://"+dir, "--url", last)
	if err != nil {
		return err
	}
	b.add(budget{name: r.name + ": migrate status with 1,000 files", limit: 100, unit: "ms", value: s.seconds * 1000, note: "median of 11"})
	return nil
}
