package mysql

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/statement"
)

// lexed is how statements are read here.
func lexed() statement.Flavour { return statement.Flavour{MySQL: true} }

// Values that stand for those of parameters: one that is a date and a number to all types that hold either, and a small
// number. No two that follow are equal.
func dateValue(i int) string  { return fmt.Sprintf("'202001%02d'", i%28+1) }
func smallValue(i int) string { return fmt.Sprintf("'%d'", i%100+1) }

// slot is a place of a query where a value is, or was.
type slot struct {
	start, end int
	parameter  bool
	equal      bool   // compared for equality
	number     string // stands there where only a number may; of rows, it is the fewest
	all        string
}

// variants spells a query with different values, without repeating a text. Values that are compared for equality give way
// to one that nobody knows yet, as rows of unique keys would be looked up. plain is the one that is closest to the query.
func (e *explainer) variants(sql string) (out []string, plain string) {
	sql = strings.TrimRight(strings.TrimSpace(plainDigest(sql)), "; \t\r\n")
	slots := slotsOf(sql)
	hidden := func(value func(int) string) string { return fillSlots(sql, slots, value, e.value) }
	shown := func(value func(int) string) string { return fillSlots(sql, slots, value, "") }
	order := []string{hidden(dateValue), shown(dateValue), hidden(smallValue), shown(smallValue)}
	if w := firstWord(sql); w != "select" && w != "with" { // of rows to be changed, an index is taken for what is known only
		order = []string{shown(dateValue), shown(smallValue), hidden(dateValue), hidden(smallValue)}
	}
	if e.value != "" {
		order = append(order, hidden(func(int) string { return e.value }))
	}
	for _, text := range order {
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out, shown(dateValue)
}

// withoutDatabase takes a database off the names in a query.
func withoutDatabase(sql, database string) string {
	tokens := statement.Tokens(sql, lexed())
	var b strings.Builder
	at := 0
	for i := 0; i+2 < len(tokens); i++ {
		if t := tokens[i]; database != "" && t.Name() && strings.EqualFold(t.Text, database) && tokens[i+1].Is(".") && (i == 0 || !tokens[i-1].Is(".")) {
			_, _ = b.WriteString(sql[at:t.Start])
			at = tokens[i+2].Start
		}
	}
	return b.String() + sql[at:]
}

func firstWord(sql string) string {
	c := statement.NewCursor(sql, lexed())
	for c.Take("(") {
		continue
	}
	return c.Peek().Text
}

// fillSlots writes values into a query; hidden, if any, in place of those that are compared for equality.
func fillSlots(sql string, slots []slot, value func(int) string, hidden string) string {
	var b strings.Builder
	at := 0
	for i, s := range slots {
		text := sql[s.start:s.end]
		switch {
		case s.all != "":
			text = s.all + ".*"
		case s.number != "":
			text = s.number
		case s.equal && hidden != "":
			text = hidden
		case s.parameter:
			text = value(i)
		}
		_, _ = b.WriteString(sql[at:s.start] + text)
		at = s.end
	}
	return b.String() + sql[at:]
}

// slotsOf finds the parameters of a query, and the literals that are compared for equality.
func slotsOf(sql string) []slot {
	parameters := map[int]statement.Parameter{}
	for _, p := range statement.Parameters(sql, lexed()) {
		parameters[p.Start] = p
	}
	tokens := statement.Tokens(sql, lexed())
	var out []slot
	limited := false
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t.Is("limit", "offset"):
			limited = true
		case t.Is(")", "for", "union", "into", "lock", "on"):
			limited = false
		}
		p, isParameter := parameters[t.Start]
		if !isParameter && t.Kind != statement.String && t.Kind != statement.Number {
			continue
		}
		s := slot{start: t.Start, end: t.End, parameter: isParameter}
		last := i
		if isParameter {
			s.end, s.all = p.End, p.All
			for last+1 < len(tokens) && tokens[last+1].End <= p.End {
				last++
			}
		}
		s.number = numberAt(tokens, i, last, limited)
		if !isParameter && !limited {
			s.number = ""
		}
		s.equal = compared(tokens, i, last)
		if s.parameter || s.equal || s.number != "" {
			out = append(out, s)
		}
		i = last
	}
	return out
}

// numberAt is the number that stands for a value of LIMIT, OFFSET or INTERVAL.
func numberAt(tokens []statement.Token, first, last int, limited bool) string {
	switch {
	case limited && (tokens[first-1].Is("offset") || last+1 < len(tokens) && tokens[last+1].Is(",")):
		return "0"
	case limited, first > 0 && tokens[first-1].Is("interval"):
		return "1"
	}
	return ""
}

