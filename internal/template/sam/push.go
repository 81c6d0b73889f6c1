package sam

import (
	"regexp"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

// pushes make what the events need that services send to the function.
var pushes map[string]func(*lambda, *event) ([]*resource, error)

func init() {
	pushes = map[string]func(*lambda, *event) ([]*resource, error){
		"SNS":             (*lambda).topicEvent,
		"S3":              (*lambda).bucketEvent,
		"Schedule":        (*lambda).ruleEvent,
		"CloudWatchEvent": (*lambda).ruleEvent,
		"EventBridgeRule": (*lambda).ruleEvent,
		"ScheduleV2":      (*lambda).scheduleEvent,
		"CloudWatchLogs":  (*lambda).logsEvent,
		"IoTRule":         (*lambda).iotEvent,
		"AlexaSkill":      (*lambda).alexaEvent,
		"Cognito":         (*lambda).cognitoEvent,
		"Api":             (*lambda).restEvent,
		"HttpApi":         (*lambda).httpEvent,
	}
}

// permission lets a service invoke the function.
func (f *lambda) permission(e *event, id, principal string, more ...any) *resource {
	properties := object("Action", "lambda:InvokeFunction", "FunctionName", f.name(), "Principal", principal)
	properties.Members = append(properties.Members, object(more...).Members...)
	return e.make(id, "AWS::Lambda::Permission", properties)
}

// topicEvent subscribes the function to a topic, or a queue that it polls. [C259] [C260]
func (f *lambda) topicEvent(e *event) ([]*resource, error) {
	topic := e.get("Topic")
	through := e.get("SqsSubscription")
	subscribe := func(protocol string, endpoint *node) *resource {
		return e.make(e.id, "AWS::SNS::Subscription", object(
			"Protocol", protocol, "Endpoint", endpoint, "TopicArn", topic, "Region", e.get("Region"),
			"FilterPolicy", e.get("FilterPolicy"), "FilterPolicyScope", e.get("FilterPolicyScope"), "RedrivePolicy", e.get("RedrivePolicy"),
		))
	}
	if !given(through) {
		return []*resource{
			f.permission(e, e.id+"Permission", "sns.amazonaws.com", "SourceArn", topic),
			subscribe("lambda", f.arn()),
		}, nil
	}
	policy, batch := e.id+"QueuePolicy", toNode(10)
	arn, url := getAtt(e.id+"Queue", "Arn"), ref(e.id+"Queue")
	var made []*resource
	if isMap(through) {
		arn, url = through.Get("QueueArn"), through.Get("QueueUrl")
		if !given(arn) || !given(url) {
			return nil, e.invalid("No QueueARN or QueueURL provided.")
		}
		if id := through.Get("QueuePolicyLogicalId"); given(id) {
			policy = id.String()
		}
		if size := through.Get("BatchSize"); given(size) {
			batch = size
		}
	} else {
		queue := e.make(e.id+"Queue", "AWS::SQS::Queue", object())
		if name, argument := function(topic); name == "Ref" {
			if fifo := f.x.resolve(f.x.original[argument.String()].Get("Properties").Get("FifoTopic")); given(fifo) {
				queue.set("FifoQueue", fifo)
			}
		}
		made = append(made, queue)
	}
	f.role.grant(f.x.managed(pulled["SQS"].policy))
	return append(made,
		e.make(e.id+"EventSourceMapping", "AWS::Lambda::EventSourceMapping", object(
			"BatchSize", batch, "Enabled", true, "EventSourceArn", arn, "FunctionName", f.name(),
		)),
		e.make(policy, "AWS::SQS::QueuePolicy", queuePolicy(toNode("*"), topic, arn, url)),
		subscribe("sqs", arn),
	), nil
}

// queuePolicy lets a source send to a queue.
func queuePolicy(principal, source, arn, url *node) *node {
	return object("PolicyDocument", object("Version", "2012-10-17", "Statement", list(object(
		"Action", "sqs:SendMessage", "Effect", "Allow", "Principal", principal, "Resource", arn,
		"Condition", object("ArnEquals", object("aws:SourceArn", source)),
	))), "Queues", list(url))
}

// bucketEvent adds the function to what a bucket of the template notifies.
func (f *lambda) bucketEvent(e *event) ([]*resource, error) {
	name, argument := function(e.get("Bucket"))
	id := argument.String()
	bucket := f.x.made[id]
	if name != "Ref" || bucket == nil {
		return nil, e.invalid("S3 events must reference an S3 bucket in the same template.")
	}
	permission := f.permission(e, e.id+"Permission", "s3.amazonaws.com", "SourceAccount", ref("AWS::AccountId"))
	properties := bucket.Get("Properties")
	if properties == nil {
		properties = object()
	}
	condition := f.raw.Get("Condition")
	if condition != nil {
		tag := object("Key", "sam:ConditionalDependsOn:"+permission.id, "Value", either(condition.String(), ref(permission.id), toNode("no dependency")))
		properties = properties.With("Tags", add(properties.Get("Tags"), tag))
	} else {
		depends := bucket.Get("DependsOn")
		if isText(depends) {
			depends = list(depends)
		}
		if id := toNode(permission.id); !has(depends, id) {
			depends = add(depends, id)
		}
		bucket = bucket.With("DependsOn", depends)
	}
	notification := properties.Get("NotificationConfiguration")
	if notification == nil {
		notification = object()
	}
	configurations := notification.Get("LambdaConfigurations")
	for _, kind := range policyList(e.get("Events")) {
		one := object("Function", f.arn(), "Filter", e.get("Filter"), "Event", kind)
		if condition != nil {
			one = either(condition.String(), one, ref("AWS::NoValue"))
		}
		if !has(configurations, one) {
			configurations = add(configurations, one)
		}
	}
	notification = notification.With("LambdaConfigurations", configurations)
	if tags := tagList(f.get("Tags")); tags != nil && given(f.get("PropagateTags")) {
		properties = properties.With("Tags", list(tags...))
	}
	f.x.put(id, bucket.With("Properties", properties.With("NotificationConfiguration", notification)))
	return []*resource{permission}, nil
}

// arnOf is an ARN of the stack's account and region.
func (x *expansion) arnOf(service, name string) string {
	return "arn:" + x.scope.Partition + ":" + service + ":${AWS::Region}:${AWS::AccountId}:" + name
}

func (f *lambda) logsEvent(e *event) ([]*resource, error) {
	arn := sub(f.x.arnOf("logs", "log-group:${__LogGroupName__}:*"), object("__LogGroupName__", e.get("LogGroupName")))
	permission := f.permission(e, e.id+"Permission", "logs.amazonaws.com", "SourceArn", arn)
	filter := e.make(e.id, "AWS::Logs::SubscriptionFilter", object(
		"LogGroupName", e.get("LogGroupName"), "FilterPattern", e.get("FilterPattern"), "DestinationArn", f.arn(),
	))
	filter.attribute("DependsOn", []string{permission.id})
	return []*resource{permission, filter}, nil
}

func (f *lambda) iotEvent(e *event) ([]*resource, error) {
	return []*resource{
		f.permission(e, e.id+"Permission", "iot.amazonaws.com",
			"SourceAccount", sub("${AWS::AccountId}", nil),
			"SourceArn", sub(f.x.arnOf("iot", "rule/${RuleName}"), object("RuleName", ref(e.id)))),
		e.make(e.id, "AWS::IoT::TopicRule", object("TopicRulePayload", object(
			"Sql", e.get("Sql"), "RuleDisabled", false, "Actions", list(object("Lambda", object("FunctionArn", f.arn()))),
			"AwsIotSqlVersion", e.get("AwsIotSqlVersion"),
		))),
	}, nil
}

func (f *lambda) alexaEvent(e *event) ([]*resource, error) {
	return []*resource{f.permission(e, e.id+"Permission", "alexa-appkit.amazon.com", "EventSourceToken", e.get("SkillId"))}, nil
}

func (f *lambda) cognitoEvent(e *event) ([]*resource, error) {
	name, argument := function(e.get("UserPool"))
	id := argument.String()
	pool := f.x.made[id]
	if name != "Ref" || pool == nil {
		return nil, e.invalid("Cognito events must reference a Cognito UserPool in the same template.")
	}
	properties := pool.Get("Properties")
	if properties == nil {
		properties = object()
	}
	config := properties.Get("LambdaConfig")
	if config == nil {
		config = object()
	}
	for _, trigger := range policyList(e.get("Trigger")) {
		if config.Get(trigger.String()) != nil {
			return nil, e.invalid("Cognito trigger \"%s\" defined multiple times.", trigger.String())
		}
		config = config.With(trigger.String(), f.arn())
	}
	f.x.put(id, pool.With("Properties", properties.With("LambdaConfig", config)))
	return []*resource{f.permission(e, f.function.id+"CognitoPermission", "cognito-idp.amazonaws.com", "SourceArn", getAtt(id, "Arn"))}, nil
}

var pathVariable = regexp.MustCompile(`{(.*?)}`)

// invokedAt is the ARN by which an API invokes the function.
func invokedAt(arn string, api *node, method, path string) *node {
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	path = pathVariable.ReplaceAllString(path, "*")
	if method = strings.ToUpper(method); method == "ANY" || method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
		method = "*"
	}
	return sub(arn+"${__ApiId__}/${__Stage__}/"+method+path, object("__ApiId__", api, "__Stage__", "*"))
}

