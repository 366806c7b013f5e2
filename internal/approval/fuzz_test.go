package approval_test

import (
	"crypto/ed25519"
	"encoding/pem"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/schemactl/schemactl/internal/approval"
)

// FuzzVerify reads signatures of any bytes, within and without their armour: none but the real one holds.
func FuzzVerify(f *testing.F) {
	key, _, err := ed25519Key(make([]byte, ed25519.SeedSize)) // every worker must have the same
	if err != nil {
		f.Fatal(err)
	}
	text := []byte("a plan")
	signed, err := approval.Sign(text, key)
	if err != nil {
		f.Fatal(err)
	}
	block, _ := pem.Decode(signed)
	f.Add(signed, block.Bytes)
	f.Fuzz(func(t *testing.T, file, within []byte) {
		for _, signature := range [][]byte{file, pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: within})} {
			made, err := approval.Verify(text, signature)
			if err == nil && ssh.FingerprintSHA256(made) != ssh.FingerprintSHA256(key.PublicKey()) {
				t.Fatalf("%q is taken for a signature", signature)
			}
		}
	})
}

// FuzzSigners reads files of allowed signers: faults are told, nothing breaks, and who is read has a key and a name.
func FuzzSigners(f *testing.F) {
	_, line, err := ed25519Key(make([]byte, ed25519.SeedSize)) // every worker must have the same
	if err != nil {
		f.Fatal(err)
	}
	f.Add("# x\n*@example.com,!bob namespaces=\"schemactl\",valid-after=\"20260101\" " + line + "\n")
	f.Add("\"a b\" cert-authority " + line)
	f.Fuzz(func(t *testing.T, text string) {
		signers, err := approval.ReadSigners([]byte(text), "signers")
		if err != nil {
			return
		}
		for _, s := range signers {
			if s.Key == nil || len(s.Names) == 0 {
				t.Fatalf("%q gives a signer without a key or a name", text)
			}
		}
	})
}
