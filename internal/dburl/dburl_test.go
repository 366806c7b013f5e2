package dburl

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/lib/pq"
)

// world is an Env of plain values.
type world struct {
	vars   map[string]string
	files  map[string]string
	modes  map[string]fs.FileMode
	output string
	runErr error
	warned []string
	argv   []string
	runs   int
}

type fileInfo struct {
	fs.FileInfo
	mode fs.FileMode
}

func (f fileInfo) Mode() fs.FileMode { return f.mode }

type dirEntry struct {
	fs.DirEntry
	name string
}

func (d dirEntry) Name() string { return d.name }

func (w *world) env() Env {
	return Env{
		Getenv: func(name string) string { return w.vars[name] },
		ReadFile: func(path string) ([]byte, error) {
			if data, ok := w.files[path]; ok {
				return []byte(data), nil
			}
			return nil, fs.ErrNotExist
		},
		ReadDir: func(path string) (out []fs.DirEntry, _ error) {
			for _, name := range []string{"a.cnf", "b.cnf", "c.txt"} {
				if _, ok := w.files[path+"/"+name]; ok {
					out = append(out, dirEntry{name: name})
				}
			}
			return out, nil
		},
		Stat: func(path string) (fs.FileInfo, error) {
			if _, ok := w.files[path]; !ok {
				return nil, fs.ErrNotExist
			}
			mode, ok := w.modes[path]
			if !ok {
				mode = 0o600
			}
			return fileInfo{mode: mode}, nil
		},
		Run: func(_ context.Context, argv []string) ([]byte, error) {
			w.argv, w.runs = argv, w.runs+1
			return []byte(w.output), w.runErr
		},
		Warn: func(m string) { w.warned = append(w.warned, m) },
		Home: "/home/ann", User: "ann", GOOS: "linux",
	}
}

func mustParse(t *testing.T, e Env, raw string) *URL {
	t.Helper()
	u, err := e.Parse(raw)
	if err != nil {
		t.Fatalf("Parse(%q): %v", raw, err)
	}
	return u
}

