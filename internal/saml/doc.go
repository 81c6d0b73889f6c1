// Package saml reads what an identity provider of SAML 2.0 writes: its metadata,
// and its responses, whose signatures it checks. What of a response may then be
// done is for sts to say.
//
// XML signatures are goxmldsig's, and only what it hands back as signed is read:
// nothing else of a response, so that what an attacker wraps around it is never
// seen. SHA-1 signatures are refused, as Go's crypto/x509 refuses them. The
// validity of the provider's certificates is not looked at: AWS does not either.
package saml
