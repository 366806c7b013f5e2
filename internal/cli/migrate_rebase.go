package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

func newMigrateRebaseCmd(a *app) *cobra.Command {
	o := &migrations{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "rebase {version|name}...",
		Short: "Put migrations behind those of others",
		Long: `rebase gives migrations new versions, so that they come after all others, and brings atlas.sum up to date: what to do
when somebody else's files were merged before yours, or yours must not wait behind one that is held back (-- schemactl:hold):
that one takes those along which are held behind it for the same reason. A sum file with the marks of a merge conflict is written anew.
Rebase only files that no database ran yet; "migrate validate" then tells whether yours still fit behind theirs.`,
		Example: `  schemactl migrate rebase 20260131090000
  schemactl migrate rebase 20260131090000 20260131091500`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runMigrateRebase(cmd.Context(), o, args)
		},
	}
	o.projectFlags(cmd)
	o.dirFlags(cmd)
	return cmd
}

func runMigrateRebase(ctx context.Context, o *migrations, versions []string) error {
	if err := o.resolve(ctx); err != nil {
		return err
	}
	dir, err := o.openDir()
	if err != nil {
		return err
	}
	files, err := findAll(dir, versions)
	if err != nil {
		return err
	}
	renamed, err := dir.Rebase(files, time.Now())
	for _, r := range renamed {
		o.app.io.Notify("%s -> %s", dir.Path(r.From), dir.Path(r.To))
	}
	return err
}
