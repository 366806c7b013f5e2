package devdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/schemactl/schemactl/internal/dburl"
)

// Copy makes a copy of a database on its own server, which is dropped when it is closed. PostgreSQL copies what nobody is
// connected to (manual, "Template Databases"); MySQL and MariaDB cannot.
func Copy(ctx context.Context, from *dburl.URL, notify func(string)) (*Database, error) {
	if from.Dialect != dburl.Postgres {
		return nil, fault("MySQL and MariaDB cannot copy a database by themselves").
			WithHint("restore a dump and name it with --on, or rehearse on made-up rows with --synthetic")
	}
	db, server, err := connectBeside(ctx, from)
	if err != nil {
		return nil, err
	}
	s := &scratch{server: server, db: db, name: scratchName(time.Now())}
	err = s.sweepPostgres(ctx)
	if err == nil {
		err = s.copyPostgres(ctx, from.Database)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	notify(fmt.Sprintf("rehearsal: %s is a copy of %s on the same server, dropped after use", s.name, from.Database))
	return newDatabase(Database{URL: from.WithDatabase(s.name), Origin: Scratch}, s.close), nil
}

// copyPostgres makes the database, unless somebody uses the other.
func (s *scratch) copyPostgres(ctx context.Context, from string) error {
	var users int
	var who string
	err := s.db.QueryRowContext(ctx, `SELECT count(*), coalesce(string_agg(DISTINCT coalesce(usename, '') || coalesce(nullif(' (' || application_name || ')', ' ()'), ''), ', '), '')
		FROM pg_stat_activity WHERE datname = $1 AND backend_type <> 'autovacuum worker'`, from).Scan(&users, &who)
	if err != nil {
		return fmt.Errorf("see who uses the database: %w", err)
	}
	if users > 0 {
		return fault("the database %q cannot be copied while others are connected to it: %d, of %s", from, users, who).
			WithHint("end these sessions, or restore a dump and name it with --on, or rehearse on made-up rows with --synthetic")
	}
	err = s.create(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", quotePostgres(s.name), quotePostgres(from)))
	if err != nil && ctx.Err() == nil {
		return fault("the database %q cannot be copied: %v", from, err).
			WithHint("the role must own it, or be a superuser, and may CREATEDB; else rehearse on made-up rows with --synthetic")
	}
	return err
}

// connectBeside connects to another database of the server.
func connectBeside(ctx context.Context, u *dburl.URL) (db *sql.DB, server *dburl.URL, err error) {
	for _, name := range []string{"postgres", "template1"} {
		if name == u.Database {
			continue
		}
		server = u.WithDatabase(name).WithoutSearchPath()
		var failed error
		if db, failed = connect(ctx, server); failed == nil {
			return db, server, nil
		}
		err = errors.Join(err, failed)
	}
	return nil, nil, err
}
