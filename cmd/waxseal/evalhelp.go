package main

import (
	"strings"

	"github.com/waxseal/waxseal/internal/layout"
	"github.com/waxseal/waxseal/policyeval"
)

// evalHelp is the command's help.
func evalHelp() string {
	list := func(service string) string {
		return "\n" + layout.Wrap("  "+strings.Join(policyeval.OwnerOnlyActions(service), ", "), helpWidth) + "\n"
	}
	return evalForm + "\n\n" + evalOwnerOnly + "\n" + list("sqs") + list("kms") + "\n" + evalAnswer
}

// helpWidth is how wide the texts of help are.
const helpWidth = 84

const evalForm = `Decide test cases, one JSON object a line, and print one line for each.

  {"id":"1","action":"sqs:SendMessage","resource":{"arn":"…","accountId":"…"},
   "principal":"ARN | service.amazonaws.com | anonymous","identityPolicies":[…],
   "resourcePolicy":{…},"permissionBoundary":[…],"sessionPolicy":{…},"scps":[[…],…],
   "rcps":[[…],…],"vpcEndpointPolicies":[…],"grants":[…],
   "context":{"key":"value" | ["v1","v2"]},"expect":"Allowed"}

A string is a single-valued context key, a list a multivalued one; scps and rcps
hold one entry per level of the organization. Everything but action, resource
and principal may be absent; what a policy may ask of the context is what the
case gives, nothing is added. A member that is unknown or there twice is an error.

The principal may be an object, such as a policy's Principal:

  {"Federated":"token.actions.githubusercontent.com"}    an identity of an OpenID
      Connect or SAML provider (its domain or ARN), for the sts:AssumeRoleWith… calls;
      the token's claims are keys of the context, such as PROVIDER:sub
  {"AWS":"arn:aws:sts::…:federated-user/NAME","issuer":"arn:aws:iam::…:user/USER"}
      a federated user, and the user that it is one of: without an issuer, the
      user of the same name. Of a role's session the issuer is the role
  {"AWS":"ARN","id":"AROA…"}    with the unique id, which policies show in place of
      the ARN of a role or user that was deleted

Grants, on keys of KMS, have the form in which ListGrants shows them:

  {"GranteePrincipal":"ARN","Operations":["Decrypt"],
   "Constraints":{"EncryptionContextSubset":{"team":"blue"}}}

They are compared with kms:EncryptionContext:KEY in the context.`

const evalOwnerOnly = `Whatever the policies say, some actions stay with the account that owns the resource:`

const evalAnswer = `The answer: {"id":"1","decision":"Allowed | ExplicitlyDenied | ImplicitlyDenied",
"reason":"…","by":[{"policy":…,"statement":…}]}. Where expect differs, the line
says "expected" and the exit status is 1. Without a FILE, or for -, cases are
read from standard input.`
