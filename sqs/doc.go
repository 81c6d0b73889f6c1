// Package sqs is Amazon SQS: queues, their messages and who may use them.
//
// # Model
//
// A queue is a record with its attributes as they were set; its messages lie in
// a room of the store of their own (room.go), indexed so that whatever an
// operation wants stands at the beginning of an index: the oldest message that
// is ready, the next deadline, the oldest message of all. Time passes by
// comparison: a message waits until a stored deadline, and whoever looks at a
// queue first settles what is due, a bounded number at a time. Counts are kept
// with every change of a message's state. So every operation takes as long on a
// queue of a million messages as on one of a thousand, give or take a logarithm.
//
// Long polls wait for a change of their queue or for its next deadline; nothing polls.
//
// # Encryption
//
// Bodies alone are encrypted, by AES-256-GCM bound to the queue's ARN and the
// message's id: under a data key from KMS (SSE-KMS), obtained and cached as
// package envelope says, or under one that the service owns (SSE-SQS). The data
// key is stored, wrapped, with each message, so that a message keeps its key
// when the queue's is changed, and when it moves to a dead-letter queue. KMS is
// asked as the caller, after SQS has authorised the call, and never within a
// transaction; when it refuses, the whole call fails and the queue stays as it was.
//
// # Choices
//
// Where AWS leaves something open:
//
//   - Attributes take effect at once, not within 60 seconds.
//   - Standard queues deliver in the order of arrival. A message whose visibility
//     timeout has run out keeps its place.
//   - New queues have SSE-SQS whether they are created over HTTPS or HTTP.
//   - SqsManagedSseEnabled=true alone on a queue with a KMS key switches to SSE-SQS.
//   - ChangeMessageVisibility on a standard queue's message whose timeout has run
//     out hides it again.
//   - The SenderId of an AWS service is the id of a user, the same for each service.
package sqs
