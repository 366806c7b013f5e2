package project

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// write puts files into a directory of their own and returns the options that load its atlas.hcl.
func write(t *testing.T, files map[string]string, env string) Options {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Options{Path: "file://" + filepath.Join(dir, "atlas.hcl"), Env: env}
}

func load(t *testing.T, text, env string, edit ...func(*Options)) *Project {
	t.Helper()
	o := write(t, map[string]string{"atlas.hcl": text}, env)
	for _, f := range edit {
		f(&o)
	}
	p, err := Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const whole = `
variable "tenant" {
  type    = string
  default = "acme"
}
variable "ports" {
  type    = map(number)
  default = { a = 1, b = 2 }
}
locals {
  base = "postgres://u@h:${local.port}"
  port = tostring(var.ports["a"] + 5431)
}
lint {
  latest = 1
  review = ERROR
  destructive { error = true }
  naming {
    match = "^[a-z]+$"
    index { match = "_idx$" }
  }
}
diff {
  skip {
    drop_table = true
    drop_func  = true
  }
  concurrent_index { create = true }
}
test {
  schema { src = ["a.test.hcl"] }
}
env "one" {
  url     = "${local.base}/${var.tenant}?search_path=app"
  dev     = "docker://postgres/17/dev"
  schemas = ["app", null, ""]
  exclude = "*[type=view]"
  include = ["t"]
  tenant  = upper(var.tenant)
  size    = 3
  regions = ["x", "y"]
  schema {
    src = "file://schema.hcl"
    mode { permissions = true }
  }
  migration {
    dir              = "file://migrations"
    format           = golang-migrate
    baseline         = "2024"
    exclude          = ["m"]
    exec_order       = LINEAR_SKIP
    lock_timeout     = "3s"
    revisions_schema = "rev"
    tx_mode          = "all"
  }
  diff {
    skip { drop_table = false }
    concurrent_index { drop = true }
  }
  lint {
    latest = 2
    destructive { force = true }
    git { base = "master" }
  }
  manage { privileges = false }
  allow_destructive = true
  strict            = true
  password_command  = "pass show 'my db'"
}
env "two" {
  url = "mysql://h/d"
  src = ["a.hcl", "b.hcl"]
  online "pt-osc" {}
}`

func rules(list []Manage) []string {
	var out []string
	for _, m := range list {
		out = append(out, m.Rule)
	}
	return out
}

func TestLoadWhole(t *testing.T) {
	p := load(t, whole, "one")
	if len(p.Envs) != 1 || !slices.Equal(p.Names, []string{"one", "two"}) {
		t.Fatalf("envs %v of %v", p.Envs, p.Names)
	}
	e := p.Envs[0]
	got := map[string]any{
		"name": e.Name, "url": e.URL, "dev": e.Dev, "src": e.Src, "schemas": e.Schemas, "exclude": e.Exclude, "include": e.Include,
		"migration": e.Migration, "manage": rules(e.Manage), "flags": []bool{e.AllowDestructive, e.Strict}, "command": e.PasswordCommand,
		"concurrent": []bool{e.Diff.ConcurrentCreate, e.Diff.ConcurrentDrop},
	}
	want := map[string]any{
		"name": "one", "url": "postgres://u@h:5432/acme?search_path=app", "dev": "docker://postgres/17/dev",
		"src": []string{"file://schema.hcl"}, "schemas": []string{"app"}, "exclude": []string{"*[type=view]"}, "include": []string{"t"},
		"migration": Migration{Dir: "file://migrations", Format: "golang-migrate", Baseline: "2024", Exclude: []string{"m"},
			ExecOrder: "linear-skip", LockTimeout: 3 * time.Second, RevisionsSchema: "rev", TxMode: "all"},
		"manage": []string{"schema { mode { permissions = true } }", "manage { privileges = false }"}, "flags": []bool{true, true}, "command": []string{"pass", "show", "my db"},
		"concurrent": []bool{true, true},
	}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if !reflect.DeepEqual(got[k], want[k]) {
			t.Errorf("%s\n got %#v\nwant %#v", k, got[k], want[k])
		}
	}
	if s := e.Diff.Skip; len(s) != 1 || s[0].Action != "drop" || s[0].Kind != "function" || s[0].Pos.Line == 0 {
		t.Errorf("skip: %+v", s)
	}
	if v := e.Lint.Attrs["latest"].Value; !v.RawEquals(cty.NumberIntVal(2)) {
		t.Errorf("lint.latest: %#v", v)
	}
	if d := e.Lint.Select("destructive"); len(d.Attrs) != 2 || e.Lint.Attrs["review"].Value.AsString() != "error" ||
		e.Lint.Select("git") == nil || e.Lint.Select("naming").Select("index") == nil || e.Test.Select("schema") == nil {
		t.Errorf("lint is not merged: %+v", e.Lint)
	}
	if len(p.Diff.Skip) != 2 || !p.Lint.Attrs["latest"].Value.RawEquals(cty.NumberIntVal(1)) {
		t.Errorf("the blocks outside environments: %+v %+v", p.Diff, p.Lint)
	}
	for name, want := range map[string]string{"tenant": "ACME", "size": "3", "regions": "x,y", "url": e.URL, "schema.src": "file://schema.hcl", "migration.dir": "file://migrations"} {
		if got, ok := e.Attr(name); !ok || strings.Join(got, ",") != want {
			t.Errorf("env://%s = %q, want %q", name, got, want)
		}
	}
	if _, ok := e.Attr("nothing"); ok || len(e.Inputs()) != 3 || e.Pos["url"].Line == 0 {
		t.Errorf("extra %v, pos %v", e.Extra, e.Pos)
	}
	if len(p.Warnings) != 0 {
		t.Errorf("warnings: %v", p.Warnings)
	}
}

