// Package waxseal runs an emulator of Amazon SQS, SNS and KMS inside a Go test,
// one that enforces policies and encrypts as AWS does.
//
//	func TestConsumerMayNotSend(t *testing.T) {
//		cloud := waxseal.Start(t)
//		queue := … // create it with sqs.NewFromConfig(cloud.Config())
//		_, err := sqs.NewFromConfig(cloud.As("role/consumer")).SendMessage(…)
//		if !strings.Contains(cloud.Explain(err), "no identity-based policy allows") {
//			t.Error(cloud.Explain(err))
//		}
//	}
//
// Each Start is a world of its own: tests may run in parallel. Calls go through
// memory, with no socket; URL opens one for clients of other kinds.
package waxseal
