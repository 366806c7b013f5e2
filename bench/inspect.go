package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	neturl "net/url"
	"os"
	"os/exec"
	"strconv"
	"time"

	atlasmysql "ariga.io/atlas/sql/mysql"
	atlaspostgres "ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/postgres"
)

// figures is what a process of inspections measured, in seconds.
type figures struct {
	Ours  []float64 // from the first query to the state
	Raw   []float64 // the same queries by psql or the mariadb client, in turn with ours
	Atlas []float64
}

// inspect measures inspections in a process of their own: ours in turn with the raw reads, and Atlas's if wanted.
func (b *bench) inspect(ctx context.Context, url string, runs int, atlas bool) (figures, error) {
	program, err := os.Executable()
	if err != nil {
		return figures{}, err
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program, "-part", url, "-runs", strconv.Itoa(runs), "-atlas="+strconv.FormatBool(atlas))
	cmd.Stdout, cmd.Stderr = &out, b.log
	if err := cmd.Run(); err != nil {
		return figures{}, fmt.Errorf("inspect: %w", err)
	}
	var f figures
	return f, json.Unmarshal(out.Bytes(), &f)
}

// inspectPart is the process that inspect starts.
func inspectPart(ctx context.Context, url string, runs int, withAtlas bool, out io.Writer) error {
	u, err := dburl.Parse(url)
	if err != nil {
		return err
	}
	var d dialect.Dialect = mysql.Dialect{}
	text, command := mysqlReads(u, url)
	if u.Dialect == dburl.Postgres {
		d = postgres.Dialect{}
		text, command = postgresReads(url)
	}
	raw, remove, err := rawReads(text, command)
	if err != nil {
		return err
	}
	defer remove()
	s, err := d.Connect(ctx, u)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	var f figures
	scope := dialect.Scope{}
	if u.Dialect != dburl.Postgres {
		scope = dialect.Scope{Schemas: []string{u.Schema()}, Bound: true}
	}
	ours := func(ctx context.Context) error {
		c, err := s.Inspect(ctx, scope)
		if err == nil {
			_, err = d.Build(c, scope)
		}
		return err
	}
	for range runs {
		if err := errors.Join(timed(ctx, &f.Ours, ours), timed(ctx, &f.Raw, raw)); err != nil {
			return err
		}
	}
	atlas := func(ctx context.Context) error { return inspectAtlas(ctx, u) }
	for withAtlas && (len(f.Atlas) == 0 || len(f.Atlas) < runs && f.Atlas[0] < 10) {
		if err := timed(ctx, &f.Atlas, atlas); err != nil {
			return err
		}
	}
	return json.NewEncoder(out).Encode(f)
}

func timed(ctx context.Context, into *[]float64, f func(context.Context) error) error {
	start := time.Now()
	err := f(ctx)
	*into = append(*into, time.Since(start).Seconds())
	return err
}

// inspectAtlas reads the whole database, or the one that a MySQL URL names, with Atlas's own inspector.
func inspectAtlas(ctx context.Context, u *dburl.URL) error {
	dsn, err := u.DSN(ctx)
	if err != nil {
		return err
	}
	db, err := sql.Open(u.Driver(), dsn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if u.Dialect == dburl.Postgres {
		drv, err := atlaspostgres.Open(db)
		if err != nil {
			return err
		}
		_, err = drv.InspectRealm(ctx, &schema.InspectRealmOption{})
		return err
	}
	drv, err := atlasmysql.Open(db)
	if err != nil {
		return err
	}
	_, err = drv.InspectRealm(ctx, &schema.InspectRealmOption{Schemas: []string{u.Schema()}})
	return err
}

// recorder takes down the text that an inspection sends.
type recorder struct{ text string }

var errRecorded = errors.New("recorded")

// QueryContext implements catalog.Querier.
func (r *recorder) QueryContext(_ context.Context, query string, _ ...any) (*sql.Rows, error) {
	if r.text == "" {
		r.text = query
	}
	return nil, errRecorded
}

// postgresReads are the queries of an inspection, and the client that sends them.
func postgresReads(url string) (text string, command []string) {
	var r recorder
	_, _ = postgres.Inspect(context.Background(), &r, dialect.Scope{})
	return r.text + "ROLLBACK;\n", []string{"psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-o", os.DevNull, url}
}

func mysqlReads(u *dburl.URL, raw string) (text string, command []string) {
	command = []string{"mariadb", "--no-defaults", "--batch", "--skip-column-names", "-h", u.Host, "-P", u.Port, "-u", u.User}
	if parsed, err := neturl.Parse(raw); err == nil {
		if password, ok := parsed.User.Password(); ok {
			command = append(command, "--password="+password) // of a server for tests
		}
	}
	return mysql.Reads(u.MariaDB, u.Database), append(command, u.Database)
}

// rawReads returns a function that sends the queries of our inspection by a server's own client.
func rawReads(text string, command []string) (run func(context.Context) error, remove func(), err error) {
	f, err := os.CreateTemp("", "schemactl-bench-*.sql")
	if err != nil {
		return nil, nil, err
	}
	remove = func() { _ = os.Remove(f.Name()) }
	if _, err := f.WriteString(text); err != nil {
		return nil, remove, err
	}
	run = func(ctx context.Context) error {
		in, err := os.Open(f.Name())
		if err != nil {
			return err
		}
		defer func() { _ = in.Close() }()
		var fault bytes.Buffer
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Stdin, cmd.Stderr = in, &fault
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w\n%s", command[0], err, fault.Bytes())
		}
		return nil
	}
	return run, remove, f.Close()
}
