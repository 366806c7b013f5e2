package mysql

import (
	"context"
	"database/sql"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

// A server, or the URL, can set variables of every session that change how it tells what it holds, what our own queries
// find, or what a statement makes. They are pinned in each session, whatever it is for, so that plans, dev databases and
// migrations mean the same everywhere. What belongs to the target and means something there, such as sql_mode, is not
// pinned: dev databases take it on (Imitate). docs/mysql.md tells users.

// pin is a value that a variable of the session is given, where the server has that variable.
type pin struct {
	name, value string
	// wish means that the URL may say otherwise: it is a limit or a check that somebody may want.
	wish bool
}

// pins are given their values as SHOW VARIABLES spells them.
func pins() []pin {
	return []pin{
		// What SHOW CREATE and information_schema tell.
		{name: "sql_quote_show_create", value: "ON"}, {name: "show_create_table_verbosity", value: "OFF"},
		{name: "show_create_table_skip_secondary_engine", value: "OFF"}, {name: "print_identified_with_as_hex", value: "OFF"},
		{name: "show_gipk_in_create_table_and_information_schema", value: "ON"}, {name: "terminology_use_previous", value: "NONE"},
		// What queries find.
		{name: "sql_auto_is_null", value: "OFF"}, {name: "sql_buffer_result", value: "OFF"},
		{name: "system_versioning_asof", value: "DEFAULT"}, {name: "group_concat_max_len", value: "1048576"},
		{name: "max_execution_time", value: "0", wish: true}, {name: "max_statement_time", value: "0.000000", wish: true},
		// What statements do, and what they say of it.
		{name: "autocommit", value: "ON"}, {name: "completion_type", value: "NO_CHAIN"}, {name: "sql_safe_updates", value: "OFF"},
		{name: "foreign_key_checks", value: "ON", wish: true}, {name: "unique_checks", value: "ON", wish: true}, {name: "check_constraint_checks", value: "ON", wish: true},
		{name: "sql_if_exists", value: "OFF"}, {name: "old_alter_table", value: "OFF"}, {name: "alter_algorithm", value: "DEFAULT"},
		{name: "innodb_compression_default", value: "OFF"}, {name: "innodb_default_encryption_key_id", value: "1"},
		// Without it the server refuses to alter a table with system versioning.
		{name: "system_versioning_alter_history", value: "KEEP"}, {name: "system_versioning_insert_history", value: "OFF"},
		{name: "sql_notes", value: "ON"}, {name: "lc_messages", value: "en_US"},
	}
}

// custom is a variable that belongs to the target: it changes what is declared there, and a dev database takes it on.
type custom struct {
	name, usual string
	// privileged means that not every user may set it; a dev database without that right is used as it is.
	privileged bool
}

func customs() []custom {
	return []custom{
		{name: "time_zone", usual: "SYSTEM"}, {name: "default_collation_for_utf8mb4", usual: "utf8mb4_0900_ai_ci"}, {name: "old_mode", usual: "UTF8_IS_UTF8MB3"},
		{name: "restrict_fk_on_non_standard_key", usual: "ON"}, {name: "innodb_strict_mode", usual: "ON", privileged: true},
		{name: "default_table_encryption", usual: "OFF", privileged: true},
	}
}

// forDev are variables of which a dev database has nothing to say: what is declared is declared whole.
func forDev() []string { return []string{generatesKeys, "sql_require_primary_key"} }

// pin makes a session of MySQL or MariaDB itself steady: it reads the variables that there are, sets those that have another value, and notes what the target has of its own.
func (s *session) pin(ctx context.Context) error {
	if s.variant.name != "" { // which of them such a server takes is not known
		return nil
	}
	var names []string
	for _, p := range pins() {
		names = append(names, literal(p.name))
	}
	for _, c := range customs() {
		names = append(names, literal(c.name))
	}
	for _, name := range forDev() {
		names = append(names, literal(name))
	}
	// All servers have these, and without them the next query may be refused or cut.
	first := "SET SESSION sql_big_selects = ON, SESSION sql_select_limit = 18446744073709551615"
	s.setup = append(s.setup, first)
	if err := s.Exec(ctx, first); err != nil {
		return err
	}
	s.variables = map[string]string{}
	err := s.each(ctx, "SHOW SESSION VARIABLES WHERE Variable_name IN ("+strings.Join(names, ", ")+")", func(r *sql.Rows) error {
		var name, value string
		err := r.Scan(&name, &value)
		s.variables[strings.ToLower(name)] = value
		return err
	})
	if err != nil {
		return err
	}
	var sets []string
	for _, p := range pins() {
		value, has := s.variables[p.name]
		wished := p.wish && s.wishes(p.name) || p.name == "old_alter_table" && s.flavor.mariadb
		if has && !wished && !strings.EqualFold(value, p.value) {
			sets = append(sets, "SESSION "+p.name+" = "+spelled(p.value))
		}
	}
	if len(sets) > 0 {
		s.setup = append(s.setup, "SET "+strings.Join(sets, ", "))
	}
	for _, c := range customs() {
		if value, has := s.variables[c.name]; has && !strings.EqualFold(value, c.usual) {
			s.server.Settings[c.name] = value
		}
	}
	return nil
}

// spelled is a value of a variable in SET.
func spelled(value string) string {
	if number.MatchString(value) || value == "DEFAULT" {
		return value // a switch takes no quoted number
	}
	return literal(value)
}

// imitateCustoms makes the session have what is the target's own.
func (s *session) imitateCustoms(target map[string]string) []setting {
	var out []setting
	for _, c := range customs() {
		have, has := s.variables[c.name]
		want, own := target[c.name]
		if !own {
			want = c.usual
		}
		if has && !strings.EqualFold(have, want) {
			out = append(out, setting{"SET SESSION " + c.name + " = " + spelled(want), c.privileged, ""})
		}
	}
	return out
}

// setting is a statement that sets a variable, and that a user without a certain right may be refused.
type setting struct {
	statement  string
	privileged bool
	name       string // of a switch that is off then
}

// try adds statements that work to those that every connection starts with.
func (s *session) try(ctx context.Context, settings []setting) error {
	for _, st := range settings {
		err := s.Exec(ctx, st.statement)
		switch {
		case err == nil:
			s.setup = append(s.setup, st.statement)
			if st.name != "" {
				s.variables[st.name] = "OFF"
			}
		case hasNumber(err, 1298):
			return diag.Errorf(diag.Pos{}, "dev-differs", "the dev server does not know the time zone of the target: %v", err).
				WithHint("load the time zones into the dev server (mysql_tzinfo_to_sql), or leave --dev-url out")
		case !st.privileged || !isDenied(err):
			return err
		}
	}
	return nil
}

// declare makes a dev session take tables as they are declared: without a key of the server's own, and with none at all.
func (s *session) declare(ctx context.Context) error {
	var settings []setting
	for _, name := range forDev() {
		if s.variables[name] == "ON" {
			settings = append(settings, setting{"SET SESSION " + name + " = OFF", true, name})
		}
	}
	return s.try(ctx, settings)
}
