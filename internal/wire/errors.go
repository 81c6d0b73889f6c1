package wire

import (
	"net/http"

	"github.com/waxseal/waxseal/internal/api"
)

var (
	// errSerialization: a JSON body that cannot be read as the operation's
	// input. A body that is no JSON at all is answered without a message.
	errSerialization = &api.Error{Code: "SerializationException", QueryCode: "MalformedInput", Common: true}
	// errMalformed is the same in the Query protocol.
	errMalformed = &api.Error{Code: "MalformedInput", Common: true}

	errUnknownOperation = &api.Error{Code: "UnknownOperationException", QueryCode: "InvalidAction", Common: true}
	// ErrNothingThere answers a call at a path that no service has, and a GET that
	// is no API call.
	ErrNothingThere  = &api.Error{Code: "UnknownOperationException", Status: http.StatusNotFound, Common: true}
	errMissingAction = &api.Error{Code: "MissingAction", Message: "The request must contain the parameter Action.", Common: true}
	errInvalidAction = &api.Error{Code: "InvalidAction", Common: true}
	errNoSuchVersion = &api.Error{Code: "NoSuchVersion", Common: true}
)

// The errors of EC2's Query protocol.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
var (
	errEC2Form        = &api.Error{Code: "MalformedQueryString", Message: "The query string contains a syntax error.", Common: true}
	errEC2Value       = &api.Error{Code: "InvalidParameterValue", Common: true}
	errAuthFailure    = &api.Error{Code: "AuthFailure", Status: http.StatusUnauthorized, Common: true, Message: "AWS was not able to validate the provided access credentials"}
	errRequestExpired = &api.Error{Code: "RequestExpired", Common: true, Message: "Request has expired."}
)

// The errors of REST-XML, which S3 alone speaks here.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
var (
	errMalformedXML     = &api.Error{Code: "MalformedXML", Message: "The XML you provided was not well-formed or did not validate against our published schema"} // [S010]
	errInvalidURI       = &api.Error{Code: "InvalidURI", Message: "Couldn't parse the specified URI."}
	errMaxMessage       = &api.Error{Code: "MaxMessageLengthExceeded", Message: "Your request was too big."}
	errInternalError    = &api.Error{Code: "InternalError", Status: http.StatusInternalServerError, Fault: api.Receiver, Message: "We encountered an internal error. Please try again."}
	errAuthorization    = &api.Error{Code: "InvalidArgument"}
	errHeaderMalformed  = &api.Error{Code: "AuthorizationHeaderMalformed", Message: "The authorization header is malformed; the authorization component is malformed."}
	errQueryParameters  = &api.Error{Code: "AuthorizationQueryParametersError", Message: "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."} // [S122]
	errNoForm           = &api.Error{Code: "PreconditionFailed", Status: http.StatusPreconditionFailed, Message: "At least one of the pre-conditions you specified did not hold"}                                                                                 // [S133]
	errNoOrigin         = &api.Error{Code: "BadRequest", Status: http.StatusBadRequest, Message: "Insufficient information. Origin request header needed."}
	errNoCORS           = &api.Error{Code: "AccessForbidden", Status: http.StatusForbidden, Message: "CORSResponse: CORS is not enabled for this bucket."}
	errMethodNotAllowed = &api.Error{Code: "MethodNotAllowed", Status: http.StatusMethodNotAllowed, Message: "The specified method is not allowed against this resource."}
	errNotImplemented   = &api.Error{Code: "NotImplemented", Status: http.StatusNotImplemented, Message: "A header you provided implies functionality that is not implemented"}
)

// AWS's words for values of the wrong type.
const (
	textUnexpectedList   = "Start of list found where not expected"
	textUnexpectedObject = "Start of structure or map found where not expected."
	textExpectedList     = "Expected list or null"
	textExpectedMap      = "Expected map or null"
	textExpectedStruct   = "Expected null"

	textTopLevelList   = "Top level element may not be treated as a list"
	textListEnd        = "Unexpected list element termination"
	textComplexEnd     = "Unexpected complex element termination"
	textMissingBoolean = "missing value for boolean type"
	textMissingDecimal = "missing value for decimal type"
	textBoolean        = "boolean must follow xsd1.1 definition"
	textTimestamp      = "timestamp must follow ISO8601"
)
