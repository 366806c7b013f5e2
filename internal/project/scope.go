package project

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"ariga.io/atlas/schemahcl"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	document "github.com/schemactl/schemactl/internal/hcl"
)

// node is something that expressions refer to: a variable, a local, a data source, a docker or dev block.
// It is evaluated when the first expression needs it, so an environment costs only what it uses.
type node struct {
	path   []string
	at     hcl.Range
	eval   func() (cty.Value, bool)
	state  nodeState
	value  cty.Value
	failed bool
}

type nodeState int

const (
	waiting nodeState = iota
	running
	done
)

func (l *loader) add(at hcl.Range, eval func() (cty.Value, bool), path ...string) {
	key := strings.Join(path, ".")
	if other := l.nodes[key]; other != nil {
		l.fault(at, "duplicate-block", "%s is declared twice", key).hint("the first is at line %d", other.at.Start.Line)
		return
	}
	l.nodes[key] = &node{path: path, at: at, eval: eval}
	l.order = append(l.order, key)
	slices.Sort(l.order)
}

// language is what Atlas's own evaluator gives every document: its functions and the words for types. The library
// shows it only to the handlers of blocks, so one is asked for it.
func (l *loader) language() (*hcl.EvalContext, error) {
	var base *hcl.EvalContext
	state := schemahcl.New(
		schemahcl.WithFunctions(map[string]function.Function{
			"file":    schemahcl.MakeFileFunc(l.dir),
			"glob":    schemahcl.MakeGlobFunc(l.dir),
			"fileset": schemahcl.MakeFileSetFunc(l.dir),
		}),
		schemahcl.WithInitBlock("language", func(_ context.Context, c *hcl.EvalContext, _ *hclsyntax.Block) (cty.Value, error) {
			base = c
			return cty.EmptyObjectVal, nil
		}),
	)
	var nothing struct{}
	if err := state.EvalBytes([]byte("language {}"), &nothing, nil); err != nil {
		return nil, fmt.Errorf("set up the project language: %w", err)
	}
	child := base.NewChild()
	child.Functions = map[string]function.Function{"getenv": l.getenvFunc(), "print": l.printFunc()}
	return child, nil
}

func (l *loader) getenvFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "name", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if l.opts.Getenv == nil {
				return cty.StringVal(""), nil
			}
			v := l.opts.Getenv(args[0].AsString())
			l.secrets.add(v)
			return cty.StringVal(v), nil
		},
	})
}

// printFunc writes to standard error: the library's writes to standard output, which belongs to the command's result.
func (l *loader) printFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowNull: true}},
		Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if l.opts.Stderr == nil {
				return args[0], nil
			}
			if args[0].Type() == cty.String && !args[0].IsNull() {
				_, err := fmt.Fprintln(l.opts.Stderr, args[0].AsString())
				return args[0], err
			}
			text, err := ctyjson.Marshal(args[0], args[0].Type())
			if err == nil {
				_, err = io.WriteString(l.opts.Stderr, string(text)+"\n")
			}
			return args[0], err
		},
	})
}

// eval evaluates an expression after what it refers to. It reports its own faults; those of what it needs are reported
// where they are.
func (l *loader) eval(expr hcl.Expression, extra map[string]cty.Value) (cty.Value, bool) {
	ok := true
	for _, t := range expr.Variables() {
		for _, n := range l.referred(t) {
			ok = l.need(n, t.SourceRange()) && ok
		}
	}
	if !ok {
		return cty.NilVal, false
	}
	c := l.base.NewChild()
	c.Variables = l.variables()
	maps.Copy(c.Variables, extra)
	before := len(l.faults)
	v, faults := expr.Value(c)
	if l.hclFaults(faults, expr); faults.HasErrors() {
		return cty.NilVal, false
	}
	if document.TooLarge(v) {
		l.fault(expr.Range(), "too-large", "the value is larger than any may be: 16 MiB of text, or 262,144 elements")
		return cty.NilVal, false
	}
	if !v.IsWhollyKnown() {
		l.fault(expr.Range(), "hcl", "the value cannot be known").hint("write it without a reference")
	}
	return v, len(l.faults) == before
}

// referred are the nodes that a traversal may read: one, or all below a root that is indexed dynamically.
func (l *loader) referred(t hcl.Traversal) []*node {
	path := []string{t.RootName()}
	for _, step := range t[1:] {
		name, ok := stepName(step)
		if !ok {
			break
		}
		path = append(path, name)
	}
	var out []*node
	for _, key := range l.order {
		n := l.nodes[key]
		k := min(len(n.path), len(path))
		if slices.Equal(n.path[:k], path[:k]) {
			out = append(out, n)
		}
	}
	return out
}

func stepName(step hcl.Traverser) (string, bool) {
	switch s := step.(type) {
	case hcl.TraverseAttr:
		return s.Name, true
	case hcl.TraverseIndex:
		if s.Key.Type() == cty.String && s.Key.IsKnown() && !s.Key.IsNull() {
			return s.Key.AsString(), true
		}
	}
	return "", false
}

func (l *loader) need(n *node, from hcl.Range) bool {
	switch n.state {
	case running:
		l.fault(from, "cycle", "%s refers to itself", strings.Join(n.path, ".")).
			hint("it is declared at line %d; break the circle", n.at.Start.Line)
		return false
	case waiting:
		n.state = running
		v, ok := n.eval()
		n.value, n.failed, n.state = v, !ok, done
	}
	return !n.failed
}

// variables are the values that are known by now, as objects below their roots.
func (l *loader) variables() map[string]cty.Value {
	roots := map[string]map[string]map[string]cty.Value{"data": {}, "docker": {}, "dev": {}}
	flat := map[string]map[string]cty.Value{"var": {}, "local": {}}
	for _, n := range l.nodes {
		if n.state != done || n.failed {
			continue
		}
		if len(n.path) == 2 {
			flat[n.path[0]][n.path[1]] = n.value
			continue
		}
		below := roots[n.path[0]]
		if below[n.path[1]] == nil {
			below[n.path[1]] = map[string]cty.Value{}
		}
		below[n.path[1]][n.path[2]] = n.value
	}
	out := map[string]cty.Value{"atlas": cty.ObjectVal(map[string]cty.Value{"env": cty.StringVal(l.opts.Env)})}
	for root, values := range flat {
		out[root] = cty.ObjectVal(values)
	}
	for root, types := range roots {
		values := map[string]cty.Value{}
		for typ, names := range types {
			values[typ] = cty.ObjectVal(names)
		}
		out[root] = cty.ObjectVal(values)
	}
	return out
}
