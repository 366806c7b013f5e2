package dburl

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// authority makes a certificate that signs itself.
func authority(t *testing.T, name string) (cert *x509.Certificate, certPEM, keyPEM string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IsCA: true,
		BasicConstraintsValid: true, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	encode := func(typ string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der}))
	}
	return cert, encode("CERTIFICATE", der), encode("PRIVATE KEY", keyDER)
}

func TestMySQLTLSFiles(t *testing.T) {
	cert, certPEM, keyPEM := authority(t, "db.example")
	other, _, _ := authority(t, "db.example")
	w := &world{files: map[string]string{"/ca.pem": certPEM, "/key.pem": keyPEM}}
	config := func(raw string) *mysql.Config {
		t.Helper()
		dsn, err := mustParse(t, w.env(), raw).DSN(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := mysql.ParseDSN(dsn)
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	full := config("mysql://u@h/d?ssl-mode=VERIFY_IDENTITY&ssl-ca=/ca.pem&ssl-cert=/ca.pem&ssl-key=/key.pem")
	if full.TLS.InsecureSkipVerify || full.TLS.ServerName != "h" || len(full.TLS.Certificates) != 1 || full.TLS.RootCAs == nil {
		t.Errorf("verify-identity: %+v", full.TLS)
	}
	chain := config("mysql://u@h/d?ssl-ca=/ca.pem") // a CA alone asks for verify-ca, as in MySQL's client
	verify := chain.TLS.VerifyConnection
	if verify == nil {
		t.Fatal("nothing verifies the chain")
	}
	if err := verify(tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}); err != nil {
		t.Errorf("the CA's own certificate is refused: %v", err)
	}
	if err := verify(tls.ConnectionState{PeerCertificates: []*x509.Certificate{other}}); err == nil {
		t.Error("another CA's certificate is accepted")
	}
	if err := verify(tls.ConnectionState{}); err == nil {
		t.Error("no certificate is accepted")
	}
	if full.TLSConfig == chain.TLSConfig || !strings.HasPrefix(chain.TLSConfig, "schemactl-") {
		t.Errorf("names %s and %s", full.TLSConfig, chain.TLSConfig)
	}
	if off := config("mysql://u@h/d?ssl-mode=disabled&ssl-ca=/ca.pem"); off.TLS != nil {
		t.Error("ssl-mode=disabled uses TLS")
	}
}
