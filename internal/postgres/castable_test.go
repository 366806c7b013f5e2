package postgres

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// Each server can tell values of any type as those of any other, as a change of a column's type wants it: where it knows no
// cast, they have another way. What no value of a type can be, the rows show.
func TestAnyTypeBecomesAnyOther(t *testing.T) {
	types := []string{"xml", "bytea", "uuid", "text", "character varying(9)", "tsvector", "integer[]", "text[]", "jsonb[]"}
	for a, targets := range builtinCasts() {
		types = append(append(types, a), targets...)
	}
	own := []string{"public.e", "public.c", "public.r", "public.rm", "public.r2", "public.r2m"}
	slices.Sort(types)
	types = append(slices.Compact(types), own...)
	for _, version := range dbtest.PostgresVersions() {
		db := dbtest.Postgres(t, version)
		setup := `CREATE TYPE e AS ENUM ('a'); CREATE TYPE c AS (a integer);
			CREATE TYPE r AS RANGE (SUBTYPE = integer, MULTIRANGE_TYPE_NAME = rm);
			CREATE TYPE r2 AS RANGE (SUBTYPE = integer, MULTIRANGE_TYPE_NAME = r2m)`
		for i, typ := range types {
			setup += fmt.Sprintf(";\nCREATE TABLE t%d (x %s)", i, typ)
		}
		if _, err := db.ExecContext(t.Context(), setup); err != nil {
			t.Fatal(err)
		}
		column := func(typ string) *Column { return &Column{Type: typ, IsEnum: typ == "public.e"} }
		for i, from := range types {
			var b strings.Builder
			for k, to := range types {
				if i == k || to == `"char"` || isBuiltin(from) != isBuiltin(to) && from != "public.e" && to != "public.e" {
					continue // an extension may have a cast between its type and a built-in one
				}
				using := conversion(column(from), column(to), "x")
				if using == "" {
					using = "x"
				}
				fmt.Fprintf(&b, "EXPLAIN INSERT INTO t%d SELECT %s FROM t%d;\n", k, using, i)
			}
			if _, err := db.ExecContext(t.Context(), b.String()); err != nil {
				t.Errorf("PostgreSQL %d, from %s: %v", version, from, err)
			}
		}
	}
}

// The server casts what builtinCasts says, and a foreign key between types that comparable names is taken.
func TestBuiltinCastsAreTheServers(t *testing.T) {
	for _, version := range dbtest.PostgresVersions() {
		db := dbtest.Postgres(t, version)
		for a, targets := range builtinCasts() {
			for _, b := range targets {
				if a == b {
					continue
				}
				var known bool
				err := db.QueryRowContext(t.Context(), "SELECT EXISTS (SELECT FROM pg_cast WHERE castsource = $1::regtype AND casttarget = $2::regtype)", a, b).Scan(&known)
				if err != nil || !known {
					t.Errorf("PostgreSQL %d casts no %s to %s: %v", version, a, b, err)
				}
			}
		}
	}
}

// What optionClauses make of a list of storage parameters is the other one, in its order: what is set goes to the end
// (src/backend/access/common/reloptions.c, transformRelOptions).
func TestOptionClauses(t *testing.T) {
	lists := [][]string{nil, {"a=1"}, {"b=1"}, {"a=1", "b=1"}, {"b=1", "a=1"}, {"a=2", "b=1"}, {"c=3", "a=1", "b=1"}, {"b=2", "c=3", "a=1"}, {"a=1", "b=1", "c=3"}}
	for _, from := range lists {
		for _, to := range lists {
			got := slices.Clone(from)
			for _, clause := range optionClauses(from, to) {
				word, list, _ := strings.Cut(strings.TrimSuffix(clause, ")"), " (")
				var set []string
				for part := range strings.SplitSeq(list, ", ") {
					name, value, _ := strings.Cut(part, "=")
					got = slices.DeleteFunc(got, func(o string) bool { return strings.HasPrefix(o, name+"=") })
					if word == "SET" {
						set = append(set, name+"="+strings.Trim(value, "'"))
					}
				}
				got = append(got, set...)
			}
			if !slices.Equal(got, to) {
				t.Errorf("from %v to %v: %v lead to %v", from, to, optionClauses(from, to), got)
			}
		}
	}
}
