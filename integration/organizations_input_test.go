package integration

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// Organizations tells by a reason what is wrong with a parameter, and neither
// which parameter it is nor what it may be.
func TestOrganizationsGivesTheReasonOfInvalidInput(t *testing.T) {
	cloud := start(t)
	o, ctx := organizations.NewFromConfig(cloud.Config()), t.Context()
	memberAccount(t, o)
	s, scp := aws.String, orgtypes.PolicyTypeServiceControlPolicy
	failed := func(_ any, err error) error { return err }
	const pattern = "You provided a value that does not match the required pattern."
	tag := []orgtypes.Tag{{Key: s("k"), Value: s("v")}}
	for what, test := range map[string]struct {
		err    error
		reason orgtypes.InvalidInputExceptionReason
		want   string
	}{
		"an account's ARN for its id": {failed(o.ListTagsForResource(ctx, &organizations.ListTagsForResourceInput{ResourceId: s("arn:aws:organizations::123456789012:account/o-1/2")})),
			orgtypes.InvalidInputExceptionReasonInvalidPattern, pattern},
		"a tag on no resource": {failed(o.TagResource(ctx, &organizations.TagResourceInput{ResourceId: s("0A0000000000"), Tags: tag})),
			orgtypes.InvalidInputExceptionReasonInvalidPattern, pattern},
		"a name for a target": {failed(o.ListPoliciesForTarget(ctx, &organizations.ListPoliciesForTargetInput{TargetId: s("production"), Filter: "SERVICE_CONTROL_POLICY"})),
			orgtypes.InvalidInputExceptionReasonInvalidPattern, pattern},
		"a name for a parent": {failed(o.ListChildren(ctx, &organizations.ListChildrenInput{ParentId: s("root"), ChildType: orgtypes.ChildTypeAccount})),
			orgtypes.InvalidInputExceptionReasonInvalidPattern, pattern},
		"a policy's name for its id": {failed(o.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: s("FullAWSAccess")})),
			orgtypes.InvalidInputExceptionReasonInvalidPattern, pattern},
		"a type that there is not": {failed(o.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: "BOGUS_POLICY"})),
			orgtypes.InvalidInputExceptionReasonInvalidEnum, "You specified an invalid value."},
		"too long a name": {failed(o.CreatePolicy(ctx, &organizations.CreatePolicyInput{Name: s(strings.Repeat("n", 129)), Description: s(""), Type: scp, Content: s("{}")})),
			orgtypes.InvalidInputExceptionReasonMaxLengthExceeded, "You provided a string parameter that is longer than allowed."},
		"too short a name": {failed(o.CreatePolicy(ctx, &organizations.CreatePolicyInput{Name: s(""), Description: s(""), Type: scp, Content: s("{}")})),
			orgtypes.InvalidInputExceptionReasonMinLengthExceeded, "You provided a string parameter that is shorter than allowed."},
		"too large a page": {failed(o.ListAccounts(ctx, &organizations.ListAccountsInput{MaxResults: aws.Int32(21)})),
			orgtypes.InvalidInputExceptionReasonMaxValueExceeded, "You provided a numeric parameter that has a larger value than allowed."},
		"an empty page": {failed(o.ListAccounts(ctx, &organizations.ListAccountsInput{MaxResults: aws.Int32(0)})),
			orgtypes.InvalidInputExceptionReasonMinValueExceeded, "You provided a numeric parameter that has a smaller value than allowed."},
	} {
		want(t, what, test.err, answer{http.StatusBadRequest, "InvalidInputException", test.want})
		if invalid, ok := errors.AsType[*orgtypes.InvalidInputException](test.err); ok && invalid.Reason != test.reason {
			t.Errorf("%s: the reason is %q, want %q", what, invalid.Reason, test.reason)
		}
	}
}
