package object

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func sample(t *testing.T) *State {
	t.Helper()
	s := NewState()
	table := ID{Kind: "table", Schema: "s", Name: "t"}
	column := ID{Kind: "column", Schema: "s", Table: "t", Name: "c"}
	for _, o := range []*Object{
		{ID: column, Parent: table, Value: &value{"c"}, Needs: []ID{table}},
		{ID: table, Value: &value{"t"}, Claims: []string{"relation s.t"}},
		{ID: ID{Kind: "table", Schema: "s", Name: "u"}, Value: &value{"u"}},
	} {
		if err := s.Add(o); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

type value struct{ Name string }

func TestAnIDIsTakenOnce(t *testing.T) {
	s := sample(t)
	if err := s.Add(&Object{ID: ID{Kind: "table", Schema: "s", Name: "t"}}); err == nil {
		t.Error("the second object was taken")
	}
}

func TestFilterTakesPartsAlongAndNamesOnlyTheWhole(t *testing.T) {
	got := sample(t).Filter(func(o *Object) (bool, string) { return o.ID.Name == "u", "rule" })
	if got.Len() != 1 || !got.Has(ID{Kind: "table", Schema: "s", Name: "u"}) {
		t.Errorf("kept %v", got.All())
	}
	want := []Entry{{Kind: "table", Name: "s.t", Status: Ignored, Reason: "rule"}}
	if !reflect.DeepEqual(got.Ledger, want) {
		t.Errorf("ledger %v, want %v", got.Ledger, want)
	}
}

func TestSnapshotsComeBack(t *testing.T) {
	s := sample(t)
	s.Ledger = []Entry{{Kind: "view", Name: "v", Status: Unmanaged}}
	var b bytes.Buffer
	if err := Encode(&b, Header{Dialect: "x", Version: "1"}, s); err != nil {
		t.Fatal(err)
	}
	h, back, err := Decode(b.Bytes(), func(string) (any, bool) { return &value{}, true })
	if err != nil {
		t.Fatal(err)
	}
	if h.Dialect != "x" || !reflect.DeepEqual(back.All(), s.All()) || !reflect.DeepEqual(back.Ledger, s.Ledger) {
		t.Errorf("got %v %v", h, back.All())
	}
}

func TestForeignSnapshotsAreRefused(t *testing.T) {
	for _, text := range []string{"", "{}", `{"format":"schemactl-snapshot-99"}`, "CREATE TABLE"} {
		if _, err := DecodeHeader([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	var b bytes.Buffer
	ghost := NewState()
	if err := errors.Join(ghost.Add(&Object{ID: ID{Kind: "ghost", Name: "g"}, Value: &value{}}), Encode(&b, Header{}, ghost)); err != nil {
		t.Fatal(err)
	}
	_, _, err := Decode(b.Bytes(), func(string) (any, bool) { return nil, false })
	if err == nil || !strings.Contains(err.Error(), `kind "ghost"`) {
		t.Errorf("got %v", err)
	}
}

func TestTamperingIsFound(t *testing.T) {
	var b bytes.Buffer
	if err := Encode(&b, Header{Dialect: "x", Version: "1"}, sample(t)); err != nil {
		t.Fatal(err)
	}
	known := func(string) (any, bool) { return &value{}, true }
	for name, text := range map[string]string{
		"a value": strings.Replace(b.String(), `"c"`, `"d"`, 1), "the version": strings.Replace(b.String(), `"version": "1"`, `"version": "2"`, 1),
		"no hash": strings.Replace(b.String(), "sha256:", "", 1), "the end": b.String() + " ",
	} {
		if _, _, err := Decode([]byte(text), known); !errors.Is(err, ErrTampered) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, _, err := Decode([]byte(strings.ReplaceAll(b.String(), "\n", "\r\n")), known); err != nil {
		t.Errorf("line ends of another system: %v", err)
	}
}
