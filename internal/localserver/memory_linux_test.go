package localserver

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestMemoryIsUsedOnlyWhereThereIsMuch(t *testing.T) {
	t.Parallel()
	const gb = 1 << 30
	for _, c := range []struct {
		free, available, limit uint64
		want                   bool
	}{
		{12 * gb, 20 * gb, math.MaxUint64, true},
		{64 << 20, 20 * gb, math.MaxUint64, false}, // a container's default
		{12 * gb, 2 * gb, math.MaxUint64, false},
		{12 * gb, 20 * gb, 4 * gb, false},
		{12 * gb, 0, math.MaxUint64, false}, // not known
	} {
		if got := roomy(c.free, c.available, c.limit); got != c.want {
			t.Errorf("roomy(%d, %d, %d): got %v", c.free, c.available, c.limit, got)
		}
	}
}

func TestMemoryFiles(t *testing.T) {
	t.Parallel()
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	if got := memAvailable(file("MemTotal:  9 kB\nMemAvailable:    22468 kB\nBuffers: 1 kB\n")); got != 22468<<10 {
		t.Errorf("memAvailable: got %d", got)
	}
	if got := memAvailable(file("nothing")); got != 0 {
		t.Errorf("memAvailable of another file: got %d", got)
	}
	for text, want := range map[string]uint64{"max\n": math.MaxUint64, "4294967296\n": 4 << 30} {
		if got := memLimit(file(text)); got != want {
			t.Errorf("memLimit(%q): got %d, want %d", text, got, want)
		}
	}
}
