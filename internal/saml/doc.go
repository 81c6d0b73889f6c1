// Package saml reads what an identity provider of SAML 2.0 writes: its metadata, and
// its responses, whose signatures it checks. What a valid response permits is decided
// in package sts.
//
// XML signatures are verified by goxmldsig, and only the elements that it returns as
// signed are read. So nothing that an attacker wraps around a signed element is ever
// read. SHA-1 signatures are refused, as Go's crypto/x509 refuses them. The validity
// period of the provider's certificates is ignored, as on AWS.
package saml
