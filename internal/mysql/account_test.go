package mysql

import (
	"maps"
	"strings"
	"testing"
)

// TestAccountsAreReadWithoutSecrets reads what servers show of users.
func TestAccountsAreReadWithoutSecrets(t *testing.T) {
	for _, tt := range []struct {
		text, plugin, attribute string
		settings                map[string]string
	}{
		{
			"CREATE USER `u`@`%` IDENTIFIED WITH 'caching_sha2_password' AS 0x24412430300A DEFAULT ROLE `r`@`%` REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 5 MAX_USER_CONNECTIONS 2 " +
				"PASSWORD EXPIRE INTERVAL 90 DAY ACCOUNT LOCK PASSWORD HISTORY 3 PASSWORD REUSE INTERVAL 7 DAY PASSWORD REQUIRE CURRENT OPTIONAL FAILED_LOGIN_ATTEMPTS 3 " +
				`PASSWORD_LOCK_TIME 2 ATTRIBUTE '{"comment": "it\'s AS \'x\' PASSWORD HISTORY 9"}'`,
			"caching_sha2_password", `{"comment":"it's AS 'x' PASSWORD HISTORY 9"}`,
			map[string]string{
				"REQUIRE": "SSL", "MAX_QUERIES_PER_HOUR": "5", "MAX_USER_CONNECTIONS": "2", "PASSWORD EXPIRE": "INTERVAL 90 DAY", "ACCOUNT": "LOCK",
				"PASSWORD HISTORY": "3", "PASSWORD REUSE INTERVAL": "7 DAY", "PASSWORD REQUIRE CURRENT": "OPTIONAL", "FAILED_LOGIN_ATTEMPTS": "3", "PASSWORD_LOCK_TIME": "2",
			},
		},
		{
			"CREATE USER `u`@`%` IDENTIFIED WITH 'mysql_native_password' AS '*0A0B24412430300A' REQUIRE NONE PASSWORD EXPIRE ACCOUNT UNLOCK PASSWORD HISTORY DEFAULT " +
				"PASSWORD REUSE INTERVAL DEFAULT PASSWORD REQUIRE CURRENT", "mysql_native_password", "", map[string]string{"PASSWORD REQUIRE CURRENT": "REQUIRED"},
		},
		{
			"CREATE USER `u`@`%` IDENTIFIED BY PASSWORD '*0A0B24412430300A' REQUIRE ISSUER 'y' SUBJECT 'x' WITH MAX_QUERIES_PER_HOUR 5 MAX_STATEMENT_TIME 1.500000 ACCOUNT LOCK PASSWORD EXPIRE NEVER",
			"mysql_native_password", "", map[string]string{
				"REQUIRE": "ISSUER 'y' AND SUBJECT 'x'", "MAX_QUERIES_PER_HOUR": "5", "MAX_STATEMENT_TIME": "1.500000", "ACCOUNT": "LOCK", "PASSWORD EXPIRE": "NEVER",
			},
		},
		{"CREATE USER `w`@`%` IDENTIFIED VIA unix_socket", "unix_socket", "", nil},
		{"CREATE USER `w`@`%`", "", "", nil},
	} {
		text := withoutSecrets(tt.text)
		if strings.Contains(text, "24412430300A") {
			t.Errorf("the secret stays in %s", text)
		}
		a := parseAccount(text)
		if a.Plugin != tt.plugin || a.Attribute != tt.attribute || !maps.Equal(a.Settings, tt.settings) {
			t.Errorf("%s\nis read as %q, %q, %q", text, a.Plugin, a.Attribute, a.Settings)
		}
	}
}
