package source

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/object"
)

// cacheFormat changes whenever entries of an older schemactl must not be read.
const cacheFormat = "5"

// Cache keeps what a server made of desired states, by the hash of all that it depends on. An entry that cannot be
// read is as good as none.
type Cache struct {
	Dir     string // created when first written to
	Version string // of schemactl: another version may read catalogs differently

	Tell func(note string) // of an unusable folder, once; nil: nobody
	told sync.Once
}

// Normalised is a desired state as a server sees it, with where its objects were declared.
type Normalised struct {
	Catalog   *catalog.Catalog
	Positions map[object.ID]diag.Pos
	Renamed   []Renamed // what the declarations say of earlier names

	// Settled are the objects that no server was asked about, because the live state had them with this fingerprint.
	Settled     []object.ID
	Fingerprint string

	settled *object.State // the live objects of Settled
	pure    bool          // it hangs on the files alone, and on the live state no more than Settled says
}

// key hashes everything that the entry depends on. Lengths keep neighbours apart.
func (c *Cache) key(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range append([][]byte{[]byte(cacheFormat), []byte(c.Version)}, parts...) {
		_, _ = fmt.Fprintf(h, "%d:", len(p))
		_, _ = h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (c *Cache) path(key string) string { return filepath.Join(c.Dir, key[:2], key+".gob") }

// has reports whether there may be an entry of a key.
func (c *Cache) has(key string) bool {
	if c == nil {
		return false
	}
	_, err := os.Stat(c.path(key))
	return err == nil
}

// get returns the entry of a key, or nil.
func (c *Cache) get(key string) *Normalised {
	if c == nil {
		return nil
	}
	data, err := disk.Read(c.path(key))
	if err != nil || len(data) < sha256.Size {
		return nil
	}
	sum, body := data[:sha256.Size], data[sha256.Size:]
	if want := sha256.Sum256(body); !bytes.Equal(sum, want[:]) {
		return nil
	}
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	n, err := decodeEntry(r)
	if err != nil {
		return nil
	}
	return n
}

// head is what an entry begins with; the rows of the tables follow in the order of Tables, chunk by chunk, so that no
// more of them than one chunk is in memory twice.
type head struct {
	Version     string
	Settings    map[string]string
	Positions   map[object.ID]diag.Pos
	Renamed     []Renamed
	Settled     []object.ID
	Fingerprint string
	Tables      []tableHead
}

type tableHead struct {
	Name    string
	Columns []string
	Chunks  int
}

func encodeEntry(w io.Writer, n *Normalised) error {
	h := head{
		Version: n.Catalog.Version, Settings: n.Catalog.Settings, Positions: n.Positions, Renamed: n.Renamed,
		Settled: n.Settled, Fingerprint: n.Fingerprint,
	}
	for _, name := range slices.Sorted(maps.Keys(n.Catalog.Tables)) {
		t := n.Catalog.Tables[name]
		h.Tables = append(h.Tables, tableHead{name, t.Columns, len(t.Chunks)})
	}
	enc := gob.NewEncoder(w)
	if err := enc.Encode(h); err != nil {
		return err
	}
	for _, t := range h.Tables {
		for _, chunk := range n.Catalog.Tables[t.Name].Chunks {
			if err := enc.Encode(chunk); err != nil {
				return err
			}
		}
	}
	return nil
}

func decodeEntry(r io.Reader) (*Normalised, error) {
	dec := gob.NewDecoder(r)
	var h head
	if err := dec.Decode(&h); err != nil {
		return nil, err
	}
	c := &catalog.Catalog{Version: h.Version, Settings: h.Settings, Tables: make(map[string]*catalog.Rows, len(h.Tables))}
	for _, t := range h.Tables {
		rows := catalog.NewRows(t.Columns...)
		for range t.Chunks {
			var chunk string
			if err := dec.Decode(&chunk); err != nil {
				return nil, err
			}
			rows.Chunks = append(rows.Chunks, chunk)
		}
		c.Tables[t.Name] = rows
	}
	return &Normalised{Catalog: c, Positions: h.Positions, Renamed: h.Renamed, Settled: h.Settled, Fingerprint: h.Fingerprint}, nil
}

// put stores an entry, or says that it cannot: what is cached can be had again.
func (c *Cache) put(key string, n *Normalised) {
	if c == nil {
		return
	}
	if err := c.write(key, n); err != nil {
		c.told.Do(func() {
			if c.Tell != nil {
				c.Tell(fmt.Sprintf("note: nothing is cached: %v", err))
			}
		})
	}
}

// write writes beside and renames, so that no reader sees half an entry.
func (c *Cache) write(key string, n *Normalised) error {
	var body bytes.Buffer
	w, err := gzip.NewWriterLevel(&body, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := errors.Join(encodeEntry(w, n), w.Close()); err != nil {
		return fmt.Errorf("encode cache entry: %w", err)
	}
	dir := filepath.Dir(c.path(key))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body.Bytes())
	_, err1 := f.Write(sum[:])
	_, err2 := f.Write(body.Bytes())
	if err := errors.Join(err1, err2, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), c.path(key))
}
