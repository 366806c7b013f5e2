package review_test

import (
	"slices"
	"testing"

	"github.com/schemactl/schemactl/internal/lint"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/postgres"
	"github.com/schemactl/schemactl/internal/review"
	"github.com/schemactl/schemactl/internal/safety"
)

func step(sql string, op plan.Op, table string) *plan.Step {
	id := object.ID{Kind: "table", Schema: "public", Name: table}
	return &plan.Step{SQL: sql, Op: op, ID: id, Owner: id}
}

func subject() review.Subject {
	return review.Subject{Dialect: postgres.Dialect{}, Server: safety.Server{Flavor: "postgres", Version: [3]int{18}}}
}

func rules(r *review.Review) []string {
	var out []string
	for _, f := range r.Hazards[0].Findings {
		out = append(out, f.Rule)
	}
	return out
}

// TestPlansAreHeldAgainstTheirTransactions sees that each statement is in the transaction of its segment, or in none.
func TestPlansAreHeldAgainstTheirTransactions(t *testing.T) {
	index := step("CREATE INDEX CONCURRENTLY users_name ON public.users (name)", plan.Create, "users")
	alone := &plan.Plan{Segments: []plan.Segment{
		{Transactional: true, Steps: []*plan.Step{step("ALTER TABLE public.users DROP COLUMN age", plan.Alter, "users")}}, {Steps: []*plan.Step{index}},
	}}
	r, err := subject().Plan(t.Context(), alone, "plan")
	if err != nil {
		t.Fatal(err)
	}
	if found := rules(r); slices.Contains(found, "concurrent-in-transaction") || !slices.Contains(found, "drop-column") {
		t.Errorf("outside of a transaction: %v", found)
	}
	if len(r.Statements) != 2 || len(r.Parts) != 2 || r.Parts[1].First != 2 || r.Parts[1].Transactional {
		t.Errorf("parts %+v", r.Parts)
	}
	if s := r.Statements[0]; len(s.Findings) == 0 || len(s.Facts.Locks) != 1 || s.Facts.Locks[0].Mode != "ACCESS EXCLUSIVE" {
		t.Errorf("the first statement: %+v", s)
	}
	if s := r.Statements[1]; !s.Facts.NoTx || !s.Facts.Online {
		t.Errorf("the second statement: %+v", s)
	}
	within := &plan.Plan{Segments: []plan.Segment{{Transactional: true, Steps: []*plan.Step{index}}}}
	if r, err = subject().Plan(t.Context(), within, "plan"); err != nil || !slices.Contains(rules(r), "concurrent-in-transaction") {
		t.Errorf("within a transaction: %v, %v", rules(r), err)
	}
}

func TestSummaryCounts(t *testing.T) {
	p := &plan.Plan{
		Changes:  []plan.Change{{Action: "drop", ID: object.ID{Kind: "table", Name: "users"}}},
		Segments: []plan.Segment{{Transactional: true, Steps: []*plan.Step{step("DROP TABLE users", plan.Drop, "users")}}},
	}
	s := subject()
	s.Config.Severities = map[string]lint.Severity{"drop-table": lint.Info, "lock-timeout-missing": lint.Off}
	r, err := s.Plan(t.Context(), p, "plan")
	if err != nil {
		t.Fatal(err)
	}
	if want := (review.Summary{Drop: 1, Statements: 1, Infos: 1, Losses: r.Summary.Losses}); r.Summary != want {
		t.Errorf("got %+v, want %+v: %v", r.Summary, want, rules(r))
	}
}

// TestDiagramShowsWhatDiffers draws two new tables that a foreign key joins.
func TestDiagramShowsWhatDiffers(t *testing.T) {
	p := &plan.Plan{Segments: []plan.Segment{{Transactional: true, Steps: []*plan.Step{
		step("CREATE TABLE authors (id bigint PRIMARY KEY, name text)", plan.Create, "authors"),
		step("CREATE TABLE books (id bigint PRIMARY KEY, author_id bigint CONSTRAINT by REFERENCES authors (id))", plan.Create, "books"),
	}}}}
	r, err := subject().Plan(t.Context(), p, "plan")
	if err != nil {
		t.Fatal(err)
	}
	d := r.Diagram
	if len(d.Tables) != 2 || d.Tables[0].Name != "public.authors" || d.Tables[0].State != review.Added || len(d.Tables[0].Columns) != 2 {
		t.Fatalf("tables %+v", d.Tables)
	}
	if c := d.Tables[1].Columns; c[0].Key != "PK" || c[1].Key != "FK" {
		t.Errorf("columns of books: %+v", c)
	}
	want := review.Join{Name: "by", From: "public.books", To: "public.authors", Columns: []string{"author_id"}, State: review.Added}
	if len(d.Joins) != 1 || d.Joins[0].Name != want.Name || d.Joins[0].From != want.From || d.Joins[0].To != want.To || d.Joins[0].State != want.State {
		t.Errorf("joins %+v, want %+v", d.Joins, want)
	}
}

func TestDiagramHasRoomForSome(t *testing.T) {
	var steps []*plan.Step
	for i := range 30 {
		name := "t" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		steps = append(steps, step("CREATE TABLE "+name+" (id bigint PRIMARY KEY)", plan.Create, name))
	}
	r, err := subject().Plan(t.Context(), &plan.Plan{Segments: []plan.Segment{{Transactional: true, Steps: steps}}}, "plan")
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Diagram.Tables) != 20 || r.Diagram.Left != 10 {
		t.Errorf("%d tables, %d left", len(r.Diagram.Tables), r.Diagram.Left)
	}
}
