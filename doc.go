// Package waxseal runs an emulator of Amazon SQS, SNS and KMS inside a Go test,
// one that enforces policies and encrypts as AWS does.
//
//	func TestConsumerMayNotSend(t *testing.T) {
//		cloud := waxseal.Start(t)
//		queue := … // create it with sqs.NewFromConfig(cloud.Config())
//		consumer := cloud.Role("consumer", waxseal.Allow("sqs:ReceiveMessage", queueARN))
//		_, err := sqs.NewFromConfig(cloud.As(consumer)).SendMessage(…)
//		cloud.Denied(err, "sqs:SendMessage")
//	}
//
// Each Start has a state of its own and costs about a millisecond: tests may
// run in parallel. Calls go through memory, with no socket, so that all of it
// works inside a bubble of testing/synctest; URL opens a socket for clients of
// other kinds. Nothing is left running when the test is over.
//
// Decisions, Events and Deliveries show what happened, AtRest what is stored,
// and Explain and Denied why a call failed. A method that cannot do its work
// ends the test, as t.Fatal does, with a text that says what to do; Denied, an
// assertion, lets the test continue.
package waxseal
