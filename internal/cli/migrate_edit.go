package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func newMigrateEditCmd(a *app) *cobra.Command {
	o := &migrations{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "edit {version|name}",
		Short: "Edit a migration and rehash the directory",
		Long: `edit opens a migration in $EDITOR (or $VISUAL) and brings atlas.sum up to date when the editor ends. Edit only files that
no database ran yet.`,
		Example: `  schemactl migrate edit 20260131090000`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runMigrateEdit(cmd.Context(), o, args[0])
		},
	}
	o.projectFlags(cmd)
	o.dirFlags(cmd)
	return cmd
}

func runMigrateEdit(ctx context.Context, o *migrations, version string) error {
	if err := o.resolve(ctx); err != nil {
		return err
	}
	dir, err := o.openReady()
	if err != nil {
		return err
	}
	f, err := dir.Find(version)
	if err != nil {
		return err
	}
	return o.app.editFiles(ctx, dir, dir.Names(f))
}
