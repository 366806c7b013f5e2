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
	"os"
	"path/filepath"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/object"
)

// cacheFormat changes whenever entries of an older schemactl must not be read.
const cacheFormat = "1"

// Cache keeps what a server made of desired states, by the hash of all that it depends on. An entry that cannot be
// read is as good as none.
type Cache struct {
	Dir     string // created when first written to
	Version string // of schemactl: another version may read catalogs differently
}

// Normalised is a desired state as a server sees it, with where its objects were declared.
type Normalised struct {
	Catalog   *catalog.Catalog
	Positions map[object.ID]diag.Pos
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

// get returns the entry of a key, or nil.
func (c *Cache) get(key string) *Normalised {
	if c == nil {
		return nil
	}
	data, err := os.ReadFile(c.path(key))
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
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	var n Normalised
	if err := gob.NewDecoder(bytes.NewReader(plain)).Decode(&n); err != nil || n.Catalog == nil {
		return nil
	}
	return &n
}

// put stores an entry. It writes beside and renames, so that no reader sees half an entry.
func (c *Cache) put(key string, n *Normalised) error {
	if c == nil {
		return nil
	}
	var body bytes.Buffer
	w, err := gzip.NewWriterLevel(&body, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := errors.Join(gob.NewEncoder(w).Encode(n), w.Close()); err != nil {
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
