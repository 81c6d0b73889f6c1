// Package sts is the AWS Security Token Service: temporary credentials, and who
// is calling. The sessions are internal/identity's; this package holds the
// rules by which they are made.
package sts
