package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/revision"
	"github.com/schemactl/schemactl/internal/visible"
)

type migrateApplyOptions struct {
	past
	revision.Options
	order, txMode, interrupted, format string
	dryRun, detailed                   bool
	statementTimeout, waitTimeout      time.Duration
	retries                            int

	out *output
}

func newMigrateApplyCmd(a *app) *cobra.Command {
	o := &migrateApplyOptions{past: past{migrations: migrations{target: target{app: a}}}}
	cmd := &cobra.Command{
		Use:   "apply [count]",
		Short: "Run the pending migrations on a database",
		Long: `apply runs the migrations that the database does not have yet, in order, and writes each into its history: the table
atlas_schema_revisions, which is Atlas's. On PostgreSQL a file and its entry are one transaction. Where that is not possible
(MySQL, MariaDB, "-- atlas:txmode none") the history knows each statement, and the next apply goes on at the one that failed
or was cut off, even if this one is killed: what became of it is read from the catalog. A lock keeps other runs out.

apply stops before a file that is held back ("-- schemactl:hold REASON" at its top), and says so; --held, or its version
with --to-version, runs it.

An empty database starts at the last checkpoint. One that is not empty and has no history is refused, unless --baseline names
the version that it is at.`,
		Example: `  schemactl migrate apply --env prod
  schemactl migrate apply 1 --url "postgres://app@localhost/app" --dir file://migrations
  schemactl migrate apply --env prod --to-version 20260131090000
  schemactl migrate apply --env prod --dry-run             # print the SQL
  schemactl migrate apply --env old --baseline 20260101000000`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runMigrateApply(cmd, o, args) },
	}
	o.pastFlags(cmd)
	o.lockFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&o.To, "to-version", "", "`version` to stop after")
	f.BoolVar(&o.Held, "held", false, "run migrations that are held back (-- schemactl:hold), too")
	f.BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 when migrations are left that are held back")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the statements that would run, and change nothing")
	f.StringVar(&o.Baseline, "baseline", "", "`version` that a database without history is at: what comes after it runs")
	f.BoolVar(&o.AllowDirty, "allow-dirty", false, "run all files on a database that has no history and is not empty")
	f.StringVar(&o.txMode, "tx-mode", "", "what is one transaction: a `file`, all of them, or none; default file")
	f.StringVar(&o.order, "exec-order", "", "what becomes of files that come before the last one that ran: an error (linear), left out (linear-skip) or run (non-linear); default `linear`")
	f.DurationVar(&o.statementTimeout, "statement-timeout", 0, "longest time for a statement; default as the server has it")
	f.DurationVar(&o.waitTimeout, "statement-lock-timeout", 0, "longest time that a statement waits for a lock; default as the server has it")
	f.IntVar(&o.retries, "retries", 3, "how often a file is tried again after a lock timeout or a deadlock")
	f.StringVar(&o.interrupted, "interrupted", "", "what became of the statement that was cut off, where apply says that the database does not show it: `done` or again")
	f.StringVar(&o.format, "format", "", "`format` of the output: text, json or a Go template; default text, or the environment's")
	completeWords(cmd, "tx-mode", "file", "all", "none")
	completeWords(cmd, "exec-order", revision.Orders()...)
	completeWords(cmd, "interrupted", string(revision.Done), string(revision.Again))
	completeWords(cmd, "format", "text", "json")
	return cmd
}

// settle reads the project file, and checks the words.
func (o *migrateApplyOptions) settle(cmd *cobra.Command, args []string) error {
	if err := o.resolve(cmd); err != nil {
		return err
	}
	m := o.chosen.Migration
	setDefault(&o.order, m.ExecOrder)
	setDefault(&o.txMode, m.TxMode)
	if !o.AllowDirty {
		setDefault(&o.Baseline, m.Baseline)
	}
	setDefault(&o.order, string(revision.Linear))
	setDefault(&o.txMode, string(migrate.TxFile))
	o.Order = revision.Order(o.order)
	if len(args) == 1 {
		n, err := strconv.Atoi(args[0])
		if err != nil || n < 1 {
			return diag.Errorf(diag.Pos{}, "bad-count", "%q is not a number of migrations", args[0]).
				WithHint("schemactl migrate apply 1 runs the next one; --to-version names the last one")
		}
		o.Count = n
	}
	var err error
	o.out, err = o.outputOf(o.format, "migrate.apply", &applied{}, "text", "json")
	return errors.Join(err,
		oneOf("--exec-order", o.order, revision.Orders()...),
		oneOf("--tx-mode", o.txMode, "file", "all", "none"),
		oneOf("--interrupted", o.interrupted, "", string(revision.Done), string(revision.Again)),
	)
}

