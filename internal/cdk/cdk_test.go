package cdk

import "testing"

func TestRole(t *testing.T) {
	for name, want := range map[string][3]string{
		"cdk-hnb659fds-deploy-role-123456789012-us-east-1":            {"hnb659fds", "123456789012", "us-east-1"},
		"cdk-mine-file-publishing-role-123456789012-eu-west-1":        {"mine", "123456789012", "eu-west-1"},
		"cdk-hnb659fds-cfn-exec-role-123456789012-us-gov-west-1":      {"hnb659fds", "123456789012", "us-gov-west-1"},
		"cdk-hnb659fds-deploy-role-123456789012":                      {},
		"cdk-hnb659fds-admin-role-123456789012-us-east-1":             {},
		"my-cdk-hnb659fds-deploy-role-123456789012-us-east-1":         {},
		"cdk-muchtoolongqualifier-deploy-role-123456789012-us-east-1": {},
	} {
		qualifier, account, region, ok := Role(name)
		if got := [3]string{qualifier, account, region}; got != want || ok != (want[0] != "") {
			t.Errorf("%s: %v, %t", name, got, ok)
		}
	}
}
