package atlas_test

import (
	"slices"
	"testing"

	"github.com/schemactl/schemactl/internal/atlas"
)

func TestSplitMySQL(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"comments and strings", "CREATE TABLE t (a int COMMENT 'x;y'); # foo;\n-- bar;\nSELECT \"a;b\";", []string{"CREATE TABLE t (a int COMMENT 'x;y');", "SELECT \"a;b\";"}},
		{"executable comments stay", "/*!40101 SET NAMES utf8 */;\n/*M!100301 SELECT 1 */;", []string{"/*!40101 SET NAMES utf8 */;", "/*M!100301 SELECT 1 */;"}},
		{
			"a trigger of a dump", "DELIMITER ;;\n/*!50003 CREATE*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW begin set new.a=1; end */;;\nDELIMITER ;\nSELECT 1;",
			[]string{"/*!50003 CREATE*/ /*!50003 TRIGGER x BEFORE INSERT ON t FOR EACH ROW begin set new.a=1; end */", "SELECT 1;"},
		},
		{"bodies", "CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE 1 WHEN 1 THEN SELECT 2; END CASE; END;\nSELECT 3;", []string{"CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE 1 WHEN 1 THEN SELECT 2; END CASE; END;", "SELECT 3;"}},
		{"partitions in a comment", "CREATE TABLE t (a int) /*!50100 PARTITION BY HASH (a) */;\nSELECT 1", []string{"CREATE TABLE t (a int) /*!50100 PARTITION BY HASH (a) */;", "SELECT 1"}},
		{"marks inside strings", "SELECT '/*!1 ' ; SELECT `*/`;", []string{"SELECT '/*!1 ' ;", "SELECT `*/`;"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pieces, err := atlas.SplitMySQL(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range pieces {
				got = append(got, p.Text)
				if tt.text[p.Offset:p.Offset+len(p.Text)] != p.Text {
					t.Errorf("the offset %d is not that of %q", p.Offset, p.Text)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
