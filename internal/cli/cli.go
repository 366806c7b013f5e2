// Package cli is the command line: flags in, one call to a feature, a renderer out.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/iostreams"
)

// version is set by the build (-ldflags -X).
var version = "dev"

// The exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitChanges = 2
)

// errChanges is how a command says "there are changes" where the user asked for it.
var errChanges = errors.New("changes found")

// errSilent is a failure that the command has told already.
var errSilent = errors.New("failed")

// Main runs the command line and returns the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{io: iostreams.New(stdin, stdout, stderr, os.Getenv), env: dburl.SystemEnv()}
	a.env.Warn = func(s string) { a.io.Notify("warning: %s", s) }
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return a.exitCode(ctx, guarded(ctx, root))
}

func guarded(ctx context.Context, root *cobra.Command) (err error) {
	defer diag.Guard(&err)
	return root.ExecuteContext(ctx)
}

// exitCode is the one place that maps outcomes to codes.
func (a *app) exitCode(ctx context.Context, err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errChanges):
		return exitChanges
	case errors.Is(err, errSilent):
		return exitFailure
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		a.io.Notify("Interrupted.")
		return exitFailure
	}
	_, _ = fmt.Fprintln(a.io.Err, "Error:", err)
	return exitFailure
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "schemactl",
		Short: "Schema as code for PostgreSQL and MySQL",
		Long: `schemactl brings a live PostgreSQL, MySQL or MariaDB database to the state that HCL or SQL files declare.

  schemactl init      start a project, or write an existing database down
  schemactl plan      show the exact, ordered SQL that leads to the desired state
  schemactl apply     run it

Exit codes: 0 fine, 1 failure, 2 changes found (where --detailed-exitcode asks for it).`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version,
	}
	root.SetVersionTemplate("schemactl {{.Version}}\n")
	root.AddCommand(
		newInitCmd(a), newInspectCmd(a), newPlanCmd(a), newApplyCmd(a), newFmtCmd(a), newValidateCmd(a),
		newMigrateCmd(a),
		newLintCmd(a), newReviewCmd(a), newApproveCmd(a), newRehearseCmd(a),
		newDriftCmd(a), newSnapshotCmd(a),
		newDevCmd(a), newVersionCmd(a),
	)
	return root
}

func newVersionCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.io.Out, "schemactl", version)
			return err
		},
	}
}
