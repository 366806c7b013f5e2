package render

import (
	"bytes"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

func sample(transactional bool) *plan.Plan {
	table := object.ID{Kind: "table", Schema: "app", Name: "t"}
	column := object.ID{Kind: "column", Schema: "app", Table: "t", Name: "a"}
	index := object.ID{Kind: "index", Schema: "app", Table: "t", Name: "i"}
	pos := diag.Pos{File: "s.hcl", Line: 3, Column: 1}
	return &plan.Plan{
		Changes: []plan.Change{
			{Action: "alter", ID: column, Parent: table, Owner: table, Pos: pos, Attrs: []plan.Attr{{Name: "type", From: "int", To: "bigint"}, {Name: "not_null", From: false, To: true}}},
			{Action: "replace", ID: index, Parent: table, Owner: table, Reason: "depends on column app.t.a"},
		},
		Segments: []plan.Segment{
			{Transactional: transactional, Steps: []*plan.Step{{ID: column, Owner: table, SQL: "ALTER TABLE t\n  ALTER a", Comment: "alter", Loses: "digits", Pos: pos}}},
			{Steps: []*plan.Step{{ID: index, Owner: table, SQL: "CREATE INDEX i", Comment: "create index"}}},
		},
		Ledger: []object.Entry{
			{Kind: "view", Name: "v", Status: object.Unmanaged, Reason: "needs x"}, {Kind: "table", Name: "u", Status: object.Ignored, Reason: "exclude u"},
		},
	}
}

func TestText(t *testing.T) {
	want := `segment 1 of 2: one transaction

~ table app.t  s.hcl:3
    ~ column a: type int → bigint, not null false → true
      ALTER TABLE t
        ALTER a;
    ! loses digits

segment 2 of 2: outside a transaction

~ table app.t
    ± index i (depends on column app.t.a)
      CREATE INDEX i;

Left alone:
  1 view: v, not managed yet (needs x)
  1 table: u, ignored by exclude u

Plan: 0 to add, 1 to change, 0 to drop, 1 to replace; 2 statements in 2 segments; 1 loses data for good.
`
	var b bytes.Buffer
	if err := Text(&b, sample(true), false); err != nil {
		t.Fatal(err)
	}
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestTextWithoutTransactionsHasNoSegments(t *testing.T) {
	var b bytes.Buffer
	if err := Text(&b, sample(false), false); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "segment") || strings.Count(b.String(), "table app.t") != 1 {
		t.Errorf("got\n%s", b.String())
	}
}

func TestColourIsOnlyWhereAsked(t *testing.T) {
	var plain, painted bytes.Buffer
	if err := Text(&plain, sample(true), false); err != nil {
		t.Fatal(err)
	}
	if err := Text(&painted, sample(true), true); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(painted.String(), "\x1b[31m") {
		t.Errorf("plain %q, painted %q", plain.String(), painted.String())
	}
}

func TestSQLFramesTransactions(t *testing.T) {
	var b bytes.Buffer
	if err := SQL(&b, sample(true)); err != nil {
		t.Fatal(err)
	}
	want := "-- segment 1 of 2: one transaction\nBEGIN;\n-- alter\n-- LOSES digits\nALTER TABLE t\n  ALTER a;\nCOMMIT;\n-- create index\nCREATE INDEX i;\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestEmptyPlan(t *testing.T) {
	var b bytes.Buffer
	if err := Text(&b, &plan.Plan{}, false); err != nil {
		t.Fatal(err)
	}
	if b.String() != "No changes: the database is in the desired state.\n" {
		t.Errorf("got %q", b.String())
	}
}
