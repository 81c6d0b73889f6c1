package s3

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
)

func tagsOf(tags []Tag) []resource.Tag {
	return resource.TagsOf(tags, func(t Tag) resource.Tag { return resource.Tag{Key: t.Key, Value: t.Value} })
}

// The limits of tags [S184].
const (
	maxObjectTags = 10
	maxTagKey     = 128
	maxTagValue   = 256
)

// reservedKey says that a key begins with aws:, or that this tag may.
type reservedKey func(key, value string) *api.Error

// reservedFor is one that names the key, as all do but CreateBucket [S040] [S182].
func reservedFor(message string) reservedKey {
	return func(key, _ string) *api.Error { return ErrInvalidTag.With(message).Detailed("TagKey", key) }
}

// reservedFor is what is said of a bucket's tags of AWS: who sets them all anew may repeat
// them as they are [S335].
func (b *bucket) reservedFor(ctx context.Context) reservedKey {
	refuse := reservedFor("System tags cannot be added/updated by requester")
	return func(key string, value string) *api.Error {
		if api.RequestFrom(ctx).SystemTags || slices.Contains(b.Tags, resource.Tag{Key: key, Value: value}) {
			return nil
		}
		return refuse(key, value)
	}
}

// systemTags are those that AWS set.
func (b *bucket) systemTags() (tags []resource.Tag) {
	for _, t := range b.Tags {
		if resource.Reserved(t.Key) {
			tags = append(tags, t)
		}
	}
	return tags
}

// keepsSystemTags refuses tags that lack one that AWS set [S335].
func (b *bucket) keepsSystemTags(ctx context.Context, tags []resource.Tag) error {
	if api.RequestFrom(ctx).SystemTags {
		return nil
	}
	for _, t := range b.systemTags() {
		if !slices.ContainsFunc(tags, func(other resource.Tag) bool { return other.Key == t.Key }) {
			return ErrInvalidTag.With("System tags cannot be removed by requester")
		}
	}
	return nil
}

// checkBucketTags refuses tags that a bucket cannot have.
func checkBucketTags(tags []resource.Tag, reserved reservedKey) error {
	if len(tags) > resource.MaxTags {
		return ErrBadRequest.Withf("Bucket tag count cannot be greater than %d", resource.MaxTags)
	}
	return checkTags(tags, reserved)
}

// checkObjectTags refuses tags that an object cannot have.
func checkObjectTags(tags []resource.Tag) error {
	if len(tags) > maxObjectTags {
		return ErrBadRequest.Withf("Object tags cannot be greater than %d", maxObjectTags)
	}
	return checkTags(tags, reservedFor("Your TagKey cannot be prefixed with aws:"))
}

// checkTags refuses the first bad tag [S182].
func checkTags(tags []resource.Tag, reserved reservedKey) error {
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		switch {
		case seen[t.Key]:
			return ErrInvalidTag.With("Cannot provide multiple Tags with the same key").Detailed("TagKey", t.Key)
		case t.Key == "" || utf8.RuneCountInString(t.Key) > maxTagKey || !tagCharacters(t.Key):
			return ErrInvalidTag.With("The TagKey you have provided is invalid").Detailed("TagKey", t.Key)
		case utf8.RuneCountInString(t.Value) > maxTagValue || !tagCharacters(t.Value):
			return ErrInvalidTag.With("The TagValue you have provided is invalid").Detailed("TagKey", t.Key).Detailed("TagValue", t.Value)
		}
		if resource.Reserved(t.Key) {
			if err := reserved(t.Key, t.Value); err != nil {
				return err
			}
		}
		seen[t.Key] = true
	}
	return nil
}

// tagCharacters reports whether a text has none but the characters of tags: letters,
// digits and spaces of any script, and a few signs.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html.
func tagCharacters(text string) bool {
	for _, r := range text {
		if !isTagCharacter(r) {
			return false
		}
	}
	return true
}

// headerTags are the tags of an x-amz-tagging header, which has the form of a query: a name
// may lack its value, and nothing between two signs is nothing [S183].
func headerTags(header *string) ([]resource.Tag, error) {
	if header == nil || *header == "" {
		return nil, nil
	}
	var tags []resource.Tag
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(*header, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(name)
		if err != nil {
			return nil, badTagging(*header)
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, badTagging(*header)
		}
		if seen[key] || !tagCharacters(key) || !tagCharacters(value) {
			return nil, badTagging(*header)
		}
		seen[key] = true
		tags = append(tags, resource.Tag{Key: key, Value: value})
	}
	return tags, checkObjectTags(tags)
}

func badTagging(header string) error {
	return badArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.", "x-amz-tagging", header)
}

func isTagCharacter(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Z, unicode.N) || strings.ContainsRune("_.:/=+-@", r)
}
