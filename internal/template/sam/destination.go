package sam

import "slices"

// destinationTypes are what results of a function may be sent to.
var destinationTypes = []string{"SQS", "SNS", "EventBridge", "Lambda", "S3Bucket"}

// makeDestinations makes EventInvokeConfig, with queues and topics where no destination is
// given, and yields the inline policies to send to them. [C262]
func (f *lambda) makeDestinations() ([]*node, error) {
	config := f.get("EventInvokeConfig")
	if !given(config) {
		return nil, nil
	}
	config = f.x.resolve(config)
	id := f.id + "EventInvokeConfig"
	r := &resource{id: id, kind: "AWS::Lambda::EventInvokeConfig", attributes: f.attributes("DeletionPolicy", "UpdatePolicy", "Condition", "UpdateReplacePolicy", "Metadata")}
	qualifier := "$LATEST"
	if f.alias != nil {
		r.attributes = append(r.attributes, object("DependsOn", []string{f.alias.id}).Members...)
		qualifier = f.alias.properties.Get("Name").String()
	}
	destinations := object()
	var policies []*node
	for _, event := range []string{"OnSuccess", "OnFailure"} {
		to := config.Get("DestinationConfig").Get(event)
		if to == nil {
			continue
		}
		destination, err := f.destination(to, id+event)
		if err != nil {
			return nil, err
		}
		destinations = destinations.With(event, object("Destination", destination))
		policies = append(policies, sendTo(to.Get("Type").String(), destination, id+event))
	}
	r.properties = object(
		"FunctionName", ref(f.id), "Qualifier", qualifier, "DestinationConfig", destinations,
		"MaximumEventAgeInSeconds", config.Get("MaximumEventAgeInSeconds"), "MaximumRetryAttempts", config.Get("MaximumRetryAttempts"),
	)
	f.made = append(f.made, r)
	return policies, nil
}

// destination is where results go: what is given, or a queue or topic that is made.
func (f *lambda) destination(to *node, id string) (*node, error) {
	kind := to.Get("Type").String()
	if !slices.Contains(destinationTypes, kind) {
		return nil, invalid(f.id, "'Type: %s' must be one of %s", to.Get("Type"), quoted(destinationTypes))
	}
	destination := to.Get("Destination")
	condition, other, err := f.lackingIf(destination)
	if err != nil {
		return nil, err
	}
	if destination != nil && condition == "" {
		return destination, nil
	}
	r := &resource{attributes: f.passed(), properties: object()}
	var arn *node
	switch kind {
	case "SQS":
		r.id, r.kind = id+"Queue", "AWS::SQS::Queue"
		arn = getAtt(r.id, "Arn")
	case "SNS":
		r.id, r.kind = id+"Topic", "AWS::SNS::Topic"
		arn = ref(r.id)
	default:
		return nil, invalid(f.id, "Destination is required if Type is not ['SQS', 'SNS']")
	}
	f.made = append(f.made, r)
	if condition == "" {
		return arn, nil
	}
	r.attribute("Condition", f.both(f.raw.Get("Condition").String(), condition))
	return either(condition, arn, other), nil
}

// lackingIf is the condition on which a destination is not given, and what it is
// otherwise.
func (f *lambda) lackingIf(destination *node) (string, *node, error) {
	items := branches(destination)
	switch {
	case items == nil:
		return "", nil, nil
	case len(items) != 3 || !isText(items[0]):
		return "", nil, invalid(f.id+"EventInvokeConfig", "Malformed 'Destination' property: Fn::If requires 3 arguments.")
	case isNoValue(items[1]) && isNoValue(items[2]):
		return "", nil, nil
	case isNoValue(items[1]):
		return items[0].Text, items[2], nil
	case isNoValue(items[2]):
		name := "NOT" + items[0].Text + digest(f.id+"EventInvokeConfig")
		f.x.condition(name, not(items[0].Text))
		return name, items[1], nil
	}
	return "", nil, nil
}

// both is a condition that holds if two do.
func (f *lambda) both(own, other string) string {
	if own == "" {
		return other
	}
	name := own + "AND" + other + digest(f.id)
	f.x.condition(name, object("Fn::And", list(object("Condition", own), object("Condition", other))))
	return name
}
