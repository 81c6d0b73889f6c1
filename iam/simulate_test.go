package iam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

const queue = "arn:aws:sqs:eu-west-1:" + account + ":q"

var onlyShapes = cmpopts.IgnoreUnexported(iam.EvaluationResult{})

// The example of AWS's command line: the answer is AWS's, position by position.
func TestSimulateTheExampleOfAWS(t *testing.T) {
	w := newTestbed(t)
	out := must[*iam.SimulateCustomPolicyOutput](t)(w.SimulateCustomPolicy(w.ctx(), &iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}`},
		ActionNames:     []string{"dynamodb:CreateBackup"},
		ContextEntries:  []iam.ContextEntry{{ContextKeyName: "aws:CurrentTime", ContextKeyType: "date", ContextKeyValues: []string{"2019-04-25T11:00:00Z"}}},
	}))
	want := []iam.EvaluationResult{{
		EvalActionName: "dynamodb:CreateBackup", EvalResourceName: "*", EvalDecision: "allowed",
		MatchedStatements: []iam.Statement{{
			SourcePolicyId: "PolicyInputList.1", SourcePolicyType: "IAM Policy",
			StartPosition: &iam.Position{Line: 1, Column: 38}, EndPosition: &iam.Position{Line: 1, Column: 167},
		}},
		MissingContextValues: []string{},
	}}
	if diff := cmp.Diff(want, out.EvaluationResults, onlyShapes); diff != "" {
		t.Error(diff)
	}
}

// AdministratorAccess is where many people have seen these positions.
func TestPositionsInAList(t *testing.T) {
	w := newTestbed(t)
	const document = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"*\",\n      \"Resource\": \"*\"\n    },\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"sqs:*\",\n      \"Resource\": \"*\"\n    }\n  ]\n}"
	out := must[*iam.SimulateCustomPolicyOutput](t)(w.SimulateCustomPolicy(w.ctx(), &iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{document}, ActionNames: []string{"sqs:SendMessage"},
	}))
	want := []iam.Statement{
		{SourcePolicyId: "PolicyInputList.1", SourcePolicyType: "IAM Policy", StartPosition: &iam.Position{Line: 3, Column: 17}, EndPosition: &iam.Position{Line: 8, Column: 6}},
		{SourcePolicyId: "PolicyInputList.1", SourcePolicyType: "IAM Policy", StartPosition: &iam.Position{Line: 8, Column: 6}, EndPosition: &iam.Position{Line: 13, Column: 6}},
	}
	if diff := cmp.Diff(want, out.EvaluationResults[0].MatchedStatements); diff != "" {
		t.Error(diff)
	}
}

func custom(w *testbed, in iam.SimulateCustomPolicyInput) iam.EvaluationResult {
	w.t.Helper()
	if in.ActionNames == nil {
		in.ActionNames = []string{"sqs:SendMessage"}
	}
	if in.PolicyInputList == nil {
		in.PolicyInputList = []string{allowSend}
	}
	out := must[*iam.SimulateCustomPolicyOutput](w.t)(w.SimulateCustomPolicy(w.ctx(), &in))
	if len(out.EvaluationResults) != 1 {
		w.t.Fatalf("%d results", len(out.EvaluationResults))
	}
	return out.EvaluationResults[0]
}

func TestSimulateCustom(t *testing.T) {
	w := newTestbed(t)
	const user = "arn:aws:iam::" + account + ":user/u"
	otherUser := strings.Replace(user, account, "999999999999", 1)
	deny := statement(`{"Effect":"Deny","Action":"sqs:*","Resource":"*"}`)
	opened := func(who string) string {
		return statement(`{"Effect":"Allow","Principal":{"AWS":"` + who + `"},"Action":"sqs:SendMessage","Resource":"` + queue + `"}`)
	}
	for name, c := range map[string]struct {
		in       iam.SimulateCustomPolicyInput
		decision string
		matched  string // the policies that decided
	}{
		"allowed":                               {iam.SimulateCustomPolicyInput{}, "allowed", "PolicyInputList.1"},
		"nothing allows":                        {iam.SimulateCustomPolicyInput{ActionNames: []string{"sqs:DeleteQueue"}}, "implicitDeny", ""},
		"a deny alone is shown":                 {iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowSend, deny}}, "explicitDeny", "PolicyInputList.2"},
		"the boundary does not allow":           {iam.SimulateCustomPolicyInput{PermissionsBoundaryPolicyInputList: []string{statement(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)}}, "implicitDeny", ""},
		"the boundary allows":                   {iam.SimulateCustomPolicyInput{PermissionsBoundaryPolicyInputList: []string{allowSend}}, "allowed", "PolicyInputList.1"},
		"the boundary denies":                   {iam.SimulateCustomPolicyInput{PermissionsBoundaryPolicyInputList: []string{deny}}, "explicitDeny", "PermissionsBoundaryPolicyInputList.1"},
		"an SCP level does not allow":           {iam.SimulateCustomPolicyInput{OrderedOrganizationPolicyInputList: []iam.OrderedOrganizationPolicyType{{ServiceControlPolicyInputList: []string{allowSend}}, {ServiceControlPolicyInputList: []string{statement(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)}}}}, "implicitDeny", ""},
		"every SCP level allows":                {iam.SimulateCustomPolicyInput{OrderedOrganizationPolicyInputList: []iam.OrderedOrganizationPolicyType{{ServiceControlPolicyInputList: []string{allowSend}}}}, "allowed", "PolicyInputList.1"},
		"the resource's policy allows the user": {iam.SimulateCustomPolicyInput{PolicyInputList: []string{}, CallerArn: user, ResourceArns: []string{queue}, ResourcePolicy: opened(user)}, "allowed", "ResourcePolicy"},
		"the resource's policy allows another":  {iam.SimulateCustomPolicyInput{PolicyInputList: []string{}, CallerArn: user, ResourceArns: []string{queue}, ResourcePolicy: opened(user + "2")}, "implicitDeny", ""},
		"across accounts both are needed":       {iam.SimulateCustomPolicyInput{CallerArn: otherUser, ResourceArns: []string{queue}, ResourcePolicy: opened(otherUser)}, "allowed", "ResourcePolicy PolicyInputList.1"},
		"across accounts without the resource":  {iam.SimulateCustomPolicyInput{CallerArn: otherUser, ResourceArns: []string{queue}}, "implicitDeny", ""},
		"a role":                                {iam.SimulateCustomPolicyInput{PolicyInputList: []string{}, CallerArn: "arn:aws:iam::" + account + ":role/x/r", ResourceArns: []string{queue}, ResourcePolicy: opened("arn:aws:iam::" + account + ":role/x/r")}, "allowed", "ResourcePolicy"},
		"root needs no policy":                  {iam.SimulateCustomPolicyInput{PolicyInputList: []string{}, CallerArn: "arn:aws:iam::" + account + ":root"}, "allowed", ""},
		"a resource without an account is the owner's": {iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{}, ActionNames: []string{"s3:GetObject"}, CallerArn: user, ResourceOwner: "arn:aws:iam::999999999999:root", ResourceArns: []string{"arn:aws:s3:::b/k"},
			ResourcePolicy: statement(`{"Effect":"Allow","Principal":{"AWS":"` + user + `"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`),
		}, "implicitDeny", ""},
		"or the caller's": {iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{}, ActionNames: []string{"s3:GetObject"}, CallerArn: user, ResourceArns: []string{"arn:aws:s3:::b/k"},
			ResourcePolicy: statement(`{"Effect":"Allow","Principal":{"AWS":"` + user + `"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`),
		}, "allowed", "ResourcePolicy"},
	} {
		w.run(name, func(t *testing.T) {
			if name == "root needs no policy" || strings.HasPrefix(name, "the resource's") || c.in.ResourcePolicy != "" && len(c.in.PolicyInputList) == 0 && c.in.PolicyInputList != nil {
				c.in.PolicyInputList = []string{statement(`{"Effect":"Allow","Action":"none:none","Resource":"*"}`)}
			}
			got := custom(w, c.in)
			var matched []string
			for _, s := range got.MatchedStatements {
				matched = append(matched, s.SourcePolicyId)
			}
			if got.EvalDecision != c.decision || strings.Join(matched, " ") != c.matched {
				t.Errorf("decision = %s by %v, want %s by %s", got.EvalDecision, matched, c.decision, c.matched)
			}
		})
	}
}

func TestSimulationDetails(t *testing.T) {
	w := newTestbed(t)
	got := custom(w, iam.SimulateCustomPolicyInput{})
	if got.EvalDecisionDetails != nil || got.ResourceSpecificResults != nil || got.PermissionsBoundaryDecisionDetail != nil || got.OrganizationsDecisionDetail != nil {
		t.Errorf("on every resource: %+v", got)
	}
	got = custom(w, iam.SimulateCustomPolicyInput{ResourceArns: []string{queue}})
	want := []iam.ResourceSpecificResult{{
		EvalResourceName: queue, EvalResourceDecision: "allowed", MatchedStatements: got.MatchedStatements, MissingContextValues: []string{},
	}}
	if got.EvalResourceName != queue || got.EvalDecisionDetails == nil || len(got.EvalDecisionDetails) != 0 {
		t.Errorf("within the account: %+v", got)
	}
	if diff := cmp.Diff(want, got.ResourceSpecificResults); diff != "" {
		t.Error(diff)
	}
	denies := statement(`{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}`)
	for policy, want := range map[string]map[string]string{
		"":     {"IAM Policy": "allowed", "Resource Policy": "implicitDeny", "Permissions Boundary Policy": "allowed"},
		denies: {"IAM Policy": "allowed", "Resource Policy": "explicitDeny", "Permissions Boundary Policy": "allowed"},
	} {
		got = custom(w, iam.SimulateCustomPolicyInput{
			ResourceArns: []string{strings.Replace(queue, account, "999999999999", 1)}, CallerArn: "arn:aws:iam::" + account + ":user/u", ResourcePolicy: policy,
			PermissionsBoundaryPolicyInputList: []string{allowSend}, OrderedOrganizationPolicyInputList: []iam.OrderedOrganizationPolicyType{{ServiceControlPolicyInputList: []string{allowSend}}},
		})
		if diff := cmp.Diff(want, got.EvalDecisionDetails); diff != "" {
			t.Error(diff)
		}
		if !got.PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary || !got.OrganizationsDecisionDetail.AllowedByOrganizations {
			t.Errorf("across accounts: %+v", got)
		}
		if diff := cmp.Diff(want, got.ResourceSpecificResults[0].EvalDecisionDetails); diff != "" {
			t.Error(diff)
		}
	}
	got = custom(w, iam.SimulateCustomPolicyInput{
		PermissionsBoundaryPolicyInputList: []string{statement(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)},
		OrderedOrganizationPolicyInputList: []iam.OrderedOrganizationPolicyType{{ServiceControlPolicyInputList: []string{statement(`{"Effect":"Deny","Action":"*","Resource":"*"}`)}}},
	})
	if got.PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary || got.OrganizationsDecisionDetail.AllowedByOrganizations {
		t.Errorf("limits that do not allow: %+v", got)
	}
}

func TestSimulationContext(t *testing.T) {
	w := newTestbed(t)
	conditions := statement(`{"Effect":"Allow","Action":"sqs:*","Resource":"arn:aws:sqs:*:*:${aws:username}","Condition":{` +
		`"Bool":{"aws:SecureTransport":"true"},"ForAnyValue:StringEquals":{"aws:TagKeys":["a","${aws:PrincipalTag/team, 'none'}"]},"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}}}`)
	in := iam.SimulateCustomPolicyInput{PolicyInputList: []string{conditions}, ResourceArns: []string{queue}}
	got := custom(w, in)
	if diff := cmp.Diff([]string{"aws:username", "aws:SecureTransport", "aws:TagKeys", "aws:PrincipalTag/team", "aws:MultiFactorAuthAge"}, got.MissingContextValues); diff != "" {
		t.Error(diff)
	}
	in.ContextEntries = []iam.ContextEntry{
		{ContextKeyName: "aws:username", ContextKeyType: "string", ContextKeyValues: []string{"q"}},
		{ContextKeyName: "aws:securetransport", ContextKeyType: "boolean", ContextKeyValues: []string{"true"}},
		{ContextKeyName: "aws:TagKeys", ContextKeyType: "stringList", ContextKeyValues: []string{"b", "a"}},
		{ContextKeyName: "aws:PrincipalTag/team", ContextKeyValues: []string{"red"}},
		{ContextKeyName: "aws:MultiFactorAuthAge", ContextKeyType: "numeric", ContextKeyValues: []string{"59"}},
	}
	if got := custom(w, in); got.EvalDecision != "allowed" || len(got.MissingContextValues) != 0 {
		t.Errorf("with all keys: %+v", got)
	}
	for i := range in.ContextEntries {
		without := in
		without.ContextEntries = append(append([]iam.ContextEntry{}, in.ContextEntries[:i]...), in.ContextEntries[i+1:]...)
		want := "implicitDeny"
		if in.ContextEntries[i].ContextKeyName == "aws:PrincipalTag/team" {
			want = "allowed" // the variable has a default
		}
		if got := custom(w, without); got.EvalDecision != want {
			t.Errorf("without %s: %s", in.ContextEntries[i].ContextKeyName, got.EvalDecision)
		}
	}
}

func TestSimulationsThatAreRefused(t *testing.T) {
	w := newTestbed(t)
	base := func(change func(*iam.SimulateCustomPolicyInput)) iam.SimulateCustomPolicyInput {
		in := iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowSend}, ActionNames: []string{"sqs:SendMessage"}}
		change(&in)
		return in
	}
	for text, in := range map[string]iam.SimulateCustomPolicyInput{
		"Invalid policy document in PolicyInputList.2: *": base(func(in *iam.SimulateCustomPolicyInput) { in.PolicyInputList = []string{allowSend, "{"} }),
		"Invalid policy document in ResourcePolicy: *": base(func(in *iam.SimulateCustomPolicyInput) {
			in.ResourcePolicy, in.CallerArn = "{", "arn:aws:iam::123456789012:user/u"
		}),
		"Invalid policy document in PermissionsBoundaryPolicyInputList.1: *": base(func(in *iam.SimulateCustomPolicyInput) { in.PermissionsBoundaryPolicyInputList = []string{"[]"} }),
		"Invalid policy document in OrderedOrganizationPolicyInputList.1.ServiceControlPolicyInputList.1: *": base(func(in *iam.SimulateCustomPolicyInput) {
			in.OrderedOrganizationPolicyInputList = []iam.OrderedOrganizationPolicyType{{ServiceControlPolicyInputList: []string{"x"}}}
		}),
		"Only one permissions boundary policy can be specified.": base(func(in *iam.SimulateCustomPolicyInput) {
			in.PermissionsBoundaryPolicyInputList = []string{allowSend, allowSend}
		}),
		"CallerArn must be specified when a ResourcePolicy is.":      base(func(in *iam.SimulateCustomPolicyInput) { in.ResourcePolicy = allowSend }),
		"Invalid caller: arn:aws:sts::123456789012:assumed-role/r/s": base(func(in *iam.SimulateCustomPolicyInput) { in.CallerArn = "arn:aws:sts::123456789012:assumed-role/r/s" }),
		"Invalid caller: someone":                                    base(func(in *iam.SimulateCustomPolicyInput) { in.CallerArn = "someone" }),
		"Invalid caller: arn:aws:iam::123456789012:policy/p":         base(func(in *iam.SimulateCustomPolicyInput) { in.CallerArn = "arn:aws:iam::123456789012:policy/p" }),
		"Invalid ResourceOwner: me":                                  base(func(in *iam.SimulateCustomPolicyInput) { in.ResourceOwner = "me" }),
		"Invalid action: sqs:*":                                      base(func(in *iam.SimulateCustomPolicyInput) { in.ActionNames = []string{"sqs:*"} }),
		"Invalid action: SendMessage":                                base(func(in *iam.SimulateCustomPolicyInput) { in.ActionNames = []string{"SendMessage"} }),
		"Invalid resource: queue":                                    base(func(in *iam.SimulateCustomPolicyInput) { in.ResourceArns = []string{"queue"} }),
		"Invalid context entry: a key name is required.":             base(func(in *iam.SimulateCustomPolicyInput) { in.ContextEntries = []iam.ContextEntry{{}} }),
		"Invalid number of values for context key aws:SourceIp of type ip.": base(func(in *iam.SimulateCustomPolicyInput) {
			in.ContextEntries = []iam.ContextEntry{{ContextKeyName: "aws:SourceIp", ContextKeyType: "ip", ContextKeyValues: []string{"1.1.1.1", "2.2.2.2"}}}
		}),
	} {
		w.run(text, func(t *testing.T) {
			fails(t, errOf(w.SimulateCustomPolicy(w.ctx(), &in)), "InvalidInput", 400, text)
		})
	}
}

func TestSimulationPages(t *testing.T) {
	w := newTestbed(t)
	var actions, resources, seen []string
	for i := range 12 {
		actions = append(actions, fmt.Sprintf("sqs:Action%d", i))
	}
	for i := range 3 {
		resources = append(resources, fmt.Sprint(queue, i))
	}
	in := &iam.SimulateCustomPolicyInput{PolicyInputList: []string{allowSend}, ActionNames: actions, ResourceArns: resources, MaxItems: ptr(7)}
	for range 10 {
		out := must[*iam.SimulateCustomPolicyOutput](t)(w.SimulateCustomPolicy(w.ctx(), in))
		for _, r := range out.EvaluationResults {
			seen = append(seen, r.EvalActionName+" "+r.EvalResourceName)
		}
		if in.Marker = out.Marker; !out.IsTruncated {
			break
		}
	}
	if len(seen) != 36 || seen[0] != "sqs:Action0 "+queue+"0" || seen[35] != "sqs:Action11 "+queue+"2" {
		t.Errorf("%d results: %v", len(seen), seen)
	}
}

func TestSimulatePrincipal(t *testing.T) {
	w := newTestbed(t)
	u := w.user("u")
	must[*iam.TagUserOutput](t)(w.TagUser(w.ctx(), &iam.TagUserInput{UserName: "u", Tags: []iam.Tag{{Key: "team", Value: "red"}}}))
	w.group("g")
	must[*iam.AddUserToGroupOutput](t)(w.AddUserToGroup(w.ctx(), &iam.AddUserToGroupInput{GroupName: "g", UserName: "u"}))
	must[*iam.AttachGroupPolicyOutput](t)(w.AttachGroupPolicy(w.ctx(), &iam.AttachGroupPolicyInput{GroupName: "g", PolicyArn: awsSQSFull}))
	must[*iam.PutGroupPolicyOutput](t)(w.PutGroupPolicy(w.ctx(), &iam.PutGroupPolicyInput{GroupName: "g", PolicyName: "in", PolicyDocument: allowSend}))
	w.put("u", "mine", statement(`{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:username":"u"}}}`))
	p := w.policy("managed", allowSend).Arn
	must[*iam.AttachUserPolicyOutput](t)(w.AttachUserPolicy(w.ctx(), &iam.AttachUserPolicyInput{UserName: "u", PolicyArn: p}))
	simulate := func(in iam.SimulatePrincipalPolicyInput) (decision, matched string) {
		t.Helper()
		in.PolicySourceArn, in.ActionNames = or(in.PolicySourceArn, u.Arn), []string{"sqs:SendMessage"}
		out := must[*iam.SimulatePrincipalPolicyOutput](t)(w.SimulatePrincipalPolicy(w.ctx(), &in))
		var names []string
		for _, s := range out.EvaluationResults[0].MatchedStatements {
			if s.SourcePolicyType != "IAM Policy" {
				t.Errorf("%s is of type %s", s.SourcePolicyId, s.SourcePolicyType)
			}
			names = append(names, s.SourcePolicyId)
		}
		return out.EvaluationResults[0].EvalDecision, strings.Join(names, " ")
	}
	exclude := func(ids ...iam.PolicyIdentifier) iam.SimulatePrincipalPolicyInput {
		return iam.SimulatePrincipalPolicyInput{PolicyExclusionList: ids}
	}
	inline := func(kind, entity, name string) iam.PolicyIdentifier {
		return iam.PolicyIdentifier{InlinePolicyIdentifier: &iam.InlinePolicyIdentifierType{AttachmentType: kind, AttachmentName: entity, PolicyName: name}}
	}
	const (
		own    = "user_u_mine"
		local  = "managed"
		groups = "group_g_in"
		aws    = "AmazonSQSFullAccess"
	)
	for name, c := range map[string]struct {
		in      iam.SimulatePrincipalPolicyInput
		matched string
	}{
		"all":                        {exclude(), own + " " + local + " " + groups + " " + aws},
		"the group alone":            {iam.SimulatePrincipalPolicyInput{PolicySourceArn: "arn:aws:iam::" + account + ":group/g"}, groups + " " + aws},
		"another caller":             {iam.SimulatePrincipalPolicyInput{CallerArn: "arn:aws:iam::" + account + ":user/bob"}, local + " " + groups + " " + aws},
		"a key that is given":        {iam.SimulatePrincipalPolicyInput{ContextEntries: []iam.ContextEntry{{ContextKeyName: "aws:username", ContextKeyValues: []string{"x"}}}}, local + " " + groups + " " + aws},
		"more policies":              {iam.SimulatePrincipalPolicyInput{PolicyInputList: []string{statement(`{"Effect":"Deny","Action":"sqs:*","Resource":"*"}`)}}, "PolicyInputList.1"},
		"without inline":             {exclude(iam.PolicyIdentifier{PolicyType: "inline"}), local + " " + aws},
		"without AWS's":              {exclude(iam.PolicyIdentifier{PolicyType: "aws-managed"}), own + " " + local + " " + groups},
		"without managed ones":       {exclude(iam.PolicyIdentifier{PolicyType: "user-managed"}), own + " " + groups + " " + aws},
		"without an ARN":             {exclude(iam.PolicyIdentifier{PolicyArn: p}), own + " " + groups + " " + aws},
		"without ARNs by pattern":    {exclude(iam.PolicyIdentifier{PolicyArn: "arn:aws:iam::aws:policy/Amazon?QS*"}), own + " " + local + " " + groups},
		"a pattern that matches not": {exclude(iam.PolicyIdentifier{PolicyArn: "arn:aws:iam::aws:policy/Amazon?S*X"}), own + " " + local + " " + groups + " " + aws},
		"without one inline policy":  {exclude(inline("user", "?", "mine")), local + " " + groups + " " + aws},
		"of another kind":            {exclude(inline("role", "*", "mine")), own + " " + local + " " + groups + " " + aws},
	} {
		w.run(name, func(t *testing.T) {
			if _, matched := simulate(c.in); matched != c.matched {
				t.Errorf("by %s, want %s", matched, c.matched)
			}
		})
	}

	must[*iam.PutUserPermissionsBoundaryOutput](t)(w.PutUserPermissionsBoundary(w.ctx(), &iam.PutUserPermissionsBoundaryInput{UserName: "u", PermissionsBoundary: "arn:aws:iam::aws:policy/AmazonSNSFullAccess"}))
	if decision, _ := simulate(exclude()); decision != "implicitDeny" {
		t.Errorf("with its boundary: %s", decision)
	}
	denying := w.policy("denying", statement(`{"Effect":"Deny","Action":"sqs:*","Resource":"*"}`)).Arn
	must[*iam.PutUserPermissionsBoundaryOutput](t)(w.PutUserPermissionsBoundary(w.ctx(), &iam.PutUserPermissionsBoundaryInput{UserName: "u", PermissionsBoundary: denying}))
	if decision, matched := simulate(exclude()); decision != "explicitDeny" || matched != "denying" {
		t.Errorf("with a boundary that denies: %s by %s", decision, matched)
	}
	for name, in := range map[string]iam.SimulatePrincipalPolicyInput{
		"another boundary": {PermissionsBoundaryPolicyInputList: []string{allowSend}},
		"none":             exclude(iam.PolicyIdentifier{PolicyType: "permission-boundary"}),
	} {
		if decision, _ := simulate(in); decision != "allowed" {
			t.Errorf("with %s: %s", name, decision)
		}
	}
	for text, in := range map[string]iam.SimulatePrincipalPolicyInput{
		"Invalid policy identifier: ":                                         exclude(iam.PolicyIdentifier{}),
		"Invalid policy identifier: policy":                                   exclude(iam.PolicyIdentifier{PolicyArn: "policy"}),
		"Invalid policy identifier: arn:aws:iam::*:policy/x":                  exclude(iam.PolicyIdentifier{PolicyArn: "arn:aws:iam::*:policy/x"}),
		"Invalid policy identifier: policy/*x*":                               exclude(iam.PolicyIdentifier{PolicyArn: "arn:aws:iam::aws:policy/*x*"}),
		"Invalid policy identifier: policy/x":                                 exclude(iam.PolicyIdentifier{PolicyArn: "arn:aws:iam::aws:policy/x", PolicyType: "inline"}),
		"Invalid Entity Arn: x does not clearly define entity type and name.": {PolicySourceArn: "x"},
		"Invalid policy document in PolicyInputList.1: *":                     {PolicyInputList: []string{"{"}},
		"CallerArn must be specified when a ResourcePolicy is.":               {PolicySourceArn: "arn:aws:iam::" + account + ":group/g", ResourcePolicy: allowSend},
	} {
		w.run(text, func(t *testing.T) {
			in.PolicySourceArn, in.ActionNames = or(in.PolicySourceArn, u.Arn), []string{"sqs:SendMessage"}
			fails(t, errOf(w.SimulatePrincipalPolicy(w.ctx(), &in)), "InvalidInput", 400, text)
		})
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func TestSimulatePrincipalOfARole(t *testing.T) {
	w := newTestbed(t)
	r := w.role("r")
	out := must[*iam.SimulatePrincipalPolicyOutput](t)(w.SimulatePrincipalPolicy(w.ctx(), &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: r.Arn, ActionNames: []string{"sqs:SendMessage"}, ResourceArns: []string{queue},
		ResourcePolicy: statement(`{"Effect":"Allow","Principal":{"AWS":"` + r.Arn + `"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"` + r.Arn + `"}}}`),
	}))
	if got := out.EvaluationResults[0]; got.EvalDecision != "allowed" || len(got.MatchedStatements) != 1 || got.MatchedStatements[0].SourcePolicyType != "IAM Policy" {
		t.Errorf("result = %+v", got)
	}
}

func TestSimulatePrincipalUnderAnSCP(t *testing.T) {
	w := newTestbed(t)
	u := w.user("u")
	w.put("u", "p", allowSend)
	o := &identity.Organization{ID: "o-1", RootID: "r-1", Management: "999999999999", Partition: "aws", FeatureSet: "ALL", Enabled: []string{identity.SCP}}
	err := w.dir.Update(t.Context(), func(tx store.Tx) error {
		w.dir.PutOrganization(tx, o)
		w.dir.PutMember(tx, &identity.Member{Account: account, Organization: o.ID, Parent: o.RootID})
		c := identity.NewControl(o, identity.SCP, "p-1", "deny", "", statement(`{"Effect":"Deny","Action":"sqs:*","Resource":"*"}`))
		c.Targets = []string{account}
		w.dir.PutControl(tx, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: u.Arn, ActionNames: []string{"sqs:SendMessage"}}
	got := must[*iam.SimulatePrincipalPolicyOutput](t)(w.SimulatePrincipalPolicy(w.ctx(), in)).EvaluationResults[0]
	if got.EvalDecision != "explicitDeny" || got.OrganizationsDecisionDetail == nil || got.OrganizationsDecisionDetail.AllowedByOrganizations || len(got.MatchedStatements) != 0 {
		t.Errorf("result = %+v", got)
	}
	in.PolicyExclusionList = []iam.PolicyIdentifier{{PolicyType: "scp"}}
	if got := must[*iam.SimulatePrincipalPolicyOutput](t)(w.SimulatePrincipalPolicy(w.ctx(), in)).EvaluationResults[0]; got.EvalDecision != "allowed" {
		t.Errorf("without SCPs: %+v", got)
	}
}

func TestContextKeys(t *testing.T) {
	w := newTestbed(t)
	u := w.user("u")
	policy := statement(`[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/${*}${saml:sub, 'x'}","Condition":{"Bool":{"aws:SecureTransport":"true"},"StringLike":{"s3:prefix":["${aws:userid}","${aws:open"]}}},` +
		`{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"AWS:securetransport":"false"}}}]`)
	out := must[*iam.GetContextKeysForCustomPolicyOutput](t)(w.GetContextKeysForCustomPolicy(w.ctx(), &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{policy}}))
	if diff := cmp.Diff([]string{"aws:username", "saml:sub", "aws:SecureTransport", "s3:prefix", "aws:userid"}, out.ContextKeyNames); diff != "" {
		t.Error(diff)
	}
	old := strings.Replace(policy, "2012-10-17", "2008-10-17", 1) // which has no variables
	out = must[*iam.GetContextKeysForCustomPolicyOutput](t)(w.GetContextKeysForCustomPolicy(w.ctx(), &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{old}}))
	if diff := cmp.Diff([]string{"aws:SecureTransport", "s3:prefix"}, out.ContextKeyNames); diff != "" {
		t.Error(diff)
	}
	_, err := w.GetContextKeysForCustomPolicy(w.ctx(), &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{"{"}})
	fails(t, err, "InvalidInput", 400, "Invalid policy document in PolicyInputList.1: *")

	w.put("u", "p", policy)
	more := statement(`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`)
	principal := must[*iam.GetContextKeysForPrincipalPolicyOutput](t)(w.GetContextKeysForPrincipalPolicy(w.ctx(), &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: u.Arn, PolicyInputList: []string{more}}))
	if diff := cmp.Diff([]string{"aws:username", "saml:sub", "aws:SecureTransport", "s3:prefix", "aws:userid", "aws:SourceIp"}, principal.ContextKeyNames); diff != "" {
		t.Error(diff)
	}
	_, err = w.GetContextKeysForPrincipalPolicy(w.ctx(), &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: u.Arn, PolicyInputList: []string{"{"}})
	fails(t, err, "InvalidInput", 400, "Invalid policy document in PolicyInputList.1: *")
}
