package explain_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/explain"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// coverage asks for the coverage report.
func coverage(t *testing.T, s *server.Server) *explain.Coverage {
	t.Helper()
	status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/coverage", "")
	report := new(explain.Coverage)
	if err := json.Unmarshal([]byte(body), report); err != nil || status != http.StatusOK {
		t.Fatalf("answered %d %s: %v", status, body, err)
	}
	return report
}

// countsOf are allowed, denied, conditionFailed and unmatched of each statement.
func countsOf(t *testing.T, r *explain.Coverage, owner, kind, name string) (counts [][4]uint64) {
	t.Helper()
	for _, p := range r.Policies {
		if p.Owner != owner || p.Kind != kind || p.Name != name {
			continue
		}
		for _, st := range p.Statements {
			counts = append(counts, [4]uint64{st.Allowed, st.Denied, st.ConditionFailed, st.Unmatched})
		}
		return counts
	}
	t.Fatalf("no %s policy %s of %s in %+v", kind, name, owner, r.Policies)
	return nil
}

func wantCounts(t *testing.T, s *server.Server, owner, kind, name string, want ...[4]uint64) {
	t.Helper()
	if d := cmp.Diff(want, countsOf(t, coverage(t, s), owner, kind, name)); d != "" {
		t.Errorf("%s policy %s of %s (-want +got):\n%s", kind, name, owner, d)
	}
}

func roleParams(name string) map[string]any {
	return map[string]any{"RoleName": name, "AssumeRolePolicyDocument": servertest.PolicyText(`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}`)}
}

const (
	coveredQueue = "arn:aws:sqs:us-east-1:123456789012:q"
	coveredURL   = "http://127.0.0.1:4566/123456789012/q"
	coveredRole  = "arn:aws:iam::123456789012:role/r"
)

func TestCoverageOfNothing(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.ActAs(t, s, "root", "sqs:CreateQueue", map[string]any{"QueueName": "q"})
	servertest.ActAs(t, s, "root", "sns:CreateTopic", map[string]any{"Name": "t"})
	servertest.ActAs(t, s, "root", "kms:CreateKey", map[string]any{})
	status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/coverage", "")
	servertest.WantAnswer(t, status, body, 200, `{"covered":0,"statements":0,"percent":100,"policies":[]}`)
	status, body = servertest.Ask(s, http.MethodGet, "/_waxseal/coverage?min=1", "")
	servertest.WantAnswer(t, status, body, 400, `there is no parameter \"min\"`)
}

