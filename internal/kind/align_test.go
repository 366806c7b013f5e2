package kind

import (
	"testing"

	"github.com/schemactl/schemactl/internal/object"
)

func TestTextsAreComparedWithTheNewNames(t *testing.T) {
	p := newPairs()
	p.add(object.ID{Kind: "table", Schema: "s", Name: "a"}, object.ID{Kind: "table", Schema: "s", Name: "b"})
	p.add(object.ID{Kind: "column", Schema: "s", Table: "b", Name: "old"}, object.ID{Kind: "column", Schema: "s", Table: "b", Name: "new one"})
	p.parts[[2]string{"sad", "blue"}] = true
	for _, c := range []struct {
		name, from, to string
		want           bool
	}{
		{"a check", "CHECK ((length(old) > 0))", `CHECK ((length("new one") > 0))`, true},
		{"another check", "CHECK ((length(old) > 0))", `CHECK ((length("new one") > 1))`, false},
		{"a name alone", "old", "new one", true},
		{"an index", "CREATE INDEX i ON s.a USING btree (old)", `CREATE INDEX i ON s.b USING btree ("new one")`, true},
		{"the result of a view keeps its name", "SELECT a.old, a.x FROM s.a", `SELECT b."new one" AS old, b.x FROM s.b`, true},
		{"the result of a view has another name", "SELECT a.old, a.x FROM s.a", `SELECT b."new one", b.x FROM s.b`, false},
		{"the result had the new name", `SELECT old AS "new one" FROM s.a`, `SELECT "new one" FROM s.b`, true},
		{"a distinct result", "SELECT DISTINCT a.old FROM s.a", `SELECT DISTINCT b."new one" FROM s.b`, false},
		{"a result after others", "SELECT DISTINCT ON (a.x) a.old FROM s.a", `SELECT DISTINCT ON (b.x) b."new one" AS old FROM s.b`, true},
		{"no result", "SELECT a.x FROM s.a ORDER BY a.old", `SELECT b.x FROM s.b ORDER BY b."new one"`, true},
		{"a label is no reference", "SELECT a.x AS old FROM s.a", `SELECT b.x AS "new one" FROM s.b`, false},
		{"a second reading of a table", "SELECT a_1.x FROM s.a a_1", "SELECT b_1.x FROM s.b b_1", true},
		{"a name in a string", "nextval('s.a'::regclass)", "nextval('s.b'::regclass)", true},
		{"a string that is no name", "f('a'::text)", "f('b'::text)", false},
		{"a value of an enum", "'sad'::s.mood", "'blue'::s.mood", true},
		{"a text that is called like one", "'sad'::text", "'blue'::text", false},
		{"less", "CHECK (old)", `CHECK ("new one") NOT VALID`, false},
	} {
		if got := p.equal(c.from, c.to); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
	for from, want := range map[string]string{
		`TABLE "s"."a"`: `TABLE "s"."b"`, `"old"`: `"new one"`, "s.a": "s.b", "a": "a", `"s"."aa"`: `"s"."aa"`, "text": "text",
	} {
		if got := p.rewrite(from); got != want {
			t.Errorf("%s becomes %s, want %s", from, got, want)
		}
	}
}
