package render

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/lint"
)

// rulePages is where the pages of the rules are read: a report is opened far from the folder that it was made in.
const rulePages = "https://github.com/schemactl/schemactl/blob/main/"

// placed is a finding with the report that it is of, and a key that tells it apart in all runs: it does not change when
// lines move.
type placed struct {
	lint.Finding
	File        string
	Fingerprint string
	Silenced    bool
}

// place gathers the findings of reports in their order; silenced ones only where they are asked for.
func place(reports []lint.Report, silenced bool) []placed {
	var out []placed
	seen := map[string]int{}
	add := func(r lint.Report, f lint.Finding, silent bool) {
		file := cmp.Or(f.Pos.File, r.Name)
		sum := sha256.Sum256([]byte(strings.Join([]string{f.Rule, file, f.Object, squeeze(f.SQL), f.Message}, "\x00")))
		key := hex.EncodeToString(sum[:16])
		if seen[key]++; seen[key] > 1 {
			key += "-" + strconv.Itoa(seen[key])
		}
		out = append(out, placed{f, file, key, silent})
	}
	for _, r := range reports {
		for _, f := range r.Findings {
			add(r, f, false)
		}
		if !silenced {
			continue
		}
		for _, f := range r.Suppressed {
			add(r, f, true)
		}
	}
	return out
}

// gravestFirst orders findings by severity; those of one severity keep their order.
func gravestFirst(list []placed) []placed {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b placed) int { return b.Severity.Rank() - a.Severity.Rank() })
	return list
}

// where is the place of a finding on one line.
func (p placed) where() string { return cmp.Or(p.Pos.String(), p.File) }

// lastLine is the line on which the statement of a finding ends.
func (p placed) lastLine() int { return p.Pos.Line + strings.Count(p.SQL, "\n") }

// squeeze makes one space of all white space.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// docURL is the page of a finding's rule; empty where the rule has none.
func docURL(f lint.Finding) string { return pageURL(f.Doc) }

// pageURL is where a page of the manual is read; an address is one already.
func pageURL(doc string) string {
	if doc == "" || strings.Contains(doc, "://") {
		return doc
	}
	return rulePages + doc
}
