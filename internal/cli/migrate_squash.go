package cli

import (
	"context"

	"github.com/spf13/cobra"

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
none of.

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
