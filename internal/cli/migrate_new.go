package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/migrate"
)

type migrateNewOptions struct {
	migrations
	name string
	edit bool
}

func newMigrateNewCmd(a *app) *cobra.Command {
	o := &migrateNewOptions{migrations: migrations{target: target{app: a}}}
	cmd := &cobra.Command{
		Use:   "new [name]",
		Short: "Write an empty migration file",
		Long: `new writes an empty file whose version is the time in UTC, or the next number in a directory that counts, and lists it
in atlas.sum. Write statements into it by hand; then run "migrate hash", or let --edit do both.`,
		Example: `  schemactl migrate new add_country
  schemactl migrate new backfill --edit`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.name = args[0]
			}
			return runMigrateNew(cmd.Context(), o)
		},
	}
	o.projectFlags(cmd)
	o.dirFlags(cmd)
	cmd.Flags().BoolVar(&o.edit, "edit", false, "open the file in $EDITOR")
	return cmd
}

func runMigrateNew(ctx context.Context, o *migrateNewOptions) error {
	if err := o.resolve(ctx); err != nil {
		return err
	}
	name, err := migrate.CleanName(o.name)
	if err != nil {
		return err
	}
	dir, err := migrate.Create(o.dir, migrate.Format(o.dirFormat))
	if err != nil {
		return err
	}
	if err := dir.Verify(); err != nil {
		return err
	}
	names, err := dir.Add(dir.NextVersion(time.Now()), name, migrate.Script{Undone: true})
	if err != nil {
		return err
	}
	if o.edit {
		if err := o.app.editFiles(ctx, dir, names[:1]); err != nil {
			return err
		}
	}
	o.tellWritten(dir, names)
	return nil
}

// tellWritten names the files that were written.
func (m *migrations) tellWritten(dir *migrate.Dir, names []string) {
	for _, n := range names {
		m.app.io.Notify("wrote %s", dir.Path(n))
	}
}
