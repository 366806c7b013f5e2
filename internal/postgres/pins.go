package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
)

var (
	_ dialect.Imitator = (*session)(nil)
	_ dialect.Steady   = (*session)(nil)
)

// A database or a role can have settings of its own (ALTER DATABASE, ALTER ROLE … SET) that change how the server spells
// what it holds, or what a statement makes. They are pinned: while catalogs are read, while statements of plans run, and
// in dev databases. The files of a migration directory are their author's: only what would make them something else than
// in the dev database is pinned for them. docs/migrations.md tells users.

// pin is a value that a setting of the server is given.
type pin struct{ name, value string }

// spelling are the settings on which the text of what a catalog holds depends, or what our own queries mean.
func spelling() []pin {
	return []pin{
		{"quote_all_identifiers", "off"}, {"datestyle", "ISO, MDY"}, {"intervalstyle", "postgres"}, {"timezone", "UTC"}, {"extra_float_digits", "1"},
		{"bytea_output", "hex"}, {"xmlbinary", "base64"}, {"lc_monetary", "C"},
		{"transform_null_equals", "off"}, {"array_nulls", "on"}, {"row_security", "on"},
	}
}

// lexing are the settings that hold for a message as a whole: the server cuts it into tokens before it runs its first
// statement. They are pinned for the session, and only where something else is set.
func lexing() []pin {
	return []pin{{"standard_conforming_strings", "on"}, {"backslash_quote", "safe_encoding"}}
}

// making are the settings by which one statement makes different things.
func making() []pin {
	return []pin{
		{"transform_null_equals", "off"}, {"array_nulls", "on"},
		{"xmloption", "content"}, {"intervalstyle", "postgres"}, {"default_tablespace", ""}, {"default_table_access_method", "heap"},
	}
}

// pinned are the statements that give settings their values; local ones end with the transaction.
func pinned(local string, lists ...[]pin) string {
	var names []string
	var out strings.Builder
	for _, s := range slices.Concat(lists...) {
		if !slices.Contains(names, s.name) {
			names = append(names, s.name)
			out.WriteString("SET " + local + s.name + " = " + literal(s.value) + "; ")
		}
	}
	return strings.TrimSuffix(out.String(), "; ")
}

// ofServer are settings that not every server has, or not every role may change.
func (s *session) ofServer() []pin {
	var out []pin
	if s.server.Major >= 16 {
		out = append(out, pin{"createrole_self_grant", ""})
	}
	if s.restricts {
		out = append(out, pin{"restrict_nonsystem_relation_kind", ""})
	}
	if s.superuser {
		out = append(out, pin{"session_replication_role", "origin"}, pin{"lc_messages", "C"})
	}
	return out
}

// pins are the statements for all that schemactl runs of its own accord. default_transaction_read_only is no part: who set
// it wants no writes.
func (s *session) pins(local string) string {
	zone := []pin{}
	if s.zone != "" {
		zone = append(zone, pin{"timezone", s.zone})
	}
	return pinned(local, lexing(), zone, spelling(), making(), s.ofServer(), []pin{{"client_min_messages", "notice"}})
}

// Steady pins the settings for statements outside of transactions.
func (s *session) Steady(ctx context.Context) error { return s.Exec(ctx, s.pins("")) }

// zoneSetting is what a target says of the time zone in which it reads times that name none.
const zoneSetting = "TimeZone"

// Imitate has times without a zone read as the target reads them.
func (s *session) Imitate(_ context.Context, target map[string]string) error {
	s.zone = target[zoneSetting]
	return nil
}

// noteZone keeps the time zone of the session where it is another than that of dev databases.
func (s *session) noteZone(zone string) {
	if !slices.Contains([]string{"", "UTC", "Etc/UTC", "GMT", "Etc/GMT", "Etc/UCT", "UCT", "Zulu"}, zone) {
		s.server.Settings = map[string]string{zoneSetting: zone}
	}
}
