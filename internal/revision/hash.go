package revision

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/migrate"
)

// hashes are those of the files of a directory, as revisions keep them.
type hashes struct {
	dir    *migrate.Dir
	byName map[string]string
}

func hashesOf(d *migrate.Dir) (*hashes, error) {
	sum, err := d.Sum()
	if err != nil {
		return nil, err
	}
	h := &hashes{dir: d, byName: make(map[string]string, len(sum))}
	for _, e := range sum {
		h.byName[e.N] = e.H
	}
	return h, nil
}

// of is what the revision of a file keeps: its entry of atlas.sum, which covers the files before it. What runs again
// whenever it changes is known by its own text.
func (h *hashes) of(f *migrate.File) string {
	if f.Repeatable {
		return h.own(f)
	}
	return h.byName[f.Name]
}

func (h *hashes) own(f *migrate.File) string {
	sum := sha256.Sum256(unix(f.Raw))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func unix(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// edited finds the first applied file whose hash is another now; those behind it cannot be told, as each hash covers the
// files before it. Files that were added before an applied one later are left out of its hash, for it did not know them.
func (h *hashes) edited(s *Survey) []*migrate.File {
	for i := range s.Revisions {
		r := &s.Revisions[i]
		f := s.files[r.Version]
		if f == nil || f.Repeatable || r.Hash == "" || r.Partial() || r.Hash == h.of(f) {
			continue
		}
		if !slices.Contains(h.then(s, f, r.ExecutedAt), r.Hash) {
			return []*migrate.File{f}
		}
	}
	return nil
}

// then are the hashes that a file may have had at a time, if nothing was edited since: of the files that were applied
// by then, as they are stored or with line endings of their own.
func (h *hashes) then(s *Survey, last *migrate.File, at time.Time) []string {
	var out []string
	for _, text := range []func([]byte) []byte{unix, func(b []byte) []byte { return b }} {
		for _, later := range []bool{true, false} {
			sum, err := h.dir.SumWith(func(f *migrate.File) bool {
				r := s.Of(f)
				return later || r != nil && !r.ExecutedAt.After(at)
			}, text)
			if err != nil {
				continue // it is told when the directory is opened
			}
			for _, e := range sum {
				if e.N == last.Name {
					out = append(out, e.H)
				}
			}
		}
	}
	return out
}

// partial are the hashes of the statements of a file, each of which covers those before it.
func partial(statements []dialect.Statement) []string {
	h := sha256.New()
	out := make([]string, len(statements))
	for i, st := range statements {
		_, _ = h.Write([]byte(st.SQL))
		out[i] = "h1:" + base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	return out
}
