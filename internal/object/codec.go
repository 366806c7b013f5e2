package object

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/schemactl/schemactl/internal/diag"
)

// SnapshotFormat is written into snapshot files; a reader refuses what it does not know.
const SnapshotFormat = "schemactl-snapshot-2"

// Header says where a snapshot came from.
type Header struct {
	Format  string `json:"format"`
	Dialect string `json:"dialect"`
	// Hash is of all the rest of the file, so that a file that was changed by hand is known.
	Hash    string `json:"hash"`
	Version string `json:"version"` // the server's version, as it reports it
	Scope   string `json:"scope,omitempty"`
	// Server is what else is known of the server, for whoever has to find one like it.
	Server Origin `json:"server,omitzero"`
}

// Origin is a server, as far as a state of it is to be read again.
type Origin struct {
	Flavor   string            `json:"flavor"`
	Variant  string            `json:"variant,omitempty"`
	Major    int               `json:"major"`
	Minor    int               `json:"minor"`
	Patch    int               `json:"patch,omitempty"`
	Settings map[string]string `json:"settings,omitempty"`
	// Bound tells that the scope is the schema that the connection was bound to.
	Bound bool `json:"bound,omitempty"`
	// Watched tells that the facts were read, too.
	Watched bool `json:"watched,omitempty"`
}

type wireObject struct {
	ID       ID              `json:"id"`
	Parent   ID              `json:"parent,omitzero"`
	Needs    []ID            `json:"needs,omitempty"`
	Mentions []ID            `json:"mentions,omitempty"`
	Claims   []string        `json:"claims,omitempty"`
	Pos      diag.Pos        `json:"pos,omitzero"`
	Value    json.RawMessage `json:"value"`
}

type wireState struct {
	Header
	Objects []wireObject `json:"objects"`
	Facts   []Fact       `json:"facts,omitempty"`
	Ledger  []Entry      `json:"ledger,omitempty"`
}

// Encode writes the state as a snapshot: JSON, objects ordered by ID.
func Encode(w io.Writer, h Header, s *State) error {
	h.Format, h.Hash = SnapshotFormat, ""
	wire := wireState{Header: h, Facts: s.Facts, Ledger: s.Ledger, Objects: make([]wireObject, 0, s.Len())}
	for _, o := range s.All() {
		value, err := json.Marshal(o.Value)
		if err != nil {
			return fmt.Errorf("encode %s: %w", o.ID, err)
		}
		wire.Objects = append(wire.Objects, wireObject{o.ID, o.Parent, o.Needs, o.Mentions, o.Claims, o.Pos, value})
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(wire); err != nil {
		return err
	}
	_, err := w.Write(seal(text.Bytes()))
	return err
}

// seal writes the hash of a text into its empty place.
func seal(text []byte) []byte {
	return bytes.Replace(text, []byte(noHash), []byte(`"hash": "`+hashOf(text)+`"`), 1)
}

const noHash = `"hash": ""`

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// intact reports whether the text is the one that the hash was made of. Line ends of other systems do not count.
func intact(data []byte, hash string) bool {
	text := bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	text = bytes.Replace(text, []byte(`"hash": "`+hash+`"`), []byte(noHash), 1)
	return hashOf(text) == hash
}

// ErrTampered is what reading a snapshot fails with that was changed after it was taken.
var ErrTampered = errors.New("the snapshot was changed after it was taken: its hash does not fit")

// DecodeHeader reads only the head of a snapshot, so that its dialect is known before its objects are.
func DecodeHeader(data []byte) (Header, error) {
	var h Header
	if err := json.Unmarshal(data, &h); err != nil {
		return h, fmt.Errorf("not a snapshot: %w", err)
	}
	if h.Format != SnapshotFormat {
		return h, fmt.Errorf("not a snapshot that this version reads: format %q, want %q", h.Format, SnapshotFormat)
	}
	return h, nil
}

// Decode reads a snapshot. newValue makes an empty value of a kind, or reports that the kind is not known.
func Decode(data []byte, newValue func(kind string) (any, bool)) (Header, *State, error) {
	h, err := DecodeHeader(data)
	if err != nil {
		return h, nil, err
	}
	if !intact(data, h.Hash) {
		return h, nil, ErrTampered
	}
	var wire wireState
	if err := json.Unmarshal(data, &wire); err != nil {
		return h, nil, fmt.Errorf("snapshot: %w", err)
	}
	s := NewState()
	s.Ledger, s.Facts = wire.Ledger, wire.Facts
	for _, w := range wire.Objects {
		value, ok := newValue(w.ID.Kind)
		if !ok {
			return h, nil, fmt.Errorf("snapshot: kind %q of %s is not known", w.ID.Kind, w.ID.Path())
		}
		if err := json.Unmarshal(w.Value, value); err != nil {
			return h, nil, fmt.Errorf("snapshot: %s: %w", w.ID, err)
		}
		o := &Object{ID: w.ID, Value: value, Parent: w.Parent, Needs: w.Needs, Mentions: w.Mentions, Claims: w.Claims, Pos: w.Pos}
		if err := s.Add(o); err != nil {
			return h, nil, fmt.Errorf("snapshot: %w", err)
		}
	}
	return h, s, nil
}
