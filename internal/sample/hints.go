package sample

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Sort is the form of the values that a type takes.
type Sort int

// The sorts. Types that take any of a few values need no hints.
const (
	Other Sort = iota
	Number
	Text
	Time
	Closed
)

var (
	stringPattern = regexp.MustCompile(`'((?:[^'\\]|''|\\.)*)'`)
	yearPattern   = regexp.MustCompile(`\b\d{4}\b`)
	numberPattern = regexp.MustCompile(`-?\b\d+(?:\.\d+)?\b`)
)

// Strings are the string literals of a text.
func Strings(text string) []string {
	var out []string
	for _, m := range stringPattern.FindAllStringSubmatch(text, -1) {
		out = append(out, strings.NewReplacer("''", "'", `\\`, `\`, `\'`, "'").Replace(m[1]))
	}
	return out
}

// Hints are the values that conditions may mean: their literals, what stands beside numbers, strings of their length,
// and words of common shapes, for patterns.
func Hints(sort Sort, texts []string) []string {
	text := strings.Join(texts, " ")
	if text == "" || sort == Closed {
		return nil
	}
	strs := Strings(text)
	nums := numberPattern.FindAllString(stringPattern.ReplaceAllString(text, " "), -1)
	var out []string
	switch sort {
	case Number:
		out = around(append(nums, strs...))
	case Text:
		out = slices.Concat(strs, lengths(nums))
		out = append(out, "a@example.org", "b@example.org", "c@example.org", "AB", "BC", "ABC", "12345", "https://example.org/",
			"https://example.org/b", "+12025550123", "a-b", "a_b", "a1", "A-1",
			"#aabbcc", "1.2.3.4", "{}", "[]")
	case Time:
		out = slices.Concat(strs, years(slices.Concat(nums, yearPattern.FindAllString(strings.Join(strs, " "), -1))))
	default:
		out = strs
	}
	return Unique(out)
}

// around lists numbers with their neighbours.
func around(texts []string) []string {
	var out []string
	for _, n := range texts {
		if whole, err := strconv.ParseInt(n, 10, 64); err == nil {
			out = append(out, n, strconv.FormatInt(whole+1, 10), strconv.FormatInt(whole-1, 10))
		} else if _, err := strconv.ParseFloat(n, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// years are days in the years that numbers may mean, and in those before.
func years(nums []string) []string {
	const first, last = 1900, 2200
	var out []string
	for _, n := range nums {
		if y, err := strconv.Atoi(n); err == nil && y >= first && y <= last {
			out = append(out, fmt.Sprintf("%d-01-01", y), fmt.Sprintf("%d-06-15", y-1))
		}
	}
	return out
}

// lengths are strings as long as the numbers say.
func lengths(nums []string) []string {
	const longest = 200
	var out []string
	for _, n := range nums {
		if length, err := strconv.Atoi(n); err == nil && length > 0 && length <= longest {
			for _, c := range []string{"a", "7", "A"} {
				out = append(out, strings.Repeat(c, length))
			}
			out = append(out, strings.Repeat("a", length+1))
		}
	}
	return out
}

// Unique leaves out what is there before.
func Unique(list []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// Letters counts with letters: a to z, ba, bb …
func Letters(i int) string {
	out := string(rune('a' + i%26))
	for i /= 26; i > 0; i /= 26 {
		out = string(rune('a'+i%26)) + out
	}
	return out
}

// Within is a number, or what is left of it within so many digits.
func Within(n, digits int) string {
	const many = 9
	most := 1
	for range min(digits, many) {
		most *= 10
	}
	return strconv.Itoa(n % most)
}
