// Package events is Amazon EventBridge's event buses: events come to a bus, rules match
// them, and targets get them.
//
// # Buses, rules, targets
//
// Every account has a bus of the name default in every region [V010]. It has a record only
// once something about it was changed. Rules stand with their targets in one record each;
// every change of a bus's rules gives the bus another revision. The patterns of a bus are
// kept compiled as of one revision (match.go), and an event is matched without a write: only
// what is to be delivered is stored, in the transaction of the call that brought the event,
// and only if the rules are still those that matched.
//
// # Deliveries
//
// A delivery is a job in an outbox, with its event under a data key of EventBridge's own. It
// is a call of SQS, SNS or EventBridge like any other, by events.amazonaws.com on behalf of
// the rule, or by the role of the target, which EventBridge assumes for it. So the policies
// of queue, topic, bus, key and role decide. A topic is not told on behalf of which rule
// EventBridge publishes: a condition on aws:SourceArn or aws:SourceAccount in its policy, or
// in that of its key, keeps the event out [V210]. What is refused is not tried again; it goes
// to the dead-letter queue of the target, or is lost, and the log of deliveries says why.
//
// A role is assumed anew for each attempt. AWS keeps a session and goes on with it for a
// while after the role was closed to EventBridge; here what the role's trust policy and the
// organization say now decides, so that a test sees what it changed. The price is an
// AssumeRole in the event history for each attempt, where AWS has one for each session. Data
// keys cost nothing more: to KMS all sessions of a role are one requester.
//
// An event that a rule puts on another bus keeps its id, account, region and time, and goes
// no farther than that bus [V217] [V228].
//
// # Schedules
//
// One timer waits for the rule that is due next (tick.go). A rule ticks for the first time
// one period after it got its schedule, and once for every due time, also where the clock is
// turned over several, with the due time in the event. Disabling a rule and enabling it again
// leaves its due times as they were. A clock that is turned by more than a year lets a rule
// that is due every day, or more often, make up for the last year alone.
//
// # Where AWS is unclear
//
//   - A default bus that nobody has changed has no times of creation and change.
//   - UpdateEventBus takes away what it is not given.
//   - PutPermission with the id of a statement that is there replaces that statement. A policy
//     that loses its last statement is gone. What makes a document no policy is said after
//     "Parameter Policy is not valid. Reason: ".
//   - PutEvents for a bus of another account that does not let the caller in fails as a whole,
//     with AccessDeniedException, as it does where the caller's own policies do not [V094].
//   - A bus by an ARN of another region does not exist: in PutEvents its events are dropped.
//   - A detail type that is too long fails its entry with InvalidArgument. A detail that nests
//     deeper than 1,000 levels is malformed.
//   - RemoveTargets answers an id that the rule does not have as a failed entry of the code
//     ResourceNotFoundException.
//   - PutTargets refuses a role that EventBridge may not assume, or that does not exist, with
//     "Provided role 'ARN' cannot be assumed by principal 'events.amazonaws.com'."
//   - A role replaces the service principal for queues and topics too [V212]. The RoleArn of
//     a rule counts for its targets that are buses and have none.
//   - A bus in the rule's own account and region needs no role; then its policy must let
//     events.amazonaws.com in.
//   - A refusing topic or key is NO_PERMISSIONS in a dead letter, a missing one NO_RESOURCE,
//     a call that the target takes from nobody INVALID_PARAMETER. What an input transformer
//     cannot make JSON of is INVALID_JSON.
//   - Attempts follow each other after 1, 2, 4 … seconds, and at last every 8 minutes,
//     without jitter.
//   - PutEvents is no management event: the event history has none. All others are.
//   - Quotas on the numbers of buses and rules are not enforced; that on targets is.
//
// # Left out
//
// Targets other than queues, topics and buses are refused by PutTargets: nothing would ever
// get there. There are no archives and replays, API destinations and connections, partner
// event sources, global endpoints, pipes, schema registries, nor EventBridge Scheduler. A bus
// cannot be encrypted with a customer managed key, and keeps no log; both are refused. Its
// dead-letter queue is kept and never used: it is for events that such a key loses. No service
// manages rules, so that Force changes nothing. CloudTrail puts no events on buses, so that
// the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS is like ENABLED [V057].
package events
