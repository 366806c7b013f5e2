package queries

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

func tableID(name string) object.ID { return object.ID{Kind: "table", Schema: "public", Name: name} }

func part(kind, table, name string) object.ID {
	return object.ID{Kind: kind, Schema: "public", Table: table, Name: name}
}

// somePlan drops an index and a column, renames a table, an index and a column.
func somePlan() *plan.Plan {
	changes := []plan.Change{
		{Action: "drop", ID: part("index", "users", "users_email"), Owner: tableID("users")},
		{Action: "drop", ID: part("column", "users", "phone"), Owner: tableID("users")},
		{Action: "rename", ID: tableID("accounts"), RenamedFrom: tableID("clients"), Owner: tableID("accounts")},
		{Action: "rename", ID: part("index", "accounts", "accounts_name"), RenamedFrom: part("index", "clients", "clients_name"), Owner: tableID("accounts")},
		{Action: "rename", ID: part("column", "users", "mobile"), RenamedFrom: part("column", "users", "cell"), Owner: tableID("users")},
	}
	var steps []*plan.Step
	for _, c := range changes {
		steps = append(steps, &plan.Step{ID: c.ID, Owner: c.Owner, SQL: c.Action + " " + c.ID.Name})
	}
	return &plan.Plan{Changes: changes, Segments: []plan.Segment{{Steps: steps}}}
}

func reading(reads ...dialect.Read) outcome {
	return outcome{Explained: dialect.Explained{Reads: reads}}
}

func refused(message string) outcome {
	return outcome{refusal: diag.Errorf(diag.Pos{}, "42703", "%s", message)}
}

