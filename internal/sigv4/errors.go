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

// The errors of requests for objects, in S3's words.
var (
	// ErrAccessDenied answers a request for an object that is not to be made now, or not so.
	ErrAccessDenied = &api.Error{Code: "AccessDenied", Status: 403, Message: "Access Denied"}
	// ErrQueryParameters answers a presigned URL that lacks a parameter [S122].
	ErrQueryParameters = &api.Error{Code: "AuthorizationQueryParametersError", Message: "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."}
	// ErrIncompleteBody answers a body that is shorter than was announced [S019].
	ErrIncompleteBody = &api.Error{Code: "IncompleteBody", Message: "You did not provide the number of bytes specified by the Content-Length HTTP header"}

	errHeaderMalformed = &api.Error{Code: "AuthorizationHeaderMalformed"}
	errMechanism       = &api.Error{Code: "InvalidRequest", Message: "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."}
	errSkewed          = &api.Error{Code: "RequestTimeTooSkewed", Status: 403, Message: "The difference between the request time and the current time is too large."}
	errObjectSignature = &api.Error{Code: "SignatureDoesNotMatch", Status: 403, Message: "The request signature we calculated does not match the signature you provided. Check your key and signing method."}
	errNoContentHash   = &api.Error{Code: "InvalidRequest", Message: "Missing required header for this request: x-amz-content-sha256"}
	errContentHash     = &api.Error{Code: "InvalidArgument", Message: "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value."}
	errContentMismatch = &api.Error{Code: "XAmzContentSHA256Mismatch", Message: "The provided 'x-amz-content-sha256' header does not match what was computed."}
	errNoLength        = &api.Error{Code: "MissingContentLength", Status: 411, Message: "You must provide the Content-Length HTTP header."}
	errDecodedLength   = &api.Error{Code: "InvalidArgument", Message: "The value of x-amz-decoded-content-length header is not valid."}
	errTrailer         = &api.Error{Code: "MalformedTrailerError", Message: "The request contained trailing data that was not well-formed or did not conform to our published schema."}
	errAccessKey       = &api.Error{Code: "InvalidAccessKeyId", Status: 403, Message: "The AWS Access Key Id you provided does not exist in our records."}
	errToken           = &api.Error{Code: "InvalidToken", Message: "The provided token is malformed or otherwise invalid."}
	errTokenExpired    = &api.Error{Code: "ExpiredToken", Message: "The provided token has expired."}
)

// What begins the messages about a credential scope: of a header, of a presigned URL.
const (
	textHeaderMalformed = "The authorization header is malformed; "
	textCredential      = "Error parsing the X-Amz-Credential parameter; "
)
