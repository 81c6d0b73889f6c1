// Package control is the control API: what a person or a tool asks of the emulator
// itself, and not of AWS. It shows what was decided, recorded, delivered and captured,
// explains denials and lost messages, turns the clock, issues credentials, calls as
// somebody else, and resets. It knows the present Runtime and nothing of how requests
// arrive.
package control
