package dbtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/hcl"
	"github.com/schemactl/schemactl/internal/object"
)

// Codec is a dialect that reads and writes HCL.
type Codec interface {
	dialect.Dialect
	dialect.HCLCodec
}

// FuzzSnapshots changes real catalogs. What a server could have answered becomes HCL that says the same; anything else is
// no reason to panic.
func FuzzSnapshots(f *testing.F, d Codec, kept []*Snapshot, m Mutation, scope func(*Snapshot) dialect.Scope) {
	usual := make([]map[string]bool, len(kept)) // the differences of each that are there without any change
	for i, s := range kept {
		first, again, err := unchanged(d, s, scope(s))
		if err != nil {
			f.Fatalf("%s: %v", s.Name, err)
		}
		usual[i] = map[string]bool{}
		for _, x := range divergences(f, d, first, again) {
			usual[i][x.sort] = true
		}
		f.Add(byte(i), []byte{})
		for op := range byte(8) {
			f.Add(byte(i), []byte{op, op, 3 * op, op, 5 * op, 1, 2, op})
		}
	}
	f.Fuzz(func(t *testing.T, at byte, program []byte) {
		i := int(at) % len(kept)
		s, sound := m.Mutate(kept[i], program)
		first, again, err := throughHCL(d, s, scope(s), sound)
		if err != nil {
			t.Fatal(err)
		}
		if !sound {
			return
		}
		for _, x := range divergences(t, d, first, again) {
			if !usual[i][x.sort] {
				t.Errorf("HCL changes the %s", x.text)
			}
		}
		third, err := readHCL(d, again, scope(s))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range divergences(t, d, again, third) {
			t.Errorf("HCL of what was read from HCL changes the %s", x.text)
		}
	})
}

// unchanged makes the state of a snapshot as it is.
func unchanged(d Codec, s *Snapshot, scope dialect.Scope) (first, again *object.State, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v; if a query has changed, take the snapshots anew: go test -run TestSnapshots -update", r)
		}
	}()
	return throughHCL(d, s, scope, true)
}

// throughHCL makes the state of a snapshot and what HCL makes of that. Faults are errors only of sound snapshots.
func throughHCL(d Codec, s *Snapshot, scope dialect.Scope, sound bool) (first, again *object.State, err error) {
	first, err = d.Build(s.Catalog(), scope)
	if err != nil {
		if sound {
			return nil, nil, fmt.Errorf("build: %w", err)
		}
		return nil, nil, nil
	}
	again, err = readHCL(d, first, scope)
	if err != nil && sound {
		return nil, nil, err
	}
	return first, again, nil
}

// readHCL writes a state as HCL and reads that.
func readHCL(d Codec, s *object.State, scope dialect.Scope) (*object.State, error) {
	blocks, _, err := d.EncodeHCL(s, scope)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	text := hcl.Write(blocks)
	file := hcl.File{Name: "x.hcl", Text: text}
	if err := hcl.Syntax(file).Err(); err != nil {
		return nil, fmt.Errorf("parse: %w\n%s", err, text)
	}
	read, faults := hcl.Eval([]hcl.File{file}, d.Vocabulary(), hcl.Inputs{})
	if err := faults.Err(); err != nil {
		return nil, fmt.Errorf("eval: %w\n%s", err, text)
	}
	out, faults := d.DecodeHCL(read, scope)
	if err := faults.Err(); err != nil {
		return nil, fmt.Errorf("decode: %w\n%s", err, text)
	}
	return out, nil
}

// divergence is what one attribute of an object differs in; its sort leaves the object out.
type divergence struct{ sort, text string }

func divergences(t testing.TB, d Codec, a, b *object.State) []divergence {
	t.Helper()
	changes, err := d.Kinds().Diff(a, b)
	if err != nil {
		t.Fatal(err)
	}
	var out []divergence
	for _, c := range changes {
		head := fmt.Sprintf("%v %s", c.Action, c.ID.Kind)
		if len(c.Attrs) == 0 {
			out = append(out, divergence{head, fmt.Sprintf("%v %v", c.Action, c.ID)})
		}
		for _, x := range c.Attrs {
			if x.Name == "anew" || x.Name == "rejoins" {
				continue // a plan's own note of what differs elsewhere
			}
			if strings.TrimSuffix(fmt.Sprint(x.To), "\n") == fmt.Sprint(x.From) {
				continue // code of several lines ends with its last one
			}
			out = append(out, divergence{head + " " + x.Name, fmt.Sprintf("%v %v %s: %q -> %q", c.Action, c.ID, x.Name, x.From, x.To)})
		}
	}
	return out
}
