package mysql

import (
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// TestOlderVersions holds what hangs on versions of MySQL that the tests have no server of to the manual.
func TestOlderVersions(t *testing.T) {
	for _, tt := range []struct {
		version  string
		add      string // a column at the end
		place    string // a column at a place
		rename   string // a column
		check    string // a check that goes
		versions int    // of rows
		spelled  bool   // some spellings are known without a server
	}{
		{"8.0.11", "INPLACE", "INPLACE", "INPLACE", "COPY", 64, false},
		{"8.0.12", "INSTANT", "INPLACE", "INPLACE", "COPY", 64, false},
		{"8.0.19", "INSTANT", "INPLACE", "INPLACE", "INSTANT", 64, true},
		{"8.0.28", "INSTANT", "INPLACE", "INSTANT", "INSTANT", 64, true},
		{"8.0.29", "INSTANT", "INSTANT", "INSTANT", "INSTANT", 64, true},
		{"8.0.40-31", "INSTANT", "INSTANT", "INSTANT", "INSTANT", 64, true},
		{"8.4.3", "INSTANT", "INSTANT", "INSTANT", "INSTANT", 64, true},
		{"9.1.0", "INSTANT", "INSTANT", "INSTANT", "INSTANT", 255, true},
	} {
		s := kind.Server{Flavor: "mysql", Version: versionNumbers(tt.version)}
		for _, want := range []struct {
			change    change
			algorithm string
		}{{addColumn, tt.add}, {placeColumn, tt.place}, {renameColumn, tt.rename}, {dropACheck, tt.check}} {
			if got := runsAs(wayOf(s, want.change, nil)).Algorithm; got != want.algorithm {
				t.Errorf("%s: to %s runs as %s, want %s", tt.version, want.change, got, want.algorithm)
			}
		}
		server := dialect.Server{Flavor: "mysql", Version: tt.version, Major: s.Version[0], Minor: s.Version[1], Patch: s.Version[2], Settings: map[string]string{}}
		if got := (&session{server: server}).rowVersions(); got != tt.versions {
			t.Errorf("%s has %d row versions, want %d", tt.version, got, tt.versions)
		}
		if got := newSpeller(object.NewState(), nil, server) != nil; got != tt.spelled {
			t.Errorf("%s: spelled without a server %t, want %t", tt.version, got, tt.spelled)
		}
	}
}

// TestOlderVersionsAreNotAskedForWhatTheyLack looks at the queries for versions before 8.0.23.
func TestOlderVersionsAreNotAskedForWhatTheyLack(t *testing.T) {
	in := scopeCondition(dialect.Scope{}, "")
	for _, s := range []server{{major: 8}, {mariadb: true, major: 10, minor: 11}, {major: 8, extended: true}} {
		extensions := false
		for _, k := range kinds() {
			for _, q := range k.queries(s, in) {
				extensions = extensions || strings.Contains(q.SQL, "_EXTENSIONS")
			}
		}
		if extensions != s.extended {
			t.Errorf("%+v is asked for its extensions: %t", s, extensions)
		}
	}
}
