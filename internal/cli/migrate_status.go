package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/revision"
	"github.com/schemactl/schemactl/internal/visible"
)

type migrateStatusOptions struct {
	past
	format   string
	detailed bool
}

func newMigrateStatusCmd(a *app) *cobra.Command {
	o := &migrateStatusOptions{past: past{migrations: migrations{target: target{app: a}}}}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell which migrations a database has",
		Long: `status holds the directory against the history of a database, and changes nothing: which migrations are applied, pending,
half done, out of order (before the last one, and not applied), changed since they were applied, and which are applied and
have no file any more.`,
		Example: `  schemactl migrate status --env prod
  schemactl migrate status --env prod --format json
  schemactl migrate status --env ci --detailed-exitcode    # exits with 2 when migrations are pending`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runMigrateStatus(cmd, o) },
	}
	o.pastFlags(cmd)
	cmd.Flags().StringVar(&o.format, "format", "", "`format` of the output: text, json or a Go template; default text, or the environment's")
	cmd.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 when migrations are pending, 0 when there are none")
	completeWords(cmd, "format", "text", "json")
	return cmd
}

func runMigrateStatus(cmd *cobra.Command, o *migrateStatusOptions) (err error) {
	if err := o.resolve(cmd); err != nil {
		return err
	}
	out, err := o.outputOf(o.format, "migrate.status", &status{}, "text", "json")
	if err != nil {
		return err
	}
	b, err := o.openBook(cmd.Context())
	if err != nil {
		return err
	}
	defer closeAll(&err, b.job.Close)
	s, err := b.look(cmd.Context())
	if err != nil {
		return err
	}
	st := statusOf(s)
	if out.name == "text" {
		_, err = o.app.io.Out.Write([]byte(st.text(s)))
	} else {
		err = out.value(o.app.io.Out, st)
	}
	if err == nil && o.detailed && st.Status != "OK" {
		return errChanges
	}
	return err
}

// status is the state of a database; names and shape are those of Atlas, with what it does not tell added.
type status struct {
	Status     string // OK, PENDING or UNDOING
	Current    string
	Next       string `json:",omitempty"`
	Available  []statusFile
	Pending    []statusFile
	Applied    []statusRevision
	OutOfOrder []statusFile     `json:",omitempty"` // among the pending ones
	Edited     []statusFile     `json:",omitempty"` // the first that is not what it was
	Held       []statusHeld     `json:",omitempty"` // pending ones that wait for somebody's word
	Missing    []statusRevision `json:",omitempty"` // applied, and without a file
	Undoing    []statusRevision `json:",omitempty"` // a run of migrate down stopped there
	Count      int              `json:",omitempty"` // of the statements of the current one, if it is half done
	Total      int              `json:",omitempty"`
	Error      string           `json:",omitempty"`
	SQL        string           `json:",omitempty"`
}

type statusFile struct{ Name, Version, Description string }

type statusHeld struct{ Name, Version, Reason string }

type statusRevision struct {
	Version, Description, Type string
	Applied, Total             int
	ExecutedAt                 time.Time
	ExecutionTime              time.Duration
	Error                      string `json:",omitempty"`
	ErrorStmt                  string `json:",omitempty"`
	OperatorVersion            string
}

