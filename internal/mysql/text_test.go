package mysql

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/object"
)

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", `_utf8mb4\'a\\\'b\'`: `_utf8mb4'a\'b'`, `a\nb`: "a\nb", `end\`: `end\`, `\"`: `"`,
	} {
		if got := unescape(in); got != want {
			t.Errorf("unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCutQualifier(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"select `db`.`t`.`a` from `db`.`t`", "select `t`.`a` from `t`"},
		{"select '`db`.`t`' from `other`.`db`", "select '`db`.`t`' from `other`.`db`"},
		{"select `x`.`db`.`c`", "select `x`.`db`.`c`"},
		{"nextval(`db`.`s`)", "nextval(`s`)"},
	} {
		if got := cutQualifier(tt.in, "db"); got != tt.want {
			t.Errorf("cutQualifier(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestNamesIn(t *testing.T) {
	got := namesIn("`a`.`b` + `c``d` * '`no`' - f(`e`)")
	want := [][]string{{"a", "b"}, {"c`d"}, {"e"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLiteralsComeBack(t *testing.T) {
	for _, s := range []string{"", "it's", `back\slash`, "line\nbreak", "nul\x00", `''`, "ünïcode"} {
		if got := unquoteLiteral(literal(s)); got != s {
			t.Errorf("unquoteLiteral(literal(%q)) = %q", s, got)
		}
	}
}

