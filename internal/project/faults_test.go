package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFaults(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // parts of the message; the first is line:column
	}{
		{"syntax", "env \"e\" {\n  url = \n}", []string{":2:", "Invalid expression"}},
		{"unknown top block", `enw "e" {}`, []string{":1:1: ", `no block "enw"`, "did you mean env?", `  1 | enw "e" {}`}},
		{"unknown top attribute", `url = "x"`, []string{":1:1: ", `no attribute "url"`}},
		{"unknown block in env", "env \"e\" {\n  migrations {}\n}", []string{":2:3: ", "did you mean migration?"}},
		{"unknown block in another env", "env \"e\" {}\nenv \"f\" {\n  dif {}\n}", []string{":3:3: ", "did you mean diff?"}},
		{"unknown attribute", "env \"e\" {\n  migration {\n    dirr = \"x\"\n  }\n}", []string{":3:5: ", "did you mean dir?"}},
		{"unknown skip", "env \"e\" {\n  diff {\n    skip {\n      drop_tabel = true\n    }\n  }\n}", []string{":4:", "did you mean drop_table?"}},
		{"unknown analyzer", "lint {\n  destructiv {}\n}", []string{":2:3: ", "did you mean destructive?"}},
		{"unknown env", `env "prod" {}`, []string{"atlas.hcl: ", `env "e" is not defined`, "defines prod"}},
		{"no env at all", ``, []string{"atlas.hcl: ", "defines no environment"}},
		{"unknown variable", "variable \"name\" {\n  type = string\n}\nenv \"e\" {\n  url = var.nam\n}", []string{":5:9: ", "var.nam is not declared", "did you mean var.name?"}},
		{"unknown local", "env \"e\" {\n  url = local.x\n}", []string{":2:", "local.x is not declared"}},
		{"unknown function", "env \"e\" {\n  url = getenvv(\"A\")\n}", []string{":2:", "getenvv"}},
		{"cycle", "locals {\n  a = local.b\n  b = local.a\n}\nenv \"e\" { x = local.a }", []string{":3:7: ", "refers to itself"}},
		{"twice", "locals { a = 1 }\nlocals { a = 2 }", []string{":2:10: ", "local.a is declared twice", "line 1"}},
		{"second block", "env \"e\" {\n  migration {}\n  migration {}\n}", []string{":3:3: ", "a second migration block", "line 2"}},
		{"no value", "variable \"a\" {\n  type = string\n}\nenv \"e\" { x = var.a }", []string{":1:10: ", "has no value", "--var a=…"}},
		{"wrong default", "variable \"a\" {\n  type = number\n  default = \"x\"\n}\nenv \"e\" { x = var.a }", []string{":3:13: ", "a number is required"}},
		{"no type", "variable \"a\" {}\nenv \"e\" { x = var.a }", []string{":1:1: ", "has no type"}},
		{"quoted type", "variable \"a\" {\n  type = \"string\"\n}\nenv \"e\" { x = var.a }", []string{":2:10: ", "without quotes"}},
		{"validation", "variable \"a\" {\n  type = string\n  default = \"x\"\n  validation {\n    condition = var.a == \"y\"\n    error_message = \"not y\"\n  }\n}\nenv \"e\" { x = var.a }",
			[]string{":5:17: ", `variable "a": not y`}},
		{"label missing", `variable {}`, []string{":1:1: ", "needs one label"}},
		{"label too many", `env "a" "b" {}`, []string{":1:9: ", "takes one label"}},
		{"nameless env", `env { url = "x" }`, []string{":1:1: ", "has no name"}},
		{"wrong word", "env \"e\" {\n  migration {\n    exec_order = LINEAR_SKP\n  }\n}", []string{":3:18: "}},
		{"wrong string word", "env \"e\" {\n  migration {\n    exec_order = \"linear_skp\"\n  }\n}", []string{":3:18: ", "did you mean LINEAR_SKIP?"}},
		{"duration", "env \"e\" {\n  migration {\n    lock_timeout = \"10\"\n  }\n}", []string{":3:20: ", "not a duration"}},
		{"url", "env \"e\" {\n  url = \"postgress://u:s3cret@h/d\"\n}", []string{":2:9: ", "did you mean postgres://?"}},
		{"url is no string", "env \"e\" {\n  url = 3\n}", []string{":2:9: ", "not a string"}},
		{"src is no list", "env \"e\" {\n  src = { a = 1 }\n}", []string{":2:9: ", "not a list of strings"}},
		{"flag", "env \"e\" {\n  strict = \"maybe\"\n}", []string{":2:12: ", "not true or false"}},
		{"command", "env \"e\" {\n  password_command = \"pass 'x\"\n}", []string{":2:22: ", "quote"}},
		{"for_each", "env \"e\" {\n  for_each = 3\n}", []string{":2:14: ", "not a map, a set or a list"}},
		{"online without a size", "env \"e\" {\n  online \"pt-osc\" {}\n}", []string{":2:3: ", "from which size", "threshold = "}},
		{"online by nobody", "env \"e\" {\n  online \"lhm\" { threshold = \"1GB\" }\n}", []string{":2:3: ", "the tool is \"lhm\"", "pt-osc, gh-ost"}},
		{"online of no size", "env \"e\" {\n  online \"pt-osc\" {\n    threshold = \"much\"\n  }\n}", []string{":3:17: ", "is no size"}},
		{"online in diff", "diff {\n  online \"pt-osc\" {}\n}", []string{":2:3: ", "online is not supported", "into the environment"}},
		{"hook", `hook "sql" "h" { x = 1 }`, []string{":1:1: ", "hook is not supported"}},
		{"seed", "env \"e\" {\n  data {\n    mode = INSERT\n  }\n}", []string{":2:3: ", "data is not supported"}},
		{"mode", "env \"e\" {\n  schema {\n    mode { objects = true }\n  }\n}", []string{":3:12: ", "objects in mode is not supported", "manage"}},
		{"paid diff", "diff {\n  add_table { if_not_exists = true }\n}", []string{":2:3: ", "add_table is not supported"}},
		{"diff for a driver", `diff "postgres" {}`, []string{":1:6: ", "one driver"}},
		{"unknown source", "data \"sqll\" \"x\" {}\nenv \"e\" {}", []string{":1:6: ", "did you mean sql?"}},
		{"cloud source", "data \"remote_dir\" \"x\" { name = \"a\" }\nenv \"e\" { x = data.remote_dir.x.url }", []string{":1:6: ", "remote_dir is not supported", "Atlas Cloud"}},
		{"cloud variable", "data \"runtimevar\" \"x\" { url = \"awssecretsmanager://s3cret\" }\nenv \"e\" { x = data.runtimevar.x }",
			[]string{":1:31: ", "does not support awssecretsmanager://", "constant://"}},
		{"source attribute", "data \"sql\" \"x\" {\n  querry = \"x\"\n}", []string{":2:3: ", "did you mean query?"}},
		{"source without url", "data \"sql\" \"x\" {\n  query = \"x\"\n}\nenv \"e\" { x = data.sql.x }", []string{":1:1: ", "needs url"}},
		{"query fails", "data \"sql\" \"x\" {\n  url = \"postgres://u:s3cret@h/d\"\n  query = \"x\"\n}\nenv \"e\" { x = data.sql.x.value }", []string{":1:6: ", "no connection"}},
		{"program fails", "data \"external\" \"x\" {\n  program = [\"/opt/prog\"]\n}\nenv \"e\" { x = data.external.x }", []string{":1:6: ", "the program prog failed"}},
		{"templates", "data \"template_dir\" \"x\" {\n  path = \"tpl\"\n}\nenv \"e\" { x = data.template_dir.x.url }", []string{":2:10: ", "cannot be rendered"}},
		{"docker driver", "docker \"sqlite\" \"x\" { image = \"a\" }\nenv \"e\" { x = docker.sqlite.x.url }", []string{":1:8: ", "docker block for sqlite"}},
		{"docker init", "docker \"postgres\" \"x\" {\n  image = \"a\"\n  init = \"x\"\n}\nenv \"e\" { x = docker.postgres.x.url }", []string{":3:3: ", "init in docker is not supported"}},
		{"two at once", "env \"e\" {\n  strict = 3\n  dev = []\n}", []string{":2:12: ", ":3:9: "}},
		{"secret of a variable", "variable \"password\" {\n  type = string\n}\nenv \"e\" { x = tonumber(var.password) }", []string{":4:", "xxxxx"}},
		{"secret of the environment", "env \"e\" { x = tonumber(getenv(\"TOKEN\")) }", []string{":1:", "xxxxx"}},
		{"short secret", "env \"e\" { x = tonumber(getenv(\"SHORT\")) }", []string{":1:", "xxxxx"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := write(t, map[string]string{"atlas.hcl": tt.text, "tpl/1.sql": "{{ .Missing }}"}, "e")
			o.Getenv = func(name string) string { return map[string]string{"TOKEN": "e-s3cret", "SHORT": "q7z"}[name] }
			o.Vars = map[string][]string{"password": {"v-s3cret"}}
			o.Query = func(_ context.Context, _, _ string, _ []any) ([]string, error) {
				return nil, errors.New("no connection for postgres://u:s3cret@h/d")
			}
			o.Run = func(context.Context, string, []string) ([]byte, error) {
				return []byte("s3cret"), errors.New("exit status 1")
			}
			_, err := Load(t.Context(), o)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("no %q in:\n%v", w, err)
				}
			}
			if tt.name != "cloud variable" && strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "q7z") {
				t.Errorf("shows a secret:\n%v", err)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	p := load(t, `
atlas {
  cloud { token = "x" }
}
env "e" {
  for_each = ["a", "b"]
  urll     = "mysql://h/d"
  db_url   = "fine"
  schema {
    src = "a.hcl"
    repo { name = "r" }
  }
  migration {
    dir = "file://m"
    repo { name = "r" }
  }
  format {
    schema { apply = "{{ json . }}" }
  }
}`, "e")
	var got []string
	for _, w := range p.Warnings {
		got = append(got, fmt.Sprintf("%d %s", w.Pos.Line, w.Message))
	}
	want := "2 atlas has no effect|11 repo has no effect|15 repo has no effect|7 urll is taken for an attribute of your own"
	if strings.Join(got, "|") != want {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "|"), want)
	}
	if p.Envs[1].Formats["schema.apply"].Text != "{{ json . }}" || p.Envs[0].Src[0] != "file://a.hcl" {
		t.Errorf("got %+v", p.Envs[1].Formats)
	}
}

