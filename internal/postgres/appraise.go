package postgres

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
)

var _ dialect.Appraiser = Dialect{}

// Appraise tells what a deviation of a live database means.
func (Dialect) Appraise(d dialect.Deviation) dialect.Meaning {
	m := dialect.Meaning{Service: serviceOf(d)}
	switch {
	case d.Attr != "":
		m.Danger, m.Wider = appraiseAttr(d)
	case d.Wanted == nil && d.Live != nil:
		m.Danger = appraiseExtra(d.Live)
	}
	return m
}

// services are the managed services that put objects, roles and settings of their own into databases, by how the names
// of these begin.
func services() [][2]string {
	return [][2]string{
		{"rds_", "Amazon RDS"}, {"rdsadmin", "Amazon RDS"}, {"rdsrepladmin", "Amazon RDS"}, {"rdswriteforwarduser", "Amazon RDS"}, {"aws_", "Amazon RDS"},
		{"awsdms_", "AWS Database Migration Service"},
		{"cloudsql", "Google Cloud SQL"}, {"alloydb", "Google AlloyDB"}, {"google_", "Google Cloud"},
		{"azure_", "Azure Database"}, {"azuresu", "Azure Database"}, {"pgaadauth", "Azure Database"}, {"azure", "Azure Database"},
		{"supabase_", "Supabase"}, {"neon_", "Neon"}, {"aiven_", "Aiven"}, {"_heroku", "Heroku"}, {"heroku_", "Heroku"}, {"digitalocean_", "DigitalOcean"},
	}
}

var firstName = regexp.MustCompile(`[\pL_][\pL\pN_]*`)

// serviceOf names the managed service that an object of a database is of: by its own name or schema, or the role that it
// is about.
func serviceOf(d dialect.Deviation) string {
	names := []string{d.ID.Schema}
	switch v := d.Live.(type) {
	case *Permission:
		names = append(names, v.Grantee)
	case *DefaultPermission:
		names = append(names, v.Grantee, v.Role)
	}
	switch d.ID.Kind {
	case "role", "membership", "schema", "extension", "event_trigger", "publication", "database privilege", "role setting", "tablespace privilege", "parameter privilege":
		names = append(names, firstName.FindString(d.ID.Name))
	}
	for _, n := range names {
		for _, s := range services() {
			if strings.HasPrefix(n, s[0]) {
				return s[1]
			}
		}
	}
	return ""
}

// appraiseExtra says what is dangerous about an object that should not be there.
func appraiseExtra(v any) string {
	switch v := v.(type) {
	case *Permission:
		if len(v.Privileges) > 0 && wider(v.Usual, v.Privileges) {
			return "more is allowed to " + v.Grantee
		}
	case *DefaultPermission:
		if wider(v.Builtin, v.Privileges) {
			return "more will be allowed to " + v.Grantee
		}
	case *Policy:
		if !v.Restrictive {
			return "row security lets more through"
		}
	case *Index:
		if v.Invalid {
			return "the index is not valid: it costs writes and serves no query"
		}
	case *Role:
		if v.Superuser || v.BypassRLS {
			return "the role may do everything"
		}
	}
	return ""
}

// alwaysGrave says what is lost where an attribute that is told only then has a value.
func alwaysGrave(attr string) string {
	switch attr {
	case "triggers":
		return "what it guards is not checked"
	case "populated":
		return "queries of it fail until it is refreshed"
	case "detaching":
		return "no query sees its rows"
	}
	return ""
}

func appraiseAttr(d dialect.Deviation) (danger string, widened bool) {
	switch d.Attr {
	case "enabled":
		return appraiseEnabled(d), false
	case "row_security", "force_security":
		return when(d.To == false, "row security is off for some"), false
	case "not_valid", "not_null_as":
		return when(d.Attr == "not_null_as" || d.To == true, "it is not known to hold for all rows"), false
	case "invalid":
		return when(d.To == true || d.To == "true", "the index is not valid: no query is served by it"), false
	case "not_null":
		return when(d.To == false, "NULL is let in"), false
	case "unlogged":
		return when(d.To == true, "the rows are gone after a crash"), false
	case "security_definer":
		return when(d.To == true, "it runs with the rights of its owner"), false
	case "superuser", "create_db", "create_role", "replication", "bypass_rls":
		return when(d.To == true || d.To == "true", "the role may do more"), false
	case "privileges":
		return appraisePrivileges(d), false
	case "permissive", "restrictive", "using", "check", "roles":
		return when(d.ID.Kind == "policy", "row security decides otherwise"), false
	case "def":
		return appraiseDefinition(d), false
	case "type":
		return appraiseType(d)
	case "values":
		from, _ := d.From.([]string)
		to, _ := d.To.([]string)
		return "", wider(from, to) && len(to) > len(from) && subset(from, to)
	}
	return alwaysGrave(d.Attr), false
}

// appraiseEnabled speaks of triggers, rules, event triggers and subscriptions.
func appraiseEnabled(d dialect.Deviation) string {
	switch d.To {
	case "DISABLE", false:
		return "it is switched off"
	case "REPLICA":
		return "it is switched off but for replication"
	}
	return ""
}

func appraisePrivileges(d dialect.Deviation) string {
	from, _ := d.From.([]string)
	to, _ := d.To.([]string)
	return when(wider(from, to), "more is allowed")
}

func appraiseDefinition(d dialect.Deviation) string {
	to, _ := d.To.(string)
	return when(strings.HasSuffix(to, "NOT ENFORCED"), "it is not enforced")
}

// wider reports whether the second list has something that the first lacks.
func wider(from, to []string) bool {
	return slices.ContainsFunc(to, func(s string) bool { return !slices.Contains(from, s) })
}

func subset(small, large []string) bool { return !wider(large, small) }

func appraiseType(d dialect.Deviation) (danger string, widened bool) {
	from, _ := d.From.(string)
	to, _ := d.To.(string)
	if widens(from, to) {
		return "", true
	}
	return when(widens(to, from), "values that should fit no longer do"), false
}

var typeParts = regexp.MustCompile(`^([a-z ]+?)(?:\((\d+)(?:,(-?\d+))?\))?( with(?:out)? time zone)?$`)

// widens reports whether all values of one type are values of another, which takes more.
func widens(from, to string) bool {
	whole := []string{"smallint", "integer", "bigint"}
	if i, j := slices.Index(whole, from), slices.Index(whole, to); i >= 0 && (j > i || to == "numeric") {
		return true
	}
	if from == "real" && to == "double precision" {
		return true
	}
	a, b := typeParts.FindStringSubmatch(from), typeParts.FindStringSubmatch(to)
	if a == nil || b == nil {
		return false
	}
	switch {
	case a[1] == "character varying" && (to == "text" || to == "character varying"):
		return from != to
	case a[1] != b[1] || a[4] != b[4] || from == to:
		return false
	case a[1] == "numeric":
		return numericWidens(a, b)
	case b[2] == "":
		return slices.Contains([]string{"character varying", "bit varying", "timestamp", "time", "interval"}, a[1])
	}
	return a[2] != "" && number(a[2]) < number(b[2]) && slices.Contains([]string{"character varying", "bit varying", "timestamp", "time", "interval"}, a[1])
}

// numericWidens compares digits before and after the point.
func numericWidens(a, b []string) bool {
	if b[2] == "" {
		return true
	}
	if a[2] == "" {
		return false
	}
	return number(b[3]) >= number(a[3]) && number(b[2])-number(b[3]) >= number(a[2])-number(a[3])
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // matched as digits, or empty
	return n
}

func when(is bool, text string) string {
	if is {
		return text
	}
	return ""
}