func TestTableOptions(t *testing.T) {
	got := tableOptions("row_format=COMPRESSED KEY_BLOCK_SIZE=8 partitioned COMPRESSION=\"zlib\" `page_compressed`='1'")
	want := []string{"COMPRESSION='zlib'", "KEY_BLOCK_SIZE=8", "ROW_FORMAT=COMPRESSED", "`PAGE_COMPRESSED`='1'"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMovedColumns(t *testing.T) {
	for _, tt := range []struct{ from, to, want string }{
		{"a b c", "a b c", ""}, {"a b c", "c a b", "c"}, {"a b c", "b c a", "a"}, {"a b c d", "c d a b", "c d"},
		{"a b c", "x a y b c", ""}, {"a b c", "c", ""}, {"", "a", ""},
	} {
		moved := movedColumns(strings.Fields(tt.from), strings.Fields(tt.to))
		var got []string
		for _, c := range strings.Fields(tt.to) {
			if moved[c] {
				got = append(got, c)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s -> %s: moved %q, want %q", tt.from, tt.to, got, tt.want)
		}
	}
}

// TestMovedColumnsLeaveAnOrder shuffles columns: those that do not move stand in the same order before and after.
func TestMovedColumnsLeaveAnOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		from := make([]string, r.IntN(12))
		for i := range from {
			from[i] = string(rune('a' + i))
		}
		to := slices.Clone(from)
		r.Shuffle(len(to), func(i, j int) { to[i], to[j] = to[j], to[i] })
		moved := movedColumns(from, to)
		stay := func(list []string) []string {
			return slices.DeleteFunc(slices.Clone(list), func(c string) bool { return moved[c] })
		}
		if !slices.Equal(stay(from), stay(to)) {
			t.Fatalf("%q -> %q: %v", from, to, moved)
		}
	}
}

func TestListPartitionSteps(t *testing.T) {
	parse := func(list string) *Partitioning {
		p := &Partitioning{By: "LIST (`y`)"}
		for _, f := range strings.Fields(list) {
			name, values, _ := strings.Cut(f, "=")
			p.Partitions = append(p.Partitions, Partition{Name: name, Def: "VALUES IN (" + values + ")"})
		}
		return p
	}
	const rows = "the rows of table t for "
	for _, tt := range []struct{ from, to, want, loses string }{
		{"a=1 b=2", "a=1 z=2", "REORGANIZE PARTITION `b` INTO (PARTITION `z` VALUES IN (2))", ""},
		{"a=1 b=2", "z=1 b=2", "REORGANIZE PARTITION `a` INTO (PARTITION `z` VALUES IN (1))", ""},
		{"a=1 b=2,3", "a=1 y=3 z=2", "REORGANIZE PARTITION `b` INTO (PARTITION `y` VALUES IN (3), PARTITION `z` VALUES IN (2))", ""},
		{"a=1 b=2,3", "a=1 z=2", "REORGANIZE PARTITION `b` INTO (PARTITION `z` VALUES IN (2))", rows + "3, which no partition lists any more"},
		{"a=1 b=2", "a=1", "DROP PARTITION `b`", "the rows in partition b of table t"},
		{"a=1 c=3", "a=1 b=2 c=3", "REORGANIZE PARTITION `c` INTO (PARTITION `b` VALUES IN (2), PARTITION `c` VALUES IN (3))", ""},
	} {
		steps := partitionSteps(object.ID{Kind: "table", Name: "t"}, parse(tt.from), parse(tt.to))
		if len(steps) != 1 || strings.TrimPrefix(steps[0].SQL, "ALTER TABLE `t` ") != tt.want || steps[0].Loses != tt.loses {
			t.Errorf("%s to %s: %v", tt.from, tt.to, steps)
		}
	}
}

func TestPartitionSteps(t *testing.T) {
	parse := func(by, list string) *Partitioning {
		p := &Partitioning{By: by}
		for _, f := range strings.Fields(list) {
			name, bound, _ := strings.Cut(f, "<")
			p.Partitions = append(p.Partitions, Partition{Name: name, Def: "VALUES LESS THAN (" + bound + ")"})
		}
		return p
	}
	const by = "RANGE (`y`)"
	for _, tt := range []struct {
		name, from, to string
		want           []string
	}{
		{"add", "a<1", "a<1 b<2", []string{"ADD PARTITION (PARTITION `b` VALUES LESS THAN (2))"}},
		{"drop", "a<1 b<2", "b<2", []string{"DROP PARTITION `a`"}},
		{"rotate", "a<1 b<2", "b<2 c<3", []string{"DROP PARTITION `a`", "ADD PARTITION (PARTITION `c` VALUES LESS THAN (3))"}},
		{"cut", "a<1 m<MAXVALUE", "a<1 b<2 m<MAXVALUE", []string{
			"REORGANIZE PARTITION `m` INTO (PARTITION `b` VALUES LESS THAN (2), PARTITION `m` VALUES LESS THAN (MAXVALUE))",
		}},
		{"another bound inside", "a<1 b<5", "a<2 b<5", []string{
			"PARTITION BY RANGE (`y`) (PARTITION `a` VALUES LESS THAN (2), PARTITION `b` VALUES LESS THAN (5))",
		}},
		{"grow at the end", "a<1 b<2", "a<1 b<3", []string{"REORGANIZE PARTITION `b` INTO (PARTITION `b` VALUES LESS THAN (3))"}},
		{"rename keeps the rows", "a<1 b<2 c<3", "a<1 z<2 c<3", []string{"REORGANIZE PARTITION `b` INTO (PARTITION `z` VALUES LESS THAN (2))"}},
		{"rename the last", "a<1 b<2", "a<1 z<2", []string{"REORGANIZE PARTITION `b` INTO (PARTITION `z` VALUES LESS THAN (2))"}},
		{"rename the last and grow", "a<1 b<2", "a<1 z<3", []string{
			"PARTITION BY RANGE (`y`) (PARTITION `a` VALUES LESS THAN (1), PARTITION `z` VALUES LESS THAN (3))",
		}},
		{"join two", "a<1 b<2 c<3", "a<1 c<3", []string{"REORGANIZE PARTITION `b`, `c` INTO (PARTITION `c` VALUES LESS THAN (3))"}},
		{"join and rename", "a<1 b<2 c<3 d<4", "a<1 z<3 d<4", []string{"REORGANIZE PARTITION `b`, `c` INTO (PARTITION `z` VALUES LESS THAN (3))"}},
		{"cut otherwise", "a<1 b<3 d<9", "a<1 z<4 d<9", []string{
			"REORGANIZE PARTITION `b`, `d` INTO (PARTITION `z` VALUES LESS THAN (4), PARTITION `d` VALUES LESS THAN (9))",
		}},
		{"drop the last", "a<1 b<2", "a<1", []string{"DROP PARTITION `b`"}},
		{"nothing in common", "a<1", "z<9", []string{"PARTITION BY RANGE (`y`) (PARTITION `z` VALUES LESS THAN (9))"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range partitionSteps(object.ID{Kind: "table", Name: "t"}, parse(by, tt.from), parse(by, tt.to)) {
				got = append(got, strings.TrimPrefix(s.SQL, "ALTER TABLE `t` "))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestParsePartitioning(t *testing.T) {
	const mysql = "CREATE TABLE `t` (\n  `y` int\n) ENGINE=InnoDB\n/*!50100 PARTITION BY RANGE (`y`)\nSUBPARTITION BY HASH (`id`)\nSUBPARTITIONS 2\n" +
		"(PARTITION p0 VALUES LESS THAN (10) COMMENT = 'a,b' ENGINE = InnoDB,\n PARTITION `p m` VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */"
	want := &Partitioning{By: "RANGE (`y`) SUBPARTITION BY HASH (`id`) SUBPARTITIONS 2", Partitions: []Partition{
		{"p0", "VALUES LESS THAN (10) COMMENT = 'a,b'"}, {"p m", "VALUES LESS THAN MAXVALUE"},
	}}
	if got := parsePartitioning(mysql); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	const mariadb = "CREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB\n PARTITION BY KEY (`id`)\nPARTITIONS 3"
	if got := parsePartitioning(mariadb); !reflect.DeepEqual(got, &Partitioning{By: "KEY (`id`)", Count: 3}) {
		t.Errorf("got %+v", got)
	}
}

// TestKindsAreComplete walks the table of kinds.
func TestKindsAreComplete(t *testing.T) {
	for _, k := range kinds() {
		if k.Name == counterKind {
			continue // an attribute of the table's block, and read with the table
		}
		if k.queries == nil || k.build == nil || k.hcl.spec == nil || k.hcl.decode == nil || k.hcl.encode == nil || k.hcl.spec.Doc == "" {
			t.Errorf("the kind %s lacks something", k.Name)
		}
	}
}
