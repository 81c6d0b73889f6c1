package certs

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Open is the CA whose certificate and key are in two PEM files. Where neither
// file exists, both are created, the key file with mode 0600. It fails, with
// one line that names the file, where only one of them exists, where they do
// not belong together, and where the certificate is not a CA's or has expired.
func Open(certFile, keyFile string, now func() time.Time) (*CA, error) {
	certPEM, certErr := os.ReadFile(certFile)
	if certErr != nil && !errors.Is(certErr, fs.ErrNotExist) {
		return nil, fmt.Errorf("CA certificate: %w", certErr)
	}
	keyPEM, keyErr := os.ReadFile(keyFile)
	if keyErr != nil && !errors.Is(keyErr, fs.ErrNotExist) {
		return nil, fmt.Errorf("CA key: %w", keyErr)
	}
	var a *authority
	var err error
	switch {
	case certErr == nil && keyErr == nil:
		if a, err = parse(certPEM, keyPEM, now()); err != nil {
			return nil, fmt.Errorf("CA in %s and %s: %w", certFile, keyFile, err)
		}
	case certErr == nil:
		return nil, fmt.Errorf("CA: %s is there, but its key %s is not", certFile, keyFile)
	case keyErr == nil:
		return nil, fmt.Errorf("CA: %s is there, but its certificate %s is not", keyFile, certFile)
	default:
		if a, err = createFiles(certFile, keyFile, now()); err != nil {
			return nil, err
		}
	}
	return newCA(now, func() (*authority, error) { return a, nil }), nil
}

func createFiles(certFile, keyFile string, now time.Time) (*authority, error) {
	a, keyPEM, err := create(now)
	if err != nil {
		return nil, fmt.Errorf("CA: %w", err)
	}
	if err := writeFile(keyFile, keyPEM, 0o600); err != nil {
		return nil, fmt.Errorf("CA key: %w", err)
	}
	if err := writeFile(certFile, a.pem, 0o644); err != nil {
		return nil, fmt.Errorf("CA certificate: %w", errors.Join(err, os.Remove(keyFile)))
	}
	return a, nil
}

// writeFile writes a file so that it is either complete or does not exist.
func writeFile(name string, content []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// parse is the CA of two PEM files.
func parse(certPEM, keyPEM []byte, now time.Time) (*authority, error) {
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, err
	}
	cert := pair.Leaf
	signer, ok := pair.PrivateKey.(crypto.Signer)
	switch {
	case !ok || !cert.IsCA || cert.KeyUsage != 0 && cert.KeyUsage&x509.KeyUsageCertSign == 0:
		return nil, errors.New("the certificate is not a CA's")
	case now.After(cert.NotAfter):
		return nil, fmt.Errorf("the certificate expired on %s; without the two files a new CA is made", cert.NotAfter.Format(time.DateOnly))
	}
	return &authority{cert, signer, certPEM}, nil
}
