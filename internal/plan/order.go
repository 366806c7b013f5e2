package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

// Order sorts the steps so that each runs when what it needs is there, and folds the steps that others can carry. Equal inputs in any order give the same result. Steps that wait for each other are a
// *Cycle, which the planner may know a way out of.
func Order(steps []*Step) ([]*Step, error) {
	steps = slices.Clone(steps)
	slices.SortStableFunc(steps, compareSteps)
	g := newGraph(steps)
	for {
		groups := g.groups()
		loops := g.loops(groups)
		if len(loops) == 0 {
			return g.emit(groups)
		}
		if !g.unfold(groups, loops) {
			return nil, g.cycle(loops[0])
		}
	}
}

// compareSteps breaks ties: drops before the rest and the weightiest first, then by weight, table, place and ID. Split
// changes come last; among them a new index is there before an old one goes.
func compareSteps(a, b *Step) int {
	if d := cmp.Compare(rank(a), rank(b)); d != 0 {
		return d
	}
	weight := cmp.Compare(a.Weight, b.Weight)
	if a.Op == Drop {
		weight = -weight
	}
	return cmp.Or(
		weight,
		object.Compare(a.Owner, b.Owner),
		strings.Compare(a.ID.Schema, b.ID.Schema),
		strings.Compare(a.ID.Table, b.ID.Table),
		cmp.Compare(a.Seq, b.Seq),
		object.Compare(a.ID, b.ID),
	)
}

func rank(s *Step) int {
	switch {
	case s.late() && s.Op == Drop:
		return 3
	case s.late():
		return 2
	case s.Op == Drop:
		return 0
	}
	return 1
}

// graph is the order between single steps; groups of folded steps are laid over it.
type graph struct {
	steps []*Step
	after [][]int // after[i] lists the steps that must come after step i
	host  []int   // host[i] is the step that carries step i, or -1
}

func newGraph(steps []*Step) *graph {
	g := &graph{steps: steps, after: make([][]int, len(steps)), host: make([]int, len(steps))}
	g.findHosts()
	g.connect()
	return g
}

func (g *graph) findHosts() {
	index := make(map[Ref]int, len(g.steps))
	for i, s := range g.steps {
		ref := Ref{s.Op, s.ID}
		if _, taken := index[ref]; !taken {
			index[ref] = i
		}
	}
	shared := map[[2]string]int{} // the first step of each prefix and class carries the others when there is no host of its own
	for i, s := range g.steps {
		g.host[i] = -1
		if s.Into == (Ref{}) {
			continue
		}
		if h, ok := index[s.Into]; ok && h != i && g.takes(h, i) {
			g.host[i] = h
			continue
		}
		if s.Prefix == "" || s.NoTx {
			continue
		}
		key := [2]string{s.Prefix, s.Class}
		if h, ok := shared[key]; ok {
			g.host[i] = h
		} else {
			shared[key] = i
		}
	}
}

// takes reports whether a step can carry another that names it: not where both are clauses that must not share one
// statement.
func (g *graph) takes(host, i int) bool {
	h, s := g.steps[host], g.steps[i]
	return h.Prefix == "" || h.Prefix != s.Prefix || h.Class == s.Class
}

// connect draws the edges: make before need, release before drop, drop before make of the same name.
func (g *graph) connect() {
	makers, droppers, completers := map[object.ID][]int{}, map[object.ID][]int{}, map[object.ID][]int{}
	takers := map[string][]int{}
	for i, s := range g.steps {
		for _, id := range s.Makes {
			makers[id] = append(makers[id], i)
		}
		for _, id := range s.Completes {
			completers[id] = append(completers[id], i)
		}
		for _, id := range s.Drops {
			droppers[id] = append(droppers[id], i)
		}
		for _, c := range s.Takes {
			takers[c] = append(takers[c], i)
		}
	}
	for i, s := range g.steps {
		for _, id := range s.Needs {
			g.edges(makers[id], i)
			for _, c := range completers[id] {
				if g.steps[c].ID != s.ID {
					g.edge(c, i)
				}
			}
		}
		for _, id := range s.Releases {
			for _, d := range droppers[id] {
				g.edge(i, d)
			}
			for _, m := range makers[id] {
				if g.steps[m].Op == Alter {
					g.edge(i, m)
				}
			}
		}
		for _, c := range s.Frees {
			for _, t := range takers[c] {
				g.edge(i, t)
			}
		}
	}
	for i := range g.after {
		slices.Sort(g.after[i])
		g.after[i] = slices.Compact(g.after[i])
	}
}

func (g *graph) edges(from []int, to int) {
	for _, f := range from {
		g.edge(f, to)
	}
}

func (g *graph) edge(from, to int) {
	if from != to {
		g.after[from] = append(g.after[from], to)
	}
}

