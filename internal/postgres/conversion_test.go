package postgres

import (
	"database/sql"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// valued is a type with values at its edges.
type valued struct {
	typ    string // as format_type spells it
	values []string
}

func valuedTypes() []valued {
	whole := func(more ...string) []string { return append([]string{"0", "1", "-7", "100"}, more...) }
	text := []string{
		"a", "7", "007", "ab" + strings.Repeat(" ", 50), "ab" + strings.Repeat(" ", 30), "12345678901234567890", "1.6", "0.1234567890123456789", "2024-05-06", "2024-05-06 10:11:12.123456", "2024-05-06 10:11:12.1234567+03", "10:11:12.123456", "a ", "ab   ",
		"é", "😀", `{"b": 1.50, "a": 2, "a": 3}`, strings.Repeat("é", 35), "", "yes", "A0000000-0000-4000-8000-000000000001", "10.0.0.1", "10.0.0.0/8", "1 day 2 hours 3.5 sec", "$5", "1.005", `\x41`, "01:02:03:04:05:06",
		"101", "{1,2}", "<a/>",
	}
	short := slices.DeleteFunc(slices.Clone(text), func(v string) bool { return len(v) > 12 })
	moments := []string{"2024-05-06 10:11:12", "2024-05-06", "2024-10-27 00:30:00", "infinity", "0044-03-15 BC"}
	micros := append(slices.Clone(moments), "2024-05-06 10:11:12.123456", "2024-05-06 23:59:59.999999", "2024-05-06 10:11:12.12")
	times := []string{"10:11:12", "24:00:00", "10:11:12.12", "10:11:12.123456", "23:59:59.999999"}
	spans := []string{"1 day", "1 year 2 mons 3 days 04:05:06", "26:00:00", "00:00:01.234567", "1 year 1 mon"}
	return []valued{
		{"smallint", whole("32767", "-32768")},
		{"integer", whole("2147483647", "16777217")},
		{"bigint", whole("9223372036854775807", "9007199254740993", "16777217")},
		{"numeric", whole("1.5", "1.23456789012345678901", "NaN", "123456789012345678901234567890", "0.005", "1e-20")},
		{"numeric(5,2)", whole("1.50", "999.99", "0.01")},
		{"numeric(8,4)", whole("1.5000", "1.2345", "1234.5678")},
		{"numeric(12,0)", whole("999999999999", "16777217")},
		{"real", whole("1.5", "0.1", "16777216", "1e30", "123456.7", "Infinity", "1234.567", "12.3456")},
		{"double precision", whole("1.5", "0.1", "1e300", "9007199254740992", "0.12345678901234567", "NaN", "16777217", "1.0000000001")},
		{"money", []string{"0", "1.23", "-99999.99"}},
		{"boolean", []string{"true", "false"}},
		{"bit(3)", []string{"101", "000"}},
		{"bit(8)", []string{"10110101", "00000001"}},
		{"bit varying(4)", []string{"101", "1", "0001"}},
		{"bit varying", []string{"101", "1", "", "000000000001"}},
		{"date", []string{"2024-05-06", "infinity", "0044-03-15 BC"}},
		{"timestamp without time zone", micros},
		{"timestamp(3) without time zone", append([]string{"2024-05-06 10:11:12.123"}, moments...)},
		{"timestamp(0) without time zone", moments},
		{"timestamp with time zone", micros},
		{"timestamp(0) with time zone", moments},
		{"time without time zone", times},
		{"time(1) without time zone", []string{"10:11:12", "10:11:12.1"}},
		{"time with time zone", []string{"10:11:12+00", "10:11:12.123456+05"}},
		{"interval", spans},
		{"interval(2)", []string{"1 day 00:00:01.23", "1 year"}},
		{"interval day to hour", []string{"1 day 04:00:00", "1 year 04:00:00"}},
		{"interval year", []string{"1 year"}},
		{"text", text},
		{"character varying(5)", slices.DeleteFunc(slices.Clone(short), func(v string) bool { return len(v) > 5 })},
		{"character varying(40)", slices.DeleteFunc(slices.Clone(text), func(v string) bool { return len([]rune(v)) > 40 })},
		{"character(5)", []string{"a", "ab   ", "é", "7", ""}},
		{"character(2)", []string{"a", "ab"}},
		{"name", []string{"a", "public", strings.Repeat("n", 63)}},
		{`"char"`, []string{"a", "7"}},
		{"json", []string{`{"b": 1.50, "a": 2, "a": 3}`, "7", `"x"`, "null", "[1,  2]", "1.5", "true"}},
		{"jsonb", []string{`{"b": 1.50, "a": 2}`, "7", `"x"`, "null", "1.5", "true"}},
		{"xml", []string{"<a/>", "<a>  </a>"}},
		{"uuid", []string{"a0000000-0000-4000-8000-000000000001"}},
		{"bytea", []string{`\x41`, `\x00ff`, `\x`}},
		{"inet", []string{"10.0.0.1", "10.0.0.1/8", "10.0.0.0/8", "::1"}},
		{"cidr", []string{"10.0.0.0/8", "::1/128"}},
		{"macaddr", []string{"01:02:03:04:05:06"}},
		{"macaddr8", []string{"01:02:03:ff:fe:04:05:06", "01:02:03:04:05:06:07:08"}},
		{"integer[]", []string{"{1,2}", "{}", "{2147483647,NULL}"}},
		{"numeric[]", []string{"{1.5,2}", "{1.005}"}},
		{"numeric(5,2)[]", []string{"{1.5,2}"}},
		{"text[]", []string{"{a,b}", "{abcdef}", `{"ab   "}`, "{007}"}},
		{"character varying(3)[]", []string{"{a,b}", "{abc}"}},
		{"timestamp without time zone[]", []string{`{"2024-05-06 10:11:12.5"}`}},
		{"date[]", []string{"{2024-05-06}"}},
		{"int4range", []string{"[1,5)", "empty"}},
		{"int8range", []string{"[1,5)", "[1,9000000000)"}},
		{"daterange", []string{"[2024-05-06,2024-05-08)"}},
		{"int4multirange", []string{"{[1,5)}", "{[1,2),[4,5)}"}},
		{"point", []string{"(1,2)"}},
		{"box", []string{"(3,4),(1,2)"}},
		{"public.mood", []string{"sad", "7"}},
		{"public.other", []string{"7", "sad", "yes"}},
		{"public.shorty", []string{"abc", "7", "a "}},
		{"public.cents", []string{"1.25", "7"}},
	}
}

const valuedDomains = `CREATE TYPE mood AS ENUM ('sad', '7'); CREATE TYPE other AS ENUM ('7', 'sad', 'yes');
CREATE DOMAIN shorty AS varchar(3); CREATE DOMAIN cents AS numeric(6,2)`

// plain is a column of the type, and of the one below it where it is a domain.
func (v valued) plain() (column, below *Column) {
	c := &Column{Type: v.typ, IsEnum: v.typ == "public.mood" || v.typ == "public.other"}
	switch v.typ {
	case "public.shorty":
		return c, &Column{Type: "character varying(3)"}
	case "public.cents":
		return c, &Column{Type: "numeric(6,2)"}
	}
	return c, c
}

// state holds one domain for the test.
func (v valued) of(t *object.State) kind.Of[Column] {
	c, below := v.plain()
	col := kind.Of[Column]{Object: &object.Object{ID: columnID(object.ID{Kind: "table", Schema: "public", Name: "t"}, "v"), Value: c}, V: c}
	if c != below {
		_, name, _ := strings.Cut(v.typ, ".")
		d := object.ID{Kind: "domain", Schema: "public", Name: name}
		if !t.Has(d) {
			_ = t.Add(&object.Object{ID: d, Value: &Domain{Type: below.Type}}) // it has no such domain
		}
		col.Needs = []object.ID{d}
	}
	return col
}

// TestConversions converts values at the edges of each type to each other one, as the statement of a plan does, and holds
// what comes out against the table: a value is lost when the server takes it, and it does not come back when the type does.
// By default it takes some of the pairs; SCHEMACTL_CONVERSIONS=all all of them.
func TestConversions(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Scheme != "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			conn, err := srv.Database(t).Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			b := &conversionBench{T: t, conn: conn, types: valuedTypes()}
			b.must("SET TimeZone = 'UTC'; SET synchronous_commit = off; " + valuedDomains)
			for i, v := range b.types {
				b.must(fmt.Sprintf("CREATE TABLE s%d (id int, v %s)", i, v.typ))
				for j, x := range v.values {
					b.must(fmt.Sprintf("INSERT INTO s%d VALUES (%d, %s)", i, j, literal(x)))
				}
			}
			every := 16
			if os.Getenv("SCHEMACTL_CONVERSIONS") == "all" {
				every = 1
			}
			n := srv.Major // other pairs on other servers
			for i := range b.types {
				for k := range b.types {
					if n++; i != k && n%every == 0 {
						b.pair(i, k)
					}
				}
			}
		})
	}
}

