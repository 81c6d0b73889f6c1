package cloudtrail

import "github.com/waxseal/waxseal/internal/api"

// The errors of CloudTrail. All client errors are answered with status 400 [T001].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/CommonErrors.html and each operation's page.
var (
	ErrAccessDenied                  = &api.Error{Code: "AccessDeniedException", Common: true}
	ErrCloudTrailARNInvalid          = &api.Error{Code: "CloudTrailARNInvalidException"}
	ErrInsufficientEncryptionPolicy  = &api.Error{Code: "InsufficientEncryptionPolicyException"}
	ErrInsufficientS3BucketPolicy    = &api.Error{Code: "InsufficientS3BucketPolicyException"}
	ErrInsufficientSnsTopicPolicy    = &api.Error{Code: "InsufficientSnsTopicPolicyException", Message: "SNS Topic does not exist or the topic policy is incorrect!"}
	ErrInvalidEventSelectors         = &api.Error{Code: "InvalidEventSelectorsException"}
	ErrInvalidHomeRegion             = &api.Error{Code: "InvalidHomeRegionException"}
	ErrInvalidKmsKeyID               = &api.Error{Code: "InvalidKmsKeyIdException"}
	ErrInvalidParameter              = &api.Error{Code: "InvalidParameterException"}
	ErrInvalidParameterCombination   = &api.Error{Code: "InvalidParameterCombinationException"}
	ErrInvalidS3BucketName           = &api.Error{Code: "InvalidS3BucketNameException"}
	ErrInvalidS3Prefix               = &api.Error{Code: "InvalidS3PrefixException"}
	ErrInvalidSnsTopicName           = &api.Error{Code: "InvalidSnsTopicNameException"}
	ErrInvalidTagParameter           = &api.Error{Code: "InvalidTagParameterException"}
	ErrInvalidToken                  = &api.Error{Code: "InvalidTokenException", Message: "The token is not valid."}
	ErrInvalidTrailName              = &api.Error{Code: "InvalidTrailNameException"}
	ErrKms                           = &api.Error{Code: "KmsException"}
	ErrKmsKeyDisabled                = &api.Error{Code: "KmsKeyDisabledException"}
	ErrKmsKeyNotFound                = &api.Error{Code: "KmsKeyNotFoundException"}
	ErrMaximumNumberOfTrailsExceeded = &api.Error{Code: "MaximumNumberOfTrailsExceededException"}
	ErrResourceNotFound              = &api.Error{Code: "ResourceNotFoundException"}
	ErrS3BucketDoesNotExist          = &api.Error{Code: "S3BucketDoesNotExistException"}
	ErrTagsLimitExceeded             = &api.Error{Code: "TagsLimitExceededException"}
	ErrTrailAlreadyExists            = &api.Error{Code: "TrailAlreadyExistsException"}
	ErrTrailNotFound                 = &api.Error{Code: "TrailNotFoundException"}
	ErrUnsupportedOperation          = &api.Error{Code: "UnsupportedOperationException"}
	ErrInvalidEventCategory          = &api.Error{Code: "InvalidEventCategoryException", Message: "The event category is not valid: insight is the only one that can be given."}
	ErrInvalidLookupAttributes       = &api.Error{Code: "InvalidLookupAttributesException"}
	ErrInvalidMaxResults             = &api.Error{Code: "InvalidMaxResultsException"}
	ErrInvalidNextToken              = &api.Error{Code: "InvalidNextTokenException", Message: "The token is not valid, or was given for other parameters."}
	ErrInvalidTimeRange              = &api.Error{Code: "InvalidTimeRangeException", Message: "The start time is after the end time."}
	ErrValidation                    = &api.Error{Code: "ValidationException", Common: true}
)

// invalidMembers are the errors for members of an input that break a constraint;
// for others it is ErrValidation.
var invalidMembers = map[string]*api.Error{
	"AdvancedEventSelectors": ErrInvalidEventSelectors,
	"EventCategory":          ErrInvalidEventCategory,
	"EventSelectors":         ErrInvalidEventSelectors,
	"LookupAttributes":       ErrInvalidLookupAttributes,
	"MaxResults":             ErrInvalidMaxResults,
	"TagsList":               ErrInvalidTagParameter,
}

// invalid is the error for an input that breaks constraints of its shape. Its code is
// about the first of them.
func invalid(violations []api.Violation) *api.Error {
	if e := invalidMembers[violations[0].Member]; e != nil {
		return e.With(api.ValidationText(violations))
	}
	return ErrValidation.With(api.ValidationText(violations))
}

// denied words a refused call.
func denied(d *api.Denial) *api.Error { return ErrAccessDenied.With(d.Text(d.Action)) }
