package render

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/schemactl/schemactl/internal/drift"
)

type sarifText struct {
	Text string `json:"text"`
}

type sarifRule struct {
	ID               string     `json:"id"`
	ShortDescription sarifText  `json:"shortDescription"`
	Default          sarifLevel `json:"defaultConfiguration"`
}

type sarifLevel struct {
	Level string `json:"level"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations,omitempty"`
	Fingerprints map[string]string  `json:"partialFingerprints"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification,omitempty"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations"`
}

type sarifPhysical struct {
	Artifact struct {
		URI string `json:"uri"`
	} `json:"artifactLocation"`
	Region struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	} `json:"region"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

// DriftSARIF writes a report on drift as SARIF 2.1.0: a rule for each class.
func DriftSARIF(w io.Writer, r *drift.Report) error {
	rules, results := []sarifRule{}, []sarifResult{}
	for _, c := range drift.Classes() {
		rules = append(rules, sarifRule{string(c), sarifText{c.Describe()}, sarifLevel{sarifLevelOf(c)}})
	}
	for i := range r.Differences {
		results = append(results, sarifOf(&r.Differences[i]))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(map[string]any{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
		"version": "2.1.0",
		"runs": []any{map[string]any{
			"tool":    map[string]any{"driver": map[string]any{"name": "schemactl drift", "rules": rules}},
			"results": results,
		}},
	})
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
	where := sarifLocation{Logical: []sarifLogical{{d.ID.String(), "resource"}}}
	if d.Pos.Line > 0 {
		where.Physical = &sarifPhysical{}
		where.Physical.Artifact.URI = (&url.URL{Path: filepath.ToSlash(d.Pos.File)}).EscapedPath()
		where.Physical.Region.StartLine, where.Physical.Region.StartColumn = d.Pos.Line, d.Pos.Column
	}
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
