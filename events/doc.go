// Package events is Amazon EventBridge, as far as event buses go: rules that match events,
// or tick by a schedule, and targets that get them.
//
// Every account has a bus of the name default in every region [V010]. It has a record only
// once something about it was changed.
package events
