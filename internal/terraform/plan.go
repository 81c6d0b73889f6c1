package terraform

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/internal/arn"
)

// A plan names, for every resource, the arguments that it has (configuration), those that
// are known (planned_values) and those that are not (resource_changes). An expression is
// told by what it refers to alone.

// plan fills in what follows from the plan: made-up ids and ARNs, and then the arguments
// that refer to them.
func (r *reader) plan(root *yaml.Node) {
	c := &configuration{reader: r, root: member(root, "configuration"), variables: member(root, "variables")}
	unknown := map[string]*yaml.Node{}
	for _, change := range items(member(root, "resource_changes")) {
		unknown[text(member(change, "address"))] = at(change, "change", "after_unknown")
	}
	for _, one := range r.resources {
		c.makeUp(one)
	}
	for _, one := range r.resources {
		if configured := c.resource(one); configured != nil {
			c.fill(one, one.values, unknown[one.address], member(configured, "expressions"), true)
		}
	}
}

type configuration struct {
	*reader
	root, variables *yaml.Node
	// steps are those that were made for one argument.
	steps int
}

// maxSteps is more than an argument takes that can be found; modules that refer to each
// other in circles take any number.
const maxSteps = 1000

var instance = regexp.MustCompile(`\[[^]]*\]`)

// module is the configuration of a module, and the call of it in its parent.
func (c *configuration) module(path string) (module, call *yaml.Node) {
	module = member(c.root, "root_module")
	for step := range strings.SplitSeq(instance.ReplaceAllString(path, ""), ".") {
		if step != "module" && step != "" {
			call = at(module, "module_calls", step)
			module = member(call, "module")
		}
	}
	return module, call
}

// resource is the configuration of a resource, whatever its instance.
func (c *configuration) resource(one *resource) *yaml.Node {
	module, _ := c.module(one.module)
	for _, n := range items(member(module, "resources")) {
		if text(member(n, "type")) == one.kind && text(member(n, "name")) == one.name && text(member(n, "mode")) == "managed" {
			return n
		}
	}
	return nil
}

// region is the region of the resource's provider; empty: it is not in the plan.
func (c *configuration) region(one *resource) string {
	configured := c.resource(one)
	region := at(c.root, "provider_config", text(member(configured, "provider_config_key")), "expressions", "region")
	if value := member(region, "constant_value"); value != nil {
		return text(value)
	}
	for _, reference := range texts(member(region, "references")) {
		if name, ok := strings.CutPrefix(reference, "var."); ok {
			return text(at(c.variables, name, "value"))
		}
	}
	return ""
}

// id is hexadecimal digits that an address stands for.
func id(address string, digits int) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:])[:digits]
}

// makeUp gives a resource the attributes that only an apply would know.
func (c *configuration) makeUp(one *resource) {
	region := one.text("region")
	if region == "" {
		region = c.region(one)
	}
	if region == "" {
		region = c.Region
	}
	give := func(name, value string) string {
		if have := one.get(name); have != nil {
			return have.Value
		}
		set(one.values, name, one.word(value))
		return value
	}
	invented := func(name string) string {
		prefix := one.text("name_prefix")
		if prefix == "" {
			prefix = one.text(name + "_prefix")
		}
		if prefix == "" {
			prefix = "terraform-"
		}
		suffix := ""
		if one.is("fifo_queue") || one.is("fifo_topic") {
			suffix = ".fifo"
		}
		return give(name, prefix+id(one.address, 26)+suffix)
	}
	named := func(service, before, name string) {
		give("arn", arn.New(service, region, c.Account, before+name).String())
	}
	global := func(kind string) string {
		path := one.text("path")
		if path == "" {
			path = "/"
		}
		return give("arn", arn.Global("iam", region, c.Account, kind+path+invented("name")).String())
	}
	switch one.kind {
	case "aws_sqs_queue":
		name := invented("name")
		named("sqs", "", name)
		give("url", "https://sqs."+region+".amazonaws.com/"+c.Account+"/"+name)
		give("id", one.text("url"))
	case "aws_sns_topic":
		named("sns", "", invented("name"))
		give("id", one.text("arn"))
	case "aws_kms_key", "aws_kms_external_key":
		key := uuid.NewSHA1(uuid.NameSpaceURL, []byte(one.address)).String()
		if one.is("multi_region") {
			key = "mrk-" + strings.ReplaceAll(key, "-", "")
		}
		give("id", give("key_id", key))
		named("kms", "key/", one.text("key_id"))
	case "aws_kms_alias":
		named("kms", "", give("name", "alias/"+one.text("name_prefix")+id(one.address, 26)))
		give("id", one.text("name"))
	case "aws_iam_role", "aws_iam_user", "aws_iam_group":
		global(strings.TrimPrefix(one.kind, "aws_iam_"))
		give("id", one.text("name"))
	case "aws_iam_policy":
		give("id", global("policy"))
	case "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy":
		invented("name")
	case "aws_s3_bucket":
		give("id", invented("bucket"))
		give("arn", "arn:"+arn.Partition(region)+":s3:::"+one.text("bucket"))
	case "aws_cloudwatch_event_bus":
		named("events", "event-bus/", one.text("name"))
		give("id", one.text("name"))
	case "aws_cloudwatch_event_rule":
		before := ""
		if bus := busName(one.text("event_bus_name")); bus != "" && bus != "default" {
			before = bus + "/"
		}
		named("events", "rule/"+before, invented("name"))
		give("id", one.text("name"))
	case "aws_vpc", "aws_subnet", "aws_security_group", "aws_vpc_endpoint":
		c.makeUpNetwork(one, region, give, invented)
	}
	give("region", region)
}

