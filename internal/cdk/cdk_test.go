package cdk

import "testing"

func TestRole(t *testing.T) {
	for name, want := range map[string]Role{
		"cdk-hnb659fds-deploy-role-123456789012-us-east-1":            {Qualifier: "hnb659fds", Account: "123456789012", Region: "us-east-1"},
		"cdk-mine-file-publishing-role-123456789012-eu-west-1":        {Qualifier: "mine", Account: "123456789012", Region: "eu-west-1"},
		"cdk-hnb659fds-cfn-exec-role-123456789012-us-gov-west-1":      {Qualifier: "hnb659fds", Account: "123456789012", Region: "us-gov-west-1", Execution: true},
		"cdk-hnb659fds-deploy-role-123456789012":                      {},
		"cdk-hnb659fds-admin-role-123456789012-us-east-1":             {},
		"my-cdk-hnb659fds-deploy-role-123456789012-us-east-1":         {},
		"cdk-muchtoolongqualifier-deploy-role-123456789012-us-east-1": {},
	} {
		if got, ok := ReadRole(name); got != want || ok != (want != Role{}) {
			t.Errorf("%s: %+v, %t", name, got, ok)
		}
	}
}
