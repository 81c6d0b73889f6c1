package sam

import (
	"net/url"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

// lambda is a function while its resources are made.
type lambda struct {
	*source
	x              *expansion
	function, role *resource
	// alias is set where there is one: what invokes the function invokes it by the alias.
	alias   *resource
	version *resource
	made    []*resource
}

// name is what the function is called by, arn its ARN: the alias' where there is one.
func (f *lambda) name() *node {
	if f.alias != nil {
		return ref(f.alias.id)
	}
	return ref(f.function.id)
}

func (f *lambda) arn() *node {
	if f.alias != nil {
		return ref(f.alias.id)
	}
	return getAtt(f.function.id, "Arn")
}

// function makes AWS::Serverless::Function. [C250] [C251]
func (x *expansion) function(s *source) ([]*resource, error) {
	f := &lambda{source: s, x: x}
	for _, step := range []func() error{f.makeFunction, f.makeVersion, f.makeURL, f.prefer, f.makeRole, f.makeEvents} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	propagate(s, f.made)
	f.refer()
	return f.made, nil
}

// refer keeps the names of what the function consists of.
func (f *lambda) refer() {
	for name, kind := range map[string]string{
		"Alias": "AWS::Lambda::Alias", "Version": "AWS::Lambda::Version",
		"DestinationTopic": "AWS::SNS::Topic", "DestinationQueue": "AWS::SQS::Queue",
	} {
		for _, r := range f.made {
			if r.kind == kind {
				f.x.aliases[f.id+"."+name] = r.id
			}
		}
	}
}

// taggable are the types that tags are propagated to.
var taggable = []string{"AWS::Lambda::Function", "AWS::IAM::Role", "AWS::SQS::Queue", "AWS::StepFunctions::StateMachine", "AWS::SNS::Topic"}

// propagate gives all that was made the tags of the resource, where it says so.
func propagate(s *source, made []*resource) {
	tags := tagList(s.get("Tags"))
	if !given(s.get("PropagateTags")) || tags == nil {
		return
	}
	for _, r := range made {
		if slices.Contains(taggable, r.kind) {
			r.set("Tags", list(tags...))
		}
	}
}

// copied are the properties that the function has as they are.
var copied = []string{
	"Handler", "Runtime", "Description", "MemorySize", "Timeout", "VpcConfig", "Role", "Environment", "KmsKeyArn",
	"ReservedConcurrentExecutions", "Layers", "FileSystemConfigs", "ImageConfig", "PackageType", "Architectures",
	"SnapStart", "EphemeralStorage", "CodeSigningConfigArn", "RuntimeManagementConfig", "LoggingConfig", "TenancyConfig",
	"RecursiveLoop", "DurableConfig", "FunctionScalingConfig", "PublishToLatestPublished",
}

func (f *lambda) makeFunction() error {
	for _, reserved := range []string{"lambda:createdBy", "serverlessrepo:applicationId", "serverlessrepo:semanticVersion"} {
		if f.get("Tags").Get(reserved) != nil {
			return invalid(f.id, "%s is a reserved Tag key name and cannot be set on your resource. Please change the tag key in the input.", reserved)
		}
	}
	if err := f.checkDeadLetters(); err != nil {
		return err
	}
	image := f.get("PackageType").String() == "Image"
	switch kind := f.get("PackageType"); {
	case given(kind) && !image && kind.String() != "Zip":
		return invalid(f.id, "invalid 'PackageType' : %s", kind)
	case image && (given(f.get("Handler")) || given(f.get("Runtime")) || given(f.get("Layers"))):
		return invalid(f.id, "Runtime, Handler, Layers cannot be present when PackageType is of type `Image`")
	case !image && (!given(f.get("Runtime")) || !given(f.get("Handler"))):
		return invalid(f.id, "Runtime and Handler needs to be present when PackageType is of type `Zip`")
	}
	f.function = &resource{id: f.id, kind: "AWS::Lambda::Function", attributes: f.own()}
	f.function.properties = object(
		"Code", f.code(image), "FunctionName", orNil(f.get("FunctionName")),
		"Tags", list(append([]any{object("Key", "lambda:createdBy", "Value", "SAM")}, tagList(f.get("Tags"))...)...),
	)
	for _, name := range copied {
		if value := f.get(name); value != nil {
			f.function.set(name, value)
		}
	}
	if f.traced() {
		f.function.set("TracingConfig", object("Mode", f.get("Tracing")))
	}
	if dead := f.get("DeadLetterQueue"); given(dead) {
		f.function.set("DeadLetterConfig", object("TargetArn", dead.Get("TargetArn")))
	}
	if config := f.get("CapacityProviderConfig"); given(config) {
		f.function.set("CapacityProviderConfig", object("LambdaManagedInstancesCapacityProviderConfig", object(
			"CapacityProviderArn", config.Get("Arn"),
			"PerExecutionEnvironmentMaxConcurrency", config.Get("PerExecutionEnvironmentMaxConcurrency"),
			"ExecutionEnvironmentMemoryGiBPerVCpu", config.Get("ExecutionEnvironmentMemoryGiBPerVCpu"),
		)))
	}
	f.made = append(f.made, f.function)
	return nil
}

// traced reports whether X-Ray traces the function.
func (f *lambda) traced() bool {
	tracing := f.get("Tracing")
	return given(tracing) && f.x.resolve(tracing).String() != "Disabled"
}

func (f *lambda) checkDeadLetters() error {
	dead := f.get("DeadLetterQueue")
	if !given(dead) {
		return nil
	}
	kind := dead.Get("Type")
	switch {
	case !given(kind) || !given(dead.Get("TargetArn")):
		return invalid(f.id, "'DeadLetterQueue' requires Type and TargetArn properties to be specified.")
	case kind.String() != "SQS" && kind.String() != "SNS":
		return invalid(f.id, "'DeadLetterQueue' requires Type of ['SQS', 'SNS']")
	}
	return nil
}

// code is where the function's code is. Nobody runs it, so that a folder will do.
func (f *lambda) code(image bool) *node {
	code := object("ZipFile", f.get("InlineCode"))
	switch {
	case image:
		code = object("ImageUri", f.get("ImageUri"))
	case f.get("InlineCode") == nil:
		code = location(f.get("CodeUri"))
	}
	if key := f.get("SourceKMSKeyArn"); given(key) && !image {
		code = code.With("SourceKMSKeyArn", key)
	}
	return code
}

// location is a place in S3.
func location(n *node) *node {
	if isMap(n) {
		return object("S3Bucket", n.Get("Bucket"), "S3Key", n.Get("Key"), "S3ObjectVersion", n.Get("Version"), "S3ObjectStorageMode", n.Get("StorageMode"))
	}
	u, err := url.Parse(n.String())
	if err != nil || u.Scheme != "s3" {
		return object("S3Key", n.String())
	}
	code := object("S3Bucket", u.Host, "S3Key", strings.TrimLeft(u.Path, "/"))
	if version := u.Query().Get("versionId"); version != "" {
		code = code.With("S3ObjectVersion", template.Text(version))
	}
	return code
}

// makeVersion publishes a version of the function, whose id changes with its code, and an
// alias for it.
func (f *lambda) makeVersion() error {
	publish := f.get("AutoPublishAlias")
	if !given(publish) {
		if given(f.get("ProvisionedConcurrencyConfig")) {
			return invalid(f.id, "To set ProvisionedConcurrencyConfig AutoPublishALias must be defined on the function")
		}
		return nil
	}
	name := f.x.resolve(publish)
	if !isText(name) {
		return invalid(f.id, "'AutoPublishAlias' must be a string or a Ref to a template parameter")
	}
	suffix, err := f.codeHash()
	if err != nil {
		return err
	}
	f.version = &resource{id: f.id + "Version" + suffix, kind: "AWS::Lambda::Version", attributes: f.passed()}
	if f.raw.Get("DeletionPolicy") == nil {
		policy := "Retain"
		if given(f.get("CapacityProviderConfig")) {
			policy = "Delete"
		}
		if own := f.get("VersionDeletionPolicy"); own != nil {
			policy = own.String()
		}
		f.version.attribute("DeletionPolicy", policy)
	}
	f.version.properties = object("FunctionName", ref(f.id), "Description", f.get("VersionDescription"))
	f.alias = &resource{
		id:         f.id + "Alias" + strings.NewReplacer("-", "D", "_", "U").Replace(name.Text),
		kind:       "AWS::Lambda::Alias",
		attributes: f.passed(),
		properties: object(
			"Name", name.Text, "FunctionName", ref(f.id), "FunctionVersion", getAtt(f.version.id, "Version"),
			"ProvisionedConcurrencyConfig", orNil(f.get("ProvisionedConcurrencyConfig")),
		),
	}
	if !alnum(f.alias.id) {
		return invalid(f.id, "AutoPublishAlias name ('%s') must contain only alphanumeric characters, hyphens, or underscores matching (?!^[0-9]+$)([a-zA-Z0-9-_]+) pattern.", name.Text)
	}
	f.made = append(f.made, f.version, f.alias)
	return nil
}

// codeHash is the end of the version's id.
func (f *lambda) codeHash() (string, error) {
	if given(f.get("AutoPublishCodeSha256")) {
		sum := f.x.resolve(f.get("AutoPublishCodeSha256"))
		if !isText(sum) {
			return "", invalid(f.id, "AutoPublishCodeSha256 must be a string")
		}
		f.describe(sum.Text)
		return sum.Text[:min(10, len(sum.Text))], nil
	}
	if given(f.get("AutoPublishAliasAllProperties")) {
		return hashed(f.function.properties), nil
	}
	code := f.x.resolve(f.function.properties.Get("Code"))
	f.function.set("Code", code)
	for _, m := range members(f.get("Environment")) {
		code = code.With(m.Key, m.Value)
	}
	if size := f.get("MemorySize"); given(size) {
		code = code.With("MemorySize", size)
	}
	if snap := f.get("SnapStart"); given(snap) && snap.Get("ApplyOn") != nil && snap.Get("ApplyOn").String() != "None" {
		code = code.With("SnapStart", snap)
	}
	return hashed(code), nil
}

// describe adds a hash to the function's description, so that a version is published.
func (f *lambda) describe(sum string) {
	description := f.x.resolve(f.get("Description"))
	switch {
	case !given(description):
		f.function.set("Description", sum)
	case isText(description):
		f.function.set("Description", description.Text+" "+sum)
	default:
		f.function.set("Description", object("Fn::Join", list(" ", list(description, sum))))
	}
}

// makeURL makes the function's URL, and for everybody the permissions to use it.
func (f *lambda) makeURL() error {
	config := f.get("FunctionUrlConfig")
	if !given(config) {
		return nil
	}
	auth := config.Get("AuthType")
	if !isFunction(config) && !isFunction(auth) && auth.String() != "AWS_IAM" && auth.String() != "NONE" {
		return invalid(f.id, "AuthType is required to configure function property `FunctionUrlConfig`. Please provide either AWS_IAM or NONE.")
	}
	f.made = append(f.made, &resource{id: f.id + "Url", kind: "AWS::Lambda::Url", attributes: f.passed(), properties: object(
		"TargetFunctionArn", f.name(), "AuthType", auth, "Cors", orNil(config.Get("Cors")), "InvokeMode", config.Get("InvokeMode"),
	)})
	if auth.String() != "NONE" {
		return nil
	}
	f.made = append(f.made,
		&resource{id: f.id + "UrlPublicPermissions", kind: "AWS::Lambda::Permission", attributes: f.passed(), properties: object(
			"Action", "lambda:InvokeFunctionUrl", "FunctionName", f.name(), "Principal", "*", "FunctionUrlAuthType", auth,
		)},
		&resource{id: f.id + "URLInvokeAllowPublicAccess", kind: "AWS::Lambda::Permission", attributes: f.passed(), properties: object(
			"Action", "lambda:InvokeFunction", "FunctionName", f.name(), "Principal", "*", "InvokedViaFunctionUrl", true,
		)},
	)
	return nil
}

// makeRole makes the function's role, unless it has one. [C250] [C251] [C262]
func (f *lambda) makeRole() error {
	basic := "service-role/AWSLambdaBasicExecutionRole"
	if given(f.get("DurableConfig")) {
		basic = "service-role/AWSLambdaBasicDurableExecutionRolePolicy"
	}
	managedPolicies := []*node{f.x.managed(basic)}
	if f.traced() {
		managedPolicies = append(managedPolicies, f.x.xray())
	}
	if given(f.get("VpcConfig")) {
		managedPolicies = append(managedPolicies, f.x.managed("service-role/AWSLambdaVPCAccessExecutionRole"))
	}
	var inline []*node
	if dead := f.get("DeadLetterQueue"); given(dead) {
		action := map[string]string{"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}[dead.Get("Type").String()]
		inline = append(inline, object("PolicyName", "DeadLetterQueuePolicy", "PolicyDocument", object(
			"Version", "2012-10-17",
			"Statement", list(object("Action", action, "Resource", dead.Get("TargetArn"), "Effect", "Allow")),
		)))
	}
	send, err := f.makeDestinations()
	if err != nil {
		return err
	}
	assume := f.get("AssumeRolePolicyDocument")
	if assume == nil {
		assume = trust("lambda.amazonaws.com")
	}
	f.role, err = f.x.role(f.source, assume, policyList(f.get("Policies")), managedPolicies, append(inline, send...))
	if err != nil {
		return err
	}
	return f.useRole()
}

// xray is the managed policy for tracing.
func (x *expansion) xray() *node {
	if x.scope.Partition == "aws" {
		return x.managed("AWSXrayWriteOnlyAccess")
	}
	return x.managed("AWSXRayDaemonWriteAccess")
}

// useRole gives the function its role where it has none, or none in one branch of Fn::If.
func (f *lambda) useRole() error {
	role := f.get("Role")
	if role == nil {
		f.function.set("Role", getAtt(f.role.id, "Arn"))
		f.made = append(f.made, f.role)
		return nil
	}
	items := branches(f.x.resolve(role))
	if items == nil {
		return nil
	}
	if len(items) != 3 || !isText(items[0]) {
		return invalid(f.id, "Malformed 'Role' property: Fn::If requires 3 arguments.")
	}
	condition, arn := items[0].Text, getAtt(f.role.id, "Arn")
	switch yes, no := isNoValue(items[1]), isNoValue(items[2]); {
	case yes && no:
		f.function.set("Role", arn)
	case yes:
		f.function.set("Role", either(condition, arn, items[2]))
		f.role.attribute("Condition", condition)
	case no:
		f.function.set("Role", either(condition, items[1], arn))
		f.role.attribute("Condition", "NOT"+condition)
		f.x.condition("NOT"+condition, not(condition))
	default:
		return nil
	}
	f.made = append(f.made, f.role)
	return nil
}

// condition adds a condition to the template.
func (x *expansion) condition(name string, n *node) {
	if x.conditions == nil {
		x.conditions = &node{Kind: template.Map}
	}
	x.conditions = x.conditions.With(name, n)
}

func not(condition string) *node { return object("Fn::Not", list(object("Condition", condition))) }
