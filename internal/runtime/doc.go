// Package runtime makes the services on one state and links them: keys that encrypt
// queues and topics, queues that topics deliver to. It knows in which file each
// declared policy stands.
//
// A reset ends one Runtime and makes the next. services.go lists the services: a
// new one is a line there.
package runtime
