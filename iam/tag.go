package iam

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// maxTags is how many tags an entity may have.
const maxTags = 50

// checkTags refuses keys that are given twice, whatever their case, and keys
// that AWS reserves.
func checkTags(tags []Tag) error {
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		k := strings.ToLower(t.Key)
		if seen[k] {
			return errInvalidInput.With("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		if seen[k] = true; strings.HasPrefix(k, "aws:") {
			return errInvalidInput.With("System tags cannot be added/updated/deleted.")
		}
	}
	return nil
}

func addTags(e *identity.Entity, tags []Tag) error {
	if e.SetTags(tagRecords(tags)); len(e.Tags) > maxTags {
		return errLimitExceeded.Withf("The number of tags has reached the maximum limit.")
	}
	return nil
}

// TagRoleInput is the input of TagRole.
type TagRoleInput struct {
	RoleName string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Tags     []Tag  `check:"required,max=50"`
}

// TagRoleOutput is the output of TagRole.
type TagRoleOutput struct{}

// TagRole adds tags to a role, or replaces those of the same keys.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html.
func (s *Service) TagRole(ctx context.Context, in *TagRoleInput) (*TagRoleOutput, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	return new(TagRoleOutput), s.editRole(ctx, in.RoleName, func(_ store.Tx, role *identity.Role) error {
		return addTags(&role.Entity, in.Tags)
	})
}
