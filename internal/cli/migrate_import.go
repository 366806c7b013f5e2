package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/migrate"
)

type migrateImportOptions struct {
	migrations
	from string
}

func newMigrateImportCmd(a *app) *cobra.Command {
	o := &migrateImportOptions{migrations: migrations{target: target{app: a}}}
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Take over the migrations of another tool",
		Long: `import writes the migrations of golang-migrate, goose, Flyway, Liquibase (formatted SQL), dbmate or sqitch as a directory
of Atlas's format: versions, statements, what undoes them, and which run outside a transaction. What has no counterpart
(placeholders, preconditions, contexts) is refused by name. Of Rails, structure.sql becomes a baseline with the last
version of schema_migrations. The other directory is left as it is.

A database that ran the migrations already goes on from there: schemactl migrate set VERSION.`,
		Example: `  schemactl migrate import --from 'file://db/migrate?format=golang-migrate'
  schemactl migrate import --from 'file://sql?format=flyway' --to file://migrations
  schemactl migrate import --from 'file://db?format=rails'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runMigrateImport(cmd.Context(), o) },
	}
	o.projectFlags(cmd)
	cmd.Flags().StringVar(&o.from, "from", "", "`URL` of the directory, with its format: file://sql?format=goose, and golang-migrate, flyway, liquibase, dbmate, sqitch, rails")
	cmd.Flags().StringVar(&o.dir, "to", "", "`URL` of the new directory; default file://migrations")
	return cmd
}

func runMigrateImport(ctx context.Context, o *migrateImportOptions) error {
	if err := o.resolve(ctx); err != nil {
		return err
	}
	if o.from == "" {
		return diag.Errorf(diag.Pos{}, "bad-flag", "nothing to import is named").WithHint("give --from 'file://folder?format=goose'")
	}
	from, err := migrate.OpenSource(o.from)
	if err != nil {
		return err
	}
	to, err := migrate.Create(o.dir, migrate.Format(o.dirFormat))
	if err != nil {
		return err
	}
	names, err := migrate.Import(from, to)
	o.tellWritten(to, names)
	return err
}
