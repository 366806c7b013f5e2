package render

import (
	"fmt"
	"math"
	"strings"

	"github.com/schemactl/schemactl/internal/review"
)

// drawing is a diagram with places: boxes in columns, and curves between them.
type drawing struct {
	Width, Height int
	Left          int
	Description   string
	Boxes         []box
	Edges         []edge
}

type box struct {
	Name            string
	State           review.State
	X, Y, W, H      int
	TextX, TextY    int
	Rows            []boxRow
	column, middleY int
}

type boxRow struct {
	Text  string
	State review.State
	X, Y  int
}

type edge struct {
	Path  string
	State review.State
	X, Y  int // where it ends
}

const (
	rowHeight   = 17
	headHeight  = 26
	boxGapX     = 90
	boxGapY     = 28
	margin      = 16
	letterWidth = 7.3
	maxLetters  = 44
)

// draw gives the tables of a diagram their places.
func draw(d review.Diagram) *drawing {
	out := &drawing{Left: d.Left, Description: describe(d)}
	columns := min(4, int(math.Ceil(math.Sqrt(float64(len(d.Tables))))))
	width := boxWidth(d)
	heights := make([]int, columns)
	at := map[string]int{}
	for i, t := range d.Tables {
		c := lowest(heights)
		b := box{Name: marked(t.State, t.Name), State: t.State, X: margin + c*(width+boxGapX), Y: margin + heights[c], W: width, column: c}
		b.TextX, b.TextY = b.X+8, b.Y+18
		for j, col := range t.Columns {
			b.Rows = append(b.Rows, boxRow{columnText(col), rowState(t, col), b.X + 8, b.Y + headHeight + 13 + j*rowHeight})
		}
		b.H = headHeight + len(t.Columns)*rowHeight + 6
		b.middleY = b.Y + b.H/2
		heights[c] += b.H + boxGapY
		at[t.Name] = i
		out.Boxes = append(out.Boxes, b)
		out.Width = max(out.Width, b.X+b.W+margin+boxGapX/2)
		out.Height = max(out.Height, b.Y+b.H+margin)
	}
	for i, j := range d.Joins {
		from, okFrom := at[j.From]
		to, okTo := at[j.To]
		if okFrom && okTo {
			out.Edges = append(out.Edges, curve(out.Boxes[from], out.Boxes[to], j.State, i))
		}
	}
	return out
}

func lowest(heights []int) int {
	best := 0
	for i, h := range heights {
		if h < heights[best] {
			best = i
		}
	}
	return best
}

func boxWidth(d review.Diagram) int {
	longest := 16
	for _, t := range d.Tables {
		longest = max(longest, len([]rune(marked(t.State, t.Name))))
		for _, c := range t.Columns {
			longest = max(longest, len([]rune(columnText(c))))
		}
	}
	return int(float64(longest)*letterWidth) + 20
}

// curve leads from the side of one box to that of another; several between the same two part by their turn.
func curve(a, b box, state review.State, turn int) edge {
	y1, y2 := a.middleY+turn%5*4-8, b.middleY+turn%5*4-8
	x1, x2 := a.X+a.W, b.X
	bend := boxGapX / 2
	switch {
	case a.column == b.column:
		x2 = b.X + b.W
		path := fmt.Sprintf("M%d %d C%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2+bend, y2, x2, y2)
		return edge{path, state, x2, y2}
	case a.column > b.column:
		x1, x2, bend = a.X, b.X+b.W, -bend
	}
	return edge{fmt.Sprintf("M%d %d C%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2, y2), state, x2, y2}
}

// rowState marks columns only in tables that were there and stay: else the table says it.
func rowState(t review.Entity, c review.Column) review.State {
	if t.State == review.Altered {
		return c.State
	}
	return review.Same
}

// marked puts a sign before a name, for those who see no colours.
func marked(s review.State, name string) string {
	switch s {
	case review.Added:
		return "+ " + name
	case review.Dropped:
		return "− " + name
	case review.Altered:
		return "~ " + name
	}
	return name
}

func columnText(c review.Column) string {
	out := marked(c.State, c.Name) + " " + c.Type
	if c.Was != "" {
		out += " (was " + c.Was + ")"
	}
	if c.Key != "" {
		out += " " + c.Key
	}
	if r := []rune(out); len(r) > maxLetters {
		return string(r[:maxLetters-1]) + "…"
	}
	return out
}

// describe is a diagram in words.
func describe(d review.Diagram) string {
	var out []string
	for _, t := range d.Tables {
		out = append(out, fmt.Sprintf("Table %s: %s.", t.Name, t.State))
	}
	for _, j := range d.Joins {
		out = append(out, fmt.Sprintf("%s refers to %s by %s (%s).", j.From, j.To, strings.Join(j.Columns, ", "), j.State))
	}
	return strings.Join(out, " ")
}
