package atlas_test

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/atlas"
)

// TestKeyWithoutColumn holds that a table which was read in part is a fault, not a panic of Atlas's.
func TestKeyWithoutColumn(t *testing.T) {
	key := atlas.MySQLIndex{Name: "PRIMARY", Parts: []atlas.MySQLPart{{Column: "a"}}}
	columns := []atlas.MySQLColumn{{Name: "b", Type: "int"}}
	for name, table := range map[string]atlas.MySQLTable{
		"primary key": {Name: "t", Columns: columns, PrimaryKey: &key},
		"index":       {Name: "t", Columns: columns, Indexes: []atlas.MySQLIndex{key}},
		"no column":   {Name: "t", PrimaryKey: &key},
	} {
		if _, err := (atlas.MySQL{}).CreateTable(table); err == nil || !strings.Contains(err.Error(), "names the column a") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
