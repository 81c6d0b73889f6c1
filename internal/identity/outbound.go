package identity

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"

	"github.com/waxseal/waxseal/internal/store"
)

// The algorithms that tokens of an account are signed with.
const (
	RS256 = "RS256"
	ES384 = "ES384"
)

// Outbound is an account as an OpenID Connect issuer: it can prove to others who
// its principals are. Issuer and keys stay when it is disabled.
type Outbound struct {
	ID      string // the first label of the issuer's host
	Enabled bool
	Keys    []TokenKey
}

// TokenKey is a key that tokens are signed with.
type TokenKey struct {
	Public JWK
	Sealed []byte // the private key in PKCS #8, wrapped
}

// JWK is a public key as a JSON Web Key.
type JWK struct {
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	Type      string `json:"kty"`
	N         string `json:"n,omitempty"`
	E         string `json:"e,omitempty"`
	Curve     string `json:"crv,omitempty"`
	X         string `json:"x,omitempty"`
	Y         string `json:"y,omitempty"`
}

// IssuerDomain is what an issuer's host ends in.
const IssuerDomain = ".tokens.sts.global.api.aws"

// URL is the issuer's identifier.
func (o *Outbound) URL() string { return "https://" + o.ID + IssuerDomain }

// SetOutbound enables or disables an account as an issuer. It reports whether that changed
// anything.
func (d *Directory) SetOutbound(ctx context.Context, account string, enabled bool) (o *Outbound, changed bool, err error) {
	missing := false
	err = d.View(ctx, func(r store.Reader) error {
		missing = enabled && d.Account(r, account).Outbound == nil
		return nil
	})
	var made *Outbound
	if err == nil && missing {
		made, err = d.newOutbound() // outside of the transaction, because making keys takes long
	}
	if err != nil {
		return nil, false, err
	}
	err = d.Update(ctx, func(tx store.Tx) error {
		a := d.EditAccount(tx, account)
		if a.Outbound == nil && made != nil {
			fresh := *made // a copy, because this closure may run again
			a.Outbound = &fresh
		}
		if o, changed = a.Outbound, a.Outbound != nil && a.Outbound.Enabled != enabled; changed {
			a.Outbound.Enabled = enabled
			d.PutAccount(tx, account, a)
		}
		return nil
	})
	return o, changed, err
}

// OutboundOf is the account as an issuer, or nil.
func (d *Directory) OutboundOf(ctx context.Context, account string) (o *Outbound, err error) {
	err = d.View(ctx, func(r store.Reader) error {
		if o = d.Account(r, account).Outbound; o != nil && !o.Enabled {
			o = nil
		}
		return nil
	})
	return o, err
}

// Issuer is the issuer of that id, or nil.
func (d *Directory) Issuer(ctx context.Context, id string) (o *Outbound, err error) {
	err = d.View(ctx, func(r store.Reader) error {
		o = nil
		for _, a := range d.accounts.Scan(r, "", "", store.All) {
			if a.Outbound != nil && a.Outbound.Enabled && a.Outbound.ID == id {
				o = a.Outbound
			}
		}
		return nil
	})
	return o, err
}

func (d *Directory) newOutbound() (*Outbound, error) {
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	e, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return nil, err
	}
	point, err := e.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	b64 := base64.RawURLEncoding.EncodeToString
	half := (len(point) - 1) / 2
	keys := []JWK{
		{ID: RS256 + "-" + d.ids.Hex(16), Algorithm: RS256, Type: "RSA", N: b64(r.N.Bytes()), E: b64(big.NewInt(int64(r.E)).Bytes())},
		{ID: ES384 + "-" + d.ids.Hex(16), Algorithm: ES384, Type: "EC", Curve: "P-384", X: b64(point[1 : 1+half]), Y: b64(point[1+half:])},
	}
	o := &Outbound{ID: d.ids.UUID()}
	for i, private := range []any{r, e} {
		der, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			return nil, err
		}
		keys[i].Use = "sig"
		o.Keys = append(o.Keys, TokenKey{Public: keys[i], Sealed: d.hsm.Wrap(der, keyLabel(keys[i].ID))})
	}
	return o, nil
}

// keyLabel binds a wrapped key to its id.
func keyLabel(id string) string { return "token-key " + id }

// Sign makes a JSON Web Token with the claims, which are JSON.
func (d *Directory) Sign(o *Outbound, algorithm string, claims []byte) (string, error) {
	for _, k := range o.Keys {
		if k.Public.Algorithm != algorithm {
			continue
		}
		der, err := d.hsm.Unwrap(k.Sealed, keyLabel(k.Public.ID))
		if err != nil {
			return "", fmt.Errorf("identity: key %s: %w", k.Public.ID, err)
		}
		private, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return "", err
		}
		header, err := json.Marshal(map[string]string{"alg": algorithm, "kid": k.Public.ID, "typ": "JWT"})
		if err != nil {
			return "", err
		}
		b64 := base64.RawURLEncoding.EncodeToString
		signed := b64(header) + "." + b64(claims)
		signature, err := signature(private, signed)
		return signed + "." + b64(signature), err
	}
	return "", errors.New("identity: no key for " + algorithm)
}

// signature signs as RFC 7518 has it: an ECDSA signature is its two numbers,
// each as long as the curve's order.
func signature(private any, text string) ([]byte, error) {
	switch private := private.(type) {
	case *rsa.PrivateKey:
		digest := sha256.Sum256([]byte(text))
		return rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest[:])
	case *ecdsa.PrivateKey:
		digest := sha512.Sum384([]byte(text))
		r, s, err := ecdsa.Sign(rand.Reader, private, digest[:])
		if err != nil {
			return nil, err
		}
		size := (private.Curve.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...), nil
	default:
		return nil, fmt.Errorf("identity: cannot sign with %T", private)
	}
}
