package policyeval

import (
	"strings"
	"testing"
)

const (
	queueARN   = "arn:aws:sqs:us-east-1:111122223333:q"
	appARN     = "arn:aws:iam::111122223333:role/app"
	sessionARN = "arn:aws:sts::111122223333:assumed-role/app/s"
	bobARN     = "arn:aws:iam::111122223333:user/bob"
	bobbyARN   = "arn:aws:iam::111122223333:user/bobby"
	allowAll   = `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

// again is a session of the third role app: AROA1 went with epoch 1, AROA2 with epoch 4.
func again() Principal {
	former := []Former{{"AROA1111111111111111", 1}, {"AROA2222222222222222", 4}}
	return Principal{
		Type: AssumedRole, Account: "111122223333", ARN: sessionARN, IssuerARN: appARN, ID: "AROA3333333333333333",
		Names: []Name{{appARN, former}, {sessionARN, former}},
	}
}

func allowing(t *testing.T, epoch uint64, effect, element, principal string) *Policies {
	t.Helper()
	d := must(t, `{"Version":"2012-10-17","Statement":[{"Effect":"`+effect+`","`+element+`":{"AWS":`+principal+`},"Action":"sqs:SendMessage","Resource":"*"}]}`)
	return &Policies{Resource: &Policy{Name: queueARN, Document: d, Epoch: epoch}}
}

func sending(who Principal) *Request {
	return &Request{Principal: who, Action: "sqs:SendMessage", Resource: queueARN, Context: NewContext(0)}
}

// TestNamesMeanWhoHadThem: an ARN means who had it when the policy was set, or
// got it first afterwards.
func TestNamesMeanWhoHadThem(t *testing.T) {
	first := again()
	first.ID = "AROA1111111111111111"
	first.Names = nil
	renamed := Principal{
		Type: User, Account: "111122223333", ARN: bobbyARN, ID: "AIDA1111111111111111",
		Names: []Name{{bobARN, []Former{{"AIDA0000000000000000", 2}, {"AIDA1111111111111111", 5}}}},
	}
	taken := Principal{
		Type: User, Account: "111122223333", ARN: bobARN, ID: "AIDA2222222222222222",
		Names: []Name{{bobARN, []Former{{"AIDA1111111111111111", 5}}}},
	}
	federated := again()
	federated.Type, federated.ARN, federated.Names = FederatedUser, "arn:aws:sts::111122223333:federated-user/f", federated.Names[:1]
	for _, c := range []struct {
		name      string
		who       Principal
		epoch     uint64
		principal string
		want      bool
	}{
		{"the only role there ever was", first, 0, appARN, true},
		{"a role made again, named when the first one was there", again(), 0, appARN, false},
		{"a role made again, named when the second one was there", again(), 1, appARN, false},
		{"just before the second one went", again(), 3, appARN, false},
		{"a role named when nobody had the ARN, or since it was made", again(), 4, appARN, true},
		{"a policy that is set now", again(), Latest, appARN, true},
		{"its session, named when the second one was there", again(), 3, sessionARN, false},
		{"its session, named since", again(), 4, sessionARN, true},
		{"by its unique id", again(), 0, "AROA3333333333333333", true},
		{"by another's unique id", again(), 4, "AROA2222222222222222", false},
		{"by its account", again(), 0, "111122223333", false}, // leaves it to identity-based policies
		{"everyone", again(), 0, "*", true},
		{"a federated user of one that went", federated, 3, appARN, false},
		{"a federated user", federated, 4, appARN, true},
		{"a user by the name it had", renamed, 4, bobARN, true},
		{"a user by the name that another had then", renamed, 1, bobARN, false},
		{"a user by the name that it has no more", renamed, 5, bobARN, false},
		{"a user by its new name", renamed, 0, bobbyARN, true},
		{"who took the name of a renamed user, before", taken, 4, bobARN, false},
		{"who took the name of a renamed user, since", taken, 5, bobARN, true},
	} {
		policies := allowing(t, c.epoch, "Allow", "Principal", `"`+c.principal+`"`)
		policies.Session = []*Policy{{Name: "all", Document: must(t, allowAll)}}
		if got := Decide(sending(c.who), policies).Allowed; got != c.want {
			t.Errorf("%s: allowed %v", c.name, got)
		}
	}
}

// TestNamesInDenies: a deny for the role that went does not meet the new one,
// and one for everybody but the role that went does.
func TestNamesInDenies(t *testing.T) {
	all := `["` + appARN + `","` + sessionARN + `","111122223333"]`
	for _, c := range []struct {
		element, principal string
		epoch              uint64
		want               bool
	}{
		{"Principal", `"` + appARN + `"`, 3, true},
		{"Principal", `"` + appARN + `"`, 4, false},
		{"NotPrincipal", all, 3, false},
		{"NotPrincipal", all, 4, true},
	} {
		policies := allowing(t, c.epoch, "Deny", c.element, c.principal)
		policies.Identity = []*Policy{{Name: "all", Document: must(t, allowAll)}}
		if got := Decide(sending(again()), policies).Allowed; got != c.want {
			t.Errorf("%s %s at %d: allowed %v", c.element, c.principal, c.epoch, got)
		}
	}
}

func TestNamesInGrants(t *testing.T) {
	renamed := Principal{
		Type: User, Account: "111122223333", ARN: bobbyARN, ID: "AIDA1111111111111111",
		Names: []Name{{bobARN, []Former{{"AIDA1111111111111111", 5}}}},
	}
	for _, c := range []struct {
		who     Principal
		grantee string
		epoch   uint64
		want    bool
	}{
		{again(), appARN, 3, false},
		{again(), appARN, 4, true},
		{again(), sessionARN, 3, false},
		{again(), sessionARN, 4, true},
		{renamed, bobARN, 4, true},
		{renamed, bobARN, 5, false},
	} {
		request := Request{Principal: c.who, Action: "kms:Decrypt", Resource: "arn:aws:kms:us-east-1:111122223333:key/k", Context: NewContext(0)}
		policies := &Policies{Grants: []Grant{{ID: "g", Grantee: c.grantee, Operations: []string{"Decrypt"}, Epoch: c.epoch}}}
		if got := Decide(&request, policies).Allowed; got != c.want {
			t.Errorf("%s at %d: allowed %v", c.grantee, c.epoch, got)
		}
		d := Evaluate(&request, policies)
		if note := d.Steps[0].Elements()[1].Note; strings.Contains(note, "AROA2222222222222222") == c.want && c.who.Type == AssumedRole {
			t.Errorf("%s at %d: note %q", c.grantee, c.epoch, note)
		}
	}
}

// TestNamesExplained: a statement that spells the caller's ARN and does not
// mean the caller says so, and what is suggested helps.
func TestNamesExplained(t *testing.T) {
	request, policies := sending(again()), allowing(t, 2, "Allow", "Principal", `"`+appARN+`"`)
	d := Evaluate(request, policies)
	suggestion, ok := Suggest(request, policies)
	text := d.Text(TextOptions{Suggestion: suggestion})
	for _, want := range []string{"x Principal", appARN + " means AROA2222222222222222, which had this ARN when it was set and is gone", "the caller is AROA3333333333333333"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if !ok || !Decide(request, suggestion.Apply(request, policies)).Allowed {
		t.Errorf("%v %+v", ok, suggestion)
	}
	suggestion.Changes = []Change{{Layer: LayerResource, Policy: policies.Resource, Add: `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`, Statement: -1}}
	changed := suggestion.Apply(request, policies).Resource
	if first := changed.Document.Statements()[0].Principal[0].Value; first != "AROA2222222222222222" {
		t.Errorf("the statement that was there names %s now", first)
	}
	renamed := Principal{
		Type: User, Account: "111122223333", ARN: bobbyARN, ID: "AIDA1111111111111111",
		Names: []Name{{bobARN, []Former{{"AIDA1111111111111111", 5}}}},
	}
	d = Evaluate(sending(renamed), allowing(t, 2, "Allow", "Principal", `"`+bobARN+`"`))
	if text := d.Text(TextOptions{All: true}); !strings.Contains(text, "The caller, AIDA1111111111111111, had one of these ARNs when it was set.") {
		t.Error(text)
	}
}
