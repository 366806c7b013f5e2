package lint

import (
	"regexp"
	"slices"
	"strings"
)

// Comments suppress findings in place:
//
//	-- schemactl:ignore drop-table the table was emptied in May
//	-- atlas:nolint destructive
//
// Above a statement they hold for it; at the top of a file, before a blank line, for all of it. Without a rule they
// hold for every rule.
//
//nolint:gochecknoglobals // constants
var (
	ignoreComment = regexp.MustCompile(`(?m)^\s*(?:--|#|/\*)\s*schemactl:ignore\b[ \t]*([^\s*]*)`)
	nolintComment = regexp.MustCompile(`(?m)^\s*(?:--|#|/\*)\s*atlas:nolint\b[ \t]*([^\n*]*)`)
)

// FileIgnores are what the schemactl:ignore comments at the top of a file name, before a blank line, each with the words
// of a directive.
func FileIgnores(text string) []string {
	top, _, found := strings.Cut(strings.TrimSpace(text), "\n\n")
	if !found {
		return nil
	}
	for _, line := range strings.Split(top, "\n") {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "--") && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "/*") {
			return nil
		}
	}
	var out []string
	for _, m := range ignoreComment.FindAllStringSubmatch(top, -1) {
		out = append(out, strings.ReplaceAll(m[1], ",", " "))
	}
	for _, m := range nolintComment.FindAllStringSubmatch(top, -1) {
		out = append(out, m[1])
	}
	return out
}

// silenced reports whether comments say that the rule is not to be raised there.
func (u *Unit) silenced(st *Statement, r Rule) bool {
	for _, d := range u.Directives {
		if words := strings.Fields(d); matches(words, r) {
			return true
		}
	}
	if st == nil {
		return false
	}
	text := strings.Join(st.Comments, "\n") + "\n" + head(st.SQL)
	for _, m := range ignoreComment.FindAllStringSubmatch(text, -1) {
		if matches(strings.FieldsFunc(m[1], func(c rune) bool { return c == ',' }), r) {
			return true
		}
	}
	for _, m := range nolintComment.FindAllStringSubmatch(text, -1) {
		if matches(strings.Fields(m[1]), r) {
			return true
		}
	}
	return false
}

// head is the comments at the ends of the lines of a statement.
func head(sql string) string {
	var out []string
	for _, line := range strings.Split(sql, "\n") {
		for _, mark := range []string{"--", "#", "/*"} {
			if i := strings.Index(line, mark); i >= 0 {
				out = append(out, line[i:])
			}
		}
	}
	return strings.Join(out, "\n")
}

// matches reports whether words name the rule: by id, by class or by the code of another linter. No words name all.
func matches(words []string, r Rule) bool {
	if len(words) == 0 {
		return true
	}
	return slices.ContainsFunc(words, func(w string) bool {
		w = strings.Trim(w, ",:")
		return w == r.ID || w == r.Class || slices.ContainsFunc(r.Codes, func(c string) bool { return strings.EqualFold(c, w) })
	})
}
