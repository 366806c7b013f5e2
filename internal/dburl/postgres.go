package dburl

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/diag"
)

var (
	conninfoRE = regexp.MustCompile(`^\s*([a-z_]+)\s*=`)
	optionRE   = regexp.MustCompile(`^(?:-c\s*|--)search[_-]path=(.*)$`)
)

// isConninfo recognises libpq's key=value form by its first key.
func isConninfo(raw string) bool {
	m := conninfoRE.FindStringSubmatch(raw)
	if m == nil {
		return false
	}
	switch m[1] {
	case "host", "hostaddr", "port", "dbname", "user", "password", "passfile", "sslmode", "service", "connect_timeout",
		"application_name", "options", "search_path", "target_session_attrs":
		return true
	}
	return false
}

// parseConninfo reads "host=x dbname='a b'"; the quoting is libpq's.
func parseConninfo(e Env, raw string) (*URL, error) {
	u := &URL{Dialect: Postgres, scheme: "postgres", env: e, params: map[string]string{}, cache: &commandCache{}}
	rest := strings.TrimLeft(raw, " ")
	for rest != "" {
		name, after, found := strings.Cut(rest, "=")
		name = strings.TrimSpace(name)
		if !found || name == "" || strings.Contains(name, " ") {
			return nil, fault("the connection string is not of the form name=value name='a value'").
				WithHint("quote values that hold spaces, or write it as %s", forms)
		}
		value, remaining, err := conninfoValue(strings.TrimLeft(after, " "))
		if err != nil {
			return nil, err
		}
		u.params[name] = value
		rest = strings.TrimLeft(remaining, " ")
	}
	return u, u.lift()
}

func conninfoValue(s string) (value, rest string, err error) {
	quoted := strings.HasPrefix(s, "'")
	var b strings.Builder
	i := 0
	if quoted {
		i = 1
	}
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case quoted && c == '\'':
			return b.String(), s[i+1:], nil
		case !quoted && c == ' ':
			return b.String(), s[i:], nil
		default:
			b.WriteByte(c)
		}
	}
	if quoted {
		return "", "", fault("a quoted value in the connection string has no closing quote").
			WithHint(`inside quotes a quote is written \' and a backslash \\`)
	}
	return b.String(), "", nil
}

// normalisePostgres takes search_path out of the parameters and judges those that lib/pq does not implement.
func (u *URL) normalisePostgres() error {
	if err := u.takeSearchPath(); err != nil {
		return err
	}
	if v, ok := u.params["requiressl"]; ok {
		delete(u.params, "requiressl")
		if v == "1" && u.params["sslmode"] == "" {
			u.params["sslmode"] = "require"
		}
	}
	modes := []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
	if mode, ok := u.params["sslmode"]; ok && !slices.Contains(modes, mode) {
		d := fault("sslmode=%s is unknown", mode).WithHint("the modes are %s", strings.Join(modes, ", "))
		if near := diag.Nearest(mode, modes); near != "" {
			d = d.WithHint("did you mean sslmode=%s?", near)
		}
		return d
	}
	for _, name := range slices.Sorted(maps.Keys(u.params)) {
		drop, ok := libpqOnly(name, u.params[name])
		switch {
		case !ok:
			return fault("%s=%s cannot be honoured: the PostgreSQL driver of schemactl does not implement it", name, u.params[name]).
				WithHint("remove %s from the URL, or use sslmode=verify-full to be sure of the server", name)
		case drop:
			delete(u.params, name)
		}
	}
	return nil
}

// libpqOnly judges the parameters that libpq consumes and lib/pq would send to the server, which refuses them.
// Those that only tune or merely permit something are dropped; those that demand protection must not be.
func libpqOnly(name, value string) (drop, ok bool) {
	switch name {
	case "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
		"sslcompression", "gsslib", "gssdelegation":
		return true, true
	case "channel_binding", "gssencmode":
		return true, value == "" || value == "disable" || value == "prefer"
	case "sslcertmode":
		return true, value == "" || value == "allow"
	case "requirepeer", "require_auth", "sslcrl", "sslcrldir", "sslkeylogfile", "replication", "scram_client_key",
		"scram_server_key", "oauth_issuer", "oauth_client_id", "oauth_client_secret", "oauth_scope":
		return true, value == ""
	}
	return false, true
}

// takeSearchPath reads search_path, also where it stands in options as -c search_path=x.
func (u *URL) takeSearchPath() error {
	path, given := u.params["search_path"]
	delete(u.params, "search_path")
	if words, ok := optionWords(u.params["options"]); ok {
		kept := make([]string, 0, len(words))
		for _, w := range words {
			if m := optionRE.FindStringSubmatch(w); m == nil {
				kept = append(kept, w)
			} else if !given {
				path = m[1]
			}
		}
		if len(kept) < len(words) {
			u.params["options"] = joinOptions(kept)
			if len(kept) == 0 {
				delete(u.params, "options")
			}
		}
	}
	schemas, err := parseSearchPath(path)
	if err != nil {
		return err
	}
	if len(schemas) == 1 && schemas[0] == "$user" {
		return fault("search_path=$user names no fixed schema").WithHint("name the schema itself, or leave search_path out")
	}
	u.SearchPath = schemas
	return nil
}

