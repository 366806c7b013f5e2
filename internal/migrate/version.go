package migrate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/schemactl/schemactl/internal/diag"
)

const versionTime = "20060102150405"

var (
	timeVersion = regexp.MustCompile(`^\d{14}$`)
	digits      = regexp.MustCompile(`^\d+$`)
	sequential  = regexp.MustCompile(`^\d{1,10}$`)
)

// NextVersion is the version of a new file: the time in UTC, or one second after the last file where the clock has not
// passed it yet. Directories that count go on counting.
func (d *Dir) NextVersion(now time.Time) string {
	return nextAfter(d.lastVersion(), now)
}

// nextAfter is the version of a file that comes after another.
func nextAfter(last string, now time.Time) string {
	version := now.UTC().Format(versionTime)
	switch {
	case sequential.MatchString(last):
		n, _ := strconv.Atoi(last)
		return fmt.Sprintf("%0*d", len(last), n+1)
	case timeVersion.MatchString(last) && last >= version:
		if t, err := time.Parse(versionTime, last); err == nil {
			return t.Add(time.Second).Format(versionTime)
		}
	}
	return version
}

// lastVersion is the highest version, which a repeatable migration has none of.
func (d *Dir) lastVersion() string {
	last := ""
	for _, f := range d.Files {
		if !f.Repeatable {
			last = f.Version
		}
	}
	return last
}

var (
	badName = regexp.MustCompile(`[/\\:*?"<>|\x00-\x1f]`)
	gaps    = regexp.MustCompile(`\s+`)
)

// CleanName makes the name of a migration fit for a file name.
func CleanName(name string) (string, error) {
	name = gaps.ReplaceAllString(strings.TrimSpace(name), "_")
	if m := badName.FindString(name); m != "" {
		return "", diag.Errorf(diag.Pos{}, "bad-name", "the name of a migration cannot hold %q", m).WithHint("use letters, digits, - and _")
	}
	return name, nil
}