// restEvent lets a REST API invoke the function.
func (f *lambda) restEvent(e *event) ([]*resource, error) {
	suffix := "AllStages"
	for _, needed := range []string{"Path", "Method"} {
		if !isText(e.get(needed)) {
			return nil, e.invalid("Property '%s' is required.", needed)
		}
	}
	name, argument := function(e.get("RestApiId"))
	if isText(e.get("RestApiId")) {
		name, argument = "Ref", e.get("RestApiId")
	}
	if name == "Ref" {
		api := f.x.original[argument.String()]
		if api == nil {
			return nil, e.invalid("RestApiId must be a valid reference to an 'AWS::Serverless::Api' resource in same template.")
		}
		suffix = "Stage"
		if stage := api.Get("Properties").Get("StageName"); isText(stage) {
			suffix = stage.Text
		}
	}
	id := e.id + "Permission" + suffix
	if !alnum(suffix) {
		id = e.id + "Permission" + digest(suffix)
	}
	arn := invokedAt(f.x.arnOf("execute-api", ""), e.get("RestApiId"), e.get("Method").String(), e.get("Path").String())
	return []*resource{f.permission(e, id, "apigateway.amazonaws.com", "SourceArn", arn)}, nil
}

// httpEvent lets an HTTP API invoke the function.
func (f *lambda) httpEvent(e *event) ([]*resource, error) {
	path, method := e.get("Path").String(), e.get("Method").String()
	if path == "" && method == "" || path == "$default" {
		path, method = "", "any"
	}
	arn := invokedAt("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:", e.get("ApiId"), method, path)
	return []*resource{f.permission(e, e.id+"Permission", "apigateway.amazonaws.com", "SourceArn", arn)}, nil
}

