package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/render"
)

type inspectOptions struct {
	target
	format, out string
	split       bool
}

func newInspectCmd(a *app) *cobra.Command {
	o := &inspectOptions{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "inspect",
		Short: "Write a database down as HCL, SQL, JSON or a snapshot",
		Long: `inspect reads a database, or any other source, and writes what it holds. HCL and SQL lead back to the same state: a
plan of them is empty. A snapshot is a file of the same state for comparing without a connection; it holds no rows.
What schemactl does not manage is listed on standard error.`,
		Example: `  schemactl inspect --url "postgres://app@localhost/app" > schema.hcl
  schemactl inspect --url "mysql://app@localhost/shop" --format sql
  schemactl inspect --env prod --split --out schema      # a file for each object
  schemactl inspect --env prod --format snapshot > prod.snapshot.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runInspect(cmd.Context(), o) },
	}
	o.databaseFlags(cmd)
	cmd.Flags().StringVar(&o.format, "format", "", "`format` of the output: hcl, sql, json, snapshot or a Go template; default hcl, or the environment's")
	cmd.Flags().StringVar(&o.out, "out", "", "write to this `file`, or folder with --split")
	cmd.Flags().BoolVar(&o.split, "split", false, "write a file for each object below --out; for hcl and sql")
	completeWords(cmd, "format", "hcl", "sql", "json", "snapshot")
	return cmd
}

func runInspect(ctx context.Context, o *inspectOptions) (err error) {
	if err := o.resolve(ctx); err != nil {
		return err
	}
	form, err := o.outputOf(o.format, "schema.inspect", inspectionValue{}, "hcl", "sql", "json", "snapshot")
	if err != nil {
		return err
	}
	if o.split && form.name == "" && o.format == "" {
		form.name = "hcl" // the environment's template is for one text
	}
	if o.split && (o.out == "" || form.name != "hcl" && form.name != "sql") {
		return diag.Errorf(diag.Pos{}, "bad-flag", "--split needs --out folder, and --format hcl or sql")
	}
	r, err := o.request()
	if err != nil {
		return err
	}
	in, err := o.app.engine(o.noCache).Inspect(ctx, r)
	if err != nil {
		return err
	}
	for _, l := range render.LedgerLines(in.State.Ledger) {
		o.app.io.Notify("left out: %s", l)
	}
	if o.split {
		files, err := in.Split(form.name)
		if err != nil {
			return err
		}
		return writeFiles(o.out, files)
	}
	var text bytes.Buffer
	if form.name == "" {
		err = form.write(&text, inspectionValue{in})
	} else {
		err = writeState(&text, in, form.name)
	}
	if err != nil {
		return err
	}
	if o.out != "" {
		return disk.Write(o.out, text.Bytes(), 0o600)
	}
	_, err = o.app.io.Out.Write(text.Bytes())
	return err
}

func writeState(w io.Writer, in *engine.Inspection, format string) error {
	switch format {
	case "json", "snapshot":
		return object.Encode(w, in.Header(), in.State)
	}
	files, err := in.Whole(format)
	if err != nil {
		return err
	}
	_, err = w.Write(files)
	return err
}

// writeFiles writes files below a folder that may exist but must not hold files of the same names.
func writeFiles(dir string, files []engine.OutFile) error {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return err
		}
		out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if os.IsExist(err) {
			return diag.Errorf(diag.Pos{File: path}, "file-exists", "the file exists already").WithHint("write into an empty folder, or remove it first")
		}
		if err != nil {
			return err
		}
		_, err = out.Write(f.Text)
		closeAll(&err, out.Close)
		if err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	return nil
}
