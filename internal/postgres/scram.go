package postgres

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// scramVerifier is what the server keeps of a password (RFC 5803; src/common/scram-common.c). Sent instead of the password,
// it keeps that out of the server's logs. Beyond ASCII the password would have to be normalised first (SASLprep).
func scramVerifier(password string) (string, error) {
	for i := range len(password) {
		if password[i] < ' ' || password[i] > '~' {
			return "", fmt.Errorf("it holds characters beyond ASCII")
		}
	}
	const iterations = 4096 // the server's default
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	sign := func(text string) []byte {
		h := hmac.New(sha256.New, salted)
		_, _ = h.Write([]byte(text))
		return h.Sum(nil)
	}
	stored := sha256.Sum256(sign("Client Key"))
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, encode(salt), encode(stored[:]), encode(sign("Server Key"))), nil
}
