package revision_test

import (
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/revision"
)

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"CREATE ROLE a LOGIN PASSWORD 'se''cret' NOINHERIT":                    "CREATE ROLE a LOGIN PASSWORD '***' NOINHERIT",
		`ALTER ROLE a PASSWORD E'se\'cret'`:                                    "ALTER ROLE a PASSWORD '***'",
		"CREATE USER a IDENTIFIED BY 'secret'":                                 "CREATE USER a IDENTIFIED BY '***'",
		"CREATE USER a@'%' IDENTIFIED WITH x BY 'secret'":                      "CREATE USER a@'%' IDENTIFIED WITH x BY '***'",
		"SET PASSWORD FOR 'a'@'%' = 'secret'":                                  "SET PASSWORD FOR 'a'@'%' = '***'",
		"SET PASSWORD = PASSWORD('secret')":                                    "SET PASSWORD = PASSWORD('***')",
		"CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p":              "CREATE SUBSCRIPTION s CONNECTION '***' PUBLICATION p",
		"CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'a', password 'se')": "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'a', password '***')",
		"INSERT INTO t VALUES ('by')":                                          "INSERT INTO t VALUES ('by')",
	} {
		if got := revision.Shown(dialect.Statement{SQL: in}); got != want {
			t.Errorf("%s is shown as %s", in, got)
		}
	}
	if got := revision.Shown(dialect.Statement{SQL: "INSERT INTO t VALUES ('x')", Comments: []string{"-- atlas:sensitive"}}); got != "-- atlas:sensitive" {
		t.Errorf("a sensitive statement is shown as %s", got)
	}
}
