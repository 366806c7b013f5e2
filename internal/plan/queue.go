package plan

import (
	"container/heap"

	"github.com/schemactl/schemactl/internal/object"
)

// queue yields the groups that can run. Those with an open wish come only when no other can; among the rest those of
// the object that was served last come first, so that what belongs together stands together, and otherwise the one
// that is first in the tie-break order.
type queue struct {
	ready, reluctant *ownerHeap
	wishes           [][]int
	open             []int  // wishes of each group that are not fulfilled
	in, gone         []bool // pushed; popped
}

func newQueue(steps []*Step, wishes [][]int) *queue {
	n := len(wishes)
	q := &queue{
		ready: newOwnerHeap(steps), reluctant: newOwnerHeap(steps),
		wishes: wishes, open: make([]int, n), in: make([]bool, n), gone: make([]bool, n),
	}
	for _, list := range wishes {
		for _, j := range list {
			q.open[j]++
		}
	}
	return q
}

func (q *queue) push(i int) {
	q.in[i] = true
	if q.open[i] == 0 {
		q.ready.push(i)
	} else {
		q.reluctant.push(i)
	}
}

// pop returns the next group after one that stands with last; ok is false when none is left.
func (q *queue) pop(last kin) (i int, ok bool) {
	for _, h := range []*ownerHeap{q.ready, q.reluctant} {
		if i, ok = h.pop(last, q.gone); !ok {
			continue
		}
		q.gone[i] = true
		for _, j := range q.wishes[i] {
			if q.open[j]--; q.open[j] == 0 && q.in[j] && !q.gone[j] {
				q.ready.push(j)
			}
		}
		return i, true
	}
	return 0, false
}

// kin is what stands together: the steps of one owner, those that split a change apart from the rest.
type kin struct {
	owner object.ID
	split bool
}

func standsWith(s *Step) kin { return kin{s.Owner, s.late()} }

func (s *Step) late() bool { return s.Online != "" || s.Late }

// ownerHeap is two views of one set of groups: all of them, and those of each owner.
type ownerHeap struct {
	steps   []*Step
	all     intHeap
	byOwner map[kin]*intHeap
}

func newOwnerHeap(steps []*Step) *ownerHeap {
	return &ownerHeap{steps: steps, byOwner: map[kin]*intHeap{}}
}

func (o *ownerHeap) push(i int) {
	owner := standsWith(o.steps[i])
	if o.byOwner[owner] == nil {
		o.byOwner[owner] = &intHeap{}
	}
	heap.Push(&o.all, i)
	heap.Push(o.byOwner[owner], i)
}

// pop passes over the groups that are gone: they left through the other view, or through another heap.
func (o *ownerHeap) pop(last kin, gone []bool) (int, bool) {
	for _, h := range []*intHeap{o.byOwner[last], &o.all} {
		for h != nil && h.Len() > 0 {
			if i := heap.Pop(h).(int); !gone[i] {
				return i, true
			}
		}
	}
	return 0, false
}

type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
