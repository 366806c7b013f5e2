package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/devdb"
	"github.com/schemactl/schemactl/internal/devserver"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/localserver"
)

func newDevCmd(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Run a local database server for development",
		Long: `dev runs a database server of your own from the binaries that are installed on this machine: no service, no
container, no root. It keeps its data until "dev clean", listens on 127.0.0.1 only, and its password is its own.
Plans use it as dev database when its version fits.

A server is named by flavour and version, as in postgres/18, mysql/9.7 or mariadb/10.11; without a name it is the
newest PostgreSQL that is installed.`,
		Example: `  schemactl dev start
  schemactl plan --url "$(schemactl dev url)" --to file://schema.hcl
  schemactl dev stop`,
	}
	cmd.AddCommand(
		devCmd("start", "Start the server, or find it running", a.devStart),
		devCmd("stop", "Stop the server and keep its data", a.devStop),
		devCmd("status", "List the servers and whether they run", a.devStatus),
		devCmd("url", "Print the URL of the running server", a.devURL),
		devCmd("clean", "Stop the server and remove its data", a.devClean),
	)
	return cmd
}

func devCmd(use, short string, run func(context.Context, string, []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use + " [server]", Short: short, Args: cobra.MaximumNArgs(1),
		ValidArgs: []string{"postgres/18", "postgres/15", "postgres/14", "mysql/9.7", "mariadb/10.11"},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := devdb.DefaultCacheDir()
			if err != nil {
				return err
			}
			return run(cmd.Context(), dir, args)
		},
	}
}

// releaseArg reads a server's name; none is the newest PostgreSQL.
func releaseArg(args []string) (localserver.Release, error) {
	if len(args) == 0 {
		return localserver.Release{Flavor: localserver.Postgres}, nil
	}
	flavor, number, _ := strings.Cut(args[0], "/")
	known := []string{string(localserver.Postgres), string(localserver.MySQL), string(localserver.MariaDB)}
	if err := oneOf("server", flavor, known...); err != nil {
		return localserver.Release{}, err
	}
	return localserver.ParseRelease(localserver.Flavor(flavor), number)
}

func (a *app) devStart(ctx context.Context, dir string, args []string) error {
	want, err := releaseArg(args)
	if err != nil {
		return err
	}
	s, err := devserver.Start(ctx, dir, want, nil)
	if err != nil {
		return err
	}
	a.io.Notify("%s runs on 127.0.0.1:%d", s.Release, s.Port)
	_, err = fmt.Fprintln(a.io.Out, s.URL())
	return err
}

// devServers lists the servers that a name means: all without one.
func devServers(dir string, args []string) ([]devserver.State, error) {
	list, err := devserver.List(dir)
	if err != nil || len(args) == 0 {
		return list, err
	}
	want, err := releaseArg(args)
	if err != nil {
		return nil, err
	}
	var out []devserver.State
	for _, s := range list {
		if want.Matches(s.Release) {
			out = append(out, s)
		}
	}
	return out, nil
}

func (a *app) devStop(ctx context.Context, dir string, args []string) error {
	list, err := devServers(dir, args)
	if err != nil {
		return err
	}
	for _, s := range list {
		if !s.Running {
			continue
		}
		if err := s.Stop(ctx); err != nil {
			return err
		}
		a.io.Notify("%s stopped; its data is kept", s.Release)
	}
	return nil
}

func (a *app) devStatus(_ context.Context, dir string, args []string) error {
	list, err := devServers(dir, args)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		a.io.Notify("No development server has been started; schemactl dev start does.")
	}
	for _, s := range list {
		word := "stopped"
		if s.Running {
			word = fmt.Sprintf("runs on 127.0.0.1:%d", s.Port)
		}
		if _, err := fmt.Fprintf(a.io.Out, "%s: %s (data in %s)\n", s.Release, word, s.Dir); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) devURL(_ context.Context, dir string, args []string) error {
	list, err := devServers(dir, args)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Running {
			_, err := fmt.Fprintln(a.io.Out, s.URL())
			return err
		}
	}
	return diag.Errorf(diag.Pos{}, "not-running", "no such development server runs").WithHint("start it: schemactl dev start %s", strings.Join(args, ""))
}

func (a *app) devClean(ctx context.Context, dir string, args []string) error {
	list, err := devServers(dir, args)
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := s.Clean(ctx); err != nil {
			return err
		}
		a.io.Notify("%s removed, with its data", s.Release)
	}
	return nil
}