func statusOf(s *revision.Survey) *status {
	list := func(files []*migrate.File) []statusFile {
		out := []statusFile{}
		for _, f := range files {
			out = append(out, statusFile{f.Name, f.Version, f.Desc})
		}
		return out
	}
	st := &status{
		Status: "OK", Current: "No migration applied yet", Available: list(s.Dir.Files), Pending: list(s.Pending()),
		Applied: []statusRevision{}, OutOfOrder: list(s.OutOfOrder), Edited: list(s.Edited),
	}
	for _, f := range s.Pending() {
		if f.Hold != "" && s.Of(f) == nil {
			st.Held = append(st.Held, statusHeld{f.Name, f.Version, f.Hold})
		}
	}
	for i := range s.Revisions {
		r := &s.Revisions[i]
		row := statusRevision{
			r.Version, r.Description, revision.TypeName(r.Type), r.Applied, r.Total, r.ExecutedAt, r.ExecutionTime, r.Error, r.ErrorStmt, r.Operator,
		}
		st.Applied = append(st.Applied, row)
		if s.File(r.Version) == nil {
			st.Missing = append(st.Missing, row)
		}
		switch done, total, _, undoing := r.BeingUndone(); {
		case undoing:
			st.Undoing = append(st.Undoing, row)
			st.Count, st.Total, st.Error, st.SQL = len(done), total, r.Error, r.ErrorStmt
		case r.Partial():
			st.Count, st.Total, st.Error, st.SQL = r.Applied, r.Total, r.Error, r.ErrorStmt
		}
	}
	if s.Last != nil {
		st.Current = s.Last.Version
	}
	if len(st.Pending) > 0 {
		st.Status, st.Next = "PENDING", st.Pending[0].Version
	}
	if len(st.Undoing) > 0 {
		st.Status, st.Next = "UNDOING", ""
	}
	return st
}

// recent is how many of the applied migrations are listed for people.
const recent = 10

func (st *status) text(s *revision.Survey) string {
	var b strings.Builder
	line := func(format string, args ...any) { b.WriteString(visible.Text(fmt.Sprintf(format+"\n", args...))) }
	line("Current version:  %s", visible.Line(st.Current))
	line("Applied:          %s", render.Plural(len(st.Applied)-len(s.Partial)-len(s.Undoing), "migration"))
	line("Pending:          %s", render.Plural(len(st.Pending), "migration"))
	if hidden := len(s.Revisions) - recent; hidden > 0 {
		line("\n  … %d earlier ones are applied", hidden)
	} else if len(s.Revisions) > 0 {
		line("")
	}
	for i := range s.Revisions {
		r := &s.Revisions[i]
		if note := noteOn(s, r); note != "" || len(s.Revisions)-i <= recent {
			line("  %s  %s", visible.Line(fileName(s, r)), strings.TrimSpace(about(r)+note))
		}
	}
	for _, f := range s.Pending() {
		if r := s.Of(f); r != nil {
			continue // told above
		}
		note := ""
		if slices.Contains(s.OutOfOrder, f) {
			note = ", out of order: it comes before the current version"
		}
		if f.Hold != "" {
			note += ", held " + visible.Line(f.Hold)
		}
		line("  %s  pending%s", visible.Line(f.Name), note)
	}
	return b.String()
}

// about tells how a migration came into the history.
func about(r *dialect.Revision) string {
	at, name := "", revision.TypeName(r.Type)
	if r.Partial() && r.Type&dialect.Undoing == 0 {
		name = "begun"
	}
	if !r.ExecutedAt.IsZero() {
		at = " " + r.ExecutedAt.UTC().Format(time.DateTime)
	}
	if r.ExecutionTime > 0 {
		at += fmt.Sprintf(" (%s)", r.ExecutionTime.Round(time.Millisecond))
	}
	return name + at
}

// noteOn says what is unusual about a revision.
func noteOn(s *revision.Survey, r *dialect.Revision) string {
	note := ""
	if r.Partial() {
		what, done, total := "half done", r.Applied, r.Total
		if hashes, all, _, undoing := r.BeingUndone(); undoing {
			what, done, total = "a run of migrate down stopped", len(hashes), all
		}
		note += fmt.Sprintf(", %s: %d of %s", what, done, render.Plural(total, "statement"))
		if _, started := r.Started(); started {
			note += "; the next one was cut off"
		}
		if r.Error != "" {
			note += "\n    stopped by: " + r.Error
		}
		if r.ErrorStmt != "" {
			note += "\n    at: " + r.ErrorStmt
		}
	}
	if s.File(r.Version) == nil {
		note += ", its file is gone"
	}
	if slices.ContainsFunc(s.Edited, func(f *migrate.File) bool { return f.Version == r.Version }) {
		note += ", the file or one before it was edited since"
	}
	return note
}
