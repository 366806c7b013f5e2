package mysql

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

// Scripts set variables of their session, most often how long they wait for locks. A new connection for each would take
// longer than many a script, so those that are read and put back exactly are; of anything else a session is left with, a
// new one has nothing.
var (
	setsVariables = regexp.MustCompile(`(?is)^SET\s+` + assignment + `(?:\s*,\s*` + assignment + `)*\s*;?\s*$`)
	setsVariable  = regexp.MustCompile(`(?is)(?:^SET\s+|,\s*)` + assignment)
)

const assignment = `(?:(?:SESSION|LOCAL)\s+|@@(?:(?:SESSION|LOCAL)\.)?)?([a-z_]+)\s*:?=\s*(?:'[^'\\]*'|"[^"\\]*"|[0-9.]+|ON|OFF|DEFAULT)`

// restorable are variables that say how statements wait, are checked and read, and whose values are plain.
func restorable() []string {
	return []string{
		"lock_wait_timeout", "innodb_lock_wait_timeout", "foreign_key_checks", "unique_checks", "max_execution_time", "max_statement_time", "sql_safe_updates", "sql_mode",
		"innodb_strict_mode",
	}
}

// variablesSet are the variables that a statement sets, if that is all that it does and they can be put back.
func variablesSet(sql string) ([]string, bool) {
	if !setsVariables.MatchString(sql) {
		return nil, false
	}
	var out []string
	for _, m := range setsVariable.FindAllStringSubmatch(sql, -1) {
		name := strings.ToLower(m[1])
		if !slices.Contains(restorable(), name) {
			return nil, false
		}
		out = append(out, name)
	}
	return out, true
}

// remember reads what variables are before a script sets them for the first time.
func (l *load) remember(ctx context.Context, names []string) error {
	for _, name := range names {
		if _, known := l.variables[name]; known {
			continue
		}
		var value string
		if err := l.conn.QueryRowContext(ctx, "SELECT @@SESSION."+name).Scan(&value); err != nil {
			return l.flavor.fault(err, "")
		}
		if l.variables == nil {
			l.variables = map[string]string{}
		}
		l.variables[name] = value
	}
	return nil
}

// restore puts variables back.
func (l *load) restore(ctx context.Context, names map[string]bool) error {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		value := l.variables[name]
		if !numberOnly.MatchString(value) {
			value = "'" + value + "'" // words, as in sql_mode
		}
		parts = append(parts, fmt.Sprintf("SESSION %s = %s", name, value))
	}
	if len(parts) == 0 {
		return nil
	}
	if err := l.Exec(ctx, "SET "+strings.Join(parts, ", ")); err != nil {
		return diag.Errorf(diag.Pos{}, "dev-session", "the session of the dev database could not be set back: %v", err).WithHint("set only what its user may set")
	}
	return nil
}

var numberOnly = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
