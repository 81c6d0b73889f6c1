package certs

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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
	text, err := c.PEM()
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(text) {
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
	for _, name := range []string{
		"not a name", "nul\x00", "a..b", ".a", "a.", "-a.b", "a-.b", "*.a", "é", "a/b", "a:1",
		strings.Repeat("a", 64), strings.Repeat("a.", 127), "*", " ",
	} {
		if _, err := New(now).certificate(name, nil); err == nil {
			t.Errorf("a certificate for %q was minted", name)
		}
	}
	for _, name := range []string{"a", "a_b", "1.2", "127.0.0.1", "::1", strings.Repeat("a", 63), strings.Repeat("a.", 126) + "a", "XN--bcher-kva.example"} {
		leaf, err := New(now).certificate(name, nil)
		if err != nil {
			t.Error(err)
		} else if err := leaf.Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
}

// A client without a server name, as one that connects to an address is, is
// shown the names of this machine and the address.
func TestNoServerName(t *testing.T) {
	leaf, err := New(now).certificate("", net.IPv4(192, 0, 2, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "192.0.2.1"} {
		if err := leaf.Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if err := leaf.Leaf.VerifyHostname("example.com"); err == nil {
		t.Error("the certificate is for any name")
	}
}

// Clients whose clocks are wrong by a time zone still connect.
func TestValidity(t *testing.T) {
	c := New(now)
	leaf, err := c.certificate("localhost", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, off := range []time.Duration{-23 * time.Hour, 0, 14 * time.Hour, 364 * 24 * time.Hour} {
		if _, err := leaf.Leaf.Verify(x509.VerifyOptions{Roots: pool(t, c), DNSName: "localhost", CurrentTime: time.Now().Add(off)}); err != nil {
			t.Errorf("%v from now: %v", off, err)
		}
	}
	if life := leaf.Leaf.NotAfter.Sub(leaf.Leaf.NotBefore); life > 398*24*time.Hour {
		t.Errorf("the certificate is valid for %v: some clients refuse it", life)
	}
}

// A server that no TLS client ever calls makes no CA.
func TestCAIsMadeWhenItIsWanted(t *testing.T) {
	made := 0
	c := newCA(now, func() (*authority, error) { made++; a, _, err := create(now()); return a, err })
	_ = c.TLSConfig()
	if made != 0 {
		t.Fatal("the CA was made before anybody wanted it")
	}
	var clients sync.WaitGroup
	for i := range 16 {
		clients.Go(func() {
			if _, err := c.certificate(fmt.Sprintf("host%d", i%4), nil); err != nil {
				t.Error(err)
			}
			if _, err := c.PEM(); err != nil {
				t.Error(err)
			}
		})
	}
	clients.Wait()
	if made != 1 || len(c.leaves) != 4 {
		t.Errorf("%d CAs and %d certificates were made", made, len(c.leaves))
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
	if get("A.Example") != first {
		t.Error("a name in capitals is another name")
	}
	at = at.Add(leafLife - backdate)
	if get("a.example") == first {
		t.Error("a certificate that expires within a day was shown")
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
	if _, err := Open(path("old.pem"), path("old.key"), func() time.Time { return now().Add(-caLife - time.Hour) }); err != nil {
		t.Fatal(err)
	}
	writeLeaf(t, path("leaf.pem"), path("leaf.key"))
	for _, test := range []struct{ cert, key, want string }{
		{"a.pem", "absent", "its key"},
		{"absent", "a.key", "its certificate"},
		{"a.pem", "b.key", "private key does not match public key"},
		{"garbage", "a.key", "failed to find any PEM data"},
		{"old.pem", "old.key", "expired on 20"},
		{"leaf.pem", "leaf.key", "not a CA's"},
		{"missing/c.pem", "missing/c.key", "no such file or directory"},
		{"", "a.key", "CA certificate"},
		{"a.pem", "", "CA key"},
	} {
		_, err := Open(path(test.cert), path(test.key), now)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Open(%s, %s): %v, want %q", test.cert, test.key, err, test.want)
		}
	}
}

// writeLeaf writes a server certificate with its key where a CA should be.
func writeLeaf(t *testing.T, cert, key string) {
	t.Helper()
	leaf, err := New(now).certificate("localhost", nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(leaf.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: leaf.Leaf.Raw}, key: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Nothing but the two files is left in the folder, whatever happens.
func TestOpenLeavesNothingElse(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca-key.pem"), now); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	// The certificate cannot be written where a folder is in its place.
	if err := os.Mkdir(filepath.Join(dir, "b.pem"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(filepath.Join(dir, "b.pem"), []byte("x"), 0o600); err == nil {
		t.Error("a folder was overwritten")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
		t.Errorf("the folder holds %v, %v", entries, err)
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
	text, err := c.PEM()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
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
