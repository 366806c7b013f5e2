// Package localserver runs PostgreSQL, MySQL and MariaDB from binaries that are already on this machine:
// it finds them, initialises a data directory once and copies it for each use, starts a throw-away server
// on a private socket, and leaves nothing behind, not even after a crash. It installs nothing, and beyond
// starting a server and waiting for it, it speaks no SQL.
package localserver

import (
	"fmt"
	"regexp"
	"strconv"
)

// Flavor is a family of servers.
type Flavor string

// The flavors that can be run.
const (
	Postgres Flavor = "postgres"
	MySQL    Flavor = "mysql"
	MariaDB  Flavor = "mariadb"
)

// Name is the flavor as its makers write it.
func (f Flavor) Name() string {
	switch f {
	case Postgres:
		return "PostgreSQL"
	case MySQL:
		return "MySQL"
	case MariaDB:
		return "MariaDB"
	}
	return string(f)
}

// Release is a flavor and its version. Minor tells releases apart on MySQL and MariaDB only: on PostgreSQL
// the major version alone decides how things are spelled. Any is the Minor of a wish that leaves it open.
type Release struct {
	Flavor Flavor
	Major  int
	Minor  int
}

// Any leaves the minor version open.
const Any = -1

// String is the release for people, such as "PostgreSQL 18" or "MySQL 9.7".
func (r Release) String() string {
	if r.Major == 0 {
		return r.Flavor.Name()
	}
	return r.Flavor.Name() + " " + r.version()
}

// ID is the release as part of a file name or URL, such as "postgres-18".
func (r Release) ID() string { return string(r.Flavor) + "-" + r.version() }

func (r Release) version() string {
	if r.Flavor == Postgres || r.Minor == Any {
		return strconv.Itoa(r.Major)
	}
	return fmt.Sprintf("%d.%d", r.Major, r.Minor)
}

// Matches reports whether a server of release other is what r asks for.
func (r Release) Matches(other Release) bool {
	if r.Flavor != other.Flavor || r.Major != other.Major {
		return false
	}
	return r.Flavor == Postgres || r.Minor == Any || r.Minor == other.Minor
}

// ParseRelease reads a version such as "18", "9.7" or "10.11.6" for a flavor.
func ParseRelease(flavor Flavor, version string) (Release, error) {
	m := versionPattern().FindStringSubmatch(version)
	if m == nil || m[0] != version {
		return Release{}, fmt.Errorf("%q is not a version of %s", version, flavor.Name())
	}
	return releaseOf(flavor, m), nil
}

// releaseOfBanner reads what a server program prints for --version.
func releaseOfBanner(flavor Flavor, banner string) (Release, bool) {
	// "postgres (PostgreSQL) 18.4", "mysqld  Ver 9.7.0 for Linux", "mariadbd  Ver 10.11.6-MariaDB-…"
	marker := regexp.MustCompile(`(?:\(PostgreSQL\)|Ver) ` + versionPattern().String())
	m := marker.FindStringSubmatch(banner)
	if m == nil {
		return Release{}, false
	}
	if flavor != Postgres {
		flavor = MySQL
		if regexp.MustCompile(`(?i)mariadb`).MatchString(banner) {
			flavor = MariaDB
		}
	}
	return releaseOf(flavor, m), true
}

func releaseOf(flavor Flavor, m []string) Release {
	r := Release{Flavor: flavor, Minor: Any}
	r.Major, _ = strconv.Atoi(m[1]) // the pattern lets digits through only
	if m[2] != "" {
		r.Minor, _ = strconv.Atoi(m[2])
	}
	return r
}

func versionPattern() *regexp.Regexp {
	return regexp.MustCompile(`(\d{1,4})(?:\.(\d{1,4}))?(?:\.\d+)*`)
}
