package iam_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/iam"
)

// Every managed policy of AWS can be listed, read and attached.
func TestManagedPoliciesOfAWS(t *testing.T) {
	w := newTestbed(t)
	in, n, pages := iam.ListPoliciesInput{Scope: "AWS"}, 0, 0
	for more := true; more; pages++ {
		out := must[*iam.ListPoliciesOutput](t)(w.ListPolicies(w.ctx(), &in))
		n += len(out.Policies)
		in.Marker, more = out.Marker, out.IsTruncated
	}
	if n < 1500 || pages != (n+99)/100 {
		t.Errorf("%d policies on %d pages", n, pages)
	}
	const lambda = "arn:aws:iam::aws:policy/AWSLambda_FullAccess"
	p := must[*iam.GetPolicyOutput](t)(w.GetPolicy(w.ctx(), &iam.GetPolicyInput{PolicyArn: lambda})).Policy
	versions := must[*iam.ListPolicyVersionsOutput](t)(w.ListPolicyVersions(w.ctx(), &iam.ListPolicyVersionsInput{PolicyArn: lambda})).Versions
	if !p.IsAttachable || p.CreateDate.Year() != 2020 || len(versions) != 1 || versions[0].VersionId != p.DefaultVersionId || p.DefaultVersionId == "v1" || !strings.HasPrefix(p.PolicyId, "ANPA") {
		t.Errorf("%+v, %+v", p, versions)
	}
	version := must[*iam.GetPolicyVersionOutput](t)(w.GetPolicyVersion(w.ctx(), &iam.GetPolicyVersionInput{PolicyArn: lambda, VersionId: p.DefaultVersionId})).PolicyVersion
	document, err := url.QueryUnescape(version.Document)
	if err != nil || !json.Valid([]byte(document)) || !strings.Contains(document, `"lambda:*"`) {
		t.Errorf("document %s, %v", document, err)
	}
	w.role("r")
	must[*iam.AttachRolePolicyOutput](t)(w.AttachRolePolicy(w.ctx(), &iam.AttachRolePolicyInput{RoleName: "r", PolicyArn: "arn:aws:iam::aws:policy/SecurityAudit"}))
	out := must[*iam.SimulatePrincipalPolicyOutput](t)(w.SimulatePrincipalPolicy(w.ctx(), &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: "arn:aws:iam::" + account + ":role/r", ActionNames: []string{"sqs:GetQueueAttributes", "s3:GetBucketPolicy", "sqs:SendMessage"},
	}))
	var decisions []string
	for _, r := range out.EvaluationResults {
		decisions = append(decisions, r.EvalDecision)
	}
	if diff := cmp.Diff([]string{"allowed", "allowed", "implicitDeny"}, decisions); diff != "" {
		t.Error(diff)
	}
	details := must[*iam.GetAccountAuthorizationDetailsOutput](t)(w.GetAccountAuthorizationDetails(w.ctx(), &iam.GetAccountAuthorizationDetailsInput{Filter: []string{"AWSManagedPolicy"}})).Policies
	if len(details) != 1 || len(details[0].PolicyVersionList) != 1 || details[0].PolicyVersionList[0].Document == "" {
		t.Errorf("%+v", details)
	}
}

// AWS makes new policies every week: what is not known here can be attached all
// the same, grants nothing, and the log says so.
func TestAnUnknownPolicyOfAWSGrantsNothing(t *testing.T) {
	w, log := newTestbed(t), new(bytes.Buffer)
	w.Service = iam.New(iam.Config{Directory: w.dir, Log: slog.New(slog.NewTextHandler(log, nil))})
	const newer = "arn:aws:iam::aws:policy/service-role/NewerThanThis"
	w.role("r")
	must[*iam.AttachRolePolicyOutput](t)(w.AttachRolePolicy(w.ctx(), &iam.AttachRolePolicyInput{RoleName: "r", PolicyArn: newer}))
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), newer) || !strings.Contains(log.String(), "grants nothing") {
		t.Errorf("the log says %s", log)
	}
	attached := must[*iam.ListAttachedRolePoliciesOutput](t)(w.ListAttachedRolePolicies(w.ctx(), &iam.ListAttachedRolePoliciesInput{RoleName: "r"})).AttachedPolicies
	if diff := cmp.Diff([]iam.AttachedPolicy{{PolicyArn: newer, PolicyName: "NewerThanThis"}}, attached); diff != "" {
		t.Error(diff)
	}
	_, err := w.GetPolicy(w.ctx(), &iam.GetPolicyInput{PolicyArn: newer})
	fails(t, err, "NoSuchEntity", 404, "Policy "+newer+" was not found.")
	out := must[*iam.SimulatePrincipalPolicyOutput](t)(w.SimulatePrincipalPolicy(w.ctx(), &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: "arn:aws:iam::" + account + ":role/r", ActionNames: []string{"sqs:SendMessage"},
	}))
	if d := out.EvaluationResults[0].EvalDecision; d != "implicitDeny" {
		t.Errorf("it grants: %s", d)
	}
	must[*iam.DetachRolePolicyOutput](t)(w.DetachRolePolicy(w.ctx(), &iam.DetachRolePolicyInput{RoleName: "r", PolicyArn: newer}))
}
