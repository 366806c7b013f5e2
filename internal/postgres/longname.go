package postgres

import (
	"database/sql/driver"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/diag"
)

// noteCutNames remembers that the server says that it cuts a name; it says so in a notice, and goes on with another name
// than the file's. What it reads within the body of a function is passed over: the text of the body stays as it is.
func (s *session) noteCutNames() error {
	return s.conn.Raw(func(c any) error {
		pq.SetNoticeHandler(c.(driver.Conn), func(n *pq.Error) {
			if n.Code == "42622" && n.Where == "" && s.cut == nil {
				s.cut = n
			}
		})
		return nil
	})
}

// leaveCutNames ends that.
func (s *session) leaveCutNames() error {
	s.cut = nil
	return s.conn.Raw(func(c any) error {
		pq.SetNoticeHandler(c.(driver.Conn), nil)
		return nil
	})
}

// cutName is the fault of a statement that has a name which the server cuts, with its place; nil where it has none.
func (s *session) cutName(text string) error {
	if s.cut == nil {
		return nil
	}
	message := s.cut.Message
	s.cut = nil
	for _, at := range anyName.FindAllStringIndex(text, -1) {
		name := nameIn(text[at[0]:at[1]])
		if len(name) <= longestName || !strings.Contains(strings.ToLower(message), strings.ToLower(name)) {
			continue
		}
		d := diag.Errorf(place(text, utf8.RuneCountInString(text[:at[0]])+1), "long-name",
			"the name %q has %d bytes, and PostgreSQL cuts names after %d", name, len(name), longestName)
		return &serverFault{Diagnostic: d.WithHint("make it shorter: the server calls it %q", cutTo(name)), code: "42622"}
	}
	d := diag.Errorf(diag.Pos{}, "long-name", "PostgreSQL cuts a name after %d bytes: %s", longestName, message)
	return &serverFault{Diagnostic: d.WithHint("make it shorter"), code: "42622"}
}

// anyName matches names, with quotes or without (PostgreSQL manual, "Identifiers and Key Words").
var anyName = regexp.MustCompile(`"(?:[^"]|"")+"|[\pL_][\pL\pN\pM_$]*`)

func nameIn(word string) string {
	if inner, ok := strings.CutPrefix(word, `"`); ok {
		return strings.ReplaceAll(strings.TrimSuffix(inner, `"`), `""`, `"`)
	}
	return strings.ToLower(word)
}

// cutTo is what the server keeps of a name: whole characters only.
func cutTo(name string) string {
	if len(name) <= longestName {
		return name
	}
	return strings.ToValidUTF8(name[:longestName], "")
}
