package dburl

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/schemactl/schemactl/internal/diag"
)

const redaction = "xxxxx"

// scheme says what the part before :// means.
type scheme struct {
	dialect string
	maria   bool
}

// schemeOf knows the schemes that Atlas knows for the two dialects.
func schemeOf(name string) (scheme, bool) {
	switch name {
	case "postgres", "postgresql":
		return scheme{dialect: Postgres}, true
	case "mysql", "mysql+unix":
		return scheme{dialect: MySQL}, true
	case "maria", "mariadb", "maria+unix", "mariadb+unix":
		return scheme{dialect: MySQL, maria: true}, true
	}
	return scheme{}, false
}

func schemeNames() []string {
	return []string{"postgres", "postgresql", "mysql", "maria", "mariadb", "mysql+unix", "maria+unix", "mariadb+unix"}
}

// foreignScheme explains the schemes that people try and that are no database URL here.
func foreignScheme(name string) string {
	switch name {
	case "docker", "embedded", "scratch":
		return "a " + name + ":// address names a development database: give it as --dev-url or dev"
	case "docker+postgres", "docker+mysql", "docker+maria", "docker+mariadb":
		return "a docker address names a development database: give it as --dev-url or dev"
	case "file", "env", "atlas", "mem":
		return "a " + name + ":// address is a schema source: give it with --to or src"
	case "sqlite", "sqlite3", "libsql", "sqlserver", "mssql", "azuresql", "clickhouse", "oracle", "snowflake", "redshift",
		"databricks", "spanner", "dsql", "cockroachdb", "cockroach", "mongodb", "mongodb+srv":
		return "schemactl speaks PostgreSQL and MySQL; a compatible server answers to postgres:// or mysql://"
	case "pg", "pgsql", "psql", "pgx", "postgres+unix", "postgresql+unix":
		return "did you mean postgres:// (a socket is postgres:///db?host=/var/run/postgresql)?"
	case "mysqlx", "mysql2", "jdbc":
		return "did you mean mysql://?"
	}
	return ""
}

// Is reports whether raw is meant as the address of a database, so that Parse should judge it.
func Is(raw string) bool {
	if name, _, found := strings.Cut(raw, "://"); found && wordRE.MatchString(name) {
		_, known := schemeOf(strings.ToLower(name))
		return known
	}
	return isConninfo(raw) || rawMySQLRE.MatchString(raw)
}

