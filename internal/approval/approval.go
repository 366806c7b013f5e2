package approval

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/schemactl/schemactl/internal/diag"
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

// Check finds who of the signers approved the text of a plan. None is an error that says why.
func Check(plan string, text []byte, signers Signers, now time.Time) ([]string, error) {
	list, err := files(plan)
	if err != nil {
		return nil, err
	}
	var names, reasons []string
	for _, file := range list {
		found, err := check(file, text, signers, now)
		if err != nil {
			reasons = append(reasons, filepath.Base(file)+": "+err.Error())
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > 0 {
		return names, nil
	}
	why := "there is no signature beside it"
	if len(reasons) > 0 {
		why = strings.Join(reasons, "; ")
	}
	return nil, diag.Errorf(diag.Pos{File: plan}, "not-approved", "refused: nobody who may has approved the plan: %s", why).
		WithHint("schemactl approve %s --by NAME --key FILE", plan)
}

func check(file string, text []byte, signers Signers, now time.Time) ([]string, error) {
	signature, err := os.ReadFile(file)
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

// ReadKey reads a private key. passphrase is asked where the key is locked; nil: nobody can be asked.
func ReadKey(file string, passphrase func() ([]byte, error)) (ssh.Signer, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, diag.Errorf(diag.Pos{File: file}, "no-such-file", "the key cannot be opened: %v", errors.Unwrap(err))
	}
	key, err := ssh.ParsePrivateKey(text)
	if locked := (*ssh.PassphraseMissingError)(nil); errors.As(err, &locked) {
		if passphrase == nil {
			return nil, diag.Errorf(diag.Pos{File: file}, "locked-key", "the key has a passphrase, and nobody is there to be asked for it").
				WithHint("sign with ssh-keygen -Y sign -n %s -f %s, which asks an agent", Namespace, file)
		}
		word, err := passphrase()
		if err != nil {
			return nil, err
		}
		if key, err = ssh.ParsePrivateKeyWithPassphrase(text, word); err != nil {
			return nil, diag.Errorf(diag.Pos{File: file}, "locked-key", "the passphrase does not open the key")
		}
		return key, nil
	}
	if err != nil {
		return nil, diag.Errorf(diag.Pos{File: file}, "bad-key", "not a private key of OpenSSH: %v", err).
			WithHint("ssh-keygen -t ed25519 makes one")
	}
	return key, nil
}
