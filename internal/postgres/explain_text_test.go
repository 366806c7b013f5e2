package postgres

import "testing"

func TestInNumbers(t *testing.T) {
	tests := []struct{ name, sql, want string }{
		{"marks", "SELECT a FROM t WHERE b = ? AND c IN (?, ?);", "SELECT a FROM t WHERE b = $1 AND c IN ($2, $3)"},
		{"names", "SELECT a FROM t WHERE b = :b OR c = @c OR d = :b", "SELECT a FROM t WHERE b = $1 OR c = $2 OR d = $1"},
		{"numbers", "SELECT a ? 'k' FROM t WHERE b = $2", "SELECT a ? 'k' FROM t WHERE b = $2"},
		{"sqlc", "SELECT sqlc.embed(t) FROM t WHERE a = $1 AND b = sqlc.narg('b')", "SELECT t.* FROM t WHERE a = $1 AND b = $2"},
		{"Python", "SELECT a % b FROM t WHERE c = %(c)s AND d = %s", "SELECT a % b FROM t WHERE c = $1 AND d = $2"},
		{"a literal with a type, as pg_stat_statements shows it", "SELECT now() - interval $1, date $2, a AT TIME ZONE $3",
			"SELECT now() - CAST($1 AS interval), CAST($2 AS date), a AT TIME ZONE $3"},
		{"strings", "SELECT '$9 ?' || $1", "SELECT '$9 ?' || $1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := inNumbers(tt.sql); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
