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
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/online"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/revision"
	"github.com/schemactl/schemactl/internal/undo"
	"github.com/schemactl/schemactl/internal/visible"
)

type migrateDownOptions struct {
	past
	revision.DownOptions
	undo.Options
	interrupted, format          string
	out                          *output
	approve, destructive, dryRun bool
}

func newMigrateDownCmd(a *app) *cobra.Command {
	o := &migrateDownOptions{past: past{migrations: migrations{target: target{app: a}}}}
	cmd := &cobra.Command{
		Use:   "down [count]",
		Short: "Undo migrations of a database",
		Long: `down undoes the last migration of a database, the last ones, or all behind a version or a tag. Where each of the files says
how it is undone ("-- atlas:down", down.sql, .down.sql, "-- +goose Down" …), it runs that; else it plans from the state of the
database to the one that the files before lead to, which they do on a dev database.

Before anything runs, the database must be what its history says, and the statements are tried on the dev database: they must
lead exactly there. What loses data is named, and refused without --allow-destructive. Rows that migrations wrote or changed
are in no state, and stay as they are: down names the statements.

On PostgreSQL the statements and the entries of the history are one transaction. Where that is not possible (MySQL, MariaDB,
CONCURRENTLY), the history says of each migration that it is being undone; after a failure or a kill the next down goes on.`,
		Example: `  schemactl migrate down --env local                        # the last migration
  schemactl migrate down 3 --env local --dry-run            # what would undo the last three
  schemactl migrate down --env prod --to-version 20260131090000 --allow-destructive
  schemactl migrate down --env prod --to-tag v1.2           # back to a checkpoint's tag`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runMigrateDown(cmd, o, args) },
	}
	o.databaseFlags(cmd)
	o.dirFlags(cmd)
	o.schemaFlag(cmd)
	o.lockFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&o.To, "to-version", "", "`version` that stays as the last one")
	f.StringVar(&o.Tag, "to-tag", "", "`tag` of the checkpoint to go back to")
	f.BoolVar(&o.approve, "auto-approve", false, "do not ask")
	f.BoolVar(&o.destructive, "allow-destructive", false, "allow statements that lose data")
	f.BoolVar(&o.AllowDrift, "allow-drift", false, "go on where the database is not what its history says")
	f.BoolVar(&o.Computed, "computed", false, "plan from the states, even where the files say how they are undone")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would run, and stop")
	f.StringArrayVar(&o.renames, "rename", nil, "`kind:old=new`, as in table:public.accounts=public.users: what a plan renames back instead of dropping it; again for more")
	f.StringVar(&o.interrupted, "interrupted", "", "what became of the statement that was cut off, where down says that the database does not show it: `done` or again")
	f.StringVar(&o.format, "format", "", "`format` of the output: text, json or a Go template; default text, or the environment's")
	completeWords(cmd, "interrupted", string(revision.Done), string(revision.Again))
	completeWords(cmd, "format", "text", "json")
	return cmd
}

// settle reads the project file, and checks the words.
func (o *migrateDownOptions) settle(cmd *cobra.Command, args []string) error {
	if err := o.resolve(cmd); err != nil {
		return err
	}
	given := 0
	for _, set := range []bool{len(args) == 1, o.To != "", o.Tag != ""} {
		if set {
			given++
		}
	}
	if given > 1 {
		return diag.Errorf(diag.Pos{}, "two-targets", "a count, --to-version and --to-tag exclude each other").
			WithHint("say only one of them")
	}
	if len(args) == 1 {
		n, err := strconv.Atoi(args[0])
		if err != nil || n < 1 {
			return diag.Errorf(diag.Pos{}, "bad-count", "%q is not a number of migrations", args[0]).
				WithHint("schemactl migrate down 1 undoes the last one; --to-version names the one that stays")
		}
		o.Count = n
	}
	o.Renames = o.renames
	var err error
	o.out, err = o.outputOf(o.format, "migrate.down", &undone{}, "text", "json")
	return errors.Join(err, oneOf("--interrupted", o.interrupted, "", string(revision.Done), string(revision.Again)))
}

