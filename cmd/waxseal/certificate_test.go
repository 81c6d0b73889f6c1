package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/clock"
)

// onReady calls f with the line in which serve says where it listens.
type onReady func(line string)

func (f onReady) Write(b []byte) (int, error) {
	if strings.HasPrefix(string(b), "waxseal ready: ") {
		f(string(b))
	}
	return len(b), nil
}

// certificate makes files of a certificate that signs itself, and of its key.
func certificate(t *testing.T) (der []byte, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"emulator.example"}, NotAfter: clock.Real().AddDate(1, 0, 0)}
	if der, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key); err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return der, certFile, keyFile
}

// A certificate of the user's own is shown to every client, whatever name it
// asks for; the root key may be a file without a data folder; and the log is JSON.
func TestServeWithFilesOfItsUser(t *testing.T) {
	der, certFile, keyFile := certificate(t)
	rootKey := filepath.Join(t.TempDir(), "root.key")
	if err := os.WriteFile(rootKey, []byte(strings.Repeat("0a", 32)+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var log bytes.Buffer
	shown := 0
	cmd := newRoot()
	cmd.SetArgs([]string{
		"serve", "--addr", "127.0.0.1:0", "--init-scripts", t.TempDir(),
		"--tls-cert", certFile, "--tls-key", keyFile, "--root-key", rootKey, "--log-format", "json",
	})
	cmd.SetErr(&log)
	cmd.SetOut(onReady(func(line string) {
		defer stop()
		address := strings.TrimPrefix(strings.Fields(line)[3], "https://")
		for _, name := range []string{"emulator.example", "sqs.us-east-1.amazonaws.com"} {
			conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: name, InsecureSkipVerify: true}) // what it shows is what is tested
			if err != nil {
				t.Error(err)
				return
			}
			if got := conn.ConnectionState().PeerCertificates; len(got) != 1 || !bytes.Equal(got[0].Raw, der) {
				t.Errorf("%s is shown another certificate", name)
			}
			shown++
			_ = conn.Close()
		}
	}))
	if err := cmd.ExecuteContext(ctx); err != nil || shown != 2 {
		t.Fatalf("%v, after %d connections\n%s", err, shown, log.String())
	}
	warned := false
	for line := range strings.Lines(log.String()) {
		var entry struct{ Msg, File string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("the log has %s: %v", line, err)
		}
		warned = warned || strings.Contains(entry.Msg, "can be read by others")
	}
	if !warned {
		t.Errorf("a root key that everybody can read is not warned of:\n%s", log.String())
	}
}
