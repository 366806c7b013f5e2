package dburl

import (
	"context"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/schemactl/schemactl/internal/diag"
)

// driverParams are the parameters that go-sql-driver takes for itself; any other is a session variable that it sets.
func driverParams() []string {
	return []string{"allowAllFiles", "allowCleartextPasswords", "allowFallbackToPlaintext", "allowNativePasswords",
		"allowOldPasswords", "charset", "checkConnLiveness", "clientFoundRows", "collation", "columnsWithAlias", "compress",
		"connectionAttributes", "interpolateParams", "loc", "maxAllowedPacket", "multiStatements", "parseTime", "readTimeout",
		"rejectReadOnly", "serverPubKey", "strict", "timeTruncate", "timeout", "tls", "writeTimeout"}
}

// ownParam tells the parameters that schemactl sets itself, because its reading of rows depends on them.
func ownParam(name string) bool {
	switch name {
	case "multiStatements", "parseTime", "clientFoundRows", "interpolateParams", "loc", "charset", "columnsWithAlias",
		"timeTruncate":
		return true
	}
	return false
}

var variableRE = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.@]*$`)

// normaliseMySQL gives the parameters the driver's spelling and turns the ssl-… options of MySQL's client into tls.
func (u *URL) normaliseMySQL() error {
	spelling := map[string]string{}
	for _, name := range driverParams() {
		spelling[strings.ToLower(name)] = name
	}
	for _, name := range slices.Sorted(maps.Keys(u.params)) {
		key, value := strings.ReplaceAll(strings.ToLower(name), "_", "-"), u.params[name]
		switch own, known := spelling[strings.ToLower(name)]; {
		case known:
			key = own
		case key == "sslmode":
			key = "ssl-mode"
		case !strings.HasPrefix(key, "ssl-"):
			if !variableRE.MatchString(name) {
				return fault("the %s URL has a parameter whose name is neither the driver's nor a session variable's", u.scheme).
					WithHint("parameters are name=value pairs, joined by &")
			}
			continue
		}
		delete(u.params, name)
		u.params[key] = value
	}
	if _, ok := u.params["strict"]; ok {
		return fault("the parameter strict is gone from the MySQL driver").WithHint("remove it from the URL")
	}
	if u.Socket != "" {
		if u.Host != "" && u.Host != "localhost" {
			return fault("the %s URL names both a host and a socket", u.scheme).WithHint("leave one of them out")
		}
		u.Host, u.Port = "", ""
	}
	return u.normaliseTLS()
}

// normaliseTLS checks tls and translates ssl-mode, whose names are those of MySQL's client or of libpq.
func (u *URL) normaliseTLS() error {
	modes := []string{"disabled", "preferred", "required", "verify-ca", "verify-identity"}
	if mode, ok := u.params["ssl-mode"]; ok {
		canonical := strings.ReplaceAll(strings.ToLower(mode), "_", "-")
		switch canonical {
		case "disable":
			canonical = "disabled"
		case "prefer", "allow":
			canonical = "preferred"
		case "require":
			canonical = "required"
		case "verify-full":
			canonical = "verify-identity"
		case "disabled", "preferred", "required", "verify-ca", "verify-identity":
		default:
			d := fault("ssl-mode=%s is unknown", mode).WithHint("the modes are %s", strings.Join(modes, ", "))
			if near := diag.Nearest(canonical, modes); near != "" {
				d = d.WithHint("did you mean ssl-mode=%s?", near)
			}
			return d
		}
		u.params["ssl-mode"] = canonical
		if u.params["tls"] != "" {
			return fault("the %s URL has both tls and ssl-mode", u.scheme).WithHint("leave one of them out")
		}
	}
	for name := range u.params {
		switch {
		case !strings.HasPrefix(name, "ssl-"), name == "ssl-mode", name == "ssl-ca", name == "ssl-cert", name == "ssl-key":
		default:
			return fault("the parameter %s is not supported", name).
				WithHint("of the TLS options there are ssl-mode, ssl-ca, ssl-cert, ssl-key and the driver's tls")
		}
	}
	if (u.params["ssl-cert"] == "") != (u.params["ssl-key"] == "") {
		return fault("ssl-cert and ssl-key belong together").WithHint("give both, or neither")
	}
	if value, ok := u.params["tls"]; ok {
		switch value = strings.ToLower(value); value {
		case "1", "true", "0", "false", "skip-verify", "preferred":
			u.params["tls"] = value
		default:
			return fault("tls=%s is unknown", value).
				WithHint("the values are true, false, skip-verify and preferred; a CA file is given with ssl-ca=/path/to/ca.pem")
		}
	}
	return nil
}

// resolveMySQL fills what is missing as the mysql client does, except that the port of ~/.my.cnf belongs to its host.
func (u *URL) resolveMySQL() error {
	cnf, err := u.env.mycnf(u.MariaDB)
	if err != nil {
		return err
	}
	getenv := u.env.getenv
	if u.Socket == "" && u.Host == "" {
		u.Host = firstNonEmpty(cnf["host"], getenv("MYSQL_HOST"))
		if u.Port == "" && (u.Host == "" || u.Host == "localhost") { // a URL with a port means TCP
			u.Socket = firstNonEmpty(cnf["socket"], getenv("MYSQL_UNIX_PORT"))
			if u.Socket == "" && u.Host == "" && cnf["port"] == "" && getenv("MYSQL_TCP_PORT") == "" {
				u.Socket = u.env.mysqlSocket()
			}
		}
		if u.Socket != "" {
			u.Host = ""
		} else if u.Port == "" {
			u.Port = cnf["port"]
		}
	}
	if u.Socket == "" {
		u.Host = firstNonEmpty(u.Host, "127.0.0.1")
		u.Port = firstNonEmpty(u.Port, getenv("MYSQL_TCP_PORT"), defaultPort(MySQL))
	}
	u.User = firstNonEmpty(u.User, cnf["user"], u.env.User)
	return u.checkPort(u.Port)
}

func (e Env) mysqlSocket() string {
	for _, path := range []string{"/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"} {
		if e.exists(path) {
			return path
		}
	}
	return ""
}

// mysqlDSN writes the driver's string and makes sure that the driver reads it back the same.
func (u *URL) mysqlDSN(ctx context.Context) (string, error) {
	r, err := u.Resolved()
	if err != nil {
		return "", err
	}
	cfg := mysql.NewConfig()
	if cfg.Passwd, err = r.Password(ctx); err != nil {
		return "", err
	}
	cfg.User, cfg.DBName = r.User, r.Database
	cfg.Net, cfg.Addr = "unix", r.Socket
	if r.Socket == "" {
		cfg.Net, cfg.Addr = "tcp", net.JoinHostPort(r.Host, r.Port)
	}
	if cfg.TLSConfig, err = r.tlsConfig(); err != nil {
		return "", err
	}
	cfg.MultiStatements, cfg.InterpolateParams = true, true
	collation := r.params["collation"]
	if !strings.HasPrefix(collation, "utf8mb4_") {
		collation = ""
	}
	if err := cfg.Apply(mysql.Charset("utf8mb4", collation)); err != nil {
		return "", fault("the MySQL driver refuses the character set").WithHint("remove collation from the URL")
	}
	if r.params["connectionAttributes"] == "" {
		cfg.ConnectionAttributes = "program_name:schemactl"
	}
	rest := map[string]string{}
	for name, value := range r.params {
		if !ownParam(name) && name != "tls" && name != "collation" && !strings.HasPrefix(name, "ssl-") {
			rest[name] = value
		}
	}
	dsn := cfg.FormatDSN() + encodeDriverQuery(rest)
	back, err := mysql.ParseDSN(dsn)
	if err != nil {
		return "", fault("the MySQL driver refuses a parameter of the URL (%s)", paramNames(rest)).
			WithHint("check their values: true or false for switches, 10s for durations, whole numbers for sizes")
	}
	if back.User != cfg.User || back.Passwd != cfg.Passwd || back.Addr != cfg.Addr || back.Net != cfg.Net ||
		back.DBName != cfg.DBName {
		return "", fault("the MySQL driver cannot express the user or socket of the URL").
			WithHint("a user name holds no colon, and a socket's path no @ or parenthesis")
	}
	return dsn, nil
}

// encodeDriverQuery writes parameters as go-sql-driver reads them: it decodes the values of some and not of others.
func encodeDriverQuery(params map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(params)) {
		value := url.QueryEscape(params[name])
		if slices.Contains(driverParams(), name) && name != "connectionAttributes" && name != "serverPubKey" {
			value = strings.NewReplacer("%3A", ":", "%2C", ",").Replace(value)
		}
		b.WriteString("&" + name + "=" + value)
	}
	return b.String()
}

func paramNames(params map[string]string) string {
	return strings.Join(slices.Sorted(maps.Keys(params)), ", ")
}
