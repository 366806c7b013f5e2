package plan

import "slices"

// loops returns the strongly connected components of more than one group (Tarjan's algorithm, without recursion so
// that long chains cannot exhaust the stack).
func (g *graph) loops(roots []int) [][]int {
	t := &tarjan{next: g.successors(roots), index: make([]int, len(g.steps)), low: make([]int, len(g.steps)), on: make([]bool, len(g.steps))}
	for i, r := range roots {
		if i == r && t.index[i] == 0 {
			t.visit(i)
		}
	}
	return t.found
}

type tarjan struct {
	next       [][]int
	index, low []int // 0: not visited
	on         []bool
	stack      []int
	counter    int
	found      [][]int
}

type frame struct{ node, edge int }

func (t *tarjan) visit(root int) {
	calls := []frame{t.enter(root)}
	for len(calls) > 0 {
		top := &calls[len(calls)-1]
		if top.edge < len(t.next[top.node]) {
			to := t.next[top.node][top.edge]
			top.edge++
			switch {
			case t.index[to] == 0:
				calls = append(calls, t.enter(to))
			case t.on[to]:
				t.low[top.node] = min(t.low[top.node], t.index[to])
			}
			continue
		}
		node := top.node
		calls = calls[:len(calls)-1]
		if len(calls) > 0 {
			parent := calls[len(calls)-1].node
			t.low[parent] = min(t.low[parent], t.low[node])
		}
		t.leave(node)
	}
}

func (t *tarjan) enter(node int) frame {
	t.counter++
	t.index[node], t.low[node] = t.counter, t.counter
	t.stack = append(t.stack, node)
	t.on[node] = true
	return frame{node: node}
}

func (t *tarjan) leave(node int) {
	if t.low[node] != t.index[node] {
		return
	}
	at := len(t.stack) - 1
	for t.stack[at] != node {
		at--
	}
	component := slices.Clone(t.stack[at:])
	t.stack = t.stack[:at]
	for _, n := range component {
		t.on[n] = false
	}
	if len(component) > 1 {
		t.found = append(t.found, component)
	}
}
