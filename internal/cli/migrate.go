package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/migrate"
)

func newMigrateCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Keep versioned migrations",
		Long: `migrate keeps a directory of versioned migration files: written for review, run in order, guarded by atlas.sum. The
directory and its format are Atlas's; those of golang-migrate, goose, Flyway, Liquibase, dbmate and sqitch work too.`,
	}
	cmd.AddCommand(
		newMigrateDiffCmd(a), newMigrateNewCmd(a), newMigrateEditCmd(a), newMigrateRmCmd(a), newMigrateRebaseCmd(a),
		newMigrateHashCmd(a), newMigrateValidateCmd(a), newMigrateLintCmd(a), newMigrateCheckpointCmd(a), newMigrateSquashCmd(a), newMigrateImportCmd(a),
		newMigrateApplyCmd(a), newMigrateStatusCmd(a), newMigrateSetCmd(a), newMigrateDownCmd(a),
	)
	return cmd
}

// migrations is the flags that say which migration directory is meant.
type migrations struct {
	target
	dir, dirFormat string
	dialect        string // of directories that are replayed
}

// dirFlags are those of every command that reads a migration directory.
func (m *migrations) dirFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&m.dir, "dir", "", "`URL` of the migration directory; default file://migrations")
	f.StringVar(&m.dirFormat, "dir-format", "", "`format` of the directory: atlas, golang-migrate, goose, flyway, liquibase, dbmate or sqitch; default atlas")
	completeWords(cmd, "dir-format", migrate.Formats()...)
}

// resolve reads the project file and fills what the flags leave open.
func (m *migrations) resolve(ctx context.Context) error {
	if err := m.target.resolve(ctx); err != nil {
		return err
	}
	values, err := m.envURL(m.dir)
	if err != nil {
		return err
	}
	if len(values) == 1 {
		m.dir = values[0]
	}
	setDefault(&m.dir, m.chosen.Migration.Dir)
	setDefault(&m.dirFormat, m.chosen.Migration.Format)
	setDefault(&m.dir, migrate.DefaultURL)
	return nil
}

// historyFlags are those of commands that replay the directory on a dev database.
func (m *migrations) historyFlags(cmd *cobra.Command) {
	m.databaseFlags(cmd)
	m.dirFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&m.dialect, "dialect", "", "`dialect` of the migrations when no URL tells it: postgres or mysql; default postgres")
	f.Lookup("url").Usage = "`URL` of a database that tells the dialect, the schema and, without --dev-url, the version"
	completeWords(cmd, "dialect", dburl.Postgres, dburl.MySQL)
}

// history replays files; the job's current state is what they lead to.
func (m *migrations) history(ctx context.Context, files []*migrate.File) (*engine.Job, error) {
	r, err := m.request()
	if err != nil {
		return nil, err
	}
	return m.app.engine(m.noCache).OpenHistory(ctx, r, m.dialect, migrate.Scripts(files))
}

// openDir opens the directory.
func (m *migrations) openDir() (*migrate.Dir, error) {
	dir, err := migrate.Open(m.dir, migrate.Format(m.dirFormat))
	if err != nil {
		return nil, err
	}
	dir.RunAs(migrate.TxMode(m.chosen.Migration.TxMode))
	return dir, nil
}

// openReady opens the directory and sees that it fits its sum.
func (m *migrations) openReady() (*migrate.Dir, error) {
	dir, err := m.openDir()
	if err != nil {
		return nil, err
	}
	return dir, dir.Ready()
}
