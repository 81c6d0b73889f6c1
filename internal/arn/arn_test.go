package arn

import "testing"

func TestParseRoundTrip(t *testing.T) {
	for _, s := range []string{
		"arn:aws:sqs:us-east-1:123456789012:pettracker-notifications",
		"arn:aws:sns:us-east-1:123456789012:topic:8f5a8f3c-0000-0000-0000-000000000000",
		"arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
		"arn:aws:s3:::pettracker-images",
	} {
		a, err := Parse(s)
		if err != nil {
			t.Errorf("Parse(%q): %v", s, err)
		}
		if a.String() != s {
			t.Errorf("Parse(%q).String() = %q", s, a)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{"", "arn", "urn:aws:sqs:us-east-1:123456789012:q", "arn:aws:sqs:us-east-1:q"} {
		if a, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", s, a)
		}
	}
}

func TestPartitionFollowsRegion(t *testing.T) {
	for region, want := range map[string]string{
		"us-east-1": "aws", "cn-northwest-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "": "aws",
	} {
		if got := New("sqs", region, "123456789012", "q").Partition; got != want {
			t.Errorf("partition of %q = %q, want %q", region, got, want)
		}
	}
}

func TestIsAccountID(t *testing.T) {
	for s, want := range map[string]bool{"123456789012": true, "12345678901": false, "12345678901a": false, "": false} {
		if IsAccountID(s) != want {
			t.Errorf("IsAccountID(%q) = %v", s, !want)
		}
	}
}
