package statement_test

import (
	"slices"
	"testing"

	"github.com/schemactl/schemactl/internal/statement"
)

func TestParameters(t *testing.T) {
	tests := []struct {
		name, sql string
		flavour   statement.Flavour
		want      []string
	}{
		{"question marks", "SELECT ? FROM t WHERE a = ? AND b IN (?, ?) LIMIT ? OFFSET ?", statement.Flavour{}, []string{"?", "?", "?", "?", "?", "?"}},
		{"operators of JSON", "SELECT a ? 'b', a ?| ?, (a) ?& array['x'] FROM t WHERE a -> 'x' ? ?", statement.Flavour{}, []string{"?", "?"}},
		{"without spaces", "SELECT a FROM t WHERE a>? AND b<:b AND c=@c AND d @? 'x' AND e>=?", statement.Flavour{}, []string{"?", ":b", "@c", "?"}},
		{"names", "SELECT a::text, b[1:n] FROM t WHERE c = :id AND d = @d AND e <@ f AND g = :id", statement.Flavour{}, []string{":id", "@d", ":id"}},
		{"arguments of functions", "SELECT f(a := 1, b => @b)", statement.Flavour{}, []string{"@b"}},
		{"numbers leave the rest alone", "SELECT a ? 'b' FROM t WHERE c = $1 AND d = @ e", statement.Flavour{}, nil},
		{"sqlc", "SELECT sqlc.embed(u) FROM u WHERE a = sqlc.arg('a') AND b = sqlc.narg(b) AND c = $3", statement.Flavour{}, []string{"sqlc.embed(u)", "sqlc.arg('a')", "sqlc.narg(b)"}},
		{"Python", "SELECT a % s FROM t WHERE b = %s AND c % 2 = %(c)s", statement.Flavour{}, []string{"%s", "%(c)s"}},
		{"strings and comments", "SELECT '?', \"a?\" /* ? */ FROM t -- :x\nWHERE a = '$1 :b'", statement.Flavour{}, nil},
		{"variables of MySQL", "SELECT @@version, @n := @n + 1 FROM t WHERE a = @b AND c = ?", statement.Flavour{MySQL: true}, []string{"@n", "@b", "?"}},
		{"sqlc with MySQL", "SELECT a FROM t WHERE `a?` IN (sqlc.slice('ids'))", statement.Flavour{MySQL: true}, []string{"sqlc.slice('ids')"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range statement.Parameters(tt.sql, tt.flavour) {
				got = append(got, tt.sql[p.Start:p.End])
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
