package approval_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/schemactl/schemactl/internal/approval"
)

func newKey(t *testing.T) (ssh.Signer, string) {
	t.Helper()
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed) // never fails
	key, line, err := ed25519Key(seed)
	if err != nil {
		t.Fatal(err)
	}
	return key, line
}

// ed25519Key makes the key of a seed, and its line in a file of signers.
func ed25519Key(seed []byte) (ssh.Signer, string, error) {
	s, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		return nil, "", err
	}
	return s, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.PublicKey()))), nil
}

func TestOnlyTheSignedTextIsApproved(t *testing.T) {
	key, _ := newKey(t)
	text := []byte("a plan")
	signature, err := approval.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := approval.Verify(text, signature); err != nil {
		t.Errorf("the text itself: %v", err)
	}
	for i := range text {
		other := append([]byte(nil), text...)
		other[i] ^= 1
		if _, err := approval.Verify(other, signature); err == nil {
			t.Errorf("%q is taken for %q", other, text)
		}
	}
	// Whatever is cut off or changed of a signature, it is refused, and nothing panics.
	for i := range signature {
		if _, err := approval.Verify(text, signature[:i]); err == nil && i < len(signature)-1 {
			t.Errorf("the first %d bytes of a signature are taken for all", i)
		}
	}
}

func TestSignersAreThoseOfTheFile(t *testing.T) {
	alice, a := newKey(t)
	bob, b := newKey(t)
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	list := strings.Join([]string{
		"# who may", "",
		`"alice,al@example.com" ` + a,
		`old valid-before="20260101Z" ` + b,
		`new valid-after="20270101Z" ` + b,
		`git namespaces="git,file" ` + b,
		`no namespaces="*,!schemactl-plan" ` + b,
		`bob namespaces="schemactl-*",valid-after="20260101",valid-before="202612311200Z" ` + b + " comment",
	}, "\n")
	signers, err := approval.ReadSigners([]byte(list), "allowed")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(signers.Names(alice.PublicKey(), now), " "); got != "alice al@example.com" {
		t.Errorf("alice may as %q", got)
	}
	if got := strings.Join(signers.Names(bob.PublicKey(), now), " "); got != "bob" {
		t.Errorf("bob may as %q", got)
	}
	for bad, want := range map[string]string{
		"alice":                         "no key",
		"alice ssh-ed25519 AAAA":        "no key",
		`"alice ` + a:                   "does not end",
		"alice cert-authority " + a:     "certificate authority",
		`alice valid-after="soon" ` + a: "is no time",
		`alice command="rm" ` + a:       "is not known",
		"# nobody":                      "nobody is listed",
	} {
		if _, err := approval.ReadSigners([]byte(bad), "allowed"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", bad, err, want)
		}
	}
}

func TestOneApprovalAmongOthersCounts(t *testing.T) {
	plan := filepath.Join(t.TempDir(), "plan.json")
	alice, a := newKey(t)
	eve, _ := newKey(t)
	signers, err := approval.ReadSigners([]byte("alice "+a), "allowed")
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("{}")
	for name, key := range map[string]ssh.Signer{"eve": eve, "alice": alice} {
		file, err := approval.FileOf(plan, name)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := approval.Sign(text, key)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, signature, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := approval.Check(plan, text, signers, 1, time.Now()); err != nil || len(names) != 1 || names[0] != "alice" {
		t.Errorf("approved by %v, %v", names, err)
	}
	if _, err := approval.Check(plan, []byte("{ }"), signers, 1, time.Now()); err == nil {
		t.Error("another text is approved")
	}
}
