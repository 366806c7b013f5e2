// Package statement cuts SQL text into statements, as the servers' own clients do: it knows strings, names, comments
// and bodies, and nothing else of SQL. It does no I/O.
package statement

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

// Piece is a statement cut out of SQL text.
type Piece struct {
	// Text is the statement as it is written, with its semicolon; another delimiter is left out, and so are backslashes
	// at the ends of lines that the clients of MySQL take out.
	Text   string
	Offset int // where Text starts, in bytes
	// Comments stand before the statement, without a blank line in between.
	Comments []string
}

// Place is the line and column, from 1, of a byte offset.
func Place(text string, offset int) (line, column int) {
	before := text[:min(max(offset, 0), len(text))]
	return strings.Count(before, "\n") + 1, offset - strings.LastIndexByte(before, '\n')
}

// rules are what the dialects' lexers differ in.
type rules struct {
	dollarQuotes   bool // $tag$ … $tag$
	nestedComments bool // /* /* */ */
	escapeStrings  bool // E'it\'s'
	backslashes    bool // 'it\'s'
	ansiQuotes     bool // "name", in which a backslash is one
	backticks      bool // `name`
	hashComments   bool // # to the end of the line
	dashesNeedGap  bool // 1--1 is no comment
	executable     bool // /*! … */ is SQL
	parentheses    bool // a semicolon within them ends nothing
	psql           bool // a backslash starts a command of psql
	body           func() body
	// heed hears of each statement, which may change the rules for those after it.
	heed func(statement string, r *rules)
}

// body follows the words of one statement and tells whether a semicolon would end it.
type body interface {
	// word hears of each word that is not quoted, in lower case, and of how many parentheses are open.
	word(w string, parens int, offset int) *diag.Diagnostic
	// mark hears of everything else that is not white space or a comment; quoted things are '"'.
	mark(c byte)
	// open is where a body that is not closed yet starts.
	open() (offset int, yes bool)
}

const semicolon = ";"

// scanner is at work on one text.
type scanner struct {
	rules
	text  string
	pos   int
	delim string

	start    int // of the current statement; -1 between two
	comments []string
	parens   []int // where the open ones are
	hidden   bool  // within an executable comment
	skips    []int // backslashes of the current statement that end a line
	track    body
	out      []Piece
}

func split(text string, r rules) ([]Piece, error) {
	s := &scanner{rules: r, text: text, delim: semicolon, start: -1, track: r.body()}
	if err := s.directive(); err != nil {
		return nil, err
	}
	for s.pos < len(s.text) {
		if err := s.step(); err != nil {
			return nil, err
		}
	}
	if s.start < 0 {
		return s.out, nil
	}
	if at, yes := s.track.open(); yes && s.delim == semicolon {
		return nil, s.fault(at, "a body that begins here is not closed by END")
	}
	if len(s.parens) > 0 && s.delim == semicolon && s.parentheses {
		return nil, s.fault(s.parens[0], "the parenthesis is not closed")
	}
	s.finish(len(s.text), "")
	return s.out, nil
}

func (s *scanner) fault(offset int, format string, args ...any) *diag.Diagnostic {
	line, column := Place(s.text, offset)
	return diag.Errorf(diag.Pos{Line: line, Column: column}, "sql-syntax", format, args...)
}

// directive reads a delimiter from the first line: "-- atlas:delimiter \n\n".
func (s *scanner) directive() *diag.Diagnostic {
	const prefix = "-- atlas:delimiter"
	first, _, _ := strings.Cut(s.text, "\n")
	rest, ok := strings.CutPrefix(first, prefix)
	if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\r' {
		return nil
	}
	s.pos = min(len(first)+1, len(s.text))
	return s.setDelimiter(0, strings.TrimSpace(rest))
}

func (s *scanner) setDelimiter(offset int, d string) *diag.Diagnostic {
	d = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t").Replace(d)
	if d == "" {
		return s.fault(offset, "the delimiter is empty")
	}
	s.delim = d
	return nil
}