func TestParse(t *testing.T) {
	tests := []struct {
		raw, want string // want is the redacted form
		fields    string // host|port|socket|user|database|schemas
		scope     Scope
	}{
		{"postgres://u:pw@h:5433/d?sslmode=disable", "postgres://u:xxxxx@h:5433/d?sslmode=disable", "h|5433||u|d|", RealmScope},
		{"postgresql://h", "postgresql://h", "h|||||", RealmScope},
		{"postgres://", "postgres:///", "|||||", RealmScope},
		{"POSTGRES://h/d", "postgres://h/d", "h||||d|", RealmScope},
		{"postgres://h/d?search_path=app", "postgres://h/d?search_path=app", "h||||d|app", SchemaScope},
		{"postgres://h/d?search_path=App", "postgres://h/d?search_path=%22App%22", "h||||d|App", SchemaScope},
		{`postgres://h/d?search_path=%22a%22%22b%22,%20c`, `postgres://h/d?search_path=%22a%22%22b%22,c`, `h||||d|a"b,c`, RealmScope},
		{"postgres://h/d?options=-c%20search_path%3Dapp%20-c%20geqo%3Doff", "postgres://h/d?options=-cgeqo%3Doff&search_path=app", "h||||d|app", SchemaScope},
		{"postgres://h/d?options=--search_path%3Dapp", "postgres://h/d?search_path=app", "h||||d|app", SchemaScope},
		{"postgres:///d?host=/var/run/postgresql", "postgres:///d?host=/var/run/postgresql", "||/var/run/postgresql||d|", RealmScope},
		{"postgres://%2Ftmp%2Fpg:5433/d", "postgres:///d?host=/tmp/pg&port=5433", "|5433|/tmp/pg||d|", RealmScope},
		{"postgres://[::1]:5432/d", "postgres://[::1]:5432/d", "::1|5432|||d|", RealmScope},
		{"postgres://[fe80::1%25eth0]/d", "postgres://[fe80::1%25eth0]/d", "fe80::1%eth0||||d|", RealmScope},
		{"postgres://a:1,b,[::1]:3/d", "postgres://a:1,b:5432,[::1]:3/d", "a,b,::1|1,5432,3|||d|", RealmScope},
		{"postgres://a,b/d?port=7", "postgres://a,b/d?port=7", "a,b|7|||d|", RealmScope},
		{"postgres://u%40x:p%2Fw%3F%40%25@h/d%2Fe", "postgres://u%40x:xxxxx@h/d%2Fe", "h|||u@x|d/e|", RealmScope},
		{"postgres://u:p?ss@#w@h/d?sslmode=require", "postgres://u:xxxxx@h/d?sslmode=require", "h|||u|d|", RealmScope},
		{"postgres://h/d?user=u&password=s3cret&dbname=e", "postgres://u:xxxxx@h/e", "h|||u|e|", RealmScope},
		{"postgres://h/d?passwrd=s3cret&application_name=x", "postgres://h/d?application_name=x&passwrd=xxxxx", "h||||d|", RealmScope},
		{"mysql://h/d?tokn=s3cret&timeout=5s", "mysql://h/d?timeout=5s&tokn=xxxxx", "h||||d|", SchemaScope},
		{"postgres://h/d?sslpassword=s3cret", "postgres://h/d?sslpassword=xxxxx", "h||||d|", RealmScope},
		{"postgres://h/d?keepalives=1&channel_binding=prefer", "postgres://h/d", "h||||d|", RealmScope},
		{"host=h port=5433 dbname='a b' user=u password='it\\'s'", "postgres://u:xxxxx@h:5433/a%20b", "h|5433||u|a b|", RealmScope},
		{"dbname=d", "postgres:///d", "||||d|", RealmScope},
		{"mysql://root:pw@h:3307/shop?parseTime=true", "mysql://root:xxxxx@h:3307/shop?parseTime=true", "h|3307||root|shop|", SchemaScope},
		{"mysql://root:@h", "mysql://root:xxxxx@h", "h|||root||", RealmScope},
		{"maria://h/shop", "maria://h/shop", "h||||shop|", SchemaScope},
		{"mysql://h/shop?search_path=x", "mysql://h/shop?search_path=x", "h||||shop|", SchemaScope},
		{"mysql://u@/shop?socket=/tmp/m.sock", "mysql://u@/shop?socket=/tmp/m.sock", "||/tmp/m.sock|u|shop|", SchemaScope},
		{"mariadb+unix:///tmp/m.sock?database=shop", "mariadb+unix:///tmp/m.sock?database=shop", "||/tmp/m.sock||shop|", SchemaScope},
		{"mysql+unix://u:p@/tmp/m.sock", "mysql+unix://u:xxxxx@/tmp/m.sock", "||/tmp/m.sock|u||", RealmScope},
		{"mysql://u:p@tcp([::1]:3306)/shop", "mysql://u:xxxxx@[::1]:3306/shop", "::1|3306||u|shop|", SchemaScope},
		{"mysql://u:p@unix(/tmp/m.sock)/shop", "mysql://u:xxxxx@/shop?socket=/tmp/m.sock", "||/tmp/m.sock|u|shop|", SchemaScope},
		{"u:p/%@:w@tcp(h:3306)/shop?timeout=5s", "mysql://u:xxxxx@h:3306/shop?timeout=5s", "h|3306||u|shop|", SchemaScope},
		{"u@unix(/tmp/m.sock)/", "mysql://u@/?socket=/tmp/m.sock", "||/tmp/m.sock|u||", RealmScope},
		{"mysql://h/?sslmode=require&PARSETIME=true", "mysql://h/?parseTime=true&ssl-mode=required", "h|||||", RealmScope},
	}
	for _, tt := range tests {
		t.Run(tt.raw, func(t *testing.T) {
			u := mustParse(t, Env{}, tt.raw)
			want := strings.Replace(tt.want, "://h/?", "://h?", 1)
			if got := u.Redacted(); got != want {
				t.Errorf("Redacted\n got %s\nwant %s", got, want)
			}
			fields := strings.Join([]string{u.Host, u.Port, u.Socket, u.User, u.Database, strings.Join(u.SearchPath, ",")}, "|")
			if fields != tt.fields || u.Scope() != tt.scope {
				t.Errorf("got %s %s, want %s %s", fields, u.Scope(), tt.fields, tt.scope)
			}
			if again := mustParse(t, Env{}, u.Redacted()); again.Redacted() != u.Redacted() {
				t.Errorf("not stable: %s then %s", u, again)
			}
		})
	}
}

