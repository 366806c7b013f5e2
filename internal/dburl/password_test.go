package dburl

import (
	"context"
	"errors"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPasswordOrder(t *testing.T) {
	const pgpass = "h:5432:d:u:frompgpass\n"
	const mycnf = "[client]\npassword = \"from my.cnf\"\n"
	files := map[string]string{"/home/ann/.pgpass": pgpass, "/home/ann/.my.cnf": mycnf}
	tests := []struct {
		name, raw string
		w         world
		want      string
	}{
		{"url", "postgres://u:url@h/d", world{vars: map[string]string{"PGPASSWORD": "env"}, files: files}, "url"},
		{"env", "postgres://u@h/d", world{vars: map[string]string{"PGPASSWORD": "env"}, files: files}, "env"},
		{"pgpass", "postgres://u@h/d", world{files: files, output: "cmd"}, "frompgpass"},
		{"command", "postgres://other@h/d", world{files: files, output: " cmd\n"}, "cmd"},
		{"mysql explicit none", "mysql://u:@h/d", world{vars: map[string]string{"MYSQL_PWD": "env"}}, ""},
		{"mysql env", "mysql://u@h/d", world{vars: map[string]string{"MYSQL_PWD": "env", "PGPASSWORD": "no"}}, "env"},
		{"mysql file", "mysql://u@h/d", world{files: files, output: "cmd"}, "from my.cnf"},
		{"mysql command", "mysql://u@h/d", world{output: "cmd\r\n"}, "cmd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := mustParse(t, tt.w.env(), tt.raw).WithPasswordCommand("pass", "show")
			got, err := u.Password(t.Context())
			if err != nil || got != tt.want {
				t.Errorf("got %q %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestPgpass(t *testing.T) {
	const file = "# comment\n" +
		"h:5432:d:u\n" + // too short
		"h:5432:d:u:first\r\n" +
		"*:*:*:w*:literal star\n" +
		`a\:b:5433:*:u:pa\:ss\\word` + "\n" +
		"localhost:*:d:sock:bysocket\n" +
		"/run/pg:*:e:sock:bydir\n" +
		`\*:*:*:star:escaped` + "\n" +
		"h2:7:d:u:second host\n" +
		"*:*:*:any:wild"
	tests := []struct{ raw, want string }{
		{"postgres://u@h/d", "first"},
		{"postgres://u@h:5433/d", ""},
		{"postgres://w1@h/d", ""},
		{"postgres://w%2A@h/d", "literal star"},
		{"postgres://u@a%3Ab:5433/zzz", `pa:ss\word`},
		{"postgres://sock@/d?host=/run/pg", "bysocket"},
		{"postgres://sock@/e?host=/run/pg", "bydir"},
		{"postgres://star@x/d", ""},
		{"postgres://u@h1:6,h2:7/d", "second host"},
		{"postgres://any@x:1/y", "wild"},
		{"postgres://any@x:1/y?passfile=/other", "other"},
	}
	for _, tt := range tests {
		w := &world{files: map[string]string{"/home/ann/.pgpass": file, "/other": "*:*:*:*:other"}}
		if got, err := mustParse(t, w.env(), tt.raw).Password(t.Context()); err != nil || got != tt.want {
			t.Errorf("%s: got %q %v, want %q", tt.raw, got, err, tt.want)
		}
	}
	w := &world{
		files: map[string]string{"/p": "*:*:*:*:secret"}, modes: map[string]fs.FileMode{"/p": 0o640},
		vars: map[string]string{"PGPASSFILE": "/p"},
	}
	got, err := mustParse(t, w.env(), "postgres://u@h/d").Password(t.Context())
	if got != "" || err != nil || len(w.warned) != 1 || !strings.Contains(w.warned[0], "chmod 0600") {
		t.Errorf("a readable password file: got %q %v, warned %q", got, err, w.warned)
	}
}

func TestMycnf(t *testing.T) {
	w := &world{files: map[string]string{
		"/home/ann/.my.cnf": "password=ignored\n[mysqld]\nport=1\n[client] # the group\n; comment\nuser = ann # me\n" +
			"pass_word=no\nloose-port=3310\nquick\nsocket='/tmp/a#b.sock'\n!include extra.cnf\n!includedir /etc/my.d\n!include /home/ann/.my.cnf\n",
		"/home/ann/extra.cnf": "[client]\npassword=\"a\\\"b\\\\c\\sd\"\n",
		"/etc/my.d/a.cnf":     "[client-mariadb]\nport=3399\n",
		"/etc/my.d/b.cnf":     "[client]\nhost=db\n",
		"/etc/my.d/c.txt":     "[client]\nhost=wrong\n",
	}}
	cnf, err := w.env().mycnf(false)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"user": "ann", "port": "3310", "socket": "/tmp/a#b.sock", "password": `a"b\c d`, "host": "db"} {
		if cnf[name] != want {
			t.Errorf("%s = %q, want %q", name, cnf[name], want)
		}
	}
	if len(w.warned) == 0 {
		t.Error("the include loop was not reported")
	}
	if cnf, _ := w.env().mycnf(true); cnf["port"] != "3310" && cnf["port"] != "3399" {
		t.Errorf("port = %q", cnf["port"])
	}
	u := mustParse(t, w.env(), "mysql://other@h/d")
	if got, err := u.Password(t.Context()); got != "" || err != nil {
		t.Errorf("the password of ann was taken for another user: %q %v", got, err)
	}
	w.modes = map[string]fs.FileMode{"/home/ann/.my.cnf": 0o666}
	if cnf, _ := w.env().mycnf(false); len(cnf) != 0 {
		t.Errorf("a file that anyone may write was read: %v", cnf)
	}
}

func TestPasswordCommand(t *testing.T) {
	tests := []struct {
		name   string
		output string
		err    error
		want   string
	}{
		{"missing", "", exec.ErrNotFound, "was not found"},
		{"no file", "", fs.ErrNotExist, "was not found"},
		{"exit", "s3cret", &exec.ExitError{}, "exit status"},
		{"other", "s3cret", errors.New("s3cret"), "could not be run"},
		{"empty", " \n", nil, "did not print one line"},
		{"many lines", "s3cret\nmore", nil, "did not print one line"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &world{output: tt.output, runErr: tt.err}
			_, err := mustParse(t, w.env(), "postgres://u@h/d").WithPasswordCommand("/opt/bin/pass", "s3cret").DSN(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v, want %q and no output", err, tt.want)
			}
		})
	}
}

func TestPasswordCommandRunsOnceAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{output: "pw"}
		u := mustParse(t, w.env(), "postgres://u@h/d").WithPasswordCommand("pass", "a b;c")
		for range 2 {
			if _, err := u.WithDatabase("e").DSN(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if w.runs != 1 || !slices.Equal(w.argv, []string{"pass", "a b;c"}) {
			t.Errorf("ran %d times: %q", w.runs, w.argv)
		}
		time.Sleep(6 * time.Minute)
		if _, err := u.Password(t.Context()); err != nil || w.runs != 2 {
			t.Errorf("ran %d times, %v", w.runs, err)
		}
	})
}

func TestPasswordCommandTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := Env{Run: func(ctx context.Context, _ []string) ([]byte, error) {
			<-ctx.Done()
			return []byte("s3cret"), ctx.Err()
		}}
		start := time.Now()
		_, err := mustParse(t, e, "postgres://u@h/d").WithPasswordCommand("slow").Password(t.Context())
		if err == nil || !strings.Contains(err.Error(), "within 30s") || time.Since(start) != 30*time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
	})
}

func TestSystemCommand(t *testing.T) {
	out, err := runCommand(t.Context(), []string{"go", "env", "GOOS"})
	if err != nil || len(out) == 0 {
		t.Errorf("got %q %v", out, err)
	}
	if e := SystemEnv(); e.Run == nil || e.Getenv == nil {
		t.Error("the system's environment is not whole")
	}
}

func TestSplitCommand(t *testing.T) {
	tests := []struct {
		line string
		want []string
	}{
		{`pass show db/prod`, []string{"pass", "show", "db/prod"}},
		{` op  read "op://vault/my item" `, []string{"op", "read", "op://vault/my item"}},
		{`a 'b "c' d\ e "f\"g\h" ""`, []string{"a", `b "c`, "d e", `f"g\h`, ""}},
		{`a $HOME;ls`, []string{"a", "$HOME;ls"}},
		{`a "b`, nil},
		{`a \`, nil},
		{` `, nil},
	}
	for _, tt := range tests {
		got, err := SplitCommand(tt.line)
		if !slices.Equal(got, tt.want) || (err == nil) != (tt.want != nil) {
			t.Errorf("SplitCommand(%s) = %q, %v; want %q", tt.line, got, err, tt.want)
		}
	}
}
