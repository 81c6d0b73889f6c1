package policyeval

import (
	"slices"
	"strings"
)

// The actions of EventBridge by what they act on: buses, rules, buses or rules, nothing that
// has an ARN, or anything else. The newer event buses, with their subscribers and event
// sources, share the prefix.
//
// See https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html.
var (
	busActions = strings.Fields(`
		AllowVendedLogDeliveryForResource CreateEventBus DeleteEventBus DescribeEventBus PutEvents UpdateEventBus`)
	ruleActions = strings.Fields(`
		DeleteRule DescribeRule DisableRule EnableRule ListTargetsByRule PutRule PutTargets RemoveTargets`)
	busTagActions = strings.Fields(`ListTagsForResource TagResource UntagResource`)
	// anyBusActions allow and deny with Resource * alone [V236].
	anyBusActions = strings.Fields(`
		ListEventBuses ListRuleNamesByTarget ListRules PutPermission RemovePermission TestEventPattern`)
	otherEventActions = strings.Fields(`
		ActivateEventSource CancelReplay CreateApiDestination CreateArchive CreateConnection CreateEndpoint
		CreateEventSource CreatePartnerEventSource CreateSubscriber DeactivateEventSource DeauthorizeConnection
		DeleteApiDestination DeleteArchive DeleteConnection DeleteEndpoint DeleteEventSource
		DeletePartnerEventSource DeleteResourcePolicy DeleteSubscriber DescribeApiDestination DescribeArchive
		DescribeConnection DescribeEndpoint DescribeEventSource DescribePartnerEventSource DescribeReplay
		DescribeSubscriber GetResourcePolicy InvokeApiDestination ListApiDestinations ListArchives ListConnections
		ListEndpoints ListEventSources ListPartnerEventSourceAccounts ListPartnerEventSources ListReplays
		ListResourcePolicies ListSubscribers PutPartnerEvents PutRawEvents PutResourcePolicy
		RetrieveConnectionCredentials RevokeResource StartReplay UpdateApiDestination UpdateArchive
		UpdateConnection UpdateEndpoint UpdateEventSource UpdateSubscriber`)
)

// Actions of EventBridge whose requests have certain keys [V231]-[V234].
var (
	eventsMatched   = []string{"putevents", "putrule"} // by source and detail type
	eventsForwarded = []string{"putevents", "putrawevents"}
	eventsManaged   = []string{"deleterule", "disablerule", "enablerule", "putrule", "puttargets", "removetargets"}
	eventsCreated   = lowered(slices.Concat(ruleActions, busTagActions))
	eventsSources   = []string{"createeventsource", "updateeventsource"}
	eventsFilters   = []string{"createsubscriber", "updatesubscriber"}
	eventsEndpoints = []string{"createendpoint", "updateendpoint"}
	eventsPolicies  = []string{"deleteresourcepolicy", "getresourcepolicy", "putresourcepolicy"}
)

func lowered(names []string) []string { return strings.Fields(lower(strings.Join(names, " "))) }

// oneOrMany are the keys of several values that can have one alone, which operators without
// a set then read like the value of any other key [V237].
var oneOrMany = []string{"events:source", "events:detail-type", "events:TargetArn", "events:Metadata/"}
