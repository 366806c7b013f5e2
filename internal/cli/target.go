package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/engine"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/online"
	"github.com/schemactl/schemactl/internal/project"
	"github.com/schemactl/schemactl/internal/review"
	"github.com/schemactl/schemactl/internal/source"
)

// target is the flags that say which database and which desired state are meant; the project file fills what they
// leave open.
type target struct {
	app *app

	config, env string
	vars        []string
	url, dev    string
	to          []string
	schemas     []string
	include     []string
	exclude     []string
	ignore      []string
	changed     string
	renames     []string
	noCache     bool
	strict      bool
	explicit    bool
	split       splitFlags

	project  *project.Project
	chosen   project.Env
	settings review.Settings // of lint
}

// projectFlags are those of every command that reads the project file.
func (t *target) projectFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&t.config, "config", "c", "", "project `file`; default atlas.hcl, if there is one")
	f.StringVar(&t.env, "env", "", "`name` of the environment in the project file")
	_ = cmd.RegisterFlagCompletionFunc("env", t.completeEnv)
	f.StringArrayVar(&t.vars, "var", nil, "`name=value` of an input variable; again for more, or for the elements of a list")
}

// completeEnv offers the environments of the project file.
func (t *target) completeEnv(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	p, err := project.Load(cmd.Context(), project.Options{Path: t.config, Getenv: os.Getenv, Stderr: io.Discard})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return p.Names, cobra.ShellCompDirectiveNoFileComp
}

// databaseFlags are those of commands that read a database.
func (t *target) databaseFlags(cmd *cobra.Command) {
	t.projectFlags(cmd)
	f := cmd.Flags()
	f.StringVarP(&t.url, "url", "u", "", "`URL` of the database, as in postgres://user@host:5432/db?search_path=app or mysql://user@host/db")
	f.StringVar(&t.dev, "dev-url", "", "`URL` of an empty dev database, or embedded://postgres/18, scratch://, docker://postgres/17/dev; default: found by itself")
	f.StringSliceVarP(&t.schemas, "schema", "s", nil, "`names` of the schemas to manage; default all")
	f.StringSliceVar(&t.include, "include", nil, "manage only what these `globs` name, as in 'public.*' or '*.*[type=view]'")
	f.StringSliceVar(&t.exclude, "exclude", nil, "leave alone what these `globs` name")
	f.BoolVar(&t.noCache, "no-cache", false, "normalise the desired state anew")
}

// desiredFlags are those of commands that compare with a desired state.
func (t *target) desiredFlags(cmd *cobra.Command) {
	t.databaseFlags(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&t.to, "to", nil, "`source` of the desired state: file://schema.hcl, file://schema.sql, file://folder, a database URL, env://src, a snapshot, or -; again for more")
	f.StringSliceVar(&t.ignore, "ignore", nil, "leave these `sorts` of differences as they are: column-order (MySQL)")
	f.BoolVar(&t.strict, "strict", false, "fail when the database holds objects that schemactl does not manage")
	f.BoolVar(&t.explicit, "explicit-algorithm", false, "write ALGORITHM and LOCK into the statements (MySQL, MariaDB), so that the server refuses a costlier way")
	t.split.add(cmd)
	f.StringArrayVar(&t.renames, "rename", nil, "`kind:old=new`, as in table:public.users=public.accounts: take the two for one object and rename it; again for more")
	f.StringVar(&t.changed, "only-changed-since", "", "plan only what the desired state changed since this git `revision`")
}

