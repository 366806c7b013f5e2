package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/devdb"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/iostreams"
	"github.com/schemactl/schemactl/internal/localserver"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/source"
)

// app is what the commands share: the streams and the world around the process.
type app struct {
	io  *iostreams.Streams
	env dburl.Env
}

// dialects is the table of dialects by the name that URLs give them.
func dialects() map[string]dialect.Dialect {
	return map[string]dialect.Dialect{
		dburl.Postgres: postgres.Dialect{},
		dburl.MySQL:    mysql.Dialect{},
	}
}

func dialectByName(name string) (dialect.Dialect, error) {
	if d, ok := dialects()[name]; ok {
		return d, nil
	}
	return nil, fmt.Errorf("%s is not supported", name)
}

// engine makes the pipeline for one command. The cache is left out when its folder cannot be told.
func (a *app) engine(noCache bool) *engine.Engine {
	e := &engine.Engine{
		Dialect: dialectByName, OpenDev: a.openDev, Stdin: a.io.In, Env: a.env,
		Notify: func(s string) { a.io.Notify("%s", s) }, Scripts: migrate.OpenScripts,
	}
	if dir, err := cacheDir(); err == nil && !noCache {
		e.Cache = &source.Cache{Dir: filepath.Join(dir, "desired"), Version: version + buildStamp(), Tell: e.Notify}
	}
	return e
}

// buildStamp tells two builds of one version apart, which may read a desired state differently.
func buildStamp() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" %d %d", info.Size(), info.ModTime().UnixNano())
}

// cacheDir is the user's cache folder of schemactl.
func cacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "schemactl"), nil
}

// openDev finds a dev database as internal/devdb chooses it.
func (a *app) openDev(ctx context.Context, r engine.DevRequest) (*engine.DevDatabase, error) {
	db, err := devdb.Open(ctx, devdb.Request{
		Release: localserver.Release{Flavor: localserver.Flavor(r.Server.Flavor), Major: r.Server.Major, Minor: r.Server.Minor},
		Choice:  r.Choice, Target: r.Target, Settings: r.Server.Settings,
		// A MySQL URL without a database means all of the server's.
		WholeServer: r.Target != nil && r.Target.Dialect == dburl.MySQL && r.Target.Database == "",
		Own:         r.Own, Watched: r.Watched,
		Notify: func(s string) { a.io.Notify("%s", s) },
	})
	if err != nil {
		return nil, err
	}
	return &engine.DevDatabase{URL: db.URL, Exclusive: db.Exclusive, Close: db.Close}, nil
}

// closeAll joins the error of a command with that of cleaning up after it.
func closeAll(err *error, closers ...func() error) {
	for _, c := range closers {
		*err = errors.Join(*err, c())
	}
}
