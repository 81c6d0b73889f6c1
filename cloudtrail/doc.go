// Package cloudtrail is AWS CloudTrail: the event history that every account has in
// every region, and trails, which deliver what they log to a bucket.
//
// # Event history
//
// The event history holds the management events of the last 90 days by the clock, each
// in the account that made the call, and a call on a key of another account also in
// the account that owns the key. IAM and Organizations are global services: their
// events stand in us-east-1 (cn-north-1, us-gov-west-1), wherever the client is. STS
// is regional: a call of its global endpoint is signed for us-east-1 and stands there,
// any other stands in its region. A call by a service principal, by somebody who signs
// in with a token or by nobody stands in the account of what it acted on. Data events,
// such as SendMessage, are never in it [F2] [F3] [F12].
//
// A call is kept as it is, and made a record when somebody looks. In memory the newest
// 10,000 calls of an account and region are kept, or fewer where all of them together
// would hold more than 2 MiB. A state that outlives the process gets the records behind
// the calls, in batches, half a second after the first of them, and at the end of the
// process: one that is killed loses the last second of its history. There the newest
// 100,000 records of an account and region are kept. Lookups read both as one list.
//
// What AWS does not say, and what is chosen here:
//
//   - A resource's name in LookupEvents is its ARN, as it is in the record: of a key
//     the key's, whatever name the call used, of a queue the queue's and not its URL.
//   - The Username of a role session is the session's name, of a federated user the
//     name it was given, of the root user "root". Services and callers without
//     a name of their own have none.
//   - A token goes with all other arguments of the call that it comes from, MaxResults
//     included.
//   - A call shows in the history when it has ended, not after minutes.
//   - A record is at its place by the time of the call, then by the order in which
//     calls ended. If the clock is turned back, later calls stand further down.
//   - What is older than 90 days is not found, and where the state outlives the process
//     is deleted: turning the clock back does not bring it back.
//
// Left out: the limit of two LookupEvents a second [T079], which a test would only
// wait for; Insights events, so that the category insight has none.
//
// # Trails
//
// A trail that logs is told of every call that has ended (incoming.go). The records that
// its selectors take (match.go) are written behind the calls, in batches: they are pending
// then, and survive the program where its state does. What is pending in one region is a
// stream (stream.go). Its log files are due at the end of the five minutes in which
// something happened, its digest at the end of each hour, both by the clock; one timer
// waits for what is due next. A clock that is turned over several periods delivers them
// one after the other, with the times at which they were due.
//
// A digest names the log files since the one before it and that one's hash and
// signature, so that nothing can be removed, altered or moved unseen. The keys that sign
// are of a region and 30 days each; the HSM wraps them.
//
// Buckets, topics and keys are those of S3, SNS and KMS, which decide by their policies
// whether cloudtrail.amazonaws.com may put files on behalf of the trail, publish, and make
// data keys with the encryption context aws:cloudtrail:arn. CreateTrail and UpdateTrail ask
// for the bucket's ACL, and whether a file could be put, without putting one. What a bucket
// does not take later is kept, and tried again every five minutes: of a bounded number of
// events.
//
// What AWS does not say, and what is chosen here:
//
//   - A multi-region trail logs in the regions of its partition in which something
//     happens, beside its home region: others get no empty digests.
//   - Digests are of whole hours, but for the first of a chain and the last.
//   - StopLogging delivers what is pending, with the last digest, before it answers, and
//     so do DeleteTrail and an UpdateTrail that turns validation off. The call that stops
//     a trail is itself no longer logged by it.
//   - Where much is logged, a log file is delivered before the five minutes are over.
//   - A delivery that fails is made again every five minutes, in order; digests wait for it
//     no longer than for anything else, and name what was delivered.
//   - A clock that is turned forward by more than seven days makes up for the hours of the
//     last seven; one digest covers what lies before. One that is turned back begins
//     another chain, and may write over files of the time that comes again.
//   - A name means a trail of the region alone, also in calls that change a shadow trail:
//     they get TrailNotFoundException, and by ARN InvalidHomeRegionException.
//   - The unique part of a log file's name comes from its content, so that a file which is
//     delivered again, after a crash, lies over itself.
//   - Data events of denied calls name no resource: selectors by type take them, those by
//     ARN do not.
//   - The fingerprint of a key is the first half of the SHA-256 of its DER.
//
// Left out, and refused with UnsupportedOperationException: organization trails, delivery
// to CloudWatch Logs, network activity events. There are no operations for Insights,
// Lake (event data stores, queries, dashboards) and channels.
package cloudtrail
