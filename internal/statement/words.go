package statement

import "strings"

// Word is a piece of a statement: a word, a quoted thing, or a mark.
type Word struct {
	Text   string // as it is written; a quoted thing without its quotes
	Quoted bool   // a name in quotes
	String bool   // a string
}

// Is reports whether the word is a plain one of these, which are in lower case.
func (w Word) Is(words ...string) bool {
	for _, x := range words {
		if !w.Quoted && !w.String && strings.EqualFold(w.Text, x) {
			return true
		}
	}
	return false
}

// Words cuts the beginning of a statement into at most n words, without comments. What MySQL's versioned comments hold
// counts as written outside of them.
func Words(sql string, n int) []Word {
	var out []Word
	for len(sql) > 0 && len(out) < n {
		rest, skipped := skipGap(sql)
		if skipped {
			sql = rest
			continue
		}
		var w Word
		w, sql = nextWord(sql)
		out = append(out, w)
	}
	return out
}

func skipGap(s string) (string, bool) {
	switch {
	case strings.HasPrefix(s, "--"), s[0] == '#':
		_, rest, _ := strings.Cut(s, "\n")
		return rest, true
	case strings.HasPrefix(s, "/*!"), strings.HasPrefix(s, "/*M!"):
		_, s, _ = strings.Cut(s, "!")
		return strings.TrimLeft(s, "0123456789"), true
	case strings.HasPrefix(s, "*/"):
		return s[2:], true
	case strings.HasPrefix(s, "/*"):
		return skipComment(s), true
	case strings.ContainsRune(" \t\r\n\f\v", rune(s[0])):
		return s[1:], true
	}
	return s, false
}

// skipComment passes over a comment with those inside it.
func skipComment(s string) string {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return s[i+1:]
			}
		}
	}
	return ""
}

func nextWord(s string) (Word, string) {
	switch c := s[0]; {
	case c == '"' || c == '`' || c == '\'':
		text, rest := quoted(s)
		return Word{Text: text, Quoted: c != '\'', String: c == '\''}, rest
	case isWord(rune(c)):
		end := len(s)
		for i, r := range s {
			if !isWord(r) {
				end = i
				break
			}
		}
		return Word{Text: s[:end]}, s[end:]
	}
	return Word{Text: s[:1]}, s[1:]
}

func isWord(r rune) bool {
	return r == '_' || r == '$' || r > 127 || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// quoted reads a name or string; doubled quotes stand for one.
func quoted(s string) (text, rest string) {
	q := s[:1]
	var b strings.Builder
	for s = s[1:]; s != ""; s = s[1:] {
		if s[:1] == q {
			if !strings.HasPrefix(s[1:], q) {
				return b.String(), s[1:]
			}
			s = s[1:]
		}
		b.WriteByte(s[0])
	}
	return b.String(), ""
}

// EndsSavepoint tells ROLLBACK [WORK] TO from ROLLBACK, by the words of a statement that begins with that.
func EndsSavepoint(w []Word) bool {
	return len(w) > 1 && w[1].Is("to") || len(w) > 2 && w[2].Is("to")
}
