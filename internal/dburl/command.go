package dburl

import "strings"

// SplitCommand splits a command line into words at spaces. Single quotes, double quotes and backslashes quote as in
// a shell; nothing is expanded, and no shell will see it.
func SplitCommand(line string) ([]string, error) {
	var words []string
	for rest := strings.TrimLeft(line, blanks); rest != ""; {
		word, after, ok := commandWord(rest)
		if !ok {
			return nil, fault("the command line has a quote or backslash with nothing after it").
				WithHint(`close the quote, or write the command as a list: ["program", "argument"]`)
		}
		words, rest = append(words, word), strings.TrimLeft(after, blanks)
	}
	if len(words) == 0 {
		return nil, fault("the command line is empty").WithHint("name the program that prints the password")
	}
	return words, nil
}

const blanks = " \t\r\n"

// commandWord reads one word. Inside double quotes a backslash quotes only a double quote and itself.
func commandWord(s string) (word, rest string, ok bool) {
	var b strings.Builder
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && quote != '\'':
			i++
			if i == len(s) {
				return "", "", false
			}
			if quote == '"' && s[i] != '"' && s[i] != '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(s[i])
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote == 0 && strings.IndexByte(blanks, c) >= 0:
			return b.String(), s[i:], true
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", quote == 0
}
