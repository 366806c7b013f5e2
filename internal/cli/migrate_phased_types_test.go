package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// phasedTypes are types with a value each that others can be made of.
func phasedTypes() [][2]string {
	return [][2]string{
		{"smallint", "7"}, {"integer", "7"}, {"bigint", "7"}, {"numeric", "7.25"}, {"numeric(6,2)", "7.25"}, {"real", "7.5"}, {"double precision", "7.5"},
		{"text", ""}, {"varchar(12)", ""}, {"char(12)", ""}, {"boolean", "t"}, {"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
		{"json", `{"b": [1],  "a": null}`}, {"jsonb", `{"b": [1], "a": null}`}, {"inet", "10.0.0.0/8"}, {"cidr", "10.0.0.0/8"},
		{"bit(4)", "0101"}, {"varbit(8)", "0101"}, {"integer[]", "{1,2}"}, {"text[]", "{1,2}"}, {"mood", "glad"}, {"small", "7"}, {"date", "2026-01-31"},
		{"timestamp", "2026-01-31 10:00:00"}, {"time", "10:00:00"}, {"interval", "1 day"}, {"point", "(1,2)"},
	}
}

// TestPhasedTypes changes columns of each type into each other, in phases and directly: what can be made in phases has the
// same values in the end.
func TestPhasedTypes(t *testing.T) {
	t.Parallel()
	const before = "CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN small AS int CHECK (VALUE < 10);\n"
	var from, to, names, values []string
	for i, a := range phasedTypes() {
		for j, b := range phasedTypes() {
			if i == j || !convertible(a[0], b[0]) {
				continue
			}
			name, value := fmt.Sprintf("c%d_%d", i, j), a[1]
			if value == "" { // a text: what the other type reads
				value = b[1]
			}
			if value == "" {
				value = "7"
			}
			if short := a[0] + b[0]; strings.Contains(short, "(12)") && len(value) > 12 || a[0] == "char(12)" && slices.Contains([]string{"inet", "cidr", "bit(4)", "varbit(8)", "mood"}, b[0]) { // it is filled up with blanks
				continue
			}
			from, to, names = append(from, name+" "+a[0]), append(to, name+" "+b[0]), append(names, name)
			values = append(values, "'"+value+"'")
		}
	}
	t.Logf("%d changes of type", len(names))
	create := func(columns []string) string {
		var b strings.Builder
		b.WriteString(before)
		for i, c := range columns {
			_, _ = fmt.Fprintf(&b, "CREATE TABLE t%d (id int, %s);\n", i, c)
		}
		return b.String()
	}
	srv := serverNamed(t, "postgres-18")
	direct, inPhases := newPhased(t, srv, create(from)), newPhased(t, srv, create(from))
	refused := 0
	for i := range names {
		insert := fmt.Sprintf("INSERT INTO t%d VALUES (1, %s), (2, NULL)", i, values[i])
		inPhases.sql(insert)
		direct.sql(insert)
	}
	direct.schemactl("apply", "--url", direct.live.URL, "--to", direct.source("to.sql", create(to)), "--dev-url", direct.dev.URL, "--auto-approve", "--allow-destructive")
	said := inPhases.diff(create(to))
	inPhases.schemactl("migrate", "apply", "--url", inPhases.live.URL)
	for i := range names {
		inPhases.sql(fmt.Sprintf("INSERT INTO t%d VALUES (3, %s)", i, values[i]))
		direct.sql(fmt.Sprintf("INSERT INTO t%d SELECT 3, %s FROM t%d WHERE id = 1", i, names[i], i))
	}
	inPhases.schemactl("migrate", "apply", "--url", inPhases.live.URL, "--held")
	for i, c := range names {
		query := fmt.Sprintf("SELECT string_agg(id || ':' || coalesce(%s::text, 'NULL'), ' ' ORDER BY id) FROM t%d", c, i)
		var a, b string
		if err := direct.live.QueryRowContext(t.Context(), query).Scan(&a); err != nil {
			t.Fatal(err)
		}
		if err := inPhases.live.QueryRowContext(t.Context(), query).Scan(&b); err != nil || a != b {
			t.Errorf("%s to %s: directly %q, in phases %q (%v)", from[i], to[i], a, b, err)
		}
		if strings.Contains(said, fmt.Sprintf("column public.t%d.%s is changed directly", i, c)) {
			refused++
		}
	}
	t.Logf("%d of them cannot be made in phases", refused)
	if refused > len(names)/3 {
		t.Errorf("%d of %d cannot be made in phases", refused, len(names))
	}
}

// convertible tells pairs of types of which at least one value can be made of the other's.
func convertible(a, b string) bool {
	class := func(typ string) string {
		switch strings.TrimRight(typ, "()0123456789,") {
		case "smallint", "integer", "bigint", "numeric", "real", "double precision", "small":
			return "number"
		case "text", "varchar", "char":
			return "text"
		case "json", "jsonb":
			return "json"
		case "inet", "cidr":
			return "net"
		case "bit", "varbit":
			return "bit"
		case "integer[]", "text[]":
			return "list"
		}
		return typ
	}
	x, y := class(a), class(b)
	return x == y || x == "text" || y == "text"
}
