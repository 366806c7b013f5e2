package project

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/diag"
	document "github.com/schemactl/schemactl/internal/hcl"
)

// loader reads one project file.
type loader struct {
	ctx     context.Context
	opts    Options
	file    string
	dir     string // the file's directory, absolute
	src     []byte
	body    *hclsyntax.Body
	faults  diag.List
	warned  diag.List
	secrets *secrets
	base    *hcl.EvalContext // Atlas's functions and types
	nodes   map[string]*node
	order   []string // the nodes as they stand in the file
	data    map[string]DataSource
}

func newLoader(ctx context.Context, o Options, file string, src []byte) (*loader, error) {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	l := &loader{ctx: ctx, opts: o, file: file, dir: dir, src: src, secrets: &secrets{}, nodes: map[string]*node{},
		data: map[string]DataSource{}}
	if l.base, err = l.language(); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *loader) load() *Project {
	p := &Project{Path: l.file, Data: l.data}
	body, faults := document.Parse(l.src, l.file, hcl.InitialPos)
	if l.hclFaults(faults, nil); faults.HasErrors() {
		return p
	}
	l.body = body
	top := fileShape()
	if l.declare(top); len(l.faults) > 0 {
		return p // what a faulty block would evaluate to misleads
	}
	global := map[string]*Block{}
	byLine := func(a, b *hclsyntax.Block) int { return a.TypeRange.Start.Byte - b.TypeRange.Start.Byte }
	blocks := slices.SortedFunc(slices.Values(l.body.Blocks), byLine)
	for _, b := range blocks {
		if b.Type != "lint" && b.Type != "diff" && b.Type != "test" {
			continue
		}
		if s := top.blocks[b.Type]; len(b.Labels) > 0 && b.Type == "diff" {
			l.fault(b.LabelRanges[0], "unsupported", "a diff policy for one driver is not supported").
				hint("write diff { … } in the environments of that driver")
		} else if l.once(blocks, b) {
			global[b.Type] = l.decode(b, s, nil)
		}
	}
	p.Diff, p.Lint, p.Test = l.diff(global["diff"]), global["lint"], global["test"]
	for _, b := range blocks {
		if b.Type == "env" {
			l.env(p, b, top.blocks["env"], global)
		}
	}
	slices.Sort(p.Names)
	p.Names = slices.Compact(p.Names)
	if l.opts.Env != "" && len(p.Envs) == 0 && len(l.faults) == 0 {
		l.noEnv(p.Names)
	}
	for name := range l.nodes {
		if v, ok := strings.CutPrefix(name, "var."); ok {
			p.Vars = append(p.Vars, v)
		}
	}
	slices.Sort(p.Vars)
	for _, name := range slices.Sorted(maps.Keys(l.opts.Vars)) {
		if l.nodes["var."+name] == nil {
			p.Unused = append(p.Unused, name)
		}
	}
	return p
}

func (l *loader) noEnv(names []string) {
	d := diag.Errorf(diag.Pos{File: l.file}, "unknown-env", "env %q is not defined", l.opts.Env)
	if near := diag.Nearest(l.opts.Env, names); near != "" {
		d = d.WithHint("did you mean %s?", near)
	} else if len(names) > 0 {
		d = d.WithHint("the file defines %s", strings.Join(names, ", "))
	} else {
		d = d.WithHint("the file defines no environment; add one with env %q { … }", l.opts.Env)
	}
	l.faults.Add(d)
}

// declare checks the blocks at the top of the file and makes nodes of those that others refer to.
func (l *loader) declare(top *shape) {
	for _, name := range slices.Sorted(maps.Keys(l.body.Attributes)) {
		a := l.body.Attributes[name]
		l.unknown(a.NameRange, "attribute", name, "the project file", nil)
	}
	for _, b := range l.body.Blocks {
		s := top.blocks[b.Type]
		if s == nil {
			l.unknown(b.TypeRange, "block", b.Type, "the project file", top.known())
			continue
		}
		if !l.labels(b, s) || l.set(b, s, true) {
			continue
		}
		switch b.Type {
		case "variable":
			l.check(b, s, true)
			l.add(b.TypeRange, func() (cty.Value, bool) { return l.variable(b) }, "var", b.Labels[0])
		case "locals":
			for name, a := range b.Body.Attributes {
				l.add(a.NameRange, func() (cty.Value, bool) { return l.eval(a.Expr, nil) }, "local", name)
			}
		case "lint", "diff", "test":
			l.check(b, s, true)
		case "env":
			l.check(b, s, false)
		case "data":
			l.checkSource(b)
			l.add(b.TypeRange, func() (cty.Value, bool) { return l.dataSource(b) }, "data", b.Labels[0], b.Labels[1])
		case "docker":
			l.check(b, s, true)
			l.add(b.TypeRange, func() (cty.Value, bool) { return l.docker(b, s) }, "docker", b.Labels[0], b.Labels[1])
		case "dev":
			l.check(b, s, true)
			l.add(b.TypeRange, func() (cty.Value, bool) { return l.dev(b, s) }, "dev", b.Labels[0], b.Labels[1])
		}
	}
}

