package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/hcl"
)

func newFmtCmd(a *app) *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt [paths]",
		Short: "Format HCL files",
		Long:  `fmt rewrites *.hcl files in the canonical layout and prints the names of those that it changed. Without paths it takes the current folder.`,
		Example: `  schemactl fmt
  schemactl fmt --check schema.hcl    # exits with 2 when a file is not formatted`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			changed := false
			for _, p := range args {
				c, err := a.format(p, check)
				if err != nil {
					return err
				}
				changed = changed || c
			}
			if check && changed {
				return errChanges
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; exit with 2 when a file is not formatted")
	return cmd
}

// format formats a file, or the *.hcl files below a folder, and tells whether any was not in shape.
func (a *app) format(root string, check bool) (changed bool, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err):
			return diag.Errorf(diag.Pos{File: path}, "no-such-file", "there is no such file or folder")
		case err != nil:
			return err
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() || path != root && !strings.HasSuffix(path, ".hcl"):
			return nil
		}
		one, err := a.formatFile(path, d, check)
		changed = changed || one
		return err
	})
	return changed, err
}

func (a *app) formatFile(path string, d fs.DirEntry, check bool) (bool, error) {
	text, err := disk.Read(path)
	if err != nil {
		return false, err
	}
	if err := hcl.Syntax(hcl.File{Name: path, Text: text}).Err(); err != nil {
		return false, err
	}
	shaped := hcl.Format(text)
	if bytes.Equal(text, shaped) {
		return false, nil
	}
	if _, err := fmt.Fprintln(a.io.Out, path); err != nil || check {
		return true, err
	}
	info, err := d.Info()
	if err != nil {
		return true, err
	}
	return true, disk.Write(path, shaped, info.Mode().Perm())
}
