package postgres

import (
	"database/sql/driver"
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/catalog"
)

// cutNames is the setting of a catalog that tells which names of a desired state the server cut, one a line.
const cutNames = "schemactl_cut_names"

// noteCutNames remembers that the server says that it cuts a name; it says so in a notice, and goes on with another name
// than the file's. What it reads within the body of a function is passed over: the text of the body stays as it is.
func (s *session) noteCutNames() error {
	s.cut = nil
	return s.conn.Raw(func(c any) error {
		pq.SetNoticeHandler(c.(driver.Conn), func(n *pq.Error) {
			if n.Code == "42622" && n.Where == "" && !slices.Contains(s.cut, n.Message) {
				s.cut = append(s.cut, n.Message)
			}
		})
		return nil
	})
}

// leaveCutNames ends that, and writes into the catalog what was found.
func (s *session) leaveCutNames(c *catalog.Catalog) error {
	if c != nil && len(s.cut) > 0 {
		c.Settings[cutNames] = strings.Join(s.cut, "\n")
	}
	s.cut = nil
	return s.conn.Raw(func(c any) error {
		pq.SetNoticeHandler(c.(driver.Conn), nil)
		return nil
	})
}

var quotedNames = regexp.MustCompile(`"(.*)"[^"]*"(.*)"`)

// reportCutNames puts the names that the server cut into the ledger: the object has another name than its file says.
func (b *builder) reportCutNames() {
	for message := range strings.SplitSeq(b.catalog.Settings[cutNames], "\n") {
		if m := quotedNames.FindStringSubmatch(message); m != nil {
			b.ignored("end of a name", m[1], ownRule+"PostgreSQL cuts names after 63 bytes, and calls it "+m[2])
		} else if message != "" {
			b.ignored("end of a name", message, ownRule+"PostgreSQL cuts names after 63 bytes")
		}
	}
}
