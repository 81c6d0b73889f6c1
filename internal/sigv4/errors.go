package sigv4

import "github.com/waxseal/waxseal/internal/api"

// The status is that of the services that speak the Query protocol. Those that speak
// JSON alone, such as AWS KMS, answer 400 to all of these. Other errors of signatures
// are in internal/api: ErrMissingToken, ErrInvalidToken.
var (
	// ErrIncomplete answers a signature that lacks something or is not of the right form.
	ErrIncomplete = &api.Error{Code: "IncompleteSignatureException", QueryCode: "IncompleteSignature", Status: 400, Common: true}
	// ErrSignature answers a signature that is wrong, or out of its time or scope.
	ErrSignature = &api.Error{Code: "InvalidSignatureException", QueryCode: "SignatureDoesNotMatch", Status: 403, Common: true, Message: "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
)

// Mismatch is the cause of an ErrSignature: what the request should have been
// signed as. It holds the headers that were signed, a session token among them.
type Mismatch struct {
	CanonicalRequest, StringToSign string
}

func (m *Mismatch) Error() string {
	return "the canonical request should have been\n" + m.CanonicalRequest + "\nand the string to sign\n" + m.StringToSign
}