// once reports a block that may stand only once among its siblings and is the second.
func (l *loader) once(siblings []*hclsyntax.Block, b *hclsyntax.Block) bool {
	for _, other := range siblings {
		if other == b {
			return true
		}
		if other.Type == b.Type {
			l.fault(b.TypeRange, "duplicate-block", "a second %s block", b.Type).
				hint("the first is at line %d; put both into one", other.TypeRange.Start.Line)
			return false
		}
	}
	return true
}

// finish renders the secrets out of everything that is reported.
func (l *loader) finish(p *Project) error {
	p.Warnings = l.report(l.warned)
	return l.report(l.faults).Err()
}

// report hides the secrets and tells each thing once, though several environments may have met it.
func (l *loader) report(list diag.List) diag.List {
	var out diag.List
	seen := map[diag.Diagnostic]bool{}
	for _, d := range list {
		l.secrets.scrub(d)
		if !seen[*d] {
			seen[*d] = true
			out.Add(d)
		}
	}
	return out
}

func (l *loader) pos(r hcl.Range) diag.Pos {
	return diag.Pos{File: l.file, Line: r.Start.Line, Column: r.Start.Column}
}

func width(r hcl.Range) int {
	if r.End.Line != r.Start.Line {
		return 1
	}
	return r.End.Column - r.Start.Column
}

// finding is a diagnostic that is reported already and may still be given a hint. It is no error to be checked.
type finding diag.Diagnostic

func (f *finding) hint(format string, args ...any) { f.Hint = fmt.Sprintf(format, args...) }

func (l *loader) fault(r hcl.Range, code, format string, args ...any) *finding {
	return l.faultAt(Attr{Pos: l.pos(r), Width: width(r)}, code, format, args...)
}

// faultAt reports the value of an evaluated attribute.
func (l *loader) faultAt(a Attr, code, format string, args ...any) *finding {
	d := diag.Errorf(a.Pos, code, format, args...).WithSource(l.src)
	d.Width = a.Width
	l.faults.Add(d)
	return (*finding)(d)
}

func (l *loader) warn(r hcl.Range, code, format string, args ...any) *finding {
	return l.warnAt(Attr{Pos: l.pos(r), Width: width(r)}, code, format, args...)
}

func (l *loader) warnAt(a Attr, code, format string, args ...any) *finding {
	d := diag.Warningf(a.Pos, code, format, args...).WithSource(l.src)
	d.Width = a.Width
	l.warned.Add(d)
	return (*finding)(d)
}

func (l *loader) unknown(r hcl.Range, what, name, where string, candidates []string) {
	d := l.fault(r, "unknown-"+what, "%s has no %s %q", where, what, name)
	if d.Hint = didYouMean(name, candidates); d.Hint == "" {
		d.Hint = "remove it, or move it into the block that it belongs to"
	}
}

// didYouMean names what a word may have meant, or all that there is.
func didYouMean(name string, candidates []string) string {
	near := diag.Nearest(name, candidates)
	switch {
	case near != "":
		return "did you mean " + near + "?"
	case len(candidates) > 0:
		return "it has " + strings.Join(slices.Sorted(slices.Values(candidates)), ", ")
	}
	return ""
}

// hclFaults turns the language's diagnostics into ours and names what a faulty reference may have meant.
func (l *loader) hclFaults(faults hcl.Diagnostics, expr hcl.Expression) {
	for _, f := range faults {
		if f.Severity != hcl.DiagError {
			continue
		}
		r := hcl.Range{Start: hcl.InitialPos, End: hcl.InitialPos}
		if f.Subject != nil {
			r = *f.Subject
		}
		message := strings.TrimSuffix(strings.ReplaceAll(f.Summary+": "+f.Detail, "\n", " "), ".")
		d := l.fault(r, "hcl", "%s", message)
		if f.Summary == "Unsupported attribute" && expr != nil {
			l.explainReference(d, expr, r)
		}
	}
}

func (l *loader) explainReference(d *finding, expr hcl.Expression, at hcl.Range) {
	for _, t := range expr.Variables() {
		if len(t) < 2 || at.Start.Byte < t.SourceRange().Start.Byte || at.Start.Byte >= t.SourceRange().End.Byte {
			continue
		}
		path := []string{t.RootName()}
		for _, step := range t[1:] {
			if name, ok := stepName(step); ok && len(path) < 3 {
				path = append(path, name)
			}
		}
		if path[0] != "data" && path[0] != "docker" && path[0] != "dev" {
			path = path[:min(2, len(path))]
		}
		name := strings.Join(path, ".")
		if l.nodes[name] != nil || path[0] != "var" && path[0] != "local" && len(path) < 3 {
			continue
		}
		d.Code, d.Message = "unknown-reference", name+" is not declared"
		d.Pos, d.Width = l.pos(t.SourceRange()), width(t.SourceRange())
		if near := diag.Nearest(name, l.order); near != "" {
			d.Hint = "did you mean " + near + "?"
		} else {
			d.Hint = "declare it in this file"
		}
		return
	}
}
