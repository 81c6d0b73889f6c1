// Package kms is AWS KMS: keys whose material never leaves it, and what is
// done with them.
//
// A key is a record in the store (state.go) that says everything about it
// except its material, which is stored beside it, wrapped by the HSM and bound
// to the key by its label. Unwrapped material lives in memory alone, prepared
// for use (material.go), so that Encrypt, Decrypt and GenerateDataKey cost
// little more than the AES-GCM work that they are.
//
// Operations find their key by its id, its ARN, an alias or an alias ARN
// (identify.go), and Decrypt by the ciphertext, which says where it comes from
// (ciphertext.go). The same resolution, made before the call, tells the
// dispatcher what must be allowed (authorize.go): the key's policy, its tags
// and the condition keys. The dispatcher adds what this package cannot know:
// kms:CallerAccount to every request and kms:ViaService to those that another
// service forwards.
package kms
