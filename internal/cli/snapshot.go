package cli

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/object"
)

type snapshotOptions struct {
	target
	out string
}

func newSnapshotCmd(a *app) *cobra.Command {
	o := &snapshotOptions{target: target{app: a}}
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Write a database down for drift, without rows and secrets",
		Long: `snapshot reads a database and writes one file of its whole state: all objects, and what stands beside them, such as
owners and settings. It holds no rows and no secrets, is the same for the same state, and can be compared line by line.
Its hash tells when it was changed afterwards.

schemactl drift takes it for either side, so that whoever checks needs no access to the database.`,
		Example: `  schemactl snapshot --url "postgres://dba@db1/app" -o prod.snapshot.json
  schemactl snapshot --env prod | gzip > prod.snapshot.json.gz
  schemactl drift --env prod --snapshot prod.snapshot.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runSnapshot(cmd.Context(), o) },
	}
	o.databaseFlags(cmd)
	cmd.Flags().StringVarP(&o.out, "output", "o", "", "write to this `file` instead of standard output")
	return cmd
}

func runSnapshot(ctx context.Context, o *snapshotOptions) error {
	if err := o.resolve(ctx); err != nil {
		return err
	}
	r, err := o.request()
	if err != nil {
		return err
	}
	r.Watched = true
	in, err := o.app.engine(o.noCache).Inspect(ctx, r)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := object.Encode(&text, in.Header(), in.State); err != nil {
		return err
	}
	if o.out != "" {
		return disk.Write(o.out, text.Bytes(), 0o600)
	}
	_, err = o.app.io.Out.Write(text.Bytes())
	return err
}
