package plan_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/plan"
)

// TestSavedPlan holds that a plan comes back as it was written, and that each change of the file shows but of its layout.
func TestSavedPlan(t *testing.T) {
	p := &plan.Plan{
		Format: plan.Format, Dialect: "postgres",
		Changes:  []plan.Change{{Action: "alter", Attrs: []plan.Attr{{Name: "max", From: 9223372036854775807, To: 1.5}, {Name: "to", To: []string{"<a>", "\u2028"}}}}},
		Segments: []plan.Segment{{Transactional: true, Steps: []*plan.Step{{SQL: "SELECT 1", Loses: "nothing"}}}},
	}
	var text bytes.Buffer
	if err := p.Write(&text); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, old, changed string
		edited             bool
	}{
		{"as written", "", "", false},
		{"layout", "\n", "  \n\t", false},
		{"statement", "SELECT 1", "DROP TABLE t", true},
		{"loss", `"loses": "nothing"`, `"loses": ""`, true},
		{"transaction", "true", "false", true},
		{"seal", `"seal": "`, `"seal": "0`, true},
		{"no seal", `"seal"`, `"other"`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			read, err := plan.Read(strings.NewReader(strings.ReplaceAll(text.String(), c.old, c.changed)))
			if c.old == "" {
				read, err = plan.Read(bytes.NewReader(text.Bytes()))
			}
			if err != nil {
				t.Fatal(err)
			}
			if read.Edited() != c.edited {
				t.Errorf("edited: %v", read.Edited())
			}
		})
	}
	if _, err := plan.Read(strings.NewReader(text.String() + "{}")); err == nil {
		t.Error("what stands behind the plan is not noticed")
	}
}

// FuzzRead holds that no text makes reading panic, and that what is read and written again is sealed.
func FuzzRead(f *testing.F) {
	f.Add(`{"format": "schemactl-plan-1", "segments": [{"steps": [{"sql": "SELECT 1"}]}], "changes": [{"attributes": [{"from": 1e400}]}]}`)
	f.Add(`{"format": "schemactl-plan-1", "segments": [{"steps": [null]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := plan.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		p.Losses()
		var out bytes.Buffer
		if err := p.Write(&out); err != nil {
			t.Fatal(err)
		}
		again, err := plan.Read(&out)
		if err != nil || again.Edited() {
			t.Errorf("%v, or edited: %q", err, text)
		}
	})
}
