package policyeval

import (
	"slices"
	"strings"
)

// The actions of S3 by what they act on: buckets, objects, or anything else (the account,
// access points, jobs, Storage Lens, Access Grants). There are none for HeadBucket, ListObjects,
// HeadObject and CopyObject, which are authorized as others [S220], [S224], [S229].
//
// See https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html.
var (
	bucketActions = strings.Fields(`
		CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket DeleteBucketMetadataTableConfiguration
		DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAbac
		GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging GetBucketMetadataTableConfiguration
		GetBucketNotification GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy
		GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning
		GetBucketWebsite GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration
		GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration ListBucket
		ListBucketMultipartUploads ListBucketVersions ListTagsForResource PauseReplication PutAccelerateConfiguration
		PutAnalyticsConfiguration PutBucketAbac PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification
		PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock
		PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration
		PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration
		PutReplicationConfiguration TagResource UntagResource UpdateBucketMetadataInventoryTableConfiguration
		UpdateBucketMetadataJournalTableConfiguration`)
	objectActions = strings.Fields(`
		AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectTagging DeleteObjectVersion
		DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold GetObjectRetention
		GetObjectTagging GetObjectTorrent GetObjectVersion GetObjectVersionAcl GetObjectVersionAttributes
		GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent InitiateReplication
		ListMultipartUploadParts ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl PutObjectLegalHold
		PutObjectRetention PutObjectTagging PutObjectVersionAcl PutObjectVersionTagging ReplicateDelete
		ReplicateObject ReplicateTags RestoreObject UpdateObjectEncryption`)
	otherS3Actions = strings.Fields(`
		AssociateAccessGrantsIdentityCenter CreateAccessGrant CreateAccessGrantsInstance CreateAccessGrantsLocation
		CreateAccessPoint CreateAccessPointForObjectLambda CreateJob CreateMultiRegionAccessPoint
		CreateStorageLensGroup DeleteAccessGrant DeleteAccessGrantsInstance DeleteAccessGrantsInstanceResourcePolicy
		DeleteAccessGrantsLocation DeleteAccessPoint DeleteAccessPointForObjectLambda DeleteAccessPointPolicy
		DeleteAccessPointPolicyForObjectLambda DeleteJobTagging DeleteMultiRegionAccessPoint
		DeleteStorageLensConfiguration DeleteStorageLensConfigurationTagging DeleteStorageLensGroup DescribeJob
		DescribeMultiRegionAccessPointOperation DissociateAccessGrantsIdentityCenter GetAccessGrant
		GetAccessGrantsInstance GetAccessGrantsInstanceForPrefix GetAccessGrantsInstanceResourcePolicy
		GetAccessGrantsLocation GetAccessPoint GetAccessPointConfigurationForObjectLambda
		GetAccessPointForObjectLambda GetAccessPointPolicy GetAccessPointPolicyForObjectLambda
		GetAccessPointPolicyStatus GetAccessPointPolicyStatusForObjectLambda GetAccountPublicAccessBlock GetDataAccess
		GetJobTagging GetMultiRegionAccessPoint GetMultiRegionAccessPointPolicy GetMultiRegionAccessPointPolicyStatus
		GetMultiRegionAccessPointRoutes GetStorageLensConfiguration GetStorageLensConfigurationTagging
		GetStorageLensDashboard GetStorageLensGroup ListAccessGrants ListAccessGrantsInstances
		ListAccessGrantsLocations ListAccessPoints ListAccessPointsForObjectLambda ListAllMyBuckets
		ListCallerAccessGrants ListJobs ListMultiRegionAccessPoints ListStorageLensConfigurations
		ListStorageLensGroups PutAccessGrantsInstanceResourcePolicy PutAccessPointConfigurationForObjectLambda
		PutAccessPointPolicy PutAccessPointPolicyForObjectLambda PutAccessPointPublicAccessBlock
		PutAccountPublicAccessBlock PutJobTagging PutMultiRegionAccessPointPolicy PutStorageLensConfiguration
		PutStorageLensConfigurationTagging SubmitMultiRegionAccessPointRoutes UpdateAccessGrantsLocation
		UpdateJobPriority UpdateJobStatus UpdateStorageLensGroup`)
)

// s3Kinds says which of S3's resources something is about.
type s3Kinds struct{ bucket, object bool }

func (k s3Kinds) overlap(o s3Kinds) bool { return k.bucket && o.bucket || k.object && o.object }

func (k s3Kinds) or(o s3Kinds) s3Kinds { return s3Kinds{k.bucket || o.bucket, k.object || o.object} }

// s3Actions are the actions of S3 that a pattern such as s3:Get* names, in lower case and
// without the prefix.
func s3Actions(pattern string) []string {
	verb, ok := cutService(pattern, "s3")
	if pattern == "*" {
		verb, ok = "*", true
	}
	if !ok {
		return nil
	}
	p := newPattern(verb, true, false)
	var found []string
	for _, a := range serviceActions["s3"] {
		if name := lower(a); p.matches(name, nil) {
			found = append(found, name)
		}
	}
	return found
}

// s3KindOf is what an action, in lower case and without its prefix, acts on.
func s3KindOf(verb string) s3Kinds {
	is := func(list []string) bool {
		return slices.ContainsFunc(list, func(a string) bool { return strings.EqualFold(a, verb) })
	}
	return s3Kinds{bucket: is(bucketActions), object: is(objectActions)}
}

// The parts of a pattern that are no character.
const (
	anyRunes rune = -1 - iota // a star, or a variable, which can stand for anything
	oneRune
)

// patternRunes is a pattern by characters.
func patternRunes(pattern string, variables bool) []rune {
	var runes []rune
	for _, t := range tokenize(pattern, true, variables) {
		switch t.kind {
		case literalToken:
			runes = append(runes, []rune(t.text)...)
		case oneToken:
			runes = append(runes, oneRune)
		default:
			runes = append(runes, anyRunes)
		}
	}
	return runes
}

// bucketReach says whether a resource in the policy of a bucket can mean the bucket, and
// whether it can mean objects in it. It follows all ways to match at once, so that no
// pattern is slow.
func bucketReach(resource, bucketARN string, variables bool) s3Kinds {
	pattern := patternRunes(resource, variables)
	matched := make([]bool, len(pattern)+1) // how much of the pattern what is read so far can be
	matched[0] = true
	skip := func() { // stars may be empty
		for i, r := range pattern {
			matched[i+1] = matched[i+1] || matched[i] && r == anyRunes
		}
	}
	read := func(c rune) {
		next := make([]bool, len(pattern)+1)
		for i, r := range pattern {
			next[i] = next[i] || matched[i] && r == anyRunes
			next[i+1] = matched[i] && (r == c || r == oneRune)
		}
		matched = next
		skip()
	}
	skip()
	for _, c := range bucketARN {
		read(c)
	}
	is := s3Kinds{bucket: matched[len(pattern)]}
	read('/')
	is.object = slices.Contains(matched[:len(pattern)], true)
	return is
}
