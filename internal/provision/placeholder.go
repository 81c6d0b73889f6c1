package provision

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/template"
)

// Resources of types that are not emulated are not made. What refers to them still needs
// ids, names and ARNs of the right form, for the services check it: a rule's target, the
// endpoint of a subscription, the principal of a policy.

// PlaceholderID is the physical id of a resource that is not made: the name that its
// properties give it, or one of the form that its type has. The same job yields the same.
func PlaceholderID(j *Job) string {
	p := newPlaceholder(j)
	if special := placeholderIDs[j.Type]; special != nil {
		return special(p)
	}
	var parts []string
	for _, name := range p.reference() {
		parts = append(parts, p.identifier(name))
	}
	return cmp.Or(strings.Join(parts, "|"), p.name())
}

// Placeholder is what Fn::GetAtt yields of a resource that is not made: the property of
// that name where there is one, else a value of the form that the attribute's name asks
// for.
func Placeholder(j *Job, attribute string) *template.Node {
	p := newPlaceholder(j)
	special := placeholderAttributes[j.Type+"."+attribute]
	switch {
	case special != nil:
		return template.Text(special(p))
	case slices.Equal(p.reference(), []string{attribute}):
		return template.Text(j.PhysicalID)
	case j.Properties.Get(attribute) != nil:
		return j.Properties.Get(attribute)
	case slices.Contains(p.outline.Lists, attribute):
		return template.Texts(p.attribute(strings.TrimSuffix(attribute, "s")))
	default:
		return template.Text(p.attribute(attribute))
	}
}

// placeholder makes up what is said of a resource that is not made.
type placeholder struct {
	*Job

	outline *resourcetype.Outline
}

// newPlaceholder takes types that nobody knows, which are custom ones, as well.
func newPlaceholder(j *Job) *placeholder {
	return &placeholder{Job: j, outline: cmp.Or(resourcetype.OutlineOf(j.Type), &resourcetype.Outline{})}
}

// reference are the properties and attributes that the physical id is made of.
func (p *placeholder) reference() []string {
	if len(p.outline.Reference) > 0 {
		return p.outline.Reference
	}
	return p.outline.Identifier
}

// name is the resource's: as its properties give it, or made up.
func (p *placeholder) name() string {
	if name := p.Properties.Get(p.outline.NameProperty); name.Scalar() {
		return name.String()
	}
	made := p.madeUp(64, "")
	if slices.Contains(lowerCase, p.service()) {
		return strings.ToLower(made)
	}
	return made
}

// lowerCase are the services whose names have no capitals.
var lowerCase = []string{"DocDB", "ECR", "ElastiCache", "Neptune", "OpenSearchService", "RDS", "Redshift", "S3Tables"}

// service is the middle part of the type's name, and kind its last.
func (p *placeholder) service() string {
	_, rest, _ := strings.Cut(p.Type, "::")
	service, _, _ := strings.Cut(rest, "::")
	return service
}

func (p *placeholder) kind() string { return p.Type[strings.LastIndex(p.Type, ":")+1:] }

// identifier is a part of the physical id.
func (p *placeholder) identifier(name string) string {
	switch value := p.Properties.Get(name); {
	case value.Scalar():
		return value.String()
	case ends(name, "arn"):
		return p.newARN()
	case ends(name, "id") && !ends(name, "grid"):
		return p.newID(name)
	default:
		return p.name()
	}
}

// ends reports whether a name ends with a word, in whatever letters.
func ends(name, word string) bool { return strings.HasSuffix(strings.ToLower(name), word) }

// newID is an id of the form that the type's service has.
func (p *placeholder) newID(name string) string {
	switch {
	case idPrefixes[p.Type] != "":
		return idPrefixes[p.Type] + "-" + p.hex(17)
	case strings.HasPrefix(p.service(), "ApiGateway"):
		return p.letters(10)
	case name == "Id":
		return p.name()
	default:
		return p.uuid()
	}
}