func TestParseFaults(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"", "is empty"},
		{"just words", "has no scheme"},
		{"postgress://u:s3cret@h/d", "did you mean postgres://?"},
		{"mysq://h", "did you mean mysql://?"},
		{"sqlite://f", "speaks PostgreSQL and MySQL"},
		{"docker://postgres/17/dev", "--dev-url"},
		{"file://schema.hcl", "--to"},
		{"postgres://u:s3cret@h:port/d", "not a number from 1 to 65535"},
		{"postgres://u:s3cret@h:99999/d", "not a number from 1 to 65535"},
		{"postgres://u:s3/cret@h/d", "percent-encode"},
		{"postgres://u:12/s3cret@h/d", "percent-encode"},
		{"postgres://u:s3cret%@h/d", "starts no percent-encoding"},
		{"postgres://u:s3cret@h/d?a=%zz", "starts no percent-encoding"},
		{"postgres://u:s3cret@h/d?flag", "name=value"},
		{"postgres://u:s3cret@[::1/d", "not closed"},
		{"postgres://::1/d", "brackets"},
		{"postgres://u:s3cret@h/d?sslmode=requir", "did you mean sslmode=require?"},
		{"postgres://h/d?channel_binding=require", "does not implement"},
		{"postgres://h/d?search_path=$user", "no fixed schema"},
		{"postgres://h/d?search_path=a,,b", "empty name"},
		{"postgres://h/d?search_path=%22a", "no closing quote"},
		{"postgres://a:1,b:2,c/d?port=1,2", "2 ports for 3 hosts"},
		{"postgres://h/d\nx", "control character"},
		{"postgres://h/d%00", "zero byte"},
		{"host=h password='s3cret", "no closing quote"},
		{"mysql://a,b/d", "one host"},
		{"mysql://h/d?socket=/x", "both a host and a socket"},
		{"mysql+unix://h/path", "no host"},
		{"mysql://h/d?tls=custom", "ssl-ca"},
		{"mysql://h/d?tls=true&ssl-mode=required", "both tls and ssl-mode"},
		{"mysql://h/d?ssl-mode=verify", "ssl-mode=verify is unknown"},
		{"mysql://h/d?ssl-crl=x", "not supported"},
		{"mysql://h/d?ssl-cert=x", "belong together"},
		{"mysql://h/d?strict=true", "strict"},
	}
	for _, tt := range tests {
		t.Run(tt.raw, func(t *testing.T) {
			_, err := Env{}.Parse(tt.raw)
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "cret") {
				t.Errorf("got %v, want %q and no password", err, tt.want)
			}
			if !strings.Contains(err.Error(), "hint:") {
				t.Errorf("no hint in %v", err)
			}
		})
	}
}

