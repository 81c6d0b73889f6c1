package certs

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func now() time.Time { return time.Now() }

// listen serves one TLS handshake after another.
func listen(t *testing.T, c *CA) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", c.TLSConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_ = conn.(*tls.Conn).Handshake()
				_ = conn.Close()
			}()
		}
	}()
	return l.Addr().String()
}

func pool(t *testing.T, c *CA) *x509.CertPool {
	t.Helper()
	pem, err := c.PEM()
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(pem) {
		t.Fatal("the CA's PEM holds no certificate")
	}
	return p
}

func TestAnyServerNameIsServed(t *testing.T) {
	c := New(now)
	addr := listen(t, c)
	for _, name := range []string{"localhost", "127.0.0.1", "sqs.us-east-1.localhost", "waxseal", "vpce-0123.sqs.us-east-1.vpce.localhost"} {
		conn, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool(t, c), ServerName: name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = conn.Close()
	}
	conn, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool(t, New(now)), ServerName: "localhost"})
	if err == nil {
		_ = conn.Close()
		t.Error("a client that trusts another CA connected")
	}
}

func TestNonsenseNameIsNoServer(t *testing.T) {
	if _, err := New(now).certificate("not a name \x00", nil); err == nil {
		t.Error("a certificate for nonsense was minted")
	}
}

func TestCertificatesAreKeptUntilTheyExpireAndBounded(t *testing.T) {
	at := time.Now()
	c := New(func() time.Time { return at })
	get := func(name string) *tls.Certificate {
		leaf, err := c.certificate(name, net.IPv4(192, 0, 2, 1))
		if err != nil {
			t.Fatal(err)
		}
		return leaf
	}
	first := get("a.example")
	if get("a.example") != first {
		t.Error("the certificate was minted again")
	}
	if err := first.Leaf.VerifyHostname("192.0.2.1"); err != nil {
		t.Errorf("the connection's own address: %v", err)
	}
	at = at.Add(leafLife)
	if get("a.example") == first {
		t.Error("an expired certificate was shown")
	}
	for i := range maxLeaves + 1 {
		c.leaves[fmt.Sprint(i)] = first
	}
	get("b.example")
	if len(c.leaves) > maxLeaves {
		t.Errorf("%d certificates are kept", len(c.leaves))
	}
}

func TestOpenKeepsTheCA(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca-key.pem")
	open := func() *CA {
		c, err := Open(cert, key, now)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first, err := open().PEM()
	if err != nil {
		t.Fatal(err)
	}
	second := open()
	if again, _ := second.PEM(); string(again) != string(first) {
		t.Error("the CA changed")
	}
	addr := listen(t, second)
	conn, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool(t, second), ServerName: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v, %v", info.Mode(), err)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"a", "b"} {
		if _, err := Open(path(name+".pem"), path(name+".key"), now); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path("garbage"), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ cert, key, want string }{
		{"a.pem", "absent", "its key"},
		{"absent", "a.key", "its certificate"},
		{"a.pem", "b.key", "private key does not match public key"},
		{"garbage", "a.key", "failed to find any PEM data"},
		{"", "a.key", "CA certificate"},
		{"a.pem", "", "CA key"},
	} {
		_, err := Open(path(test.cert), path(test.key), now)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Open(%s, %s): %v, want %q", test.cert, test.key, err, test.want)
		}
	}
}

// OpenSSL as Python uses it is stricter than Go: it wants the key identifiers
// and usages that RFC 5280 asks for.
func TestStrictClient(t *testing.T) {
	if err := exec.Command("python3", "-c", "import ssl").Run(); err != nil {
		t.Skipf("needs Python: %v", err)
	}
	c := New(now)
	addr := listen(t, c)
	file := filepath.Join(t.TempDir(), "ca.pem")
	pem, err := c.PEM()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, pem, 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(addr)
	const script = `
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
context.verify_flags |= ssl.VERIFY_X509_STRICT
for name in ("localhost", "127.0.0.1"):
    with socket.create_connection(("127.0.0.1", int(sys.argv[2]))) as s, context.wrap_socket(s, server_hostname=name):
        pass
`
	if out, err := exec.Command("python3", "-c", script, file, port).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
