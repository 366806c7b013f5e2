package atlas

import (
	"bytes"

	"ariga.io/atlas/sql/migrate"
)

// Piece is a statement cut out of SQL text.
type Piece struct {
	Text   string
	Offset int // where it starts, in bytes
}

// SplitPostgres cuts SQL text into statements with Atlas's scanner, which knows dollar quotes, BEGIN ATOMIC bodies
// and the DELIMITER command.
func SplitPostgres(text string) ([]Piece, error) {
	scanner := &migrate.Scanner{ScannerOptions: migrate.ScannerOptions{
		MatchBegin: true, MatchBeginAtomic: true, MatchDollarQuote: true, EscapedStringExt: true,
	}}
	stmts, err := scanner.Scan(text)
	if err != nil {
		return nil, err
	}
	out := make([]Piece, 0, len(stmts))
	for _, s := range stmts {
		out = append(out, Piece{Text: s.Text, Offset: s.Pos})
	}
	return out, nil
}

// Place is the line and column, from 1, of a byte offset.
func Place(text []byte, offset int) (line, column int) {
	offset = min(max(offset, 0), len(text))
	before := text[:offset]
	return bytes.Count(before, []byte("\n")) + 1, offset - bytes.LastIndexByte(before, '\n')
}
