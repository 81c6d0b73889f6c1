// Package policyeval decides AWS policy documents: it parses and compiles them,
// says whether a request is allowed, explains why, and says what would have to
// change. It needs only its input: no clock, no network and no store, and only
// the standard library.
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
//   - Validate reports what AWS would refuse to store, Lint what AWS stores but
//     the author probably did not mean.
//   - PublicStatement says whether S3 calls the policy of a bucket public.
//   - Coverage counts which statements requests have exercised.
//
// # How a request is decided
//
// See Decide. Documents belong to layers; the layers are asked in the order in
// which a deny is reported: resource control policies, service control
// policies, the VPC endpoint, the resource's settings (S3's Block Public
// Access) and its policy, the caller's identity-based policies, its permissions
// boundary, its session policies. The effect of an allow in the resource's
// policy depends on how it names the caller (reach): directly or as everyone,
// by the role or user behind a session, or by its account.
//
// Which rule applies follows from the action and the resource alone:
//
//   - kms:* on arn:…:kms:…:key/…: the key policy is always needed (keyRule); grants
//     count as a key policy's allow for the grantee. kms:RetireGrant is allowed by the
//     grant itself or by the key's account, never by the key policy.
//   - sts:AssumeRole… on arn:…:iam::…:role/…: the role's trust policy is always needed
//     (trustRule).
//   - Actions that AWS never allows to other accounts are denied to them whatever the
//     policies say (OwnerOnlyDeny).
//   - sts:GetCallerIdentity is allowed to everyone who is authenticated.
//   - A deny in a resource's policy does not stop the root user of its account from
//     calls that undo the policy (Request.Unlocks, AllowedToUnlock).
//
// A statement is looked up by its action: the compiled document holds, for each
// action that it names without wildcards, the statements that match it. So long
// documents are hardly slower than short ones.
//
// # Where AWS's documentation is silent
//
// Each of these is a choice. It follows the plain reading of the documentation,
// and denies in cases of doubt:
//
//   - RCPs apply neither to kms:RetireGrant nor to AWS managed keys. For the
//     latter the user of this package leaves Policies.RCPs empty.
//   - RCPs only deny. AWS attaches RCPFullAWSAccess everywhere and it cannot be
//     detached, so an allow is never missing. SCPs must allow at every level.
//   - A key or a role without a policy allows nothing to anybody.
//   - A grant is limited by boundary and session policies as a key policy's
//     allow would be, and needs an identity-based allow between accounts.
//     Between accounts a session policy blocks even where the session is named.
//   - NotPrincipal with Deny spares a session only if its account, its role and itself
//     are listed; others are spared if any entry names them. An entry for their account
//     counts too, unless a user or role of that account is listed beside it: a list of
//     Bob and his account spares Bob and the root user, but not the account's other
//     users. It never spares a principal with a boundary.
//   - An ARN in Principal means the user or role that had it when the policy was set
//     (Policy.Epoch, Principal.Names); in the ARN of a session this holds for the
//     session's role. An ARN in a condition is compared as text.
//   - A Principal in a policy that should have none is matched all the same. A
//     statement without Principal matches nobody in a resource's policy, and
//     everybody in an endpoint's or an organization's.
//   - A statement without Resource in a resource's policy is about that
//     resource, except in a key policy, where it has no effect.
//   - An ARN with fewer than six parts in Resource is completed with stars in
//     identity-based policies, boundaries, session policies and SCPs, and
//     matches nothing elsewhere. A condition's ARN is never completed, not even
//     a bare *.
//   - A key that is set as a list is multivalued, even with one value. A
//     condition on it without a set operator, negated or not, is never met. An
//     empty list is an absent key. For a set operator a single value is a set
//     of one, and an empty text an empty set.
//   - A variable whose key has several values has no value, and its default
//     does not help. In ARN conditions variables are replaced before the ARN is
//     split into its parts.
//   - Four digits are a year, other whole numbers seconds since 1970. Numbers
//     have no exponents, may be of any length and are not rounded.
//   - SQS, IAM and S3 accept only service principals that exist; the other services accept
//     any text in the form of one. A name that is a service's endpoint, or a subdomain
//     of one, is accepted although no policy of AWS's names it (serviceprincipals.go).
//   - S3 takes a pattern of actions in the policy of a bucket where one of the actions that
//     it names has a resource of its kind in the statement, and carries the conditions' keys; of
//     actions that are named in full this is asked of each. It has no canonical users: an
//     account is named by its number.
//   - In Resource, IAM accepts ARNs of its own partition, or of all partitions
//     (*); regions and accounts there may be any text.
//   - A name that occurs twice in a JSON object is an error: the second would
//     silently replace the first. Names of elements are case-sensitive.
//   - A Context cannot distinguish encryption contexts whose keys differ only
//     in case; a grant with such a constraint does not apply.
//   - The ARN of an RCP is left out of the denial unless caller and resource
//     are known to belong to the same organization.
//
// The tests have a corpus of cases, each named after the fact it proves, a
// second evaluator that shares no code with this one, and properties that hold
// for every policy.
package policyeval
