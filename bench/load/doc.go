// Package load puts load on a server of SQS, SNS and KMS, with clients that cost
// little themselves: server and client share the machine's cores.
package load
