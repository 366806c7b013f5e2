package mysql_test

import (
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// hclRoundTrip writes a schema as HCL and reads it back: a server makes the same of both, and the HCL of that is the
// same text.
func hclRoundTrip(t *testing.T, dev *database, want *object.State) {
	written := encode(t, want, dev.scope)
	got := dev.reads(t, decode(t, written, dev.scope))
	changes, err := mysql.Kinds().Diff(want, got)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		t.Errorf("%s %s %+v", c.Action, c.ID, c.Attrs)
	}
	if again := encode(t, got, dev.scope); again != written {
		t.Errorf("the HCL becomes\n%s\nand was\n%s", again, written)
	}
	if t.Failed() {
		t.Log(written)
	}
}

func encode(t *testing.T, s *object.State, scope dialect.Scope) string {
	t.Helper()
	blocks, left, err := mysql.Dialect{}.EncodeHCL(s, scope)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range left {
		t.Errorf("left out: %s %s", l.Kind, l.Name)
	}
	return string(hcl.Write(blocks))
}

// decode reads HCL; its faults fail the test.
func decode(t *testing.T, text string, scope dialect.Scope) *object.State {
	t.Helper()
	blocks, faults := hcl.Eval([]hcl.File{{Name: "schema.hcl", Text: []byte(text)}}, mysql.Dialect{}.Vocabulary(), hcl.Inputs{})
	if err := faults.Err(); err != nil {
		t.Fatalf("%v\n\n%s", err, text)
	}
	state, faults := mysql.Dialect{}.DecodeHCL(blocks, scope)
	if err := faults.Err(); err != nil {
		t.Fatalf("%v\n\n%s", err, text)
	}
	return state
}

// reads is what the server makes of objects as they are written.
func (d *database) reads(t *testing.T, s *object.State) *object.State {
	t.Helper()
	steps := stepsFor(t, s)
	statements := make([]dialect.Statement, len(steps))
	for i, step := range steps {
		statements[i] = dialect.Statement{SQL: step.SQL, Pos: step.Pos, Object: step.ID}
	}
	c, err := d.Load(t.Context(), statements, d.scope)
	if err != nil {
		t.Fatalf("%v\n\n%s", err, text(steps))
	}
	out, err := mysql.Dialect{}.Build(c, d.scope)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// stepsFor makes the objects on an empty database.
func stepsFor(t *testing.T, s *object.State) []*plan.Step {
	t.Helper()
	empty := object.NewState()
	changes, err := mysql.Kinds().Diff(empty, s)
	if err != nil {
		t.Fatal(err)
	}
	_, steps, err := mysql.Kinds().Plan(empty, s, changes, kind.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	return steps
}
