package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/migrate"
)

func newMigrateRmCmd(a *app) *cobra.Command {
	o := &migrations{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "rm {version|name}...",
		Short: "Remove migrations and rehash the directory",
		Long: `rm deletes migrations, with the files that undo them, and brings atlas.sum up to date. Remove only files that no
database ran yet, and that no later file builds on: "migrate validate" replays the rest.`,
		Example: `  schemactl migrate rm 20260131090000`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runMigrateRm(cmd.Context(), o, args)
		},
	}
	o.projectFlags(cmd)
	o.dirFlags(cmd)
	return cmd
}

func runMigrateRm(ctx context.Context, o *migrations, versions []string) error {
	if err := o.resolve(ctx); err != nil {
		return err
	}
	dir, err := o.openReady()
	if err != nil {
		return err
	}
	files, err := findAll(dir, versions)
	if err != nil {
		return err
	}
	names, err := dir.Remove(files...)
	for _, n := range names {
		o.app.io.Notify("removed %s", dir.Path(n))
	}
	return err
}

func findAll(dir *migrate.Dir, versions []string) ([]*migrate.File, error) {
	var out []*migrate.File
	for _, v := range versions {
		f, err := dir.Find(v)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}
