package postgres_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/postgres"
)

var plain = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// mutation says what users choose in the catalogs.
func mutation() dbtest.Mutation {
	return dbtest.Mutation{
		Names: []string{
			"schemas.name", "tables.name", "columns.name", "constraints.name", "indexes.name", "views.name", "enums.name", "domains.name",
			"composites.name", "routines.name", "triggers.name", "policies.name", "sequences.name", "rules.name", "ranges.name",
			"statistics.name", "publications.name", "collations.name", "foreign_servers.name", "text_search_configurations.name",
		},
		Texts:  []string{"comments.text", "routines.body"},
		Bodies: []string{"views.query", "policies.using", "policies.check"},
		Spell: func(name string) string {
			if plain.MatchString(name) && !slices.Contains([]string{"select", "table", "null", "true", "default", "for"}, name) {
				return name
			}
			return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		},
	}
}

// FuzzSnapshot changes the catalogs of the fixtures.
func FuzzSnapshot(f *testing.F) {
	dbtest.FuzzSnapshots(f, postgres.Dialect{}, dbtest.Snapshots(f, snapshots), mutation(), func(s *dbtest.Snapshot) dialect.Scope { return scopeOf(s.Name) })
}
