package sqs

import (
	"fmt"
	"testing"
)

func TestPermissions(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	add := func(label string, accounts []string, actions ...string) error {
		_, err := w.AddPermission(ctx(), &AddPermissionInput{QueueUrl: url, Label: label, AWSAccountIds: accounts, Actions: actions})
		return err
	}
	remove := func(label string) error {
		_, err := w.RemovePermission(ctx(), &RemovePermissionInput{QueueUrl: url, Label: label})
		return err
	}
	const arn = "arn:aws:sqs:us-east-1:123456789012:q"
	one := `{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"SQS:ReceiveMessage","Resource":"` + arn + `"}`
	two := `{"Sid":"two","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::222222222222:root"]},"Action":["SQS:SendMessage","SQS:*"],"Resource":"` + arn + `"}`
	document := func(statements string) string {
		return `{"Version":"2008-10-17","Id":"` + arn + `/SQSDefaultPolicy","Statement":[` + statements + `]}`
	}
	wantPolicy := func(want string) {
		t.Helper()
		if got := w.attributes(url)["Policy"]; got != want {
			t.Errorf("policy\n%s, want\n%s", got, want)
		}
	}
	if err := add("one", []string{"111111111111"}, "ReceiveMessage"); err != nil {
		t.Fatal(err)
	}
	wantPolicy(document(one)) // [Q182]
	if err := add("two", []string{"111111111111", "222222222222"}, "SendMessage", "*"); err != nil {
		t.Fatal(err)
	}
	wantPolicy(document(one + "," + two))
	wantError(t, add("one", []string{"111111111111"}, "SendMessage"), "InvalidParameterValue", // [Q183]
		"Value one for parameter Label is invalid. Reason: Already exists.")
	wantError(t, remove("three"), "InvalidParameterValue", // [Q184]
		"Value three for parameter Label is invalid. Reason: can't find label.")
	for _, action := range []string{"AddPermission", "CreateQueue", "ListQueues", "RemovePermission", "SetQueueAttributes", "TagQueue", "StartMessageMoveTask"} {
		wantError(t, add("x", []string{"111111111111"}, action), "InvalidParameterValue",
			"Value SQS:"+action+" for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.")
	}
	for _, action := range []string{"SendMessageBatch", "Nonsense"} {
		wantError(t, add("x", []string{"111111111111"}, action), "InvalidParameterValue",
			"Value SQS:"+action+" for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a list of valid actions.")
	}
	wantError(t, add("x", []string{"111111111111"}), "MissingParameter", "The request must contain the parameter Actions.")
	wantError(t, add("x", []string{}, "SendMessage"), "InvalidParameterValue", "Value [] for parameter PrincipalId is invalid. Reason: Unable to verify.")
	wantError(t, add("x", []string{"1"}, "SendMessage"), "InvalidParameterValue", "Value 1 for parameter PrincipalId is invalid. Reason: Unable to verify.")
	wantError(t, add("a b", []string{"111111111111"}, "SendMessage"), "InvalidParameterValue", "")
	wantError(t, add("x", []string{"111111111111"}, "*", "*", "*", "*", "*", "*", "*", "*"), "OverLimit", "8 Actions were found, maximum allowed is 7.")
	for i := range 18 {
		if err := add(fmt.Sprint("n", i), []string{"111111111111"}, "SendMessage"); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, add("toomany", []string{"111111111111"}, "SendMessage"), "OverLimit", "21 statements were found in the submitted policy, max allowed is 20")
	for i := range 18 {
		if err := remove(fmt.Sprint("n", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := remove("one"); err != nil {
		t.Fatal(err)
	}
	wantPolicy(document(two))
	if err := remove("two"); err != nil {
		t.Fatal(err)
	}
	wantPolicy("") // [Q185]

	// A policy that was there stays, a single statement becomes a list.
	w.set(url, "Policy", `{"Version":"2012-10-17","Statement":{"Sid":"mine","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringLike":{"aws:UserAgent":"<&>"}}}}`)
	if err := add("one", []string{"111111111111"}, "ReceiveMessage"); err != nil {
		t.Fatal(err)
	}
	wantPolicy(`{"Version":"2012-10-17","Statement":[{"Sid":"mine","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringLike":{"aws:UserAgent":"<&>"}}},` + one + `]}`)
}
