package project

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/diag"
)

// env adds the instances of an env block that are selected. Those of other names are not evaluated.
func (l *loader) env(p *Project, b *hclsyntax.Block, s *shape, global map[string]*Block) {
	if len(b.Labels) > s.maxLabels {
		return // reported
	}
	label := strings.Join(b.Labels, "")
	dynamic := b.Body.Attributes["name"]
	if dynamic == nil {
		if label == "" {
			l.fault(b.TypeRange, "env-name", "the environment has no name").hint(`write env "local" { … }, or name = atlas.env`)
			return
		}
		p.Names = append(p.Names, label)
		if label != l.opts.Env {
			return
		}
	}
	if l.opts.Env == "" {
		return
	}
	for _, each := range l.instances(b) {
		name := label
		if dynamic != nil {
			v, ok := l.eval(dynamic.Expr, each)
			if !ok {
				continue
			}
			if v.IsNull() || v.Type() != cty.String {
				l.fault(dynamic.Expr.Range(), "env-name", "the name of the environment is not a string").hint("write name = atlas.env")
				continue
			}
			if name = v.AsString(); name != l.opts.Env {
				p.Names = append(p.Names, name)
				continue
			}
		}
		decoded := l.decode(b, s, each)
		if decoded == nil {
			return
		}
		e := l.typed(decoded, s, global)
		e.Name = name
		if key, ok := each["each"]; ok {
			e.Key = strings.Join(first(texts(key.GetAttr("key"))), "")
		}
		p.Envs = append(p.Envs, e)
	}
}

func first(list []string, _ bool) []string { return list }

// instances are the scopes of a block: one, or one for every element of its for_each.
func (l *loader) instances(b *hclsyntax.Block) []map[string]cty.Value {
	a := b.Body.Attributes["for_each"]
	if a == nil {
		return []map[string]cty.Value{nil}
	}
	v, ok := l.eval(a.Expr, nil)
	if !ok {
		return nil
	}
	if v.IsNull() || !v.CanIterateElements() {
		l.fault(a.Expr.Range(), "for-each", "for_each is not a map, a set or a list").hint("write for_each = toset([\"a\", \"b\"])")
		return nil
	}
	var out []map[string]cty.Value
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if v.Type().IsSetType() {
			key = value
		}
		out = append(out, map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})})
	}
	return out
}

// typed reads the evaluated block of an environment.
func (l *loader) typed(b *Block, s *shape, global map[string]*Block) Env {
	e := Env{Extra: map[string]cty.Value{}, Pos: map[string]diag.Pos{}}
	for name, a := range b.Attrs {
		e.Pos[name] = a.Pos
		if _, known := s.attrs[name]; !known {
			e.Extra[name] = a.Value
		}
	}
	l.misspelt(b, s)
	e.URL, _ = l.text(b, "url")
	e.Dev, _ = l.text(b, "dev")
	if e.URL != "" {
		l.checkURL(b.Attrs["url"], e.URL)
	}
	if e.Src = l.list(b, "src"); e.Src == nil {
		if schema := b.Select("schema"); schema != nil {
			e.Src = l.list(schema, "src")
			e.Pos["src"] = schema.Attrs["src"].Pos
		}
	}
	for i, s := range e.Src {
		if s != "-" && !strings.Contains(s, "://") {
			e.Src[i] = "file://" + s // as older project files write it
		}
	}
	e.Schemas, e.Exclude, e.Include = l.list(b, "schemas"), l.list(b, "exclude"), l.list(b, "include")
	e.AllowDestructive, e.Strict = l.flag(b, "allow_destructive"), l.flag(b, "strict")
	e.PasswordCommand = l.command(b)
	e.Manage = append(l.switches(b.Select("schema").Select("mode"), "schema { mode { %s } }"), l.switches(b.Select("manage"), "manage { %s }")...)
	e.Migration = l.migration(b.Select("migration"))
	e.Diff = l.diff(merge(global["diff"], b.Select("diff")))
	e.Lint, e.Test = merge(global["lint"], b.Select("lint")), merge(global["test"], b.Select("test"))
	e.Formats = l.format(b)
	e.Online = l.online(b.Select("online"))
	e.Approval = l.approval(b.Select("approval"))
	return e
}

// switches reads a block of kinds that are managed or not.
func (l *loader) switches(b *Block, rule string) []Manage {
	if b == nil {
		return nil
	}
	var out []Manage
	for _, name := range slices.Sorted(maps.Keys(b.Attrs)) {
		a := b.Attrs[name]
		if a.Value.IsNull() {
			continue
		}
		m := Manage{Name: name, On: l.flag(b, name), Pos: a.Pos}
		m.Rule = fmt.Sprintf(rule, fmt.Sprintf("%s = %t", name, m.On))
		m.Source = diag.Errorf(a.Pos, "", "").WithSource(l.src).Source
		out = append(out, m)
	}
	return out
}