func TestPostgresDSN(t *testing.T) {
	tests := []struct {
		raw  string
		vars map[string]string
		want string
	}{
		{"postgres://u:p@h/d", nil, "dbname='d' fallback_application_name='schemactl' host='h' password='p' port='5432' sslmode='prefer' user='u'"},
		{"postgres://h", nil, "dbname='ann' fallback_application_name='schemactl' host='h' port='5432' sslmode='prefer' user='ann'"},
		{"postgres://", map[string]string{"PGHOST": "/run/pg", "PGPORT": "6000", "PGUSER": "bob", "PGDATABASE": "x", "PGSSLMODE": "require", "PGPASSWORD": "a'b\\"},
			`dbname='x' fallback_application_name='schemactl' host='/run/pg' password='a\'b\\' port='6000' sslmode='require' user='bob'`},
		{"postgres:///d?application_name=me&search_path=App&sslmode=disable", nil,
			`application_name='me' dbname='d' host='localhost' port='5432' search_path='"App"' sslmode='disable' user='ann'`},
	}
	for _, tt := range tests {
		t.Run(tt.raw, func(t *testing.T) {
			w := &world{vars: tt.vars}
			got, err := mustParse(t, w.env(), tt.raw).DSN(t.Context())
			if err != nil || got != tt.want {
				t.Errorf("\n got %s %v\nwant %s", got, err, tt.want)
			}
			if _, err := pq.NewConfig(got); err != nil {
				t.Errorf("the driver refuses it: %v", err)
			}
		})
	}
}

func TestPostgresSocketIsFound(t *testing.T) {
	w := &world{files: map[string]string{"/tmp/.s.PGSQL.5432": ""}}
	r, err := mustParse(t, w.env(), "postgres:///d").Resolved()
	if err != nil || r.Socket != "/tmp" || r.Host != "" {
		t.Errorf("got socket %q host %q %v", r.Socket, r.Host, err)
	}
}

func TestMySQLDSN(t *testing.T) {
	const fixed = "?charset=utf8mb4&connectionAttributes=program_name%3Aschemactl&interpolateParams=true&multiStatements=true"
	tests := []struct {
		raw  string
		w    world
		want string
	}{
		{"mysql://u:p@h/d", world{}, "u:p@tcp(h:3306)/d" + fixed + "&tls=preferred"},
		{"mysql://u:p%40%2F%3A@h/d%2Fe?tls=false&sql_mode=%27ANSI%27", world{}, "u:p@/:@tcp(h:3306)/d%2Fe" + fixed + "&tls=false&sql_mode=%27ANSI%27"},
		{"mysql://", world{}, "ann@tcp(127.0.0.1:3306)/" + fixed + "&tls=preferred"},
		{"mysql://[::1]/d?parseTime=true&clientFoundRows=true&loc=Local&charset=latin1&timeout=5s", world{},
			"ann@tcp([::1]:3306)/d" + fixed + "&tls=preferred&timeout=5s"},
		{"mysql+unix:///s.sock?database=d", world{}, "ann@unix(/s.sock)/d" + fixed + "&tls=false"},
		{"mysql:///d", world{files: map[string]string{"/tmp/mysql.sock": ""}}, "ann@unix(/tmp/mysql.sock)/d" + fixed + "&tls=false"},
		{"mysql://:3307/d", world{files: map[string]string{"/tmp/mysql.sock": ""}}, "ann@tcp(127.0.0.1:3307)/d" + fixed + "&tls=preferred"},
		{"mysql://h/d?sslmode=verify-full", world{}, "ann@tcp(h:3306)/d" + fixed + "&tls=true"},
		{"mysql://h/d?ssl_mode=REQUIRED&collation=utf8mb4_bin", world{},
			"ann@tcp(h:3306)/d" + strings.Replace(fixed, "&conn", "&collation=utf8mb4_bin&conn", 1) + "&tls=skip-verify"},
		{"mysql:///", world{files: map[string]string{"/home/ann/.my.cnf": "[client]\nhost=db1\nport=3310\nuser=eve\npassword='p w'\n"}},
			"eve:p w@tcp(db1:3310)/" + fixed + "&tls=preferred"},
		{"mysql://h/", world{vars: map[string]string{"MYSQL_TCP_PORT": "3311", "MYSQL_PWD": "x"}}, "ann:x@tcp(h:3311)/" + fixed + "&tls=preferred"},
	}
	for _, tt := range tests {
		t.Run(tt.raw, func(t *testing.T) {
			got, err := mustParse(t, tt.w.env(), tt.raw).DSN(t.Context())
			if err != nil || got != tt.want {
				t.Errorf("\n got %s %v\nwant %s", got, err, tt.want)
			}
			if cfg, err := mysql.ParseDSN(got); err != nil || cfg.ParseTime || !cfg.MultiStatements || cfg.ClientFoundRows || cfg.Loc != time.UTC {
				t.Errorf("the driver reads it as %+v, %v", cfg, err)
			}
		})
	}
}

