// Bench measures schemactl against its budgets for speed and memory on real servers, prints a table and writes it to
// docs/benchmarks.md. It exits with 1 when a budget is missed that does not depend on the machine.
//
//	go run ./bench -binary bin/schemactl            1,000 tables, a few minutes
//	go run ./bench -binary bin/schemactl -full      10,000 tables too
//
// The servers are those of the tests: SCHEMACTL_TEST_POSTGRES_18, SCHEMACTL_TEST_MYSQL_97 and
// SCHEMACTL_TEST_MARIADB_1011. Their databases are made for the run and dropped after it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

// bench is one run.
type bench struct {
	binary string // of schemactl
	full   bool
	dir    string // of the run's own files, removed after it
	out    io.Writer
	log    io.Writer

	quick, large []budget // measured at up to 1,000 tables; at 10,000
	versions     []string // of the servers
	undo         []func() // drops what was made on the servers
}

func main() {
	b := &bench{out: os.Stdout, log: os.Stderr}
	flag.StringVar(&b.binary, "binary", "bin/schemactl", "the `program` to measure")
	flag.BoolVar(&b.full, "full", os.Getenv("FULL") != "", "measure 10,000 tables too; also by FULL=1")
	docs := flag.String("docs", "docs/benchmarks.md", "the `file` to write the tables to; empty: none")
	only := flag.String("only", "", "measure only these `parts`: program, postgres, mixed, mysql, mariadb, migrate, apply; writes no file")
	part := flag.String("part", "", "for itself: inspect the database of this `URL` and print figures")
	runs := flag.Int("runs", 5, "for itself: how often")
	atlas := flag.Bool("atlas", false, "for itself: by Atlas too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := func() error {
		if *part != "" {
			return inspectPart(ctx, *part, *runs, *atlas, b.out)
		}
		return b.run(ctx, *docs, *only)
	}()
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var errMissed = errors.New("a budget is missed")

func (b *bench) run(ctx context.Context, docs, only string) (err error) {
	if b.binary, err = filepath.Abs(b.binary); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "schemactl-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	defer func() {
		for _, undo := range b.undo {
			undo()
		}
	}()
	m := describeMachine()
	for _, p := range []struct {
		name    string
		measure func(context.Context) error
	}{{"program", b.program}, {"postgres", b.postgres}, {"mixed", b.postgresMixed}, {"mysql", b.mysql}, {"mariadb", b.mariadb}, {"migrate", b.migrate}, {"apply", b.apply}} {
		if only != "" && !strings.Contains(only, p.name) {
			continue
		}
		if err := p.measure(ctx); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	m.versions = b.versions
	b.print()
	if docs != "" && only == "" {
		if err := b.write(docs, m); err != nil {
			return err
		}
	}
	for _, x := range append(b.quick, b.large...) {
		if x.gate && !x.met() {
			return fmt.Errorf("%w: %s", errMissed, x.name)
		}
	}
	return nil
}

// program measures what needs no server.
func (b *bench) program(ctx context.Context) error {
	info, err := os.Stat(b.binary)
	if err != nil {
		return err
	}
	b.add(budget{name: "size of the program", limit: 60, unit: "MB", value: float64(info.Size()) / 1e6, gate: true})
	s, err := b.repeat(ctx, 21, "version")
	if err != nil {
		return err
	}
	b.add(budget{name: "start (`schemactl version`)", limit: 30, unit: "ms", value: s.seconds * 1000})
	return nil
}

// add takes a result and tells of it at once.
func (b *bench) add(x budget) {
	b.quick = append(b.quick, x)
	_, _ = fmt.Fprintln(b.log, "  "+x.String())
}

func (b *bench) addLarge(x budget) {
	b.large = append(b.large, x)
	_, _ = fmt.Fprintln(b.log, "  "+x.String())
}

func (b *bench) say(format string, args ...any) { _, _ = fmt.Fprintf(b.log, format+"\n", args...) }