var (
	wordRE     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`)
	portRE     = regexp.MustCompile(`^[0-9]{1,5}$`)
	goNetRE    = regexp.MustCompile(`^(tcp|unix)\(([^()]*)\)`)
	rawMySQLRE = regexp.MustCompile(`^[^ ]*@(tcp|unix)\([^()?]*\)/`)
)

// Parse reads a database URL, taking what it lacks from the process's environment when it is used.
func Parse(raw string) (*URL, error) { return SystemEnv().Parse(raw) }

// Parse reads a database URL. Its errors never hold a password.
// Beside URLs it takes libpq's "host=… dbname=…" and go-sql-driver's "user:pass@tcp(host:3306)/db".
func (e Env) Parse(raw string) (*URL, error) {
	raw = strings.TrimSpace(raw)
	u, err := e.parse(raw)
	if err != nil {
		return nil, err
	}
	if err := u.check(); err != nil {
		return nil, err
	}
	return u, nil
}

func (e Env) parse(raw string) (*URL, error) {
	if strings.ContainsFunc(raw, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, fault("the database URL holds a control character").
			WithHint("a line break or tab may have been copied with it; write it percent-encoded if it is meant")
	}
	name, rest, found := strings.Cut(raw, "://")
	switch {
	case raw == "":
		return nil, fault("the database URL is empty").WithHint("write it as %s", forms)
	case found && wordRE.MatchString(name):
	case isConninfo(raw):
		return parseConninfo(e, raw)
	case rawMySQLRE.MatchString(raw):
		name, rest = "mysql", raw
		return e.parseURL(name, rest, false)
	default:
		return nil, fault("the database URL has no scheme").WithHint("write it as %s", forms)
	}
	return e.parseURL(strings.ToLower(name), rest, true)
}

const forms = "postgres://user@host:5432/database or mysql://user@host:3306/database"

// parseURL reads what follows the scheme. Percent-encoding is undone only where the text is a URL.
func (e Env) parseURL(name, rest string, encoded bool) (*URL, error) {
	s, known := schemeOf(name)
	if !known {
		return nil, unknownScheme(name)
	}
	u := &URL{Dialect: s.dialect, MariaDB: s.maria, scheme: name, env: e, params: map[string]string{}, cache: &commandCache{}}
	p := parser{u: u, encoded: encoded}
	main, query := p.split(rest)
	path, err := p.authority(main)
	if err != nil {
		return nil, err
	}
	p.encoded = true // what follows the address is encoded in both forms
	if path, err = p.decode(strings.TrimPrefix(path, "/"), "database name"); err != nil {
		return nil, err
	}
	if u.unixScheme() {
		if u.Host != "" || path == "" {
			return nil, fault("a %s URL holds the path of the socket and no host", name).
				WithHint("write %s://user@/path/to/mysqld.sock?database=name", name)
		}
		u.Socket = "/" + path
	} else {
		u.Database = path
	}
	if err := p.query(query); err != nil {
		return nil, err
	}
	return u, u.lift()
}

func unknownScheme(name string) error {
	d := fault("%q is not the scheme of a database URL", name+"://")
	if hint := foreignScheme(name); hint != "" {
		return d.WithHint("%s", hint)
	}
	if near := diag.Nearest(name, schemeNames()); near != "" {
		return d.WithHint("did you mean %s://?", near)
	}
	return d.WithHint("the schemes are %s", strings.Join(schemeNames(), ", "))
}

// parser reads one URL into u.
type parser struct {
	u       *URL
	encoded bool
}

// split parts the query from the rest. A question mark before the @ belongs to an odd password.
func (p *parser) split(rest string) (main, query string) {
	from := 0
	if !p.encoded {
		from = goAddress(rest)
	} else if i := strings.IndexByte(rest, '@'); i >= 0 && !strings.ContainsAny(rest[:i], "/") {
		from = i
	}
	if i := strings.IndexByte(rest[from:], '?'); i >= 0 {
		return rest[:from+i], rest[from+i+1:]
	}
	return rest, ""
}

// authority reads user:password@host:port and returns the path after it.
func (p *parser) authority(main string) (path string, err error) {
	authority, _, _ := strings.Cut(main, "/")
	at := strings.LastIndexByte(authority, '@')
	if !p.encoded { // a go-sql-driver string: the address in parentheses ends it
		at = goAddress(main)
	}
	rest := main
	if at >= 0 {
		if err := p.userinfo(main[:at]); err != nil {
			return "", err
		}
		rest = main[at+1:]
	}
	if m := goNetRE.FindStringSubmatch(rest); m != nil && p.u.Dialect == MySQL {
		if m[1] == "unix" {
			p.u.Socket = m[2]
			return rest[len(m[0]):], nil
		}
		return rest[len(m[0]):], p.hosts(m[2])
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		path = rest[i:]
	}
	if at < 0 && strings.Contains(path, "@") {
		return "", fault("the user or password in the %s URL holds a slash that ends it", p.u.scheme).
			WithHint("percent-encode it: / is %%2F, ? is %%3F, # is %%23, @ is %%40, %% is %%25")
	}
	return path, p.hosts(rest[:len(rest)-len(path)])
}

// goAddress is where the address of a go-sql-driver string starts: the last @tcp( or @unix(.
func goAddress(s string) int {
	return max(strings.LastIndex(s, "@tcp("), strings.LastIndex(s, "@unix("))
}

func (p *parser) userinfo(s string) (err error) {
	user, password, found := strings.Cut(s, ":")
	if p.u.User, err = p.decode(user, "user name"); err != nil {
		return err
	}
	if p.u.password, err = p.decode(password, "password"); err != nil {
		return err
	}
	p.u.hasPassword = p.u.password != "" || found && p.u.Dialect == MySQL
	return nil
}

func (p *parser) decode(s, what string) (string, error) {
	if !p.encoded {
		return s, nil
	}
	out, err := url.PathUnescape(s)
	if err != nil {
		return "", fault("the %s in the %s URL holds a %% that starts no percent-encoding", what, p.u.scheme).
			WithHint("write %%25 for the percent sign itself")
	}
	return out, nil
}

// hosts reads host:port, or several with commas between them.
func (p *parser) hosts(s string) error {
	if s == "" {
		return nil
	}
	var hosts, ports []string
	anyPort := false
	for part := range strings.SplitSeq(s, ",") {
		host, port, err := p.hostPort(part)
		if err != nil {
			return err
		}
		hosts, ports = append(hosts, host), append(ports, port)
		anyPort = anyPort || port != ""
	}
	p.u.Host = strings.Join(hosts, ",")
	if anyPort {
		for i := range ports {
			if ports[i] == "" {
				ports[i] = defaultPort(p.u.Dialect)
			}
		}
		p.u.Port = strings.Join(ports, ",")
	}
	return nil
}

func (p *parser) hostPort(s string) (host, port string, err error) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 || end+1 < len(s) && s[end+1] != ':' {
			return "", "", fault("the IPv6 address in the %s URL is not closed by ]", p.u.scheme).
				WithHint("write it as [::1]:%s", defaultPort(p.u.Dialect))
		}
		host, port = s[1:end], strings.TrimPrefix(s[end+1:], ":")
	} else {
		if strings.Count(s, ":") > 1 {
			return "", "", fault("the %s URL has more than one colon in its host", p.u.scheme).
				WithHint("an IPv6 address stands in brackets, as [::1]:%s; a colon in a password is written %%3A and an @ %%40",
					defaultPort(p.u.Dialect))
		}
		host, port, _ = strings.Cut(s, ":")
	}
	if host, err = p.decode(host, "host"); err != nil {
		return "", "", err
	}
	return host, port, p.u.checkPort(port)
}

// checkPort keeps the text out of the message: a mistyped URL can have its password there.
func (u *URL) checkPort(port string) error {
	if n, err := strconv.Atoi(port); port == "" || portRE.MatchString(port) && err == nil && n > 0 && n < 1<<16 {
		return nil
	}
	return fault("the port in the %s URL is not a number from 1 to 65535", u.scheme).
		WithHint("write host:%s; special characters in a password must be percent-encoded", defaultPort(u.Dialect))
}

// query reads the parameters. As in libpq a later one wins over an earlier.
func (p *parser) query(query string) error {
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, found := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return fault("a parameter of the %s URL holds a %% that starts no percent-encoding", p.u.scheme).
				WithHint("write %%25 for the percent sign itself")
		}
		if !found || name == "" {
			return fault("the parameters of the %s URL are not of the form name=value&name=value", p.u.scheme).
				WithHint("a question mark in a password is written %%3F, an ampersand in a value %%26")
		}
		p.u.params[name] = value
	}
	return nil
}

// lift moves parameters that name a part of the address into its fields; a parameter wins over the part, as in libpq.
func (u *URL) lift() error {
	take := func(names ...string) (string, bool) {
		for _, name := range names {
			if value, ok := u.params[name]; ok {
				delete(u.params, name)
				return value, value != ""
			}
		}
		return "", false
	}
	if v, ok := take("password"); ok {
		u.password, u.hasPassword = v, true
	}
	if v, ok := take("user"); ok {
		u.User = v
	}
	if v, ok := take("database", "dbname"); ok {
		u.Database = v
	}
	if v, ok := take("port"); ok {
		u.Port = v
		for port := range strings.SplitSeq(v, ",") {
			if err := u.checkPort(port); err != nil {
				return err
			}
		}
	}
	if u.Dialect == MySQL {
		if v, ok := take("socket", "unix_socket"); ok {
			u.Socket = v
		}
		return u.normaliseMySQL()
	}
	if v, ok := take("host"); ok {
		u.Host = v
	}
	if strings.HasPrefix(u.Host, "/") || strings.HasPrefix(u.Host, "@") {
		u.Socket, u.Host = u.Host, ""
	}
	return u.normalisePostgres()
}

// check holds for every accepted URL, whatever its form.
func (u *URL) check() error {
	fields := append([]string{u.Host, u.Socket, u.User, u.Database, u.password}, u.SearchPath...)
	for _, name := range slices.Sorted(maps.Keys(u.params)) {
		fields = append(fields, name, u.params[name])
	}
	for _, f := range fields {
		if strings.ContainsRune(f, 0) || !utf8.ValidString(f) {
			return fault("the %s URL holds a zero byte or is not UTF-8", u.scheme).
				WithHint("percent-encode the bytes of the UTF-8 form")
		}
	}
	if strings.ContainsAny(u.Host, " \t\r\n@/?#") {
		return fault("the host in the %s URL holds a character that no host name has", u.scheme).
			WithHint("percent-encode special characters in the user and password: @ is %%40, / is %%2F, : is %%3A")
	}
	if u.Dialect == MySQL && strings.Contains(u.Host+u.Port, ",") {
		return fault("a %s URL names one host", u.scheme).WithHint("give the host that takes the changes")
	}
	hosts, ports := strings.Count(u.Host, ","), strings.Count(u.Port, ",")
	if ports > 0 && ports != hosts && u.params["hostaddr"] == "" {
		return fault("the %s URL has %d ports for %d hosts", u.scheme, ports+1, hosts+1).
			WithHint("give one port for each host, or one for all")
	}
	return nil
}

func defaultPort(dialect string) string {
	if dialect == MySQL {
		return "3306"
	}
	return "5432"
}

// plainParams are parameters of PostgreSQL's whose values may be shown, beside the driver's of MySQL. Any other may be a secret
// under a misspelt name.
var plainParams = []string{
	"application_name", "binary_parameters", "channel_binding", "client_encoding", "connect_timeout", "datestyle", "fallback_application_name",
	"gssencmode", "host", "hostaddr", "krbspn", "krbsrvname", "load_balance_hosts", "lock_timeout", "options", "passfile", "port", "role", "search_path",
	"service", "sslcert", "sslinline", "sslmode", "sslnegotiation", "sslrootcert", "sslsni", "statement_timeout", "target_session_attrs", "timezone",
	"database", "socket", "ssl-ca", "ssl-cert", "ssl-key", "ssl-mode", "tls",
}

func isSecretParam(name string, params map[string]string) bool {
	if name == "sslkey" {
		return params["sslinline"] != "" // the key itself instead of its file
	}
	return !slices.Contains(plainParams, strings.ToLower(name)) && !slices.Contains(driverParams(), name)
}

func escape(s string) string {
	// PathEscape leaves @ : $ & + = alone, which would end the part too early.
	return strings.NewReplacer("@", "%40", ":", "%3A", "+", "%2B", ",", "%2C", "&", "%26", "(", "%28", ")", "%29").
		Replace(url.PathEscape(s))
}

func encodeQuery(query map[string]string) string {
	var parts []string
	readable := strings.NewReplacer("%2F", "/", "%3A", ":", "%2C", ",", "%40", "@")
	for _, name := range slices.Sorted(maps.Keys(query)) {
		parts = append(parts, url.QueryEscape(name)+"="+readable.Replace(url.QueryEscape(query[name])))
	}
	if parts == nil {
		return ""
	}
	return "?" + strings.Join(parts, "&")
}

func fault(format string, args ...any) *diag.Diagnostic {
	return diag.Errorf(diag.Pos{}, "database-url", format, args...)
}
