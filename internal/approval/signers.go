package approval

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/schemactl/schemactl/internal/diag"
)

// Signers are those who may approve, as the file of allowed signers of ssh-keygen lists them.
type Signers []Signer

// Signer is a line of the file.
type Signer struct {
	Names         []string // patterns, as in "alice@example.com" or "*@example.com"
	Key           ssh.PublicKey
	Namespaces    []string // empty: all
	After, Before time.Time
}

// ReadSigners reads a file of allowed signers. What it cannot hold signatures against is refused, not passed over.
func ReadSigners(text []byte, file string) (Signers, error) {
	var out Signers
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s, err := readSigner(line)
		if err != nil {
			return nil, diag.Errorf(diag.Pos{File: file, Line: i + 1}, "bad-signers", "%v", err).
				WithHint("a line is: name [namespaces=\"…\"] ssh-ed25519 AAAA…, see ssh-keygen(1)")
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, diag.Errorf(diag.Pos{File: file}, "no-signers", "nobody is listed who may approve")
	}
	return out, nil
}

func readSigner(line string) (Signer, error) {
	names, rest, err := principals(line)
	if err != nil {
		return Signer{}, err
	}
	// The rest is a line of authorized_keys.
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(rest))
	if err != nil {
		return Signer{}, fmt.Errorf("no key: %w", err)
	}
	s := Signer{Names: strings.Split(names, ","), Key: key}
	for _, o := range options {
		if err := s.option(o); err != nil {
			return s, err
		}
	}
	return s, nil
}

// principals are the first word of a line, which may be in quotes.
func principals(line string) (names, rest string, err error) {
	if quoted, ok := strings.CutPrefix(line, `"`); ok {
		names, rest, ok = strings.Cut(quoted, `"`)
		if !ok {
			return "", "", fmt.Errorf("the quote of the name does not end")
		}
		return names, rest, nil
	}
	i := strings.IndexAny(line, " \t")
	if i < 0 {
		return "", "", fmt.Errorf("no key")
	}
	return line[:i], line[i:], nil
}

func (s *Signer) option(o string) (err error) {
	name, value, _ := strings.Cut(o, "=")
	value = strings.Trim(value, `"`)
	switch strings.ToLower(name) {
	case "namespaces":
		s.Namespaces = strings.Split(value, ",")
	case "valid-after":
		s.After, err = moment(value)
	case "valid-before":
		s.Before, err = moment(value)
	case "cert-authority":
		return fmt.Errorf("keys that a certificate authority signed are not supported")
	default:
		return fmt.Errorf("the option %q is not known", name)
	}
	return err
}

// moment reads YYYYMMDD[HHMM[SS]][Z], in local time without the Z.
func moment(s string) (time.Time, error) {
	zone, text := time.Local, s
	if t, ok := strings.CutSuffix(s, "Z"); ok {
		zone, text = time.UTC, t
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time as in 20261231 or 202612311200Z", s)
}

// Names tells under which names a key may approve at a moment; empty: under none.
func (all Signers) Names(key ssh.PublicKey, now time.Time) []string {
	var out []string
	for _, s := range all {
		if !bytes.Equal(s.Key.Marshal(), key.Marshal()) || !s.covers(now) {
			continue
		}
		out = append(out, s.Names...)
	}
	return out
}

func (s Signer) covers(now time.Time) bool {
	if !s.After.IsZero() && now.Before(s.After) || !s.Before.IsZero() && !now.Before(s.Before) {
		return false
	}
	return len(s.Namespaces) == 0 || matches(s.Namespaces, Namespace)
}

// matches holds a word against patterns; one with ! before it refuses what it matches.
func matches(patterns []string, word string) bool {
	found := false
	for _, p := range patterns {
		p, not := strings.CutPrefix(p, "!")
		if ok, err := path.Match(p, word); err != nil || !ok {
			continue
		}
		if not {
			return false
		}
		found = true
	}
	return found
}