// groups maps each step to the step at the root of its group: itself, or its host's.
func (g *graph) groups() []int {
	roots := make([]int, len(g.steps))
	for i := range roots {
		r := i
		for g.host[r] >= 0 {
			r = g.host[r]
		}
		roots[i] = r
	}
	return roots
}

// successors lists the groups that must come after each group.
func (g *graph) successors(roots []int) [][]int {
	out := make([][]int, len(g.steps))
	for i, list := range g.after {
		for _, j := range list {
			if roots[i] != roots[j] {
				out[roots[i]] = append(out[roots[i]], roots[j])
			}
		}
	}
	return out
}

// unfold takes out of their hosts the steps that hold a loop together. It reports whether there were any.
func (g *graph) unfold(roots []int, loops [][]int) bool {
	loopOf := map[int]int{}
	for n, loop := range loops {
		for _, r := range loop {
			loopOf[r] = n + 1
		}
	}
	// Of the carried steps in a loop only those of the kind that needs others most leave, such as foreign keys: a
	// column or a default stays in its CREATE TABLE as long as there is another way.
	leaving := map[int][]int{}
	consider := func(i, loop int) {
		if g.host[i] < 0 {
			return
		}
		have := leaving[loop]
		switch prior := g.leavesBefore(i, have); {
		case prior > 0:
			leaving[loop] = []int{i}
		case prior == 0:
			leaving[loop] = append(have, i)
		}
	}
	for i, list := range g.after {
		for _, j := range list {
			if loop := loopOf[roots[i]]; roots[i] != roots[j] && loop != 0 && loop == loopOf[roots[j]] {
				consider(i, loop)
				consider(j, loop)
			}
		}
	}
	for _, loop := range slices.Sorted(maps.Keys(leaving)) {
		g.leave(leaving[loop])
	}
	return len(leaving) > 0
}

// leavesBefore compares a step with those that are to leave their hosts: what the server takes only together with the rest
// stays as long as anything else can go.
func (g *graph) leavesBefore(i int, have []int) int {
	if len(have) == 0 {
		return 1
	}
	s, other := g.steps[i], g.steps[have[0]]
	if s.Bound != other.Bound {
		if s.Bound {
			return -1
		}
		return 1
	}
	return cmp.Compare(s.Weight, other.Weight)
}

// leave takes steps out of their hosts. Those that could share a statement there share one of their own; if that holds
// the loop together too, they part the next time.
func (g *graph) leave(steps []int) {
	slices.Sort(steps)
	type together struct {
		prefix, class string
		host          int
	}
	first := map[together]int{}
	for _, i := range slices.Compact(steps) {
		s := g.steps[i]
		key := together{s.Prefix, s.Class, g.host[i]}
		if h, ok := first[key]; ok && s.Prefix != "" && s.Class != "" {
			g.host[i] = h
			continue
		}
		first[key], g.host[i] = i, -1
	}
}

// wishes lists, for each group, the groups that would rather come after it.
func (g *graph) wishes(roots []int) [][]int {
	makers := map[object.ID][]int{}
	for i, s := range g.steps {
		for _, id := range s.Makes {
			makers[id] = append(makers[id], roots[i])
		}
	}
	out := make([][]int, len(g.steps))
	for i, s := range g.steps {
		for _, id := range s.Prefers {
			for _, m := range makers[id] {
				if m != roots[i] {
					out[m] = append(out[m], roots[i])
				}
			}
		}
	}
	for i := range out {
		slices.Sort(out[i])
		out[i] = slices.Compact(out[i])
	}
	return out
}

// emit lists the groups in order, each as its host with what it carries folded in.
func (g *graph) emit(roots []int) ([]*Step, error) {
	children := make([][]int, len(g.steps))
	for i, h := range g.host {
		if h >= 0 {
			children[h] = append(children[h], i)
		}
	}
	next := g.successors(roots)
	waiting := make([]int, len(g.steps))
	for _, list := range next {
		for _, j := range list {
			waiting[j]++
		}
	}
	queue := newQueue(g.steps, g.wishes(roots))
	for i, r := range roots {
		if i == r && waiting[i] == 0 {
			queue.push(i)
		}
	}
	var out []*Step
	for last := (kin{}); ; {
		i, ok := queue.pop(last)
		if !ok {
			return out, nil
		}
		folded, err := g.fold(i, children)
		if err != nil {
			return nil, err
		}
		out, last = append(out, folded), standsWith(folded)
		for _, j := range next[i] {
			if waiting[j]--; waiting[j] == 0 {
				queue.push(j)
			}
		}
	}
}

