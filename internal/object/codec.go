package object

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/schemactl/schemactl/internal/diag"
)

// SnapshotFormat is written into snapshot files; a reader refuses what it does not know.
const SnapshotFormat = "schemactl-snapshot-1"

// Header says where a snapshot came from.
type Header struct {
	Format  string `json:"format"`
	Dialect string `json:"dialect"`
	Version string `json:"version"` // the server's version, as it reports it
	Scope   string `json:"scope,omitempty"`
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
	Ledger  []Entry      `json:"ledger,omitempty"`
}

// Encode writes the state as a snapshot: JSON, objects ordered by ID.
func Encode(w io.Writer, h Header, s *State) error {
	h.Format = SnapshotFormat
	wire := wireState{Header: h, Ledger: s.Ledger, Objects: make([]wireObject, 0, s.Len())}
	for _, o := range s.All() {
		value, err := json.Marshal(o.Value)
		if err != nil {
			return fmt.Errorf("encode %s: %w", o.ID, err)
		}
		wire.Objects = append(wire.Objects, wireObject{o.ID, o.Parent, o.Needs, o.Mentions, o.Claims, o.Pos, value})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(wire)
}

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
	var wire wireState
	if err := json.Unmarshal(data, &wire); err != nil {
		return h, nil, fmt.Errorf("snapshot: %w", err)
	}
	s := NewState()
	s.Ledger = wire.Ledger
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
