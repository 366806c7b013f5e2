package approval

import (
	"bytes"
	"context"
	"errors"
	"net"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
)

// ReadKey finds the key of a file: a private one, or a public one whose private part an agent holds, which listens at a
// socket. passphrase is asked where the key is locked; nil: nobody can be asked, and the agent is tried. done gives the agent
// back when all is signed.
func ReadKey(ctx context.Context, file, socket string, passphrase func() ([]byte, error)) (key ssh.Signer, done func() error, err error) {
	done = func() error { return nil }
	text, err := disk.Read(file)
	if err != nil {
		return nil, done, diag.Errorf(diag.Pos{File: file}, "no-such-file", "the key cannot be opened: %v", errors.Unwrap(err))
	}
	if public, _, _, _, err := ssh.ParseAuthorizedKey(text); err == nil {
		return ofAgent(ctx, file, socket, public)
	}
	key, err = ssh.ParsePrivateKey(text)
	if locked := (*ssh.PassphraseMissingError)(nil); errors.As(err, &locked) {
		if passphrase == nil {
			if locked.PublicKey != nil && socket != "" {
				return ofAgent(ctx, file, socket, locked.PublicKey)
			}
			return nil, done, diag.Errorf(diag.Pos{File: file}, "locked-key", "the key has a passphrase, and nobody is there to be asked for it").
				WithHint("give it to an agent: ssh-add %s", file)
		}
		word, err := passphrase()
		if err != nil {
			return nil, done, err
		}
		if key, err = ssh.ParsePrivateKeyWithPassphrase(text, word); err != nil {
			return nil, done, diag.Errorf(diag.Pos{File: file}, "locked-key", "the passphrase does not open the key")
		}
		return key, done, nil
	}
	if err != nil {
		return nil, done, diag.Errorf(diag.Pos{File: file}, "bad-key", "not a key of OpenSSH: %v", err).
			WithHint("ssh-keygen -t ed25519 makes one")
	}
	return key, done, nil
}

// ofAgent finds the key that belongs to a public one in an agent.
func ofAgent(ctx context.Context, file, socket string, public ssh.PublicKey) (key ssh.Signer, done func() error, err error) {
	done = func() error { return nil }
	fault := func(format string, args ...any) error {
		return diag.Errorf(diag.Pos{File: file}, "no-agent", format, args...).WithHint("give it the key: ssh-add")
	}
	if socket == "" {
		return nil, done, fault("the file holds a public key, and no agent runs that could hold the private one (SSH_AUTH_SOCK)")
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, done, fault("the agent does not answer: %v", err)
	}
	keys, err := agent.NewClient(conn).Signers()
	for _, k := range keys {
		if bytes.Equal(k.PublicKey().Marshal(), public.Marshal()) {
			return k, conn.Close, nil
		}
	}
	_ = conn.Close()
	if err != nil {
		return nil, done, fault("the agent gives no keys: %v", err)
	}
	return nil, done, fault("the agent does not hold the key %s", ssh.FingerprintSHA256(public))
}
