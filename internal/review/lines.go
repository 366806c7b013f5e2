package review

import "strings"

// Line is a line of two texts side by side.
type Line struct {
	// Op is ' ' for the same on both sides, '-' and '+' for a line of one side only, '~' for one that took the place of
	// another.
	Op            byte
	Before, After string
}

// lineLimit bounds the work of comparing: texts with more pairs of lines that may differ are shown as replaced.
const lineLimit = 4_000_000

// SideBySide lays two texts beside each other, what is equal on one line.
func SideBySide(before, after string) []Line {
	a, b := lines(before), lines(after)
	var out []Line
	put := func(op byte, i, j int) {
		l := Line{Op: op}
		if i >= 0 {
			l.Before = a[i]
		}
		if j >= 0 {
			l.After = b[j]
		}
		out = append(out, l)
	}
	i, j := 0, 0
	flush := func(toI, toJ int) {
		for i < toI && j < toJ {
			put('~', i, j)
			i, j = i+1, j+1
		}
		for ; i < toI; i++ {
			put('-', i, -1)
		}
		for ; j < toJ; j++ {
			put('+', -1, j)
		}
	}
	for _, m := range common(a, b) {
		flush(m[0], m[1])
		put(' ', i, j)
		i, j = i+1, j+1
	}
	flush(len(a), len(b))
	return out
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimRight(s, "\n"), "\n")
}

// common is a longest common subsequence, as pairs of indexes.
func common(a, b []string) [][2]int {
	var head, tail [][2]int
	start, endA, endB := 0, len(a), len(b)
	for start < endA && start < endB && a[start] == b[start] {
		head = append(head, [2]int{start, start})
		start++
	}
	for endA > start && endB > start && a[endA-1] == b[endB-1] {
		endA, endB = endA-1, endB-1
		tail = append(tail, [2]int{endA, endB})
	}
	n, m := endA-start, endB-start
	if n > 0 && m > 0 && n*m <= lineLimit {
		head = append(head, longest(a[start:endA], b[start:endB], start)...)
	}
	for i := len(tail) - 1; i >= 0; i-- {
		head = append(head, tail[i])
	}
	return head
}

func longest(a, b []string, offset int) [][2]int {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	var out [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			out = append(out, [2]int{offset + i, offset + j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return out
}
