package postgres

import (
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
)

func TestOutreach(t *testing.T) {
	for sql, refused := range map[string]bool{
		"COPY t TO PROGRAM 'x'": true, "copy (SELECT a FROM t) to program 'x'": true, "COPY t (a, b) FROM PROGRAM 'x'": true,
		"COPY t TO '/tmp/x'": true, "/* a */ COPY t TO E'/tmp/x'": true, "SELECT 1; COPY \"from\" TO '/tmp/x'": true,
		"COPY t FROM '/tmp/x'": false, "COPY t TO STDOUT": false, "SELECT 'copy t to program ''x'''": false,
		"CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p": true, "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false)": false,
	} {
		if err := refuseOutreach([]dialect.Statement{{SQL: sql}}); (err != nil) != refused {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
