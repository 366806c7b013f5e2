package visible

import (
	"fmt"
	"unicode/utf8"
)

// What a message shows of a long statement, in bytes: its head, which says what it does, and its end.
const (
	briefHead = 1500
	briefTail = 300
)

// Brief is a statement as messages show it: the middle of a long one is left out, and said. The place of the fault, which
// the message names, is in the file.
func Brief(sql string) string {
	if len(sql) <= briefHead+briefTail+200 {
		return sql
	}
	head, tail := briefHead, len(sql)-briefTail
	for range utf8.UTFMax - 1 { // to the beginning of a character
		if !utf8.RuneStart(sql[head]) {
			head--
		}
		if !utf8.RuneStart(sql[tail]) {
			tail++
		}
	}
	return fmt.Sprintf("%s\n… (%d bytes left out) …\n%s", sql[:head], tail-head, sql[tail:])
}
