package dburl

import (
	"path"
	"strings"
)

// pgpassPassword looks the resolved address up in the password file, as libpq does.
func (u *URL) pgpassPassword() (string, error) {
	file := firstNonEmpty(u.params["passfile"], u.env.getenv("PGPASSFILE"))
	if file == "" {
		file = u.env.pgpassFile()
	}
	data, err := u.env.readPrivate(file, 0o077, "others than its owner may read it; chmod 0600 it")
	if err != nil {
		return "", fault("the password file %s cannot be read", file).WithHint("check the file, or unset PGPASSFILE")
	}
	for i, host := range strings.Split(u.Host, ",") {
		ports := strings.Split(u.Port, ",")
		address := pgpassEntry{host: host, port: ports[min(i, len(ports)-1)], database: u.Database, user: u.User}
		if u.Socket != "" {
			address.host = u.Socket
		} else if host == "" {
			address.host = u.params["hostaddr"]
		}
		if password, found := pgpassLookup(string(data), address); found {
			return password, nil
		}
	}
	return "", nil
}

func (e Env) pgpassFile() string {
	if e.GOOS == "windows" {
		if dir := e.getenv("APPDATA"); dir != "" {
			return dir + `\postgresql\pgpass.conf`
		}
		return ""
	}
	if e.Home == "" {
		return ""
	}
	return path.Join(e.Home, ".pgpass")
}

type pgpassEntry struct{ host, port, database, user string }

// pgpassLookup finds the first line host:port:database:user:password that matches.
// In a field * matches anything, and a backslash makes the next character literal.
// The host localhost stands for every socket too.
func pgpassLookup(file string, want pgpassEntry) (password string, found bool) {
	for line := range strings.Lines(file) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields, ok := pgpassFields(line)
		if !ok {
			continue
		}
		socket := strings.HasPrefix(want.host, "/") || strings.HasPrefix(want.host, "@")
		if (fields[0].matches(want.host) || socket && fields[0].text == "localhost") && fields[1].matches(want.port) &&
			fields[2].matches(want.database) && fields[3].matches(want.user) {
			return fields[4].text, fields[4].text != ""
		}
	}
	return "", false
}

// pgpassField is a field without its escapes; wild tells a bare * from an escaped one.
type pgpassField struct {
	text string
	wild bool
}

func (f pgpassField) matches(s string) bool { return f.wild || f.text == s }

func pgpassFields(line string) (fields [5]pgpassField, ok bool) {
	var b strings.Builder
	n, start := 0, 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line):
			i++
			b.WriteByte(line[i])
		case c == ':' && n < 4:
			fields[n] = pgpassField{text: b.String(), wild: line[start:i] == "*"}
			b.Reset()
			n, start = n+1, i+1
		case c == ':': // libpq ends the password at the next bare colon
			fields[4] = pgpassField{text: b.String()}
			return fields, true
		default:
			b.WriteByte(c)
		}
	}
	fields[4] = pgpassField{text: b.String()}
	return fields, n == 4
}
