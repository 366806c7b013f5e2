package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Format is written into saved plans; a reader refuses what it does not know.
const Format = "schemactl-plan-1"

// Write saves the plan as JSON, sealed.
func (p *Plan) Write(w io.Writer) error {
	sealed := *p
	var err error
	if sealed.Seal, err = p.seal(); err != nil {
		return err
	}
	return sealed.encode(w)
}

func (p *Plan) encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(p)
}

// Read reads a saved plan. Edited tells whether it is still the one that was written.
func Read(r io.Reader) (*Plan, error) {
	var p Plan
	dec := json.NewDecoder(r)
	if err := dec.Decode(&p); err != nil {
		return nil, fmt.Errorf("not a saved plan: %w", err)
	}
	for _, seg := range p.Segments {
		if slices.Contains(seg.Steps, nil) {
			return nil, fmt.Errorf("not a saved plan: a step is null")
		}
	}
	if p.Format != Format {
		return nil, fmt.Errorf("not a saved plan that this version reads: format %q, want %q", p.Format, Format)
	}
	if rest, err := io.ReadAll(io.MultiReader(dec.Buffered(), r)); err != nil || strings.TrimSpace(string(rest)) != "" {
		return nil, fmt.Errorf("not a saved plan: there is more behind it")
	}
	return &p, nil
}

// Edited reports whether a plan that was read is another one than was written: somebody changed the file by hand. It is
// no proof against who wants to deceive, and makes a seal of their own: approvals are.
func (p *Plan) Edited() bool {
	seal, err := p.seal()
	return err != nil || seal != p.Seal
}

// seal is the hash of what a reader gets of the plan: how the file is laid out does not matter.
func (p *Plan) seal() (string, error) {
	bare := *p
	bare.Seal = ""
	var text strings.Builder
	if err := bare.encode(&text); err != nil {
		return "", err
	}
	var read Plan
	if err := json.Unmarshal([]byte(text.String()), &read); err != nil {
		return "", err
	}
	hash := sha256.New()
	if err := read.encode(hash); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
