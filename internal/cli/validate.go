package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/dburl"
)

type validateOptions struct {
	target
	dialect string
	server  bool
}

func newValidateCmd(a *app) *cobra.Command {
	o := &validateOptions{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check the project file and the desired state",
		Long: `validate checks the syntax, references and types of the desired state and of the project file, without a target
database. HCL needs no server. SQL files, and HCL with --server, are loaded into a dev database, which finds what only
a server can: expressions that do not compile, types that do not fit.`,
		Example: `  schemactl validate --to file://schema.hcl
  schemactl validate --env local --server`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runValidate(cmd.Context(), o) },
	}
	o.projectFlags(cmd)
	f := cmd.Flags()
	f.StringVarP(&o.url, "url", "u", "", "`URL` that tells the dialect and the schema; it is not connected to")
	f.StringArrayVar(&o.to, "to", nil, "`source` to check: file://schema.hcl, file://folder, or -; again for more")
	f.StringVar(&o.dev, "dev-url", "", "`URL` of an empty dev database")
	f.StringVar(&o.dialect, "dialect", "", "`dialect` of the files when no URL tells it: postgres or mysql; default postgres")
	f.BoolVar(&o.server, "server", false, "let a dev database read HCL too")
	completeWords(cmd, "dialect", dburl.Postgres, dburl.MySQL)
	return cmd
}

func runValidate(ctx context.Context, o *validateOptions) error {
	if err := o.resolve(ctx); err != nil {
		return err
	}
	r, err := o.request()
	if err != nil {
		return err
	}
	n, err := o.app.engine(true).Validate(ctx, r, o.dialect, o.server)
	if err != nil {
		return err
	}
	o.app.io.Notify("Valid: %d objects.", n)
	return nil
}
