package postgres_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	atlas "ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/postgres"
)

// comparison is two inspections of one database.
type comparison struct {
	theirs, ours facts
	inherits     map[string]bool // tables with parents
}

// difference is one that is meant, with the reason why ours is right.
type difference struct {
	name   string
	fact   *regexp.Regexp
	is     func(c comparison, fact string) bool // nil: every difference in the fact
	reason string
}

// meant lists how our inspection differs from Atlas's.
func meant() []difference {
	relation := func(fact string) string { return strings.SplitN(fact, " ", 2)[0] }
	return []difference{{
		name: "exclusion constraints", fact: regexp.MustCompile(` exclude `),
		reason: "Atlas takes them apart into an index and operators; we keep the server's own definition, which is all there is",
	}, {
		name: "indexes of materialized views", fact: regexp.MustCompile(` index `),
		is: func(c comparison, fact string) bool {
			return c.theirs[fact] == "" && c.ours[relation(fact)+" table"] == ""
		},
		reason: "Atlas reads tables only",
	}, {
		name: "partitions", fact: regexp.MustCompile(`.`),
		is: func(c comparison, fact string) bool {
			return c.theirs[relation(fact)+" table"] == "" && c.ours[relation(fact)+" table"] != ""
		},
		reason: "Atlas leaves out tables that are partitions",
	}, {
		name: "keys to partitions", fact: regexp.MustCompile(` foreign_key `),
		is: func(c comparison, fact string) bool {
			words := strings.Split(fact, " ") // table, foreign_key, name, …
			target := relation(c.theirs[strings.Join(words[:3], " ")+" references"])
			return c.ours[fact] == "" && c.theirs[target+" table"] == ""
		},
		reason: "the server makes them itself, one for each partition of the table that a key refers to",
	}, {
		name: "inherited columns and checks", fact: regexp.MustCompile(` (column|check) `),
		is:     func(c comparison, fact string) bool { return c.ours[fact] == "" && c.inherits[relation(fact)] },
		reason: "they are the parent's, and change with it",
	}, {
		name: "the collation of the type name", fact: regexp.MustCompile(` collation$`),
		is: func(c comparison, fact string) bool {
			return c.ours[fact] == "" && c.theirs[fact] == "C" && c.ours[strings.TrimSuffix(fact, "collation")+"type"] == "name"
		},
		reason: "it is the type's own; we tell only what differs from that",
	}, {
		name: "NaN", fact: regexp.MustCompile(` default$`),
		is:     func(c comparison, fact string) bool { return c.theirs[fact] == "NaN" && c.ours[fact] == "literal NaN" },
		reason: "Atlas takes the quotes off, and what is left is no value",
	}, {
		name: "comments on the indexes of constraints", fact: regexp.MustCompile(` (primary_key|unique) .* comment$`),
		is:     func(c comparison, fact string) bool { return c.ours[fact] == "" },
		reason: "a gap of ours: we keep the comment on the constraint, which Atlas does not see, and not the one on its index",
	}}
}

// TestInspectionEqualsAtlas compares our inspection with Atlas's on all that Atlas models.
func TestInspectionEqualsAtlas(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, version := range dbtest.PostgresVersions() {
		for _, file := range []string{"testdata/atlas/fixture.sql", "testdata/hcl/everything.sql"} {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			db := dbtest.Postgres(t, version)
			if _, err := db.ExecContext(t.Context(), string(text)); err != nil {
				t.Fatalf("%s on PostgreSQL %d: %v", file, version, err)
			}
			maps.Copy(seen, compareInspections(t, db, file))
		}
	}
	for _, d := range meant() {
		if !seen[d.name] {
			t.Errorf("no difference is of the sort %q any more: take it out", d.name)
		}
	}
}

// compareInspections reports every difference that is not meant, and returns the names of those that are.
func compareInspections(t *testing.T, db *dbtest.DB, what string) map[string]bool {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	c, err := postgres.Inspect(t.Context(), conn, postgres.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	state, err := postgres.Build(c, postgres.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	drv, err := atlas.Open(db.DB)
	if err != nil {
		t.Fatal(err)
	}
	realm, err := drv.InspectRealm(t.Context(), &schema.InspectRealmOption{})
	if err != nil {
		t.Fatalf("%s: Atlas: %v", what, err)
	}
	cmp := comparison{theirs: realmFacts(realm), ours: stateFacts(state), inherits: map[string]bool{}}
	for _, o := range state.Kind("table") {
		cmp.inherits[o.ID.Schema+"."+o.ID.Name] = len(o.Value.(*postgres.Table).Inherits) > 0
	}
	seen := map[string]bool{}
	for _, fact := range cmp.differences() {
		i := slices.IndexFunc(meant(), func(d difference) bool { return d.fact.MatchString(fact) && (d.is == nil || d.is(cmp, fact)) })
		if i < 0 {
			t.Errorf("%s on %s: %s: Atlas says %q, we say %q", what, db.Server.Name, fact, cmp.theirs[fact], cmp.ours[fact])
			continue
		}
		seen[meant()[i].name] = true
	}
	return seen
}

// differences lists the facts in which the inspections differ.
func (c comparison) differences() []string {
	all := maps.Clone(c.theirs)
	maps.Copy(all, c.ours)
	maps.DeleteFunc(all, func(fact, _ string) bool { return c.theirs[fact] == c.ours[fact] })
	return slices.Sorted(maps.Keys(all))
}

// beyond matches what a test must not make on a shared server: it does not go with the database.
var beyond = regexp.MustCompile(`(?i)\bcreate\s+(subscription|role|user|group|tablespace|database)\b`)

// TestInspectionEqualsAtlasOnCorpus compares the inspections of other people's schemas: a file of JSON lines with
// current_sql and desired_sql, where there is one.
func TestInspectionEqualsAtlasOnCorpus(t *testing.T) {
	t.Parallel()
	file := os.Getenv("SCHEMACTL_TEST_POSTGRES_CORPUS")
	if file == "" {
		t.Skip("SCHEMACTL_TEST_POSTGRES_CORPUS names no file of schemas")
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	compared := 0
	for n := 0; lines.Scan(); n++ {
		var c struct {
			ID   string `json:"id"`
			Text string `json:"desired_sql"`
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if n%25 != 0 || strings.TrimSpace(c.Text) == "" || beyond.MatchString(c.Text) {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			db := dbtest.Postgres(t, 18)
			if _, err := db.ExecContext(t.Context(), c.Text); err != nil {
				t.Skipf("it does not load: %v", err)
			}
			compareInspections(t, db, c.ID)
			compared++
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d schemas compared", compared)
}
