package sam

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

// table makes AWS::Serverless::SimpleTable.
func (x *expansion) table(s *source) ([]*resource, error) {
	name, kind := toNode("id"), "S"
	if key := s.get("PrimaryKey"); given(key) {
		name = key.Get("Name")
		if kind = map[string]string{"String": "S", "Number": "N", "Binary": "B"}[key.Get("Type").String()]; kind == "" {
			return nil, invalid(s.id, "Invalid 'Type' \"%s\".", key.Get("Type").String())
		}
		if name == nil {
			return nil, invalid(s.id, "Property 'PrimaryKey.Name' is required.")
		}
	}
	r := &resource{id: s.id, kind: "AWS::DynamoDB::Table", attributes: s.own(), properties: object(
		"AttributeDefinitions", list(object("AttributeName", name, "AttributeType", kind)),
		"KeySchema", list(object("AttributeName", name, "KeyType", "HASH")),
		"PointInTimeRecoverySpecification", orNil(s.get("PointInTimeRecoverySpecification")),
		"ProvisionedThroughput", orNil(s.get("ProvisionedThroughput")),
		"SSESpecification", orNil(s.get("SSESpecification")), "TableName", orNil(s.get("TableName")),
	)}
	if !given(s.get("ProvisionedThroughput")) {
		r.set("BillingMode", "PAY_PER_REQUEST")
	}
	if tags := tagList(s.get("Tags")); tags != nil {
		r.set("Tags", list(tags...))
	}
	return []*resource{r}, nil
}

// layer makes AWS::Serverless::LayerVersion, whose id changes with what it says.
func (x *expansion) layer(s *source) ([]*resource, error) {
	properties := s.props
	for _, name := range []string{"LayerName", "LicenseInfo", "Description", "RetentionPolicy"} {
		if value := s.get(name); value != nil {
			properties = properties.With(name, x.resolve(value))
		}
	}
	retention := "Retain"
	if policy := s.raw.Get("DeletionPolicy"); policy != nil {
		retention = policy.String()
	}
	if policy := properties.Get("RetentionPolicy"); policy != nil {
		known := []string{"Retain", "Delete"}
		i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, policy.String()) })
		if i < 0 {
			return nil, invalid(s.id, "'RetentionPolicy' must be one of the following options: ['Retain', 'Delete'].")
		}
		retention = known[i]
	}
	hashedResource := object("Type", s.kind)
	for _, attribute := range []string{"DependsOn", "Condition"} {
		if value := s.raw.Get(attribute); value != nil {
			hashedResource = hashedResource.With(attribute, value)
		}
	}
	id := s.id + hashed(object(s.id, hashedResource.With("Properties", properties)))
	r := &resource{id: id, kind: "AWS::Lambda::LayerVersion", attributes: s.attributes("DependsOn", "Condition", "UpdateReplacePolicy"), properties: object(
		"Content", location(s.get("ContentUri")), "Description", properties.Get("Description"), "LayerName", s.id,
		"CompatibleArchitectures", s.get("CompatibleArchitectures"), "CompatibleRuntimes", s.get("CompatibleRuntimes"),
		"LicenseInfo", properties.Get("LicenseInfo"),
	)}
	r.attribute("DeletionPolicy", retention)
	if name := properties.Get("LayerName"); given(name) {
		r.set("LayerName", name)
	}
	x.renamed[s.id] = id
	return []*resource{r}, nil
}

// application makes AWS::Serverless::Application of a template; the application repository
// is not there.
func (x *expansion) application(s *source) ([]*resource, error) {
	location := s.get("Location")
	if !isText(location) && !isFunction(location) {
		return nil, invalid(s.id, "waxseal has no Serverless Application Repository.")
	}
	tags := append([]any{object("Key", "lambda:createdBy", "Value", "SAM")}, tagList(s.get("Tags"))...)
	return []*resource{{id: s.id, kind: "AWS::CloudFormation::Stack", attributes: append(s.attributes("DependsOn"), s.passed()...), properties: object(
		"TemplateURL", location, "Parameters", s.get("Parameters"), "NotificationARNs", s.get("NotificationARNs"),
		"Tags", list(tags...), "TimeoutInMinutes", s.get("TimeoutInMinutes"),
	)}}, nil
}

// restAPI makes AWS::Serverless::Api, without its definition: the API with its stage and
// deployment, so that there is something by their names.
func (x *expansion) restAPI(s *source) ([]*resource, error) {
	deployment := &resource{kind: "AWS::ApiGateway::Deployment", attributes: s.passed(), properties: object("RestApiId", ref(s.id))}
	deployment.id = s.id + "Deployment" + digest(python(s.props))
	name := s.get("StageName")
	stage := &resource{id: s.id + "Stage", kind: "AWS::ApiGateway::Stage", attributes: s.passed(), properties: object(
		"RestApiId", ref(s.id), "DeploymentId", ref(deployment.id), "StageName", name,
	)}
	if isText(name) {
		stage.id = s.id + name.Text + "Stage"
		if !alnum(name.Text) {
			stage.id = s.id + "Stage" + digest(name.Text)
		}
	}
	x.aliases[s.id+".Stage"], x.aliases[s.id+".Deployment"] = stage.id, deployment.id
	return []*resource{
		{id: s.id, kind: "AWS::ApiGateway::RestApi", attributes: s.own(), properties: object("Name", apiName(s))},
		deployment, stage,
	}, nil
}

// apiName is an API's name.
func apiName(s *source) *node {
	if name := s.get("Name"); name != nil {
		return name
	}
	return toNode(s.id)
}

// httpAPI makes AWS::Serverless::HttpApi, likewise.
func (x *expansion) httpAPI(s *source) ([]*resource, error) {
	name := s.get("StageName")
	if !given(name) {
		name = toNode("$default")
	}
	stage := &resource{id: s.id + "Stage", kind: "AWS::ApiGatewayV2::Stage", attributes: s.passed(), properties: object(
		"ApiId", ref(s.id), "StageName", name, "AutoDeploy", true,
	)}
	switch {
	case name.Kind == template.String && name.Text == "$default":
		stage.id = s.id + "ApiGatewayDefaultStage"
	case isText(name) && alnum(name.Text):
		stage.id = s.id + name.Text + "Stage"
	case isText(name):
		stage.id = s.id + "Stage" + digest(name.Text)
	}
	x.aliases[s.id+".Stage"] = stage.id
	return []*resource{
		{id: s.id, kind: "AWS::ApiGatewayV2::Api", attributes: s.own(), properties: object("Name", apiName(s), "ProtocolType", "HTTP")},
		stage,
	}, nil
}
