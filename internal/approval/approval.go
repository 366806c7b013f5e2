package approval

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
)

// FileOf is the file of the signature under a plan in a name.
func FileOf(plan, name string) (string, error) {
	if name == "" || strings.ContainsAny(name, "/\\:*?\"<>|,! \t\n") || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return "", diag.Errorf(diag.Pos{}, "bad-name", "%q is no name to approve in", name).
			WithHint("give it as the file of allowed signers has it, as in alice@example.com")
	}
	return plan + "." + name + ".sig", nil
}

// files are the signatures that lie beside a plan: plan.json.NAME.sig, and plan.json.sig as ssh-keygen names it.
func files(plan string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(plan))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if rest, ok := strings.CutPrefix(e.Name(), filepath.Base(plan)); ok && (rest == ".sig" || strings.HasPrefix(rest, ".") && strings.HasSuffix(rest, ".sig")) {
			out = append(out, filepath.Join(filepath.Dir(plan), e.Name()))
		}
	}
	return out, nil
}

// Check finds who of the signers approved the text of a plan. Fewer than are required is an error that says why.
func Check(plan string, text []byte, signers Signers, required int, now time.Time) ([]string, error) {
	list, err := files(plan)
	if err != nil {
		return nil, err
	}
	var reasons []string
	var who people
	for _, file := range list {
		found, err := check(file, text, signers, now)
		if err != nil {
			reasons = append(reasons, filepath.Base(file)+": "+err.Error())
		}
		who.add(found)
	}
	if who.count() >= required {
		return who.names(), nil
	}
	if len(reasons) == 0 && who.count() == 0 {
		reasons = []string{"there is no signature beside it"}
	}
	why := "refused: nobody who may has approved the plan"
	if required > 1 {
		why = fmt.Sprintf("refused: %d who may must approve the plan, and %d did", required, who.count())
		if who.count() > 0 {
			why += " (" + strings.Join(who.names(), ", ") + ")"
		}
	}
	if len(reasons) > 0 {
		why += ": " + strings.Join(reasons, "; ")
	}
	return nil, diag.Errorf(diag.Pos{File: plan}, "not-approved", "%s", why).
		WithHint("schemactl approve %s --by NAME --key FILE", plan)
}

// people are those who approved, each with all names: whoever has several keys, or several names for one, counts once.
type people [][]string

func (p *people) add(names []string) {
	if len(names) == 0 {
		return
	}
	var others people
	for _, one := range *p {
		if slices.ContainsFunc(one, func(n string) bool { return slices.Contains(names, n) }) {
			names = append(names, one...)
			continue
		}
		others = append(others, one)
	}
	others = append(others, names)
	*p = others
}

func (p people) count() int { return len(p) }

func (p people) names() []string {
	all := slices.Concat(p...)
	slices.Sort(all)
	return slices.Compact(all)
}

func check(file string, text []byte, signers Signers, now time.Time) ([]string, error) {
	signature, err := disk.Read(file)
	if err != nil {
		return nil, err
	}
	key, err := Verify(text, signature)
	if err != nil {
		return nil, err
	}
	names := signers.Names(key, now)
	if len(names) == 0 {
		return nil, fmt.Errorf("the key %s may not approve", ssh.FingerprintSHA256(key))
	}
	return names, nil
}