// Each statement of a queue's and a role's policies has what became of it.
func TestCoverageCountsCalls(t *testing.T) {
	s := servertest.New(t, server.Config{})
	queuePolicy := func(source string) string {
		return servertest.PolicyText("\n" + `{"Sid":"Send","Effect":"Allow","Principal":{"AWS":"` + coveredRole + `"},"Action":"sqs:SendMessage","Resource":"*"},` + "\n" +
			`{"Effect":"Deny","Principal":"*","Action":"sqs:PurgeQueue",` + "\n" + `"Resource":"*"},` + "\n" +
			`{"Effect":"Allow","Principal":"*","Action":"sqs:ReceiveMessage","Resource":"*","Condition":{"ArnEquals":{"aws:SourceArn":"` + source + `"}}},` + "\n" +
			`{"Effect":"Allow","Principal":"*","Action":"sqs:DeleteMessage","Resource":"*"}`)
	}
	setPolicy := func(source string) {
		servertest.ActAs(t, s, "root", "sqs:SetQueueAttributes", map[string]any{"QueueUrl": coveredURL, "Attributes": map[string]string{"Policy": queuePolicy(source)}})
	}
	servertest.ActAs(t, s, "root", "iam:CreateRole", roleParams("r"))
	servertest.ActAs(t, s, "root", "iam:PutRolePolicy", map[string]any{"RoleName": "r", "PolicyName": "send", "PolicyDocument": servertest.PolicyText(`{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}`)})
	servertest.ActAs(t, s, "root", "sqs:CreateQueue", map[string]any{"QueueName": "q"})
	setPolicy("arn:aws:sns:us-east-1:123456789012:t")
	// Policies that no request ever met are there with zeros.
	wantCounts(t, s, coveredQueue, "resource", "resource", [4]uint64{}, [4]uint64{}, [4]uint64{}, [4]uint64{})
	wantCounts(t, s, coveredRole, "identity", "send", [4]uint64{})
	wantCounts(t, s, coveredRole, "trust", "trust", [4]uint64{})

	send := map[string]any{"QueueUrl": coveredURL, "MessageBody": "x"}
	servertest.ActAs(t, s, "role/r", "sqs:SendMessage", send)
	servertest.ActAs(t, s, "role/r", "sqs:SendMessage", send)
	for _, action := range []string{"sqs:PurgeQueue", "sqs:ReceiveMessage"} {
		if status, _ := servertest.TryAs(t, s, "role/r", action, map[string]any{"QueueUrl": coveredURL}); status == http.StatusOK {
			t.Errorf("%s is allowed", action)
		}
	}
	met := [][4]uint64{{2, 0, 0, 2}, {0, 1, 0, 3}, {0, 0, 1, 3}, {0, 0, 0, 4}}
	wantCounts(t, s, coveredQueue, "resource", "resource", met...)
	wantCounts(t, s, coveredRole, "identity", "send", [4]uint64{2, 0, 0, 2})
	report := coverage(t, s)
	if report.Covered != 3 || report.Statements != 6 || report.Percent != 50 {
		t.Errorf("%d of %d covered, %v %%", report.Covered, report.Statements, report.Percent)
	}
	for _, p := range report.Policies {
		if p.Kind == "resource" {
			if st := p.Statements[1]; st.Sid != "" || st.Effect != "Deny" || st.Line != 3 || st.EndLine != 4 || p.Statements[0].Sid != "Send" {
				t.Errorf("statements %+v", p.Statements)
			}
		}
	}

	// What is stored anew beside a policy takes nothing from its counts.
	servertest.ActAs(t, s, "root", "sqs:TagQueue", map[string]any{"QueueUrl": coveredURL, "Tags": map[string]string{"a": "b"}})
	servertest.ActAs(t, s, "root", "iam:PutRolePolicy", map[string]any{"RoleName": "r", "PolicyName": "other", "PolicyDocument": servertest.PolicyText(`{"Effect":"Deny","Action":"sns:*","Resource":"*"}`)})
	servertest.ActAs(t, s, "role/r", "sqs:SendMessage", send)
	wantCounts(t, s, coveredRole, "identity", "send", [4]uint64{3, 0, 0, 2})
	wantCounts(t, s, coveredRole, "identity", "other", [4]uint64{0, 0, 0, 1})
	tagged := countsOf(t, coverage(t, s), coveredQueue, "resource", "resource")
	if tagged[0] != [4]uint64{3, 0, 0, tagged[0][3]} || tagged[1][1] != 1 {
		t.Errorf("after TagQueue: %v", tagged)
	}
	// A policy that is replaced begins anew.
	setPolicy("arn:aws:sns:us-east-1:123456789012:u")
	wantCounts(t, s, coveredQueue, "resource", "resource", [4]uint64{}, [4]uint64{}, [4]uint64{}, [4]uint64{})
	servertest.ActAs(t, s, "role/r", "sqs:SendMessage", send)
	wantCounts(t, s, coveredQueue, "resource", "resource", [4]uint64{1, 0, 0, 0}, [4]uint64{0, 0, 0, 1}, [4]uint64{0, 0, 0, 1}, [4]uint64{0, 0, 0, 1})
	// A reset ends all.
	servertest.Ask(s, http.MethodPost, "/_waxseal/reset", "")
	if report := coverage(t, s); report.Statements != 0 {
		t.Errorf("after a reset: %+v", report)
	}
}

