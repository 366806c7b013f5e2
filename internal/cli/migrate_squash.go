package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/migrate"
)

type migrateSquashOptions struct {
	migrations
	from, name  string
	destructive bool
}

func newMigrateSquashCmd(a *app) *cobra.Command {
	o := &migrateSquashOptions{migrations: migrations{target: target{app: a}}}
	cmd := &cobra.Command{
		Use:   "squash {version|name} [new name]",
		Short: "Make one migration of a file and all after it",
		Long: `squash replaces a migration and all after it by one that leads to the same state; what they did in between and undid
again is gone. The new file takes the version of the last: squash only files that each of your databases ran all of, or
none of. Where --url names a database, its history is asked, and a warning says when it ran some of them.

A squashed migration writes no rows: files that do are named, and refused without --allow-destructive.`,
		Example: `  schemactl migrate squash 20260131090000 add_orders --env local`,
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.from = args[0]; len(args) == 2 {
				o.name = args[1]
			}
			return runMigrateSquash(cmd.Context(), o)
		},
	}
	o.historyFlags(cmd)
	cmd.Flags().BoolVar(&o.destructive, "allow-destructive", false, "leave out rows that migrations write")
	return cmd
}

func runMigrateSquash(ctx context.Context, o *migrateSquashOptions) error {
	if err := o.resolve(ctx); err != nil {
		return err
	}
	name, err := migrate.CleanName(o.name)
	if err != nil {
		return err
	}
	dir, err := o.openReady()
	if err != nil {
		return err
	}
	from, err := dir.Find(o.from)
	if err != nil {
		return err
	}
	open := func(files []*migrate.File) (*engine.Job, error) { return o.history(ctx, files) }
	draft, squashed, err := migrate.Squash(ctx, open, dir, from, name, o.destructive)
	if err != nil {
		return err
	}
	o.warnPartly(ctx, squashed)
	removed, err := dir.Remove(squashed...)
	for _, n := range removed {
		o.app.io.Notify("removed %s", dir.Path(n))
	}
	if err != nil {
		return err
	}
	names, err := dir.Write(draft)
	o.tellWritten(dir, names)
	return err
}

// warnPartly says when the database that is named ran some of the files, and not all: the new one cannot run there.
func (o *migrateSquashOptions) warnPartly(ctx context.Context, squashed []*migrate.File) {
	if o.url == "" {
		return
	}
	n := o.app.io.Notify
	done, err := o.ran(ctx)
	if err != nil {
		n("note: whether the database ran some of the files is not known: %v", err)
		return
	}
	some := 0
	for _, f := range squashed {
		if done[f.Version] {
			some++
		}
	}
	if some > 0 && some < len(squashed) {
		n("warning: the database ran %d of the %d files that are now one, which cannot run there: restore them, apply the rest, and squash then", some, len(squashed))
	}
}

// ran are the versions that the history of the database has.
func (o *migrateSquashOptions) ran(ctx context.Context) (_ map[string]bool, err error) {
	job, err := o.app.engine(true).Open(ctx, engine.Request{URL: o.url, PasswordCommand: o.chosen.PasswordCommand})
	if err != nil {
		return nil, err
	}
	defer closeAll(&err, job.Close)
	h, ok := job.Session.(dialect.Historian)
	if !ok {
		return nil, errors.New("it keeps no history")
	}
	list, err := h.History(o.chosen.Migration.RevisionsSchema).Read(ctx)
	done := map[string]bool{}
	for _, r := range list {
		done[r.Version] = true
	}
	return done, err
}