// step moves past one token.
func (s *scanner) step() *diag.Diagnostic {
	rest := s.text[s.pos:]
	if s.start < 0 {
		if n := leadingSpace(rest); n > 0 {
			if len(s.comments) > 0 && strings.Count(rest[:n], "\n") > 1 {
				s.comments = nil // a blank line parts comments from the statement
			}
			s.pos += n
			return nil
		}
		if s.continues(rest) {
			s.pos++
			return nil
		}
		if done, err := s.delimiterCommand(rest); done || err != nil {
			return err
		}
	}
	if strings.HasPrefix(rest, s.delim) && s.ends() {
		end := s.pos
		s.pos += len(s.delim)
		s.finish(end, s.delim)
		return nil
	}
	if n, err := s.comment(rest); n > 0 || err != nil {
		if err == nil && s.start < 0 {
			s.keep(rest[:n])
		}
		s.pos += n
		return err
	}
	if rest[0] == '\\' && s.psql {
		return s.psqlCommand(rest)
	}
	if s.start < 0 {
		s.start = s.pos
	}
	return s.token(rest)
}

// ends reports whether the delimiter here ends the statement.
func (s *scanner) ends() bool {
	if s.delim != semicolon {
		return true
	}
	_, within := s.track.open()
	return !within && !s.hidden && (len(s.parens) == 0 || !s.parentheses)
}

// finish hands the statement out that ends before the delimiter.
func (s *scanner) finish(end int, delim string) {
	if s.start >= 0 {
		text := strings.TrimRight(s.text[s.start:end], space)
		if delim == semicolon {
			text = s.text[s.start : end+len(delim)]
		}
		text = strings.TrimRight(s.withoutSkips(text), space)
		if strings.Trim(text, semicolon+space) != "" {
			s.out = append(s.out, Piece{Text: text, Offset: s.start, Comments: s.comments})
			if s.heed != nil {
				s.heed(text, &s.rules)
			}
		}
	}
	s.start, s.comments, s.parens, s.hidden, s.skips = -1, nil, nil, false, nil
	s.track = s.body()
}

// withoutSkips takes the backslashes out at the ends of lines, as the clients of MySQL do.
func (s *scanner) withoutSkips(text string) string {
	for _, at := range slices.Backward(s.skips) {
		if at -= s.start; at < len(text) {
			text = text[:at] + text[at+1:]
		}
	}
	return text
}

// keep remembers a comment that stands before a statement.
func (s *scanner) keep(text string) { s.comments = append(s.comments, strings.TrimSpace(text)) }

// delimiterCommand obeys the DELIMITER command of the mysql client, at the start of a statement.
func (s *scanner) delimiterCommand(rest string) (bool, *diag.Diagnostic) {
	const command = "delimiter"
	if len(rest) <= len(command) || !strings.EqualFold(rest[:len(command)], command) || rest[len(command)] != ' ' && rest[len(command)] != '\t' {
		return false, nil
	}
	line, _, _ := strings.Cut(rest, "\n")
	d := strings.TrimSpace(line[len(command):])
	if len(d) > 1 && (d[0] == '\'' || d[0] == '"') && d[len(d)-1] == d[0] {
		d = d[1 : len(d)-1]
	}
	offset := s.pos
	s.pos += len(line)
	return true, s.setDelimiter(offset, d)
}

// psqlCommand names a command of psql, which no server understands. What pg_dump writes to guard its own output means
// nothing to a server and is passed over.
func (s *scanner) psqlCommand(rest string) *diag.Diagnostic {
	line, _, _ := strings.Cut(rest, "\n")
	name := line
	if i := strings.IndexAny(line, space); i > 0 {
		name = line[:i]
	}
	if s.start < 0 && (name == `\restrict` || name == `\unrestrict`) {
		s.pos += len(line)
		return nil
	}
	d := s.fault(s.pos, "%s is a command of psql, not SQL: no server understands it", name)
	d.Code = "psql-command"
	return d.WithHint("take the line out; write what it does as SQL")
}

// escapes reports whether a backslash escapes within such quotes.
func (s *scanner) escapes(quote byte) bool {
	return s.backslashes && quote != '`' && (quote != '"' || !s.ansiQuotes)
}

// continues reports whether the next line continues this one.
func (s *scanner) continues(rest string) bool {
	return rest[0] == '\\' && s.backslashes && endsLine(rest[1:])
}

