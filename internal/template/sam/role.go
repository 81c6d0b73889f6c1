package sam

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/waxseal/waxseal/internal/awspolicy"
	"github.com/waxseal/waxseal/internal/template"
)

//go:embed policies.json
var policiesJSON string

// policyTemplates are the policy templates by their names. [C256]
var policyTemplates = sync.OnceValue(func() *node { return data(policiesJSON) })

// data reads what is in the program.
func data(text string) *node {
	n, err := template.ParseJSON(text)
	if err != nil {
		panic(err) // a test reads it
	}
	return n
}

// trust is the trust policy of a service's role.
func trust(service string) *node {
	return object("Version", "2012-10-17", "Statement", list(object(
		"Action", []string{"sts:AssumeRole"}, "Effect", "Allow", "Principal", object("Service", []string{service}),
	)))
}

// allow is an inline policy with one statement.
func allow(name, action string, resource *node) *node {
	return object("PolicyName", name, "PolicyDocument", object("Statement", list(object(
		"Action", action, "Effect", "Allow", "Resource", resource,
	))))
}

// sendTo is the inline policy that lets a function send to a destination; nil: it needs none.
func sendTo(kind string, destination *node, id string) *node {
	switch kind {
	case "SQS":
		return allow(id+"SQSPolicy", "sqs:SendMessage", destination)
	case "SNS":
		return allow(id+"SNSPolicy", "sns:publish", destination)
	case "EventBridge":
		return allow(id+"EventBridgePolicy", "events:PutEvents", destination)
	case "Lambda":
		return allow(id+"LambdaPolicy", "lambda:InvokeFunction", destination)
	case "S3", "S3Bucket":
		return object("PolicyName", id+"S3Policy", "PolicyDocument", object("Statement", list(
			object("Action", "s3:PutObject", "Effect", "Allow", "Resource", object("Fn::Join", list("/", list(destination, "*")))),
			object("Action", "s3:ListBucket", "Effect", "Allow", "Resource", destination),
		)))
	}
	return nil
}

// managed is the ARN of a managed policy of AWS, with its path.
func (x *expansion) managed(path string) *node {
	return template.Text("arn:" + x.scope.Partition + ":iam::aws:policy/" + path)
}

// role is a role that is made for a resource. managedPolicies and inline are what it has
// before its Policies. [C250] [C257]
func (x *expansion) role(s *source, assume *node, policies, managedPolicies, inline []*node) (*resource, error) {
	r := &resource{id: s.id + "Role", kind: "AWS::IAM::Role", attributes: s.passed()}
	known := map[string]bool{}
	for _, policy := range managedPolicies {
		known[policy.JSON()] = true
	}
	for i, policy := range policies {
		if !isText(policy) && !isMap(policy) {
			return nil, invalid(s.id, "Type of property 'Policies' is invalid.")
		}
		if text := policy; isText(text) {
			policy = x.policyARN(text)
		}
		kind, err := kindOf(policy)
		if err != nil {
			return nil, err
		}
		switch kind {
		case managedPolicy:
			policy = eachBranch(policy, func(n *node) *node {
				if isText(n) {
					return x.policyARN(n)
				}
				return n
			})
			if text := policy.JSON(); !known[text] {
				known[text] = true
				managedPolicies = append(managedPolicies, policy)
			}
		case policyDocument, policyTemplate:
			if policy, err = x.inline(s, policy, r.id+"Policy"+strconv.Itoa(i)); err != nil {
				return nil, err
			}
			inline = append(inline, policy)
		default:
			return nil, invalid(s.id, "Policy at index %d in the 'Policies' property is not valid", i)
		}
	}
	r.properties = object(
		"AssumeRolePolicyDocument", assume, "ManagedPolicyArns", add(nil, managedPolicies...),
		"Path", s.get("RolePath"), "PermissionsBoundary", s.get("PermissionsBoundary"),
		"Tags", list(append([]any{object("Key", "lambda:createdBy", "Value", "SAM")}, tagList(s.get("Tags"))...)...),
	)
	if inline != nil {
		r.set("Policies", add(nil, inline...))
	}
	return r, nil
}

