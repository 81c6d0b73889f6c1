// Package egress makes the requests by HTTP that services send to the world
// outside: SNS's notifications to the endpoints that are subscribed, and STS's
// question for the keys of an OpenID Connect issuer.
package egress
