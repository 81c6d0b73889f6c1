// Package arn reads and writes Amazon Resource Names.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
package arn

import (
	"fmt"
	"strings"
)

// ARN is an Amazon Resource Name in its parts:
// arn:Partition:Service:Region:AccountID:Resource. Resource keeps the colons
// and slashes that follow the account.
type ARN struct {
	Partition, Service, Region, AccountID, Resource string
}

// Parse splits s. It fails where s has fewer than six elements or does not
// start with "arn:".
func Parse(s string) (ARN, error) {
	rest, ok := strings.CutPrefix(s, "arn:")
	var a ARN
	for _, part := range [...]*string{&a.Partition, &a.Service, &a.Region, &a.AccountID} {
		if ok {
			*part, rest, ok = strings.Cut(rest, ":")
		}
	}
	if !ok {
		return ARN{}, fmt.Errorf("arn: %q is not an ARN", s)
	}
	a.Resource = rest
	return a, nil
}

func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.AccountID + ":" + a.Resource
}

// New is the ARN of a resource in a region, in that region's partition.
func New(service, region, account, resource string) ARN {
	return ARN{Partition(region), service, region, account, resource}
}

// Global is the ARN of a resource of a service without regions (IAM, STS).
// region tells the partition alone.
func Global(service, region, account, resource string) ARN {
	return ARN{Partition(region), service, "", account, resource}
}

// Partition is the partition of a region: aws-cn, aws-us-gov or aws.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

// GlobalRegion is the region in whose CloudTrail the calls of global services stand, in
// the partition of a region.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events.
func GlobalRegion(region string) string {
	switch Partition(region) {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	default:
		return "us-east-1"
	}
}

// IsPartition reports whether s is one of the partitions that Partition tells.
func IsPartition(s string) bool { return s == "aws" || s == "aws-cn" || s == "aws-us-gov" }

// IsAccountID reports whether s has the form of an AWS account: 12 digits.
func IsAccountID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
