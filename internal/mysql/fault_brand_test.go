package mysql

import (
	"errors"
	"slices"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"github.com/schemactl/schemactl/internal/diag"
)

// TestFaultBrand sees that an error's number stands under the name of the server whose manual explains it.
func TestFaultBrand(t *testing.T) {
	for want, s := range map[string]server{"MySQL 1062": {}, "MariaDB 1062": {mariadb: true}} {
		var d *diag.Diagnostic
		if err := s.fault(&driver.MySQLError{Number: 1062, Message: "Duplicate entry"}, ""); !errors.As(err, &d) || d.Code != want {
			t.Errorf("the fault is %v, want the code %s", err, want)
		}
	}
}

// TestPartAliases sees that the parts of a key are called as people know them, where the server can.
func TestPartAliases(t *testing.T) {
	long := strings.Repeat("x", 65)
	got := partAliases([]string{"email", "a`b", "name(3)", "lower(`x`)", long, "EMAIL", "rows_found", " padded"})
	want := []string{"`email`", "`a``b`", "`name(3)`", "`lower(``x``)`", "`part5`", "`part6`", "`part7`", "`part8`"}
	if !slices.Equal(got, want) {
		t.Errorf("the aliases are\n%q, want\n%q", got, want)
	}
}
