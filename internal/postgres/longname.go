package postgres

import (
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"

	"github.com/schemactl/schemactl/internal/catalog"
)

// cutNames is the setting of a catalog that tells which names of a desired state the server cut, one a line.
const cutNames = "schemactl_cut_names"

// takeCut remembers that the server says that it cuts a name; it says so in a notice, and goes on with another name than
// the file's. What it reads within the body of a function is passed over: the text of the body stays as it is.
func (h *heard) takeCut(n *pq.Error) {
	if h.noteCut && n.Where == "" && !slices.Contains(h.cut, n.Message) {
		h.cut = append(h.cut, n.Message)
	}
}

// leaveCutNames ends that, and writes into the catalog what was found.
func (s *session) leaveCutNames(c *catalog.Catalog) {
	if c != nil && len(s.heard.cut) > 0 {
		c.Settings[cutNames] = strings.Join(s.heard.cut, "\n")
	}
	s.heard.cut, s.heard.noteCut = nil, false
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
