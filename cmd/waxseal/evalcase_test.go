package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/policyeval"
)

// decisionOf is what eval makes of one case.
func decisionOf(t *testing.T, line string) string {
	t.Helper()
	out, status, err := command(t, line+"\n", "eval")
	var answer struct{ Decision string }
	if err != nil || status != 0 || json.Unmarshal([]byte(out), &answer) != nil {
		t.Fatalf("%s: exit %d, %v: %s", line, status, err, out)
	}
	return answer.Decision
}

// refusalOf is why eval does not take one case.
func refusalOf(t *testing.T, line string) string {
	t.Helper()
	out, status, err := command(t, line+"\n", "eval")
	if status != exitUsage || out != "" {
		t.Fatalf("%s was taken: exit %d, %v: %s", line, status, err, out)
	}
	return err.Error()
}

func TestEvalRefusesWhatItDoesNotKnowAndWhatStandsTwice(t *testing.T) {
	begin := `{` + sends + `,` + queueARN + `,` + asRole
	at := func(more string) string { return fmt.Sprintf("-:1:%d: ", len(begin)+2+strings.Index(more, "•")) }
	for more, want := range map[string]string{
		`•"identityPolicy":[]`:                                                     `the case has an unknown member "identityPolicy"; did you mean identityPolicies?`,
		`•"permissionsBoundary":[]`:                                                `the case has an unknown member "permissionsBoundary"; did you mean permissionBoundary?`,
		`•"Action":"sqs:SendMessage"`:                                              `unknown member "Action"; did you mean action?`,
		`•"zzzzzzzzzz":1`:                                                          `unknown member "zzzzzzzzzz"; it may have action, context, expect`,
		`•"action":"sqs:ReceiveMessage"`:                                           `the case has the member "action" twice`,
		`"scps":[],•"scps":[]`:                                                     `the case has the member "scps" twice`,
		`"context":{"aws:SourceArn":"a",•"aws:sourcearn":"b"}`:                     `context: aws:sourcearn is there twice, first as aws:SourceArn`,
		`"context":{"k":[],•"K":"v"}`:                                              `context: K is there twice, first as k`,
		`"context":{"kms:KeySpec":"a",•"kms:CustomerMasterKeySpec":"b"}`:           `context: kms:CustomerMasterKeySpec is there twice`,
		`"context":{"kms:EncryptionContext:a":"1",•"kms:EncryptionContext:A":"2"}`: `kms:EncryptionContext:a and kms:EncryptionContext:A differ in case alone`,
		`"grants":[{•"GranteePrinzipal":"x"}]`:                                     `a grant has an unknown member "GranteePrinzipal"; did you mean GranteePrincipal?`,
		`"grants":[{"Operations":[•"Decript"]}]`:                                   `a grant cannot allow "Decript"; did you mean Decrypt?`,
		`"grants":[•{"GranteePrincipal":"arn:aws:iam::123456789012:root","Operations":["Decrypt"]}]`: `q is not a key: keys of KMS alone have grants`,
		`"grants":[{"Constraints":{•"Encryption":{}}}]`:                                              `Constraints has an unknown member "Encryption"`,
		`"grants":[{"Constraints":{"EncryptionContextEquals":{"a":"1",•"a":"2"}}}]`:                  `EncryptionContextEquals has the member "a" twice`,
		`"context":{"k":•{}}`:                   `context: k: {} is no text`,
		`"identityPolicies":[{"Statement":•5}]`: `identityPolicies[0]: `,
		`"identityPolicies":[{"Version":"2012-10-17",•"Version":"2012-10-17","Statement":[]}]`: `identityPolicies[0]: the name "Version" stands twice in one object`,
		`"resourcePolicy":•"{\"Statement\":5}"`:                                                `resourcePolicy[0]: line 1, column 14: `,
		`"scps":[[],•{"a":1}]`: `scps[1][0]: `,
		`"expect":•"Maybe"`:    `expect: "Maybe" is none of`,
		`"expect":•5`:          `expect is a text, not 5`,
		`"rcps":•5`:            `rcps is a list, not 5`,
	} {
		line := begin + "," + strings.Replace(more, "•", "", 1) + "}"
		if got := refusalOf(t, line); !strings.HasPrefix(got, at(more)) || !strings.Contains(got, want) {
			t.Errorf("%s\nwas refused with %s\nwant %s%s", more, got, at(more), want)
		}
	}
	for line, want := range map[string]string{
		begin + `} {}`: "something follows the case",
		begin + `,"grants":[{"Operations":["Decrypt"]}]}`:                                             "a grant without GranteePrincipal",
		begin + `,"grants":[{"GranteePrincipal":"arn:aws:iam::123456789012:root"}]}`:                  "a grant without Operations",
		begin + `,"grants":[{"GranteePrincipal":"a","GranteeServicePrincipal":"b"}]}`:                 "a grant has one grantee, and one retiring principal at the most",
		`{` + onKey + `,` + asRole + `,` + grantTo(`,"KeyId":"another"`) + `}`:                        "grants: the grant is on the key another, the call on arn:aws:kms:",
		`{` + onKey + `,` + asRole + `,` + grantTo(`,"RetiringPrincipal":"me"`) + `}`:                 `grants: "me" is no ARN of a principal and no service`,
		`{` + onKey + `,` + asRole + `,"grants":[{"GranteePrincipal":"*","Operations":["Decrypt"]}]}`: `grants: "*" is no ARN of a principal and no service`,
		`{` + sends + `,"resource":{"arn":"*","arn":"*"},` + asRole + `}`:                             `resource has the member "arn" twice`,
		`{` + sends + `,"resource":{"ARN":"*"},` + asRole + `}`:                                       `resource has an unknown member "ARN"; did you mean arn?`,
		`{` + sends + `,"resource":{"arn":"*","accountId":"12"},` + asRole + `}`:                      `accountId: "12" is not an account`,
		`{` + sends + `,` + queueARN + `}`:                                                            "principal: it is missing",
		`{` + queueARN + `,` + asRole + `}`:                                                           "action: ",
		`{"action":"sqs:Send*",` + queueARN + `,` + asRole + `}`:                                      `action: "sqs:Send*" is not an action`,
	} {
		if got := refusalOf(t, line); !strings.Contains(got, want) {
			t.Errorf("%s: %s; want %q", line, got, want)
		}
	}
}

