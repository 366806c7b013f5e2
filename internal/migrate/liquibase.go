package migrate

import (
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

// readLiquibase reads files of formatted SQL; a file is one migration, of all its changesets.
func readLiquibase(d *Dir) ([]*File, error) {
	names, err := d.names(".sql")
	if err != nil {
		return nil, err
	}
	return d.readAll(names, "_", readLiquibaseFile)
}

var (
	liquibaseLine   = regexp.MustCompile(`(?i)^\s*--\s*(liquibase|changeset|rollback|comment|preconditions?|precondition-[\w-]+|property|include|ignoreLines|validCheckSum|labels|context)\b:?[ \t]*(.*)$`)
	liquibaseOption = regexp.MustCompile(`(\w+):("[^"]*"|\S+)`)
)

// changeset is a part of a file of formatted SQL.
type changeset struct {
	text  strings.Builder
	line  int
	whole bool
	delim string
	undo  []string
}

func readLiquibaseFile(f *File, text string) error {
	var sets []*changeset
	for n, line := range lines(text) {
		m := liquibaseLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		pos := diag.Pos{File: f.path, Line: n, Column: 1}
		if m == nil {
			if len(sets) > 0 {
				sets[len(sets)-1].text.WriteString(line)
			} else if onlyComments(line) != "" {
				return diag.Errorf(pos, "changeset", "a statement stands before the first --changeset")
			}
			continue
		}
		switch word := strings.ToLower(m[1]); {
		case word == "changeset":
			c := &changeset{line: n + 1}
			if err := f.changesetOptions(c, m[2], pos); err != nil {
				return err
			}
			sets = append(sets, c)
			continue
		case word == "rollback" && len(sets) > 0:
			last := sets[len(sets)-1]
			last.undo = append(last.undo, m[2])
		case word == "liquibase", word == "comment", word == "validchecksum":
		default:
			return diag.Errorf(pos, "unsupported", "Liquibase's %s is not supported", m[1]).
				WithHint("take the line out, if what it says holds for every database")
		}
		if len(sets) > 0 {
			sets[len(sets)-1].text.WriteString("\n") // the line keeps its place
		}
	}
	if len(sets) == 0 && onlyComments(text) != "" {
		return diag.Errorf(diag.Pos{File: f.path, Line: 1}, "changeset", "the file has no --changeset")
	}
	var undo []string
	for i, c := range sets {
		f.up = append(f.up, section{text: c.text.String(), line: c.line, whole: c.whole, delim: c.delim})
		undo = append(undo, sets[len(sets)-1-i].undo...)
	}
	if len(undo) > 0 {
		f.down, f.hasDown = []section{{text: strings.Join(undo, "\n"), line: 1}}, true
	}
	return nil
}

func (f *File) changesetOptions(c *changeset, text string, pos diag.Pos) error {
	id, _, _ := strings.Cut(text, " ")
	if !strings.Contains(id, ":") {
		return diag.Errorf(pos, "changeset", "%q is not of the form author:id", id)
	}
	for _, m := range liquibaseOption.FindAllStringSubmatch(strings.TrimPrefix(text, id), -1) {
		value := strings.Trim(m[2], `"`)
		switch strings.ToLower(m[1]) {
		case "runintransaction":
			if value == "false" {
				f.TxMode = TxNone
			}
		case "splitstatements":
			c.whole = value == "false"
		case "enddelimiter":
			c.delim = value
		case "stripcomments", "failonerror", "logicalfilepath":
		default:
			return diag.Errorf(pos, "unsupported", "Liquibase's %s is not supported", m[1]).
				WithHint("take the option out, if what it says holds for every database")
		}
	}
	return nil
}
