package mysql_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/object"
)

// settledTables counts the tables of HCL, and those that need no server.
type settledTables struct{ fixtures, tables, settled atomic.Int64 }

// holds compares what is spelled without a server with what a server reads, object by object: for two schemas as HCL,
// each beside a live database that has the same, and beside one that has the other schema.
func (n *settledTables) holds(t *testing.T, dev *database, a, b *object.State) {
	n.fixtures.Add(1)
	for _, pair := range [][2]*object.State{{a, b}, {b, a}} {
		want, other := pair[0], pair[1]
		declared := fit(decode(t, encode(t, want, dev.scope), dev.scope), dev)
		holds(t, "as new", mysql.Spell(declared, nil, dev.Server()), want)
		holds(t, "beside the same", mysql.Spell(declared, want, dev.Server()), want)
		dev.divides(t, "beside another", declared, other, want)
		n.tables.Add(int64(len(declared.Kind("table"))))
		n.settled.Add(int64(len(dev.divides(t, "beside the same", declared, want, want).Kind("table"))))
	}
}

// enough fails where too many tables of all fixtures need a server; those that -run chooses may be hard ones.
func (n *settledTables) enough(t *testing.T, fixtures int64) {
	if n.fixtures.Load() < fixtures {
		return
	}
	if settled, tables := n.settled.Load(), n.tables.Load(); settled*10 < tables*7 {
		t.Errorf("only %d of %d tables need no server", settled, tables)
	}
}

func fit(s *object.State, d *database) *object.State {
	mysql.Dialect{}.FitHCL(s, d.Server())
	return s
}

// holds fails for every spelled object that the server does not have, or has otherwise.
func holds(t interface {
	Errorf(format string, args ...any)
	Helper()
}, label string, spelled, server *object.State) {
	t.Helper()
	kept := object.NewState() // the moot differences hang on the other objects of a table
	for _, o := range server.All() {
		if spelled.Has(o.ID) {
			_ = kept.Add(o)
		}
	}
	changes, err := mysql.Kinds().Diff(kept, spelled)
	if err != nil {
		t.Errorf("%s: %v", label, err)
	}
	for _, c := range changes {
		t.Errorf("%s: %s %s %+v", label, c.Action, c.ID, c.Attrs)
	}
}

// divides checks that what is settled is what the server makes of the declared objects, whole tables at a time.
func (d *database) divides(t *testing.T, label string, declared, live, want *object.State) *object.State {
	t.Helper()
	settled, ask, err := mysql.Dialect{}.NormaliseHCL(declared, live, d.Server())
	if err != nil {
		t.Fatal(err)
	}
	holds(t, label, settled, want)
	for _, o := range want.All() {
		ofTable := o.ID.Kind != "trigger" && settled.Has(o.Parent)
		if ofTable && !settled.Has(o.ID) {
			t.Errorf("%s: the %s is not among what is settled", label, o.ID)
		}
	}
	for _, o := range declared.All() {
		if !settled.Has(o.ID) && !ask.Has(o.ID) {
			t.Errorf("%s: nobody is asked about the %s", label, o.ID)
		}
	}
	return settled
}

// TestNormaliseRandom holds what is spelled without a server against a server, with tables of random columns, defaults, keys and checks, some of which servers
// refuse.
func TestNormaliseRandom(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			dev := open(t, srv.Database(t))
			spelled, made := 0, 0
			rapid.Check(t, func(r *rapid.T) {
				text := randomTables(r, 4)
				declared := fit(decode(t, text, dev.scope), dev)
				server := dev.makes(t, declared)
				got := mysql.Spell(declared, nil, dev.Server()).Filter(func(o *object.Object) (bool, string) { // the server may refuse tables
					return o.ID.Kind != "table" || server.Has(o.ID), ""
				})
				holds(r, text, got, server)
				spelled, made = spelled+got.Len(), made+server.Len()
			})
			if spelled*5 < made*2 {
				t.Errorf("only %d of %d objects were spelled", spelled, made)
			}
		})
	}
}