// compared reports whether what stands at these tokens is compared for equality.
func compared(tokens []statement.Token, first, last int) bool {
	at := func(i int) statement.Token {
		if i < 0 || i >= len(tokens) {
			return statement.Token{}
		}
		return tokens[i]
	}
	before, after := at(first-1), at(last+1)
	switch {
	case before.Is("=") && !at(first-2).Is(":"), after.Is("="):
		return true
	case before.Is(">") && at(first-2).Is("<="): // <=>
		return true
	case before.Is("(") && at(first-2).Is("in") && after.Is(")"):
		return true
	}
	return false
}

var (
	spaced    = regexp.MustCompile(`([A-Za-z0-9_]) \(`)
	restOf    = regexp.MustCompile(`,\s*\.\.\.`)
	rowOf     = regexp.MustCompile(`(?is)(\([^()]*\))?(\s*)(\bVALUES?\s*)\(\s*\.\.\.\s*\)`)
	listOf    = regexp.MustCompile(`\(\s*\.\.\.\s*\)`)
	manyLimit = regexp.MustCompile(`(?i)\bLIMIT\s*\.\.\.`)
)

// plainDigest makes SQL of a digest: it has spaces before the parentheses of functions, and dots for lists of values.
func plainDigest(sql string) string {
	if !strings.Contains(sql, "...") && !strings.Contains(sql, " ( ") && !strings.Contains(sql, " (?") {
		return sql
	}
	if strings.ContainsAny(sql, "'\"") {
		return sql // somebody wrote it
	}
	sql = rowOf.ReplaceAllStringFunc(sql, func(text string) string {
		m := rowOf.FindStringSubmatch(text)
		values := ""
		if m[1] != "" {
			values = "?" + strings.Repeat(", ?", strings.Count(m[1], ","))
		}
		return m[1] + m[2] + m[3] + "(" + values + ")"
	})
	sql = manyLimit.ReplaceAllString(sql, "LIMIT ?")
	sql = restOf.ReplaceAllString(sql, ", ?")
	sql = listOf.ReplaceAllString(sql, "(?, ?)")
	return spaced.ReplaceAllString(sql, "$1(")
}

// aliases finds which tables the names in a plan are of: in what the server made of the query, and in the query itself.
func (e *explainer) aliases(note, text string) map[string]relation {
	out := map[string]relation{}
	for _, source := range []string{text, note} {
		tokens := statement.Tokens(source, lexed())
		for i := range tokens {
			table, next, ok := e.tableAt(tokens, i)
			if !ok {
				continue
			}
			out[strings.ToLower(table.name)] = table
			if next < len(tokens) && tokens[next].Is("as") {
				next++
			}
			if next < len(tokens) && tokens[next].Name() && (next+1 >= len(tokens) || !tokens[next+1].Is(".")) {
				out[strings.ToLower(tokens[next].Text)] = table
			}
		}
	}
	return out
}

// tableAt reads the name of a table, and returns the token behind it.
func (e *explainer) tableAt(tokens []statement.Token, i int) (relation, int, bool) {
	if !tokens[i].Name() || i > 0 && tokens[i-1].Is(".") {
		return relation{}, 0, false
	}
	if i+2 < len(tokens) && tokens[i+1].Is(".") {
		r := relation{tokens[i].Text, tokens[i+2].Text}
		return r, i + 3, e.tables[r]
	}
	r := relation{e.database, tokens[i].Text}
	return r, i + 1, e.tables[r]
}

// columns reads what a query returns off the text that the server made of it, which spells all columns out. The types are
// those of columns of tables; of other expressions the server tells none.
func (e *explainer) columns(note, text string, names map[string]relation) []dialect.ResultColumn {
	if w := firstWord(text); note == "" || !slices.Contains([]string{"select", "with", "values", "table"}, w) {
		return nil
	}
	c := statement.NewCursor(note, lexed())
	c.Until("select")
	if !c.Take("select") {
		return nil
	}
	var out []dialect.ResultColumn
	for !c.Done() {
		start := c.Pos
		c.Until(",", "from", "union", "limit", "order", "where", "except", "intersect")
		out = append(out, e.column(c.Tokens[start:min(c.Pos, len(c.Tokens))], names))
		if !c.Take(",") {
			break
		}
	}
	return out
}

// column reads one expression with its name.
func (e *explainer) column(tokens []statement.Token, names map[string]relation) dialect.ResultColumn {
	n := len(tokens)
	if n < 2 || !tokens[n-2].Is("as") {
		return dialect.ResultColumn{}
	}
	out := dialect.ResultColumn{Name: tokens[n-1].Text}
	if n == 7 && tokens[1].Is(".") && tokens[3].Is(".") {
		if r, known := names[strings.ToLower(tokens[2].Text)]; known {
			out.Type = e.types[column{r, strings.ToLower(tokens[4].Text)}]
		}
	}
	return out
}