const (
	trustToken = `"action":"sts:AssumeRoleWithWebIdentity","resource":{"arn":"arn:aws:iam::123456789012:role/deploy"},"resourcePolicy":{"Statement":{"Effect":"Allow",` +
		`"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity",` +
		`"Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/*"}}}}`
	trustSAML = `"action":"sts:AssumeRoleWithSAML","resource":{"arn":"arn:aws:iam::123456789012:role/staff"},"resourcePolicy":{"Statement":{"Effect":"Allow",` +
		`"Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/corp"},"Action":"sts:AssumeRoleWithSAML",` +
		`"Condition":{"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml"}}}}`
	onKey    = `"action":"kms:Decrypt","resource":{"arn":"arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}`
	letsUser = `"resourcePolicy":{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/alice"},"Action":"sqs:*","Resource":"*"}},"sessionPolicy":` + mayAll
)

func grantTo(more string) string {
	return `"grants":[{"GranteePrincipal":"arn:aws:iam::123456789012:role/app","Operations":["Decrypt"]` + more + `}]`
}

func TestEvalExpressesWhatIsDecided(t *testing.T) {
	const github = `"principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}`
	const corp = `"principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/corp"}`
	subset := grantTo(`,"Constraints":{"EncryptionContextSubset":{"team":"Blue"},"EncryptionContextEquals":{}}`)
	equals := grantTo(`,"Constraints":{"EncryptionContextEquals":{"team":"Blue"}}`)
	source := grantTo(`,"Constraints":{"SourceArn":"arn:aws:sqs:us-east-1:123456789012:q"}`)
	for _, test := range []struct{ name, members, want string }{
		{"OIDC identity whose claim fits", trustToken + `,` + github + `,"context":{"token.actions.githubusercontent.com:sub":"repo:acme/shop"}`, allowed},
		{"OIDC identity whose claim does not", trustToken + `,` + github + `,"context":{"token.actions.githubusercontent.com:sub":"repo:evil/shop"}`, implicitlyDenied},
		{"OIDC identity of another provider", trustToken + `,"principal":{"Federated":"accounts.google.com"},"context":{"token.actions.githubusercontent.com:sub":"repo:acme/shop"}`, implicitlyDenied},
		{"SAML identity", trustSAML + `,` + corp + `,"context":{"saml:aud":"https://signin.aws.amazon.com/saml"}`, allowed},
		{"SAML identity for somebody else", trustSAML + `,` + corp + `,"context":{"saml:aud":"https://example.com"}`, implicitlyDenied},

		{"federated user by the ARN of its user", sends + `,` + queueARN + `,` + letsUser + `,"principal":{"AWS":"arn:aws:sts::123456789012:federated-user/bob","issuer":"arn:aws:iam::123456789012:user/alice"}`, allowed},
		{"federated user of another user", sends + `,` + queueARN + `,` + letsUser + `,"principal":{"AWS":"arn:aws:sts::123456789012:federated-user/alice","issuer":"arn:aws:iam::123456789012:user/bob"}`, implicitlyDenied},
		{"federated user of the user of its name", sends + `,` + queueARN + `,` + letsUser + `,"principal":"arn:aws:sts::123456789012:federated-user/alice"`, allowed},
		{"service as an object", sends + `,` + queueARN + `,"principal":{"Service":"sns.amazonaws.com"},"resourcePolicy":{"Statement":{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:*","Resource":"*"}}`, allowed},
		{"role that has the id that a policy shows", sends + `,` + queueARN + `,"principal":{"AWS":"arn:aws:iam::123456789012:role/app","id":"AROAEXAMPLEEXAMPLE123"},"resourcePolicy":{"Statement":{"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEEXAMPLE123"},"Action":"sqs:*","Resource":"*"}}`, allowed},

		{"grant", onKey + `,` + asRole + `,` + grantTo(``), allowed},
		{"grant as ListGrants shows it", onKey + `,` + asRole + `,` + grantTo(`,"KeyId":"arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab","GrantId":"1","Name":"n","CreationDate":1.7e9,"IssuingAccount":"arn:aws:iam::123456789012:root"`), allowed},
		{"grant by the key's id", onKey + `,` + asRole + `,` + grantTo(`,"KeyId":"1234abcd-12ab-34cd-56ef-1234567890ab"`), allowed},
		{"VPC endpoint's policy", sends + `,` + queueARN + `,` + asRole + `,"identityPolicies":[` + mayAll + `],"vpcEndpointPolicies":[` + denyPlain + `],"context":{"aws:SecureTransport":"false"}`, explicitlyDenied},
		{"VPC endpoint's policy that allows something else", sends + `,` + queueARN + `,` + asRole + `,"identityPolicies":[` + mayAll + `],"vpcEndpointPolicies":[` + denyPlain + `],"context":{"aws:SecureTransport":"true"}`, implicitlyDenied},
		{"grant for another", onKey + `,"principal":"arn:aws:iam::123456789012:role/other",` + grantTo(``), implicitlyDenied},
		{"grant for a service", onKey + `,"principal":"sqs.amazonaws.com","grants":[{"GranteeServicePrincipal":"sqs.amazonaws.com","Operations":["Decrypt"]}]`, allowed},
		{"grant that is to be retired", strings.Replace(onKey, "kms:Decrypt", "kms:RetireGrant", 1) + `,` + asRole + `,"grants":[{"GranteePrincipal":"arn:aws:iam::123456789012:role/other","RetiringPrincipal":"arn:aws:iam::123456789012:role/app","Operations":["Decrypt"]}]`, allowed},
		{"constraint that is met", onKey + `,` + asRole + `,` + subset + `,"context":{"kms:EncryptionContext:team":"Blue","kms:EncryptionContext:more":"1"}`, allowed},
		{"constraint whose key differs in case", onKey + `,` + asRole + `,` + subset + `,"context":{"kms:EncryptionContext:Team":"Blue"}`, implicitlyDenied},
		{"constraint that is equaled", onKey + `,` + asRole + `,` + equals + `,"context":{"kms:EncryptionContext:team":"Blue"}`, allowed},
		{"constraint that is exceeded", onKey + `,` + asRole + `,` + equals + `,"context":{"kms:EncryptionContext:team":"Blue","kms:EncryptionContext:more":"1"}`, implicitlyDenied},
		{"constraint on the source", onKey + `,` + asRole + `,` + source + `,"context":{"aws:SourceArn":"arn:aws:sqs:us-east-1:123456789012:q"}`, allowed},
		{"constraint on another source", onKey + `,` + asRole + `,` + source + `,"context":{"aws:SourceArn":"arn:aws:sqs:us-east-1:123456789012:other"}`, implicitlyDenied},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := decisionOf(t, `{`+test.members+`}`); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestEvalRefusesPrincipalsOfAWrongForm(t *testing.T) {
	for principal, want := range map[string]string{
		`"arn:aws:iam::abc:root"`:           "is no account",
		`"arn:aws:iam::12345678901:user/x"`: "is no account",
		`"https://sns.amazonaws.com"`:       "is no account",
		`""`:                                "is no account",
		`5`:                                 "principal is a text, not 5",
		`{}`:                                "AWS, Service or Federated is missing",
		`{"Federated":"me"}`:                "is not an identity provider",
		`{"Service":"sns"}`:                 "is not a service",
		`{"AWS":"sns.amazonaws.com"}`:       "is not an ARN or an account",
		`{"AWS":"123456789012","Service":"x.amazonaws.com"}`:                                               "made by one",
		`{"federated":"accounts.google.com"}`:                                                              "did you mean Federated?",
		`{"AWS":"arn:aws:iam::123456789012:role/a","issuer":"arn:aws:iam::123456789012:user/b"}`:           "issuer: ",
		`{"AWS":"arn:aws:sts::123456789012:federated-user/a","issuer":"arn:aws:iam::999988887777:user/b"}`: "issuer: ",
		`{"AWS":"arn:aws:iam::123456789012:role/a","id":"AROA"}`:                                           "id: ",
	} {
		if got := refusalOf(t, `{`+sends+`,`+queueARN+`,"principal":`+principal+`}`); !strings.Contains(got, want) {
			t.Errorf("%s: %s; want %q", principal, got, want)
		}
	}
}

func TestEvalHelpNamesTheActionsThatStayWithTheOwner(t *testing.T) {
	out, _, err := command(t, "", "eval", "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range append(policyeval.OwnerOnlyActions("sqs"), policyeval.OwnerOnlyActions("kms")...) {
		if !strings.Contains(out, action) {
			t.Errorf("help does not name %s", action)
		}
	}
	for line := range strings.Lines(out) {
		if len([]rune(line)) > 100 {
			t.Errorf("a line of help is too long: %s", line)
		}
	}
}
