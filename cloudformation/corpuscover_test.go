package cloudformation_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/template"
)

// uses are what the templates of the corpus use, in lines such as "type AWS::SQS::Queue",
// "property AWS::SQS::Queue.Tags", "attribute AWS::SQS::Queue.Arn", "function Fn::Sub".
type uses map[string]bool

// corpusUses are what the right templates of the corpus use, and what only the wrong ones do.
func corpusUses(t *testing.T) (right, wrong uses) {
	t.Helper()
	right, wrong = uses{}, uses{}
	for _, f := range corpus(t) {
		for _, r := range f.rounds {
			right.note(t, f, r.text)
		}
		for _, text := range f.objects {
			right.note(t, f, text)
		}
		for _, w := range f.wrongs {
			wrong.note(nil, f, w.text)
		}
	}
	return right, wrong
}

// note notes what a template uses. One that cannot be read is no fault where t is nil.
func (u uses) note(t *testing.T, f *corpusFile, text string) {
	root, err := template.Read(text)
	if err != nil {
		if t != nil {
			t.Errorf("%s: %v", f.path, err)
		}
		return
	}
	for _, m := range root.Members {
		u["section "+m.Key] = true
	}
	u.walk(root, u.resources(root.Get("Resources")))
}

// resources notes what resources there are, those in loops as well, and yields their types.
func (u uses) resources(n *template.Node) map[string]string {
	types := map[string]string{}
	if n == nil {
		return types
	}
	for _, m := range n.Members {
		if strings.HasPrefix(m.Key, "Fn::ForEach::") && len(m.Value.Items) == 3 {
			maps.Copy(types, u.resources(m.Value.Items[2]))
			continue
		}
		kind := m.Value.Get("Type").String()
		types[m.Key] = kind
		u["type "+kind] = true
		for _, part := range m.Value.Members {
			u["part "+part.Key] = true
			if part.Key == "DeletionPolicy" || part.Key == "UpdateReplacePolicy" {
				u[part.Key+" "+part.Value.String()] = true
			}
		}
		if properties := m.Value.Get("Properties"); properties != nil {
			for _, p := range properties.Members {
				u["property "+kind+"."+p.Key] = true
			}
		}
	}
	return types
}

// walk notes the functions in n, and what they refer to.
func (u uses) walk(n *template.Node, types map[string]string) {
	for item := range n.All() {
		u.walk(item, types)
	}
	for _, m := range n.Members {
		name, _, _ := strings.Cut(m.Key, "ForEach::")
		if name != m.Key {
			name += "ForEach"
		}
		if m.Key == "Ref" || m.Key == "Condition" || strings.HasPrefix(m.Key, "Fn::") {
			u["function "+name] = true
		}
		switch m.Key {
		case "Ref":
			u["reference "+m.Value.String()] = true
		case "Fn::GetAtt":
			if id, attribute, ok := strings.Cut(strings.Join(m.Value.Strings(), "."), "."); ok {
				u.attribute(types[id], attribute)
			}
		case "Fn::Sub":
			text := m.Value
			if len(text.Items) > 0 {
				text = text.Items[0]
			}
			u.variables(text.String(), types)
		}
		u.walk(m.Value, types)
	}
}

func (u uses) variables(text string, types map[string]string) {
	for _, v := range variables.FindAllString(text, -1) {
		name := v[2 : len(v)-1]
		u["reference "+name] = true
		if id, attribute, ok := strings.Cut(name, "."); ok {
			u.attribute(types[id], attribute)
		}
	}
}

func (u uses) attribute(kind, name string) {
	name, _, _ = strings.Cut(name, ".")
	u["attribute "+kind+"."+name] = true
}

// language is what templates consist of beside resources.
var language = []string{
	"section AWSTemplateFormatVersion", "section Conditions", "section Description", "section Globals", "section Mappings", "section Metadata",
	"section Outputs", "section Parameters", "section Resources", "section Rules", "section Transform",
	"part Condition", "part CreationPolicy", "part DeletionPolicy", "part DependsOn", "part Description", "part Metadata", "part Properties", "part Type",
	"part UpdatePolicy", "part UpdateReplacePolicy",
	"DeletionPolicy Delete", "DeletionPolicy Retain", "DeletionPolicy RetainExceptOnCreate", "UpdateReplacePolicy Delete", "UpdateReplacePolicy Retain",
	"function Condition", "function Fn::And", "function Fn::Base64", "function Fn::Cidr", "function Fn::Contains", "function Fn::EachMemberEquals",
	"function Fn::EachMemberIn", "function Fn::Equals", "function Fn::FindInMap", "function Fn::ForEach", "function Fn::GetAZs", "function Fn::GetAtt",
	"function Fn::If", "function Fn::ImportValue", "function Fn::Join", "function Fn::Length", "function Fn::Not", "function Fn::Or", "function Fn::RefAll", "function Fn::Select",
	"function Fn::Split", "function Fn::Sub", "function Fn::ToJsonString", "function Fn::ValueOf", "function Fn::ValueOfAll", "function Ref",
	"reference AWS::AccountId", "reference AWS::NoValue", "reference AWS::NotificationARNs", "reference AWS::Partition", "reference AWS::Region",
	"reference AWS::StackId", "reference AWS::StackName", "reference AWS::URLSuffix",
}

// refusedLanguage is what waxseal refuses by name.
var refusedLanguage = []string{"function Fn::Transform", "DeletionPolicy Snapshot"}

// TestCorpusCoversEverything: the language, all types that are emulated, their properties and
// their attributes are in the corpus. What is refused has a wrong template.
func TestCorpusCoversEverything(t *testing.T) {
	t.Parallel()
	right, wrong := corpusUses(t)
	files := corpus(t)
	if len(files) < 60 {
		t.Errorf("there are %d templates", len(files))
	}
	for _, f := range files {
		if len(f.wrongs) == 0 {
			t.Errorf("%s has no wrong twin", f.name)
		}
	}
	var missing []string
	for _, use := range language {
		if !right[use] {
			missing = append(missing, use)
		}
	}
	for _, use := range refusedLanguage {
		if !wrong[use] || right[use] {
			missing = append(missing, use)
		}
	}
	for _, name := range resourcetype.Names() {
		missing = append(missing, missingOf(resourcetype.Find(name), right, wrong)...)
	}
	if len(missing) > 0 {
		t.Errorf("%d are missing:\n%s", len(missing), strings.Join(missing, "\n"))
	}
}

func missingOf(kind *resourcetype.Type, right, wrong uses) (missing []string) {
	if !right["type "+kind.Name] {
		return []string{"type " + kind.Name}
	}
	if kind.Properties.Members != nil {
		for _, property := range slices.Sorted(maps.Keys(kind.Properties.Members)) {
			if use := "property " + kind.Name + "." + property; !right[use] && !wrong[use] {
				missing = append(missing, use)
			}
		}
	}
	for _, attribute := range kind.Attributes {
		attribute, _, _ := strings.Cut(attribute, ".") // whatever has parts is of what is refused or left out
		if kind.Properties.Members[attribute] != nil && wrong["property "+kind.Name+"."+attribute] {
			continue
		}
		if use := "attribute " + kind.Name + "." + attribute; !right[use] && !wrong[use] {
			missing = append(missing, use)
		}
	}
	return missing
}
