package cloudtrail

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

const (
	// keyPeriod is how long a key is valid.
	keyPeriod = 30 * 24 * time.Hour
	keyBits   = 2048
	// fingerprintSize is the size of a fingerprint in bytes [T056].
	fingerprintSize = 16
	// keysPage is how many keys a page of ListPublicKeys has. The caller does not say [T027].
	keysPage = 50
)

// signingKey is the key that signs the digests of a region that end at a time. It is made
// when it is first needed, outside of any transaction, for that takes long.
func (ts *trails) signingKey(ctx context.Context, region string, at time.Time) (key *rsa.PrivateKey, fingerprint string, err error) {
	record, err := ts.keyRecord(ctx, region, at)
	if err != nil {
		return nil, "", err
	}
	private, err := ts.hsm.Unwrap(record.Wrapped, record.label())
	if err != nil {
		return nil, "", err
	}
	key, err = x509.ParsePKCS1PrivateKey(private)
	return key, record.Fingerprint, err
}

// keyRecord is the record of the key of a region at a time.
func (ts *trails) keyRecord(ctx context.Context, region string, at time.Time) (*keyRecord, error) {
	ts.making.Lock()
	defer ts.making.Unlock()
	number := at.Unix() / int64(keyPeriod/time.Second)
	id := region + "\x00" + fmt.Sprintf("%08d", number)
	var record *keyRecord
	err := ts.engine.View(ctx, func(r store.Reader) error {
		record = ts.tables.keys.Get(r, id)
		return nil
	})
	if err != nil || record != nil {
		return record, err
	}
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, err
	}
	public := x509.MarshalPKCS1PublicKey(&key.PublicKey)
	sum := sha256.Sum256(public)
	from := time.Unix(number*int64(keyPeriod/time.Second), 0).UTC()
	fresh := &keyRecord{Region: region, Public: public, Fingerprint: hex.EncodeToString(sum[:fingerprintSize]), From: from, Until: from.Add(keyPeriod)}
	fresh.Wrapped = ts.hsm.Wrap(x509.MarshalPKCS1PrivateKey(key), fresh.label())
	err = ts.engine.Update(ctx, func(tx store.Tx) error {
		if record = ts.tables.keys.Get(tx, id); record == nil {
			ts.tables.keys.Put(tx, id, fresh)
			record = fresh
		}
		return nil
	})
	return record, err
}

// label is what the HSM binds the private key to.
func (k *keyRecord) label() string {
	return "cloudtrail/" + k.Region + "/" + strconv.FormatInt(k.From.Unix(), 10)
}

// ListPublicKeysInput is the input of ListPublicKeys. Either time is the present one where
// it is left out.
type ListPublicKeysInput struct {
	StartTime *time.Time
	EndTime   *time.Time
	NextToken string
}

// ListPublicKeysOutput is the output of ListPublicKeys.
type ListPublicKeysOutput struct {
	PublicKeyList []PublicKey
	NextToken     string
}

// PublicKey is a key by which the signatures of digest files are verified.
type PublicKey struct {
	Value             []byte // a PKCS#1 RSAPublicKey in DER, not a SubjectPublicKeyInfo [T054]
	ValidityStartTime time.Time
	ValidityEndTime   time.Time
	Fingerprint       string // 32 hexadecimal digits
}

// ListPublicKeys lists the keys of the region that are valid at any time of a range, or
// the present one where no time is given [T055].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html.
func (s *Service) ListPublicKeys(ctx context.Context, in *ListPublicKeysInput) (*ListPublicKeysOutput, error) {
	now, region := s.clock.Now(), api.RequestFrom(ctx).Region
	start, end := now, now
	set(&start, in.StartTime)
	set(&end, in.EndTime)
	if start.After(end) {
		return nil, ErrInvalidTimeRange
	}
	if !now.Before(start) && !now.After(end) { // the present key is among them, and may not be made yet
		if _, err := s.trails.keyRecord(ctx, region, now); err != nil {
			return nil, err
		}
	}
	var all []PublicKey
	err := s.engine.View(ctx, func(r store.Reader) error {
		all = nil
		for _, k := range s.trails.tables.keys.Scan(r, region+"\x00", "", store.All) {
			if !k.From.After(end) && k.Until.After(start) {
				all = append(all, PublicKey{k.Public, k.From, k.Until, k.Fingerprint})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	page, next, valid := resource.Page(all, func(k PublicKey) string { return k.ValidityStartTime.Format(time.RFC3339) }, in.NextToken, keysPage)
	if !valid {
		return nil, ErrInvalidToken
	}
	return &ListPublicKeysOutput{page, next}, nil
}