func TestNoEnvSelected(t *testing.T) {
	p := load(t, whole, "")
	if len(p.Envs) != 0 || len(p.Diff.Skip) != 2 {
		t.Errorf("got %v", p)
	}
}

func TestEnvsPrintOnlyTheirNames(t *testing.T) {
	p := load(t, `env "a" { url = "postgres://u:s3cret@h/d" }`, "a")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, p.Envs); strings.Contains(got, "s3cret") {
			t.Errorf("%s shows the password: %s", verb, got)
		}
	}
}

func TestForEachAndDynamicNames(t *testing.T) {
	const text = `
env {
  name     = atlas.env
  for_each = { b = "two", a = "one" }
  url      = "mysql://h/${each.value}"
  key      = each.key
}
env "x" {
  for_each = toset(["s", "t"])
  url      = "mysql://h/${each.value}"
}
env {
  name     = "${each.value}-prod"
  for_each = ["eu", "us"]
  url      = "mysql://h/${each.value}"
}`
	for env, want := range map[string]string{"x": "a:mysql://h/one b:mysql://h/two s:mysql://h/s t:mysql://h/t", "us-prod": "a:mysql://h/one b:mysql://h/two 1:mysql://h/us"} {
		var got []string
		for _, e := range load(t, text, env).Envs {
			got = append(got, e.Key+":"+e.URL)
			if e.Name != env {
				t.Errorf("name %q", e.Name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", env, got, want)
		}
	}
}

func TestVariables(t *testing.T) {
	const text = `
variable "s" { type = string }
variable "n" {
  type    = number
  default = 1
}
variable "l" {
  type    = list(string)
  default = "one"
}
variable "o" {
  type    = object({ a = string })
  default = { a = "x" }
}
variable "unused" { type = string }
variable "v" {
  type    = string
  default = getenv("V")
  validation {
    condition     = contains(["dev", "prod"], var.v)
    error_message = "it must be dev or prod"
  }
}
env "e" {
  s = var.s
  n = var.n
  l = var.l
  o = var.o.a
  v = var.v
}`
	p := load(t, text, "e", func(o *Options) {
		o.Vars = map[string][]string{"s": {"7"}, "n": {"2"}, "l": {"a", "b"}, "o": {`{"a":"y"}`}, "other": {"z"}}
		o.Getenv = func(string) string { return "dev" }
	})
	x := p.Envs[0].Extra
	want := cty.ObjectVal(map[string]cty.Value{"s": cty.StringVal("7"), "n": cty.NumberIntVal(2), "o": cty.StringVal("y"), "v": cty.StringVal("dev"),
		"l": cty.ListVal([]cty.Value{cty.StringVal("a"), cty.StringVal("b")})})
	if got := cty.ObjectVal(x); !got.RawEquals(want) {
		t.Errorf("got %#v", got)
	}
	if !slices.Equal(p.Unused, []string{"other"}) {
		t.Errorf("unused: %v", p.Unused)
	}
}

func TestFunctionsAndData(t *testing.T) {
	o := write(t, map[string]string{
		"atlas.hcl": `
locals {
  cfg = jsondecode(file("cfg.json"))
  set = data.sql.tenants.values
}
data "sql" "tenants" {
  url   = "postgres://u:s3cret@h/d"
  query = "SELECT name FROM tenants WHERE a > $1"
  args  = [1, "b", true]
}
data "external" "e" {
  program = ["prog", "arg"]
}
data "runtimevar" "c" { url = "constant://?val=hello&decoder=string" }
data "runtimevar" "f" { url = "file://secret.txt" }
data "template_dir" "t" {
  path = "tpl"
  vars = { Name = "users", N = 2 }
}
data "hcl_schema" "h" {
  paths = fileset("s/**/*.hcl")
  vars  = { tenant = "x" }
}
docker "postgres" "d" {
  image  = "ghcr.io/me/pg:17"
  schema = "app"
}
docker "mysql" "m" {
  image  = "mysql:8"
  schema = "db"
}
dev "postgres" "own" { url = "postgres://h/dev" }
env "e" {
  cfg      = local.cfg.k
  tenants  = local.set
  count    = data.sql.tenants.count
  first    = data.sql.tenants.value
  external = data.external.e
  constant = data.runtimevar.c
  file     = data.runtimevar.f
  tpl      = data.template_dir.t.url
  src      = data.hcl_schema.h.url
  dev      = docker.postgres.d.url
  my       = docker.mysql.m.url
  own      = dev.postgres.own.url
  printed  = print("shown")
  globbed  = length(glob("s/*.hcl"))
  tried    = try(var.nothing, "fallback")
}
env "other" { x = data.sql.missing.value }`,
		"cfg.json": `{"k":"v"}`, "secret.txt": "from file", "s/a.hcl": "", "s/b/c.hcl": "",
		"tpl/1.sql": `CREATE TABLE {{ .Name }} ({{ template "cols" .N }});`, "tpl/sub/x.tmpl": `{{ define "cols" }}c int /* {{ . }} */{{ end }}`,
	}, "e")
	t.Chdir(t.TempDir())
	var asked []any
	var printed strings.Builder
	o.Stderr = &printed
	o.Query = func(_ context.Context, url, query string, args []any) ([]string, error) {
		asked = append(append(asked, args...), url, query)
		return []string{"t1", "t2"}, nil
	}
	o.Run = func(_ context.Context, _ string, argv []string) ([]byte, error) {
		return []byte(strings.Join(argv, "+") + "\n"), nil
	}
	p, err := Load(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	e := p.Envs[0]
	for name, want := range map[string]string{
		"cfg": "v", "tenants": "t1,t2", "count": "2", "first": "t1", "external": "prog+arg", "constant": "hello", "file": "from file",
		"tpl": "data://template_dir/t", "src": "data://hcl_schema/h", "dev": "docker+postgres://ghcr.io/me/pg:17/dev?search_path=app",
		"my": "docker+mysql://_/mysql:8/db", "own": "postgres://h/dev", "printed": "shown", "globbed": "1", "tried": "fallback",
	} {
		if got, _ := e.Attr(name); strings.Join(got, ",") != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if !reflect.DeepEqual(asked[:3], []any{int64(1), "b", true}) || printed.String() != "shown\n" {
		t.Errorf("asked %v, printed %q", asked, printed.String())
	}
	if d := p.Data["data://template_dir/t"]; string(d.Files["1.sql"]) != "CREATE TABLE users (c int /* 2 */);" || len(d.Files) != 1 {
		t.Errorf("template_dir: %q", d.Files)
	}
	if d := p.Data["data://hcl_schema/h"]; len(d.Paths) != 2 || d.Vars["tenant"].AsString() != "x" {
		t.Errorf("hcl_schema: %+v", d)
	}
}

func TestMissingFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if p, err := Load(t.Context(), Options{Vars: map[string][]string{"a": {"b"}}}); err != nil || p.Path != "" || len(p.Unused) != 1 {
		t.Errorf("got %+v %v", p, err)
	}
	for _, o := range []Options{{Path: "other.hcl"}, {Env: "local"}} {
		if _, err := Load(t.Context(), o); err == nil || !strings.Contains(err.Error(), "hint:") {
			t.Errorf("%+v: got %v", o, err)
		}
	}
}

func TestRunProgram(t *testing.T) {
	out, err := runProgram(t.Context(), t.TempDir(), []string{"go", "env", "GOOS"})
	if err != nil || len(out) == 0 {
		t.Errorf("got %q %v", out, err)
	}
}

func TestLivingExample(t *testing.T) {
	for _, env := range []string{"local", "test", "ci", "prod"} {
		p, err := Load(t.Context(), Options{Path: "../../atlas.hcl", Env: env, Getenv: func(string) string { return "postgres://h/d?search_path=public" }})
		if err != nil {
			t.Fatal(err)
		}
		e := p.Envs[0]
		if len(p.Envs) != 1 || len(p.Warnings) != 0 || e.URL == "" || !slices.Equal(e.Src, []string{"file://schema.hcl"}) || e.Migration.Dir != "file://migrations" {
			t.Errorf("%s: %d environments, warnings %v", env, len(p.Envs), p.Warnings)
		}
		if env == "local" && e.Dev != "embedded://postgres" {
			t.Errorf("dev = %s", e.Dev)
		}
	}
}
