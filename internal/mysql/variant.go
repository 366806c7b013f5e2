package mysql

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/plan"
)

// variant is a server of another maker that speaks MySQL's language. How it runs an ALTER is its own affair, so nothing
// is said of that.
type variant struct {
	name  string            // as in kind.Server
	title string            // for people
	sign  string            // stands in its version or version comment, in small letters
	lacks map[string]string // kinds of objects that it does not have, and the manual that says so
}

// variants are the servers that are known. Percona Server, Aurora and the clouds' MySQL are MySQL of their version.
func variants() []variant {
	const tidb, vitess, single = "TiDB manual, \"MySQL Compatibility\"", "Vitess manual, \"MySQL Compatibility\"", "SingleStore manual, \"Unsupported MySQL Features\""
	return []variant{
		{"tidb", "TiDB", "tidb", map[string]string{"function": tidb, "procedure": tidb, "trigger": tidb, "event": tidb}},
		{"vitess", "Vitess", "vitess", map[string]string{"function": vitess, "procedure": vitess, "trigger": vitess, "event": vitess}},
		{"singlestore", "SingleStore", "singlestore", map[string]string{"trigger": single, "event": single, "foreign_key": single, "check": single}},
		{"oceanbase", "OceanBase", "oceanbase", nil},
		{"dolt", "Dolt", "dolt", nil},
	}
}

// variantOf recognises a server by what it says of its version; the zero variant is MySQL or MariaDB.
func variantOf(version, comment string) variant {
	text := strings.ToLower(version + " " + comment)
	for _, v := range variants() {
		if strings.Contains(text, v.sign) {
			return v
		}
	}
	return variant{}
}

// refuse is an error for each statement that the server is known not to take: none of the plan is sent then.
func (v variant) refuse(steps []*plan.Step) error {
	var faults diag.List
	for _, st := range steps {
		made := []plan.Part{{Op: st.Op, ID: st.ID, Pos: st.Pos}}
		for _, p := range append(made, st.Parts...) {
			if manual := v.lacks[p.ID.Kind]; manual != "" && p.Op != plan.Drop {
				faults.Add(diag.Errorf(p.Pos, "unsupported", "%s has no %ss: %s", v.title, strings.ReplaceAll(p.ID.Kind, "_", " "), p.ID).
					WithHint("leave it out of the desired state for this server, or --exclude it (%s)", manual))
			}
		}
	}
	return faults.Err()
}

// kinds that a variant lacks, in order, for docs and tests.
func (v variant) lacking() []string {
	var out []string
	for k := range v.lacks {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