func TestMySQLDSNFaults(t *testing.T) {
	for raw, want := range map[string]string{
		"mysql://a%3Ab:s3cret@h/d":                        "cannot express",
		"mysql://u:s3cret@h/d?timeout=soon":               "refuses a parameter",
		"mysql://u:s3cret@h/d?ssl-ca=/missing":            "cannot be read",
		"mysql://u:s3cret@h/d?ssl-ca=/bad":                "no PEM certificate",
		"mysql://u:s3cret@h/d?ssl-cert=/bad&ssl-key=/bad": "no pair",
	} {
		w := &world{files: map[string]string{"/bad": "nonsense"}}
		_, err := mustParse(t, w.env(), raw).DSN(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v, want %q", raw, err, want)
		}
	}
}

func TestCopies(t *testing.T) {
	u := mustParse(t, Env{}, "postgres://u:p@h/d?search_path=app")
	if got := u.WithDatabase("e/f").Redacted(); got != "postgres://u:xxxxx@h/e%2Ff?search_path=app" {
		t.Error(got)
	}
	if c := u.WithoutSearchPath(); c.Scope() != RealmScope || u.Scope() != SchemaScope {
		t.Errorf("got %s, and the original %s", c, u)
	}
	if c := u.WithParam("connect_timeout", "3"); c.Param("connect_timeout") != "3" || u.Param("connect_timeout") != "" {
		t.Errorf("got %s, and the original %s", c, u)
	}
	if got := u.Driver() + mustParse(t, Env{}, "maria://h").Driver(); got != "postgresmysql" {
		t.Error(got)
	}
}

func TestNoFormShowsSecrets(t *testing.T) {
	u := mustParse(t, Env{}, "postgres://u:s3cret@h/d?sslpassword=s3cret&sslkey=s3cret&sslinline=true")
	u = u.WithPasswordCommand("echo", "fine")
	text, err := json.Marshal(map[string]any{"u": u, "v": *u})
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "u", u, "v", *u)
	for _, s := range []string{
		fmt.Sprint(u), fmt.Sprint(*u), fmt.Sprintf("%v %+v %#v %s %q %d %x", u, u, u, u, u, u, u), fmt.Sprintf("%+v %#v %d", *u, *u, *u),
		fmt.Sprintf("%+v", struct{ U URL }{*u}), fmt.Sprintf("%#v", []*URL{u}), u.String(), u.GoString(), string(text), logged.String(),
	} {
		if strings.Contains(s, "s3cret") || strings.Contains(s, fmt.Sprintf("%x", "s3cret")) {
			t.Errorf("shows the secret: %s", s)
		}
	}
}

func TestIs(t *testing.T) {
	for raw, want := range map[string]bool{
		"postgres://h": true, "MARIADB+unix:///s": true, "dbname=x": true, "u:p@tcp(h)/d": true, "u:p@unix(/s)/d": true,
		"file://x": false, "docker://postgres/17": false, "schema.hcl": false, "env://src": false, "-": false, "": false, "a=b": false,
	} {
		if Is(raw) != want {
			t.Errorf("Is(%q) = %v", raw, !want)
		}
	}
}