func (c *configuration) makeUpNetwork(one *resource, region string, give func(name, value string) string, invented func(name string) string) {
	kind := strings.ReplaceAll(strings.TrimPrefix(one.kind, "aws_"), "_", "-")
	prefix := map[string]string{"vpc": "vpc-", "subnet": "subnet-", "security-group": "sg-", "vpc-endpoint": "vpce-"}[kind]
	if kind == "security-group" {
		invented("name")
	}
	give("arn", arn.New("ec2", region, c.Account, kind+"/"+give("id", prefix+id(one.address, 17))).String())
}

// lists are the arguments that are lists of attributes of other resources.
var lists = []string{"subnet_ids", "security_group_ids", "roles", "users", "groups", "managed_policy_arns", "route_table_ids", "cidr_blocks"}

// fill gives arguments that are not known what they refer to.
func (c *configuration) fill(one *resource, values, unknown, expressions *yaml.Node, top bool) {
	if expressions == nil || expressions.Kind != yaml.MappingNode || values == nil {
		return
	}
	for i := 0; i+1 < len(expressions.Content); i += 2 {
		name, expression := expressions.Content[i].Value, expressions.Content[i+1]
		if expression.Kind == yaml.SequenceNode { // blocks
			blocks, unknowns := items(member(values, name)), items(member(unknown, name))
			for k := range min(len(blocks), len(unknowns)) {
				if len(expression.Content) > 0 {
					c.fill(one, blocks[k], unknowns[k], expression.Content[min(k, len(expression.Content)-1)], false)
				}
			}
			continue
		}
		if says(member(values, name)) && !slices.Contains(lists, name) || !isUnknown(member(unknown, name)) {
			continue
		}
		c.steps = 0
		found := c.attributes(one.module, texts(member(expression, "references")), one, 0)
		switch {
		case slices.Contains(lists, name) && len(found) > 0:
			set(values, name, newList(one.node, found...))
		case len(found) == 1 && !slices.Contains(documents, name):
			set(values, name, found[0])
		case top:
			one.unknown[name] = true
		}
	}
}

// documents are arguments that are never one attribute of another resource of AWS's.
var documents = []string{"policy", "assume_role_policy", "redrive_policy", "redrive_allow_policy", "filter_policy", "delivery_policy", "event_pattern", "input"}

// isUnknown reports whether something of a value is not known.
func isUnknown(n *yaml.Node) bool {
	if n == nil {
		return false
	}
	if n.Kind == yaml.ScalarNode {
		return n.Value == "true"
	}
	return slices.ContainsFunc(n.Content, isUnknown)
}

// attributes are the values of the attributes that an expression refers to.
func (c *configuration) attributes(module string, references []string, one *resource, depth int) []*yaml.Node {
	if c.steps++; depth > maxModules || c.steps > maxSteps {
		return nil
	}
	var found []*yaml.Node
	var last string
	for _, reference := range references {
		if strings.HasPrefix(last, reference+".") || strings.HasPrefix(last, reference+"[") {
			continue // it is the resource, after its attribute
		}
		last = reference
		found = append(found, c.refer(module, reference, one, depth)...)
	}
	return found
}

// refer is what one reference is in a module.
func (c *configuration) refer(module, reference string, one *resource, depth int) []*yaml.Node {
	configured, call := c.module(module)
	parts := strings.Split(reference, ".")
	switch {
	case parts[0] == "var" && len(parts) == 2 && call != nil:
		parent, _ := cutModule(module)
		return c.attributes(parent, texts(at(call, "expressions", parts[1], "references")), one, depth+1)
	case parts[0] == "module" && len(parts) == 3:
		output := at(configured, "module_calls", instance.ReplaceAllString(parts[1], ""), "module", "outputs", parts[2], "expression", "references")
		return c.attributes(joined(module, "module."+parts[1]), texts(output), one, depth+1)
	case len(parts) < 3:
		return nil
	}
	attribute := parts[len(parts)-1]
	address := joined(module, strings.TrimSuffix(reference, "."+attribute))
	other := c.byAddress[address]
	if other == nil && one.index != "" { // the instance of the same index
		other = c.byAddress[address+one.address[strings.LastIndex(one.address, "["):]]
	}
	if other == nil {
		return nil
	}
	if value := other.get(attribute); value != nil && value.Kind == yaml.ScalarNode {
		return []*yaml.Node{word(one.node, value.Value)}
	}
	return nil
}

func joined(module, address string) string {
	if module == "" {
		return address
	}
	return module + "." + address
}

// cutModule is the module around one, and its own name.
func cutModule(path string) (parent, name string) {
	i := strings.LastIndex(path, "module.")
	return strings.TrimSuffix(path[:max(i, 0)], "."), path[max(i, 0):]
}