// grant gives a role a managed policy and inline ones, unless it has them.
func (r *resource) grant(managedPolicy *node, inline ...*node) {
	if managedPolicy != nil && !has(r.properties.Get("ManagedPolicyArns"), managedPolicy) {
		r.set("ManagedPolicyArns", add(r.properties.Get("ManagedPolicyArns"), managedPolicy))
	}
	for _, policy := range inline {
		if policy == nil {
			continue
		}
		all := r.properties.Get("Policies")
		same := all != nil && slices.ContainsFunc(all.Items, func(n *node) bool {
			document := n.Get("PolicyDocument")
			return document != nil && document.Equal(policy.Get("PolicyDocument"))
		})
		if !same {
			r.set("Policies", add(all, policy))
		}
	}
}

// policyARN is the ARN of a managed policy of AWS by its name; another text stays.
func (x *expansion) policyARN(n *node) *node {
	if p := awspolicy.Find(n.Text); p != nil {
		return x.managed(strings.TrimPrefix(p.Path, "/") + p.Name)
	}
	return n
}

// policyKind is what a member of Policies is.
type policyKind int

const (
	unknownPolicy policyKind = iota
	managedPolicy
	policyDocument
	policyTemplate
)

func kindOf(policy *node) (policyKind, error) {
	if items := branches(policy); items != nil {
		if len(items) != 3 {
			return 0, &fault{message: "Structure of the SAM template is invalid. Fn::If requires 3 arguments", at: policy.At}
		}
		yes, err := kindOf(items[1])
		if err != nil {
			return 0, err
		}
		no, err := kindOf(items[2])
		switch {
		case err != nil:
			return 0, err
		case isNoValue(items[1]):
			return no, nil
		case isNoValue(items[2]) || yes == no:
			return yes, nil
		}
		return 0, &fault{message: "Structure of the SAM template is invalid. Different policy types within the same Fn::If statement is unsupported. Separate different policy types into different Fn::If statements", at: policy.At}
	}
	switch {
	case isText(policy) || isFunction(policy):
		return managedPolicy, nil
	case policy.Get("Statement") != nil:
		return policyDocument, nil
	case isMap(policy) && len(policy.Members) == 1 && policyTemplates().Get(policy.Members[0].Key) != nil:
		return policyTemplate, nil
	}
	return unknownPolicy, nil
}

// eachBranch is n, or Fn::If with f made of its two values.
func eachBranch(n *node, f func(*node) *node) *node {
	items := branches(n)
	if len(items) != 3 {
		return f(n)
	}
	return object("Fn::If", list(items[0], eachBranch(items[1], f), eachBranch(items[2], f)))
}

// inline is a member of a role's Policies, or Fn::If of them.
func (x *expansion) inline(s *source, policy *node, name string) (*node, error) {
	var wrong error
	made := eachBranch(policy, func(n *node) *node {
		if isNoValue(n) {
			return n
		}
		document := n
		if n.Get("Statement") == nil {
			var err error
			if document, err = fill(s.id, n.Members[0].Key, n.Members[0].Value); err != nil {
				wrong = err
			}
		}
		return object("PolicyName", name, "PolicyDocument", document)
	})
	return made, wrong
}

// fill puts arguments into a policy template. [C252]
func fill(id, name string, arguments *node) (*node, error) {
	if !isMap(arguments) {
		return nil, invalid(id, "Must specify valid parameter values for policy template '%s'", name)
	}
	t := policyTemplates().Get(name)
	var missing []string
	for _, parameter := range t.Get("Parameters").Strings() {
		if arguments.Get(parameter) == nil {
			missing = append(missing, parameter)
		}
	}
	if missing != nil {
		return nil, invalid(id, "Following required parameters of template '%s' don't have values: %s", name, quoted(missing))
	}
	return refill(t.Get("Document"), arguments), nil
}

// refill is n with arguments in the place of what refers to them, and nothing of the
// arguments looked at again.
func refill(n, arguments *node) *node {
	if name, argument := function(n); name == "Ref" {
		if value := arguments.Get(argument.String()); value != nil {
			return value
		}
		return n
	}
	c := *n
	c.At = template.Position{}
	c.Items, c.Members = slices.Clone(n.Items), slices.Clone(n.Members)
	for i := range c.Items {
		c.Items[i] = refill(c.Items[i], arguments)
	}
	for i := range c.Members {
		c.Members[i].KeyAt = template.Position{}
		c.Members[i].Value = refill(c.Members[i].Value, arguments)
	}
	return &c
}

// policyList are the Policies of a resource: one or a list.
func policyList(n *node) []*node {
	switch {
	case !given(n):
		return nil
	case isList(n):
		return n.Items
	default:
		return []*node{n}
	}
}
