package s3

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

// Most of S3's condition keys are headers and parameters of the request: those that an
// action carries are in its context if the request has them [S240]-[S246].

// inputKey is a member of an input that is a condition key.
type inputKey struct {
	member int
	key    policyeval.Key
}

// inputKeys are those of a type of input, which is a struct.
var inputKeys sync.Map // reflect.Type -> []inputKey

func keysOf(t reflect.Type) []inputKey {
	if known, ok := inputKeys.Load(t); ok {
		return known.([]inputKey)
	}
	var keys []inputKey
	for i := range t.NumField() {
		how, name, _ := strings.Cut(t.Field(i).Tag.Get("rest"), "=")
		if how != "header" && how != "query" {
			continue
		}
		key, ok := policyeval.LookupKey("s3:" + name)
		if ok && key.Actions != nil {
			keys = append(keys, inputKey{i, key})
		}
	}
	inputKeys.Store(t, keys)
	return keys
}

// memberText is the text of a member; there is none where the request does not have it.
func memberText(v reflect.Value) (text string, there bool) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "", false
		}
		v, there = v.Elem(), true
	}
	switch v.Kind() { //nolint:exhaustive // no input has others that are keys
	case reflect.String:
		return v.String(), there || v.String() != ""
	case reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), there
	default:
		return "", false
	}
}

// tagged is an input that gives its object or bucket tags.
type tagged interface{ requestTags() []resource.Tag }

// uploadKeys are the condition keys of a call on an upload: those of the call, and how the
// upload is encrypted, which only its first request has said.
type uploadKeys struct {
	in     any
	upload *upload
}

// requestKeys sets the condition keys of an input, as far as an action carries them.
func requestKeys(c *policyeval.Context, action string, in any) {
	verb := strings.ToLower(strings.TrimPrefix(action, "s3:"))
	if of, ok := in.(*uploadKeys); ok {
		if in = of.in; of.upload != nil && of.upload.SSE != "" && verb == "putobject" {
			c.Set("s3:x-amz-server-side-encryption", of.upload.SSE)
			if of.upload.KMSKeyID != "" {
				c.Set("s3:x-amz-server-side-encryption-aws-kms-key-id", of.upload.KMSKeyID)
			}
		}
	}
	if source, ok := in.(*copySource); ok && source.version != nil && verb == "getobjectversion" {
		c.Set("s3:versionid", *source.version)
	}
	if v := reflect.ValueOf(in); v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
		for _, k := range keysOf(v.Type()) {
			if text, there := memberText(v.Field(k.member)); there && slices.Contains(k.key.Actions, verb) {
				c.Set(k.key.Name, text)
			}
		}
	}
	if id, ok := in.(*ObjectIdentifier); ok && id.VersionId != nil {
		c.Set("s3:versionid", *id.VersionId)
	}
	if t, ok := in.(tagged); ok {
		requestTags(c, verb, t.requestTags())
	}
}

// requestTags sets the keys of the tags that a request gives: of S3's own for objects, and the
// global ones for buckets [S243] [S246].
func requestTags(c *policyeval.Context, verb string, tags []resource.Tag) {
	key, _ := policyeval.LookupKey("s3:RequestObjectTag/")
	switch {
	case len(tags) == 0:
	case slices.Contains(key.Actions, verb):
		keys := make([]string, len(tags))
		for i, t := range tags {
			c.Set("s3:RequestObjectTag/"+t.Key, t.Value)
			keys[i] = t.Key
		}
		c.SetList("s3:RequestObjectTagKeys", keys)
	case verb == "createbucket" || verb == "tagresource":
		resource.SetTagKeys(c, tags, nil)
	}
}

// existingTags sets the keys of the tags that an object has, for the actions that carry
// them [S245].
func existingTags(c *policyeval.Context, action string, o *object) {
	key, _ := policyeval.LookupKey("s3:ExistingObjectTag/")
	if o == nil || !slices.Contains(key.Actions, strings.ToLower(strings.TrimPrefix(action, "s3:"))) {
		return
	}
	for _, t := range o.Tags {
		c.Set("s3:ExistingObjectTag/"+t.Key, t.Value)
	}
}

// keys are the condition keys of a call on the bucket, or on an object in it.
func (b *bucket) keys(o *object, in any) func(*policyeval.Context, string) {
	return func(c *policyeval.Context, action string) {
		c.Set("s3:ResourceAccount", b.Account)
		for tag, value := range b.deciding() {
			c.Set("s3:BucketTag/"+tag, value)
		}
		requestKeys(c, action, in)
		if action == "s3:PutObject" {
			b.putKeys(c, in)
		}
		existingTags(c, action, o)
	}
}

// creates reports whether a call that puts makes an object, as the parts of one do not.
func creates(in any) bool {
	if of, ok := in.(*uploadKeys); ok {
		in = of.in
	}
	switch in.(type) {
	case *PutObjectInput, *CopyObjectInput, *CompleteMultipartUploadInput:
		return true
	default:
		return false
	}
}

// putKeys are the keys of a call that puts which are no header as it stands: whether it makes
// an object, and the KMS key, whose id counts as the ARN [S243] [S244].
func (b *bucket) putKeys(c *policyeval.Context, in any) {
	c.SetBool("s3:ObjectCreationOperation", creates(in))
	const key = "s3:x-amz-server-side-encryption-aws-kms-key-id"
	ids, _, named := c.Get(key)
	accounts, _, local := c.Get("aws:PrincipalAccount")
	if named && local && !strings.Contains(ids[0], "/") && !strings.HasPrefix(ids[0], "arn:") {
		c.Set(key, arn.New("kms", b.Region, accounts[0], "key/"+ids[0]).String()) // the requester's [S266]
	}
}

// conditionKeys are those of the making of a bucket [S246].
func (in *CreateBucketInput) conditionKeys(c *policyeval.Context, action, account string) {
	c.Set("s3:ResourceAccount", account)
	requestKeys(c, action, in)
	if location := in.location(); location != "" && action == "s3:CreateBucket" {
		c.Set("s3:locationconstraint", location)
	}
}

func (in *CreateBucketInput) requestTags() []resource.Tag { return in.tags() }

func (in *PutObjectInput) requestTags() []resource.Tag { return tagsAsked(in.Tagging) }

func (in *CreateMultipartUploadInput) requestTags() []resource.Tag { return tagsAsked(in.Tagging) }

func (in *CopyObjectInput) requestTags() []resource.Tag {
	if in.TaggingDirective != directiveReplace {
		return nil
	}
	return tagsAsked(in.Tagging)
}

// tagsAsked are the tags of a header; none of one that the call fails with.
func tagsAsked(header *string) []resource.Tag {
	tags, err := headerTags(header)
	if err != nil {
		return nil
	}
	return tags
}

func (in *PutObjectTaggingInput) requestTags() []resource.Tag {
	if in.Tagging == nil {
		return nil // the call fails
	}
	return tagsOf(in.Tagging.TagSet)
}

// connectionKeys are the keys that come from how a request arrives [S240]. Calls that services
// make for their callers have none.
func connectionKeys(c *policyeval.Context, r *api.Request) {
	a := r.Auth
	if a == nil || !r.Direct() {
		return
	}
	for _, k := range []struct{ key, value string }{
		{"s3:authType", a.Type},
		{"s3:signatureversion", a.Version},
		{"s3:TlsVersion", a.TLSVersion},
		{"s3:x-amz-content-sha256", a.ContentSHA256},
	} {
		if k.value != "" {
			c.Set(k.key, k.value)
		}
	}
	if a.Version != "" {
		c.SetInt("s3:signatureAge", a.Age.Milliseconds())
	}
}
