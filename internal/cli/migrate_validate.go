package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/render"
)

type migrateValidateOptions struct {
	migrations
	base string
}

func newMigrateValidateCmd(a *app) *cobra.Command {
	o := &migrateValidateOptions{migrations: migrations{target: target{app: a}}}
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the migration directory",
		Long: `validate holds the files against atlas.sum: files that were edited, removed, inserted or moved are told apart. It checks
names and versions. With a dev database (--dev-url, or dev in the environment) it replays the files too, with the line
of what fails, and sees that checkpoints make what they stand for. With --git-base it refuses edits of files that the
revision has, and new files that come before them.`,
		Example: `  schemactl migrate validate
  schemactl migrate validate --dev-url embedded://postgres/18
  schemactl migrate validate --env ci --git-base origin/main`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runMigrateValidate(cmd.Context(), o) },
	}
	o.historyFlags(cmd)
	cmd.Flags().StringVar(&o.base, "git-base", "", "git `revision` whose files must be unchanged, and come first")
	return cmd
}

func runMigrateValidate(ctx context.Context, o *migrateValidateOptions) error {
	if err := o.resolve(ctx); err != nil {
		return err
	}
	dir, err := o.openReady()
	if err != nil {
		return err
	}
	if o.base != "" {
		if err := dir.CheckSince(ctx, o.base); err != nil {
			return err
		}
	}
	replayed := ""
	if o.dev != "" {
		if err := o.replay(ctx, dir); err != nil {
			return err
		}
		replayed = ", replayed"
	}
	o.app.io.Notify("Valid: %s%s.", render.Plural(len(dir.Files), "migration"), replayed)
	return nil
}

// replay runs the directory on the dev database.
func (o *migrateValidateOptions) replay(ctx context.Context, dir *migrate.Dir) (err error) {
	job, err := o.history(ctx, dir.Fresh())
	if err != nil {
		return err
	}
	defer closeAll(&err, job.Close)
	if err := dir.Cut(job.Dialect); err != nil {
		return err
	}
	return dir.CheckCheckpoints(ctx, job)
}
