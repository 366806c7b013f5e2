package dburl

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"

	"github.com/go-sql-driver/mysql"
)

// tlsConfig is the driver's name for how to use TLS. Without any wish it is preferred, as in MySQL's client:
// encrypted where the server can, and plain on a socket.
func (u *URL) tlsConfig() (string, error) {
	if v := u.params["tls"]; v != "" {
		return v, nil
	}
	ca, mode := u.params["ssl-ca"], u.params["ssl-mode"]
	if ca == "" && u.params["ssl-cert"] == "" && mode != "verify-ca" {
		switch {
		case mode == "disabled", mode == "" && u.Socket != "":
			return "false", nil
		case mode == "required":
			return "skip-verify", nil
		case mode == "verify-identity":
			return "true", nil
		}
		return "preferred", nil
	}
	if mode == "disabled" {
		return "false", nil
	}
	if mode == "" && ca != "" {
		mode = "verify-ca" // what MySQL's client does with a CA file
	}
	return u.registerTLS(mode)
}

// registerTLS hands the driver a configuration under a name that is the digest of its contents, so that two URLs
// share one only if they are the same.
func (u *URL) registerTLS(mode string) (string, error) {
	digest := sha256.New()
	read := func(option string) ([]byte, error) {
		file := u.params[option]
		if file == "" {
			return nil, nil
		}
		data, err := u.env.readFile(file)
		if err != nil {
			return nil, fault("%s: the file %s cannot be read", option, file).WithHint("check the path and its permissions")
		}
		_, _ = digest.Write(append([]byte("\x00"+option+"\x00"), data...))
		return data, nil
	}
	ca, errCA := read("ssl-ca")
	cert, errCert := read("ssl-cert")
	key, errKey := read("ssl-key")
	if err := firstError(errCA, errCert, errKey); err != nil {
		return "", err
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Host}
	if ca != nil {
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(ca) {
			return "", fault("ssl-ca: %s holds no PEM certificate", u.params["ssl-ca"]).WithHint("give the CA's certificate in PEM form")
		}
	}
	if cert != nil {
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return "", fault("ssl-cert and ssl-key are no pair of a PEM certificate and its key").WithHint("check both files")
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	switch mode {
	case "verify-identity":
	case "verify-ca":
		cfg.InsecureSkipVerify = true //nolint:gosec // the chain is verified below; only the name is not
		cfg.VerifyConnection = chainVerifier(cfg.RootCAs)
	default:
		cfg.InsecureSkipVerify = true //nolint:gosec // ssl-mode=required encrypts without verifying, by its definition
	}
	_, _ = digest.Write([]byte("\x00" + mode + "\x00" + u.Host))
	name := "schemactl-" + hex.EncodeToString(digest.Sum(nil))
	if err := mysql.RegisterTLSConfig(name, cfg); err != nil {
		return "", fault("the MySQL driver refuses the TLS settings").WithHint("check ssl-mode and the files")
	}
	return name, nil
}

// chainVerifier checks the server's certificate against the roots and leaves its name unchecked.
func chainVerifier(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 {
			return errors.New("the server showed no certificate")
		}
		between := x509.NewCertPool()
		for _, c := range state.PeerCertificates[1:] {
			between.AddCert(c)
		}
		_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
		return err
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
