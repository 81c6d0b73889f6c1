package s3

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
)

// notifications is what a bucket tells of its objects, and whom.
type notifications struct {
	Destinations []destination `json:",omitempty"`
	EventBridge  bool          `json:",omitempty"`
}

// destination is who is told, and of what.
type destination struct {
	ID     string
	Kind   destinationKind
	ARN    string
	Events []string     // such as s3:ObjectCreated:*
	Filter []FilterRule `json:",omitempty"` // as they are read back
	// Filtered: there is a filter, if an empty one.
	Filtered bool `json:",omitempty"`
}

// destinationKind is what a destination is, as the element of its ARN says.
type destinationKind string

const (
	kindTopic    destinationKind = "Topic"
	kindQueue    destinationKind = "Queue"
	kindFunction destinationKind = "CloudFunction"
)

// services are those whose ARNs the kinds have, by the names in ARNs.
var services = map[destinationKind]string{kindTopic: "sns", kindQueue: "sqs", kindFunction: "lambda"}

// The names of filter rules, as they are read back [S282].
const (
	filterPrefix = "Prefix"
	filterSuffix = "Suffix"
)

const (
	// maxNotifications is how many configurations a bucket has at most [S290].
	maxNotifications = 100
	// maxNotificationID is how long the name of one is at most [S289].
	maxNotificationID = 255
	// maxFilterValue is how many bytes a prefix or suffix has at most [S283].
	maxFilterValue = 1024
)

// notifications is a configuration as it is kept, if its form is right [S272]. newID makes
// names for what has none.
func (c *NotificationConfiguration) notifications(b *bucket, newID func() string) (*notifications, error) {
	n := &notifications{EventBridge: c.EventBridgeConfiguration != nil, Destinations: c.destinations()}
	for _, check := range []func(*destination) error{
		(*destination).checkEvents, (*destination).checkARN, (*destination).checkFilter,
		func(d *destination) error { return d.checkPlace(b) },
	} {
		for i := range n.Destinations {
			if err := check(&n.Destinations[i]); err != nil {
				return nil, err
			}
		}
	}
	if err := n.name(newID); err != nil {
		return nil, err
	}
	return n, checkOverlaps(n.Destinations)
}

// destinations are those of a configuration, in the order in which SDKs send them.
func (c *NotificationConfiguration) destinations() (all []destination) {
	add := func(kind destinationKind, id, to string, events []string, filter *NotificationConfigurationFilter) {
		d := destination{ID: id, Kind: kind, ARN: to, Events: slices.Clone(events)}
		if filter != nil && filter.Key != nil {
			d.Filter, d.Filtered = slices.Clone(filter.Key.FilterRules), true
		}
		all = append(all, d)
	}
	for _, t := range c.TopicConfigurations {
		add(kindTopic, t.Id, t.TopicArn, t.Events, t.Filter)
	}
	for _, q := range c.QueueConfigurations {
		add(kindQueue, q.Id, q.QueueArn, q.Events, q.Filter)
	}
	for _, f := range c.LambdaFunctionConfigurations {
		add(kindFunction, f.Id, f.LambdaFunctionArn, f.Events, f.Filter)
	}
	return all
}

// notifiable are the events that can be told [S281].
var notifiable = func() map[string]bool {
	all := map[string]bool{}
	for kind, of := range map[string][]string{
		"ObjectCreated":       {"*", "Put", "Post", "Copy", "CompleteMultipartUpload"},
		"ObjectRemoved":       {"*", "Delete", "DeleteMarkerCreated"},
		"ObjectRestore":       {"*", "Post", "Completed", "Delete"},
		"Replication":         {"*", "OperationFailedReplication", "OperationNotTracked", "OperationMissedThreshold", "OperationReplicatedAfterThreshold"},
		"LifecycleExpiration": {"*", "Delete", "DeleteMarkerCreated"},
		"ObjectTagging":       {"*", "Put", "Delete"},
		"ObjectAcl":           {"Put"},
	} {
		for _, name := range of {
			all["s3:"+kind+":"+name] = true
		}
	}
	for _, name := range []string{"ReducedRedundancyLostObject", "LifecycleTransition", "IntelligentTiering"} {
		all["s3:"+name] = true
	}
	return all
}()

func (d *destination) checkEvents() error {
	if len(d.Events) == 0 {
		return ErrMalformedXML
	}
	for _, event := range d.Events {
		if !notifiable[event] {
			return badArgument("The event '"+event+"' is not supported for notifications", "Event", event)
		}
	}
	return nil
}

// checkARN refuses what is no ARN of a destination of the kind [S273].
func (d *destination) checkARN() error {
	if a, err := arn.Parse(d.ARN); err != nil || a.Service != services[d.Kind] || a.Region == "" || !arn.IsAccountID(a.AccountID) || a.Resource == "" {
		return badArgument("The ARN could not be parsed", string(d.Kind), d.ARN)
	}
	return nil
}

// checkFilter refuses filters that are none, and spells their names as they are read back.
func (d *destination) checkFilter() error {
	seen := map[string]bool{}
	for i := range d.Filter {
		rule := &d.Filter[i]
		name := strings.ToLower(rule.Name)
		switch name { // [S282]
		case "prefix":
			rule.Name = filterPrefix
		case "suffix":
			rule.Name = filterSuffix
		default:
			return badArgument("filter rule name must be either prefix or suffix", "FilterRule.Name", rule.Name)
		}
		if seen[name] {
			return badArgument("Cannot specify more than one "+name+" rule in a filter.", "FilterRule.Name", name) // [S283]
		}
		seen[name] = true
		if len(rule.Value) > maxFilterValue {
			return badArgument("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation", "FilterRule.Value", rule.Value)
		}
	}
	return nil
}

