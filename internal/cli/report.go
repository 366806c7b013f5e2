package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/iostreams"
	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/render"
	"github.com/schemactl/schemactl/internal/review"
)

// reportFlags say in which form a report is written, and where to.
type reportFlags struct {
	formats     []string
	format, out string
}

// add gives a command the flags. The first format is the default.
func (r *reportFlags) add(cmd *cobra.Command, formats []string) {
	r.formats = formats
	last := len(formats) - 1
	f := cmd.Flags()
	f.StringVar(&r.format, "format", formats[0], "`format` of the report: "+strings.Join(formats[:last], ", ")+" or "+formats[last])
	completeWords(cmd, "format", formats...)
	r.outputFlag(cmd)
}

func (r *reportFlags) outputFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&r.out, "output", "o", "", "write the report to this `file`; standard output then has one line")
	_ = cmd.MarkFlagFilename("output")
}

// write writes the report to where it is wanted.
func (r *reportFlags) write(s *iostreams.Streams, summary string, report func(w io.Writer, colour bool) error) error {
	var text bytes.Buffer
	if err := report(&text, s.Colour && r.out == ""); err != nil {
		return err
	}
	if r.out == "" {
		_, err := s.Out.Write(text.Bytes())
		return err
	}
	if err := disk.Write(r.out, text.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	_, err := io.WriteString(s.Out, summary+"\n")
	return err
}

// renderFindings writes the formats that are of findings alone. done is false for others.
func renderFindings(w io.Writer, tool, format string, reports []lint.Report, failOn string) (done bool, err error) {
	switch format {
	case "github":
		return true, render.FindingsGitHub(w, reports)
	case "gitlab":
		return true, render.FindingsGitLab(w, reports)
	case "sarif":
		return true, render.FindingsSARIF(w, tool, reports)
	case "junit":
		return true, render.FindingsJUnit(w, tool, reports, lint.Severity(failOn))
	}
	return false, nil
}

// renderReview writes the forms of a review. failOn says which hazards are failures in those that know any.
func renderReview(w io.Writer, r *review.Review, tool, format, failOn string, colour bool) error {
	switch format {
	case "json":
		return render.ReviewJSON(w, r)
	case "sql":
		return render.ReviewSQL(w, r)
	case "markdown":
		return render.ReviewMarkdown(w, r)
	case "html":
		return render.ReviewHTML(w, r)
	}
	if done, err := renderFindings(w, tool, format, r.Hazards, failOn); done {
		return err
	}
	return render.ReviewText(w, r, colour)
}
