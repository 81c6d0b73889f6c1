// Package kms is AWS KMS: keys whose material never leaves it, and what is
// done with them.
//
// # Keys and their material
//
// A key is a record in the store (state.go) that says everything about it
// except its material. Every piece of material that a key has or had is stored
// beside it, wrapped by the HSM and bound to the key by its label. Unwrapped
// material lives in memory alone, prepared for use and bounded in number
// (material.go), so that Encrypt, Decrypt and GenerateDataKey cost little more
// than the AES-GCM work that they are. RSA keys, which take long to make, are
// made before any transaction begins.
//
// The cryptography is real: the standard library's, filippo.io/mldsa for
// ML-DSA, gnark-crypto's secp256k1 (signing with it takes a time that hangs on
// the key: keys of that curve are for tests), and circl for ML-KEM-512. What is
// signed or wrapped here verifies and opens elsewhere, and the reverse
// (python_test.go).
// Ciphertexts of symmetric keys say themselves which key and material opens
// them (ciphertext.go); their format is waxseal's own and will stay, so that
// constant ciphertexts can be kept with a key of a fixture (ApplyKey).
//
// # States and time
//
// Which operation fails in which key state is one table (keystate.go). Nothing
// watches the clock: a key that has something due (its deletion, a rotation,
// the end of its imported material) takes effect when it is next looked at, by
// whichever operation (due.go); what is deleted is gone from the store and
// from memory. Creating, Updating and CONNECTING take no time unless
// Config.TransitionTime says so. A multi-Region key is one record in each region;
// rotation and its primary's place are written to all of them at once.
//
// # Who may
//
// Operations find their key by its id, its ARN, an alias or an alias ARN
// (identify.go), and Decrypt and ReEncrypt by the ciphertext. The same
// resolution, made before the call, tells the dispatcher what must be allowed
// (target.go): the key's policy, the caller's grants on it, its tags and the
// condition keys. This package sets every kms: key that comes from the key or
// from the parameters, aws:RequestTag and aws:TagKeys; the server sets
// kms:CallerAccount for every request and kms:ViaService for those that another
// service forwards. AWS managed keys (managed.go) are made when their service
// first needs them, or when somebody describes their alias.
//
// # Where AWS is silent
//
//   - An alias ARN where only keys are taken is an InvalidArnException ("Key
//     Aliases are not supported for this operation."), an alias name a
//     NotFoundException ("Invalid keyId 'alias/x'"); as the target of an alias
//     either is a ValidationException.
//   - GetKeyRotationStatus refuses the keys of custom key stores, as the table of
//     key states has it, where the operation's own page once said that they
//     answer false.
//   - The policies of the AWS managed keys have one form for all services, which
//     is that of alias/aws/sqs: the services differ in the condition on
//     kms:ViaService, the actions and the names.
//   - A name's form is judged before the caller's permission, a key's existence
//     after it. An unknown alias of the own account is a NotFoundException to all.
//   - The lockout safety check asks whether the caller, with its own policies,
//     could put another policy under the new one.
//   - On-demand rotations are limited to 25 per key, the newer of two numbers known.
//   - Grants hold at once; a grant token is only checked to be genuine.
//   - Policies and grants may name principals that do not exist, and the log is
//     told, unless Config.StrictPrincipals refuses them.
//   - Key policies and grants mean the users and roles that they named when they
//     were made (Config.Names), and show the unique id of one who is gone. A key
//     policy shows an account as it was put. A named grant that is created once
//     more for a role that was made again is another grant. ListRetirableGrants
//     does not find the grants that a user had before it was renamed.
//   - The unique id of nobody is no principal, whatever Config.StrictPrincipals says.
//   - An import token can be used again for its key for as long as it is valid.
//   - Whatever rotations fell due while a key was disabled are made up for by
//     one, when it is enabled.
//   - The order of checks is: existence, state, usage, algorithm, the data, DryRun.
//     Keys that can never rotate say so to EnableKeyRotation whatever their state.
//   - The last use of a key is kept in memory and stored at most once an hour;
//     a crash can lose that much.
//
// # What is left out
//
//   - SM2 keys, which AWS offers in China: UnsupportedOperationException.
//   - Recipient (Nitro enclaves): there is no enclave whose attestation could be
//     genuine, so every attestation document is refused, as AWS refuses a forged one.
//   - The backing of custom key stores: their keys are software keys like all
//     others. Clusters and proxies are neither looked for nor called, so stores
//     always connect, and passwords and credentials are never wrong.
//   - RSAES_PKCS1_V1_5 as a wrapping algorithm, which AWS has withdrawn.
//   - Quotas on requests and on the number of keys.
//   - CloudTrail's records of what KMS does by itself: RotateKey, DeleteKey,
//     DeleteExpiredKeyMaterial, SynchronizeMultiRegionKey, and the second record of
//     ReplicateKey and UpdatePrimaryRegion in the other region.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html.
package kms