// Every kind of owner's policy is counted by the very document that decides.
func TestCoverageOfEveryOwner(t *testing.T) {
	s := servertest.New(t, server.Config{})
	const (
		topic   = "arn:aws:sns:us-east-1:123456789012:t"
		managed = "arn:aws:iam::123456789012:policy/m"
		limit   = "arn:aws:iam::123456789012:policy/limit"
		aws     = "arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess"
		user    = "arn:aws:iam::123456789012:user/u"
		group   = "arn:aws:iam::123456789012:group/g"
	)
	allow := func(action string) string {
		return servertest.PolicyText(`{"Effect":"Allow","Action":"` + action + `","Resource":"*"}`)
	}
	allowAll := func(action string) string {
		return servertest.PolicyText(`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"` + action + `","Resource":"*"}`)
	}
	servertest.ActAs(t, s, "root", "iam:CreatePolicy", map[string]any{"PolicyName": "m", "PolicyDocument": allow("kms:DescribeKey")})
	servertest.ActAs(t, s, "root", "iam:CreatePolicy", map[string]any{"PolicyName": "limit", "PolicyDocument": allow("*")})
	servertest.ActAs(t, s, "root", "iam:CreateUser", map[string]any{"UserName": "u", "PermissionsBoundary": limit})
	servertest.ActAs(t, s, "root", "iam:PutUserPolicy", map[string]any{"UserName": "u", "PolicyName": "own", "PolicyDocument": allow("sns:Publish")})
	servertest.ActAs(t, s, "root", "iam:AttachUserPolicy", map[string]any{"UserName": "u", "PolicyArn": managed})
	servertest.ActAs(t, s, "root", "iam:AttachUserPolicy", map[string]any{"UserName": "u", "PolicyArn": aws})
	servertest.ActAs(t, s, "root", "iam:CreateGroup", map[string]any{"GroupName": "g"})
	servertest.ActAs(t, s, "root", "iam:PutGroupPolicy", map[string]any{"GroupName": "g", "PolicyName": "assume", "PolicyDocument": allow("sts:AssumeRole")})
	servertest.ActAs(t, s, "root", "iam:AddUserToGroup", map[string]any{"GroupName": "g", "UserName": "u"})
	servertest.ActAs(t, s, "root", "iam:CreateRole", roleParams("r"))
	servertest.ActAs(t, s, "root", "sns:CreateTopic", map[string]any{"Name": "t", "Attributes": map[string]string{"Policy": allowAll("sns:Publish")}})
	key := servertest.ActAs(t, s, "root", "kms:CreateKey", map[string]any{"Policy": allowAll("kms:*")})["KeyMetadata"].(map[string]any)["Arn"].(string)

	servertest.ActAs(t, s, "user/u", "sns:Publish", map[string]any{"TopicArn": topic, "Message": "x"})
	servertest.ActAs(t, s, "user/u", "kms:DescribeKey", map[string]any{"KeyId": key})
	servertest.ActAs(t, s, "user/u", "sts:AssumeRole", map[string]any{"RoleArn": coveredRole, "RoleSessionName": "session"})
	servertest.ActAs(t, s, "user/u", "sns:ListTopics", map[string]any{})
	report := coverage(t, s)
	for _, p := range []struct{ owner, kind, name string }{
		{topic, "resource", "resource"}, {key, "resource", "resource"}, {coveredRole, "trust", "trust"}, {user, "identity", "own"},
		{group, "identity", "assume"}, {managed, "identity", "identity"}, {limit, "boundary", "boundary"}, {aws, "identity", "identity"},
	} {
		if counts := countsOf(t, report, p.owner, p.kind, p.name); counts[0][0] == 0 {
			t.Errorf("%s %s of %s: %v", p.kind, p.name, p.owner, counts)
		}
	}
	// AWS's own policies count only where they are attached.
	servertest.ActAs(t, s, "root", "iam:DetachUserPolicy", map[string]any{"UserName": "u", "PolicyArn": aws})
	for _, p := range coverage(t, s).Policies {
		if strings.HasPrefix(p.Owner, "arn:aws:iam::aws:") {
			t.Errorf("%s counts", p.Owner)
		}
	}
}

// An organization's own SCPs and RCPs are counted, not AWS's.
func TestCoverageOfAnOrganization(t *testing.T) {
	s := servertest.New(t, server.Config{})
	organization := servertest.ActAs(t, s, "root", "organizations:CreateOrganization", map[string]any{"FeatureSet": "ALL"})["Organization"].(map[string]any)
	if organization["Id"] == "" {
		t.Fatal("no organization")
	}
	root := servertest.ActAs(t, s, "root", "organizations:ListRoots", map[string]any{})["Roots"].([]any)[0].(map[string]any)["Id"].(string)
	created := servertest.ActAs(t, s, "root", "organizations:CreateAccount", map[string]any{"AccountName": "member", "Email": "m@example.com"})
	member := created["CreateAccountStatus"].(map[string]any)["AccountId"].(string)
	arns := map[string]string{}
	for kind, document := range map[string]string{
		"SERVICE_CONTROL_POLICY":  servertest.PolicyText(`{"Effect":"Deny","Action":"sqs:PurgeQueue","Resource":"*"},{"Effect":"Deny","Action":"sns:*","Resource":"*"}`),
		"RESOURCE_CONTROL_POLICY": servertest.PolicyText(`{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}`),
	} {
		servertest.ActAs(t, s, "root", "organizations:EnablePolicyType", map[string]any{"RootId": root, "PolicyType": kind})
		policy := servertest.ActAs(t, s, "root", "organizations:CreatePolicy", map[string]any{"Name": "p" + kind, "Description": "d", "Type": kind, "Content": document})
		summary := policy["Policy"].(map[string]any)["PolicySummary"].(map[string]any)
		arns[kind] = summary["Arn"].(string)
		servertest.ActAs(t, s, "root", "organizations:AttachPolicy", map[string]any{"PolicyId": summary["Id"], "TargetId": member})
	}
	as := "arn:aws:iam::" + member + ":root"
	url := servertest.ActAs(t, s, as, "sqs:CreateQueue", map[string]any{"QueueName": "q"})["QueueUrl"]
	servertest.TryAs(t, s, as, "sqs:PurgeQueue", map[string]any{"QueueUrl": url})
	servertest.TryAs(t, s, as, "sqs:SendMessage", map[string]any{"QueueUrl": url, "MessageBody": "x"})
	wantCounts(t, s, arns["SERVICE_CONTROL_POLICY"], "scp", "scp", [4]uint64{0, 1, 0, 2}, [4]uint64{0, 0, 0, 3})
	wantCounts(t, s, arns["RESOURCE_CONTROL_POLICY"], "rcp", "rcp", [4]uint64{0, 1, 0, 2})
	for _, p := range coverage(t, s).Policies {
		if strings.HasSuffix(p.Owner, "FullAWSAccess") {
			t.Errorf("%s counts", p.Owner)
		}
	}
}
