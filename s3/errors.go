package s3

import (
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// The errors of S3.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
var (
	ErrAccessDenied            = &api.Error{Code: "AccessDenied", Status: 403, Message: "Access Denied", Common: true}
	ErrAclNotSupported         = &api.Error{Code: "AccessControlListNotSupported", Message: "The bucket does not allow ACLs"}
	ErrBadDigest               = &api.Error{Code: "BadDigest"}
	ErrBadRequest              = &api.Error{Code: "BadRequest"}
	ErrBucketAclWithBlock      = &api.Error{Code: "InvalidBucketAclWithBlockPublicAccessError", Message: "Bucket cannot have public ACLs set with BlockPublicAccess enabled"}
	ErrBucketAclWithOwnership  = &api.Error{Code: "InvalidBucketAclWithObjectOwnership", Message: "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"}
	ErrBucketAlreadyExists     = &api.Error{Code: "BucketAlreadyExists", Status: 409, Message: "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again."}
	ErrBucketAlreadyOwnedByYou = &api.Error{Code: "BucketAlreadyOwnedByYou", Status: 409, Message: "Your previous request to create the named bucket succeeded and you already own it."}
	ErrBucketNotEmpty          = &api.Error{Code: "BucketNotEmpty", Status: 409, Message: "The bucket you tried to delete is not empty"}
	ErrConditionalConflict     = &api.Error{Code: "ConditionalRequestConflict", Status: 409, Message: "The conditional request cannot succeed due to a conflicting operation against this resource."}
	ErrEntityTooLarge          = &api.Error{Code: "EntityTooLarge", Message: "Your proposed upload exceeds the maximum allowed size"}
	ErrEntityTooSmall          = &api.Error{Code: "EntityTooSmall", Message: "Your proposed upload is smaller than the minimum allowed size"}
	ErrIllegalLocation         = &api.Error{Code: "IllegalLocationConstraintException"}
	ErrIllegalVersioning       = &api.Error{Code: "IllegalVersioningConfigurationException", Message: "The Versioning element must be specified"}
	ErrInvalidArgument         = &api.Error{Code: "InvalidArgument"}
	ErrInvalidBucketName       = &api.Error{Code: "InvalidBucketName", Message: "The specified bucket is not valid."}
	ErrInvalidBucketOwner      = &api.Error{Code: "InvalidBucketOwnerAWSAccountID"}
	ErrInvalidDigest           = &api.Error{Code: "InvalidDigest", Message: "The Content-MD5 you specified was invalid."}
	ErrInvalidEncryption       = &api.Error{Code: "InvalidEncryptionAlgorithmError", Message: "The Encryption request you specified is not valid. Supported value: AES256."}
	ErrInvalidLocation         = &api.Error{Code: "InvalidLocationConstraint", Message: "The specified location-constraint is not valid"}
	ErrInvalidObjectState      = &api.Error{Code: "InvalidObjectState", Status: 403, Message: "The operation is not valid for the object's storage class"}
	ErrInvalidPart             = &api.Error{Code: "InvalidPart", Message: "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."}
	ErrInvalidPartNumber       = &api.Error{Code: "InvalidPartNumber", Status: 416, Message: "The requested partnumber is not satisfiable"}
	ErrInvalidPartOrder        = &api.Error{Code: "InvalidPartOrder", Message: "The list of parts was not in ascending order. Parts must be ordered by part number."}
	ErrInvalidRange            = &api.Error{Code: "InvalidRange", Status: 416, Message: "The requested range is not satisfiable"}
	ErrInvalidRequest          = &api.Error{Code: "InvalidRequest"}
	ErrInvalidStorageClass     = &api.Error{Code: "InvalidStorageClass", Message: "The storage class you specified is not valid"}
	ErrInvalidTag              = &api.Error{Code: "InvalidTag"}
	ErrInvalidURI              = &api.Error{Code: "InvalidURI", Message: "Couldn't parse the specified URI."}
	ErrKeyTooLong              = &api.Error{Code: "KeyTooLongError", Message: "Your key is too long"}
	ErrMalformedPolicy         = &api.Error{Code: "MalformedPolicy"}
	ErrMalformedXML            = &api.Error{Code: "MalformedXML", Message: "The XML you provided was not well-formed or did not validate against our published schema"}
	ErrMetadataTooLarge        = &api.Error{Code: "MetadataTooLarge", Message: "Your metadata headers exceed the maximum allowed metadata size"}
	ErrMethodNotAllowed        = &api.Error{Code: "MethodNotAllowed", Status: 405, Message: "The specified method is not allowed against this resource."}
	ErrMissingBody             = &api.Error{Code: "MissingRequestBodyError", Message: "Request Body is empty"}
	ErrMissingSecurityHeader   = &api.Error{Code: "MissingSecurityHeader", Message: "Your request was missing a required header"}
	ErrNoSuchBucket            = &api.Error{Code: "NoSuchBucket", Status: 404, Message: "The specified bucket does not exist"}
	ErrNoPublicAccessBlock     = &api.Error{Code: "NoSuchPublicAccessBlockConfiguration", Status: 404, Message: "The public access block configuration was not found"}
	ErrNoSuchBucketPolicy      = &api.Error{Code: "NoSuchBucketPolicy", Status: 404, Message: "The bucket policy does not exist"}
	ErrNoSuchKey               = &api.Error{Code: "NoSuchKey", Status: 404, Message: "The specified key does not exist."}
	ErrNoSuchTagSet            = &api.Error{Code: "NoSuchTagSet", Status: 404, Message: "The TagSet does not exist"}
	ErrNoSuchUpload            = &api.Error{Code: "NoSuchUpload", Status: 404, Message: "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."}
	ErrNoSuchVersion           = &api.Error{Code: "NoSuchVersion", Status: 404, Message: "The specified version does not exist."}
	ErrNotImplemented          = &api.Error{Code: "NotImplemented", Status: 501, Message: "A header you provided implies functionality that is not implemented"}
	ErrNotInActiveTier         = &api.Error{Code: "ObjectNotInActiveTierError", Status: 403, Message: "The source object of the COPY operation is not in the active tier and is only stored in Amazon S3 Glacier."}
	ErrNotModified             = &api.Error{Code: "NotModified", Status: 304}
	ErrOwnershipNotFound       = &api.Error{Code: "OwnershipControlsNotFoundError", Status: 404, Message: "The bucket ownership controls were not found"}
	ErrPermanentRedirect       = &api.Error{Code: "PermanentRedirect", Status: 301, Message: "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint."}
	ErrPreconditionFailed      = &api.Error{Code: "PreconditionFailed", Status: 412, Message: "At least one of the pre-conditions you specified did not hold"}
	ErrUnexpectedContent       = &api.Error{Code: "UnexpectedContent", Message: "This request does not support content"}
)

// What a bucket does not have because nobody can give it one here, as tools that read
// every configuration are told [S083].
var (
	ErrNoWebsite     = &api.Error{Code: "NoSuchWebsiteConfiguration", Status: 404, Message: "The specified bucket does not have a website configuration"}
	ErrNoCORS        = &api.Error{Code: "NoSuchCORSConfiguration", Status: 404, Message: "The CORS configuration does not exist"}
	ErrNoLifecycle   = &api.Error{Code: "NoSuchLifecycleConfiguration", Status: 404, Message: "The lifecycle configuration does not exist"}
	ErrNoObjectLock  = &api.Error{Code: "ObjectLockConfigurationNotFoundError", Status: 404, Message: "Object Lock configuration does not exist for this bucket"}
	ErrNoReplication = &api.Error{Code: "ReplicationConfigurationNotFoundError", Status: 404, Message: "The replication configuration was not found"}
)

// badArgument is the error for an argument that S3 does not take.
func badArgument(message, name, value string) *api.Error {
	return ErrInvalidArgument.With(message).Detailed("ArgumentName", name).Detailed("ArgumentValue", value)
}

// notImplemented is the error for headers that S3 does not take here [S012].
func notImplemented(header, more string) *api.Error {
	e := ErrNotImplemented.Detailed("Header", header)
	if more != "" {
		e = e.Detailed("additionalMessage", more)
	}
	return e
}

func noSuchBucket(name string) *api.Error { return ErrNoSuchBucket.Detailed("BucketName", name) }

func noSuchKey(key string) *api.Error { return ErrNoSuchKey.Detailed("Key", key) }

func noSuchVersion(key, version string) *api.Error {
	return ErrNoSuchVersion.Detailed("Key", key).Detailed("VersionId", version)
}

// preconditionFailed is the error for a condition that does not hold [S069].
func preconditionFailed(condition string) *api.Error {
	return ErrPreconditionFailed.Detailed("Condition", condition)
}

// invalid is the error for an input that breaks constraints of its shape: a header or
// parameter, which has a name in lower case, or an element of the document [S010].
func invalid(violations []api.Violation) *api.Error {
	v := &violations[0]
	if v.Rule == api.RuleType && strings.ToLower(v.Path) == v.Path {
		return badArgument("Provided "+v.Path+" not an integer or within integer range", v.Path, v.Value) // [S158]
	}
	return ErrMalformedXML
}