// FuzzLoad holds that no text panics the loader, that every fault has a place in the file, and that no environment
// variable's value is shown.
func FuzzLoad(f *testing.F) {
	f.Add(whole)
	example, err := os.ReadFile("../../atlas.hcl")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	for _, s := range []string{
		`env { name = atlas.env }`, `env "one" { for_each = { a = 1 }` + "\n" + ` url = each.value }`, `locals { a = [for x in local.b : x] }`,
		`variable "a" { type = list(object({ b = set(number) })) }`, `data "sql" "x" { url = getenv("A") }`, `env "one" { x = data.sql["a"].value }`,
		`docker "postgres" "d" { image = "a" }` + "\n" + `env "one" { dev = docker.postgres.d.url }`, `env "one" { x = tonumber(getenv("A")) }`,
		`env "one" { url = null }`, `diff { skip { drop_table = null } }`, `env "one" { x = var }`, `env "one" { src = [null, 1] }`,
	} {
		f.Add(s)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(dir, fmt.Sprintf("atlas%d.hcl", os.Getpid()))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Load(t.Context(), Options{
			Path: file, Env: "one", Getenv: func(string) string { return "fz-s3cret" },
			Run:   func(context.Context, string, []string) ([]byte, error) { return []byte("out"), nil },
			Query: func(context.Context, string, string, []any) ([]string, error) { return []string{"row"}, nil },
		})
		if err != nil {
			if strings.Contains(err.Error(), "fz-s3cret") {
				t.Fatalf("shows the secret: %v", err)
			}
			if !strings.Contains(err.Error(), file) {
				t.Fatalf("without a place: %v", err)
			}
			return
		}
		if len(p.Envs) == 0 {
			t.Fatal("no environment and no error")
		}
	})
}
