package dbtest

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/catalog"
)

// Snapshot is a catalog that a test keeps in a file and changes at will.
type Snapshot struct {
	Name     string `json:"-"` // of its file
	Version  string
	Settings map[string]string
	Tables   map[string]*SnapshotTable
}

// SnapshotTable is the result of one query; a nil cell is NULL.
type SnapshotTable struct {
	Columns []string
	Rows    [][]*string
}

// TakeSnapshot copies a catalog.
func TakeSnapshot(c *catalog.Catalog) *Snapshot {
	s := &Snapshot{Version: c.Version, Settings: c.Settings, Tables: map[string]*SnapshotTable{}}
	for name, rows := range c.Tables {
		t := &SnapshotTable{Columns: rows.Columns}
		_ = rows.Each(func(r catalog.Row) error {
			cells := make([]*string, len(t.Columns))
			for i, column := range t.Columns {
				if text := r.Str(column); !r.Null(column) {
					cells[i] = &text
				}
			}
			t.Rows = append(t.Rows, cells)
			return nil
		})
		s.Tables[name] = t
	}
	return s
}

// Catalog is the snapshot as an inspection would give it.
func (s *Snapshot) Catalog() *catalog.Catalog {
	c := &catalog.Catalog{Version: s.Version, Settings: s.Settings, Tables: map[string]*catalog.Rows{}}
	for name, t := range s.Tables {
		rows := catalog.NewRows(t.Columns...)
		var chunk []byte
		for _, cells := range t.Rows {
			for _, cell := range cells {
				if cell == nil {
					chunk = append(chunk, 0)
					continue
				}
				chunk = append(binary.AppendUvarint(chunk, uint64(len(*cell))+1), *cell...)
			}
		}
		rows.Chunks = []string{string(chunk)}
		c.Tables[name] = rows
	}
	return c
}

// clone copies the snapshot down to its rows.
func (s *Snapshot) clone() *Snapshot {
	out := &Snapshot{Name: s.Name, Version: s.Version, Settings: maps.Clone(s.Settings), Tables: make(map[string]*SnapshotTable, len(s.Tables))}
	for name, t := range s.Tables {
		rows := make([][]*string, len(t.Rows))
		for i, r := range t.Rows {
			rows[i] = slices.Clone(r)
		}
		out.Tables[name] = &SnapshotTable{t.Columns, rows}
	}
	return out
}

// Write puts the snapshot into a file.
func (s *Snapshot) Write(file string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

// Snapshots reads the snapshots in a folder.
func Snapshots(t testing.TB, dir string) []*Snapshot {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.json.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no snapshots in %s: %v", dir, err)
	}
	var out []*Snapshot
	for _, file := range files {
		s, err := readSnapshot(file)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, s)
	}
	return out
}

func readSnapshot(file string) (*Snapshot, error) {
	packed, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	s := &Snapshot{Name: strings.TrimSuffix(filepath.Base(file), ".json.gz")}
	return s, json.NewDecoder(r).Decode(s)
}