// random are bytes that look random, and are the same for the same resource.
func (p *placeholder) random(label string) []byte {
	sum := sha256.Sum256([]byte(strings.Join([]string{p.Stack.ID, p.LogicalID, p.Type, p.Token, label}, "\x00")))
	return sum[:]
}

// hex are up to 64 hexadecimal digits.
func (p *placeholder) hex(n int) string { return hex.EncodeToString(p.random("hex"))[:n] }

// letters are up to 32 lower-case letters and digits, of which the first is a letter.
func (p *placeholder) letters(n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := p.random("letters")[:n]
	for i, r := range b {
		b[i] = alphabet[int(r)%len(alphabet)]
	}
	b[0] = 'a' + b[0]%26
	return string(b)
}

func (p *placeholder) uuid() string {
	h := p.hex(32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

// newARN is the ARN of a resource whose id is part of it, or is it.
func (p *placeholder) newARN() string {
	if m := variable.FindAllStringSubmatch(p.form(), -1); len(m) > 0 && ends(m[len(m)-1][1], "id") {
		return p.arn(p.newID(m[len(m)-1][1]))
	}
	return p.arn(p.name())
}

// arn is the ARN of the resource of a name or id.
func (p *placeholder) arn(id string) string {
	return variable.ReplaceAllStringFunc(p.form(), func(v string) string {
		switch v {
		case "${Partition}":
			return p.Stack.Partition
		case "${Region}":
			return p.Stack.Region
		case "${Account}":
			return p.Stack.Account
		case "${ParameterNameWithoutLeadingSlash}":
			return strings.TrimPrefix(id, "/")
		default:
			return id
		}
	})
}

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

// form is the form of the type's ARNs; where it is not known, of most.
func (p *placeholder) form() string {
	if form := cmp.Or(arnForms[p.Type], p.outline.ARN); form != "" {
		return form
	}
	return "arn:${Partition}:" + strings.ToLower(p.service()) + ":${Region}:${Account}:" + kebab(p.kind()) + "/${Name}"
}

// kebab is a type's name as ARNs have it: task-definition for TaskDefinition.
func kebab(name string) string {
	return strings.ToLower(humps.ReplaceAllString(name, "$1-$2"))
}

var humps = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// short is the resource's name or id within its physical id, which may be an ARN.
func (p *placeholder) short() string {
	if strings.HasPrefix(p.PhysicalID, "arn:") {
		return p.PhysicalID[strings.LastIndexAny(p.PhysicalID, ":/")+1:]
	}
	return p.PhysicalID
}

// ownARN is the ARN of the resource with the physical id that it has.
func (p *placeholder) ownARN() string {
	if strings.HasPrefix(p.PhysicalID, "arn:") {
		return p.PhysicalID
	}
	return p.arn(p.PhysicalID)
}

func (p *placeholder) attribute(name string) string {
	last := name[strings.LastIndex(name, ".")+1:]
	host := strings.ToLower(p.short()) + "." + strings.ToLower(p.service()) + "." + p.Stack.Region + ".amazonaws.com"
	switch {
	case ends(last, "secretarn"):
		return "arn:" + p.Stack.Partition + ":secretsmanager:" + p.Stack.Region + ":" + p.Stack.Account + ":secret:" + p.short() + "-" + p.letters(6)
	case ends(last, "arn"):
		return p.ownARN()
	case ends(last, "url"), ends(last, "uri"), ends(last, "endpoint"):
		return "https://" + host
	case ends(last, "dnsname"), ends(last, "domainname"), ends(last, "address"):
		return host
	case ends(last, "port"):
		return "443"
	case ends(last, "name"):
		return p.short()
	case ends(last, "time"), ends(last, "date"), ends(last, "createdat"), ends(last, "updatedat"):
		return "2024-01-01T00:00:00Z"
	case ends(last, "id"):
		return p.newID(last)
	default:
		return p.short() + "-" + strings.ReplaceAll(name, ".", "-")
	}
}
