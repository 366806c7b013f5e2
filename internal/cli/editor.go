package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/migrate"
)

// editFiles opens files of a migration directory in the user's editor and lists them in atlas.sum as they are then.
func (a *app) editFiles(ctx context.Context, dir *migrate.Dir, names []string) error {
	editor := os.Getenv("VISUAL")
	if editor == "" {
		editor = os.Getenv("EDITOR")
	}
	if editor == "" {
		return diag.Errorf(diag.Pos{}, "no-editor", "no editor is set").WithHint("export EDITOR=vi, or edit the file yourself and run schemactl migrate hash")
	}
	argv, err := dburl.SplitCommand(editor)
	if err != nil {
		return err
	}
	for _, n := range names {
		argv = append(argv, dir.Path(n))
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the editor that the user named
	a.io.Attach(cmd)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run the editor %s: %w", argv[0], err)
	}
	return dir.Rehash()
}
