package localserver

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Install is a server's programs on this machine.
type Install struct {
	Release Release
	Bin     string // folder of the programs
	Server  string // the server program itself
}

// NotFoundError says that no installed server is of the wanted release, and which ones there are.
type NotFoundError struct {
	Want  Release
	Found []Install
}

func (e *NotFoundError) Error() string {
	msg := fmt.Sprintf("%s is not installed on this machine", e.Want)
	if len(e.Found) == 0 {
		return msg
	}
	var have []string
	for _, in := range e.Found {
		if s := in.Release.String(); !slices.Contains(have, s) {
			have = append(have, s)
		}
	}
	return msg + " (there is " + strings.Join(have, ", ") + ")"
}

// Find returns the first installed server of the wanted release (the newest of all when its Major is 0), or a
// *NotFoundError. It looks at
// SCHEMACTL_POSTGRES_BIN, SCHEMACTL_MYSQL_BIN or SCHEMACTL_MARIADB_BIN, at the folder of servers that
// schemactl's own scripts fill (SCHEMACTL_SERVERS), where distributions and package managers put versioned
// servers, and along PATH.
func Find(ctx context.Context, want Release) (Install, error) {
	if err := Supported(); err != nil {
		return Install{}, err
	}
	seen := map[string]bool{}
	var found []Install
	for _, dir := range candidates(want) {
		in, err := probe(ctx, want.Flavor, dir, seen)
		if err != nil {
			if ctx.Err() != nil {
				return Install{}, ctx.Err()
			}
			continue // a broken program in one place must not hide a good one in the next
		}
		if want.Major != 0 && want.Matches(in.Release) {
			return in, nil
		}
		if in.Release.Flavor == want.Flavor {
			found = append(found, in)
		}
	}
	if want.Major != 0 || len(found) == 0 {
		return Install{}, &NotFoundError{Want: want, Found: found}
	}
	return slices.MaxFunc(found, func(a, b Install) int {
		return cmp.Or(a.Release.Major-b.Release.Major, a.Release.Minor-b.Release.Minor)
	}), nil
}

// programs are the names of the server program, and of what initialises its data if that is another one.
func programs(flavor Flavor) (servers []string, initialiser []string) {
	switch flavor {
	case Postgres:
		return []string{"postgres"}, []string{"initdb"}
	case MariaDB:
		return []string{"mariadbd", "mysqld"}, []string{"mariadb-install-db", "mysql_install_db"}
	case MySQL:
		return []string{"mysqld"}, nil
	}
	return nil, nil
}

// probe looks for a server in one folder and asks it for its version.
func probe(ctx context.Context, flavor Flavor, dir string, seen map[string]bool) (Install, error) {
	servers, _ := programs(flavor)
	for _, name := range servers {
		// Links lead to where the programs that belong together are.
		path, err := filepath.EvalSymlinks(filepath.Join(dir, name+exeSuffix))
		if err != nil || seen[path] {
			continue
		}
		seen[path] = true
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, "--version")
		cmd.Env = serverEnv(os.TempDir())
		out, err := cmd.Output()
		if err != nil {
			return Install{}, fmt.Errorf("ask %s for its version: %w", path, err)
		}
		release, ok := releaseOfBanner(flavor, string(out))
		if !ok {
			return Install{}, fmt.Errorf("%s does not tell its version", path)
		}
		in := Install{Release: release, Bin: filepath.Dir(path), Server: path}
		if _, err := in.initialiser(); err != nil {
			return Install{}, err
		}
		return in, nil
	}
	return Install{}, os.ErrNotExist
}

// initialiser is the program that makes a data directory.
func (in Install) initialiser() (string, error) {
	_, names := programs(in.Release.Flavor)
	if len(names) == 0 {
		return in.Server, nil
	}
	prefix := filepath.Dir(in.Bin)
	for _, name := range names {
		for _, dir := range []string{in.Bin, filepath.Join(prefix, "bin"), filepath.Join(prefix, "scripts")} {
			path := filepath.Join(dir, name+exeSuffix)
			if info, err := os.Stat(path); err == nil && !info.IsDir() {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("%s has no %s beside it", in.Server, names[0])
}

// candidates are the folders to look into. What the user named comes first; of the rest, those whose path
// mentions the wanted version, which saves asking the others.
func candidates(want Release) []string {
	var named, rest []string
	if list := os.Getenv("SCHEMACTL_" + strings.ToUpper(string(want.Flavor)) + "_BIN"); list != "" {
		for _, p := range filepath.SplitList(list) {
			if info, err := os.Stat(p); err == nil && !info.IsDir() {
				p = filepath.Dir(p)
			}
			named = append(named, p)
		}
	}
	for _, pattern := range searchPatterns(want.Flavor) {
		dirs, _ := filepath.Glob(pattern) // the patterns are well formed
		slices.Reverse(dirs)              // newer first, roughly
		rest = append(rest, dirs...)
	}
	rest = append(rest, filepath.SplitList(os.Getenv("PATH"))...)
	mentions := func(dir string) int {
		if strings.Contains(dir, strconv.Itoa(want.Major)) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(rest, func(a, b string) int { return mentions(a) - mentions(b) })
	return append(named, rest...)
}

func searchPatterns(flavor Flavor) []string {
	var patterns []string
	for _, dir := range serverDirs() {
		patterns = append(patterns, filepath.Join(dir, string(flavor)+"-*", "bin"))
	}
	if flavor == Postgres {
		return append(patterns,
			"/usr/lib/postgresql/*/bin",          // Debian
			"/usr/pgsql-*/bin",                   // Red Hat, from postgresql.org
			"/usr/lib/postgresql*/bin",           // SUSE
			"/usr/libexec/postgresql*",           // Alpine
			"/opt/homebrew/opt/postgresql@*/bin", // Homebrew
			"/usr/local/opt/postgresql@*/bin",    // Homebrew on Intel
			"/Applications/Postgres.app/Contents/Versions/*/bin",
			"/Library/PostgreSQL/*/bin",
			"/usr/local/pgsql/bin",
		)
	}
	brew := "mysql"
	if flavor == MariaDB {
		brew = "mariadb"
	}
	return append(patterns,
		"/usr/sbin", "/usr/libexec", "/usr/local/mysql/bin",
		"/opt/homebrew/opt/"+brew+"@*/bin", "/opt/homebrew/opt/"+brew+"/bin",
		"/usr/local/opt/"+brew+"@*/bin", "/usr/local/opt/"+brew+"/bin",
	)
}

// serverDirs are where schemactl's own scripts put servers.
func serverDirs() []string {
	if dir := os.Getenv("SCHEMACTL_SERVERS"); dir != "" {
		return []string{dir}
	}
	var dirs []string
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		dirs = append(dirs, filepath.Join(dir, "schemactl", "servers"))
	} else if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".cache", "schemactl", "servers"))
	}
	return dirs
}

// serverEnv is the environment of a server: what programs need to run, and none of the user's settings and
// secrets. A fixed time zone also saves initdb from searching for the machine's.
func serverEnv(tmp string) []string {
	env := []string{"LC_ALL=C", "TZ=UTC", "TMPDIR=" + tmp}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
