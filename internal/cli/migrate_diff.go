package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/render"
)

type migrateDiffOptions struct {
	migrations
	name                            string
	report                          reportFlags
	edit, down, destructive, dryRun bool
	checkData, phased               bool
}

func newMigrateDiffCmd(a *app) *cobra.Command {
	o := &migrateDiffOptions{migrations: migrations{target: target{app: a}}}
	cmd := &cobra.Command{
		Use:   "diff [name]",
		Short: "Write the migration that leads to the desired state",
		Long: `diff replays the migration directory on a dev database, compares what it leads to with the desired state, and writes
the difference as a new migration: each statement with a comment that says what it does, why, and what it loses. No
database of yours is read or changed. What was replayed before is cached, so that only new files are run.

The migration is replayed before it is written; one that does not lead to the desired state is not. Statements that no
transaction can hold get a file of their own ("-- atlas:txmode none"). A migration that loses data is refused without
--allow-destructive.

With --phased a column that is renamed, or gets a type for which the server writes the table anew, gives way to a new one over
two releases of the programs that use it: files that add it and keep it in step, fill it in batches, and (held back: see
"schemactl migrate apply") put it in the place of the old one.`,
		Example: `  schemactl migrate diff add_users --to file://schema.hcl --dev-url embedded://postgres/18
  schemactl migrate diff add_users --env local
  schemactl migrate diff drop_logs --env local --allow-destructive --down
  schemactl migrate diff wide_keys --env local --phased    # for two releases
  schemactl migrate diff add_users --env local --dry-run
  schemactl migrate diff add_users --env ci --format markdown --output comment.md`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.name = args[0]
			}
			return runMigrateDiff(cmd, o)
		},
	}
	o.historyFlags(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&o.to, "to", nil, "`source` of the desired state: file://schema.hcl, file://schema.sql, file://folder, a database URL, env://src, a snapshot, or -; again for more")
	o.split.add(cmd)
	f.StringVar(&o.report.format, "format", "", "`format` of a report on the new files: text, json, sql, markdown, html, github, gitlab, sarif or junit; or, in short, what --dir-format takes")
	o.report.outputFlag(cmd)
	f.BoolVar(&o.edit, "edit", false, "open the new file in $EDITOR")
	f.BoolVar(&o.down, "down", false, "write what undoes the migration, too; as down = true in the migration block")
	f.BoolVar(&o.checkData, "check-data", false, "write what the migration asks the rows into its file, so that it runs only where they are not in the way; as check_data = true in the migration block")
	f.BoolVar(&o.phased, "phased", false, "let columns that are renamed or get another type give way to new ones over two releases, in files of their own; as phased = true in the diff block")
	f.BoolVar(&o.destructive, "allow-destructive", false, "allow statements that lose data")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the migration and write nothing")
	completeWords(cmd, "format", slices.Concat(reviewFormats(), migrate.Formats())...)
	return cmd
}

func runMigrateDiff(cmd *cobra.Command, o *migrateDiffOptions) (err error) {
	ctx := cmd.Context()
	if slices.Contains(migrate.Formats(), o.report.format) && o.dirFormat == "" {
		o.dirFormat, o.report.format = o.report.format, ""
	}
	if err := o.resolve(ctx); err != nil {
		return err
	}
	if err := o.settleFormat(); err != nil {
		return err
	}
	o.exclude = append(o.exclude, o.chosen.Migration.Exclude...)
	name, err := migrate.CleanName(o.name)
	if err != nil {
		return err
	}
	dir, err := migrate.Create(o.dir, migrate.Format(o.dirFormat))
	if err != nil {
		return err
	}
	dir.RunAs(migrate.TxMode(o.chosen.Migration.TxMode))
	if err := dir.Ready(); err != nil {
		return err
	}
	job, err := o.history(ctx, dir.Fresh())
	if err != nil {
		return err
	}
	defer closeAll(&err, job.Close)
	draft, err := migrate.Diff(ctx, job, dir, migrate.DiffOptions{
		Name: name, Now: time.Now(), Down: o.down || o.chosen.Migration.Down,
		AllowDestructive: o.destructive || o.chosen.AllowDestructive,
		CheckData:        o.checkData || o.chosen.Migration.CheckData,
		Phased:           o.phasing(cmd),
	})
	if err != nil {
		return err
	}
	if draft == nil {
		o.app.io.Notify("No changes: the migrations lead to the desired state.")
		return nil
	}
	for _, l := range render.LedgerLines(draft.Plan.Ledger) {
		o.app.io.Notify("left alone: %s", l)
	}
	for _, n := range draft.Notes {
		o.app.io.Notify("%s", n)
	}
	if o.dryRun {
		for _, f := range dir.Preview(draft) {
			_, _ = fmt.Fprintf(o.app.io.Out, "==> %s\n%s", dir.Path(f.Name), f.Text)
		}
		return nil
	}
	return o.write(ctx, job, dir, draft)
}

// write writes the draft, and what is to be told of it.
func (o *migrateDiffOptions) write(ctx context.Context, job *engine.Job, dir *migrate.Dir, draft *migrate.Draft) error {
	names, err := dir.Write(draft)
	if err != nil {
		return err
	}
	if o.edit {
		if err := o.app.editFiles(ctx, dir, names); err != nil {
			return err
		}
	}
	o.tellWritten(dir, names)
	if o.report.format == "" {
		return nil
	}
	return o.reportWritten(ctx, job, draft, names)
}

// phasing tells whether columns give way in phases: by the flag, or else the project file.
func (o *migrateDiffOptions) phasing(cmd *cobra.Command) bool {
	if cmd.Flags().Changed("phased") {
		return o.phased
	}
	return o.chosen.Diff.Phased
}

// settleLayout takes the environment's template for migrations, as far as it asks for what they are: SQL in one layout.
func (o *migrateDiffOptions) settleLayout(flag string) error {
	out, err := o.outputOf(flag, "migrate.diff", layout{}, "sql")
	if err != nil || out.name != "" {
		return err
	}
	var text bytes.Buffer
	if err := out.write(&text, layout{}); err != nil {
		return err
	}
	if strings.TrimSpace(text.String()) != (layout{}).text() {
		return diag.Errorf(out.pos, "bad-template", "migrations are written in one layout, and this template asks for another").
			WithHint("leave it out, or write {{ sql . \"  \" }}")
	}
	return nil
}

// layout stands for the SQL of a migration.
type layout struct{}

func (layout) text() string { return "SQL" }

func (l layout) form(w io.Writer, name string) error {
	if name != "sql" {
		return errNoForm
	}
	_, err := io.WriteString(w, l.text())
	return err
}
