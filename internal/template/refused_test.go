package template

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

const queue = "\nResources: {Q: {Type: AWS::SQS::Queue}}\n"

// property is a template with one resource with one property.
func property(value string) string {
	return "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {P: " + value + "}}, D: {Type: AWS::SQS::Queue}}\n"
}

// Each text is refused with the message, where something is said of the place there, and
// right is what it should have been.
var refused = []struct {
	name, text, want string
	at               Position
	right            string
}{
	{name: "C100 JSON", text: `{"Resources": {"A": {"Type" "x"}}}`, want: "Template format error: JSON not well-formed. (line 1, column 30)", at: Position{1, 29},
		right: `{"Resources": {"A": {"Type": "x"}}}`},
	{name: "C100 JSON that goes on", text: `{"Resources": {"A": {"Type": "x"}}} 1`, want: "Template format error: JSON not well-formed. (line 1, column 38)", at: Position{1, 38}},
	{name: "C100 JSON with = for :", text: `{"Resources"={}}`, want: "Template format error: JSON not well-formed. (line 1, column 14)", at: Position{1, 13}},
	{name: "C100 YAML", text: "Resources:\n  A: {Type: x\nB: [", want: "Template format error: YAML not well-formed.", at: Position{2, 1}, right: "Resources:\n  A: {Type: x}"},
	{name: "C100 YAML tag", text: "Resources: {A: {Type: !!binary x}}", want: "Template format error: YAML not well-formed.", at: Position{1, 23}, right: "Resources: {A: {Type: !!str x}}"},
	{name: "C100 two documents", text: queue + "---\na: b", want: "Template format error: YAML not well-formed.", at: Position{3, 1}, right: "---" + queue},
	{name: "C100 key", text: "Resources: {[a]: b}", want: "Template format error: YAML not well-formed.", at: Position{1, 13}},
	{name: "C100 string", text: "https://example.com/t.yaml", want: "Template format error: unsupported structure."},
	{name: "C100 list", text: "- a", want: "Template format error: unsupported structure."},
	{name: "C100 nothing", text: "", want: "Template format error: unsupported structure."},
	{name: "aliases", text: "Resources: {A: &a {Type: x}, B: *a}", want: "Template error: YAML aliases are not allowed in CloudFormation templates", at: Position{1, 33}, right: "Resources: {A: &a {Type: x}}"},
	{name: "C101 none", text: "Description: x", want: "Template format error: At least one Resources member must be defined."},
	{name: "C101 empty", text: "Resources: {}", want: "Template format error: At least one Resources member must be defined."},
	{name: "C101 no map", text: "Resources: [a]", want: "Template format error: Any Resources member must be an object.", at: Position{1, 12}},
	{name: "C101 member", text: "Resources: {A: b}", want: "Template format error: Any Resources member must be an object.", at: Position{1, 16}},
	{name: "C102", text: "Resources: {A: {Properties: {}}}", want: "Template format error: [/Resources/A] Every Resources object must contain a Type member.", at: Position{1, 13}},
	{name: "C103", text: "Resources: {A: {Type: x, Invalid: 1}}", want: "Invalid template resource property 'Invalid'", at: Position{1, 26}},
	{name: "C104 section", text: "Invalid: 1\nOther: 2" + queue, want: "Invalid template property or properties [Invalid, Other]", at: Position{1, 1}},
	{name: "C104 parameter", text: "Parameters: {P: {Type: String, Invalid: 1}}" + queue, want: "Invalid template parameter property 'Invalid'", at: Position{1, 32}},
	{name: "C104 output", text: "Outputs: {O: {Value: a, Invalid: 1}}" + queue, want: "Invalid output property or properties [Invalid]", right: "Outputs: {O: {Value: a}}" + queue},
	{name: "C105 resource", text: "Resources: {my-bad-id: {Type: x}}", want: "Template format error: Resource name my-bad-id is non alphanumeric.", at: Position{1, 13}},
	{name: "C105 parameter", text: "Parameters: {AWS::NoValue: {Type: String}}" + queue, want: "Template format error: Parameter name AWS::NoValue is non alphanumeric.", at: Position{1, 14}},
	{name: "C107 Ref", text: property("!Ref X"), want: "Template format error: Unresolved resource dependencies [X] in the Resources block of the template", right: property("!Ref D")},
	{name: "C107 several", text: "Resources: {A: {Type: x, DependsOn: [X, A2], Properties: {P: !Ref Y, Q: !Ref X}}, A2: {Type: x}}", want: "Template format error: Unresolved resource dependencies [X, Y] in the Resources block of the template", at: Position{1, 37}},
	{name: "C107 pseudo parameter", text: property("!Ref AWS::Reg"), want: "Template format error: Unresolved resource dependencies [AWS::Reg] in the Resources block of the template", right: property("!Ref AWS::Region")},
	{name: "C107 pseudo parameter of an output", text: queue + "\nOutputs: {O: {Value: !Ref AWS::Reg}}", want: "Template format error: Unresolved resource dependencies [AWS::Reg] in the Outputs block of the template", right: queue + "\nOutputs: {O: {Value: !Ref AWS::Region}}"},
	{name: "C107 metadata", text: "Resources: {A: {Type: x, Metadata: {a: !Ref X}}}", want: "Template format error: Unresolved resource dependencies [X] in the Resources block of the template"},
	{name: "C107 Ref behind a false condition", text: "Conditions: {Not: !Equals [a, b]}\nResources: {A: {Type: x, Condition: Not}, B: {Type: x, Properties: {P: !Ref A}}}", want: "Template format error: Unresolved resource dependencies [A] in the Resources block of the template", at: Position{2, 72},
		right: "Conditions: {Not: !Equals [a, a]}\nResources: {A: {Type: x, Condition: Not}, B: {Type: x, Properties: {P: !Ref A}}}"},
	{name: "C107 DependsOn behind a false condition", text: "Conditions: {Not: !Equals [a, b]}\nResources: {A: {Type: x, Condition: Not}, B: {Type: x, DependsOn: A}}", want: "Template format error: Unresolved resource dependencies [A] in the Resources block of the template"},
	{name: "C107 output, conditional", text: "Conditions: {Not: !Equals [a, b]}\nResources: {A: {Type: x, Condition: Not}, B: {Type: x}}\nOutputs: {O: {Value: !Ref A}}", want: "Unresolved resource dependencies [A] in the Outputs block of the template", at: Position{3, 22},
		right: "Conditions: {Not: !Equals [a, b]}\nResources: {A: {Type: x, Condition: Not}, B: {Type: x}}\nOutputs: {O: {Condition: Not, Value: !Ref A}}"},
	{name: "C107 output, unknown", text: "Outputs: {O: {Value: !Ref X}}" + queue, want: "Template format error: Unresolved resource dependencies [X] in the Outputs block of the template", right: "Outputs: {O: {Value: !Ref Q}}" + queue},
	{name: "C108 GetAtt", text: property("!GetAtt X.Arn"), want: "Template error: instance of Fn::GetAtt references undefined resource X", right: property("!GetAtt D.Arn")},
	{name: "C108 Sub with attribute", text: property("!Sub '${X.Arn}'"), want: "Template error: instance of Fn::Sub references invalid resource attribute X.Arn", right: property("!Sub '${D.Arn}'")},
	{name: "C108 Sub", text: property("!Sub '${X}'"), want: "Template format error: Unresolved resource dependencies [X] in the Resources block of the template", right: property("!Sub '${D}'")},
	{name: "C109 null", text: "Outputs: {MyOutput: {Value: }}" + queue, want: "[/Outputs/MyOutput/Value] 'null' values are not allowed in templates"},
	{name: "C109 null in a list", text: property("[a, ~]"), want: "[/Resources/Q/Properties/P/1] 'null' values are not allowed in templates"},
	{name: "C109 no value", text: "Outputs: {O: {Description: x}}" + queue, want: "Template format error: Every Outputs member must contain a Value object"},
	{name: "C110 list", text: "Outputs: {O: {Value: [a]}}" + queue, want: "Template format error: The Value field of every Outputs member must evaluate to a String and not a List."},
	{name: "C110 map", text: "Outputs: {O: {Value: {a: b}}}" + queue, want: "Template format error: The Value field of every Outputs member must evaluate to a String and not a Map."},
	{name: "C110 list parameter", text: "Parameters: {L: {Type: CommaDelimitedList, Default: 'a,b'}}\nOutputs: {O: {Value: !Ref L}}" + queue, want: "Template format error: The Value field of every Outputs member must evaluate to a String and not a List."},
	{name: "C111", text: "Resources: {A: {Type: x, DependsOn: B}, B: {Type: x, Properties: {P: !Ref C}}, C: {Type: x, Properties: {P: !GetAtt A.Arn}}, D: {Type: x, DependsOn: A}, E: {Type: x}}", want: "Circular dependency between resources: [A, B, C]", at: Position{1, 13}},
	{name: "C111 itself", text: property("!Ref Q"), want: "Circular dependency between resources: [Q]"},
	{name: "C111 conditions", text: "Conditions: {A: {Condition: B}, B: !Not [!Condition A]}" + queue, want: "Template error: Found circular condition dependency: A -> B -> A"},
	{name: "C112 If", text: property("!If [X, a, b]"), want: "Template error: unresolved condition dependency X in Fn::If", right: "Conditions: {X: !Equals [a, b]}\n" + property("!If [X, a, b]")},
	{name: "C112 resource", text: "Resources: {A: {Type: x, Condition: X}}", want: "Template format error: Unresolved condition dependency X in the Resources block of the template", at: Position{1, 37}},
	{name: "C112 output", text: "Outputs: {O: {Value: a, Condition: X}}" + queue, want: "Template format error: Unresolved condition dependency X in the Outputs block of the template"},
	{name: "C112 condition", text: "Conditions: {A: !Not [{Condition: X}]}" + queue, want: "Template format error: Condition X  is not defined."},
	{name: "C112 Ref of a resource", text: "Conditions: {A: !Equals [!Ref Q, a]}" + queue, want: "Template format error: Unresolved dependencies [Q]. Cannot reference resources in the Conditions block of the template", right: "Conditions: {A: !Equals [!Ref AWS::Region, a]}" + queue},
	{name: "C112 GetAtt of a resource", text: "Conditions: {A: !Equals [!GetAtt Q.Arn, a]}" + queue, want: "Template format error: Unresolved dependencies [Q]. Cannot reference resources in the Conditions block of the template"},
	{name: "C113 shallow", text: "Mappings: {A: b}" + queue, want: "Template format error: Every Mappings member A must be a map"},
	{name: "C113 less shallow", text: "Mappings: {A: {b: c}}" + queue, want: "Template format error: Every Mappings member b must be a map", right: "Mappings: {A: {b: {c: [d, e], f: 1}}}" + queue},
	{name: "C113 deep", text: "Mappings: {A: {b: {c: {d: e}}}}" + queue, want: "Template format error: Every Mappings attribute must be a String or a List."},
	{name: "C113 function", text: "Mappings: {A: {b: {c: !Ref AWS::Region}}}" + queue, want: "Template format error: Every Mappings attribute must be a String or a List."},
	{name: "C114 key", text: "Mappings: {M: {a: {b: c}}}\n" + property("!FindInMap [M, !Ref AWS::Region, b]"), want: "Template error: Unable to get mapping for M::eu-west-1::b", at: Position{2, 56},
		right: "Mappings: {M: {eu-west-1: {b: c}}}\n" + property("!FindInMap [M, !Ref AWS::Region, b]")},
	{name: "C114 map", text: property("!FindInMap [X, a, b]"), want: "Template error: Mapping named 'X' is not present in the 'Mappings' section of template."},
	{name: "C115", text: "AWSTemplateFormatVersion: 2010-09-10" + queue, want: "Template format error: unsupported value for AWSTemplateFormatVersion.", right: "AWSTemplateFormatVersion: 2010-09-09" + queue},
	{name: "C116 map", text: "Resources: {A: {Type: x, DependsOn: {}}}", want: "Template format error: DependsOn must be a string or list of strings."},
	{name: "C116 member", text: "Resources: {A: {Type: x, DependsOn: [[]]}}", want: "Template format error: Every DependsOn value must be a string."},
	{name: "C117 unknown", text: "Resources: {A: {Type: x, DeletionPolicy: Keep}}", want: "Template format error: Unrecognized DeletionPolicy Keep for resource A", right: "Resources: {A: {Type: x, DeletionPolicy: RetainExceptOnCreate}}"},
	{name: "C117 snapshot", text: "Resources: {A: {Type: AWS::SQS::Queue, DeletionPolicy: Snapshot}}", want: "Template error: resource type AWS::SQS::Queue does not support deletion policy Snapshot", right: "Resources: {A: {Type: AWS::EC2::Volume, DeletionPolicy: Snapshot}}"},
	{name: "C118", text: "Parameters: {Q: {Type: String, Default: a}}" + queue, want: "Template error: all resources and parameters must have unique names. Common name(s):[Q]"},
	{name: "C119", text: property("!Foo a"), want: "Template error: Encountered unsupported function: Fn::Foo Supported functions are: [Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, Fn::Cidr]"},
	{name: "C120 resources", text: "Resources: {" + manyOf("R%d: {Type: x}", 501) + "}", want: "Template format error: Number of resources, 501, is greater than maximum allowed, 500", right: "Resources: {" + manyOf("R%d: {Type: x}", 500) + "}"},
	{name: "C120 parameters", text: "Parameters: {" + manyOf("P%d: {Type: String, Default: a}", 201) + "}" + queue, want: "Template format error: Number of parameters, 201, is greater than maximum allowed, 200"},
	{name: "C120 outputs", text: "Outputs: {" + manyOf("P%d: {Value: a}", 201) + "}" + queue, want: "Template format error: Number of outputs, 201, is greater than maximum allowed, 200"},
	{name: "C120 description", text: "Description: " + strings.Repeat("a", 1025) + queue, want: "Template format error: 'Description' length is greater than 1024.", right: "Description: " + strings.Repeat("a", 1024) + queue},
	{name: "C121 name", text: "Transform: {Name: [a]}" + queue, want: "Key Name of transform definition must be a string."},
	{name: "C121 unknown", text: "Transform: MyMacro" + queue, want: "No transform named MyMacro found."},
	{name: "C121 within", text: property("{'Fn::Transform': {Name: AWS::Include}}"), want: "No transform named AWS::Include found."},
	{name: "C130", text: property("{Ref: [a]}"), want: "Template error: every Ref object must have a single String value."},
	{name: "C131 one", text: property("{'Fn::GetAtt': [D]}"), want: "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute", right: property("{'Fn::GetAtt': [D, Arn]}")},
	{name: "C131 empty", text: property("{'Fn::GetAtt': [D, '']}"), want: "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute"},
	{name: "C131 no dot", text: property("!GetAtt D"), want: "Template error: if specifying one argument to Fn::GetAtt, that argument must be a non-empty string in format <LogicalId>.<Attribute>"},
	{name: "C131 resource by a function", text: property("{'Fn::GetAtt': [!Ref AWS::StackName, Arn]}"), want: "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute"},
	{name: "C132", text: property("!Sub [a]"), want: "Template error: " + badSub, right: property("!Sub [a, {}]")},
	{name: "C134 name", text: property("!Sub '${ D }'"), want: "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons", right: property("!Sub '${D}'")},
	{name: "C134 key", text: property("!Sub [a, {a-b: c}]"), want: "Template error: every key of the context object of every Fn::Sub object must contain only alphanumeric characters and underscores", right: property("!Sub [a, {a_b: c}]")},
	{name: "C134 value", text: property("!Sub ['${a}', {a: [c]}]"), want: "Template error: every value of the context object of every Fn::Sub object must be a string or a function that returns a string"},
	{name: "C135", text: property("!Join [a]"), want: "Template error: " + badJoin, right: property("!Join ['', [a]]")},
	{name: "C135 string", text: property("!Join [a, b]"), want: "Template error: " + badJoin},
	{name: "C135 delimiter", text: property("!Join [!Ref AWS::Region, [a]]"), want: "Template error: " + badJoin},
	{name: "C135 list within", text: property("!Join [a, [[b]]]"), want: "Template error: " + badJoin},
	{name: "C136", text: property("!Split [a]"), want: "Template error: " + badSplit, right: property("!Split [a, b]")},
	{name: "C136 delimiter", text: property("!Split [!Ref AWS::Region, a]"), want: "Template error: " + badSplit},
	{name: "C136 list", text: property("!Split [a, [b]]"), want: "Template error: " + badSplit},
	{name: "C137 index", text: property("!Select [x, [a]]"), want: "Template error: " + badSelect, right: property("!Select ['0', [a]]")},
	{name: "C137 beyond", text: property("!Select [1, [a]]"), want: "Template error: " + badSelect},
	{name: "C137 no list", text: property("!Select [0, a]"), want: "Template error: " + badSelect},
	{name: "C137 later", text: property("!Select [2, !Split [',', !Ref AWS::Region]]"), want: "Template error: Fn::Select  cannot select nonexistent value at index 2"},
	{name: "C139", text: property("!FindInMap [a, b]"), want: "Template error: " + badFindInMap},
	{name: "C139 function", text: "Mappings: {M: {a: {b: c}}}\n" + property("!FindInMap [M, !Sub a, b]"), want: "Template error: " + badFindInMap, right: "Mappings: {M: {a: {b: c}}}\nParameters: {K: {Type: String, Default: a}}\n" + property("!FindInMap [M, !Ref K, b]")},
	{name: "C140", text: property("{'Fn::Base64': [a]}"), want: "Template error: every Fn::Base64 object must have a String-typed value."},
	{name: "C142 count", text: property("!Cidr [10.0.0.0/16, 257, 8]"), want: "Template error: Fn::Cidr: the number of blocks must be between 1 and 256"},
	{name: "C142 too many", text: property("!Cidr [10.0.0.0/24, 3, 7]"), want: "Template error: Fn::Cidr: 10.0.0.0/24 has no 3 blocks of 7 bits", right: property("!Cidr [10.0.0.0/24, 2, 7]")},
	{name: "C142 block", text: property("!Cidr [10.0.0, 3, 7]"), want: "Template error: Fn::Cidr: 10.0.0 is not a CIDR block"},
	{name: "C143", text: property("!ImportValue {Ref: D}"), want: "Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs", right: property("!ImportValue {Ref: AWS::StackName}")},
	{name: "C144", text: property("!If [a]"), want: "Template error: Fn::If requires a list argument with three elements"},
	{name: "C144 condition", text: property("!If [[a], b, c]"), want: "Template error: Fn::If requires a list argument with the first element being a condition"},
	{name: "C144 branch that is not taken", text: "Conditions: {Not: !Equals [a, b]}\n" + property("!If [Not, !Ref X, b]"), want: "Template format error: Unresolved resource dependencies [X] in the Resources block of the template", right: "Conditions: {Not: !Equals [a, b]}\n" + property("!If [Not, !Ref Q, b]")},
	{name: "C145", text: "Conditions: {A: !Equals [a]}" + queue, want: "Template error: every Fn::Equals object requires a list of 2 string parameters.", right: "Conditions: {A: !Equals [a, b]}" + queue},
	{name: "C145 list", text: "Conditions: {A: !Equals [a, [b]]}" + queue, want: "Template error: every Fn::Equals object requires a list of 2 string parameters."},
	{name: "C146 And", text: "Conditions: {A: !And [!Equals [a, b]]}" + queue, want: "Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean parameters."},
	{name: "C146 Or", text: "Conditions: {A: !Or [" + manyOf("!Equals [a, %d]", 11) + "]}" + queue, want: "Template error: every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters.", right: "Conditions: {A: !Or [" + manyOf("!Equals [a, %d]", 10) + "]}" + queue},
	{name: "C146 Not", text: "Conditions: {A: !Not []}" + queue, want: "Template error: every Fn::Not object requires one boolean parameter."},
	{name: "C146 no condition", text: "Conditions: {A: b}" + queue, want: "Template format error: Conditions can only be boolean operations on parameters and other conditions"},
	{name: "C152 condition function", text: property("!Equals [a, b]"), want: "Template error: Fn::Equals is not a function of the Resources block of the template"},
	{name: "C152 parameter", text: "Parameters: {P: {Type: String, Default: !Ref AWS::Region}}" + queue, want: "Template format error: Every Default member must be a string."},
	{name: "C152 deletion policy", text: "Resources: {A: {Type: x, DeletionPolicy: !Ref AWS::Region}}", want: "Template format error: Unrecognized DeletionPolicy eu-west-1 for resource A",
		right: "Parameters: {P: {Type: String, Default: Retain}}\nResources: {A: {Type: x, DeletionPolicy: !Ref P}}"},
	{name: "C152 deletion policy of a resource", text: "Resources: {A: {Type: x, DeletionPolicy: !Ref A}}", want: "Template format error: Unresolved dependencies [A]. Cannot reference resources in the Resources block of the template"},
	{name: "C117 list", text: "Resources: {A: {Type: x, DeletionPolicy: [a]}}", want: "Template format error: Every DeletionPolicy member must be a string."},
	{name: "C153 not declared", text: property("{'Fn::Length': [a]}"), want: unsupported(Position{}, "Fn::Length").Message, right: "Transform: AWS::LanguageExtensions\n" + property("{'Fn::Length': [a]}")},
	{name: "C153 short form", text: "Transform: AWS::LanguageExtensions\n" + property("!Length [a]"), want: unsupported(Position{}, "!Length").Message},
	{name: "C154", text: "Transform: AWS::LanguageExtensions\n" + property("{'Fn::Length': a}"), want: "Transform AWS::LanguageExtensions failed with: Fn::Length layout is incorrect"},
	{name: "C155", text: "Transform: AWS::LanguageExtensions\n" + property("{'Fn::ToJsonString': a}"), want: "Transform AWS::LanguageExtensions failed with: Fn::ToJsonString layout is incorrect"},
	{name: "C153 name", text: "Transform: AWS::LanguageExtensions\n" + property("{Ref: {'Fn::GetAtt': [D, Arn]}}"), want: "Transform AWS::LanguageExtensions failed with: Ref layout is incorrect"},
	{name: "C156", text: "Transform: AWS::LanguageExtensions\nResources: {'Fn::ForEach::L': [X, [a]]}", want: "Transform AWS::LanguageExtensions failed with: Fn::ForEach layout is incorrect"},
	{name: "C156 without the identifier", text: "Transform: AWS::LanguageExtensions\nResources: {'Fn::ForEach::L': [X, [a, b], {Q: {Type: x}}]}", want: "Transform AWS::LanguageExtensions failed with: Fn::ForEach yields the key Q more than once",
		right: "Transform: AWS::LanguageExtensions\nResources: {'Fn::ForEach::L': [X, [a, b], {'Q${X}': {Type: x}}]}"},
	{name: "C156 not declared", text: "Resources: {'Fn::ForEach::L': [X, [a, b], {'Q${X}': {Type: x}}]}", want: "Template format error: Resource name Fn::ForEach::L is non alphanumeric."},
	{name: "C160 missing", text: "Parameters: {A: {Type: String}, B: {Type: Number}}" + queue, want: "Parameters: [A, B] must have values", at: Position{1, 14}},
	{name: "C162", text: "Parameters: {Value: {Type: Number, Default: x}}" + queue, want: "Parameter 'Value' must be a number.", right: "Parameters: {Value: {Type: Number, Default: 1000.0}}" + queue},
	{name: "C163", text: "Parameters: {P: {Type: String, Default: A1, AllowedPattern: '^[a-z]+$'}}" + queue, want: "Parameter 'P' must match pattern ^[a-z]+$", right: "Parameters: {P: {Type: String, Default: a, AllowedPattern: '^[a-z]+$'}}" + queue},
	{name: "C163 anchored", text: "Parameters: {P: {Type: String, Default: ab1, AllowedPattern: '[a-z]+|x'}}" + queue, want: "Parameter 'P' must match pattern [a-z]+|x"},
	{name: "C163 list", text: "Parameters: {P: {Type: CommaDelimitedList, Default: 'a, B', AllowedPattern: '[a-z]+'}}" + queue, want: "Parameter 'P' must match pattern [a-z]+", right: "Parameters: {P: {Type: CommaDelimitedList, Default: 'a, b', AllowedPattern: '[a-z]+'}}" + queue},
	{name: "C164", text: "Parameters: {P: {Type: String, Default: c, AllowedValues: [a, b]}}" + queue, want: "Parameter 'P' must be one of AllowedValues", right: "Parameters: {P: {Type: String, Default: b, AllowedValues: [a, b]}}" + queue},
	{name: "C165 short", text: "Parameters: {P: {Type: String, Default: c, MinLength: 2}}" + queue, want: "Parameter 'P' must contain at least 2 characters", right: "Parameters: {P: {Type: String, Default: cc, MinLength: '2'}}" + queue},
	{name: "C165 long", text: "Parameters: {P: {Type: String, Default: ccc, MaxLength: 2}}" + queue, want: "Parameter 'P' must contain at most 2 characters"},
	{name: "C165 little", text: "Parameters: {P: {Type: Number, Default: 1, MinValue: 2}}" + queue, want: "Parameter 'P' must be a number not less than 2"},
	{name: "C165 much", text: "Parameters: {P: {Type: List<Number>, Default: '1, 3.5', MaxValue: 2.5}}" + queue, want: "Parameter 'P' must be a number not greater than 2.5", right: "Parameters: {P: {Type: List<Number>, Default: '1, 2.5', MaxValue: 2.5}}" + queue},
	{name: "C166", text: "Parameters: {P: {Type: String, Default: c, MinLength: 2, ConstraintDescription: be long}}" + queue, want: "Parameter 'P' failed to satisfy constraint: be long"},
	{name: "C168", text: "Parameters: {P: {Type: Text, Default: c}}" + queue, want: "Template format error: Unrecognized parameter type: Text"},
	{name: "C169 nothing", text: "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>'}}" + queue, want: "Parameter P should either have input value or default value"},
	{name: "C169 not found", text: "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}}" + queue, want: "Unable to fetch parameters [/a] from parameter store for this account."},
	{name: "C170", text: "Rules: {R: {Assertions: [{Assert: !Equals [!Ref AWS::Region, us-east-1], AssertDescription: not here}]}}" + queue, want: "Template validation error: Rule R failed: not here",
		right: "Rules: {R: {RuleCondition: !Equals [a, b], Assertions: [{Assert: !Equals [!Ref AWS::Region, us-east-1], AssertDescription: not here}]}}" + queue},
	{name: "deep YAML", text: "Resources: " + strings.Repeat("[", 5000), want: "Template format error: YAML not well-formed."},
	{name: "deep JSON", text: `{"Resources": ` + strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5001), want: "Template format error: The template is nested deeper than 200 levels."},
	{name: "long", text: "Description: x\n" + strings.Repeat("# comment\n", 120_000), want: "Template format error: The template is longer than 1048576 bytes."},
}

