package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

func TestSegmented(t *testing.T) {
	table := func(name string) object.ID { return object.ID{Kind: "table", Name: name} }
	busy := func(sql string, tables ...string) *plan.Step {
		s := &plan.Step{SQL: sql, ID: table(sql), Op: plan.Alter}
		for _, name := range tables {
			s.Busy = append(s.Busy, table(name))
		}
		return s
	}
	alone := func(sql string) *plan.Step { return &plan.Step{SQL: sql, ID: table(sql), Op: plan.Alter, Alone: true} }
	outside := &plan.Step{SQL: "out", ID: table("out"), NoTx: true}
	drop, again := &plan.Step{SQL: "drop v", ID: table("v"), Op: plan.Drop}, &plan.Step{SQL: "make v", ID: table("v"), Op: plan.Create}
	commit := &plan.Step{SQL: "label", ID: table("e"), CommitAfter: true}
	tests := []struct {
		name  string
		steps []*plan.Step
		want  string
	}{
		{"nothing in use is one transaction", []*plan.Step{busy("a"), busy("b")}, "a, b"},
		{"a lock is not kept for another table", []*plan.Step{busy("x"), busy("a", "t"), busy("b", "t"), busy("c", "u"), busy("d")}, "x, a, b | c | d"},
		{"tables locked together go on together", []*plan.Step{busy("a", "t", "u"), busy("b", "u"), busy("c", "u", "w")}, "a, b | c"},
		{"long reads stand alone", []*plan.Step{busy("a", "t"), alone("v"), alone("w"), busy("b", "t")}, "a | v | w | b"},
		{"outside of transactions", []*plan.Step{busy("a"), outside, busy("b")}, "a | !out | b"},
		{"a commit is wanted", []*plan.Step{busy("a"), commit, busy("b")}, "a, label | b"},
		{"what comes back does so at once", []*plan.Step{busy("a"), drop, busy("b", "t"), alone("v"), busy("c", "u"), again, busy("d", "w")}, "a, drop v, b, v, c, make v | d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var segments []string
			for _, seg := range plan.Segmented(tt.steps) {
				var names []string
				for _, s := range seg.Steps {
					names = append(names, s.SQL)
				}
				segments = append(segments, fmt.Sprint(map[bool]string{false: "!"}[seg.Transactional], strings.Join(names, ", ")))
			}
			if got := strings.Join(segments, " | "); got != tt.want {
				t.Errorf("%s\n got %s\nwant %s", tt.name, got, tt.want)
			}
		})
	}
}
