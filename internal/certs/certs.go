// Package certs is waxseal's own certificate authority: it mints a certificate
// for every server name that a TLS client asks for.
//
// The CA is made when it is first wanted, for most servers never see a TLS
// client. Certificates follow real time, whatever the emulator's clock shows,
// for it is the clients who judge them.
package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/ids"
)

const (
	// caLife is how long the CA is valid.
	caLife = 10 * 365 * 24 * time.Hour
	// leafLife is how long a server certificate is valid; some clients refuse
	// those of more than 398 days.
	leafLife = 365 * 24 * time.Hour
	// backdate makes a certificate valid for clients whose clocks are behind.
	backdate = time.Hour
	// maxLeaves bounds the certificates that are kept: names come from clients.
	maxLeaves = 1000
)

// CA mints certificates. It is safe for concurrent use.
type CA struct {
	now  func() time.Time
	load func() (*authority, error) // once

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// authority is a CA's certificate and key.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte
}

// New is a CA in memory. now tells real time.
func New(now func() time.Time) *CA {
	return newCA(now, func() (*authority, error) {
		a, _, err := create(now())
		return a, err
	})
}

// Open is the CA whose certificate and key stand in two PEM files; both are
// made, the key file with mode 0600, where neither exists. It fails where only
// one does, or where they do not fit each other.
func Open(certFile, keyFile string, now func() time.Time) (*CA, error) {
	certPEM, err := os.ReadFile(certFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("CA certificate: %w", err)
	}
	keyPEM, keyErr := os.ReadFile(keyFile)
	if keyErr != nil && !errors.Is(keyErr, fs.ErrNotExist) {
		return nil, fmt.Errorf("CA key: %w", keyErr)
	}
	switch {
	case err == nil && keyErr == nil:
		a, err := parse(certPEM, keyPEM)
		if err != nil {
			return nil, fmt.Errorf("CA in %s and %s: %w", certFile, keyFile, err)
		}
		return newCA(now, func() (*authority, error) { return a, nil }), nil
	case err == nil:
		return nil, fmt.Errorf("CA: %s is there, but its key %s is not", certFile, keyFile)
	case keyErr == nil:
		return nil, fmt.Errorf("CA: %s is there, but its certificate %s is not", keyFile, certFile)
	}
	a, keyPEM, err := create(now())
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(keyFile, keyPEM, 0o600); err != nil {
		return nil, fmt.Errorf("CA key: %w", err)
	}
	if err := os.WriteFile(certFile, a.pem, 0o644); err != nil {
		return nil, fmt.Errorf("CA certificate: %w", err)
	}
	return newCA(now, func() (*authority, error) { return a, nil }), nil
}

func newCA(now func() time.Time, load func() (*authority, error)) *CA {
	return &CA{now: now, load: sync.OnceValues(load), leaves: map[string]*tls.Certificate{}}
}

func create(now time.Time) (a *authority, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          ids.Serial(),
		Subject:               pkix.Name{CommonName: "waxseal CA", Organization: []string{"waxseal"}},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(caLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if template.SubjectKeyId, err = keyID(key.Public()); err != nil {
		return nil, nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	a, err = parse(certPEM, keyPEM)
	return a, keyPEM, err
}

func parse(certPEM, keyPEM []byte) (*authority, error) {
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, err
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok || !pair.Leaf.IsCA {
		return nil, errors.New("the certificate is not a CA's")
	}
	return &authority{pair.Leaf, signer, certPEM}, nil
}

// keyID is the subject key identifier of RFC 5280, method 1.
func keyID(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum(der)
	return sum[:], nil
}

// PEM is the CA's certificate, for clients to trust.
func (c *CA) PEM() ([]byte, error) {
	a, err := c.load()
	if err != nil {
		return nil, err
	}
	return a.pem, nil
}

// TLSConfig is the configuration of a server that shows each client a
// certificate for the name that it asked for, and for localhost and the
// connection's own address. It speaks HTTP/1.1, as AWS's endpoints do.
func (c *CA) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return c.certificate(hello.ServerName, localIP(hello.Conn))
		},
	}
}

func localIP(conn net.Conn) net.IP {
	if conn == nil {
		return nil
	}
	if a, ok := conn.LocalAddr().(*net.TCPAddr); ok {
		return a.IP
	}
	return nil
}

// certificate is the certificate for a name and an address, either of which may be empty.
func (c *CA) certificate(name string, ip net.IP) (*tls.Certificate, error) {
	kept := name + " " + ip.String()
	c.mu.Lock()
	defer c.mu.Unlock()
	if leaf := c.leaves[kept]; leaf != nil && c.now().Before(leaf.Leaf.NotAfter) {
		return leaf, nil
	}
	leaf, err := c.mint(name, ip)
	if err != nil {
		return nil, err
	}
	if len(c.leaves) >= maxLeaves {
		clear(c.leaves)
	}
	c.leaves[kept] = leaf
	return leaf, nil
}

// serverName is what a client may ask for: a host name, or nothing.
var serverName = regexp.MustCompile(`^[A-Za-z0-9._-]{0,253}$`)

func (c *CA) mint(name string, ip net.IP) (*tls.Certificate, error) {
	a, err := c.load()
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := c.now()
	template := &x509.Certificate{
		SerialNumber:          ids.Serial(),
		Subject:               pkix.Name{CommonName: "waxseal", Organization: []string{"waxseal"}},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(leafLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if !serverName.MatchString(name) {
		return nil, fmt.Errorf("no server is called %q", name)
	}
	if name != "" && name != "localhost" {
		template.DNSNames = append(template.DNSNames, name)
	}
	if ip != nil && !ip.IsLoopback() {
		template.IPAddresses = append(template.IPAddresses, ip)
	}
	if template.SubjectKeyId, err = keyID(key.Public()); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("certificate for %q: %w", name, err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key, Leaf: leaf}, nil
}
