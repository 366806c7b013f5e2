package dburl

import (
	"path"
	"slices"
	"strings"
)

const maxIncludes = 10 // as deep as MySQL's client follows !include

// mycnfPassword is the password of ~/.my.cnf, unless the file says that it belongs to another user.
func (u *URL) mycnfPassword() (string, error) {
	cnf, err := u.env.mycnf(u.MariaDB)
	if err != nil || cnf["user"] != "" && cnf["user"] != u.User {
		return "", err
	}
	return cnf["password"], nil
}

// mycnf reads the client's options of ~/.my.cnf and what it includes; later settings win.
func (e Env) mycnf(mariadb bool) (map[string]string, error) {
	groups := []string{"client"}
	if mariadb {
		groups = append(groups, "client-server", "client-mariadb")
	}
	out := map[string]string{}
	if e.Home == "" {
		return out, nil
	}
	return out, e.readMycnf(path.Join(e.Home, ".my.cnf"), groups, out, 0)
}

func (e Env) readMycnf(file string, groups []string, out map[string]string, depth int) error {
	if depth > maxIncludes {
		e.warn(file + " is passed over: the option files include each other")
		return nil
	}
	data, err := e.readPrivate(file, 0o002, "anyone may write it")
	if err != nil {
		return fault("the option file %s cannot be read", file).WithHint("check the file and its permissions")
	}
	group := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "", line[0] == '#', line[0] == ';':
		case line[0] == '!':
			if err := e.includeMycnf(file, line, groups, out, depth); err != nil {
				return err
			}
		case line[0] == '[':
			group, _, _ = strings.Cut(line[1:], "]")
			group = strings.TrimSpace(group)
		case slices.Contains(groups, group):
			name, value, found := strings.Cut(stripComment(line), "=")
			name = strings.TrimPrefix(strings.ReplaceAll(strings.TrimSpace(name), "_", "-"), "loose-")
			if found {
				out[name] = mycnfValue(value)
			}
		}
	}
	return nil
}

// includeMycnf follows !include FILE and !includedir DIR, whose option files are read in the order of their names.
func (e Env) includeMycnf(from, line string, groups []string, out map[string]string, depth int) error {
	word, target, _ := strings.Cut(line, " ")
	target = strings.TrimSpace(target)
	if target == "" {
		return nil
	}
	if !path.IsAbs(target) && e.GOOS != "windows" {
		target = path.Join(path.Dir(from), target)
	}
	switch word {
	case "!include":
		return e.readMycnf(target, groups, out, depth+1)
	case "!includedir":
		if e.ReadDir == nil {
			return nil
		}
		entries, unreadable := e.ReadDir(target)
		if unreadable != nil {
			e.warn(target + " is passed over: the directory cannot be read")
		}
		for _, entry := range entries {
			if name := entry.Name(); strings.HasSuffix(name, ".cnf") || e.GOOS == "windows" && strings.HasSuffix(name, ".ini") {
				if err := e.readMycnf(path.Join(target, name), groups, out, depth+1); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// stripComment removes a trailing # comment that is not inside quotes.
func stripComment(line string) string {
	var quote byte
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quote != 0:
			i++
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == quote:
			quote = 0
		case c == '#' && quote == 0:
			return line[:i]
		}
	}
	return line
}

// mycnfValue removes one pair of quotes and undoes MySQL's escapes; a backslash before another character stays.
func mycnfValue(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] {
		s = s[1 : len(s)-1]
	}
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\b`, "\b", `\s`, " ", `\"`, `"`, `\'`, `'`).Replace(s)
}