// makes runs the statements of declared objects one by one, whatever the server refuses, and reads what came of them.
func (d *database) makes(t *testing.T, declared *object.State) *object.State {
	t.Helper()
	for _, s := range stepsFor(t, declared) {
		_ = d.Exec(t.Context(), s.SQL)
	}
	out := d.state(t)
	tables := out.Kind("table")
	names := make([]string, len(tables))
	for i, o := range tables {
		names[i] = "`" + o.ID.Name + "`"
	}
	if len(names) > 0 {
		if err := d.Exec(t.Context(), "SET foreign_key_checks = 0"); err != nil {
			t.Fatal(err)
		}
		if err := d.Exec(t.Context(), "DROP TABLE "+strings.Join(names, ", ")); err != nil {
			t.Fatal(err)
		}
		if err := d.Exec(t.Context(), "SET foreign_key_checks = 1"); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// randomTables writes HCL with tables whose attributes are in all kinds of spellings.
func randomTables(r *rapid.T, n int) string {
	var b strings.Builder
	b.WriteString("schema \"s\" {\n" + randomCharset(r) + "}\n")
	for i := range n {
		fmt.Fprintf(&b, "table \"t%d\" {\n  schema = schema.s\n%s", i, randomCharset(r))
		pick(r, &b, "", "", "", "  engine = InnoDB\n", "  comment = \"it's\"\n", "  options {\n    row_format = \"COMPRESSED\"\n  }\n", "  engine = MyISAM\n", "  engine = Memory\n")
		columns := rapid.IntRange(1, 3).Draw(r, "columns")
		for c := range columns {
			fmt.Fprintf(&b, "  column \"c%d\" {\n%s  }\n", c, randomColumn(r))
		}
		if rapid.Bool().Draw(r, "primary key") {
			b.WriteString("  primary_key {\n    columns = [column.c0]\n  }\n")
		}
		for x := range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(r, "indexes") {
			fmt.Fprintf(&b, "  index \"x%d\" {\n    unique = %v\n", x, rapid.Bool().Draw(r, "unique"))
			fmt.Fprintf(&b, "    on {\n      column = column.c%d\n", rapid.IntRange(0, columns-1).Draw(r, "column"))
			pick(r, &b, "", "", "      desc = true\n", "      prefix = 5\n")
			b.WriteString("    }\n  }\n")
		}
		for k := range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(r, "checks") {
			fmt.Fprintf(&b, "  check \"k%d_%d\" {\n    expr = %q\n  }\n", i, k, randomCondition(r, columns))
		}
		if i > 0 && rapid.IntRange(0, 3).Draw(r, "foreign key") == 0 {
			fmt.Fprintf(&b, "  foreign_key \"f%d\" {\n    columns = [column.c0]\n    ref_columns = [table.t%d.column.c0]\n", i, i-1)
			pick(r, &b, "", "    on_delete = CASCADE\n", "    on_delete = RESTRICT\n", "    on_update = NO_ACTION\n")
			b.WriteString("  }\n")
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func pick(r *rapid.T, b *strings.Builder, choices ...string) {
	b.WriteString(rapid.SampledFrom(choices).Draw(r, "choice"))
}

func randomCharset(r *rapid.T) string {
	return rapid.SampledFrom([]string{
		"", "", "", "charset = \"utf8mb4\"\n", "charset = \"latin1\"\n", "collate = \"utf8mb4_bin\"\n", "charset = \"utf8mb3\"\n",
		"charset = \"utf8mb4\"\n collate = \"utf8mb4_unicode_ci\"\n", "charset = \"ascii\"\n", "charset = \"ucs2\"\n",
	}).Draw(r, "charset")
}

func randomColumn(r *rapid.T) string {
	var b strings.Builder
	family := rapid.SampledFrom([][2][]string{
		{{"int", "bigint", "tinyint", "smallint", "mediumint", "bool", `sql("tinyint(1)")`, `sql("int(7)")`, `sql("int(6) zerofill")`},
			{"0", "1", "-5", "true", `"7"`, `sql("(1 + 1)")`, `sql("007")`}},
		{{"decimal(10, 2)", "decimal(5)", "decimal", "numeric(6, 3)", "float", "double", "decimal(30, 10)"},
			{"0", "1.5", "-2.25", "10", `"3.10"`, "0.125", `sql("1e2")`, `sql("-0.0")`}},
		{{"varchar(20)", "char(3)", "varchar(255)", "text", "longtext", "char"},
			{`"new"`, `""`, `"it's"`, `"a\\b"`, `"é"`, `"end "`, "5", `sql("(concat('a', 'b'))")`, `sql("CURRENT_USER")`}},
		{{`enum("a", "B")`, `set("x", "y")`, `enum("it's", "b")`, `enum("a b", "b ")`}, {`"a"`, `"b"`, `"A"`, `"x"`, `"x,y"`, `""`}},
		{{"datetime", "timestamp", "datetime(6)", "timestamp(3)", "date", "time", "time(2)", "year"},
			{`sql("CURRENT_TIMESTAMP")`, `sql("now()")`, `sql("CURRENT_TIMESTAMP(6)")`, `sql("current_timestamp(3)")`, `"2024-02-03 04:05:06"`,
				`"2024-02-03"`, `"2024-2-3"`, `"12:30"`, "2024", `sql("(now())")`, `sql("localtimestamp()")`}},
		{{"bit(1)", "bit(8)", "binary(4)", "varbinary(10)", "blob", "json", "point"}, {`sql("b'1'")`, `sql("b'0010'")`, `"abc"`, `sql("0x41")`, `sql("('[]')")`}},
	}).Draw(r, "family")
	fmt.Fprintf(&b, "    type = %s\n", rapid.SampledFrom(family[0]).Draw(r, "type"))
	if rapid.IntRange(0, 2).Draw(r, "has default") == 0 {
		fmt.Fprintf(&b, "    default = %s\n", rapid.SampledFrom(family[1]).Draw(r, "default"))
	}
	pick(r, &b, "", "", "", "", "", "    null = true\n", "    unsigned = true\n", "    comment = \"a \\\"word\\\"\"\n", randomCharset(r), "    on_update = sql(\"CURRENT_TIMESTAMP\")\n", "    invisible = true\n")
	return b.String()
}

func randomCondition(r *rapid.T, columns int) string {
	one := func() string {
		c := fmt.Sprintf("c%d", rapid.IntRange(0, columns-1).Draw(r, "column"))
		form := rapid.SampledFrom([]string{
			"%s >= 0", "`%s`>1", "%s <> 'x'", "%s != 5", "0 < %s", "%s is not null", "%s IS NULL", "%s between 1 and 10",
			"%s in (1, 2, 3)", "%s in ('a','b')", "%s in (1)", "(%s > 0)", "(`%s` < 3)", "not %s > 1", "%s", "%s + 1 > 2", "length(%s) > 2",
			"%s = 00", "%s < c0", "%s like 'a%%'", "%s = true", "%s > -1", "%s = 1.50", "C0 = 1 and %s > 0", "%s BETWEEN 1 AND 2 AND c0 > 1",
		}).Draw(r, "form")
		return fmt.Sprintf(form, c)
	}
	form := rapid.SampledFrom([]string{"%s", "%s and %s", "%s OR %s AND %s", "(%s or %s) and %s", "(%s and %s)", "((%s) and (%s))", "(%s and %s) and %s"}).Draw(r, "shape")
	parts := make([]any, strings.Count(form, "%s"))
	for i := range parts {
		parts[i] = one()
	}
	return fmt.Sprintf(form, parts...)
}
