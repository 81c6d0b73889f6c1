// Package sns is Amazon SNS: topics, their subscriptions, and the way of a
// message from a publisher to what subscribes.
//
// # The model
//
// A topic belongs to the account and region in its ARN. What may be done with
// it, its access policy and the caller's own policies say. A topic that was
// given no policy has AWS's default one, which is evaluated as any other: it
// lets in the services that act for the owner's account, by the condition
// AWS:SourceOwner. The dispatcher sets that key (aws:SourceOwner) for calls of
// a service principal on behalf of an account, and for nobody else: the
// account's own users and roles need policies of their own.
//
// A topic policy means the users and roles that it named when it was set
// (Config.Names); read back, it shows the unique id of one who is gone and the
// root user of an account. A data protection policy, which is no IAM policy,
// names its principals by ARN alone.
//
// A subscription joins a topic to an endpoint. Its ARN begins with the topic's,
// so a topic's subscriptions are found by one scan; its filter and delivery
// policies are compiled once per stored form. One that waits for its
// endpoint's confirmation, or that a deleted topic left, stands aside, where
// Publish does not meet it.
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
//   - To mail, phones, Lambda, Firehose and push services at once, too: into
//     the outbox (Outbox), which is as far as they get.
//   - To HTTP endpoints in the background (HTTPSender): the job is in the store when
//     Publish returns.
//
// The worker (background.go) makes what waits in the store when it is due by the
// clock. Delays count from when an attempt was due, so turning the clock by an
// hour makes all attempts of that hour. What cannot be delivered goes to the
// subscription's dead-letter queue, in the form that the endpoint would have
// got, or is dropped; Publish has answered 200 whatever becomes of it. Every
// delivery has a record (Recorder): PENDING until it is over.
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
// The topic's KMS key stands between publishers and the topic: GenerateDataKey
// and Decrypt once in five minutes for each publisher, none for subscribers.
// What SNS stores of a message to such a topic (jobs that wait, the archive) is
// encrypted under a data key of SNS's own, which the HSM wraps: it can be
// delivered after a restart, when no publisher is there to ask KMS, and KMS is
// asked exactly as often as AWS's formula says.
//
// # Notifications
//
// A notification is JSON as SNS writes it, one member a line, signed with an
// RSA key of this server's own whose certificate is served where SigningCertURL
// says (Certificate). It is signed once for all subscribers who get the same
// text. Messages of FIFO topics are not signed. SigningCertURL and
// UnsubscribeURL are https whatever way the publisher came, for verifiers take
// nothing else; SubscribeURL is as the subscriber came, so that an endpoint can
// confirm that does not know this server's CA.
//
// # Where AWS is silent
//
//   - GetSubscriptionAttributes, SetSubscriptionAttributes, Unsubscribe,
//     ListSubscriptions and all else that acts on no topic is authorized on
//     arn:aws:sns:REGION:ACCOUNT:*, as seen in AWS's denials.
//   - Only its owner sees and changes a subscription; the topic's owner may end it.
//   - A subscription that is not confirmed ends after 48 hours, and so does what a
//     deleted topic leaves.
//   - A queue that belongs to another account than the subscriber's is sent a
//     SubscriptionConfirmation and must confirm.
//   - An HTTP endpoint that would have to confirm is connected to when it is
//     subscribed, but asked nothing before it is sent the confirmation: AWS's
//     "Unreachable Endpoint" is for what refuses a connection, has no address, or
//     no TLS that can be trusted. Where this machine has no network or name server,
//     nobody can tell, and the endpoint is taken. Declared subscriptions are not asked.
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
//   - A message that a data protection policy keeps from a subscriber does not go
//     to its dead-letter queue either. Findings of an audit go to the outbox.
//   - A stored delivery, subscription or archived message that is damaged is passed
//     by and hides no other; the log tells of it once. A topic that is deleted takes
//     its damaged subscriptions along.
//   - OptOut stands for a recipient's STOP, for which AWS has no call.
//   - Refusals whose text no recording shows follow the form of those that it shows.
//
// # What is left out
//
// Nothing is sent by mail, as text message, to Lambda, Firehose or push
// services: it is captured. Data protection policies may name all of AWS's data
// identifiers, but EmailAddress, PhoneNumber-US, CreditCardNumber, IpAddress and
// those that a policy defines itself are recognized; the log tells of others. No
// account is in the SMS sandbox or has origination numbers. Delivery status is
// not sampled into CloudWatch Logs, nor traced by X-Ray: the roles and rates are
// kept, and the records of all deliveries are there. Quotas on the number of
// topics, subscriptions and filter policies, and rates, are not enforced.
package sns
