// Package sqs is Amazon SQS: queues, their messages and who may use them.
//
// # Model
//
// A queue is a record with its attributes as they were set. Its messages are stored
// apart from it, in a backlog (backlog.go), with indexes in which the record that an
// operation needs is always the first: the oldest message that is ready, the next
// deadline, the oldest message of all. No timer moves messages: a message waits until
// a stored deadline, and an operation first applies what is due in its queue, a
// bounded number of messages at a time. Counts are updated with every change of a
// message's state. So an operation takes about as long on a queue of a million
// messages as on one of a thousand. A purge or deletion gives up the whole backlog,
// whose records are swept in the background.
//
// A long poll sleeps until its queue changes or its next deadline comes. Where the
// queue's record changed while a call waited, the call is authorized again before it
// takes anything; this does not make its wait longer.
//
// A FIFO queue's messages stand in lines, one for each group (fifo.go): a
// message that is in flight holds back all behind it. In a standard queue a
// group is a tenant of a fair queue (fair.go).
//
// # Encryption
//
// Only bodies are encrypted, by AES-256-GCM with the queue's ARN and the message's
// id as additional data: under a data key from KMS (SSE-KMS), obtained and cached as
// package envelope says, or under one that the service owns (SSE-SQS). The data
// key is stored, wrapped, with each message, so that a message keeps its key
// when the queue's is changed, and when it moves to a dead-letter queue. KMS is
// called as the caller, after SQS has authorized the call, and never within a
// transaction; when it refuses, the whole call fails and the queue stays as it was.
//
// A move task sends dead letters anew: it decrypts them and encrypts them for the
// queue that they go to, both as the principal that started the task.
//
// # Choices
//
// Where AWS leaves something open:
//
//   - Attributes take effect at once, not within 60 seconds; counts are exact.
//   - The name of a queue that CloudFormation deletes is free at once: on AWS, the
//     stack's deletion does not end before.
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
//   - A handle from before a purge, a move to a dead-letter queue or a move task no
//     longer means a message: deleting by it succeeds and deletes nothing.
//   - MessageNotInflight is never answered: a message that is not in flight stays
//     available, or the handle has expired or means no message any more.
//   - An entry of ChangeMessageVisibilityBatch is refused for an expired handle as
//     one of DeleteMessageBatch is, and a single call for another queue's handle as
//     an entry is.
//   - When 120,000 messages are in flight a receive from a standard queue fails
//     with OverLimit, unless it is a long poll, which waits for room; one from a FIFO
//     queue finds nothing.
//   - Tag keys that begin with aws: are refused.
//   - A request with an earlier version of the API is answered as one with the present
//     version.
//   - A dead-letter queue that was deleted takes nothing: messages stay where they are.
//   - Only receives from the queue itself count towards its maxReceiveCount,
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
//     moved by a move task, and hides no other: it is logged once. It counts
//     until it is too old.
//   - The SenderId of an AWS service is the id of a user, the same for each
//     service; that of an anonymous sender is its address.
//   - A queue policy means the users and roles that it named when it was set
//     (Config.Names). Read back, it shows the unique id of a principal that was
//     deleted, and the root user for an account. AddPermission and RemovePermission
//     change the policy as it is read back. An unknown unique id is refused even where
//     other unknown principals are accepted: no later principal can get that id.
//   - The root user of a queue's account may edit or delete a policy that denies
//     it, as AWS's list of the tasks of root users says: SetQueueAttributes with
//     Policy and nothing else gets past it, and no other call. In a session of
//     sts:AssumeRoot, GetQueueUrl and GetQueueAttributes get past it as well, but
//     SetQueueAttributes only where the policy is deleted (authorize.go). Other denials,
//     such as those of an SCP, stay in force.
//
// # What is left out
//
// Nothing is throttled: FifoThroughputLimit is kept and shown. There are no
// CloudWatch metrics.
package sqs
