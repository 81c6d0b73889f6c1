// Package egress is what leaves the emulator: the requests by HTTP that services send
// to other machines (SNS's notifications to the endpoints that are subscribed, STS's
// question for the keys of an OpenID Connect issuer), what is captured because it would
// leave by mail, text message or push, and what became of each delivery.
package egress
