package postgres_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

const (
	keyParent = "CREATE TABLE ref (id int PRIMARY KEY); INSERT INTO ref VALUES (5);\nCREATE TABLE p (k int NOT NULL, y int NOT NULL%s) PARTITION BY LIST (k);\n"
	keyPart   = "CREATE TABLE c PARTITION OF p FOR VALUES IN (1, 2);\n"
	keyAlone  = "CREATE TABLE c (k int NOT NULL, y int NOT NULL%s);\nALTER TABLE p ATTACH PARTITION c FOR VALUES IN (1, 2);\n"
)

// keyShapes are a partitioned table and its partition c with keys and indexes: of both, of one, as parts of each other with
// the server's names and others, and apart. Each becomes each of the others, with its row.
var keyShapes = []string{
	fmt.Sprintf(keyParent, "") + keyPart,
	fmt.Sprintf(keyParent, ", CONSTRAINT pk PRIMARY KEY (k)") + keyPart,
	fmt.Sprintf(keyParent, ", CONSTRAINT pk PRIMARY KEY (k) WITH (fillfactor = 70)") + fmt.Sprintf(keyAlone, ", CONSTRAINT own PRIMARY KEY (k)"),
	fmt.Sprintf(keyParent, "") + keyPart + "ALTER TABLE c ADD CONSTRAINT own PRIMARY KEY (k);",
	fmt.Sprintf(keyParent, ", CONSTRAINT u UNIQUE (k, y)") + keyPart + "ALTER TABLE c REPLICA IDENTITY USING INDEX c_k_y_key;",
	fmt.Sprintf(keyParent, ", CONSTRAINT u UNIQUE (k, y)") + fmt.Sprintf(keyAlone, ", CONSTRAINT own UNIQUE (k, y)") + "ALTER TABLE c REPLICA IDENTITY USING INDEX own;",
	fmt.Sprintf(keyParent, ", CONSTRAINT u UNIQUE (k, y)") + keyPart + "ALTER TABLE c ADD CONSTRAINT own UNIQUE (k, y);",
	fmt.Sprintf(keyParent, "") + keyPart + "ALTER TABLE c ADD CONSTRAINT own UNIQUE (k, y);",
	fmt.Sprintf(keyParent, ", CONSTRAINT f FOREIGN KEY (y) REFERENCES ref") + keyPart,
	fmt.Sprintf(keyParent, ", CONSTRAINT f FOREIGN KEY (y) REFERENCES ref") + fmt.Sprintf(keyAlone, ", CONSTRAINT own FOREIGN KEY (y) REFERENCES ref"),
	fmt.Sprintf(keyParent, "") + keyPart + "ALTER TABLE c ADD CONSTRAINT own FOREIGN KEY (y) REFERENCES ref;",
	fmt.Sprintf(keyParent, "") + keyPart + "CREATE INDEX own ON c (y);",
	fmt.Sprintf(keyParent, "") + keyPart + "CREATE INDEX own ON c (y); CREATE INDEX i ON p (y);",
	fmt.Sprintf(keyParent, "") + keyPart + "CREATE INDEX i ON p (y); CREATE INDEX own ON c (y);",
	fmt.Sprintf(keyParent, "") + keyPart + "CREATE UNIQUE INDEX i ON p (k, y); ALTER TABLE c REPLICA IDENTITY USING INDEX c_k_y_idx;",
}

// TestPartitionKeys changes which keys and indexes of a partition are its own, and which are parts of those above.
func TestPartitionKeys(t *testing.T) {
	var cases []tieCase
	for i, from := range keyShapes {
		for j, to := range keyShapes {
			if i != j {
				cases = append(cases, tieCase{fmt.Sprintf("keys_%d_%d", i, j), from + "\n", strings.Replace(to, "INSERT INTO ref VALUES (5);", "", 1) + "\n"})
			}
		}
	}
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			t.Run(strconv.Itoa(srv.Major), func(t *testing.T) { t.Parallel(); goBetween(t, srv, cases) })
		}
	}
}