// checkPlace refuses destinations to which S3 does not send from the bucket [S279] [S280].
func (d *destination) checkPlace(b *bucket) error {
	to, err := arn.Parse(d.ARN)
	switch {
	case err != nil:
		return err
	case d.Kind == kindQueue && isFifo(to.Resource):
		return badArgument("FIFO SQS queues are not supported.", string(d.Kind), d.ARN)
	case d.Kind == kindTopic && isFifo(to.Resource):
		return badArgument("FIFO SNS topics are not supported.", string(d.Kind), d.ARN)
	case to.Region != b.Region:
		return badArgument("The notification destination service region is not valid for the bucket location constraint", string(d.Kind), d.ARN)
	}
	return nil
}

func isFifo(name string) bool { return strings.HasSuffix(name, ".fifo") }

// name gives names to the configurations that have none, and refuses equal ones [S289].
func (n *notifications) name(newID func() string) error {
	if len(n.Destinations) > maxNotifications {
		return ErrInvalidArgument.With("The number of notification configurations exceeds the limit of 100.")
	}
	seen := map[string]bool{}
	for i := range n.Destinations {
		d := &n.Destinations[i]
		if d.ID == "" {
			d.ID = base64.StdEncoding.EncodeToString([]byte(newID()))
		}
		switch {
		case len(d.ID) > maxNotificationID:
			return badArgument("The Id of a notification configuration has at most 255 characters.", "Id", d.ID)
		case seen[d.ID]:
			return badArgument("Same ID used for multiple configurations. IDs must be unique.", "Id", d.ID)
		}
		seen[d.ID] = true
	}
	return nil
}

// rule is the value of a filter as keys are compared with it: it is given URL-encoded [S284].
func (d *destination) rule(name string) string {
	for _, rule := range d.Filter {
		if rule.Name == name {
			if decoded, err := url.QueryUnescape(rule.Value); err == nil {
				return decoded
			}
			return rule.Value
		}
	}
	return ""
}

// wants reports whether a destination is told of an event, such as ObjectCreated:Put, of
// a key.
func (d *destination) wants(event, key string) bool {
	return slices.ContainsFunc(d.Events, func(e string) bool { return covers(e, "s3:"+event) }) &&
		strings.HasPrefix(key, d.rule(filterPrefix)) && strings.HasSuffix(key, d.rule(filterSuffix))
}

// covers reports whether an event is one of those that a name with or without * means.
func covers(name, event string) bool {
	if kind, all := strings.CutSuffix(name, "*"); all {
		return strings.HasPrefix(event, kind)
	}
	return name == event
}

// checkOverlaps refuses configurations of which two would be told of the same event of
// the same object [S285]-[S288].
func checkOverlaps(all []destination) error {
	for i := range all {
		for j := range all[:i] {
			if err := all[j].checkOverlap(&all[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *destination) checkOverlap(o *destination) error {
	a, b := common(d.Events, o.Events)
	if a == "" {
		return nil
	}
	prefix, suffix := d.rule(filterPrefix), d.rule(filterSuffix)
	other, behind := o.rule(filterPrefix), o.rule(filterSuffix)
	if !(strings.HasPrefix(prefix, other) || strings.HasPrefix(other, prefix)) ||
		!(strings.HasSuffix(suffix, behind) || strings.HasSuffix(behind, suffix)) {
		return nil
	}
	message := "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type."
	if prefix+suffix+other+behind == "" {
		message = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
	}
	return badArgument(message, "Event", a+", "+b)
}

// common is a name of each list that means an event that one of the other list means, too.
func common(a, b []string) (of, with string) {
	for _, of := range a {
		for _, with := range b {
			if covers(of, with) || covers(with, of) {
				return of, with
			}
		}
	}
	return "", ""
}

// configuration is what is kept as it is read back.
func (n *notifications) configuration() *GetBucketNotificationConfigurationOutput {
	out := new(GetBucketNotificationConfigurationOutput)
	if n == nil {
		return out
	}
	if n.EventBridge {
		out.EventBridgeConfiguration = new(EventBridgeConfiguration)
	}
	for _, d := range n.Destinations {
		var filter *NotificationConfigurationFilter
		if d.Filtered {
			filter = &NotificationConfigurationFilter{Key: &KeyFilter{FilterRules: d.Filter}}
		}
		switch d.Kind {
		case kindTopic:
			out.TopicConfigurations = append(out.TopicConfigurations, TopicConfiguration{d.ID, d.ARN, d.Events, filter})
		case kindQueue:
			out.QueueConfigurations = append(out.QueueConfigurations, QueueConfiguration{d.ID, d.ARN, d.Events, filter})
		case kindFunction:
			out.LambdaFunctionConfigurations = append(out.LambdaFunctionConfigurations, LambdaFunctionConfiguration{d.ID, d.ARN, d.Events, filter})
		}
	}
	return out
}

// unvalidated is the error for destinations that do not take what they are sent: why, by
// their ARNs, in order [S274].
func unvalidated(refused []refusal) error {
	if len(refused) == 0 {
		return nil
	}
	e := ErrInvalidArgument.With("Unable to validate the following destination configurations")
	for i, r := range refused {
		e = e.Detailed("ArgumentName"+strconv.Itoa(i+1), r.name).Detailed("ArgumentValue"+strconv.Itoa(i+1), r.why)
	}
	return e
}

// refusal is a destination that does not take what it is sent, and why.
type refusal struct{ name, why string }
