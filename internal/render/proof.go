package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/visible"
)

// Proof writes how a plan did on a copy.
func Proof(w io.Writer, p *plan.Proof, colour bool) error {
	t := &text{writer: writer{w: w}, colour: colour}
	where := fmt.Sprintf("on a copy on %s", p.Server)
	if p.Tables > 0 {
		where += fmt.Sprintf(" with %s in %s", Plural(int(p.Rows), "made-up row"), Plural(p.Tables, "table"))
	}
	if p.Proven {
		t.line("Proven %s: the plan leads to the desired state, and the rows are still there.", where)
	} else {
		t.line("%s %s:", t.red("Not proven"), where)
		for _, d := range p.Failures {
			t.disproof(d)
		}
	}
	for _, e := range p.Empty {
		t.line("%s", t.dim(fmt.Sprintf("  without rows: %s (%s)", e.Table, firstLine(e.Reason))))
	}
	for _, c := range p.Converted {
		t.line("%s", t.dim(fmt.Sprintf("  holds as many values, but other ones, as the plan says: %s", c)))
	}
	for _, c := range p.Untried {
		t.line("%s", t.dim("  not tried, for it reaches out to another server: "+firstLine(c)))
	}
	for _, c := range p.Undo.Cannot {
		t.line("%s", t.dim("  cannot be undone: "+firstLine(c)))
	}
	for _, d := range p.Undo.Differs {
		t.line("%s", t.dim("  undone, it does not quite lead back: "+d))
	}
	switch {
	case p.Undo.Complete && len(p.Undo.Loses) > 0:
		t.line("%s", t.dim("  undone, it leads back to the current schema, but without "+strings.Join(p.Undo.Loses, ", ")))
	case p.Undo.Complete:
		t.line("%s", t.dim("  undone, it leads back to the current state"))
	}
	return t.err
}

func (t *text) disproof(d plan.Disproof) {
	subject := ""
	if !d.Object.IsZero() {
		subject = d.Object.String() + " "
	}
	switch d.Stage {
	case plan.StageCopy:
		t.line("  the current state cannot be copied there: %s%s", subject, d.Message)
	case plan.StageApply:
		t.line("  a statement fails: %s", d.Message)
	case plan.StageState:
		t.line("  it does not lead to the desired state: %s%s", subject, d.Message)
	case plan.StageUndo:
		t.line("  it cannot be undone as it says: %s%s", subject, d.Message)
	default:
		t.line("  %s%s", subject, d.Message)
	}
	if d.Statement != "" {
		t.line("    statement: %s", strings.ReplaceAll(visible.Brief(d.Statement), "\n", "\n      "))
	}
	if place := d.Pos.String(); place != "" {
		t.line("    declared at: %s", place)
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
