package statement

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/schemactl/schemactl/internal/diag"
)

// MySQL cuts text as the mysql and mariadb clients do, with their DELIMITER command; but bodies of stored programs are
// whole without it. Comments that the server executes (/*! … */ and /*M! … */) are statements.
func MySQL(text string) ([]Piece, error) {
	return split(text, rules{
		backslashes: true, backticks: true, hashComments: true, dashesNeedGap: true, executable: true,
		body: func() body { return &mysqlBody{} }, heed: heedMode,
	})
}

var setsMode = regexp.MustCompile(`(?is)^(?:/\*M?!\d*\s*)?set\s.*\bsql_mode\b\s*:?=(.*)`)

// heedMode follows the sql_mode that a text sets for itself, as a dump does around routines: it says what a backslash
// in a string is (MySQL manual, "Server SQL Modes").
func heedMode(statement string, r *rules) {
	m := setsMode.FindStringSubmatch(statement)
	if m == nil {
		return
	}
	modes := strings.FieldsFunc(strings.ToUpper(m[1]), func(c rune) bool { return c != '_' && !unicode.IsLetter(c) })
	plain, ansi := slices.Contains(modes, "NO_BACKSLASH_ESCAPES"), slices.Contains(modes, "ANSI_QUOTES") || slices.Contains(modes, "ANSI")
	switch {
	case slices.Contains(modes, "REPLACE"): // takes modes out
		r.backslashes, r.ansiQuotes = r.backslashes || plain, r.ansiQuotes && !ansi
	case slices.Contains(modes, "CONCAT"), slices.Contains(modes, "CONCAT_WS"): // adds modes
		r.backslashes, r.ansiQuotes = r.backslashes && !plain, r.ansiQuotes || ansi
	default:
		r.backslashes, r.ansiQuotes = !plain, ansi
	}
}

// mysqlBody follows the body of a stored program: which of its blocks are open. BEGIN and END are no reserved words, so
// that it matters where they stand.
type mysqlBody struct {
	part    part
	blocks  []block
	fresh   bool   // the next word starts a statement of the body
	first   string // word of the current statement of the body
	last    string // word or mark before
	ended   bool   // the last word was END, which its kind may follow
	pending string // IF or FOR of the head: what follows tells what it is
	until   bool   // within UNTIL … END REPEAT
}

type part int

const (
	opening part = iota // CREATE …, up to what is created
	head                // up to the body
	within              // the body, where it has blocks
	plain               // no body, or one without blocks
)

type block struct {
	word   string
	offset int
}

func (b *mysqlBody) mark(c byte) {
	switch {
	case c == ';' && b.part == within:
		b.fresh = true
	case c == ':': // a label
		b.fresh = b.part == within
	default:
		b.fresh = b.fresh && b.part != within
	}
	if b.pending != "" {
		b.push(b.pending, 0)
	}
	b.last, b.ended = string(c), false
}

func (b *mysqlBody) open() (int, bool) {
	if len(b.blocks) == 0 {
		return 0, false
	}
	return b.blocks[0].offset, true
}

func (b *mysqlBody) word(w string, parens int, offset int) *diag.Diagnostic {
	switch b.part {
	case opening:
		b.opening(w, offset)
	case head:
		if parens == 0 {
			b.head(w, offset)
		}
	case within:
		b.within(w, offset)
	}
	b.last = w
	return nil
}

// opening looks for what the statement creates.
func (b *mysqlBody) opening(w string, offset int) {
	switch {
	case b.last == "" && !slices.Contains([]string{"create", "alter", "begin"}, w):
		b.part = plain
	case w == "not" && b.last == "begin": // BEGIN NOT ATOMIC, MariaDB's anonymous block
		b.push("begin", offset)
	case b.last == "begin":
		b.part = plain
	case b.last != "@" && b.last != "=" && slices.Contains([]string{"procedure", "function", "trigger", "event"}, w):
		b.part = head
	case slices.Contains([]string{"table", "view", "index", "database", "schema", "user", "role", "server", "sequence"}, w):
		b.part = plain
	}
}

// head looks for the start of the body.
func (b *mysqlBody) head(w string, offset int) {
	if p := b.pending; p != "" {
		b.pending = ""
		if w != "not" && w != "exists" && w != "each" {
			b.push(p, offset)
			b.within(w, offset)
			return
		}
	}
	switch {
	case b.last == "." || b.last == "@":
	case w == "begin" || w == "case" || w == "loop" || w == "while" || w == "repeat":
		b.push(w, offset)
	case w == "if" || w == "for":
		b.pending = w
	case slices.Contains([]string{"before", "after", "or", "character", "charset"}, b.last):
	case slices.Contains([]string{"return", "select", "insert", "update", "delete", "replace", "call", "set", "with", "truncate"}, w):
		b.part = plain
	}
}

func (b *mysqlBody) push(word string, offset int) {
	b.blocks = append(b.blocks, block{word, offset})
	b.part, b.pending = within, ""
	b.fresh = word == "begin" || word == "loop" || word == "repeat"
	b.first = ""
}

// within follows the blocks of the body.
func (b *mysqlBody) within(w string, offset int) {
	if len(b.blocks) == 0 {
		return // what follows the last END
	}
	fresh, ended := b.fresh, b.ended
	b.fresh, b.ended = false, false
	if fresh {
		b.first = w
	}
	top := b.blocks[len(b.blocks)-1].word
	switch {
	case ended && slices.Contains(ends(), w):
	case w == "not" && b.last == "begin", w == "atomic" && b.last == "not":
		b.fresh = b.last == "not"
	case w == "end" && (fresh || b.closable(top)):
		b.blocks, b.ended, b.until = b.blocks[:len(b.blocks)-1], true, false
	case b.opens(w, fresh):
		b.push(w, offset)
	case w == "case":
		first := b.first
		b.push(expression, offset)
		b.first = first
	default:
		b.until = b.until || w == "until" && top == "repeat" && fresh
		b.fresh = begins(w, top)
	}
}

// closable reports whether an END may close the innermost block although no statement ended before it.
func (b *mysqlBody) closable(top string) bool { return top == "case" || top == expression || b.until }

// begins reports whether a statement starts after the word.
func begins(w, top string) bool {
	return (w == "then" || w == "else") && top != expression || w == "do" && (top == "while" || top == "for")
}

// expression is a CASE that is no statement.
const expression = "case expression"

// ends are the words that may follow END.
func ends() []string { return []string{"if", "case", "loop", "repeat", "while", "for"} }

// opens reports whether a word opens a block: as the first of a statement, or as the body of a handler.
func (b *mysqlBody) opens(w string, fresh bool) bool {
	return fresh && (w == "begin" || slices.Contains(ends(), w)) || w == "begin" && b.first == "declare"
}
