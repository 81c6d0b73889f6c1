package provision

import (
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

// s3Handlers are those of buckets and their policies.
var s3Handlers = map[string]Handler{
	"AWS::S3::Bucket":       {createBucket, updateBucket, deleteBucket},
	"AWS::S3::BucketPolicy": {createBucketPolicy, putBucketPolicy, deleteBucketPolicy},
}

// maxBucketName is how long the name of a bucket is at most.
const maxBucketName = 63

// globalNamespace is where all buckets have their names.
const globalNamespace = "global"

// bucket is an input that names the bucket.
func (j *Job) bucket() map[string]any { return map[string]any{"Bucket": j.PhysicalID} }

// admitted refuses what S3 has not got here and somebody may rely on to keep data, and
// leaves out what else it has not got.
func (j *Job) admitted() error {
	j.leaveOut("AccelerateConfiguration", "AnalyticsConfigurations", "CorsConfiguration", "IntelligentTieringConfigurations", "InventoryConfigurations",
		"LifecycleConfiguration", "LoggingConfiguration", "MetadataConfiguration", "MetadataTableConfiguration", "MetricsConfigurations", "WebsiteConfiguration")
	refused := []string{"ObjectLockConfiguration", "ReplicationConfiguration", "BucketNamePrefix"}
	if j.value("ObjectLockEnabled", "false") == "true" {
		refused = append(refused, "ObjectLockEnabled")
	}
	if j.value("BucketNamespace", globalNamespace) != globalNamespace {
		refused = append(refused, "BucketNamespace")
	}
	return j.unsupported(refused...)
}

// createBucket makes a bucket, and then says what is to be said of it [C231].
func createBucket(ctx context.Context, j *Job) error {
	if err := j.admitted(); err != nil {
		return err
	}
	name := j.Properties.Get("BucketName").String()
	if name == "" {
		name = strings.ToLower(j.madeUp(maxBucketName, ""))
	}
	// In us-east-1 S3 lets an owner make a bucket again.
	if _, err := j.Call(ctx, "s3", "HeadBucket", map[string]any{"Bucket": name}); err == nil {
		return j.exists(name)
	}
	in := j.arguments(map[string]any{"Bucket": name}, "BucketNamespace", "ObjectLockEnabledForBucket=ObjectLockEnabled")
	if region := RegionOf(ctx, j.Stack); region != "us-east-1" {
		in["CreateBucketConfiguration"] = map[string]any{"LocationConstraint": region}
	}
	for rule := range j.Properties.Get("OwnershipControls").Get("Rules").All() {
		given(in, rule, "ObjectOwnership")
	}
	if err := j.do(ctx, "s3", "CreateBucket", in); err != nil {
		return err
	}
	j.PhysicalID = name
	j.attributes(bucketAttributes(name, RegionOf(ctx, j.Stack), j.Stack.Partition))
	return j.configure(ctx, func() error { return nil })
}

// websitesWithDash are the regions in the hosts of whose websites a dash stands where the
// others have a dot.
//
// See https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints.
var websitesWithDash = []string{
	"us-east-1", "us-west-1", "us-west-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "eu-west-1", "sa-east-1", "us-gov-west-1",
}

func bucketAttributes(name, region, partition string) map[string]any {
	suffix, dot := ".amazonaws.com", "."
	if partition == "aws-cn" {
		suffix += ".cn"
	}
	if slices.Contains(websitesWithDash, region) {
		dot = "-"
	}
	return map[string]any{
		"Arn":                 "arn:" + partition + ":s3:::" + name,
		"DomainName":          name + ".s3" + suffix,
		"RegionalDomainName":  name + ".s3." + region + suffix,
		"DualStackDomainName": name + ".s3.dualstack." + region + suffix,
		"WebsiteURL":          "http://" + name + ".s3-website" + dot + region + suffix,
	}
}

// configure has what is said of the bucket become what the properties say. ownership says
// whose its objects are. ACLs come after it, for they need its leave; but they go before it.
func (j *Job) configure(ctx context.Context, ownership func() error) error {
	acl := func() error { return j.setACL(ctx) }
	if name := j.cannedACL(j.Properties); name == "" || name == privateACL {
		acl, ownership = ownership, acl
	}
	return first(
		ownership,
		func() error {
			return j.say(ctx, "PublicAccessBlockConfiguration", "PutPublicAccessBlock", "DeletePublicAccessBlock", func(n *template.Node) any { return n })
		},
		acl,
		func() error {
			return j.say(ctx, "BucketEncryption", "PutBucketEncryption", "DeleteBucketEncryption", encryptionRules)
		},
		func() error { return j.setVersioning(ctx) },
		func() error { return j.retagBucket(ctx) },
		func() error { return j.setNotifications(ctx) },
		func() error {
			if !j.changed("AbacStatus") {
				return nil
			}
			status := j.arguments(map[string]any{"Status": "Disabled"}, "Status=AbacStatus")
			return j.do(ctx, "s3", "PutBucketAbac", with(j.bucket(), "AbacStatus", status))
		},
	)
}

// members are the members of inputs that properties become, where these are called otherwise.
var members = map[string]string{"BucketEncryption": "ServerSideEncryptionConfiguration"}

// say has a property that changed be said of the bucket by the call put, or be no more by
// the call remove.
func (j *Job) say(ctx context.Context, property, put, remove string, as func(*template.Node) any) error {
	value := j.Properties.Get(property)
	switch member, other := members[property]; {
	case !j.changed(property):
		return nil
	case value == nil:
		return j.do(ctx, "s3", remove, j.bucket())
	case other:
		return j.do(ctx, "s3", put, with(j.bucket(), member, as(value)))
	default:
		return j.do(ctx, "s3", put, with(j.bucket(), property, as(value)))
	}
}

// encryptionRules are a bucket's rules of encryption as S3 takes them.
func encryptionRules(n *template.Node) any {
	var rules []any
	for rule := range n.Get("ServerSideEncryptionConfiguration").All() {
		rules = append(rules, given(map[string]any{}, rule,
			"ApplyServerSideEncryptionByDefault=ServerSideEncryptionByDefault", "BucketKeyEnabled", "BlockedEncryptionTypes"))
	}
	return map[string]any{"Rules": rules}
}

// setVersioning: a bucket that had versions can only suspend them.
func (j *Job) setVersioning(ctx context.Context) error {
	if !j.changed("VersioningConfiguration") {
		return nil
	}
	status := given(map[string]any{"Status": "Suspended"}, j.Properties.Get("VersioningConfiguration"), "Status")
	return j.do(ctx, "s3", "PutBucketVersioning", with(j.bucket(), "VersioningConfiguration", status))
}

const privateACL = "private"

// cannedACL is the name that S3 has for the property AccessControl, such as public-read
// for PublicRead; empty: there is none.
func (j *Job) cannedACL(properties *template.Node) string {
	var name strings.Builder
	for i, r := range properties.Get("AccessControl").String() {
		if i > 0 && r >= 'A' && r <= 'Z' {
			name.WriteByte('-')
		}
		name.WriteRune(r)
	}
	return strings.ToLower(name.String())
}

// setACL gives the bucket its ACL. Without one it is private, as every new bucket is,
// which need not be said.
func (j *Job) setACL(ctx context.Context) error {
	now, before := j.cannedACL(j.Properties), j.cannedACL(j.Before)
	if now == "" {
		now = privateACL
	}
	if now == before || now == privateACL && before == "" {
		return nil
	}
	return j.do(ctx, "s3", "PutBucketAcl", with(j.bucket(), "ACL", now))
}

// retagBucket sets all tags anew, for S3 knows no other way.
func (j *Job) retagBucket(ctx context.Context) error {
	set, removed := j.tagChanges()
	switch {
	case len(set) == 0 && len(removed) == 0:
		return nil
	case len(j.Tags) == 0:
		return j.do(ctx, "s3", "DeleteBucketTagging", j.bucket())
	default:
		return j.do(ctx, "s3", "PutBucketTagging", with(j.bucket(), "Tagging", map[string]any{"TagSet": tagList(j.Tags, "Key", "Value")}))
	}
}

// setNotifications says who is told of the bucket's events, which S3 asks them about. A
// function is not: there are none to be asked.
func (j *Job) setNotifications(ctx context.Context) error {
	const property = "NotificationConfiguration"
	said := j.Properties.Get(property)
	for range said.Get("LambdaConfigurations").All() {
		j.LeftOut = append(j.LeftOut, "Notifications of functions are not emulated, and are left out.")
		break
	}
	if !j.changed(property) {
		return nil
	}
	configuration := map[string]any{
		"QueueConfigurations": notifications(said.Get("QueueConfigurations"), "QueueArn=Queue"),
		"TopicConfigurations": notifications(said.Get("TopicConfigurations"), "TopicArn=Topic"),
	}
	if bridge := said.Get("EventBridgeConfiguration"); bridge != nil && bridge.Get("EventBridgeEnabled").String() != "false" {
		configuration["EventBridgeConfiguration"] = map[string]any{}
	}
	return j.do(ctx, "s3", "PutBucketNotificationConfiguration", with(j.bucket(), property, configuration))
}

// notifications are those of queues or topics as S3 takes them: with a list of events, and
// rules that are called otherwise.
func notifications(list *template.Node, receiver string) []any {
	all := []any{}
	for n := range list.All() {
		one := given(map[string]any{"Events": []any{n.Get("Event")}}, n, receiver)
		if filter := n.Get("Filter").Get("S3Key"); filter != nil {
			one["Filter"] = map[string]any{"Key": given(map[string]any{}, filter, "FilterRules=Rules")}
		}
		all = append(all, one)
	}
	return all
}

func updateBucket(ctx context.Context, j *Job) error {
	if err := j.admitted(); err != nil {
		return err
	}
	return j.configure(ctx, func() error {
		return j.say(ctx, "OwnershipControls", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls", func(n *template.Node) any { return n })
	})
}

// deleteBucket deletes a bucket, if nothing is in it [C231].
func deleteBucket(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "s3", "DeleteBucket", j.bucket()))
}

// createBucketPolicy gives a policy to a bucket that has none [C232].
func createBucketPolicy(ctx context.Context, j *Job) error {
	bucket := j.Properties.Get("Bucket").String()
	_, err := j.Call(ctx, "s3", "GetBucketPolicy", map[string]any{"Bucket": bucket})
	if err == nil {
		return failf(alreadyExists, "The bucket policy already exists on bucket %s.", bucket)
	}
	if !isCode(err, notFound) {
		return err
	}
	if err := j.do(ctx, "s3", "PutBucketPolicy", map[string]any{"Bucket": bucket, "Policy": document(j.Properties.Get("PolicyDocument"))}); err != nil {
		return err
	}
	j.PhysicalID = bucket
	return nil
}

func putBucketPolicy(ctx context.Context, j *Job) error {
	return j.do(ctx, "s3", "PutBucketPolicy", with(j.bucket(), "Policy", document(j.Properties.Get("PolicyDocument"))))
}

func deleteBucketPolicy(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "s3", "DeleteBucketPolicy", j.bucket()))
}