// token moves past a quoted thing, a word or a single character.
func (s *scanner) token(rest string) *diag.Diagnostic {
	c := rest[0]
	switch {
	case c == '\'' || c == '"' || c == '`' && s.backticks:
		return s.quoted(rest, s.escapes(c))
	case c == '$' && s.dollarQuotes:
		if tag := dollarTag(rest); tag != "" {
			return s.dollarQuoted(rest, tag)
		}
	case wordByte(c):
		return s.word(rest)
	case s.hidden && strings.HasPrefix(rest, "*/"):
		s.hidden = false
		s.pos += 2
		return nil
	case s.continues(rest):
		s.skips = append(s.skips, s.pos)
		s.pos++
		return nil
	case c == '(':
		s.parens = append(s.parens, s.pos)
	case c == ')' && len(s.parens) > 0:
		s.parens = s.parens[:len(s.parens)-1]
	}
	if leadingSpace(rest[:1]) == 0 {
		s.track.mark(c)
	}
	s.pos++
	return nil
}

func (s *scanner) quoted(rest string, escapes bool) *diag.Diagnostic {
	for i := 1; i < len(rest); i++ {
		switch {
		case escapes && rest[i] == '\\':
			i++
		case rest[i] == rest[0]: // a doubled quote is two strings in a row, to us
			s.track.mark('"')
			s.pos += i + 1
			return nil
		}
	}
	return s.fault(s.pos, "the quote %c is not closed", rest[0])
}

func (s *scanner) dollarQuoted(rest, tag string) *diag.Diagnostic {
	n := strings.Index(rest[len(tag):], tag)
	if n < 0 {
		return s.fault(s.pos, "the dollar quote %s is not closed", tag)
	}
	s.track.mark('"')
	s.pos += n + 2*len(tag)
	return nil
}

func (s *scanner) word(rest string) *diag.Diagnostic {
	n := 1
	for n < len(rest) && (wordByte(rest[n]) || rest[n] == '$') && (wordByte(s.delim[0]) || !strings.HasPrefix(rest[n:], s.delim)) {
		n++
	}
	if s.escapeStrings && n == 1 && (rest[0] == 'e' || rest[0] == 'E') && len(rest) > 1 && rest[1] == '\'' {
		s.pos++
		return s.quoted(rest[1:], true)
	}
	if err := s.track.word(strings.ToLower(rest[:n]), len(s.parens), s.pos); err != nil {
		line, column := Place(s.text, s.start)
		err.Pos = diag.Pos{Line: line, Column: column}
		return err
	}
	s.pos += n
	return nil
}

// comment is the length of the comment that the text starts with, or 0.
func (s *scanner) comment(rest string) (int, *diag.Diagnostic) {
	switch {
	case rest[0] == '#' && s.hashComments, strings.HasPrefix(rest, "--") && (!s.dashesNeedGap || len(rest) == 2 || rest[2] <= ' '):
		if n := strings.IndexByte(rest, '\n'); n >= 0 {
			return n, nil
		}
		return len(rest), nil
	case s.executable && (strings.HasPrefix(rest, "/*!") || strings.HasPrefix(rest, "/*M!")):
		return 0, s.openExecutable(rest)
	case strings.HasPrefix(rest, "/*"):
		if n := commentLength(rest, s.nestedComments); n > 0 {
			return n, nil
		}
		return 0, s.fault(s.pos, "the comment is not closed")
	}
	return 0, nil
}

// openExecutable moves past the mark and the version of a comment that the server executes.
func (s *scanner) openExecutable(rest string) *diag.Diagnostic {
	if s.start < 0 {
		s.start = s.pos
	}
	n := strings.IndexByte(rest, '!') + 1
	for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		n++
	}
	if !strings.Contains(rest[n:], "*/") {
		return s.fault(s.pos, "the comment is not closed")
	}
	s.hidden = true
	s.pos += n
	return nil
}

func commentLength(s string, nested bool) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch {
		case s[i] == '/' && s[i+1] == '*' && (nested || depth == 0):
			depth++
			i++
		case s[i] == '*' && s[i+1] == '/':
			i++
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

const space = " \t\r\n\f\v"

func leadingSpace(s string) int { return len(s) - len(strings.TrimLeft(s, space)) }

func endsLine(s string) bool { return strings.HasPrefix(s, "\n") || strings.HasPrefix(s, "\r\n") }

// wordByte reports whether a byte can be part of a word; those of characters beyond ASCII can.
func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// dollarTag is the opening mark of a dollar quote: $$ or $tag$.
func dollarTag(s string) string {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '$':
			return s[:i+1]
		case !wordByte(s[i]) || i == 1 && s[i] >= '0' && s[i] <= '9':
			return ""
		}
	}
	return ""
}
