package mysql

import (
	"slices"
	"testing"
)

// TestVariablesSet holds which statements do no more than set what can be put back.
func TestVariablesSet(t *testing.T) {
	for sql, want := range map[string][]string{
		"SET lock_wait_timeout = 5":                                        {"lock_wait_timeout"},
		"SET SESSION lock_wait_timeout = 5, innodb_lock_wait_timeout = 6;": {"lock_wait_timeout", "innodb_lock_wait_timeout"},
		"set @@session.sql_mode := 'ANSI_QUOTES'":                          {"sql_mode"},
		"SET\nFOREIGN_KEY_CHECKS=0":                                        {"foreign_key_checks"},
		"SET @@foreign_key_checks = OFF, LOCAL unique_checks = DEFAULT":    {"foreign_key_checks", "unique_checks"},
		"SET GLOBAL lock_wait_timeout = 5":                                 nil,
		"SET lock_wait_timeout = 5, GLOBAL max_connections = 5":            nil,
		"SET NAMES utf8mb4":                                                nil,
		"SET @a = 5":                                                       nil,
		"SET lock_wait_timeout = 5, @a = 5":                                nil,
		"SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')":                nil,
		"SET time_zone = '+00:00'":                                         nil,
		"SET STATEMENT lock_wait_timeout = 5 FOR CREATE TABLE a (id int)":  nil,
		"SET lock_wait_timeout = 5; SET GLOBAL max_connections = 5":        nil,
		"SET sql_mode = 'a', character_set_client = 'latin1'":              nil,
		"SET PASSWORD = 'lock_wait_timeout = 5'":                           nil,
		"SET sql_mode = 'x'', lock_wait_timeout = 5'":                      nil,
	} {
		got, ok := variablesSet(sql)
		if ok != (want != nil) || ok && !slices.Equal(got, want) {
			t.Errorf("%s: %v", sql, got)
		}
	}
}
