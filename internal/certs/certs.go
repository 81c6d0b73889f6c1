// Package certs is waxseal's own certificate authority: it mints a certificate
// for every server name that a TLS client asks for.
//
// The CA is made when it is first needed, because most servers never have a TLS
// client. Certificates are valid by real time, whatever the emulator's clock
// shows, because the clients judge them by real time.
package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net"
	"strings"
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
	// backdate is how long before its creation a certificate becomes valid, for clients
	// whose clocks are behind, by at most a wrong time zone. For the same reason a
	// certificate is replaced that long before it expires.
	backdate = 24 * time.Hour
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
		if err != nil {
			return nil, fmt.Errorf("certs: %w", err)
		}
		return a, nil
	})
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
	if template.SubjectKeyId, err = keyID(&key.PublicKey); err != nil {
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
	a, err = parse(certPEM, keyPEM, now)
	return a, keyPEM, err
}

// keyID is the subject key identifier of RFC 7093, method 1, which strict
// clients want in every certificate.
func keyID(public *ecdsa.PublicKey) ([]byte, error) {
	point, err := public.Bytes()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(point)
	return sum[:20], nil
}

// PEM is the CA's certificate, for clients to trust.
func (c *CA) PEM() ([]byte, error) {
	a, err := c.load()
	if err != nil {
		return nil, err
	}
	return a.pem, nil
}

// TLSConfig is the configuration of a server whose certificate is valid for the
// name that the client asked for, for localhost, and for the connection's own
// address. It speaks HTTP/1.1, as AWS's endpoints do.
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
	name = strings.ToLower(name)
	if name != "" && !isServerName(name) {
		return nil, fmt.Errorf("certs: no server is called %q", name)
	}
	kept := name + " " + ip.String()
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if leaf := c.leaves[kept]; leaf != nil && now.Before(leaf.Leaf.NotAfter.Add(-backdate)) {
		return leaf, nil
	}
	leaf, err := c.mint(name, ip, now)
	if err != nil {
		return nil, fmt.Errorf("certs: certificate for %q: %w", name, err)
	}
	if len(c.leaves) >= maxLeaves {
		clear(c.leaves)
	}
	c.leaves[kept] = leaf
	return leaf, nil
}

// isServerName reports whether s, in lower case, is an address or has the form
// of a host name. Underscores are allowed: containers' names have them.
func isServerName(s string) bool {
	if net.ParseIP(s) != nil {
		return true
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return len(s) <= 253
}

func (c *CA) mint(name string, ip net.IP, now time.Time) (*tls.Certificate, error) {
	a, err := c.load()
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
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
	switch address := net.ParseIP(name); {
	case address != nil: // against RFC 6066, but some clients do
		template.IPAddresses = append(template.IPAddresses, address)
	case name != "" && name != "localhost":
		template.DNSNames = append(template.DNSNames, name)
	}
	if ip != nil && !ip.IsLoopback() {
		template.IPAddresses = append(template.IPAddresses, ip)
	}
	if template.SubjectKeyId, err = keyID(&key.PublicKey); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key, Leaf: leaf}, nil
}
