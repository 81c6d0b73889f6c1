package provision

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

var kmsHandlers = map[string]Handler{
	"AWS::KMS::Key":        {createKey, updateKey, deleteKey},
	"AWS::KMS::ReplicaKey": {createReplicaKey, updateReplicaKey, deleteKey},
	"AWS::KMS::Alias":      {createAlias, updateAlias, deleteAlias},
}

// fixedKeyProperties cannot change, and do not replace the key either: losing one by a
// slip of the pen would be too dear. With them, what they are where they are left out.
var fixedKeyProperties = map[string]string{"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "MultiRegion": "false"}

// value is a property's text, or what it is where it is left out.
func (j *Job) value(property, otherwise string) string {
	return cmp.Or(j.Properties.Get(property).String(), otherwise)
}

func (j *Job) valueBefore(property, otherwise string) string {
	return cmp.Or(j.Before.Get(property).String(), otherwise)
}

// checkKey refuses what AWS's handler does before it calls KMS [C219].
func (j *Job) checkKey() error {
	const invalid = "Invalid request provided: "
	symmetric := j.value("KeySpec", fixedKeyProperties["KeySpec"]) == fixedKeyProperties["KeySpec"]
	if (!symmetric || j.value("Origin", "") == "EXTERNAL") && j.value("EnableKeyRotation", "false") == "true" {
		return failf(invalidRequest, invalid+"You cannot set the EnableKeyRotation property to true on asymmetric or external keys.")
	}
	if err := j.checkWindow(); err != nil || j.Before == nil {
		return err
	}
	disabled := j.value("Enabled", "true") == "false" && j.valueBefore("Enabled", "true") == "false"
	if disabled && j.value("EnableKeyRotation", "false") != j.valueBefore("EnableKeyRotation", "false") {
		return failf(invalidRequest, invalid+"You cannot change the EnableKeyRotation property while the Enabled property is false.")
	}
	for property, otherwise := range fixedKeyProperties {
		if j.value(property, otherwise) != j.valueBefore(property, otherwise) {
			return failf(invalidRequest, invalid+"You cannot change the values of the KeySpec, KeyUsage, Origin, or MultiRegion properties of an AWS::KMS::Key resource.")
		}
	}
	return nil
}

// checkWindow refuses a waiting period with which the key could never be deleted.
func (j *Job) checkWindow() error {
	const failed = "Model validation failed (#/PendingWindowInDays: failed validation constraint for keyword [%s])"
	days, set := j.Properties.Get("PendingWindowInDays").Integer()
	switch {
	case set && days < 7:
		return failf(invalidRequest, failed, "minimum")
	case set && days > 30:
		return failf(invalidRequest, failed, "maximum")
	default:
		return nil
	}
}

func createKey(ctx context.Context, j *Job) error {
	if err := j.checkKey(); err != nil {
		return err
	}
	in := j.arguments(map[string]any{"Tags": tagList(j.Tags, "TagKey", "TagValue")},
		"BypassPolicyLockoutSafetyCheck", "Description", "KeySpec", "KeyUsage", "MultiRegion", "Origin")
	if policy := j.Properties.Get("KeyPolicy"); policy != nil {
		in["Policy"] = document(policy)
	}
	out, err := j.Call(ctx, "kms", "CreateKey", in)
	if err != nil {
		return err
	}
	j.describeKey(out["KeyMetadata"])
	if err := j.setRotation(ctx); err != nil {
		return err
	}
	return j.disable(ctx)
}

// describeKey takes a key's id and what Fn::GetAtt yields from its metadata.
func (j *Job) describeKey(metadata any) {
	shown, _ := metadata.(map[string]any)
	j.PhysicalID = text(shown, "KeyId")
	j.attributes(map[string]any{"Arn": text(shown, "Arn"), "KeyId": j.PhysicalID})
}

// onKey makes a call that is of the key alone.
func (j *Job) onKey(ctx context.Context, operation string) error {
	return j.do(ctx, "kms", operation, map[string]any{"KeyId": j.PhysicalID})
}

// setRotation makes rotation as the properties say: it is off where they say nothing.
func (j *Job) setRotation(ctx context.Context) error {
	was, is := j.valueBefore("EnableKeyRotation", "false") == "true", j.value("EnableKeyRotation", "false") == "true"
	switch {
	case is && (!was || j.changed("RotationPeriodInDays")):
		return j.do(ctx, "kms", "EnableKeyRotation", j.arguments(map[string]any{"KeyId": j.PhysicalID}, "RotationPeriodInDays"))
	case was && !is:
		return j.onKey(ctx, "DisableKeyRotation")
	default:
		return nil
	}
}

// enable enables a key that was disabled; disable, the other way round. A key is enabled
// before anything else of it changes, and disabled afterwards.
func (j *Job) enable(ctx context.Context) error {
	if j.valueBefore("Enabled", "true") == "false" && j.value("Enabled", "true") == "true" {
		return j.onKey(ctx, "EnableKey")
	}
	return nil
}

func (j *Job) disable(ctx context.Context) error {
	if j.valueBefore("Enabled", "true") == "true" && j.value("Enabled", "true") == "false" {
		return j.onKey(ctx, "DisableKey")
	}
	return nil
}

func updateKey(ctx context.Context, j *Job) error {
	if err := j.checkKey(); err != nil {
		return err
	}
	return j.changeKey(ctx, j.setRotation)
}

func updateReplicaKey(ctx context.Context, j *Job) error {
	if err := j.checkWindow(); err != nil {
		return err
	}
	return j.changeKey(ctx, func(context.Context) error { return nil })
}

// changeKey makes the changes that all keys take, and further ones while the key is
// enabled.
func (j *Job) changeKey(ctx context.Context, further func(context.Context) error) error {
	out, err := j.Call(ctx, "kms", "DescribeKey", map[string]any{"KeyId": j.PhysicalID})
	if err != nil {
		return err
	}
	metadata, _ := out["KeyMetadata"].(map[string]any)
	if isPending(metadata) {
		return failf(notFound, "Resource of type '%s' with identifier '%s' was not found.", j.Type, j.PhysicalID)
	}
	for _, change := range []func(context.Context) error{j.enable, further, j.disable, j.redescribe, j.setKeyPolicy, j.retagKey} {
		if err := change(ctx); err != nil {
			return err
		}
	}
	j.describeKey(metadata)
	return nil
}

// isPending reports whether a key is to be deleted, and so no resource any more.
func isPending(metadata map[string]any) bool {
	return slices.Contains([]string{"PendingDeletion", "PendingReplicaDeletion"}, text(metadata, "KeyState"))
}

func (j *Job) redescribe(ctx context.Context) error {
	if j.value("Description", "") == j.valueBefore("Description", "") {
		return nil
	}
	return j.do(ctx, "kms", "UpdateKeyDescription", map[string]any{"KeyId": j.PhysicalID, "Description": j.value("Description", "")})
}

// setKeyPolicy sets a changed policy; one that is removed gives way to KMS's default one.
func (j *Job) setKeyPolicy(ctx context.Context) error {
	policy := j.keyPolicy(document(j.Properties.Get("KeyPolicy")))
	if sameDocument(policy, j.keyPolicy(document(j.Before.Get("KeyPolicy")))) {
		return nil
	}
	return j.do(ctx, "kms", "PutKeyPolicy", j.arguments(map[string]any{
		"KeyId": j.PhysicalID, "PolicyName": "default", "Policy": policy,
	}, "BypassPolicyLockoutSafetyCheck"))
}

func (j *Job) keyPolicy(given string) string {
	if given != "" {
		return given
	}
	return `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:` + j.Stack.Partition + `:iam::` + j.Stack.Account + `:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`
}

func (j *Job) retagKey(ctx context.Context) error {
	return j.retag(func(tags map[string]string) error {
		return j.do(ctx, "kms", "TagResource", map[string]any{"KeyId": j.PhysicalID, "Tags": tagList(tags, "TagKey", "TagValue")})
	}, func(keys []any) error {
		return j.do(ctx, "kms", "UntagResource", map[string]any{"KeyId": j.PhysicalID, "TagKeys": keys})
	})
}

// deleteKey schedules a key's deletion. In a state that does not allow it, it is scheduled
// already.
func deleteKey(ctx context.Context, j *Job) error {
	err := j.do(ctx, "kms", "ScheduleKeyDeletion", j.arguments(map[string]any{"KeyId": j.PhysicalID}, "PendingWindowInDays"))
	if isServiceCode(err, "KMSInvalidStateException") {
		return nil
	}
	return gone(err)
}

// createReplicaKey replicates a key into the stack's region, by a call in the region that
// the key is of.
func createReplicaKey(ctx context.Context, j *Job) error {
	if err := j.checkWindow(); err != nil {
		return err
	}
	primary := j.Properties.Get("PrimaryKeyArn").String()
	parts := strings.Split(primary, ":")
	if len(parts) != 6 || parts[3] == "" {
		return failf(invalidRequest, "Invalid request provided: %s is not the ARN of a key.", primary)
	}
	out, err := j.Call(In(ctx, parts[3]), "kms", "ReplicateKey", j.arguments(map[string]any{
		"KeyId": primary, "ReplicaRegion": j.Stack.Region, "Policy": document(j.Properties.Get("KeyPolicy")), "Tags": tagList(j.Tags, "TagKey", "TagValue"),
	}, "Description"))
	if err != nil {
		return err
	}
	j.describeKey(out["ReplicaKeyMetadata"])
	return j.disable(ctx)
}

func createAlias(ctx context.Context, j *Job) error {
	if err := j.do(ctx, "kms", "CreateAlias", j.arguments(map[string]any{}, "AliasName", "TargetKeyId")); err != nil {
		return err
	}
	j.PhysicalID = j.Properties.Get("AliasName").String()
	j.attributes(nil)
	return nil
}

func updateAlias(ctx context.Context, j *Job) error {
	j.attributes(nil)
	return j.do(ctx, "kms", "UpdateAlias", j.arguments(map[string]any{}, "AliasName", "TargetKeyId"))
}

func deleteAlias(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "kms", "DeleteAlias", map[string]any{"AliasName": j.PhysicalID}))
}
