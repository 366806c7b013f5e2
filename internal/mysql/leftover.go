package mysql

import (
	"regexp"
	"strings"

	"github.com/schemactl/schemactl/internal/statement"
)

// What a statement leaves in its session, variables, temporary tables, locks, prepared statements, a default database, ends
// with its file: the connection is replaced. That takes its time, so that it is not done behind statements that are certain
// to leave nothing. No server tells what a session holds.

// takesLocks matches functions whose effect lasts for the session, wherever they are called.
var takesLocks = regexp.MustCompile(`(?i)\b(?:get_lock|release_lock|release_all_locks)\b`)

// leavesSession reports whether a statement may leave something in its session.
func leavesSession(text string) bool {
	w := statement.Words(text, 6)
	if len(w) == 0 {
		return false
	}
	calls := strings.Contains(text, "@") || takesLocks.MatchString(text)
	switch {
	case w[0].Is("create"):
		for _, x := range w[1:] {
			switch {
			case x.Is("temporary"):
				return true
			case x.Is("table"):
				return calls // CREATE TABLE … SELECT
			case x.Quoted || x.Is("procedure", "function", "trigger", "event", "view"):
				return false // what it holds runs later
			}
		}
		return calls
	case w[0].Is("drop") && len(w) > 1 && w[1].Is("database", "schema"):
		return true // it may have been the default
	case w[0].Is("alter", "drop", "rename", "truncate", "grant", "revoke", "analyze", "optimize", "repair", "checksum"):
		return false
	case w[0].Is("insert", "update", "delete", "replace", "load"):
		return calls
	}
	return true
}

// numbersRows reports whether a statement may set what LAST_INSERT_ID() tells from then on.
func numbersRows(text string) bool {
	w := statement.Words(text, 1)
	return len(w) > 0 && w[0].Is("insert", "replace", "load")
}

// forgetKey has LAST_INSERT_ID() tell what it tells at the beginning of a session.
const forgetKey = "DO LAST_INSERT_ID(0)"
