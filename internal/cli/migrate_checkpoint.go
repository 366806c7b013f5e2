package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/migrate"
)

type migrateCheckpointOptions struct {
	migrations
	tag         string
	destructive bool
}

func newMigrateCheckpointCmd(a *app) *cobra.Command {
	o := &migrateCheckpointOptions{migrations: migrations{target: target{app: a}}}
	cmd := &cobra.Command{
		Use:   "checkpoint [tag]",
		Short: "Write one file that stands for all before it",
		Long: `checkpoint replays the directory and writes what it makes as one file. New databases start there; databases with a
history go on without it. The file is replayed before it is written, and must make the same.

A checkpoint holds no rows: migrations that write some are named, and refused without --allow-destructive.`,
		Example: `  schemactl migrate checkpoint --env local
  schemactl migrate checkpoint v1.2 --dev-url embedded://postgres/18`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.tag = args[0]
			}
			return runMigrateCheckpoint(cmd.Context(), o)
		},
	}
	o.historyFlags(cmd)
	cmd.Flags().BoolVar(&o.destructive, "allow-destructive", false, "leave out rows that migrations write")
	return cmd
}

func runMigrateCheckpoint(ctx context.Context, o *migrateCheckpointOptions) (err error) {
	if err := o.resolve(ctx); err != nil {
		return err
	}
	dir, err := o.openReady()
	if err != nil {
		return err
	}
	job, err := o.history(ctx, dir.Fresh())
	if err != nil {
		return err
	}
	defer closeAll(&err, job.Close)
	draft, err := migrate.Checkpoint(ctx, job, dir, o.tag, time.Now(), o.destructive)
	if err != nil {
		return err
	}
	names, err := dir.Write(draft)
	o.tellWritten(dir, names)
	return err
}
