package sns

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
)

// signer signs what SNS sends. Its key is made when it is first needed and
// kept with the state, wrapped by the HSM, so that messages which wait in a
// queue can be verified after a restart.
type signer struct {
	engine store.Engine
	hsm    *hsm.Module
	table  *store.Table[signerRecord]

	mu   sync.Mutex
	pair *signingPair
}

// signerRecord is the signing key as it is stored.
type signerRecord struct {
	Key         []byte // PKCS #1, wrapped
	Certificate []byte // DER
}

type signingPair struct {
	key         crypto.Signer
	certificate []byte // DER
	path        string // of the certificate's URL
}

const (
	signerKey   = "current"
	signerLabel = "signing key of sns"
)

func newSigner(engine store.Engine, module *hsm.Module) *signer {
	return &signer{engine: engine, hsm: module, table: store.NewTable[signerRecord]("sns.signer")}
}

// newPair makes, not wrapped yet, the key that this process signs with where the state holds none yet:
// only once, because it takes a good part of a second.
var newPair = sync.OnceValues(func() (*signerRecord, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: ids.Serial(),
		Subject:      pkix.Name{CommonName: "sns.amazonaws.com", Organization: []string{"waxseal"}},
		// Valid whatever the clock is turned to.
		NotBefore: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:  time.Date(2099, 12, 31, 23, 59, 59, 0, time.UTC),
		KeyUsage:  x509.KeyUsageDigitalSignature,
		DNSNames:  []string{"sns.amazonaws.com"},
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &signerRecord{x509.MarshalPKCS1PrivateKey(key), certificate}, nil
})

func loadPair(key crypto.Signer, certificate []byte) *signingPair {
	sum := sha256.Sum256(certificate)
	return &signingPair{key, certificate, "/SimpleNotificationService-" + hex.EncodeToString(sum[:16]) + ".pem"}
}

// current is the key that the state holds; where there is none, it stores one.
func (s *signer) current(ctx context.Context) (*signingPair, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pair != nil {
		return s.pair, nil
	}
	fresh, err := newPair()
	if err != nil {
		return nil, fmt.Errorf("sns: signing key: %w", err)
	}
	record := &signerRecord{s.hsm.Wrap(fresh.Key, signerLabel), fresh.Certificate}
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if stored := s.table.Get(tx, signerKey); stored != nil {
			record = stored
			return nil
		}
		s.table.Put(tx, signerKey, record)
		return nil
	})
	if err != nil {
		return nil, err
	}
	der, err := s.hsm.Unwrap(record.Key, signerLabel)
	if err != nil {
		return nil, fmt.Errorf("sns: signing key: %w", err)
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("sns: signing key: %w", err)
	}
	s.pair = loadPair(key, record.Certificate)
	return s.pair, nil
}

// sign signs names and values, which stand in turn in fields, and answers the
// signature in base64 and the path of the certificate [N127].
//
// See https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html.
func (s *signer) sign(ctx context.Context, version string, fields []string) (signature, certificate string, err error) {
	pair, err := s.current(ctx)
	if err != nil {
		return "", "", err
	}
	text := []byte(strings.Join(fields, "\n") + "\n")
	var sum []byte
	var hash crypto.Hash
	if version == "2" {
		sum256 := sha256.Sum256(text)
		sum, hash = sum256[:], crypto.SHA256
	} else {
		sum1 := sha1.Sum(text)
		sum, hash = sum1[:], crypto.SHA1
	}
	signed, err := pair.key.Sign(nil, sum, hash)
	if err != nil {
		return "", "", fmt.Errorf("sns: signature: %w", err)
	}
	return base64.StdEncoding.EncodeToString(signed), pair.path, nil
}

// Certificate is the certificate, in PEM, that path of a SigningCertURL names.
// It is nil where there is none of that name.
func (s *Service) Certificate(ctx context.Context, path string) ([]byte, error) {
	pair, err := s.signer.current(ctx)
	if err != nil || pair.path != path {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.certificate}), nil
}
