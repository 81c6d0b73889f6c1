// Package sns is Amazon SNS: topics, their subscriptions, and the delivery of
// messages from publishers to subscribers.
//
// # The model
//
// A topic belongs to the account and region in its ARN. Its access policy and the
// caller's own policies decide what may be done with it. A topic without a policy has
// AWS's default policy, which is evaluated as any other: it allows the services that
// act for the owner's account, by the condition key AWS:SourceOwner. The dispatcher
// sets that key only for calls of a service principal on behalf of an account: the
// account's own users and roles need policies of their own.
//
// A topic policy means the users and roles that it named when it was set
// (Config.Names); read back, it shows the unique id of a deleted one, and the root
// user for an account. A data protection policy, which is no IAM policy, names its
// principals only by ARN.
//
// A subscription connects a topic to an endpoint. Its ARN begins with the topic's,
// so a topic's subscriptions are found by one scan; its filter and delivery
// policies are compiled once per stored form. Publish scans nothing: it finds the
// subscriptions that a message is for in the topic's roster (roster.go), which has an
// index over their filter policies and is brought up to date when they have changed. A
// subscription that is not confirmed yet, or whose topic was deleted, is stored in
// another bucket, and stands in no roster.
//
// # From Publish to an endpoint
//
// Publish checks the message, asks KMS for a data key as the publisher where
// the topic is encrypted, applies the topic's data protection policy, and makes
// one job for each subscription whose filter lets the message through
// (publish.go). Dispatch (dispatch.go) makes the jobs' first attempts:
//
//   - To queues at once, as the service principal sns.amazonaws.com, or that of
//     an opt-in region, on behalf of the topic (Queues): the queue's policy and
//     its key's policy decide at that moment. When Publish returns, every queue
//     has the message or has refused it. A refusal is final; only a failure of
//     SQS itself (5xx) is tried again.
//   - To mail, phones, Lambda, Firehose and push services at once, too: the message is
//     captured (Outbox) and not sent.
//   - To HTTP endpoints in the background (HTTPSender): the job is in the store when
//     Publish returns.
//
// The worker (background.go) makes the stored deliveries when they are due by the
// clock. Delays count from when an attempt was due, so turning the clock by an
// hour makes all attempts of that hour. A message that cannot be delivered goes to the
// subscription's dead-letter queue, in the form that the endpoint would have got, or
// is dropped; Publish has answered 200 before, however a delivery ends. Every
// delivery has a record (Recorder): PENDING until it has ended.
//
// # Order, duplicates, archive
//
// A FIFO topic numbers its messages and delivers under a lock of its own, so all
// subscribers see one order. It remembers a deduplication id for five minutes,
// from when the message was delivered (fifo.go). A topic that archives keeps
// its messages by time; a replay delivers from there to one subscription until
// it has caught up, and hands over to what is published next under the same
// lock (archive.go).
//
// # Encryption
//
// Publishers need the topic's KMS key: SNS calls GenerateDataKey and Decrypt as the
// publisher, once in five minutes for each, and never for subscribers. What SNS
// stores of a message to such a topic (waiting jobs, the archive) is encrypted under a
// data key of SNS's own, which the HSM wraps. So it can be delivered after a restart
// without a publisher for whom to call KMS, and KMS is called exactly as often as
// AWS's formula says.
//
// # Notifications
//
// A notification is JSON as SNS writes it, one member a line, signed with an
// RSA key of this server's own whose certificate is served where SigningCertURL
// says (Certificate). It is signed once for all subscribers who get the same
// text. Messages of FIFO topics are not signed. SigningCertURL and UnsubscribeURL are
// always https, because verifiers accept nothing else. SubscribeURL has the scheme of
// the Subscribe request, so that an endpoint that does not know this server's CA can
// confirm.
//
// # Where AWS is silent
//
//   - GetSubscriptionAttributes, SetSubscriptionAttributes, Unsubscribe,
//     ListSubscriptions and the other operations that act on no topic are authorized on
//     arn:aws:sns:REGION:ACCOUNT:*, as seen in AWS's denials.
//   - Only its owner sees and changes a subscription; the topic's owner may end it.
//   - A subscription that is not confirmed ends after 48 hours, and so do the
//     subscriptions of a deleted topic.
//   - A queue that belongs to another account than the subscriber's is sent a
//     SubscriptionConfirmation and must confirm.
//   - An HTTP endpoint that would have to confirm is connected to when it is
//     subscribed, but asked nothing before it is sent the confirmation: AWS's
//     "Unreachable Endpoint" is for one that refuses a connection, has no address, or
//     no trusted TLS certificate. Where this machine has no network or name server this
//     cannot be checked, and the endpoint is accepted. Endpoints of declared
//     subscriptions are not checked.
//   - An endpoint's user and password are sent after a 401 with a challenge that
//     names a realm: Digest (MD5, SHA-256; qop auth) before Basic.
//   - An endpoint's 2xx is success; 3xx and 4xx other than 429 are refusals; all
//     else, and no answer within 15 seconds, is tried again. Delays have no jitter.
//   - KMS's InvalidKeyUsageException is KMSInvalidState: SNS has no code of its own.
//   - Message attributes with a label of one's own (String.x, Number.x) are
//     filtered by as those without. A body filter looks at the text that the
//     subscriber would get. The policy {} filters nothing. A member that is null
//     or "" neither exists nor is absent; a text {} is as empty as no attributes.
//   - An empty string is a value: an empty ARN is a malformed one, an empty number
//     or device token is refused. Where a value means that there is none (an empty
//     MessageStructure, group or deduplication id, NextToken), it means that here too.
//   - White space is taken out of a filter policy before its columns are counted;
//     numbers and escapes stay as they were written.
//   - Unknown members are refused in all JSON documents, by the text that AWS has
//     for a RedrivePolicy's. A retry policy must have its delays and its number of
//     retries; the other members may be left out.
//   - Bare numbers in a filter policy match numbers of the same value; strings
//     never match numbers. Alternatives ($or) must be two objects at least.
//   - A replayed message has the attribute Replayed, and a deduplication id of the
//     replay's own, or FIFO queues would drop it.
//   - A message that a data protection policy withholds from a subscriber does not go
//     to its dead-letter queue either. Findings of an audit are captured.
//   - A stored delivery, subscription or archived message that is damaged is skipped
//     and hides no other; it is logged once. Damaged subscriptions are deleted with
//     their topic.
//   - OptOut stands for a recipient's STOP, for which AWS has no call.
//   - Errors whose text is in no recording of AWS follow the form of the recorded ones.
//
// # What is left out
//
// Nothing is sent by mail, as text message, to Lambda, Firehose or push
// services: it is captured. Data protection policies may name all of AWS's data
// identifiers, but only EmailAddress, PhoneNumber-US, CreditCardNumber, IpAddress and
// those that a policy defines itself are recognized; the others are logged. No
// account is in the SMS sandbox or has origination numbers. Delivery status is
// not sampled into CloudWatch Logs, nor traced by X-Ray: the roles and rates are
// kept, and the records of all deliveries are there. Quotas on the number of
// topics, subscriptions and filter policies, and rates, are not enforced.
package sns
