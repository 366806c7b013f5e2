package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/render"
)

func newMigrateValidateCmd(a *app) *cobra.Command {
	o := &migrations{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the migration directory",
		Long: `validate holds the files against atlas.sum: files that were edited, removed, inserted or moved are told apart. It checks
names and versions, and that every file can be cut into statements.`,
		Example: `  schemactl migrate validate
  schemactl migrate validate --env ci`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.resolve(cmd.Context()); err != nil {
				return err
			}
			dir, err := o.openDir()
			if err != nil {
				return err
			}
			if err := errors.Join(dir.Check(), dir.Verify()); err != nil {
				return err
			}
			a.io.Notify("Valid: %s.", render.Plural(len(dir.Files), "migration"))
			return nil
		},
	}
	o.projectFlags(cmd)
	o.dirFlags(cmd)
	return cmd
}