// manyOf is form with 0 to n-1, with commas between.
func manyOf(form string, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(form, i)
	}
	return strings.Join(all, ", ")
}

// TestRefused: what is wrong with a template, in AWS's words, and where.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := instance(tt.text, scope())
			var e *Error
			if !errors.As(err, &e) || e.Message != tt.want {
				t.Fatalf("%v, want %s", err, tt.want)
			}
			if tt.at != (Position{}) && e.At != tt.at {
				t.Errorf("it stands at %v, want %v", e.At, tt.at)
			}
			if tt.right == "" {
				return
			}
			if _, err := instance(tt.right, scope()); err != nil {
				t.Errorf("what is right is refused: %v", err)
			}
		})
	}
}

func instance(text string, s Scope) (*Instance, error) {
	t, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return t.Instantiate(s)
}

// TestNothingGrowsWithoutEnd: small texts whose functions yield more and more end in an
// error, and soon.
func TestNothingGrowsWithoutEnd(t *testing.T) {
	t.Parallel()
	sub := "x"
	for range 60 {
		sub = "!Sub ['${a}${a}', {a: " + sub + "}]"
	}
	join := "[a, b]"
	for range 50 {
		join = "[!Join ['', " + join + "], !Join ['', " + join[:0] + "[a]]]"
	}
	loops := "{'Q${a}${b}${c}${d}${e}': {Type: x}}"
	for _, name := range []string{"e", "d", "c", "b", "a"} {
		loops = "{'Fn::ForEach::" + name + "': [" + name + ", [" + manyOf("v%d", 90) + "], " + loops + "]}"
	}
	conditions := "C0: !Equals [a, a]"
	for i := 1; i < 400; i++ {
		conditions += fmt.Sprintf(", C%d: !And [!Condition C%d, !Condition C%d]", i, i-1, i-1)
	}
	chain := "R0: {Type: x}"
	for i := 1; i < 500; i++ {
		chain = fmt.Sprintf("R%d: {Type: x, DependsOn: R%d}, ", i, i-1) + chain
	}
	for name, text := range map[string]struct {
		text string
		ok   bool
	}{
		"Sub":        {text: property(sub)},
		"Join":       {text: property("!Select [0, " + join + "]"), ok: true},
		"loops":      {text: "Transform: AWS::LanguageExtensions\nResources: " + loops},
		"conditions": {text: "Conditions: {" + conditions + "}" + queue, ok: true},
		"chain":      {text: "Resources: {" + chain + "}", ok: true},
		"many keys":  {text: property("{" + manyOf("k%d: v", 90_000) + "}"), ok: true},
		"aliases":    {text: "Metadata: {a: &a [x, x], b: &b [*a, *a], c: &c [*b, *b]}" + queue},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			if _, err := instance(text.text, scope()); (err == nil) != text.ok {
				t.Errorf("%v", err)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestDeclarations: what else a parameter's declaration, or a part of a template, cannot be.
func TestDeclarations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Parameters: {P: {Type: String, NoEcho: maybe}}":                                "Template format error: Every NoEcho member must be a boolean.",
		"Parameters: {P: {Type: String, AllowedValues: a}}":                             "Template format error: Every AllowedValues value must be a list of strings.",
		"Parameters: {P: {Type: String, AllowedValues: []}}":                            "Template format error: Every AllowedValues list must have at least one value.",
		"Parameters: {P: {Type: String, MinLength: a}}":                                 "Template format error: Every MinLength must be number.",
		"Parameters: {P: {Type: String, MaxValue: .inf}}":                               "Template format error: Every MaxValue must be number.",
		"Parameters: {P: {Type: String, Description: [a]}}":                             "Template format error: Every Description member must be a string.",
		"Parameters: {P: {Type: 'List<Text>'}}":                                         "Template format error: Unrecognized parameter type: List<Text>",
		"Parameters: {P: {Default: a}}":                                                 "Template format error: Every Parameters object must contain a Type member.",
		"Parameters: {P: a}":                                                            "Template format error: Any Parameters member must be an object.",
		"Parameters: a":                                                                 "Template format error: Any Parameters member must be an object.",
		"Parameters: {P: {Type: String, Default: '" + strings.Repeat("x", 4097) + "'}}": "Parameter 'P' must contain at most 4096 characters",
		"Description: [a]":                                                              "Template format error: Every Description member must be a string.",
		"Metadata: a":                                                                   "Template format error: Metadata must be an object.",
		"Outputs: {O: a}":                                                               "Template format error: Any Outputs member must be an object.",
		"Outputs: {O: {Value: a, Export: b}}":                                           "Template format error: Output O is malformed. The Name field of every Export member must be specified.",
		"Outputs: {O: {Value: a, Description: [b]}}":                                    "Template format error: Every Description member must be a string.",
		"Outputs: {O-O: {Value: a}}":                                                    "Template format error: Output name O-O is non alphanumeric.",
		"Mappings: {M-M: {a: {b: c}}}":                                                  "Template format error: Mappings name M-M is non alphanumeric.",
		"Rules: {R-R: {}}":                                                              "Template format error: Rule name R-R is non alphanumeric.",
		"Rules: {R: {}}":                                                                "Template format error: Rule R must have a list of Assertions.",
		"Rules: {R: {Assertions: [{}]}}":                                                "Template format error: Every assertion of rule R must have an Assert member.",
		"Mappings: {M: {a: {" + manyOf("k%d: v", 201) + "}}}":                           "Template format error: Number of attributes of mapping M, 201, is greater than maximum allowed, 200",
		"Mappings: {M: {" + manyOf("k%d: {a: v}", 201) + "}}":                           "Template format error: Number of attributes of mapping M, 201, is greater than maximum allowed, 200",
	} {
		if _, err := instance(text+queue, scope()); err == nil || err.Error() != want {
			t.Errorf("%.80s: %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"Resources: {A: {Type: x, Properties: a}}":                             "Template format error: [/Resources/A/Properties] Every Properties member must be an object.",
		"Resources: {A: {Type: x, Properties: !Ref AWS::Region}}":              "Template format error: [/Resources/A/Properties] Every Properties member must be an object.",
		"Resources: {A: {Type: x, Condition: [a]}}":                            "Template format error: Every Condition member must be a string.",
		"Resources: {A: {Type: x, UpdateReplacePolicy: RetainExceptOnCreate}}": "Template format error: Unrecognized UpdateReplacePolicy RetainExceptOnCreate for resource A",
		"Resources: {A: {Type: x, UpdateReplacePolicy: Snapshot}}":             "Template error: resource type x does not support update replace policy Snapshot",
		"Resources: {" + strings.Repeat("a", 256) + ": {Type: x}}":             "Template format error: Resource name " + strings.Repeat("a", 256) + " is longer than 255 characters.",
	} {
		if _, err := instance(text, scope()); err == nil || err.Error() != want {
			t.Errorf("%.80s: %v, want %s", text, err, want)
		}
	}
}
