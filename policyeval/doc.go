// Package policyeval decides AWS policy documents: it parses and compiles
// them, says whether a request is allowed, explains why, and tells what would
// have to change. It needs nothing but its input: no clock, no network, no
// store, and nothing beyond the standard library.
//
// # The parts
//
//   - Parse compiles a document once. A Document is immutable and may be used
//     by any number of goroutines.
//   - A Request is who calls what with which condition keys (a Context);
//     Policies are all the documents that have a say.
//   - Decide answers with a Verdict and allocates nothing. Evaluate answers
//     with a Decision, which holds a Step for every statement; Decision.Text
//     is for a person to read, its JSON for a program. Both run the same code.
//   - Suggest finds the smallest change that would allow a denied request.
//   - Validate says what AWS would refuse to store, Lint what it stores and a
//     person hardly meant.
//   - Coverage counts which statements requests have exercised.
//
// # How a request is decided
//
// See Decide. Documents belong to layers; the layers are asked in the order
// in which a deny is reported: resource control policies, service control
// policies, the VPC endpoint, the resource, the caller's identity-based
// policies, its permissions boundary, its session policies. What an allow by
// the resource is worth hangs on how it names the caller (reach): by itself
// or as everyone, by the role or user behind a session, or by its account.
//
// Which rule applies follows from the action and the resource alone:
//
//   - kms:* on arn:…:kms:…:key/…: the key policy has the last word (keyRule);
//     grants count as a key policy's allow for the grantee. kms:RetireGrant is
//     allowed by the grant itself or by the key's account, never by the key policy.
//   - sts:AssumeRole… and its kind on arn:…:iam::…:role/…: the role's trust policy
//     has the last word (trustRule).
//   - Actions that AWS never opens to other accounts are denied to them whatever
//     the policies say (OwnerOnlyDeny).
//   - sts:GetCallerIdentity is allowed to everyone who is authenticated.
//   - What a resource's policy denies does not bind the root user of its account in
//     calls that undo the policy (Request.Unlocks, AllowedToUnlock).
//
// A statement is looked up by its action: the compiled document holds, for
// each action that it spells out, the statements that match it, so that a
// document's length hardly matters.
//
// # Where AWS's documentation is silent
//
// Each of these is a choice, made so that the plain reading of the
// documentation holds and doubt denies:
//
//   - RCPs bind no kms:RetireGrant, and no AWS managed keys, which whoever asks
//     leaves them out for.
//   - RCPs only deny. AWS attaches RCPFullAWSAccess everywhere and lets nobody
//     detach it, so that an allow is never missing. SCPs must allow at every level.
//   - A key or a role without a policy lets nobody in.
//   - A grant is limited by boundary and session policies as a key policy's
//     allow would be, and needs an identity-based allow between accounts.
//     Between accounts a session policy blocks even where the session is named.
//   - NotPrincipal with Deny spares a session only if its account, its role and
//     itself are listed; others are spared if any entry names them, their account
//     included unless somebody of the account is listed beside it: a list of Bob
//     and his account spares Bob and the root user, and none of his colleagues.
//     It never spares a principal with a boundary.
//   - An ARN in Principal means who had it when the policy was set (Policy.Epoch,
//     Principal.Names); so does the ARN of a session, with its role. An ARN in a
//     condition is a text.
//   - A Principal in a policy that should have none is matched all the same;
//     without one, the policy of a resource speaks of nobody and that of an
//     endpoint or an organization of everybody.
//   - A resource's statement without Resource speaks of the resource, except
//     in a key policy, where it has no effect.
//   - An ARN with fewer than six parts in Resource is completed with stars in
//     identity-based policies, boundaries, session policies and SCPs, and is
//     inert elsewhere. A condition's ARN is never completed, not even a bare *.
//   - A key set as a list is multivalued, even with one value, and never meets
//     a condition without a set operator, negated or not. An empty list is an
//     absent key. Under a set operator a single value is a set of one, and an
//     empty text an empty set.
//   - A variable whose key has several values has no value, and its default
//     does not help. In ARN conditions variables are replaced before the parts
//     are told apart.
//   - Four digits are a year, other whole numbers seconds since 1970. Numbers
//     have no exponents and any length. Nothing is rounded.
//   - SQS and IAM know every service principal, and the others take what has
//     the form of one. A name that is a service's endpoint, or below that of a
//     service, is taken although no policy of AWS's names it (serviceprincipals.go).
//   - IAM takes ARNs of its own partition, or of all, in Resource; regions and
//     accounts there may be any text.
//   - One name twice in a JSON object is an error: the second would silently
//     replace the first. Names of elements are case-sensitive.
//   - Encryption contexts whose keys differ by case alone cannot be told apart
//     in a Context; a grant with such a constraint does not apply.
//   - The ARN of an RCP is left out of the denial where caller and resource are
//     not known to be of one organization.
//
// The tests hold a corpus of cases, each named after the fact it proves, a
// second evaluator that is written without this code, and properties that hold
// for every policy.
package policyeval
