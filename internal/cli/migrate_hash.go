package cli

import (
	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/migrate"
)

func newMigrateHashCmd(a *app) *cobra.Command {
	o := &migrations{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "hash",
		Short: "Write atlas.sum anew",
		Long: `hash lists the files of the directory in atlas.sum, as they are now. Run it after you edited, added or removed files on
purpose; "migrate validate" and all commands that run migrations refuse a directory that does not fit its sum.`,
		Example: `  schemactl migrate hash
  schemactl migrate hash --dir file://db/migrations --dir-format goose`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.resolve(cmd.Context()); err != nil {
				return err
			}
			dir, err := o.openDir()
			if err != nil {
				return err
			}
			if err := dir.Check(); err != nil {
				return err
			}
			if err := dir.Rehash(); err != nil {
				return err
			}
			o.tellWritten(dir, []string{migrate.SumFile})
			return nil
		},
	}
	o.projectFlags(cmd)
	o.dirFlags(cmd)
	return cmd
}