func runMigrateDown(cmd *cobra.Command, o *migrateDownOptions, args []string) (err error) {
	ctx := cmd.Context()
	if err := o.settle(cmd, args); err != nil {
		return err
	}
	r, err := o.request()
	if err != nil {
		return err
	}
	r.Online = online.Config{} // such tools copy tables; what is undone is to be undone now
	b, err := o.openBookFor(ctx, r, o.noCache)
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
	u, err := revision.DecideDown(s, o.DownOptions)
	if err != nil {
		return err
	}
	if u == nil {
		o.app.io.Notify("Nothing to do: no migration is applied behind that.")
		return o.report(&undone{Migrations: []undoneFile{}, Statements: []string{}, Done: true})
	}
	w, err := undo.Find(ctx, b.job, b.history, s, u, o.Options)
	if err != nil {
		return err
	}
	out := undoneOf(s, u, w)
	if err := o.preview(s, u, w); err != nil {
		return err
	}
	if o.dryRun {
		return o.report(out)
	}
	if err := o.consent(ctx, w); err != nil {
		return err
	}
	return o.run(ctx, b, out, w)
}

// preview shows what would run, and what it costs.
func (o *migrateDownOptions) preview(s *revision.Survey, u *revision.Undo, w *undo.Way) error {
	n := o.app.io.Notify
	for i := range u.Revisions {
		how := ""
		if w.Own {
			how = ", by its own statements"
		}
		if u.Revisions[i].Type&dialect.Undoing != 0 {
			how += "; a run of migrate down stopped there, and goes on"
		}
		n("undo %s%s", fileName(s, &u.Revisions[i]), how)
	}
	if len(w.Drift) > 0 {
		n("warning: the database is not what its history says. To be, it would need:\n  %s", strings.Join(w.Drift, "\n  "))
	}
	if w.Untried {
		n("note: what the statement that stopped left behind cannot be copied: the plan was tried as a whole when it began, and its rest is not tried again")
	}
	for _, st := range w.Rows {
		n("warning: %s: what this did to rows is not undone: %s", st.Pos, oneLine(revision.Shown(st)))
	}
	if !w.Own {
		if o.out.name == "text" {
			if err := o.show(w.Result.Plan, o.out); err != nil {
				return err
			}
		}
		for _, c := range w.Result.Candidates {
			n("note: %s is dropped and %s made new, which looks like it; if it is the same under its old name, give --rename %s", c.From, c.To, c.Flag())
		}
		return nil
	}
	if o.out.name != "text" {
		return nil
	}
	var text strings.Builder
	for _, m := range w.Migrations {
		text.WriteString(visible.Comment("undo "+m.File.Name) + "\n")
		for _, st := range m.SQL() {
			text.WriteString(strings.TrimSuffix(revision.Shown(st), ";") + ";\n")
		}
		text.WriteString("\n")
	}
	_, err := o.app.io.Out.Write([]byte(text.String()))
	return err
}

// oneLine is the beginning of a statement.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 80 {
		return string(runes[:79]) + "…"
	}
	return text
}

// consent gets the user's word: for what is lost by a flag, for the rest by yes.
func (o *migrateDownOptions) consent(ctx context.Context, w *undo.Way) error {
	if losses := w.Result.Plan.Losses(); len(losses) > 0 && !o.destructive && !o.chosen.AllowDestructive {
		d := diag.Errorf(diag.Pos{}, "destructive", "refused: this loses %s", strings.Join(losses, "; "))
		if w.Own {
			d.Message = "refused: between the two versions these are lost, unless the statements of the files keep their rows: " + strings.Join(losses, "; ")
		}
		return d.WithHint("if that is meant, add --allow-destructive")
	}
	if o.approve {
		return nil
	}
	if !o.app.io.Interactive {
		return diag.Errorf(diag.Pos{}, "not-approved", "nobody is there to approve that").
			WithHint("on machines give --auto-approve")
	}
	yes, err := o.app.io.Confirm(ctx, `Undo these migrations? Only "yes" does:`, "yes")
	if err != nil {
		return err
	}
	if !yes {
		o.app.io.Notify("Not undone; nothing has changed.")
		return errSilent
	}
	return nil
}