type conversionBench struct {
	*testing.T
	conn  *sql.Conn
	types []valued
}

func (b *conversionBench) must(q string) {
	b.Helper()
	if _, err := b.conn.ExecContext(b.Context(), q); err != nil {
		b.Fatalf("%v: %s", err, q)
	}
}

// convertEach alters a table for each row alone, and keeps what comes out and comes back: all within the server.
const convertEach = `DO $$
DECLARE r record; a text; b text; e text;
BEGIN
  CREATE TEMP TABLE IF NOT EXISTS result (id int, was text, altered text, returned text, refused text);
  DELETE FROM result;
  FOR r IN SELECT id, v::text AS was FROM %[1]s ORDER BY id LOOP
    a := NULL; b := NULL; e := NULL;
    CREATE TEMP TABLE one (v %[2]s);
    BEGIN
      INSERT INTO one SELECT v FROM %[1]s WHERE id = r.id;
      ALTER TABLE one ALTER v TYPE %[3]s%[4]s;
      SELECT v::text INTO a FROM one;
      BEGIN
        ALTER TABLE one ALTER v TYPE %[2]s%[5]s;
        SELECT v::text INTO b FROM one;
      EXCEPTION WHEN OTHERS THEN NULL; END;
    EXCEPTION WHEN OTHERS THEN e := SQLSTATE || ' ' || SQLERRM; END;
    DROP TABLE one;
    INSERT INTO result VALUES (r.id, r.was, a, b, e);
  END LOOP;
END $$`

