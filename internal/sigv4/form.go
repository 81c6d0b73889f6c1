package sigv4

import (
	"crypto/subtle"
	"encoding/hex"

	"github.com/waxseal/waxseal/internal/api"
)

// OfForm is the signature of a form, whose fields have lower-case names; nil: nobody can
// tell by which access key.
func OfForm(fields map[string]string) *Signature {
	if key := fields["awsaccesskeyid"]; key != "" {
		return &Signature{Version: V2, AccessKeyID: key, SessionToken: fields["x-amz-security-token"], signature: fields["signature"]}
	}
	s := &Signature{
		algorithm: fields["x-amz-algorithm"], credential: fields["x-amz-credential"], timestamp: fields["x-amz-date"],
		signature: fields["x-amz-signature"], SessionToken: fields["x-amz-security-token"],
	}
	if s.algorithm != algorithmV4 || s.wellFormed() != nil {
		return nil
	}
	s.readCredential(nil)
	if s.terminator != terminator || s.Service != "s3" || s.AccessKeyID == "" {
		return nil
	}
	return s
}

// VerifyForm checks that a form's policy was signed with the secret.
func (v *Verifier) VerifyForm(s *Signature, policy, secret string) *api.Error {
	if s.Version == V2 {
		if s.madeWith([]byte(policy), secret) {
			return nil
		}
		return s.mismatch([]byte(policy))
	}
	key := v.key(scope{secret, s.date, s.Region, s.Service})
	want := hex.EncodeToString(key.appendMAC(nil, []byte(policy)))
	if subtle.ConstantTimeCompare([]byte(want), []byte(s.signature)) != 1 {
		return s.mismatch([]byte(policy))
	}
	return nil
}
