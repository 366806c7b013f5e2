package catalog

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// Rows is the result of one query, as text. The catalogs of a large database have millions of cells, so they are kept
// close together: each cell as its length plus one, or 0 for NULL, and its bytes.
type Rows struct {
	Columns []string
	Chunks  []string // whole rows, some together
	index   map[string]int
	pending []byte // of the last chunk
}

// chunkBytes is about how many bytes of rows are kept together.
const chunkBytes = 1 << 16

// NewRows makes an empty result with these columns.
func NewRows(columns ...string) *Rows { return &Rows{Columns: columns} }

// Add appends a row.
func (r *Rows) Add(cells ...string) {
	for _, c := range cells {
		r.cell([]byte(c), false)
	}
	r.end()
	r.flush()
}

func (r *Rows) cell(text []byte, isNull bool) {
	if isNull {
		r.pending = append(r.pending, 0)
		return
	}
	r.pending = binary.AppendUvarint(r.pending, uint64(len(text))+1)
	r.pending = append(r.pending, text...)
}

// end ends a row.
func (r *Rows) end() {
	if len(r.pending) >= chunkBytes {
		r.Chunks = append(r.Chunks, string(r.pending))
		r.pending = r.pending[:0]
	}
}

// flush makes the last rows readable.
func (r *Rows) flush() {
	if len(r.pending) > 0 {
		r.Chunks = append(r.Chunks, string(r.pending))
	}
	r.pending = nil
}

// Each calls f for every row and stops at its first error.
func (r *Rows) Each(f func(Row) error) error {
	if r == nil {
		return nil
	}
	if r.index == nil {
		r.index = make(map[string]int, len(r.Columns))
		for i, c := range r.Columns {
			r.index[c] = i
		}
	}
	for _, rest := range r.Chunks {
		for rest != "" {
			row := Row{r.index, rest}
			for range r.Columns {
				_, _, rest = next(rest)
			}
			if err := f(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// Filter drops the rows that keep refuses.
func (r *Rows) Filter(keep func(Row) bool) {
	kept := NewRows(r.Columns...)
	_ = r.Each(func(row Row) error {
		if keep(row) {
			rest := row.text
			for range r.Columns {
				text, isNull, more := next(rest)
				kept.cell([]byte(text), isNull)
				rest = more
			}
			kept.end()
		}
		return nil
	})
	kept.flush()
	r.Chunks = kept.Chunks
}

// next cuts the first cell off.
func next(cells string) (text string, isNull bool, rest string) {
	size, at := uint64(0), 0
	for shift := 0; ; shift += 7 {
		b := cells[at]
		at++
		size |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	if size == 0 {
		return "", true, cells[at:]
	}
	end := at + int(size) - 1
	return cells[at:end], false, cells[end:]
}

// Row is one row; columns are read by name. Reading a column that the query does not select is a broken invariant
// of the program and panics.
type Row struct {
	index map[string]int
	text  string // the cells of the row, and whatever follows
}

func (r Row) cell(column string) (text string, isNull bool) {
	i, ok := r.index[column]
	if !ok {
		panic("catalog: no column " + column)
	}
	rest := r.text
	for range i {
		_, _, rest = next(rest)
	}
	text, isNull, _ = next(rest)
	return text, isNull
}

// Null reports whether the column is NULL.
func (r Row) Null(column string) bool {
	_, isNull := r.cell(column)
	return isNull
}

// Str is the column as text; NULL is "".
func (r Row) Str(column string) string {
	text, _ := r.cell(column)
	return text
}

// Bool is the column as a truth value; NULL is false.
func (r Row) Bool(column string) bool {
	switch r.Str(column) {
	case "t", "true", "1", "YES":
		return true
	}
	return false
}

// Int is the column as a number; NULL and anything else is 0.
func (r Row) Int(column string) int64 {
	n, err := strconv.ParseInt(r.Str(column), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// List is a column whose elements the query joined with Separator; NULL and "" are empty.
func (r Row) List(column string) []string {
	s := r.Str(column)
	if s == "" {
		return nil
	}
	return strings.Split(s, Separator)
}
