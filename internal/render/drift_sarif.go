package render

import (
	"io"
	"strings"

	"github.com/schemactl/schemactl/internal/drift"
)

// DriftSARIF writes a report on drift as SARIF 2.1.0: a rule for each class.
func DriftSARIF(w io.Writer, r *drift.Report) error {
	rules, results := []sarifRule{}, []sarifResult{}
	for _, c := range drift.Classes() {
		rules = append(rules, sarifRule{ID: string(c), ShortDescription: sarifText{c.Describe()}, Default: sarifLevel{sarifLevelOf(c)}})
	}
	for i := range r.Differences {
		results = append(results, sarifOf(&r.Differences[i]))
	}
	return writeSARIF(w, sarifDriver{Name: "schemactl drift", Rules: rules}, results)
}

func sarifLevelOf(c drift.Class) string {
	switch c {
	case drift.Dangerous:
		return "error"
	case drift.ManagedNoise:
		return "note"
	}
	return "warning"
}

func sarifOf(d *drift.Difference) sarifResult {
	where := sarifLocation{Physical: physical(d.Pos, ""), Logical: []sarifLogical{{d.ID.String(), "resource"}}}
	out := sarifResult{
		RuleID: string(d.Class), Level: sarifLevelOf(d.Class), Locations: []sarifLocation{where},
		Message:      sarifText{strings.TrimSpace(d.ID.String() + ": the database " + Deviation(d) + "\n" + plainDeviation(d))},
		Fingerprints: map[string]string{"object/v1": d.ID.String() + " " + string(d.Direction)},
	}
	if d.Accepted != nil && !d.Expired {
		out.Suppressions = []sarifSuppression{{"external", "accepted", d.Accepted.Reason}}
	}
	return out
}