// optionWords splits the options parameter as the server does: at spaces, with a backslash before a literal one.
func optionWords(s string) ([]string, bool) {
	var words []string
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == ' ':
			if b.Len() > 0 && b.String() != "-c" { // -c joins its assignment, with or without the space
				words = append(words, b.String())
				b.Reset()
			}
		default:
			b.WriteByte(s[i])
		}
	}
	if b.Len() > 0 {
		words = append(words, b.String())
	}
	return words, len(words) > 0
}

func joinOptions(words []string) string {
	escaped := make([]string, len(words))
	for i, w := range words {
		escaped[i] = strings.NewReplacer(`\`, `\\`, " ", `\ `).Replace(w)
	}
	return strings.Join(escaped, " ")
}

// parseSearchPath splits a list of identifiers. Names keep their case, quoted or not, since a URL's search_path
// names the schema itself; DSN quotes them again.
func parseSearchPath(s string) ([]string, error) {
	var out []string
	for rest := strings.TrimSpace(s); rest != ""; {
		var name string
		if strings.HasPrefix(rest, `"`) {
			end := 1
			for ; end < len(rest); end++ {
				if rest[end] != '"' {
					continue
				}
				if end+1 < len(rest) && rest[end+1] == '"' {
					end++
					continue
				}
				break
			}
			if end >= len(rest) {
				return nil, fault("search_path holds a name with no closing quote").WithHint(`write search_path="My Schema"`)
			}
			name, rest = strings.ReplaceAll(rest[1:end], `""`, `"`), strings.TrimSpace(rest[end+1:])
			if rest != "" && rest[0] != ',' {
				return nil, fault("search_path holds text after a quoted name").WithHint("separate the schemas by commas")
			}
		} else {
			end := strings.IndexByte(rest, ',')
			if end < 0 {
				end = len(rest)
			}
			name, rest = strings.TrimSpace(rest[:end]), rest[end:]
		}
		if name == "" {
			return nil, fault("search_path holds an empty name").WithHint("separate the schemas by single commas")
		}
		out = append(out, name)
		if rest != "" {
			if rest = strings.TrimSpace(rest[1:]); rest == "" {
				return nil, fault("search_path ends with a comma").WithHint("remove it")
			}
		}
	}
	return out, nil
}

var plainIdentRE = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

func formatSearchPath(schemas []string) string {
	out := make([]string, len(schemas))
	for i, s := range schemas {
		out[i] = s
		if !plainIdentRE.MatchString(s) {
			out[i] = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
	}
	return strings.Join(out, ",")
}

// postgresDSN writes the key=value form, in which every character can be quoted.
func (u *URL) postgresDSN(ctx context.Context) (string, error) {
	r, err := u.Resolved()
	if err != nil {
		return "", err
	}
	password, err := r.Password(ctx)
	if err != nil {
		return "", err
	}
	kv := maps.Clone(r.params)
	setNonEmpty(kv, "host", r.Host+r.Socket)
	setNonEmpty(kv, "port", r.Port)
	setNonEmpty(kv, "user", r.User)
	setNonEmpty(kv, "dbname", r.Database)
	setNonEmpty(kv, "password", password)
	setNonEmpty(kv, "search_path", formatSearchPath(r.SearchPath))
	if mode := r.sslMode(); mode != "" {
		kv["sslmode"] = mode
	}
	if kv["application_name"] == "" && kv["fallback_application_name"] == "" {
		kv["fallback_application_name"] = "schemactl"
	}
	var parts []string
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, name := range slices.Sorted(maps.Keys(kv)) {
		parts = append(parts, name+"='"+quote.Replace(kv[name])+"'")
	}
	return strings.Join(parts, " "), nil
}

// sslMode is what libpq would use: prefer unless something asks for more. lib/pq's own default is require.
func (u *URL) sslMode() string {
	switch {
	case u.params["sslmode"] != "":
		return u.params["sslmode"]
	case u.env.getenv("PGSSLMODE") != "":
		return u.env.getenv("PGSSLMODE")
	case u.usesService(), u.params["sslrootcert"] == "system", u.env.getenv("PGSSLROOTCERT") == "system":
		return "" // the driver decides
	case u.params["sslnegotiation"] == "direct":
		return "require"
	}
	return "prefer"
}

// usesService reports whether a service file names the server, which only the driver reads.
func (u *URL) usesService() bool {
	return u.params["service"] != "" || u.env.getenv("PGSERVICE") != ""
}

// resolvePostgres fills what is missing as psql does.
func (u *URL) resolvePostgres() {
	if u.usesService() {
		return
	}
	getenv := u.env.getenv
	if u.Port == "" {
		u.Port = getenv("PGPORT")
	}
	if u.Host == "" && u.Socket == "" && u.params["hostaddr"] == "" && getenv("PGHOSTADDR") == "" {
		if u.Host = getenv("PGHOST"); strings.HasPrefix(u.Host, "/") || strings.HasPrefix(u.Host, "@") {
			u.Socket, u.Host = u.Host, ""
		}
	}
	if u.Port == "" {
		u.Port = defaultPort(Postgres)
	}
	if u.Host == "" && u.Socket == "" && u.params["hostaddr"] == "" && getenv("PGHOSTADDR") == "" {
		u.Host = "localhost"
		for _, dir := range []string{"/var/run/postgresql", "/tmp"} {
			if u.env.exists(dir + "/.s.PGSQL." + u.Port) {
				u.Socket, u.Host = dir, ""
				break
			}
		}
	}
	u.User = firstNonEmpty(u.User, getenv("PGUSER"), u.env.User)
	u.Database = firstNonEmpty(u.Database, getenv("PGDATABASE"), u.User)
}

func firstNonEmpty(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
