// Package runtime is one state with the services on it and the links between
// them: keys that encrypt queues and topics, queues that topics deliver to. It knows
// where the policies stand that files declare, and tells a person why a call was
// denied, why a message was lost, and which statements nothing has exercised.
//
// A reset ends one Runtime and makes the next. services.go lists the services: a
// new one is a line there.
package runtime
