package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/revision"
)

type migrateSetOptions struct{ past }

func newMigrateSetCmd(a *app) *cobra.Command {
	o := &migrateSetOptions{past: past{migrations: migrations{target: target{app: a}}}}
	cmd := &cobra.Command{
		Use:   "set [version]",
		Short: "Say which version a database is at",
		Long: `set changes the history of a database, and nothing else: the files up to the version, or up to the last one without it, are
taken for applied, also those that stopped midway; entries after it are taken out. It is for what you did by hand.`,
		Example: `  schemactl migrate set 20260131090000 --env prod
  schemactl migrate set --env prod`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runMigrateSet(cmd, o, args) },
	}
	o.pastFlags(cmd)
	o.lockFlag(cmd)
	return cmd
}

func runMigrateSet(cmd *cobra.Command, o *migrateSetOptions, args []string) (err error) {
	ctx := cmd.Context()
	if err := o.resolve(cmd); err != nil {
		return err
	}
	b, err := o.openBook(ctx)
	if err != nil {
		return err
	}
	defer closeAll(&err, b.job.Close)
	version := ""
	switch {
	case len(args) == 1:
		version = args[0]
	case len(b.dir.Versioned()) > 0:
		all := b.dir.Versioned()
		version = all[len(all)-1].Version
	default:
		return diag.Errorf(diag.Pos{File: b.dir.Name}, "no-files", "the directory has no migrations")
	}
	unlock, err := o.lock(ctx, b)
	if err != nil {
		return err
	}
	defer releaseLock(ctx, &err, unlock)
	s, err := b.look(ctx)
	if err != nil {
		return err
	}
	set, err := revision.SetTo(s, version, time.Now().UTC())
	if err != nil {
		return err
	}
	return o.write(cmd, b, s, set)
}

func (o *migrateSetOptions) write(cmd *cobra.Command, b *book, s *revision.Survey, set *revision.Set) error {
	ctx := cmd.Context()
	if len(set.Write)+len(set.Delete) == 0 {
		o.app.io.Notify("Nothing to do: the history says so already.")
		return nil
	}
	if err := b.history.Ensure(ctx); err != nil {
		return err
	}
	if len(set.Write) > 0 {
		for _, r := range set.Write {
			r.Operator = operator()
		}
		if err := b.history.Write(ctx, set.Write...); err != nil {
			return err
		}
	}
	if len(set.Delete) > 0 {
		if err := b.history.Delete(ctx, set.Delete...); err != nil {
			return err
		}
	}
	for _, r := range set.Write {
		o.app.io.Notify("  taken for applied: %s", fileName(s, r))
	}
	for i := range s.Revisions {
		for _, v := range set.Delete {
			if v == s.Revisions[i].Version {
				o.app.io.Notify("  taken out: %s", fileName(s, &s.Revisions[i]))
			}
		}
	}
	o.app.io.Notify("Nothing was run.")
	return nil
}
