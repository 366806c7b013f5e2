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

// Main runs the command line and returns the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errChanges):
		return exitChanges
	}
	_, _ = fmt.Fprintln(stderr, "Error:", err)
	return exitFailure
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "schemactl",
		Short:         "Schema as code for PostgreSQL and MySQL",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version,
	}
	root.AddCommand(newPlanCmd(), newApplyCmd())
	return root
}