func (b *conversionBench) pair(i, k int) {
	from, to := b.types[i], b.types[k]
	before, after := object.NewState(), object.NewState()
	x, y := from.of(before), to.of(after)
	forth, back := conversionBetween(before, after, x, y, "v"), conversionBetween(after, before, y, x, "v")
	with := func(expr string) string {
		if expr == "" {
			return ""
		}
		return " USING " + expr
	}
	b.must(fmt.Sprintf(convertEach, fmt.Sprintf("s%d", i), from.typ, to.typ, with(forth), with(back)))
	says := lossIn(plainly(before, x), plainly(after, y))
	rows := "false"
	if says.What != "" && says.Rows("v") != "" {
		rows = says.Rows("v")
	}
	found, err := b.conn.QueryContext(b.Context(), fmt.Sprintf("SELECT r.id, was, coalesce(altered, ''), coalesce(returned, ''), coalesce(refused, ''), coalesce((%s), false) FROM result r JOIN s%d s USING (id) ORDER BY id", rows, i))
	if err != nil {
		b.Errorf("%s → %s: %s: %v", from.typ, to.typ, rows, err)
		return
	}
	defer func() { _ = found.Close() }()
	var lost []string
	taken := 0
	for found.Next() {
		var id int
		var was, is, returned, refused string
		var named bool
		if err := found.Scan(&id, &was, &is, &returned, &refused, &named); err != nil {
			b.Fatal(err)
		}
		if strings.HasPrefix(refused, "42846") || strings.HasPrefix(refused, "42804") { // there is no such cast
			b.Errorf("%s → %s%s: the server refuses the statement itself: %s", from.typ, to.typ, with(forth), refused)
			return
		}
		if refused != "" {
			continue
		}
		taken++
		if alike(was, returned) || alike(was, is) || is == "{"+was+"}" || was == "empty" {
			continue
		}
		lost = append(lost, fmt.Sprintf("%.40s → %.40s → %.40s", was, is, returned))
		if rows != "false" && !named && !says.Mild {
			b.Errorf("%s → %s: the query of the lost rows does not find %s: %s", from.typ, to.typ, was, rows)
		}
	}
	if err := found.Err(); err != nil {
		b.Errorf("%s → %s: %s: %v", from.typ, to.typ, rows, err)
	}
	unshown := slices.ContainsFunc([]string{"what is not alike", "the time zone", "the days", "what is beyond"}, func(w string) bool { return strings.HasPrefix(says.What, w) })
	switch {
	case len(lost) > 0 && says.What == "":
		b.Errorf("%s → %s: the server loses values, the table says nothing: %s", from.typ, to.typ, strings.Join(lost, "; "))
	case taken > 0 && len(lost) == 0 && says.What != "" && !says.Mild && !unshown:
		b.Errorf("%s → %s: the table says that it loses %s, and no value is lost: %s", from.typ, to.typ, says.What, from.values)
	}
}

// alike reports whether two texts are the same, or the same number or amount.
func alike(a, b string) bool {
	number := func(s string) (*big.Rat, bool) {
		return new(big.Rat).SetString(strings.NewReplacer("$", "", ",", "").Replace(s))
	}
	x, ok := number(a)
	y, is := number(b)
	return a == b || ok && is && x.Cmp(y) == 0
}
