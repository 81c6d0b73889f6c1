package cloudformation_test

import "testing"

const queueTemplate = `
Resources:
  Copy:
    Type: AWS::SQS::Queue
    Properties:
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Letters.Arn, maxReceiveCount: 3}
  Letters:
    Type: AWS::SQS::Queue
    Properties: {QueueName: letters, VisibilityTimeout: "45"}
Outputs:
  URL: {Value: !Ref Letters}
`

func TestCreateStack(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate)
	wantLines(t, w.events("shop"), `
		shop CREATE_IN_PROGRESS User Initiated
		Letters CREATE_IN_PROGRESS -
		Letters CREATE_IN_PROGRESS Resource creation Initiated
		Letters CREATE_COMPLETE
		Copy CREATE_IN_PROGRESS -
		Copy CREATE_IN_PROGRESS Resource creation Initiated
		Copy CREATE_COMPLETE
		shop CREATE_COMPLETE`)
	if got := w.outputs("shop")["URL"]; got != "http://127.0.0.1:4566/123456789012/letters" {
		t.Errorf("Ref of a queue is %q", got)
	}
}
