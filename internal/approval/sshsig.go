// Package approval signs saved plans and holds signatures against those who may approve. The signatures are OpenSSH's, as
// "ssh-keygen -Y sign" writes them, so that anybody can verify them without schemactl.
package approval

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// Namespace keeps signatures of plans apart from those of anything else that the same key signs.
const Namespace = "schemactl-plan"

// What the format consists of: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig.
const (
	magic   = "SSHSIG"
	armour  = "SSH SIGNATURE"
	version = 1
)

// envelope is what a signature file holds behind its magic word.
type envelope struct {
	Version   uint32
	PublicKey string
	Namespace string
	Reserved  string
	Hash      string
	Signature string
}

// signed is what the key signs behind the magic word.
type signed struct {
	Namespace string
	Reserved  string
	Hash      string
	Digest    string
}

// Sign signs a text and returns the contents of a signature file.
func Sign(text []byte, key ssh.Signer) ([]byte, error) {
	const hash = "sha512"
	data, err := message(text, Namespace, hash)
	if err != nil {
		return nil, err
	}
	s, err := sign(key, data)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	blob := append([]byte(magic), ssh.Marshal(envelope{
		Version: version, PublicKey: string(key.PublicKey().Marshal()), Namespace: Namespace, Hash: hash, Signature: string(ssh.Marshal(s)),
	})...)
	return pem.EncodeToMemory(&pem.Block{Type: armour, Bytes: blob}), nil
}

// sign signs with the key's best algorithm: of RSA that is not the one that the key is named for, which no one takes any more.
func sign(key ssh.Signer, data []byte) (*ssh.Signature, error) {
	if key.PublicKey().Type() != ssh.KeyAlgoRSA {
		return key.Sign(rand.Reader, data)
	}
	s, ok := key.(ssh.AlgorithmSigner)
	if !ok {
		return nil, errors.New("the key signs with SHA-1 only")
	}
	return s.SignWithAlgorithm(rand.Reader, data, ssh.KeyAlgoRSASHA512)
}

// Verify holds a signature file against a text and returns the key that made it.
func Verify(text, file []byte) (ssh.PublicKey, error) {
	block, rest := pem.Decode(file)
	if block == nil || block.Type != armour || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("not a signature of ssh-keygen")
	}
	blob, ok := bytes.CutPrefix(block.Bytes, []byte(magic))
	if !ok {
		return nil, errors.New("not a signature of ssh-keygen")
	}
	var e envelope
	if err := ssh.Unmarshal(blob, &e); err != nil {
		return nil, fmt.Errorf("not a signature of ssh-keygen: %w", err)
	}
	if e.Version != version || e.Namespace != Namespace {
		return nil, fmt.Errorf("made for %q version %d, not for plans", e.Namespace, e.Version)
	}
	key, err := ssh.ParsePublicKey([]byte(e.PublicKey))
	if err != nil {
		return nil, fmt.Errorf("its key cannot be read: %w", err)
	}
	var s ssh.Signature
	if err := ssh.Unmarshal([]byte(e.Signature), &s); err != nil {
		return nil, fmt.Errorf("not a signature of ssh-keygen: %w", err)
	}
	if s.Format == ssh.KeyAlgoRSA {
		return nil, errors.New("signed with SHA-1")
	}
	data, err := message(text, e.Namespace, e.Hash)
	if err != nil {
		return nil, err
	}
	if err := key.Verify(data, &s); err != nil {
		return nil, errors.New("it is of another text: the plan was changed after it was signed")
	}
	return key, nil
}

func message(text []byte, namespace, hash string) ([]byte, error) {
	var digest []byte
	switch hash {
	case "sha512":
		sum := sha512.Sum512(text)
		digest = sum[:]
	case "sha256":
		sum := sha256.Sum256(text)
		digest = sum[:]
	default:
		return nil, fmt.Errorf("its hash %q is not known", hash)
	}
	return append([]byte(magic), ssh.Marshal(signed{Namespace: namespace, Hash: hash, Digest: string(digest)})...), nil
}