// implicitAPIs give events of APIs that name none the API that the template then has.
func (x *expansion) implicitAPIs() {
	for _, implicit := range []struct{ kind, id, property, resource string }{
		{"Api", "ServerlessRestApi", "RestApiId", "Api"},
		{"HttpApi", "ServerlessHttpApi", "ApiId", "HttpApi"},
	} {
		used := false
		for _, id := range x.order {
			used = x.implicitAPI(id, implicit.kind, implicit.id, implicit.property) || used
		}
		if used && x.original[implicit.id] == nil {
			api := object("Type", prefix+implicit.resource, "Properties", object())
			if implicit.kind == "Api" {
				api = api.With("Properties", object("StageName", "Prod"))
			}
			x.original[implicit.id] = api
			x.order = append(x.order, implicit.id)
		}
	}
}

// implicitAPI reports whether a resource has such an event.
func (x *expansion) implicitAPI(id, kind, api, property string) bool {
	n := x.original[id]
	owner := n.Get("Type").String()
	events := n.Get("Properties").Get("Events")
	if owner != prefix+"Function" && owner != prefix+"StateMachine" || !isMap(events) {
		return false
	}
	used := false
	changed := events
	for _, m := range events.Members {
		properties := m.Value.Get("Properties")
		if m.Value.Get("Type").String() != kind || properties.Get(property) != nil {
			continue
		}
		if properties == nil {
			properties = &node{Kind: template.Map}
		}
		if isMap(properties) {
			used = true
			changed = changed.With(m.Key, m.Value.With("Properties", properties.With(property, ref(api))))
		}
	}
	if used {
		x.original[id] = n.With("Properties", n.Get("Properties").With("Events", changed))
	}
	return used
}