func runMigrateApply(cmd *cobra.Command, o *migrateApplyOptions, args []string) (err error) {
	ctx := cmd.Context()
	if err := o.settle(cmd, args); err != nil {
		return err
	}
	b, err := o.openBook(ctx)
	if err != nil {
		return err
	}
	defer closeAll(&err, b.job.Close)
	if !o.dryRun {
		unlock, err := o.lock(ctx, b)
		if err != nil {
			return err
		}
		defer releaseLock(ctx, &err, unlock)
	}
	s, err := b.look(ctx)
	if err != nil {
		return err
	}
	w, err := o.decide(ctx, b, s)
	if err != nil {
		return err
	}
	list, err := revision.Prepare(b.job.Dialect, s, w.Files, migrate.TxMode(o.txMode))
	if err != nil {
		return err
	}
	o.tellDoubts(s, w)
	switch {
	case len(list) == 0 && w.Baseline == nil && w.Held != nil:
		err = o.report(&applied{Held: heldOf(w)})
	case len(list) == 0 && w.Baseline == nil:
		o.app.io.Notify("Nothing to do: the database has all migrations of the directory that are asked for.")
		return o.report(&applied{})
	case o.dryRun:
		err = o.preview(w, list)
	default:
		err = o.run(ctx, b, w, list)
	}
	if err != nil || w.Held == nil {
		return err
	}
	o.tellHeld(w)
	if o.detailed {
		return errChanges
	}
	return nil
}

// heldOf are the migrations before which a run stops, for programs.
func heldOf(w *revision.Work) []heldFile {
	var out []heldFile
	if w.Held != nil {
		for _, f := range append([]*migrate.File{w.Held}, w.Behind...) {
			out = append(out, heldFile{f.Version, f.Name, f.Hold})
		}
	}
	return out
}

// tellHeld says what the run stopped before, and how to go on.
func (o *migrateApplyOptions) tellHeld(w *revision.Work) {
	n := o.app.io.Notify
	n("Held back: %s, %s.", w.Held.Name, w.Held.Hold)
	last, others := w.Held, 0
	for _, f := range w.Behind {
		if f.Hold == "" {
			others++
		} else if others == 0 {
			last = f
		}
	}
	n("  When that is so: --to-version %s, or --held.", last.Version)
	if others > 0 {
		n("  %s behind it; schemactl migrate rebase %s puts it last.", waiting(others), w.Held.Version)
	}
}

func waiting(n int) string {
	if n == 1 {
		return "1 migration waits"
	}
	return fmt.Sprintf("%d migrations wait", n)
}

func (o *migrateApplyOptions) decide(ctx context.Context, b *book, s *revision.Survey) (*revision.Work, error) {
	found := ""
	if s.Last == nil && o.Baseline == "" && !o.AllowDirty {
		var err error
		if found, err = b.history.Found(ctx); err != nil {
			return nil, err
		}
	}
	return revision.Decide(s, found, o.Options)
}

// tellDoubts says what of the history does not fit the directory, and does not stop a run.
func (o *migrateApplyOptions) tellDoubts(s *revision.Survey, w *revision.Work) {
	for _, f := range w.Skipped {
		o.app.io.Notify("left out: %s comes before %s, which is applied", f.Name, s.Last.Version)
	}
	for _, f := range s.Edited {
		o.app.io.Notify("warning: %s, or a file before it, is not what it was when it was applied", f.Name)
	}
}

// preview prints what would run.
func (o *migrateApplyOptions) preview(w *revision.Work, list []*revision.Migration) error {
	if w.Baseline != nil {
		o.app.io.Notify("Would write into the history that the database is at %s.", w.Baseline.Name)
	}
	var b strings.Builder
	for _, m := range list {
		title := m.File.Name
		if n := m.Revision.Applied; n > 0 {
			title += fmt.Sprintf(", from statement %d on", n+1)
		}
		b.WriteString(visible.Comment(title) + "\n")
		for _, st := range m.SQL() {
			b.WriteString(strings.TrimSuffix(revision.Shown(st), ";") + ";\n")
		}
		b.WriteString("\n")
	}
	_, err := o.app.io.Out.Write([]byte(b.String()))
	o.app.io.Notify("%s would run.", render.Plural(len(list), "migration"))
	return err
}

func (o *migrateApplyOptions) run(ctx context.Context, b *book, w *revision.Work, list []*revision.Migration) error {
	out := &applied{Held: heldOf(w)}
	start := time.Now()
	r := &revision.Run{
		Dialect: b.job.Dialect, History: b.history, TxMode: migrate.TxMode(o.txMode), Operator: operator(),
		Retries: o.retries, Interrupted: revision.Interrupted(o.interrupted),
		Tell: func(s string) { o.app.io.Notify("%s", s) },
		Start: func(m *revision.Migration, _ time.Duration) {
			if o.app.io.Live {
				o.app.io.Notify("[%d/%d] %s", len(out.Applied)+1, len(list), m.File.Name)
			}
		},
		End: func(m *revision.Migration, took time.Duration) { o.ended(out, m, took) },
	}
	if err := b.history.Ensure(ctx); err != nil {
		return err
	}
	if err := b.history.Limit(ctx, o.statementTimeout, o.waitTimeout); err != nil {
		return err
	}
	if w.Baseline != nil {
		if err := r.Baseline(ctx, w.Baseline); err != nil {
			return err
		}
		o.app.io.Notify("The history begins at %s, which the database has.", w.Baseline.Name)
	}
	err := r.Apply(ctx, list)
	out.took = time.Since(start)
	var f *revision.Failure
	if errors.As(err, &f) {
		if r.TxMode == migrate.TxAll {
			out.Applied = nil
		}
		out.Error = f.Error()
		o.tellFailure(ctx, f)
		return errors.Join(o.report(out), errSilent)
	}
	if err != nil {
		return err
	}
	return o.report(out)
}

