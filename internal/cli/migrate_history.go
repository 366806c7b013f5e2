package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/revision"
	"github.com/schemactl/schemactl/internal/run"
)

// past is the flags of commands that work on the history of a database.
type past struct {
	migrations
	revisionsSchema string
	lockTimeout     time.Duration
}

func (p *past) pastFlags(cmd *cobra.Command) {
	p.projectFlags(cmd)
	p.dirFlags(cmd)
	f := cmd.Flags()
	f.StringVarP(&p.url, "url", "u", "", "`URL` of the database, as in postgres://user@host:5432/db or mysql://user@host/db")
	p.schemaFlag(cmd)
}

func (p *past) schemaFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.revisionsSchema, "revisions-schema", "", "`schema` (MySQL: database) of the history; default that of the URL, or atlas_schema_revisions")
}

func (p *past) lockFlag(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&p.lockTimeout, "lock-timeout", 10*time.Second, "how long to wait for another run on the same database")
}

// resolve reads the project file and fills what the flags leave open.
func (p *past) resolve(cmd *cobra.Command) error {
	if err := p.migrations.resolve(cmd.Context()); err != nil {
		return err
	}
	setDefault(&p.revisionsSchema, p.chosen.Migration.RevisionsSchema)
	if wait := p.chosen.Migration.LockTimeout; wait > 0 && !cmd.Flags().Changed("lock-timeout") {
		p.lockTimeout = wait
	}
	return nil
}

// book is a directory and the history of a database, open.
type book struct {
	dir     *migrate.Dir
	job     *engine.Job
	history dialect.History
}

// openBook opens the directory, which must fit its sum, and the database. The caller closes the job.
func (p *past) openBook(ctx context.Context) (*book, error) {
	return p.openBookFor(ctx, engine.Request{URL: p.url, PasswordCommand: p.chosen.PasswordCommand}, true)
}

// openBookFor is openBook for a request that says more of the database.
func (p *past) openBookFor(ctx context.Context, r engine.Request, noCache bool) (*book, error) {
	dir, err := p.openReady()
	if err != nil {
		return nil, err
	}
	job, err := p.app.engine(noCache).Open(ctx, r)
	if err != nil {
		return nil, err
	}
	h, ok := job.Session.(dialect.Historian)
	if !ok {
		return nil, errors.Join(errors.New("internal error: the dialect keeps no history"), job.Close())
	}
	return &book{dir: dir, job: job, history: h.History(p.revisionsSchema)}, nil
}

// lock keeps other runs out.
func (p *past) lock(ctx context.Context, b *book) (func(context.Context) error, error) {
	return b.history.Lock(ctx, run.LockName, p.lockTimeout, func(s string) { p.app.io.Notify("%s", s) })
}

// look reads the history and holds the directory against it.
func (b *book) look(ctx context.Context) (*revision.Survey, error) {
	revisions, err := b.history.Read(ctx)
	if err != nil {
		return nil, err
	}
	return revision.Look(b.dir, revisions)
}

// operator is what schemactl writes into the history as its name.
func operator() string { return "schemactl " + version }

// fileName is the name of the file of a revision, or what is known of one that is gone.
func fileName(s *revision.Survey, r *dialect.Revision) string {
	if f := s.File(r.Version); f != nil {
		return f.Name
	}
	return strings.TrimSuffix(r.Version+"_"+r.Description, "_")
}
