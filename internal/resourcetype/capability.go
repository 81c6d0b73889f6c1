package resourcetype

import (
	"slices"

	"github.com/waxseal/waxseal/internal/template"
)

// What a caller acknowledges when a template makes identities and their rights.
const (
	CapabilityIAM      = "CAPABILITY_IAM"
	CapabilityNamedIAM = "CAPABILITY_NAMED_IAM"
)

// identityTypes are the types that give rights [C172].
var identityTypes = []string{
	"AWS::IAM::AccessKey", "AWS::IAM::Group", "AWS::IAM::GroupPolicy", "AWS::IAM::InstanceProfile",
	"AWS::IAM::ManagedPolicy", "AWS::IAM::OIDCProvider", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::RolePolicy",
	"AWS::IAM::SAMLProvider", "AWS::IAM::ServiceLinkedRole", "AWS::IAM::User", "AWS::IAM::UserPolicy",
	"AWS::IAM::UserToGroupAddition",
}

// Capability is what a caller has to acknowledge for a resource of a type; empty: nothing.
// Resources with names that their template chooses need more.
func Capability(name string, properties *template.Node) string {
	switch o := OutlineOf(name); {
	case !slices.Contains(identityTypes, name):
		return ""
	case o.NameProperty != "" && properties.Get(o.NameProperty) != nil:
		return CapabilityNamedIAM
	default:
		return CapabilityIAM
	}
}
