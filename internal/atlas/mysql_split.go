package atlas

import (
	"strings"

	"ariga.io/atlas/sql/migrate"
)

// SplitMySQL cuts SQL text into statements with Atlas's scanner, which knows the DELIMITER command and the bodies of
// routines. Comments that the server executes (/*! … */ and /*M! … */) are hidden from it: it would drop them, and with
// them the triggers and routines of a dump.
func SplitMySQL(text string) ([]Piece, error) {
	scanner := &migrate.Scanner{ScannerOptions: migrate.ScannerOptions{
		MatchBegin: true, BackslashEscapes: true, HashComments: true,
	}}
	stmts, err := scanner.Scan(hideExecutable(text))
	if err != nil {
		return nil, err
	}
	out := make([]Piece, 0, len(stmts))
	for _, s := range stmts {
		end := min(s.Pos+len(s.Text), len(text))
		if piece := text[s.Pos:end]; strings.Trim(piece, "; \t\r\n") != "" {
			out = append(out, Piece{Text: piece, Offset: s.Pos})
		}
	}
	return out, nil
}

// hidden stands for each byte of the marks of executable comments; it occurs in no statement.
const hidden = '\x01'

// hideExecutable blanks the marks of executable comments, byte by byte, so that places stay the same. Strings, names
// and ordinary comments are passed over.
func hideExecutable(text string) string {
	if !strings.Contains(text, "/*") {
		return text
	}
	out := []byte(text)
	open := false
	for i := 0; i < len(text); {
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, "/*!"), strings.HasPrefix(rest, "/*M!"):
			open = true
			out[i], out[i+1] = hidden, hidden
			i += 3
		case open && strings.HasPrefix(rest, "*/"):
			open = false
			out[i], out[i+1] = hidden, hidden
			i += 2
		default:
			i += skipLength(rest)
		}
	}
	return string(out)
}

// skipLength is the length of the string, quoted name or comment that the text starts with, or 1.
func skipLength(s string) int {
	until := func(from int, end string) int {
		if n := strings.Index(s[from:], end); n >= 0 {
			return from + n + len(end)
		}
		return len(s)
	}
	switch {
	case strings.HasPrefix(s, "/*"):
		return until(2, "*/")
	case strings.HasPrefix(s, "-- "), strings.HasPrefix(s, "--\n"), strings.HasPrefix(s, "#"):
		return until(1, "\n")
	case s[0] == '\'', s[0] == '"', s[0] == '`':
		for i := 1; i < len(s); i++ {
			switch {
			case s[i] == '\\' && s[0] != '`':
				i++
			case s[i] == s[0]:
				return i + 1
			}
		}
		return len(s)
	}
	return 1
}
