package dburl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/lib/pq"
)

// FuzzParse holds that nothing panics, that no text shows the password, that the redacted form reads back as the
// same address, and that the drivers read the same user and password out of the DSN.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"postgres://u:pass@h:5432/d?sslmode=disable&search_path=app", "mysql://u:pass@h/d?ssl-mode=required", "mysql+unix:///s?database=d",
		"host=h password='a b' options='-c search_path=x'", "u:p/@tcp(h:1)/d?a=b", "postgres://[::1]:1,b/d", "postgres://%2Ftmp/d?host=/x",
		"mysql://u@unix(/s)/d", "postgres://u:p@h/?options=-c%20a%3Db", "maria://:1", "postgres://@/", "mysql://h/?collation=utf8mb4_bin", "/@tcp(?)/", "a/b@tcp(c)/", "mysql://@unix(/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := Env{User: "ann"}.Parse(raw)
		if err != nil {
			return
		}
		text := u.Redacted()
		if fmt.Sprintf("%+v", u) != text {
			t.Fatalf("another form than %q", text)
		}
		again, err := Env{}.Parse(text)
		if err != nil {
			t.Fatalf("Parse(%q).Redacted() = %q is refused: %v", raw, text, err)
		}
		if again.Redacted() != text || again.User != u.User || again.Database != u.Database || again.Schema() != u.Schema() ||
			again.Host != u.Host || again.Socket != u.Socket {
			t.Fatalf("%q reads back as %q", text, again.Redacted())
		}
		// The password replaced by a mark must appear nowhere.
		u.password, u.hasPassword = "q9Zmark", true
		if strings.Contains(u.Redacted(), "q9Zmark") {
			t.Fatalf("shows the password: %s", u.Redacted())
		}
		dsn, err := u.DSN(t.Context())
		if err != nil {
			if strings.Contains(err.Error(), "q9Zmark") {
				t.Fatalf("the error shows the password: %v", err)
			}
			return
		}
		if u.Dialect == MySQL {
			cfg, err := mysql.ParseDSN(dsn)
			if err != nil || cfg.Passwd != "q9Zmark" || cfg.DBName != u.Database {
				t.Fatalf("%q from %q: %v", dsn, raw, err)
			}
			return
		}
		if cfg, err := pq.NewConfig(dsn); err == nil && u.Param("service") == "" &&
			(cfg.Password != "q9Zmark" || cfg.Database == "" || cfg.Host != strings.Split(u.Socket+u.Host, ",")[0] && u.Host+u.Socket != "") {
			t.Fatalf("%q from %q", dsn, raw)
		}
	})
}