// resolve reads the project file and fills what the flags leave open.
func (t *target) resolve(ctx context.Context) error {
	vars, err := parseVars(t.vars)
	if err != nil {
		return err
	}
	if t.env == "" && t.config == "" && t.url != "" && !t.usesEnvURL() {
		return nil // everything is said on the command line
	}
	t.project, err = project.Load(ctx, project.Options{
		Path: t.config, Env: t.env, Vars: vars, Getenv: os.Getenv, Stderr: t.app.io.Err, Query: t.app.query,
	})
	if err != nil {
		return err
	}
	for _, w := range t.project.Warnings {
		t.app.io.Notify("%s", w.Error())
	}
	if t.env == "" {
		return t.configure()
	}
	if len(t.project.Envs) != 1 {
		return diag.Errorf(diag.Pos{File: t.project.Path}, "many-databases", "the environment %q stands for %d databases", t.env, len(t.project.Envs)).
			WithHint("this command works on one database: narrow for_each with --var")
	}
	t.chosen = t.project.Envs[0]
	t.fill()
	return errors.Join(t.configure(), t.resolveEnvURLs())
}

// configure reads what the project file says of lint: its faults are told whether it is used or not.
func (t *target) configure() (err error) {
	t.settings, err = review.Configure(t.lintBlock(), review.Programs{Environ: os.Environ(), Tell: func(line string) { t.app.io.Notify("%s", line) }})
	for _, w := range t.settings.Warnings {
		t.app.io.Notify("%s", w.Error())
	}
	return err
}

// lintBlock is what the project file says of lint, if anything.
func (t *target) lintBlock() *project.Block {
	switch {
	case t.env != "":
		return t.chosen.Lint
	case t.project != nil:
		return t.project.Lint
	}
	return nil
}

func (t *target) usesEnvURL() bool {
	return slices.ContainsFunc(append([]string{t.url, t.dev}, t.to...), func(s string) bool { return strings.HasPrefix(s, "env://") })
}

