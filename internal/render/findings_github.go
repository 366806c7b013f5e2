package render

import (
	"io"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/lint"
)

// FindingsGitHub writes findings as workflow commands, which GitHub shows beside the lines of a pull request.
func FindingsGitHub(w io.Writer, reports []lint.Report) error {
	out := &writer{w: w}
	for _, f := range gravestFirst(place(reports, false)) {
		// GitHub cuts off after ten annotations of a level: the gravest come first.
		var properties []string
		if f.Pos.Line > 0 {
			properties = append(properties, "file="+property(f.File), "line="+strconv.Itoa(f.Pos.Line), "endLine="+strconv.Itoa(f.lastLine()))
			if f.Pos.Column > 0 && f.lastLine() == f.Pos.Line {
				properties = append(properties, "col="+strconv.Itoa(f.Pos.Column))
			}
		}
		if f.Pos.Line == 0 && f.Pos.File != "" {
			properties = append(properties, "file="+property(f.File))
		}
		properties = append(properties, "title="+property(f.Rule))
		message := f.Message
		for _, more := range []string{f.Fix, docURL(f.Finding)} {
			if more != "" {
				message += "\n" + more
			}
		}
		out.line("::%s %s::%s", githubLevel(f.Severity), strings.Join(properties, ","), data(message))
	}
	return out.err
}

func githubLevel(s lint.Severity) string {
	if s == lint.Info {
		return "notice"
	}
	return string(s)
}

// data spells the text of a workflow command.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property spells the value of a property of a workflow command.
func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(s))
}