// misspelt warns of an attribute of the user's own whose name is nearly one that has a meaning.
func (l *loader) misspelt(b *Block, s *shape) {
	for _, name := range slices.Sorted(maps.Keys(b.Attrs)) {
		if _, known := s.attrs[name]; known || strings.Contains(string(l.src), "env://"+name) {
			continue
		}
		near := diag.Nearest(name, slices.Sorted(maps.Keys(s.attrs)))
		if difference := len(near) - len(name); near != "" && difference >= -1 && difference <= 1 {
			l.warnAt(b.Attrs[name], "own-attribute", "%s is taken for an attribute of your own", name).hint("did you mean %s?", near)
		}
	}
}

// checkURL parses the address, so that its faults are found where it is written.
func (l *loader) checkURL(a Attr, raw string) {
	_, err := dburl.Env{}.Parse(raw)
	if err == nil {
		return
	}
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		l.faultAt(a, "database-url", "the URL is not understood: %v", err).hint("check it")
		return
	}
	l.faultAt(a, d.Code, "%s", d.Message).Hint = d.Hint
}

// command reads password_command: a list, or one line that is split without a shell.
func (l *loader) command(b *Block) []string {
	a, ok := b.Attrs["password_command"]
	if !ok || a.Value.IsNull() {
		return nil
	}
	if a.Value.Type() != cty.String {
		return l.list(b, "password_command")
	}
	words, err := dburl.SplitCommand(a.Value.AsString())
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		l.faultAt(a, "attribute-value", "password_command: %s", d.Message).Hint = d.Hint
	}
	return words
}

func (l *loader) migration(b *Block) Migration {
	if b == nil {
		return Migration{}
	}
	var m Migration
	m.Dir, _ = l.text(b, "dir")
	m.Format, _ = l.text(b, "format")
	m.Baseline, _ = l.text(b, "baseline")
	m.ExecOrder, _ = l.text(b, "exec_order")
	m.RevisionsSchema, _ = l.text(b, "revisions_schema")
	m.TxMode, _ = l.text(b, "tx_mode")
	m.Down = l.flag(b, "down")
	m.CheckData = l.flag(b, "check_data")
	m.Exclude, m.LockTimeout = l.list(b, "exclude"), l.duration(b, "lock_timeout")
	return m
}

// diff reads a diff block. Faults of the outer block's part would be told for each environment; told once is enough.
func (l *loader) diff(b *Block) Diff {
	var out Diff
	if b == nil {
		return out
	}
	out.ExplicitAlgorithm = l.flag(b, "explicit_algorithm")
	if ci := b.Select("concurrent_index"); ci != nil {
		out.ConcurrentCreate, out.ConcurrentDrop = l.flag(ci, "create") || l.flag(ci, "add"), l.flag(ci, "drop")
	}
	out.Ignore = l.list(b, "ignore")
	out.Split = l.split(b)
	out.Phased = l.flag(b, "phased")
	skip := b.Select("skip")
	if skip == nil {
		return out
	}
	for _, name := range slices.Sorted(maps.Keys(skip.Attrs)) {
		a := skip.Attrs[name]
		action, kind, ok := parseSkip(name)
		if !ok {
			d := l.faultAt(a, "unknown-attribute", "skip has no attribute %q", name)
			d.Hint = "the names are an action (add, drop, modify, rename) and a kind, as in drop_table"
			if near := diag.Nearest(name, allSkips()); near != "" {
				d.Hint = "did you mean " + near + "?"
			}
			continue
		}
		if l.flag(skip, name) {
			out.Skip = append(out.Skip, SkipRule{Action: action, Kind: kind, Pos: a.Pos})
		}
	}
	return out
}

func allSkips() []string {
	var out []string
	for _, action := range skipActions() {
		for _, kind := range skipKinds() {
			out = append(out, action+"_"+kind)
		}
	}
	return out
}

// format keeps the templates of the format block, or of its old name log.
func (l *loader) format(b *Block) map[string]Template {
	out := map[string]Template{}
	for _, name := range []string{"log", "format"} {
		f := b.Select(name)
		if f == nil {
			continue
		}
		for _, group := range f.Blocks {
			for _, command := range slices.Sorted(maps.Keys(group.Attrs)) {
				if text, ok := l.text(group, command); ok {
					out[group.Type+"."+command] = Template{text, group.Attrs[command].Pos}
				}
			}
		}
	}
	return out
}
