package provision

import "maps"

// handlers are those of all types that are emulated, but for CloudFormation's own.
var handlers = merged(
	sqsHandlers,
	snsHandlers,
	kmsHandlers,
	roleHandlers, userHandlers, policyHandlers, providerHandlers,
	networkHandlers, groupHandlers, endpointHandlers,
	s3Handlers, cloudTrailHandlers, eventsHandlers,
)

// Find is the handler of a type.
func Find(name string) (Handler, bool) {
	h, ok := handlers[name]
	return h, ok
}

func merged(tables ...map[string]Handler) map[string]Handler {
	all := map[string]Handler{}
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}