// fill takes from the environment what no flag said.
func (t *target) fill() {
	setDefault(&t.url, t.chosen.URL)
	setDefault(&t.dev, t.chosen.Dev)
	if len(t.to) == 0 {
		t.to = t.chosen.Src
	}
	if u, err := dburl.Parse(t.url); len(t.schemas) == 0 && (err != nil || !slices.Equal(t.chosen.Schemas, []string{u.Schema()})) {
		t.schemas = t.chosen.Schemas // unless they only repeat the one of the URL
	}
	if len(t.include) == 0 {
		t.include = t.chosen.Include
	}
	t.exclude = append(t.exclude, t.chosen.Exclude...)
	t.ignore = append(t.ignore, t.chosen.Diff.Ignore...)
	t.strict = t.strict || t.chosen.Strict
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// resolveEnvURLs replaces env://attribute by what the environment says of it.
func (t *target) resolveEnvURLs() error {
	var to []string
	for _, s := range t.to {
		values, err := t.envURL(s)
		if err != nil {
			return err
		}
		to = append(to, values...)
	}
	t.to = to
	for _, s := range []*string{&t.url, &t.dev} {
		values, err := t.envURL(*s)
		if err != nil {
			return err
		}
		if len(values) == 1 {
			*s = values[0]
		}
	}
	return nil
}

func (t *target) envURL(s string) ([]string, error) {
	name, ok := strings.CutPrefix(s, "env://")
	if !ok {
		return []string{s}, nil
	}
	values, ok := t.chosen.Attr(name)
	if !ok {
		return nil, diag.Errorf(diag.Pos{File: t.project.Path}, "no-attribute", "the environment %q has no attribute %q", t.env, name)
	}
	return values, nil
}

// request is what the engine needs to know.
func (t *target) request() (engine.Request, error) {
	vars, err := parseVars(t.vars)
	if err != nil {
		return engine.Request{}, err
	}
	r := engine.Request{
		URL: t.url, Said: t.chosen.Pos["url"], To: t.to, Dev: t.dev, Schemas: t.schemas, Include: t.include, Exclude: t.exclude,
		Vars: t.inputs(vars), Given: t.given(vars), Data: t.data(), PasswordCommand: t.chosen.PasswordCommand, ChangedSince: t.changed, Renames: t.renames,
		Ignore: t.ignore, History: t.chosen.Migration.RevisionsSchema,
	}
	r.Policy = kind.Policy{CreateConcurrently: t.chosen.Diff.ConcurrentCreate, DropConcurrently: t.chosen.Diff.ConcurrentDrop}
	t.splitting(&r)
	for _, m := range t.chosen.Manage {
		r.Manage = append(r.Manage, engine.Switch(m))
	}
	r.Online = online.Config(t.chosen.Online)
	r.Explicit = t.explicit || t.chosen.Diff.ExplicitAlgorithm
	for _, s := range t.chosen.Diff.Skip {
		r.Skip = append(r.Skip, engine.SkipRule{Action: s.Action, Kind: s.Kind})
	}
	return r, nil
}

// inputs are the values of the variables of schema files: the attributes of the environment that have no meaning of
// their own, and what --var says. Where the project file declares the variable too, --var was meant for it.
func (t *target) inputs(given map[string][]string) source.Vars {
	out := source.Vars{}
	for name, v := range t.chosen.Inputs() {
		if text, ok := varText(v); ok {
			out[name] = text
		}
	}
	for name, values := range given {
		if _, set := out[name]; !set || t.project == nil || !slices.Contains(t.project.Vars, name) {
			out[name] = values
		}
	}
	return out
}

// given tells which variables the schema files must declare, because the project file does not.
func (t *target) given(vars map[string][]string) source.Given {
	if t.project == nil {
		return source.Given{Names: slices.Sorted(maps.Keys(vars))}
	}
	return source.Given{Names: t.project.Unused, Declared: t.project.Vars}
}

// data hands the data sources of the project file on.
func (t *target) data() map[string]source.Data {
	if t.project == nil {
		return nil
	}
	out := make(map[string]source.Data, len(t.project.Data))
	for url, d := range t.project.Data {
		s := source.Data{Paths: d.Paths, Vars: source.Vars{}}
		for _, name := range slices.Sorted(maps.Keys(d.Files)) {
			s.Files = append(s.Files, source.File{Name: d.Name + "/" + name, Text: d.Files[name]})
		}
		for name, v := range d.Vars {
			if text, ok := varText(v); ok {
				s.Vars[name] = text
			}
		}
		out[url] = s
	}
	return out
}

// varText is a value as --var would give it; a list or an object as JSON.
func varText(v cty.Value) ([]string, bool) {
	if v.IsNull() || !v.IsWhollyKnown() {
		return nil, false
	}
	if v.Type().IsPrimitiveType() {
		text, err := convert.Convert(v, cty.String)
		if err != nil {
			return nil, false
		}
		return []string{text.AsString()}, true
	}
	text, err := ctyjson.Marshal(v, v.Type())
	return []string{string(text)}, err == nil
}

// open resolves the flags and connects.
func (t *target) open(ctx context.Context) (*engine.Job, error) {
	if err := t.resolve(ctx); err != nil {
		return nil, err
	}
	r, err := t.request()
	if err != nil {
		return nil, err
	}
	return t.app.engine(t.noCache).Open(ctx, r)
}

// parseVars reads name=value pairs.
func parseVars(pairs []string) (map[string][]string, error) {
	out := map[string][]string{}
	for _, p := range pairs {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return nil, diag.Errorf(diag.Pos{}, "bad-var", "--var %q is not of the form name=value", p)
		}
		out[name] = append(out[name], value)
	}
	return out, nil
}

// query answers the sql data source of project files: the first column of all rows.
func (a *app) query(ctx context.Context, raw, query string, args []any) (_ []string, err error) {
	u, err := a.env.Parse(raw)
	if err != nil {
		return nil, err
	}
	dsn, err := u.DSN(ctx)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open(u.Driver(), dsn)
	if err != nil {
		return nil, err
	}
	defer closeAll(&err, db.Close)
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", u.Redacted(), err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var out []string
	for rows.Next() {
		var v sql.NullString
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v.String)
	}
	return out, rows.Err()
}