// fold makes one step of a host and of what it carries: the parts that name it, with their own parts, by its Fold
// function, and the steps that only share its prefix by joining their clauses.
func (g *graph) fold(host int, children [][]int) (*Step, error) {
	folded := *g.steps[host]
	folded.Parts = slices.Clone(folded.Parts)
	var parts, sharers []*Step
	for _, c := range children[host] {
		if g.steps[c].Into == (Ref{folded.Op, folded.ID}) {
			for _, i := range g.family(c, children) {
				parts = append(parts, g.steps[i])
			}
			continue
		}
		sharer, err := g.fold(c, children)
		if err != nil {
			return nil, err
		}
		sharers = append(sharers, sharer)
	}
	for _, p := range parts {
		folded.Parts = append(folded.Parts, partOf(p))
		folded.Parts = append(folded.Parts, p.Parts...)
		folded.Busy = union(folded.Busy, p.Busy)
	}
	switch {
	case folded.Remake != nil:
		folded.Reverse = folded.Remake(parts)
		folded.apart = len(folded.Reverse) > 1
	case folded.Op == Drop:
		folded.Reverse = withParts(folded.Reverse, parts)
	}
	if folded.Fold != nil {
		if err := folded.Fold(&folded, parts); err != nil {
			return nil, fmt.Errorf("%s %s: %w", folded.Op, folded.ID, err)
		}
	}
	for _, s := range sharers {
		folded.Parts = append(folded.Parts, partOf(s))
		folded.Parts = append(folded.Parts, s.Parts...)
		folded.Busy = union(folded.Busy, s.Busy)
	}
	if folded.Fold == nil { // else it has taken them in
		sharers = append(sharers, parts...)
	}
	if len(sharers) > 0 && folded.Prefix != "" {
		joinClauses(&folded, sharers)
	}
	return &folded, nil
}

// withParts completes what undoes a drop by what undoes the drops that go along with it: dependents, which are dropped
// first, come back last. It is empty when one of them cannot come back.
func withParts(reverse []string, parts []*Step) []string {
	if len(reverse) == 0 {
		return nil
	}
	out := slices.Clone(reverse)
	for _, p := range slices.Backward(parts) {
		if len(p.Reverse) == 0 {
			return nil
		}
		out = append(out, p.Reverse...)
	}
	return out
}

// family lists a step and all that it carries, in the tie-break order.
func (g *graph) family(i int, children [][]int) []int {
	out := []int{i}
	for _, c := range children[i] {
		out = append(out, g.family(c, children)...)
	}
	slices.Sort(out)
	return out
}

// joinClauses makes one statement of a step and of those that share its prefix. Its reverse undoes them backwards, or
// is empty when one of them cannot be undone.
func joinClauses(host *Step, parts []*Step) {
	for _, p := range parts {
		if p.Prefix != host.Prefix {
			continue
		}
		host.Runs = host.Runs.Join(p.Runs)
		if p.Tail != "" {
			host.Tail, host.TailReverse = p.Tail, p.TailReverse
			continue
		}
		host.Clause += ",\n  " + p.Clause
		host.apart = host.apart || p.apart
		if p.UndoneAlong {
			continue
		}
		if len(host.Reverse) == 0 || len(p.Reverse) == 0 {
			host.Reverse = nil
		} else {
			host.Reverse = append(slices.Clone(p.Reverse), host.Reverse...)
		}
	}
	host.SQL = host.Prefix + host.Clause
	if !host.apart {
		host.Reverse = joinReverse(host.Prefix, host.Reverse)
	}
	if host.Tail != "" {
		host.endWith()
	}
}

// endWith puts the end behind the clauses of a statement, and of the one that undoes it.
func (s *Step) endWith() {
	s.SQL += "\n  " + s.Tail
	switch {
	case len(s.Reverse) != 1 || s.TailReverse == "":
		s.Reverse = nil
	default:
		s.Reverse[0] += "\n  " + s.TailReverse
	}
}

// joinReverse makes one statement of several that share the prefix, as the step itself is one: halves of it the server
// may refuse, such as a column that counts up without the key that comes back with it.
func joinReverse(prefix string, reverse []string) []string {
	if len(reverse) < 2 {
		return reverse
	}
	clauses := make([]string, len(reverse))
	for i, r := range reverse {
		clause, ok := strings.CutPrefix(r, prefix)
		if !ok {
			return reverse
		}
		clauses[i] = clause
	}
	return []string{prefix + strings.Join(clauses, ", ")}
}

func partOf(s *Step) Part {
	return Part{Op: s.Op, ID: s.ID, Comment: s.Comment, Pos: s.Pos, Loses: s.Loses, MayChange: s.MayChange}
}

// Cycle is steps that wait for each other.
type Cycle struct{ Steps []*Step }

// Error names them.
func (c *Cycle) Error() string {
	names := make([]string, len(c.Steps))
	for i, s := range c.Steps {
		names[i] = string(s.Op) + " " + s.ID.String()
	}
	return "internal error: these steps wait for each other: " + strings.Join(names, " → ") + "; please report it"
}

func (g *graph) cycle(loop []int) error {
	loop = slices.Sorted(slices.Values(loop))
	c := &Cycle{Steps: make([]*Step, len(loop))}
	for i, n := range loop {
		c.Steps[i] = g.steps[n]
	}
	return c
}
