package mysql_test

import (
	"testing"

	"github.com/schemactl/schemactl/internal/mysql"
)

// TestForClient names another delimiter exactly where a client would cut a statement in two.
func TestForClient(t *testing.T) {
	for sql, want := range map[string]string{
		"CREATE TABLE t (a int COMMENT 'a;b', `c;d` int)":    "CREATE TABLE t (a int COMMENT 'a;b', `c;d` int);\n",
		"CREATE PROCEDURE p() BEGIN SELECT 1; END":           "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END\n//\nDELIMITER ;\n",
		"CREATE PROCEDURE p() BEGIN SELECT '//;'; END":       "DELIMITER //;;\nCREATE PROCEDURE p() BEGIN SELECT '//;'; END\n//;;\nDELIMITER ;\n",
		"CREATE PROCEDURE p() BEGIN /* a; b */ END":          "DELIMITER //\nCREATE PROCEDURE p() BEGIN /* a; b */ END\n//\nDELIMITER ;\n",
		"CREATE PROCEDURE p() BEGIN -- it's\n SELECT 1; END": "DELIMITER //\nCREATE PROCEDURE p() BEGIN -- it's\n SELECT 1; END\n//\nDELIMITER ;\n",
		"CREATE PROCEDURE p() SELECT '\\';'":                 "CREATE PROCEDURE p() SELECT '\\';';\n",
	} {
		if got := (mysql.Dialect{}).ForClient(sql); got != want {
			t.Errorf("%s\n got %q\nwant %q", sql, got, want)
		}
	}
}
