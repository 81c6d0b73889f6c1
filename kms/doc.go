// Package kms is AWS KMS: keys whose material never leaves it, and what is
// done with them.
//
// # Keys and their material
//
// A key is a record in the store (state.go) that says everything about it
// except its material. Every piece of material that a key has or had is stored
// beside it, wrapped by the HSM and bound to the key by its label. Unwrapped
// material exists only in memory, prepared for use and bounded in number
// (material.go), so that Encrypt, Decrypt and GenerateDataKey cost little more
// than their AES-GCM operation. RSA keys, which take long to make, are made before
// any transaction begins.
//
// The cryptography is real: the standard library's, filippo.io/mldsa for
// ML-DSA, gnark-crypto's secp256k1 (the time that it takes to sign depends on the
// key, so keys of that curve are only for tests), and circl for ML-KEM-512. What is
// signed or wrapped here verifies and opens elsewhere, and the reverse
// (python_test.go).
// A ciphertext of a symmetric key names the key and the material that decrypt it
// (ciphertext.go). The format is waxseal's own and will not change, so that tests
// can use constant ciphertexts with a key of a fixture (ApplyKey).
//
// # States and time
//
// Which operation fails in which key state is one table (keystate.go). No timer
// changes keys: what is due for a key (its deletion, a rotation, the expiry of its
// imported material) is done by the next operation that reads the key (due.go). A
// deleted key is removed from the store and from memory. Creating, Updating and
// CONNECTING take no time unless Config.TransitionTime says so. A multi-Region key is
// one record in each region; a rotation, or a change of the primary region, is
// written to all of them in one transaction.
//
// # Authorization
//
// Operations find their key by its id, its ARN, an alias or an alias ARN
// (identify.go), and Decrypt and ReEncrypt by the ciphertext. The same
// resolution, made before the call, gives the dispatcher what the decision needs
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
//   - GetKeyRotationStatus refuses the keys of custom key stores, as AWS's table of
//     key states says; the operation's own page once said that it answers false.
//   - The policies of the AWS managed keys have one form for all services, which
//     is that of alias/aws/sqs: the services differ in the condition on
//     kms:ViaService, the actions and the names.
//   - A name's form is checked before the caller's permission, a key's existence
//     after it. An unknown alias of the caller's own account is a NotFoundException
//     even for a caller without permission.
//   - The lockout safety check asks whether the caller, with its own policies,
//     could put another policy under the new one.
//   - On-demand rotations are limited to 25 per key, the newer of two numbers known.
//   - Grants hold at once; a grant token is only checked to be genuine.
//   - Policies and grants may name principals that do not exist, which is logged,
//     unless Config.StrictPrincipals refuses them.
//   - Key policies and grants mean the users and roles that they named when they
//     were made (Config.Names), and show the unique id of a deleted one. A key
//     policy shows an account as it was put. A named grant that is created again after
//     its role was deleted and made anew is a new grant. ListRetirableGrants does not
//     find the grants that a user had before it was renamed.
//   - An unknown unique id is refused even without Config.StrictPrincipals.
//   - An import token can be used again for its key for as long as it is valid.
//   - When a disabled key is enabled, it rotates once, however many rotations fell due
//     meanwhile.
//   - The order of checks is: existence, state, usage, algorithm, the data, DryRun.
//     EnableKeyRotation refuses a key that can never rotate with the same error in
//     every key state.
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
