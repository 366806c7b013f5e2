package statement

import (
	"slices"
	"strings"
)

// Signs are what texts have in them that only one dialect knows, as people call it.
type Signs struct {
	Postgres, MySQL []string
	sure            [2]bool // whether one of them leaves no doubt: of Postgres, of MySQL
}

// Tells reports which dialect the texts are of: of one there is a sign that leaves no doubt, or several that hardly do.
// Neither is true where they say nothing, both where they contradict each other.
func (s Signs) Tells() (postgres, mysql bool) {
	if s.sure[0] || s.sure[1] {
		return s.sure[0], s.sure[1]
	}
	const several = 2
	return len(s.Postgres) >= several && len(s.MySQL) == 0, len(s.MySQL) >= several && len(s.Postgres) == 0
}

// sign is something that one dialect knows.
type sign struct {
	name string
	sure bool // the other dialect would not take it
	at   func(p place) bool
}

// place is a token among others.
type place struct {
	text   string
	tokens []Token
	i      int
	depth  int // of parentheses
}

// next is the token n places on, or back; one of kind End where there is none.
func (p place) next(n int) Token {
	if p.i+n < 0 || p.i+n >= len(p.tokens) {
		return Token{}
	}
	return p.tokens[p.i+n]
}

func (p place) is(words ...string) bool { return p.next(0).Is(words...) }

// starts reports whether the token is the first of its line.
func (p place) starts() bool {
	line := p.text[strings.LastIndexByte(p.text[:p.next(0).Start], '\n')+1 : p.next(0).Start]
	return strings.TrimSpace(line) == ""
}

// SignsOf looks for what only one dialect knows, outside of strings and comments.
func SignsOf(texts ...string) Signs {
	var out Signs
	for _, text := range texts {
		mine := find(text, Tokens(text, Flavour{MySQL: true}), []sign{delimiterSign()})
		delimited := len(mine) > 0
		if !delimited { // with DELIMITER $$, what is between two of them is no string
			text = withoutBodies(text)
		}
		theirs := find(text, Tokens(text, Flavour{}), postgresSigns(delimited))
		mine = append(mine, find(text, Tokens(text, Flavour{MySQL: true}), mysqlSigns())...)
		out.add(theirs, mine)
	}
	return out
}

func (s *Signs) add(postgres, mysql []sign) {
	for side, list := range [][]sign{postgres, mysql} {
		names := []*[]string{&s.Postgres, &s.MySQL}[side]
		for _, x := range list {
			if !slices.Contains(*names, x.name) {
				*names = append(*names, x.name)
			}
			s.sure[side] = s.sure[side] || x.sure
		}
	}
}

// find lists the signs that are there, in their order.
func find(text string, tokens []Token, signs []sign) (out []sign) {
	found := make([]bool, len(signs))
	p := place{text: text, tokens: tokens}
	for p.i = range tokens {
		for k, s := range signs {
			found[k] = found[k] || s.at(p)
		}
		if p.is("(") {
			p.depth++
		} else if p.is(")") {
			p.depth--
		}
	}
	for k, s := range signs {
		if found[k] {
			out = append(out, s)
		}
	}
	return out
}

// withoutBodies empties what is between dollar quotes: it may be in any language.
func withoutBodies(text string) string {
	out := []byte(text)
	for _, t := range Tokens(text, Flavour{}) {
		if !dollarQuoted(text, t) {
			continue
		}
		tag := len(dollarTag(text[t.Start:]))
		for i := t.Start + tag; i < t.End-tag; i++ {
			out[i] = ' '
		}
	}
	return string(out)
}

func dollarQuoted(text string, t Token) bool { return t.Kind == String && text[t.Start] == '$' }

// delimiterSign is the command of the mysql client. A column may be called so, and COPY has an option.
func delimiterSign() sign {
	return sign{"DELIMITER", true, func(p place) bool {
		return p.is("delimiter") && p.depth <= 0 && p.starts() && p.next(1).Kind != String && p.next(1).Kind != End
	}}
}

// word is a sign that is a word, if no dot says that it is a name.
func word(name string, words ...string) sign {
	return sign{name, false, func(p place) bool { return p.is(words...) && !p.next(-1).Is(".") && !p.next(1).Is(".") }}
}

func postgresSigns(delimited bool) []sign {
	return []sign{
		{"dollar quotes", true, func(p place) bool { return !delimited && dollarQuoted(p.text, p.next(0)) }},
		{"::casts", true, func(p place) bool { return p.is("::") }},
		{"CONCURRENTLY", true, func(p place) bool {
			return p.is("concurrently") && p.next(-1).Is("index", "view", "table", "partition")
		}},
		{"CREATE EXTENSION", true, func(p place) bool { return p.is("create") && p.next(1).Is("extension") }},
		{"AS IDENTITY", true, func(p place) bool { return p.is("as") && p.next(1).Is("identity") }},
		{"NOT VALID", true, func(p place) bool { return p.is("not") && p.next(1).Is("valid") }},
		word("SERIAL", "serial", "bigserial", "smallserial"), // the first is MySQL's, too
		word("timestamptz", "timestamptz"), word("jsonb", "jsonb"), word("bytea", "bytea"), word("citext", "citext"), word("tsvector", "tsvector"),
		{"arrays", false, func(p place) bool { return p.is("[") && p.next(1).Is("]") }},
		{"ALTER COLUMN … TYPE", false, func(p place) bool {
			return p.is("alter") && p.next(1).Is("column") && p.next(2).Name() && p.next(3).Is("type") //nolint:mnd // words further on
		}},
	}
}

func mysqlSigns() []sign {
	return []sign{
		{"backquoted names", true, func(p place) bool { t := p.next(0); return t.Kind == Quoted && p.text[t.Start] == '`' }},
		{"ENGINE", true, func(p place) bool {
			t := p.next(1)
			if t.Is("=") {
				t = p.next(2) //nolint:mnd // the word after it
			}
			return p.is("engine") && t.Is("innodb", "myisam", "memory", "aria", "archive", "csv", "ndb", "ndbcluster", "merge", "rocksdb", "blackhole")
		}},
		{"AUTO_INCREMENT", true, func(p place) bool { return p.is("auto_increment") && !p.next(-1).Is(".", "(", ",") }},
		{"ON UPDATE CURRENT_TIMESTAMP", true, func(p place) bool { return p.is("on") && p.next(1).Is("update") && p.next(2).Is("current_timestamp") }}, //nolint:mnd // words further on
		{"MODIFY COLUMN", true, func(p place) bool { return p.is("modify", "change") && p.next(1).Is("column") }},
		word("UNSIGNED", "unsigned"), word("TINYINT", "tinyint"), word("MEDIUMINT", "mediumint"), word("DATETIME", "datetime"),
		word("LONGTEXT", "longtext", "mediumtext", "tinytext"), word("LONGBLOB", "longblob", "mediumblob", "tinyblob"),
		{"CHARSET", false, func(p place) bool {
			return p.is("charset") && p.next(1).Is("=") || p.is("character") && p.next(1).Is("set")
		}},
	}
}