// applied is what a run did.
type applied struct {
	Applied []appliedFile `json:"applied"`
	Held    []heldFile    `json:"held,omitempty"` // what the run stopped before
	Error   string        `json:"error,omitempty"`
	took    time.Duration
}

// heldFile is a migration that waits. Reason is empty for one that only comes after such.
type heldFile struct {
	Version string `json:"version"`
	Name    string `json:"name"`
	Reason  string `json:"reason,omitempty"`
}

type appliedFile struct {
	Version    string `json:"version"`
	Name       string `json:"name"`
	Statements int    `json:"statements"`
	Millis     int64  `json:"milliseconds"`
}

func (o *migrateApplyOptions) ended(out *applied, m *revision.Migration, took time.Duration) {
	out.Applied = append(out.Applied, appliedFile{m.File.Version, m.File.Name, len(m.Statements), took.Milliseconds()})
	if o.out.name == "text" && o.txMode != string(migrate.TxAll) {
		_, _ = fmt.Fprintf(o.app.io.Out, "applied %s (%s, %s)\n", visible.Line(m.File.Name), render.Plural(len(m.Statements), "statement"), took.Round(time.Millisecond))
	}
}

func (o *migrateApplyOptions) report(out *applied) error {
	if o.out.name != "text" {
		if out.Applied == nil {
			out.Applied = []appliedFile{}
		}
		return o.out.value(o.app.io.Out, out)
	}
	if o.txMode == string(migrate.TxAll) {
		for _, f := range out.Applied {
			_, _ = fmt.Fprintf(o.app.io.Out, "applied %s (%s)\n", visible.Line(f.Name), render.Plural(f.Statements, "statement"))
		}
	}
	if len(out.Applied) > 0 {
		o.app.io.Notify("Applied %s in %s.", render.Plural(len(out.Applied), "migration"), out.took.Round(time.Millisecond))
	}
	return nil
}

// tellGone says what is known when a migration has dropped the history.
func (o *migrateApplyOptions) tellGone(f *revision.Failure) {
	n := o.app.io.Notify
	n("The history is gone: %s dropped it, or the database or schema that it was in. What ran before stands, and nothing tells any more which migrations did.", f.Migration.File.Name)
	if len(f.Done) > 0 {
		n("Applied before it by this run: %s.", render.Plural(len(f.Done), "migration"))
	}
	if len(f.Left) > 0 {
		n("Not run: %s.", render.Plural(len(f.Left), "migration"))
	}
	n("Restore the database, or bring it to a state that you know and say with schemactl migrate set VERSION which that is. Then take out what drops the history.")
}

// tellFailure says where the run stopped, what is applied, and how to go on.
func (o *migrateApplyOptions) tellFailure(ctx context.Context, f *revision.Failure) {
	n := o.app.io.Notify
	m := f.Migration
	switch {
	case ctx.Err() != nil && f.Statement != nil:
		n("Interrupted at %s", f.Statement.Pos)
	case ctx.Err() != nil:
		n("Interrupted at %s", m.File.Name)
	default:
		n("Error: %v", f.Err)
		if f.Statement != nil {
			n("  statement: %s", visible.Brief(revision.Shown(*f.Statement)))
		}
	}
	switch {
	case f.Gone:
		o.tellGone(f)
		return
	case len(f.Sent) > 0:
		n("The connection is gone: schemactl migrate status tells what of %s to %s is applied; they were sent together.", m.File.Name, f.Sent[len(f.Sent)-1].File.Name)
	case f.Applied < 0:
		n("The connection is gone: schemactl migrate status tells what of %s is applied.", m.File.Name)
	case f.Applied == 0:
		n("Nothing of %s is applied.", m.File.Name)
	default:
		n("Of %s %d of %s are applied.", m.File.Name, f.Applied, render.Plural(len(m.Statements), "statement"))
	}
	if len(f.Done) > 0 {
		n("Applied before it: %s.", render.Plural(len(f.Done), "migration"))
	}
	if len(f.Left) > 0 {
		n("Not run: %s.", render.Plural(len(f.Left), "migration"))
	}
	if f.Applied > 0 {
		n("Mend the cause; the next apply goes on at statement %d. Do not change the statements before it.", f.Applied+1)
		return
	}
	n("Mend the cause and run apply again.")
}
