package main

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

// benchCase is a case of 1.1 kB on the queue orders-QUEUE.
func benchCase(id, queue int) string {
	arn := fmt.Sprintf("arn:aws:sqs:us-east-1:123456789012:orders-%d", queue)
	return fmt.Sprintf(`{"id":"%d","action":"sqs:SendMessage","resource":{"arn":"%s","accountId":"123456789012"},`, id, arn) +
		`"principal":"arn:aws:iam::123456789012:role/app","identityPolicies":[{"Version":"2012-10-17","Statement":[` +
		`{"Sid":"Send","Effect":"Allow","Action":["sqs:SendMessage","sqs:GetQueueUrl"],"Resource":"` + arn + `",` +
		`"Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}},` +
		`{"Effect":"Deny","Action":"sqs:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["us-east-1","eu-west-1"]}}}]}],` +
		`"resourcePolicy":{"Version":"2012-10-17","Statement":[{"Sid":"Tls","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"` + arn + `",` +
		`"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]},"context":{"aws:SecureTransport":"true","aws:SourceIp":"203.0.113.7",` +
		`"aws:RequestedRegion":"us-east-1","aws:PrincipalTag/team":"blue","aws:ResourceTag/team":"blue",` +
		`"aws:PrincipalArn":"arn:aws:iam::123456789012:role/app"},"expect":"Allowed"}` + "\n"
}

// BenchmarkEval is what a case costs: where each has policies of its own, and where forty
// queues are asked about again and again.
func BenchmarkEval(b *testing.B) {
	for _, of := range []struct {
		name   string
		queues int
	}{{"OwnPolicies", 1 << 30}, {"SamePolicies", 40}} {
		b.Run(of.name, func(b *testing.B) {
			var cases bytes.Buffer
			for i := range b.N {
				cases.WriteString(benchCase(i, i%of.queues))
			}
			cmd := newEval()
			cmd.SetIn(&cases)
			cmd.SetOut(io.Discard)
			cmd.SetArgs([]string{"-"})
			b.ReportAllocs()
			b.ResetTimer()
			if err := cmd.Execute(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
