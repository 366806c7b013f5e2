package source

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
)

func entry() *Normalised {
	rows := catalog.NewRows("a", "b")
	rows.Add("1", "")
	rows.Add("2", "x")
	return &Normalised{
		Catalog:   &catalog.Catalog{Version: "18.4", Settings: map[string]string{"s": "1"}, Tables: map[string]*catalog.Rows{"t": rows, "u": catalog.NewRows("c")}},
		Positions: map[object.ID]diag.Pos{{Kind: "table", Name: "t"}: {File: "a.hcl", Line: 3}},
	}
}

func TestCacheGivesBackWhatItGot(t *testing.T) {
	c := &Cache{Dir: t.TempDir()}
	key := c.key([]byte("a"))
	if got := c.get(key); got != nil {
		t.Fatalf("an empty cache had %v", got)
	}
	c.put(key, entry())
	if got := c.get(key); !reflect.DeepEqual(got, entry()) {
		t.Errorf("got %+v", got)
	}
}

func TestCacheIgnoresWhatItCannotRead(t *testing.T) {
	c := &Cache{Dir: t.TempDir()}
	key := c.key([]byte("a"))
	c.put(key, entry())
	whole, err := os.ReadFile(c.path(key))
	if err != nil {
		t.Fatal(err)
	}
	flipped := append([]byte{}, whole...)
	flipped[len(flipped)-1] ^= 1
	for name, data := range map[string][]byte{"empty": nil, "cut short": whole[:len(whole)/2], "flipped bit": flipped, "foreign": []byte("hello, this is no entry of ours at all")} {
		if err := os.WriteFile(c.path(key), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := c.get(key); got != nil {
			t.Errorf("%s: got an entry", name)
		}
	}
	if c.put(key, entry()); c.get(key) == nil {
		t.Error("it cannot be written again")
	}
}

// TestUnusableCache has a file where the folder should be: that is said once, and stops nothing.
func TestUnusableCache(t *testing.T) {
	var told []string
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := &Cache{Dir: filepath.Join(file, "desired"), Tell: func(note string) { told = append(told, note) }}
	key := c.key([]byte("a"))
	c.put(key, entry())
	c.put(key, entry())
	if c.get(key) != nil || len(told) != 1 || !strings.HasPrefix(told[0], "note: nothing is cached: ") {
		t.Errorf("told %q", told)
	}
}

func TestCacheKeyKeepsPartsApart(t *testing.T) {
	a, b := &Cache{Version: "1"}, &Cache{Version: "2"}
	keys := []string{
		a.key([]byte("ab"), []byte("c")), a.key([]byte("a"), []byte("bc")), a.key([]byte("abc")), b.key([]byte("abc")),
	}
	seen := map[string]bool{}
	for _, k := range keys {
		if seen[k] {
			t.Errorf("two inputs have the key %s", k)
		}
		seen[k] = true
	}
}

func TestNoCacheHoldsNothing(t *testing.T) {
	var c *Cache
	if c.put("key", entry()); c.get("key") != nil {
		t.Error("a missing cache answered")
	}
}

func TestReadPathTakesSchemaFilesOnly(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.sql", "a.hcl", "atlas.hcl", "x.test.hcl", "notes.txt", ".hidden/c.sql", "sub/d.hcl"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := readPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		rel, _ := filepath.Rel(dir, f.Name)
		got = append(got, filepath.ToSlash(rel))
	}
	if want := []string{"a.hcl", "b.sql", "sub/d.hcl"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPositionsOfCreateStatements(t *testing.T) {
	text := "-- create table no (id int)\nCREATE TABLE a (id int);\n\ncreate or replace view app.\"B\" as select 1;\n  CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON a (id);\n"
	got := positionsOf(File{Name: "s.sql", Text: []byte(text)})
	for name, line := range map[string]int{"a": 2, "B": 4, "i": 5} {
		if p := got[object.ID{Name: name}]; p.Line != line {
			t.Errorf("%s: got line %d, want %d", name, p.Line, line)
		}
	}
	if len(got) != 3 {
		t.Errorf("got %v", got)
	}
}

// TestByteOrderMark reads SQL that an editor put a mark before, which servers take for a syntax error.
func TestByteOrderMark(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sql")
	if err := os.WriteFile(path, []byte("\xef\xbb\xbfSELECT 1;"), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := (&Loader{Stdin: strings.NewReader("\xef\xbb\xbfSELECT 2;")}).Files(t.Context(), []string{"file://" + path, "-"})
	if err != nil || len(files) != 2 || string(files[0].Text) != "SELECT 1;" || string(files[1].Text) != "SELECT 2;" {
		t.Errorf("read %q, %v", files, err)
	}
}
