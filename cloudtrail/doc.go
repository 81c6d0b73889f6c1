// Package cloudtrail is AWS CloudTrail: the event history that every account has in
// every region.
//
// The event history holds the management events of the last 90 days by the clock, each
// in the account that made the call, and a call on a key of another account also in
// the account that owns the key. IAM and Organizations are global services: their
// events stand in us-east-1 (cn-north-1, us-gov-west-1), wherever the client is. STS
// is regional: a call of its global endpoint is signed for us-east-1 and stands there,
// any other stands in its region. A call by a service principal, by somebody who signs
// in with a token or by nobody stands in the account of what it acted on. Data events,
// such as SendMessage, are never in it.
//
// A call is kept as it is, and made a record when somebody looks. In memory the newest
// 10,000 calls of an account and region are kept, or fewer where all of them together
// would hold more than 64 MB. A state that outlives the process gets the records behind
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
//
// Left out: the limit of two LookupEvents a second [T079], which a test would only
// wait for; Insights events, so that the category insight has none.
package cloudtrail
