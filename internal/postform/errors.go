package postform

import "github.com/waxseal/waxseal/internal/api"

var (
	errNoForm          = &api.Error{Code: "PreconditionFailed", Status: 412, Message: "At least one of the pre-conditions you specified did not hold", Details: []api.Detail{{Name: "Condition", Value: "Bucket POST must be of the enclosure-type multipart/form-data"}}} // [S133]
	errInvalidArgument = &api.Error{Code: "InvalidArgument"}
	errNoFile          = &api.Error{Code: "InvalidArgument", Message: "POST requires exactly one file upload per request.", Details: []api.Detail{{Name: "ArgumentName", Value: "file"}, {Name: "ArgumentValue", Value: "0"}}}
	errNoKey           = &api.Error{Code: "InvalidArgument", Message: "User key must have a length greater than 0.", Details: []api.Detail{{Name: "ArgumentName", Value: "key"}, {Name: "ArgumentValue", Value: ""}}}
	errMalformed       = &api.Error{Code: "MalformedPOSTRequest", Message: "The body of your POST request is not well-formed multipart/form-data."}
	errTooMany         = &api.Error{Code: "MaxPostPreDataLengthExceededError", Message: "Your POST request fields preceding the upload file were too large."}
	errCredential      = &api.Error{Code: "InvalidArgument", Message: `Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`}
	errPolicy          = &api.Error{Code: "InvalidPolicyDocument"}
	errDenied          = &api.Error{Code: "AccessDenied", Status: 403}
	errMalformedXML    = &api.Error{Code: "MalformedXML", Message: "The XML you provided was not well-formed or did not validate against our published schema"}
	errTooLarge        = &api.Error{Code: "EntityTooLarge", Message: "Your proposed upload exceeds the maximum allowed size"}
	errTooSmall        = &api.Error{Code: "EntityTooSmall", Message: "Your proposed upload is smaller than the minimum allowed size"}
)
