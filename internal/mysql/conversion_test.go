package mysql

import (
	"database/sql"
	"fmt"
	"math/big"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// valued is a type with values at its edges, each of them spelled so that the server takes it exactly.
type valued struct {
	typ     string // as the server spells it
	charset string
	values  []string
	maria   bool // MariaDB's own
}

func valuedTypes() []valued {
	text := []string{"'a'", "'7'", "'007'", "'12345678901234567890'", "'1.6'", "'0.1234567890123456789'", "'-3'", "'2024-05-06'", "'2024-05-06 10:11:12.123456'",
		"'10:11:12.123456'", "'b,a'", "'a '", "'é'", "'ж'", "'😀'", "'{\"b\": 1.50, \"a\": 2}'", "REPEAT('x', 30)", "''", "'B'", "'2024'", "'24'", "'A0000000-0000-4000-8000-000000000001'", "'10.0.0.1'", "'::0'"}
	short := slices.DeleteFunc(slices.Clone(text), func(v string) bool { return len(v) > 12 || strings.HasPrefix(v, "R") || strings.Contains(v, "😀") })
	latin := slices.DeleteFunc(slices.Clone(text), func(v string) bool { return strings.ContainsAny(v, "😀ж") })
	moments := []string{"'2024-05-06 10:11:12'", "'2024-05-06 00:00:00'", "'1970-01-02 00:00:00'"}
	micros := append(slices.Clone(moments), "'2024-05-06 10:11:12.123456'", "'2024-05-06 23:59:59.999999'", "'2024-05-06 10:11:12.123000'", "'2024-05-06 10:11:12.500000'")
	times := []string{"'10:11:12'", "'-10:11:12'", "'800:00:00'", "'00:00:00'"}
	bytes := []string{"x'00'", "x'6162'", "x'ff'", "x'6100'", "x'37'", "x'c3a9'", "x'61622020'", "''"}
	whole := func(more ...string) []string { return append([]string{"0", "1", "7", "100", "24"}, more...) }
	return []valued{
		{"tinyint", "", whole("-128", "127"), false},
		{"tinyint unsigned", "", whole("255"), false},
		{"smallint", "", whole("-32768", "32767", "2024", "1999"), false},
		{"mediumint", "", whole("-8388608", "8388607"), false},
		{"int", "", whole("-2147483648", "2147483647", "16777217", "20240506", "101112"), false},
		{"int unsigned", "", whole("4294967295", "16777217"), false},
		{"bigint", "", whole("-9223372036854775808", "9223372036854775807", "9007199254740993", "20240506101112"), false},
		{"bigint unsigned", "", whole("18446744073709551615", "9007199254740993"), false},
		{"decimal(10,0)", "", whole("9999999999", "16777217"), false},
		{"decimal(6,2)", "", whole("1.50", "9999.99", "-0.01", "1234.56"), false},
		{"decimal(8,4)", "", whole("1.5000", "1.2345", "9999.9999"), false},
		{"decimal(8,2) unsigned", "", whole("1.50", "999999.99", "0.30"), false},
		{"decimal(30,15)", "", whole("1.123456789012345", "123456789012345.123456789012345"), false},
		{"float", "", whole("1.5", "0.1", "16777216", "1e30", "123456.7", "-2.5", "1.23456789"), false},
		{"float(7,3)", "", whole("1.5", "1234.567", "0.001"), false},
		{"double", "", whole("1.5", "0.1", "1e300", "9007199254740992", "1.123456789012345", "16777217", "-2.5", "1234.56789"), false},
		{"double(10,3)", "", whole("1.5", "0.001", "1234567.891", "1677721.123"), false},
		{"bit(1)", "", []string{"b'0'", "b'1'"}, false},
		{"bit(8)", "", []string{"b'0'", "b'11111111'", "b'1100001'", "b'111'"}, false},
		{"bit(64)", "", []string{"b'0'", "b'1'", "0xffffffffffffffff", "b'1100001'", "0x20000000000001"}, false},
		{"year", "", []string{"1999", "2024", "0"}, false},
		{"date", "", []string{"'2024-05-06'", "'1000-01-01'", "'9999-12-31'"}, false},
		{"datetime", "", append([]string{"'1000-01-01 00:00:00'", "'9999-12-31 23:59:59'"}, moments...), false},
		{"datetime(3)", "", append([]string{"'2024-05-06 10:11:12.123'", "'2024-05-06 10:11:12.999'"}, moments...), false},
		{"datetime(6)", "", micros, false},
		{"timestamp", "", moments, false},
		{"timestamp(6)", "", micros, false},
		{"time", "", times, false},
		{"time(3)", "", append([]string{"'10:11:12.123'", "'10:11:12.999'"}, times...), false},
		{"time(6)", "", append([]string{"'10:11:12.123456'", "'10:11:12.120000'"}, times...), false},
		{"char(12)", "utf8mb4", short, false},
		{"varchar(5)", "utf8mb4", slices.DeleteFunc(slices.Clone(short), func(v string) bool { return len(v) > 7 }), false},
		{"varchar(40)", "utf8mb4", text, false},
		{"varchar(40)", "latin1", latin, false},
		{"varchar(40)", "utf8mb3", slices.DeleteFunc(slices.Clone(text), func(v string) bool { return strings.Contains(v, "😀") }), false},
		{"tinytext", "utf8mb4", append([]string{"REPEAT('y', 255)", "RPAD('a', 100, ' ')"}, text...), false},
		{"text", "utf8mb4", append([]string{"REPEAT('y', 300)", "RPAD('a', 100, ' ')"}, text...), false},
		{"longtext", "utf8mb4", append([]string{"REPEAT('y', 70000)", "RPAD('a', 100, ' ')"}, text...), false},
		{"binary(4)", "", bytes, false},
		{"binary(8)", "", append([]string{"'abcdefg '"}, bytes...), false},
		{"varbinary(8)", "", bytes, false},
		{"varbinary(40)", "", append([]string{"REPEAT('z', 40)"}, bytes...), false},
		{"tinyblob", "", append([]string{"REPEAT('z', 255)"}, bytes...), false},
		{"blob", "", append([]string{"REPEAT('z', 300)", "'a'", "'1.6'"}, bytes...), false},
		{"enum('a','b','7')", "utf8mb4", []string{"'a'", "'b'", "'7'"}, false},
		{"enum('7','b')", "utf8mb4", []string{"'7'", "'b'"}, false},
		{"enum('é','a ','2024')", "utf8mb4", []string{"'é'", "'a'", "'2024'"}, false},
		{"set('a','b')", "utf8mb4", []string{"'a'", "'a,b'", "''"}, false},
		{"set('b','a','c')", "utf8mb4", []string{"'a'", "'a,b'", "'c'", "''"}, false},
		{"json", "", []string{"'{\"b\": 1.50, \"a\": 2}'", "'7'", "'\"a\"'", "'[1, 2]'", "'1.5'", "'null'", "'true'"}, false},
		{"point", "", []string{"ST_GeomFromText('POINT(1 2)')"}, false},
		{"geometry", "", []string{"ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('LINESTRING(1 2, 3 4)')"}, false},
		{"uuid", "", []string{"'a0000000-0000-4000-8000-000000000001'"}, true},
		{"inet4", "", []string{"'10.0.0.1'"}, true},
		{"inet6", "", []string{"'::1'", "'::ffff:10.0.0.1'"}, true},
	}
}

func (v valued) sql() string {
	if v.charset != "" {
		return v.typ + " CHARACTER SET " + v.charset
	}
	return v.typ
}

func (v valued) column() *Column {
	c := &Column{Type: v.typ, Charset: v.charset}
	if v.charset != "" {
		c.Collation = v.charset + "_bin"
	}
	return c
}

// exact is an expression that tells any two values of the type apart.
func (v valued) exact(x string) string {
	t := parseType(v.typ)
	switch {
	case t.name == "float" || t.name == "double":
		return "CAST(" + x + " + 0e0 AS CHAR)"
	case t.name == "json":
		return "CAST(" + x + " AS CHAR)"
	case isShape(t.name):
		return "HEX(ST_AsBinary(" + x + "))"
	case t.bytes() > 0:
		return "HEX(" + x + ")"
	case t.name == "bit":
		return "HEX(" + x + ")"
	}
	return "CAST(" + x + " AS CHAR)"
}

// shown is a value as text.
func (v valued) shown(x string) string {
	if t := parseType(v.typ); t.name == "float" || isShape(t.name) {
		return v.exact(x)
	}
	return "CAST(" + x + " AS CHAR)"
}

// TestConversions converts values at the edges of each type to each other one, as the statement of a plan does, and holds
// what comes out against the table: a value is lost when the server takes it, and it neither comes back when the type does
// nor is written alike. By default it takes some of the pairs; SCHEMACTL_CONVERSIONS=all all of them.
func TestConversions(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			b := newConversionBench(t, srv)
			every := 32
			if os.Getenv("SCHEMACTL_CONVERSIONS") == "all" {
				every = 1
			}
			n := 0
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
	maria bool
	types []valued
}

func newConversionBench(t *testing.T, srv dbtest.Server) *conversionBench {
	t.Helper()
	conn, err := srv.Database(t).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	b := &conversionBench{T: t, conn: conn, maria: srv.Scheme == "mariadb", types: valuedTypes()}
	b.types = slices.DeleteFunc(b.types, func(v valued) bool { return v.maria && !b.maria })
	b.must("SET NAMES utf8mb4, time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE'")
	for i, v := range b.types {
		b.must(fmt.Sprintf("CREATE TABLE s%d (id int PRIMARY KEY, v %s) ENGINE=MyISAM", i, v.sql()))
		for j, x := range v.values {
			b.must(fmt.Sprintf("INSERT INTO s%d VALUES (%d, %s)", i, j, x))
		}
	}
	return b
}

func (b *conversionBench) exec(q string) error {
	_, err := b.conn.ExecContext(b.Context(), q)
	return err
}

func (b *conversionBench) must(q string) {
	b.Helper()
	if err := b.exec(q); err != nil {
		b.Fatalf("%v: %s", err, q)
	}
}

// texts reads an expression by row.
func (b *conversionBench) texts(expr, from string) map[int]string {
	b.Helper()
	rows, err := b.conn.QueryContext(b.Context(), "SELECT id, "+expr+" FROM "+from)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	out := map[int]string{}
	for rows.Next() {
		var id int
		var s sql.NullString
		if err := rows.Scan(&id, &s); err != nil {
			b.Fatal(err)
		}
		out[id] = s.String
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return out
}

func (b *conversionBench) pair(i, k int) {
	from, to := b.types[i], b.types[k]
	says := lossIn(b.column(from), b.column(to))
	source := fmt.Sprintf("s%d", i)
	b.must("CREATE TABLE altered LIKE " + source)
	defer b.must("DROP TABLE altered")
	b.must("INSERT INTO altered SELECT * FROM " + source)
	if !b.alter(to) {
		return
	}
	is, isText := b.texts(to.exact("v"), "altered"), b.texts(to.shown("v"), "altered")
	if len(is) == 0 {
		return
	}
	if !b.alter(from) {
		b.must("DROP TABLE altered")
		b.must("CREATE TABLE altered LIKE " + source)
	}
	was, wasText, returned := b.texts(from.exact("v"), source), b.texts(from.shown("v"), source), b.texts(from.exact("v"), "altered")
	found, asked := map[int]string{}, says.What != "" && says.Rows("v") != ""
	if asked {
		found = b.texts("v", source+" WHERE "+says.Rows("v"))
	}
	var lost []string
	for j, value := range from.values {
		x, ok := is[j]
		if !ok {
			continue
		}
		r, comes := returned[j]
		if comes && r == was[j] || alike(wasText[j], strings.TrimPrefix(isText[j], "::ffff:")) {
			continue
		}
		lost = append(lost, fmt.Sprintf("%.40s → %.40s → %.40s", value, x, r))
		if _, ok := found[j]; asked && !ok {
			b.Errorf("%s → %s: the query of the lost rows does not find %s: %s", from.sql(), to.sql(), value, says.Rows("v"))
		}
	}
	guarded := func(w string) bool { return strings.HasPrefix(says.What, w) }
	switch {
	case len(lost) > 0 && says.What == "":
		b.Errorf("%s → %s: the server loses values, the table says nothing: %s", from.sql(), to.sql(), strings.Join(lost, "; "))
	case len(lost) == 0 && says.What != "" && !says.Mild && !slices.ContainsFunc([]string{"what is not alike", "the time zone", "the signs", "precision", "digits beyond", "digits after the point beyond 15"}, guarded):
		b.Errorf("%s → %s: the table says that %s are lost, and none of %s is", from.sql(), to.sql(), says.What, from.values)
	}
}

var atRow = regexp.MustCompile(`at row (\d+)$`)

// alter gives the column another type, and takes out the rows that the server refuses.
func (b *conversionBench) alter(to valued) bool {
	modify := "ALTER TABLE altered MODIFY v " + to.sql()
	for {
		err := b.exec(modify)
		if err == nil {
			return true
		}
		left := len(b.texts("id", "altered"))
		if m := atRow.FindStringSubmatch(err.Error()); m != nil {
			n, _ := strconv.Atoi(m[1])
			b.must(fmt.Sprintf("DELETE a FROM altered a JOIN (SELECT id FROM altered ORDER BY id LIMIT 1 OFFSET %d) x USING (id)", max(n-1, 0)))
		}
		if len(b.texts("id", "altered")) == left {
			break
		}
	}
	var taken []string
	for id := range b.texts("id", "altered") {
		b.must("CREATE TABLE one LIKE altered")
		b.must(fmt.Sprintf("INSERT INTO one SELECT * FROM altered WHERE id = %d", id))
		if b.exec("ALTER TABLE one MODIFY v "+to.sql()) == nil {
			taken = append(taken, fmt.Sprint(id))
		}
		b.must("DROP TABLE one")
	}
	b.must("DELETE FROM altered WHERE id NOT IN (" + strings.Join(append(taken, "-1"), ", ") + ")")
	if err := b.exec(modify); err != nil {
		b.must("DELETE FROM altered")
		if len(taken) > 0 {
			b.Errorf("%s: each value goes over by itself, and all do not: %v", modify, err)
		}
		return false
	}
	return true
}

// alike reports whether two texts are the same, or the same number.
func alike(a, b string) bool {
	x, ok := new(big.Rat).SetString(a)
	y, is := new(big.Rat).SetString(b)
	return a == b || ok && is && x.Cmp(y) == 0
}

func (b *conversionBench) column(v valued) *Column {
	c := v.column()
	if c.MariaDB = b.maria; b.maria && c.Type == "json" {
		c.Type, c.Charset, c.Collation = "longtext", "utf8mb4", "utf8mb4_bin"
	}
	return c
}
