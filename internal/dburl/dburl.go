// Package dburl holds the addresses of databases: it is the one place that parses a PostgreSQL or MySQL URL,
// finds the password that belongs to it, and writes the string that the driver takes.
// It opens no connection. A password never leaves it except through DSN and Password.
package dburl

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
)

// The dialects that a URL can name.
const (
	Postgres = "postgres"
	MySQL    = "mysql"
)

// Scope tells how much of a server a URL addresses.
type Scope string

// A schema scope is one schema of PostgreSQL or one database of MySQL; a realm is all of them.
const (
	SchemaScope Scope = "schema"
	RealmScope  Scope = "realm"
)

// URL is a parsed database address. Empty fields were not given; Resolved fills them as the dialect's own client does.
// Copies share nothing that can change, and every printed form hides the secrets.
type URL struct {
	Dialect    string   // Postgres or MySQL
	MariaDB    bool     // the scheme said maria or mariadb: a hint, the server's own word decides
	Host       string   // without brackets; several, separated by commas, for PostgreSQL
	Port       string   // decimal; one for each host or one for all
	Socket     string   // PostgreSQL: the directory of the socket; MySQL: the socket itself
	User       string   //
	Database   string   //
	SearchPath []string // PostgreSQL: the schemas of search_path, exactly as they are named in the catalog

	scheme      string
	password    string
	hasPassword bool
	params      map[string]string
	command     []string
	cache       *commandCache
	env         Env
}

// Driver is the name under which database/sql knows the driver.
func (u URL) Driver() string { return u.Dialect }

// Scope is SchemaScope for exactly one search_path schema (PostgreSQL) or a named database (MySQL).
func (u URL) Scope() Scope {
	if u.Schema() == "" {
		return RealmScope
	}
	return SchemaScope
}

// Schema is the one schema that a URL of schema scope addresses, else "".
func (u URL) Schema() string {
	switch {
	case u.Dialect == MySQL:
		return u.Database
	case len(u.SearchPath) == 1:
		return u.SearchPath[0]
	}
	return ""
}

// Param is the value of a connection parameter as it was given, "" when it was not.
func (u URL) Param(name string) string { return u.params[name] }

// HasPassword reports whether the URL itself carries a password.
func (u URL) HasPassword() bool { return u.hasPassword }

// WithDatabase addresses another database of the same server.
func (u URL) WithDatabase(name string) *URL {
	c := u.clone()
	c.Database = name
	return c
}

// WithSearchPath addresses the given schemas of the same PostgreSQL database; MySQL has no search path.
func (u URL) WithSearchPath(schemas ...string) *URL {
	c := u.clone()
	if u.Dialect == Postgres {
		c.SearchPath = slices.Clone(schemas)
	}
	return c
}

// WithoutSearchPath addresses the whole PostgreSQL database.
func (u URL) WithoutSearchPath() *URL { return u.WithSearchPath() }

// WithParam sets a connection parameter; an empty value removes it.
func (u URL) WithParam(name, value string) *URL {
	c := u.clone()
	if value == "" {
		delete(c.params, name)
	} else {
		c.params[name] = value
	}
	return c
}

// WithPasswordCommand names the program (and its arguments) whose output is the password when no other source has one.
func (u URL) WithPasswordCommand(argv ...string) *URL {
	c := u.clone()
	c.command, c.cache = slices.Clone(argv), &commandCache{}
	return c
}

func (u URL) clone() *URL {
	u.SearchPath = slices.Clone(u.SearchPath)
	u.params = maps.Clone(u.params)
	if u.params == nil {
		u.params = map[string]string{}
	}
	return &u
}

// Redacted is the URL in canonical form with every secret shown as xxxxx.
func (u URL) Redacted() string {
	var b strings.Builder
	b.WriteString(u.scheme + "://")
	if u.User != "" || u.hasPassword {
		b.WriteString(escape(u.User))
		if u.hasPassword {
			b.WriteString(":" + redaction)
		}
		b.WriteByte('@')
	}
	query := map[string]string{}
	for name, value := range u.params {
		if isSecretParam(name, u.params) {
			value = redaction
		}
		query[name] = value
	}
	switch {
	case u.unixScheme():
		b.WriteString(strings.ReplaceAll(escape(u.Socket), "%2F", "/"))
		setNonEmpty(query, "database", u.Database)
	default:
		b.WriteString(u.authority(query))
		if u.Database != "" {
			b.WriteString("/" + escape(u.Database))
		} else if u.Host == "" && u.Port == "" {
			b.WriteByte('/')
		}
	}
	if len(u.SearchPath) > 0 {
		query["search_path"] = formatSearchPath(u.SearchPath)
	}
	b.WriteString(encodeQuery(query))
	return b.String()
}

// authority is host:port; what does not fit between the slashes goes into the query.
func (u URL) authority(query map[string]string) string {
	if u.Socket != "" {
		name := "host"
		if u.Dialect == MySQL {
			name = "socket"
		}
		query[name] = u.Socket
		setNonEmpty(query, "port", u.Port)
		return ""
	}
	hosts, ports := strings.Split(u.Host, ","), strings.Split(u.Port, ",")
	if u.Port != "" && (len(ports) != len(hosts) || u.Host == "") {
		query["port"] = u.Port
		ports = nil
	}
	for i, h := range hosts {
		if strings.Contains(h, ":") {
			h = "[" + strings.ReplaceAll(h, "%", "%25") + "]"
		} else {
			h = escape(h)
		}
		if u.Port != "" && ports != nil {
			h += ":" + ports[i]
		}
		hosts[i] = h
	}
	return strings.Join(hosts, ",")
}

func (u URL) unixScheme() bool { return strings.HasSuffix(u.scheme, "+unix") }

// String is Redacted, so that a URL can be put into any message.
func (u URL) String() string { return u.Redacted() }

// GoString is Redacted too.
func (u URL) GoString() string { return u.Redacted() }

// Format prints Redacted for every verb: %+v and %#v would otherwise walk into the secrets.
func (u URL) Format(s fmt.State, verb rune) {
	if verb == 'q' {
		_, _ = fmt.Fprintf(s, "%q", u.Redacted())
		return
	}
	_, _ = io.WriteString(s, u.Redacted())
}

// MarshalText is Redacted, for JSON.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.Redacted()), nil }

// LogValue is Redacted, for log/slog.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.Redacted()) }

func setNonEmpty(m map[string]string, key, value string) {
	if value != "" {
		m[key] = value
	}
}
