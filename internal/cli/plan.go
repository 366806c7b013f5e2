package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/run"
	"github.com/schemactl/schemactl/internal/source"
)

type target struct {
	url, dev string
	to       []string
}

func (t *target) flags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&t.url, "url", "u", "", "`URL` of the database")
	cmd.Flags().StringArrayVar(&t.to, "to", nil, "`source` of the desired state")
	cmd.Flags().StringVar(&t.dev, "dev-url", "", "`URL` of the dev database")
}

func (t *target) plan(ctx context.Context) (*plan.Plan, dialect.Session, error) {
	u, err := dburl.Parse(t.url)
	if err != nil {
		return nil, nil, err
	}
	var d dialect.Dialect = postgres.Dialect{}
	s, err := d.Connect(ctx, u)
	if err != nil {
		return nil, nil, err
	}
	c, err := s.Inspect(ctx, dialect.Scope{})
	if err != nil {
		return nil, s, err
	}
	current, err := d.Build(c, dialect.Scope{})
	if err != nil {
		return nil, s, err
	}
	l := source.Loader{Dialect: d, Dev: func(ctx context.Context) (dialect.Session, func() error, error) {
		du, err := dburl.Parse(t.dev)
		if err != nil {
			return nil, nil, err
		}
		ds, err := d.Connect(ctx, du)
		if err != nil {
			return nil, nil, err
		}
		return ds, ds.Close, nil
	}}
	desired, err := l.Load(ctx, t.to)
	if err != nil {
		return nil, s, err
	}
	p, err := engine.Diff(d, current, desired)
	return p, s, err
}

func newPlanCmd() *cobra.Command {
	var t target
	var detailed bool
	cmd := &cobra.Command{
		Use: "plan", Short: "Show what apply would change", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, s, err := t.plan(cmd.Context())
			if s != nil {
				defer func() { _ = s.Close() }()
			}
			if err != nil {
				return err
			}
			if err := render.SQL(cmd.OutOrStdout(), p); err != nil {
				return err
			}
			if detailed && !p.Empty() {
				return errChanges
			}
			return nil
		},
	}
	t.flags(cmd)
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit with 2 when there are changes")
	return cmd
}

func newApplyCmd() *cobra.Command {
	var t target
	var approve, destructive bool
	cmd := &cobra.Command{
		Use: "apply", Short: "Bring the database to the desired state", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, s, err := t.plan(cmd.Context())
			if s != nil {
				defer func() { _ = s.Close() }()
			}
			if err != nil {
				return err
			}
			unlock, err := s.Lock(cmd.Context(), run.LockName, 10*time.Second)
			if err != nil {
				return err
			}
			defer func() { _ = unlock(context.WithoutCancel(cmd.Context())) }()
			return run.Apply(cmd.Context(), s, p, nil)
		},
	}
	t.flags(cmd)
	cmd.Flags().BoolVar(&approve, "auto-approve", false, "do not ask")
	cmd.Flags().BoolVar(&destructive, "allow-destructive", false, "allow steps that lose data")
	return cmd
}
