package template

import (
	"fmt"
	"strings"
	"testing"
)

// TestFunctions is what functions yield, once all is made, and before.
func TestFunctions(t *testing.T) {
	t.Parallel()
	const head = `
Parameters:
  S: {Type: String, Default: text}
  Empty: {Type: String, Default: ''}
  N: {Type: Number, Default: 1000.0}
  L: {Type: CommaDelimitedList, Default: 'a, b ,c'}
  None: {Type: CommaDelimitedList, Default: ''}
  SSM: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}
  SSMs: {Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /l}
  Attribute: {Type: String, Default: Arn}
Mappings: {M: {eu-west-1: {k: v, l: [x, y]}, text: {k: w}}}
Conditions:
  Yes1: !Equals [!Ref S, text]
  No1: !Not [!Condition Yes1]
  Same: !And [!Equals [true, 'true'], !Equals [1, '1'], !Equals [!FindInMap [M, !Ref AWS::Region, k], v]]
  Case: !Equals [Text, !Ref S]
  D: !Or [!Condition No1, !Condition Case, {Condition: Same}]
`
	const before = "{{changeSet:KNOWN_AFTER_APPLY}}"
	for _, tt := range []struct{ name, value, want, early string }{
		{name: "C130 Ref of a parameter", value: "!Ref S", want: `"text"`},
		{name: "C130 Ref of a list", value: "!Ref L", want: `["a","b","c"]`},
		{name: "C130 Ref of a resource", value: "!Ref D", want: `"<D>"`, early: `"` + before + `"`},
		{name: "C131 GetAtt", value: "!GetAtt D.Outputs.X", want: `"<D.Outputs.X>"`, early: `"` + before + `"`},
		{name: "C131 GetAtt with a dot in a long form", value: "{'Fn::GetAtt': D.Outputs.X}", want: `"<D.Outputs.X>"`, early: `"` + before + `"`},
		{name: "C131 GetAtt by parameter", value: "!GetAtt [D, !Ref Attribute]", want: `"<D.Arn>"`, early: `"` + before + `"`},
		{name: "C133 Sub", value: "!Sub '${S}-${AWS::Region}-$x-${!Literal}-${Empty}-${N}-$${S}-${'", want: `"text-eu-west-1-$x-${Literal}--1000.0-$text-${"`},
		{name: "C133 Sub of a resource", value: "!Sub '${D} at ${D.Arn}'", want: `"<D> at <D.Arn>"`, early: `"` + before + " at " + before + `"`},
		{name: "C133 Sub with a map", value: "!Sub ['${S}${X}', {S: own, X: !GetAtt D.Arn}]", want: `"own<D.Arn>"`, early: `"own` + before + `"`},
		{name: "C135 Join", value: "!Join ['-', [a, 1, true, !Ref S, !Ref AWS::NoValue]]", want: `"a-1-true-text"`},
		{name: "C135 Join of nothing", value: "!Join ['-', [!Ref AWS::NoValue]]", want: `""`},
		{name: "C135 Join of a parameter", value: "!Join ['-', !Ref L]", want: `"a-b-c"`},
		{name: "C135 Join of an empty parameter", value: "!Join ['-', !Ref None]", want: `""`},
		{name: "C135 Join of an attribute", value: "!Join ['-', !GetAtt D.List]", want: `"x-y"`, early: `"` + before + `"`},
		{name: "C135 Join with an attribute", value: "!Join ['-', [a, !Ref D]]", want: `"a-<D>"`, early: `"` + before + `"`},
		{name: "C136 Split", value: "!Split ['|', 'a||c|']", want: `["a","","c",""]`},
		{name: "C136 Split without the delimiter", value: "!Split ['|', a]", want: `["a"]`},
		{name: "C137 Select", value: "!Select [1, [a, b]]", want: `"b"`},
		{name: "C138 Select of a function", value: "!Select [!Ref One, !Ref L]", want: `"b"`},
		{name: "C138 Select of Split", value: "!Select ['0', !Split ['.', !GetAtt D.Arn]]", want: `"<D"`, early: `"` + before + `"`},
		{name: "C138 Select of GetAZs", value: "!Select [0, !GetAZs '']", want: `"eu-west-1a"`},
		{name: "C139 FindInMap", value: "!FindInMap [M, !Ref AWS::Region, l]", want: `["x","y"]`},
		{name: "C139 FindInMap within", value: "!FindInMap [M, !Ref S, !FindInMap [Names, a, b]]", want: `"w"`},
		{name: "C140 Base64", value: "!Base64 'a+b?'", want: `"YStiPw=="`},
		{name: "C140 Base64 of a resource", value: "{'Fn::Base64': !Ref D}", want: `"PEQ+"`, early: `"` + before + `"`},
		{name: "C141 GetAZs", value: "{'Fn::GetAZs': !Ref AWS::Region}", want: `["eu-west-1a","eu-west-1b"]`},
		{name: "C141 GetAZs elsewhere", value: "!GetAZs us-east-1", want: `[]`},
		{name: "C142 Cidr", value: "!Cidr [10.0.0.0/16, 1, 8]", want: `["10.0.0.0/24"]`},
		{name: "C142 Cidr, several", value: "!Cidr [10.0.0.0/16, 3, 12]", want: `["10.0.0.0/20","10.0.16.0/20","10.0.32.0/20"]`},
		{name: "C142 Cidr without bits", value: "!Cidr [10.0.0.0/16, 3]", want: `["10.0.0.0/18","10.0.64.0/18","10.0.128.0/18"]`},
		{name: "C142 Cidr, IPv6", value: "!Cidr ['2001:db8::/56', 2, 64]", want: `["2001:db8::/64","2001:db8:0:1::/64"]`},
		{name: "C143 ImportValue", value: "!ImportValue {'Fn::Sub': '${S}-arn'}", want: `"<import text-arn>"`, early: `"` + before + `"`},
		{name: "C144 If", value: "!If [Yes1, !Ref S, !Ref Gone]", want: `"text"`},
		{name: "C144 If not", value: "!If [No1, !Ref Gone, [!If [Yes1, a, b]]]", want: `["a"]`},
		{name: "C145 texts", value: "!If [Same, a, b]", want: `"a"`},
		{name: "C145 case", value: "!If [Case, a, b]", want: `"b"`},
		{name: "C146 Or", value: "!If [D, a, b]", want: `"a"`},
		{name: "C148 member", value: "{a: !Ref AWS::NoValue, b: [!If [No1, x, !Ref AWS::NoValue], y]}", want: `{"b":["y"]}`},
		{name: "C149", value: "[!Ref AWS::AccountId, !Ref AWS::NotificationARNs, !Ref AWS::Partition, !Ref AWS::StackId, !Ref AWS::StackName, !Ref AWS::URLSuffix]",
			want: `["111122223333",["arn:aws:sns:eu-west-1:111122223333:t"],"aws","arn:aws:cloudformation:eu-west-1:111122223333:stack/app/1","app","amazonaws.com"]`},
		{name: "C151 Sub within a long form", value: "{'Fn::Join': ['', [!Sub '${S}', b]]}", want: `"textb"`},
		{name: "C115 a date is a string", value: "{Version: 2012-10-17, Y: yes, Quoted: 'yes', N: 012, F: 1.50, y: n}", want: `{"Version":"2012-10-17","Y":true,"Quoted":"yes","N":"012","F":1.50,"y":"n"}`},
		{name: "a condition of a policy is no function", value: "{Condition: {StringEquals: {a: !Ref S}}}", want: `{"Condition":{"StringEquals":{"a":"text"}}}`},
		{name: "C169", value: "[!Ref SSM, !Ref SSMs]", want: `["found /a",["found /l","x"]]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(head, "Parameters:", "Parameters:\n  One: {Type: Number, Default: 1}", 1) +
				"Resources: {D: {Type: x}, Gone: {Type: x, Condition: No1}, Q: {Type: x, Properties: {P: " + tt.value + "}}}\n"
			text = strings.Replace(text, "Mappings: {", "Mappings: {Names: {a: {b: k}}, ", 1)
			s := scope()
			s.NotificationARNs = []string{"arn:aws:sns:eu-west-1:111122223333:t"}
			s.SSM = func(name string) (string, bool) {
				if name == "/l" {
					return "found /l,x", true
				}
				return "found " + name, true
			}
			i, err := instance(text, s)
			if err != nil {
				t.Fatal(err)
			}
			if tt.early == "" {
				tt.early = tt.want
			}
			for l, want := range map[Lookup]string{made{}: tt.want, nothing{}: tt.early} {
				n, err := i.Properties("Q", l)
				if err != nil {
					t.Fatal(err)
				}
				if _, early := l.(nothing); early && strings.HasPrefix(tt.name, "C143") {
					continue // what there is of exports, the Lookup says
				}
				if got := n.Get("P").JSON(); got != want {
					t.Errorf("%T: %s, want %s", l, got, want)
				}
			}
		})
	}
}

// TestDynamicReferences: [C158] they are refused by name when a resource is made, and not
// before.
func TestDynamicReferences(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"'a{{resolve:ssm:/db:1}}b'", "!Sub '{{resolve:ssm:/${S}:1}}'", "!Join ['', ['{{resolve:ssm:', '/db', ':1}}']]"} {
		i, err := instance("Parameters: {S: {Type: String, Default: db}}\n"+property(value), scope())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := i.Properties("Q", made{}); err == nil || err.Error() != "waxseal does not resolve dynamic references: {{resolve:ssm:/db:1}}" {
			t.Errorf("%s: %v", value, err)
		}
	}
	i, err := instance(property("'{{resolved}} {{resolve:ssm'"), scope())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Properties("Q", made{}); err != nil {
		t.Error(err)
	}
}

// TestOutputs is what outputs yield, and what is said of those that yield nothing.
func TestOutputs(t *testing.T) {
	t.Parallel()
	i, err := instance(`
Conditions: {Never: !Equals [a, b]}
Resources: {Q: {Type: AWS::SQS::Queue}, Gone: {Type: AWS::SQS::Queue, Condition: Never}}
Outputs:
  URL: {Value: !Ref Q, Description: where, Export: {Name: !Sub '${AWS::StackName}-url'}}
  Number: {Value: 5}
  Gone: {Value: !Ref Gone, Condition: Never}
`, scope())
	if err != nil {
		t.Fatal(err)
	}
	got, err := i.Outputs(made{})
	if want := "[{URL <Q> where app-url} {Number 5  }]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("outputs %v, %v; want %s", got, err, want)
	}
	for value, want := range map[string]string{
		"!GetAtt Q.Bad":     "[Error] /Outputs/O/Value/Fn::GetAtt: Resource type AWS::SQS::Queue does not support attribute {Bad}",
		"!ImportValue none": "No export named none found",
	} {
		i, err := instance("Outputs: {O: {Value: "+value+"}}"+queue, scope())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := i.Outputs(made{}); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", value, err, want)
		}
	}
	i, err = instance(property("!GetAtt D.Bad"), scope())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Properties("Q", made{}); err == nil || err.Error() != "Requested attribute Bad does not exist in schema for AWS::SQS::Queue" {
		t.Error(err)
	}
}

// TestReferences is what change sets tell of: the references of each property, those of
// the branches that are taken.
func TestReferences(t *testing.T) {
	t.Parallel()
	i, err := instance(`
Parameters: {S: {Type: String, Default: text}}
Conditions: {C: !Equals [!Ref S, text]}
Resources:
  Q:
    Type: x
    DependsOn: E
    Properties:
      A: !Ref S
      B: [!GetAtt D.Arn, !Sub '${D}${S}${S}']
      C: !If [C, !ImportValue e, !Ref D]
  D: {Type: x}
  E: {Type: x, Condition: C}
`, scope())
	if err != nil {
		t.Fatal(err)
	}
	want := []Reference{
		{"A", ParameterReference, "S", ""},
		{"B", AttributeReference, "D", "Arn"},
		{"B", ResourceReference, "D", ""},
		{"B", ParameterReference, "S", ""},
		{"C", ConditionReference, "C", ""},
		{"C", ImportReference, "e", ""},
	}
	if got := i.References("Q"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("references %v, want %v", got, want)
	}
	if got := i.Dependencies("Q"); fmt.Sprint(got) != "[E D]" {
		t.Errorf("Q needs %v", got)
	}
	if !i.Met("C") || i.Value("S").Text != "text" {
		t.Error("the condition or the parameter's value")
	}
}

// TestParameters is what is said of the values that are given.
func TestParameters(t *testing.T) {
	t.Parallel()
	text := `
Parameters:
  A: {Type: String}
  BootstrapVersion: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /cdk-bootstrap/hnb659fds/version}
Rules:
  CheckBootstrapVersion:
    Assertions:
      - Assert: {'Fn::Not': [{'Fn::Contains': [['1', '2', '3', '4', '5'], !Ref BootstrapVersion]}]}
        AssertDescription: CDK bootstrap stack version 6 required.
` + queue
	for _, tt := range []struct{ name, parameters, version, want string }{
		{name: "C160 unknown", parameters: "A=a,X=x,B=b", version: "30", want: "Parameters: [B, X] do not exist in the template"},
		{name: "C160 missing", version: "30", want: "Parameters: [A] must have values"},
		{name: "C161 empty", parameters: "A=", version: "30"},
		{name: "C171 too old", parameters: "A=", version: "5", want: "Template validation error: Rule CheckBootstrapVersion failed: CDK bootstrap stack version 6 required."},
		{name: "C169 none", parameters: "A=", want: "Unable to fetch parameters [/cdk-bootstrap/hnb659fds/version] from parameter store for this account."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := scope()
			for p := range strings.SplitSeq(tt.parameters, ",") {
				if name, value, ok := strings.Cut(p, "="); ok {
					s.Parameters[name] = value
				}
			}
			s.SSM = func(string) (string, bool) { return tt.version, tt.version != "" }
			_, err := instance(text, s)
			if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

// TestLanguageExtensions is what the language extensions make.
func TestLanguageExtensions(t *testing.T) {
	t.Parallel()
	const text = `
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'one, t-wo'}
  Policy: {Type: String, Default: Retain}
  Ain: {Type: String, Default: ain}
Mappings: {M: {a: {b: c}}}
Conditions:
  'Fn::ForEach::Conditions':
    - N
    - !Ref Names
    - 'Is&{N}': !Equals ['${N}', one]
Resources:
  'Fn::ForEach::Queues':
    - Name
    - !Ref Names
    - 'Q&{Name}':
        Type: AWS::SQS::Queue
        DeletionPolicy: !Ref Policy
        Properties:
          QueueName: !Sub '${Name}-${AWS::Region}-${Other}'
          Plain: !Ref Name
          Nested: {'Fn::ForEach::K': [K, [x, y], {'${K}${Name}': '${K}'}]}
  Other:
    Type: AWS::SQS::Queue
    Properties:
      Count: {'Fn::Length': !Ref Names}
      Later: {'Fn::Length': !GetAtt Plain.List}
      Text: {'Fn::ToJsonString': {b: !Ref Policy, a: [1, true, 'x']}}
      LaterText: {'Fn::ToJsonString': {b: !Ref Plain}}
      Found: !FindInMap [M, a, b]
      Default: !FindInMap [M, !Join ['', [n, o]], b, {DefaultValue: d}]
      Name: !Ref {'Fn::Sub': 'Pl${Ain}'}
      Attribute: {'Fn::GetAtt': [!Sub 'Pl${Ain}', !Ref Policy]}
  Plain: {Type: AWS::SQS::Queue}
  Settled:
    Type: AWS::SQS::Queue
    DependsOn: [Plain]
    Properties: {Sub: !Sub '${AWS::Region}-${Policy}', Join: !Join ['-', [a, !Ref Policy]], Later: !Join ['-', [a, !Ref Plain]]}
Outputs:
  'Fn::ForEach::Outputs':
    - N
    - [one]
    - 'Out${N}': {Value: !GetAtt ['Q${N}', Arn], Condition: 'Is${N}'}
`
	i, err := instance(text, scope())
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"Qone":  `{"QueueName":"one-eu-west-1-<Other>","Plain":"one","Nested":{"xone":"x","yone":"y"}}`,
		"Qtwo":  `{"QueueName":"t-wo-eu-west-1-<Other>","Plain":"t-wo","Nested":{"xt-wo":"x","yt-wo":"y"}}`,
		"Other": `{"Count":2,"Later":2,"Text":"{\"b\":\"Retain\",\"a\":[1,true,\"x\"]}","LaterText":"{\"b\":\"<Plain>\"}","Found":"c","Default":"d","Name":"<Plain>","Attribute":"<Plain.Retain>"}`,
	} {
		n, err := i.Properties(id, made{})
		if err != nil || n.JSON() != want {
			t.Errorf("%s: %s, %v; want %s", id, n.JSON(), err, want)
		}
	}
	if got := i.Template().Resource("Qone").DeletionPolicy; got != "Retain" {
		t.Errorf("DeletionPolicy %s", got)
	}
	outputs, err := i.Outputs(made{})
	if err != nil || fmt.Sprint(outputs) != "[{Outone <Qone.Arn>  }]" {
		t.Errorf("outputs %v, %v", outputs, err)
	}
	const want = `{"Conditions":{"Isone":{"Fn::Equals":["one","one"]},"Istwo":{"Fn::Equals":["t-wo","one"]}},` +
		`"Mappings":{"M":{"a":{"b":"c"}}},` +
		`"Outputs":{"Outone":{"Condition":"Isone","Value":{"Fn::GetAtt":["Qone","Arn"]}}},` +
		`"Parameters":{"Ain":{"Default":"ain","Type":"String"},"Names":{"Default":"one, t-wo","Type":"CommaDelimitedList"},"Policy":{"Default":"Retain","Type":"String"}},` +
		`"Resources":{"Other":{"Properties":{"Attribute":{"Fn::GetAtt":["Plain",{"Ref":"Policy"}]},"Count":2,"Default":"d","Found":"c","Later":{"Fn::Length":{"Fn::GetAtt":["Plain","List"]}},"LaterText":{"Fn::ToJsonString":{"b":{"Ref":"Plain"}}},"Name":{"Ref":"Plain"},"Text":"{\"b\":\"Retain\",\"a\":[1,true,\"x\"]}"},"Type":"AWS::SQS::Queue"},"Plain":{"Type":"AWS::SQS::Queue"},` +
		`"Qone":{"DeletionPolicy":"Retain","Properties":{"Nested":{"xone":"x","yone":"y"},"Plain":"one","QueueName":{"Fn::Sub":"one-${AWS::Region}-${Other}"}},"Type":"AWS::SQS::Queue"},` +
		`"Qtwo":{"DeletionPolicy":"Retain","Properties":{"Nested":{"xt-wo":"x","yt-wo":"y"},"Plain":"t-wo","QueueName":{"Fn::Sub":"t-wo-${AWS::Region}-${Other}"}},"Type":"AWS::SQS::Queue"},` +
		`"Settled":{"DependsOn":"Plain","Properties":{"Join":"a-Retain","Later":{"Fn::Join":["-",["a",{"Ref":"Plain"}]]},"Sub":"eu-west-1-Retain"},"Type":"AWS::SQS::Queue"}}}`
	if got := i.Template().Processed(); got != want {
		t.Errorf("processed %s\nwant      %s", got, want)
	}
	tpl, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(tpl.Transforms, tpl.Processed() == text, i.Template().DeclaredTransforms()); got != "[AWS::LanguageExtensions] true [AWS::LanguageExtensions]" {
		t.Error(got)
	}
}

// TestDoubledMembers: the last one counts, in YAML and in JSON alike.
func TestDoubledMembers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Resources: {A: {Type: x}, A: {Type: y}}",
		`{"Resources": {"A": {"Type": "x"}, "A": {"Type": "y"}}}`,
	} {
		tpl, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(tpl.Types()); got != "[y]" {
			t.Errorf("%s: types %s", text, got)
		}
	}
}

// TestPolicies: what becomes of a resource may be a function of parameters and conditions.
func TestPolicies(t *testing.T) {
	t.Parallel()
	const text = `
Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {Prod: !Equals [!Ref Stage, prod]}
Resources:
  A: {Type: x, DeletionPolicy: !If [Prod, Retain, Delete], UpdateReplacePolicy: !If [Prod, Retain, !Ref AWS::NoValue]}
`
	for stage, want := range map[string]string{"dev": "Delete ", "prod": "Retain Retain"} {
		for _, transform := range []string{"", "Transform: AWS::LanguageExtensions"} {
			i, err := instance(transform+text, scope("Stage", stage))
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range []*Resource{i.Resources()[0], i.Template().Resource("A")} {
				if got := r.DeletionPolicy + " " + r.UpdateReplacePolicy; got != want {
					t.Errorf("%s: %s, want %s", stage, got, want)
				}
			}
		}
	}
}