func TestVerdicts(t *testing.T) {
	by := func(table string, indexes ...string) dialect.Read {
		return dialect.Read{Table: tableID(table), Search: indexes}
	}
	ordered := func(table, index string) dialect.Read { return dialect.Read{Table: tableID(table), Order: index} }
	returning := func(columns ...dialect.ResultColumn) outcome {
		return outcome{Explained: dialect.Explained{Columns: columns}}
	}
	sorted := reading(by("users"))
	sorted.Sorts = 1
	shallow := outcome{Explained: dialect.Explained{Shallow: "Impossible WHERE"}}
	id, name := dialect.ResultColumn{Name: "id", Type: "integer"}, dialect.ResultColumn{Name: "name", Type: "text"}
	tests := []struct {
		name, text    string
		before, after outcome
		want          string // verdict: message [causes]
	}{
		{"nothing happens", "", reading(by("users", "users_pkey")), reading(by("users", "users_pkey")), ""},
		{"a column is gone", "SELECT phone FROM users", reading(by("users")), refused(`column "phone" does not exist`),
			`breaks: column "phone" does not exist (42703) [2]`},
		{"a renamed column", "SELECT u.cell FROM users u", reading(by("users")), refused("column u.cell does not exist"),
			"breaks: column u.cell does not exist (42703) [5]"},
		{"a renamed table", "SELECT 1 FROM clients", reading(by("clients")), refused(`relation "clients" does not exist`),
			`breaks: relation "clients" does not exist (42703) [3]`},
		{"it may be either", "SELECT phone, cell FROM users", reading(by("users")), refused("something is gone"),
			"breaks: something is gone (42703) []"},
		{"of another table", "SELECT phone FROM others", reading(by("others")), refused(`column "phone" does not exist`),
			`breaks: column "phone" does not exist (42703) []`},
		{"broken before", "", refused("no"), refused("no"), "broken-before: no (42703) []"},
		{"mended", "", refused("no"), reading(), "works-afterwards: before the plan: no (42703) []"},
		{"an index is gone", "", reading(by("users", "users_email")), reading(by("users")),
			"loses-index: table public.users is read whole, which index users_email served [1]"},
		{"an index that stays is of no use any more", "", reading(by("users", "users_team")), reading(by("users")),
			"loses-index: table public.users is read whole, which index users_team served []"},
		{"one of two reads of a table", "", reading(by("users", "users_email"), by("users", "users_pkey")), reading(by("users"), by("users", "users_pkey")),
			"loses-index: table public.users is read whole, which index users_email served [1]"},
		{"a join turns around", "", reading(by("users"), by("teams", "teams_pkey")), reading(by("teams"), by("users", "users_team")), ""},
		{"an order is gone", "", reading(ordered("users", "users_email")), sorted,
			"loses-index: table public.users is read whole and sorted, which was read in the order of index users_email [1]"},
		{"an order that nobody needs", "", reading(ordered("users", "users_email")), reading(by("users")), ""},
		{"another index", "", reading(by("users", "users_email")), reading(by("users", "users_mail2")),
			"other-index: table public.users is found by index users_mail2, and no longer by index users_email [1]"},
		{"an index more", "", reading(by("users", "a")), reading(by("users", "a", "b")), ""},
		{"a renamed index of a renamed table", "", reading(by("clients", "clients_name")), reading(by("accounts", "accounts_name")), ""},
		{"a result with a column less", "", returning(id, name), returning(id), "changes-result: the result differs: name is gone []"},
		{"a result with a column more", "", returning(id), returning(id, name), "changes-result: the result differs: name is new []"},
		{"another type", "", returning(id, name), returning(dialect.ResultColumn{Name: "id", Type: "bigint"}, name),
			"changes-result: the result differs: id integer → bigint []"},
		{"a type that nobody tells", "", returning(dialect.ResultColumn{Name: "n"}), returning(dialect.ResultColumn{Name: "n", Type: "int"}), ""},
		{"another name", "", returning(id), returning(dialect.ResultColumn{Name: "key", Type: "integer"}), "changes-result: the result differs: id → key []"},
		{"the server tells nothing", "", shallow, shallow, ""},
		{"the server tells nothing afterwards", "", reading(by("users", "a")), shallow,
			"index-not-visible: before: tables are read; afterwards: Impossible WHERE []"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := judge([]Query{{Name: "q", Text: tt.text}}, []outcome{tt.before}, []outcome{tt.after}, newCauses(somePlan(), nil))
			got := ""
			for _, a := range q.Affected {
				var causes []string
				for _, c := range a.Causes {
					causes = append(causes, string(rune('0'+c.Number)))
				}
				got += string(a.Verdict) + ": " + a.Message + " [" + strings.Join(causes, " ") + "]"
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if q.Fine+len(q.Affected) != 1 {
				t.Errorf("%d fine and %d affected of one query", q.Fine, len(q.Affected))
			}
		})
	}
}

func TestGravestFirst(t *testing.T) {
	whole := dialect.Read{Table: tableID("users")}
	found := dialect.Read{Table: tableID("users"), Search: []string{"users_email"}}
	list := []Query{{Name: "fine"}, {Name: "loses"}, {Name: "broken"}, {Name: "breaks"}}
	before := []outcome{reading(), reading(found), refused("no"), reading()}
	after := []outcome{reading(), reading(whole), refused("no"), refused("no")}
	q := judge(list, before, after, newCauses(somePlan(), nil))
	var got []string
	for _, a := range q.Affected {
		got = append(got, a.Name)
	}
	if want := "breaks loses broken"; strings.Join(got, " ") != want || q.Fine != 1 || q.Failed() != 2 {
		t.Errorf("got %v, %d fine, %d failed; want %s, 1 fine, 2 failed", got, q.Fine, q.Failed(), want)
	}
}

func TestIsQuery(t *testing.T) {
	tests := map[string]bool{
		"SELECT 1": true, "  /* app:web */ -- x\n (select 1)": true, "WITH a AS (SELECT 1) SELECT 2": true, "VALUES (1)": true,
		"MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE": true, "REPLACE INTO t VALUES (1)": true,
		"VACUUM t": false, "CREATE TABLE t (id int)": false, "EXPLAIN SELECT 1": false, "": false, "CALL p()": false, "selection": false,
	}
	for sql, want := range tests {
		if got := isQuery(sql); got != want {
			t.Errorf("isQuery(%q) = %v", sql, got)
		}
	}
}
