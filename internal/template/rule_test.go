package template

import (
	"errors"
	"testing"
)

// TestRules: what each function of rules yields, of texts and of lists.
func TestRules(t *testing.T) {
	t.Parallel()
	const failed = "Template validation error: Rule R failed: nay"
	for _, tt := range []struct{ name, assert, want string }{
		{name: "equal", assert: "!Equals [!Ref S, text]"},
		{name: "unequal", assert: "!Equals [!Ref S, Text]", want: failed},
		{name: "not", assert: "!Not [!Equals [a, b]]"},
		{name: "and", assert: "!And [!Equals [a, a], !Not [!Equals [a, b]]]"},
		{name: "and not", assert: "!And [!Equals [a, a], !Equals [a, b], !Equals [a, a]]", want: failed},
		{name: "or", assert: "!Or [!Equals [a, b], !Equals [a, a]]"},
		{name: "or neither", assert: "!Or [!Equals [a, b], !Equals [b, a]]", want: failed},
		{name: "contains", assert: "{'Fn::Contains': [[text, b], !Ref S]}"},
		{name: "does not contain", assert: "{'Fn::Contains': [[a, b], !Ref S]}", want: failed},
		{name: "each equals", assert: "{'Fn::EachMemberEquals': [[text, !Ref S], text]}"},
		{name: "not each equals", assert: "{'Fn::EachMemberEquals': [!Ref L, a]}", want: failed},
		{name: "each in", assert: "{'Fn::EachMemberIn': [!Ref L, [c, b, a]]}"},
		{name: "not each in", assert: "{'Fn::EachMemberIn': [!Ref L, [c, b]]}", want: failed},
		{name: "RefAll", assert: "!Not [{'Fn::Contains': [{'Fn::RefAll': 'AWS::EC2::VPC::Id'}, a]}]"},
		{name: "ValueOf", assert: "!Equals [{'Fn::ValueOf': [S, a]}, a]"},
		{name: "a resource", assert: "!Equals [!Ref Q, a]", want: "Template format error: Unresolved dependencies [Q]. Cannot reference resources in the Rules block of the template"},
		{name: "no function", assert: "yes", want: "Template format error: Every assertion of a rule must be a rule function."},
		{name: "one side", assert: "!Equals [a]", want: "Template error: every Fn::Equals object requires a list of 2 parameters."},
		{name: "not of two", assert: "!Not [a, b]", want: "Template error: every Fn::Not object requires one boolean parameter."},
		{name: "and of one", assert: "!And [!Equals [a, a]]", want: "Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean parameters."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := instance("Parameters: {S: {Type: String, Default: text}, L: {Type: CommaDelimitedList, Default: 'a,b'}}\nRules: {R: {Assertions: [{Assert: "+tt.assert+", AssertDescription: nay}]}}"+queue, scope())
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Message != tt.want || e.At.Line != 2 {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}
