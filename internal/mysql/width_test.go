package mysql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// TestDisplayWidths takes every width of every integer type through HCL, with and without a sign. MariaDB keeps them,
// MySQL only those that mean something.
func TestDisplayWidths(t *testing.T) {
	var columns []string
	for _, typ := range []string{"tinyint", "smallint", "mediumint", "int", "bigint"} {
		for _, sign := range []string{"", " unsigned", " unsigned zerofill"} {
			columns = append(columns, fmt.Sprintf("c%d %s%s", len(columns), typ, sign))
			for _, width := range []int{1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 20, 21} {
				columns = append(columns, fmt.Sprintf("c%d %s(%d)%s", len(columns), typ, width, sign))
			}
		}
	}
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			dev := open(t, srv.Database(t))
			hclRoundTrip(t, dev, dev.desired(t, "CREATE TABLE t ("+strings.Join(columns, ", ")+", y year, z year(4));"))
		})
	}
}
