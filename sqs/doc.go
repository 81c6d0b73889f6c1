// Package sqs is Amazon SQS: queues, their messages and who may use them.
//
// # Model
//
// A queue is a record with its attributes as they were set; its messages lie in
// a backlog of the store of their own (backlog.go), indexed so that whatever an
// operation wants stands at the beginning of an index: the oldest message that
// is ready, the next deadline, the oldest message of all. Time passes by
// comparison: a message waits until a stored deadline, and whoever looks at a
// queue first catches up on what is due, a bounded number at a time. Counts are kept
// with every change of a message's state. So every operation takes as long on a
// queue of a million messages as on one of a thousand, give or take a logarithm.
// A purged or deleted queue leaves its backlog behind, to be swept in the background.
//
// Long polls wait for a change of their queue or for its next deadline; nothing
// polls. A queue that changed while a call waited is decided on again before anything
// is taken from it, and the call waits no longer for that.
//
// A FIFO queue's messages stand in lines, one for each group (fifo.go): a
// message that is in flight holds back all behind it. In a standard queue a
// group is a tenant of a fair queue (fair.go).
//
// # Encryption
//
// Bodies alone are encrypted, by AES-256-GCM bound to the queue's ARN and the
// message's id: under a data key from KMS (SSE-KMS), obtained and cached as
// package envelope says, or under one that the service owns (SSE-SQS). The data
// key is stored, wrapped, with each message, so that a message keeps its key
// when the queue's is changed, and when it moves to a dead-letter queue. KMS is
// asked as the caller, after SQS has authorized the call, and never within a
// transaction; when it refuses, the whole call fails and the queue stays as it was.
//
// A move task sends dead letters anew, so that it decrypts them and encrypts
// them for the queue that they go to, both as who started it.
//
// # Choices
//
// Where AWS leaves something open:
//
//   - Attributes take effect at once, not within 60 seconds; counts are exact.
//   - Standard queues deliver in the order of arrival. A message whose visibility
//     timeout has run out keeps its place.
//   - FIFO groups are served in the order in which their first messages became
//     ready; one that was received from goes to the end of the line.
//   - A duplicate is answered with the id and sequence number of the first message.
//   - A tenant of a fair queue is noisy with ten messages in flight or more, and
//     more than all others together.
//   - New queues have SSE-SQS whether they are created over HTTPS or HTTP.
//   - SqsManagedSseEnabled=true alone on a queue with a KMS key switches to SSE-SQS.
//   - ChangeMessageVisibility by the handle of an earlier receive changes what the
//     latest receive holds.
//   - A handle of before a purge, a move to a dead-letter queue or a move task means
//     no message any more: deleting by it succeeds and deletes nothing.
//   - MessageNotInflight is never answered: a message that is not in flight stays
//     available, or the handle has expired or means no message any more.
//   - An entry of ChangeMessageVisibilityBatch is refused for an expired handle as
//     one of DeleteMessageBatch is, and a single call for another queue's handle as
//     an entry is.
//   - When 120,000 messages are in flight a receive from a standard queue fails
//     with OverLimit, unless it is a long poll, which waits for room; one from a FIFO
//     queue finds nothing.
//   - Tag keys that begin with aws: are refused.
//   - A version of the API before the present one is answered as that one is.
//   - A dead-letter queue that was deleted takes nothing: messages stay where they are.
//   - A queue counts towards maxReceiveCount what was received from it alone,
//     although ApproximateReceiveCount goes on counting in a dead-letter queue. A queue
//     that is its own dead-letter queue moves a message to itself and can yield
//     it in the same receive.
//   - RedrivePolicy and RedriveAllowPolicy are read back without white space; a
//     member that is there twice makes them no JSON map.
//   - A move task without a destination needs sqs:SendMessage on every queue
//     whose dead-letter queue it empties; it moves as many messages as were
//     there when it began, and fails with CouldNotDetermineMessageSource at one
//     that was not a dead letter. After a restart it goes on.
//   - A stored message that is damaged is not delivered, nor shown by Peek, nor
//     moved by a move task, and hides no other: the log tells of it once. It counts
//     until it is too old.
//   - The SenderId of an AWS service is the id of a user, the same for each
//     service; that of an anonymous sender is its address.
//   - A queue policy means the users and roles that it named when it was set
//     (Config.Names). Read back, it shows the unique id of one who is gone and the
//     root user of an account. Who adds or removes a permission sets what is read
//     back. The unique id of nobody is refused even where principals that do not
//     exist are not: it will never be anybody's.
//   - The root user of a queue's account may edit or delete a policy that denies
//     it, as AWS's list of the tasks of root users says: SetQueueAttributes with
//     Policy and nothing else gets past it, and no other call. In a session of
//     sts:AssumeRoot, GetQueueUrl and GetQueueAttributes get past it as well, but
//     SetQueueAttributes only where the policy is deleted (authorize.go). What denies
//     somewhere else, in an SCP for one, is in force.
//
// # What is left out
//
// Nothing is throttled: FifoThroughputLimit is kept and shown. There are no
// CloudWatch metrics.
package sqs
