package cli

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/project"
)

// TestApprovedPlansRunAlone sees that what an earlier run owes is not run under an approval of something else.
func TestApprovedPlansRunAlone(t *testing.T) {
	owed := []*plan.Step{{SQL: "UPDATE t SET a = 1", Data: true}}
	strict, free := &applyOptions{required: project.Approval{Signers: "allowed_signers"}}, &applyOptions{}
	if err := strict.nothingElse(owed); err == nil || !strings.Contains(err.Error(), "1 statement of it that nobody approved") {
		t.Errorf("owed statements beside an approved plan: %v", err)
	}
	if err := strict.nothingElse(nil); err != nil {
		t.Errorf("an approved plan alone: %v", err)
	}
	if err := free.nothingElse(owed); err != nil {
		t.Errorf("without approvals: %v", err)
	}
}
