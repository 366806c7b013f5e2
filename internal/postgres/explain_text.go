package postgres

import (
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/statement"
)

// inNumbers spells a query with the server's own parameters, $1 and so on.
func inNumbers(sql string) string {
	sql = strings.TrimRight(strings.TrimSpace(sql), "; \t\r\n")
	n := highest(sql)
	numbers := map[string]int{}
	var b strings.Builder
	at := 0
	for _, p := range statement.Parameters(sql, statement.Flavour{}) {
		_, _ = b.WriteString(sql[at:p.Start])
		at = p.End
		if p.All != "" {
			_, _ = b.WriteString(p.All + ".*")
			continue
		}
		number := numbers[p.Name]
		if number == 0 {
			n++
			number = n
		}
		if p.Name != "" {
			numbers[p.Name] = number
		}
		_, _ = b.WriteString("$" + strconv.Itoa(number))
	}
	_, _ = b.WriteString(sql[at:])
	return castLiterals(b.String())
}

// highest is the highest number of a parameter.
func highest(sql string) int {
	n := 0
	for _, t := range statement.Tokens(sql, statement.Flavour{}) {
		if t.Is("$") {
			rest := sql[t.End:]
			end := strings.IndexFunc(rest+" ", func(r rune) bool { return r < '0' || r > '9' })
			if v, err := strconv.Atoi(rest[:end]); err == nil {
				n = max(n, v)
			}
		}
	}
	return n
}

// castLiterals mends what pg_stat_statements makes of interval '1 day': interval $1, which no server takes.
func castLiterals(sql string) string {
	tokens := statement.Tokens(sql, statement.Flavour{})
	var b strings.Builder
	at := 0
	for i := 0; i+2 < len(tokens); i++ {
		word, dollar, number := tokens[i], tokens[i+1], tokens[i+2]
		if word.Kind != statement.Plain || !slices.Contains(literalTypes(), word.Text) || !dollar.Is("$") || number.Kind != statement.Number || number.Start != dollar.End {
			continue
		}
		_, _ = b.WriteString(sql[at:word.Start] + "CAST($" + number.Text + " AS " + word.Text + ")")
		at = number.End
	}
	return b.String() + sql[at:]
}

// literalTypes are the types whose names stand before strings.
func literalTypes() []string {
	return []string{"interval", "date", "time", "timestamp", "timestamptz", "timetz", "inet", "cidr", "uuid", "json", "jsonb", "numeric", "point", "bytea"}
}