func (o *migrateDownOptions) run(ctx context.Context, b *book, out *undone, w *undo.Way) error {
	start := time.Now()
	r := &revision.Run{
		Dialect: b.job.Dialect, History: b.history, TxMode: migrate.TxFile, Operator: operator(), Retries: 3,
		Interrupted: revision.Interrupted(o.interrupted),
		Tell:        func(s string) { o.app.io.Notify("%s", s) },
		End: func(m *revision.Migration, took time.Duration) {
			if w.Own && o.out.name == "text" {
				_, _ = fmt.Fprintf(o.app.io.Out, "undone %s (%s, %s)\n", visible.Line(m.File.Name), render.Plural(len(m.Statements), "statement"), took.Round(time.Millisecond))
			}
		},
	}
	err := r.Apply(ctx, w.Migrations)
	var f *revision.Failure
	if errors.As(err, &f) {
		o.tellFailure(ctx, w, f)
		out.fail(f)
		return errors.Join(o.report(out), errSilent)
	}
	if err != nil {
		return err
	}
	at := "nothing of the directory"
	if out.Target != "" {
		at = "version " + out.Target
	}
	out.Done, out.Millis = true, time.Since(start).Milliseconds()
	o.app.io.Notify("Undid %s in %s: the database is at %s.", render.Plural(len(out.Migrations), "migration"), time.Since(start).Round(time.Millisecond), at)
	err = o.verify(ctx, b, w)
	if err != nil {
		out.Error = "the database is not where the files lead"
	}
	return errors.Join(o.report(out), err)
}

// verify reads the database again: it must be where the files before lead.
func (o *migrateDownOptions) verify(ctx context.Context, b *book, w *undo.Way) error {
	now, err := b.job.Current(ctx)
	if err != nil {
		return err
	}
	rest, err := b.job.PlanTo(ctx, now, w.Result.Desired)
	if err != nil || rest.Plan.Empty() {
		return err
	}
	if w.Own && len(w.Drift) > 0 {
		o.app.io.Notify("The database is still not what its history says, as before.")
		return nil
	}
	o.app.io.Notify("The statements ran, but the database is not where the files lead. These differences remain:")
	return errors.Join(render.Text(o.app.io.Err, rest.Plan, false), errSilent)
}

// tellFailure says where it stopped, what is undone, and how to go on.
func (o *migrateDownOptions) tellFailure(ctx context.Context, w *undo.Way, f *revision.Failure) {
	n := o.app.io.Notify
	what := "the plan"
	if w.Own {
		what = "what undoes " + f.Migration.File.Name
	}
	if ctx.Err() != nil {
		n("Interrupted")
	} else {
		n("Error: %v", f.Err)
	}
	if f.Statement != nil {
		n("  statement: %s", visible.Brief(revision.Shown(*f.Statement)))
	}
	switch {
	case f.Gone:
		n("The history is gone: %s dropped it, or the database or schema that it was in. Nothing tells any more which migrations ran.", what)
	case f.Applied < 0:
		n("The connection is gone: schemactl migrate status tells what is undone.")
	case f.Applied == 0:
		n("Nothing of %s has run.", what)
	default:
		n("Of %s %d of %s have run.", what, f.Applied, render.Plural(len(f.Migration.Statements), "statement"))
	}
	if w.Own && len(f.Done) > 0 {
		n("Undone before it: %s.", render.Plural(len(f.Done), "migration"))
	}
	n("Mend the cause and run down again.")
}
