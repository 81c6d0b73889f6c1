// Package control is the control API: requests to the emulator itself, not to an AWS
// API. It shows what was decided, recorded, delivered and captured, explains denials
// and lost messages, turns the clock, issues credentials, makes calls as other
// principals, and resets. It works on the present Runtime and knows nothing about
// listeners and TLS.
package control
