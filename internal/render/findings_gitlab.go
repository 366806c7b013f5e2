package render

import (
	"encoding/json"
	"io"
	"path/filepath"

	"github.com/schemactl/schemactl/internal/lint"
)

type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
	End   int `json:"end"`
}

// FindingsGitLab writes findings as a code quality report of GitLab's.
func FindingsGitLab(w io.Writer, reports []lint.Report) error {
	issues := []gitlabIssue{}
	for _, f := range place(reports, false) {
		description := f.Message
		if f.Fix != "" {
			description += ". " + f.Fix
		}
		issues = append(issues, gitlabIssue{
			Description: description, CheckName: f.Rule, Fingerprint: f.Fingerprint, Severity: gitlabSeverity(f.Severity),
			// A place without a line, as of a plan, is the first one: the format wants one.
			Location: gitlabLocation{filepath.ToSlash(f.File), gitlabLines{max(1, f.Pos.Line), max(1, f.lastLine())}},
		})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(issues)
}

func gitlabSeverity(s lint.Severity) string {
	switch s {
	case lint.Error:
		return "critical"
	case lint.Warning:
		return "major"
	}
	return "info"
}
