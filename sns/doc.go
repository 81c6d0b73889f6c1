// Package sns is Amazon SNS: topics, their subscriptions, and the way of a
// message from a publisher to what subscribes.
//
// # The model
//
// A topic belongs to the account and region in its ARN. What may be done with
// it, its access policy and the caller's own policies say; a topic that was
// given none has AWS's default policy, which is evaluated as any other. The
// default policy lets in whoever acts for the owner's account, by the condition
// AWS:SourceOwner; the dispatcher sets that key.
//
// A subscription joins a topic to an endpoint. Its ARN begins with the topic's,
// so a topic's subscriptions are found by one scan, and what is derived from a
// subscription's stored form is derived once.
//
// Publish answers 200 whatever becomes of the deliveries. To a queue SNS
// delivers as the service principal sns.amazonaws.com, on behalf of the topic,
// and the queue's policy and its key's policy decide at that moment. A queue
// that refuses is not asked again. When Publish returns, every queue has the
// message or has refused it, and every delivery has a record (Recorder).
//
// A topic with a KMS key costs the publisher a data key once in five minutes,
// asked for with the publisher's own permissions; who may not use the key may
// not publish. Subscribers need nothing of the topic's key.
//
// # Notifications
//
// A notification is JSON as SNS writes it, one member a line, signed with an
// RSA key of this server's own whose certificate is served where SigningCertURL
// says. Messages of FIFO topics are not signed.
package sns
