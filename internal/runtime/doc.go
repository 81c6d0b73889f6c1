// Package runtime is one state with the services on it and the links between
// them: keys that encrypt queues and topics, queues that topics deliver to. It
// remembers what would have left the emulator, what became of deliveries, and
// where the policies stand that files declare; and it tells a person why a call was
// denied, why a message was lost, and which statements nothing has exercised.
//
// A reset ends one Runtime and makes the next. services.go lists the services: a
// new one is a line there.
//
// Deliveries and captured messages are remembered within bounds, as decisions and
// records of calls are (internal/dispatch).
package runtime
