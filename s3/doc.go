// Package s3 is the part of Amazon S3 that events and evidence need: buckets with their
// policies and settings, objects with versions, tags and uploads in parts, and what S3
// tells others of their changes.
//
// # Objects
//
// A body is stored as a blob: pieces of 1 MiB, each in a record and a transaction of its
// own and encrypted by AES-256-GCM under the object's data key, with its place as
// additional data (blob.go). The record that names the blob comes last, in a short
// transaction, which holds the conditions of the request against the current version and
// tells of the change. So a body streams from the connection into the state, whatever its
// size, and who reads an object sees one body whole.
//
// A blob that no record names is loose: one that is being written, or whose object was
// overwritten or deleted. That it is so stands in the state, in the transaction that made
// it so, and a sweep in the background deletes what is loose and neither written nor read
// at the time, also what a killed process left behind (sweep.go).
//
// An upload in parts is a record of its own until it is completed or aborted; each of its
// parts is a blob. The completed object names a manifest, which lists the blobs, so that
// completing copies nothing. Its CRC follows from those of the parts (crc.go).
//
// Every version of every object is one record, under its key and then by age, the newest
// first; the objects that are there are listed besides, so that a list reads no versions
// (state.go). Lists are scans of a range.
//
// # Notifications
//
// Who changes an object stores, in the same transaction, a job for everybody who is to be
// told (notificationdelivery.go), and the outbox sends it after the commit: at least once,
// and not in order. A job has the names of the bucket, the object and the caller, its size
// and ETag, which the state holds unencrypted anyway, and nothing of its body or metadata:
// so jobs are not encrypted. Topics and queues are called through the dispatcher as
// s3.amazonaws.com on behalf of the bucket, so that their policies and those of their keys
// decide, at PutBucketNotificationConfiguration and at every delivery.
//
// # Who may do what
//
// Each call asks the caller's policies and the bucket's, with the condition keys that its
// action carries (conditionkeys.go): most are headers and parameters as the request has them.
// The owner's root user may read and change the policy of a bucket whatever that denies;
// RestrictPublicBuckets is a deny of its own beside a public policy (publicaccess.go).
//
// Every object has a data key of its own, which the HSM wraps or, under a KMS key, KMS with
// the rights of the caller (encryption.go): with each writing and reading, or by a bucket key,
// which wraps the data keys of its requester's objects for five minutes.
//
// # What AWS does not say, and what is chosen here
//
//   - x-amz-confirm-remove-self-bucket-access is taken and not asked for: policies that shut
//     their author out are stored by AWS, as many have found.
//   - A KMS key that a request names by its id is of the caller's account, for
//     s3:x-amz-server-side-encryption-aws-kms-key-id too. Objects under KMS keys may be
//     written and read over plain HTTP.
//   - s3:x-amz-server-side-encryption of an upload in parts is what its first request said.
//   - Who began an upload may list its parts and abort it by what explanations show as a grant.
//     In a bucket of another account that counts as the bucket's side of the permission, for the
//     initiator's account, too: their own policies must allow it, as all access across accounts.
//   - A configuration with several destinations is validated by asking all of them, without
//     sending; the test events are sent where all would take them. Each topic and queue gets
//     one, however many of the configurations name it.
//   - Why an encrypted destination does not take the test event is not told: it is the text
//     for a policy that does not let S3 in. What FIFO topics, too many configurations and
//     too long an Id are told is made up.
//   - What a destination refuses is lost; where its service itself fails, the notification
//     is tried again for an hour.
//   - CloudTrail's records of calls name as resources the objects and their buckets, those of
//     lists what the objects' ARNs begin with. They have no additionalEventData, and no
//     events of their own for each object that one DeleteObjects deletes.
//   - Records name services and anonymous callers by their names, AWS:cloudtrail.amazonaws.com
//     and AWS:anonymous.
//   - There is no Lambda: every function is one that does not exist. With
//     SkipDestinationValidation it is kept, and its notifications fail.
//   - Events that nothing here gives rise to (ObjectRestore, Replication, LifecycleExpiration,
//     ObjectAcl and so on) can be configured.
//   - A bucket that does not exist is NoSuchBucket to everybody, whatever the policies say.
//   - A bucket of another region answers 301 to requests that are signed for the wrong one,
//     in us-east-1, too, and names no address to go to: AWS's would lead to AWS. Requests
//     that are not signed are for no region.
//   - Version ids tell the place of the version, and an HMAC over it, so that an id which
//     S3 never made is known as such.
//   - The order of versions is by the clock; a clock that is turned back changes nothing
//     about which is the newest.
//   - Deleting a version that is not there is no change, and nobody is told of it; deleting a key
//     that is not there is told, by DeleteObject as by DeleteObjects.
//   - While the tags of a bucket decide (PutBucketAbac), PutBucketTagging and DeleteBucketTagging
//     are not allowed, as AWS says; in what words is made up. TagResource, of S3 Control, is not
//     here: tags are those of CreateBucket, or put before the tags decide. They are keys of all
//     actions on the bucket and its objects.
//   - Uploads that are under way do not keep a bucket from being deleted, and go with it.
//   - The tags of a source are asked for in a copy only where it has some.
//   - The checksums of a request that carries a document are compared wherever they are
//     given, and DeleteObjects alone must give one, as its answer is known; AWS's model
//     wants one of others, too.
//
// # Left out
//
// Keys of customers (SSE-C), which AWS blocks for new buckets: here for all. aws:kms:dsse.
// Canonical users in policies.
//
// ACLs: every bucket and object is the owner's alone, and headers that would grant
// anything are NotImplemented where the bucket's ownership would allow them. Object lock,
// lifecycle, website, CORS, replication, inventory and the like: reading them answers AWS's
// "not found", as for any bucket without. Storage classes are names: what is in an archive
// cannot be read, and nothing restores it. Checksums by SHA-512, MD5 and XXHash, which few
// send: they are refused as unknown algorithms are. Directory buckets, access points,
// account-regional names, torrents, S3 Select and Signature Version 4A.
//
// No Go library of an S3 server is used: those that there are (gofakes3, versitygw) bring
// listeners, authorization and a store of their own, and here all that is done in the
// dispatcher and in transactions of the one state, encrypted; what would be left of them
// is less than this.
package s3
