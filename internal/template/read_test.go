package template

import (
	"encoding/json"
	"testing"
)

// TestLanguages: what JSON and YAML say alike is the same, and stands where it stands.
func TestLanguages(t *testing.T) {
	t.Parallel()
	inYAML, err := Read("A: [1, -2.5e3, true, text, '1']\nB:\n  - C: {}\n    Fn::Sub: 'ü${x}'\n")
	if err != nil {
		t.Fatal(err)
	}
	inJSON, err := Read("\ufeff\n{\"A\": [1, -2.5e3, true, \"text\", \"1\"],\n \"B\": [{\"ü\": 1, \"Fn::Sub\": \"ü${x}\", \"C\": {}}]}")
	if err != nil {
		t.Fatal(err)
	}
	if inYAML.Equal(inJSON) {
		t.Error("maps are equal of which one has a member more")
	}
	if !inYAML.Get("A").Equal(inJSON.Get("A")) || inYAML.Get("A").Equal(inYAML.Get("B")) || inYAML.Equal(nil) {
		t.Errorf("%s, %s", inYAML.JSON(), inJSON.JSON())
	}
	for _, tt := range []struct {
		n    *Node
		want Position
	}{
		{inYAML.Get("A").Items[2], Position{1, 16}}, {inYAML.Get("B").Items[0].Get("Fn::Sub"), Position{4, 14}},
		{inJSON, Position{2, 1}}, {inJSON.Get("A").Items[1], Position{2, 11}}, {inJSON.Get("B").Items[0].Get("Fn::Sub"), Position{3, 28}},
	} {
		if tt.n.At != tt.want {
			t.Errorf("%s stands at %v, want %v", tt.n.JSON(), tt.n.At, tt.want)
		}
	}
	if at := inJSON.Get("B").Items[0].Members[1].KeyAt; at != (Position{3, 17}) {
		t.Errorf("Fn::Sub stands at %v", at)
	}
	text, err := json.Marshal(inJSON)
	if want := `{"A":[1,-2.5e3,true,"text","1"],"B":[{"ü":1,"Fn::Sub":"ü${x}","C":{}}]}`; err != nil || string(text) != want {
		t.Errorf("%s, %v; want %s", text, err, want)
	}
	if again, err := ParseJSON(string(text)); err != nil || !again.Equal(inJSON) {
		t.Errorf("%v, %v", again, err)
	}
	for _, bad := range []string{"", "{", `{"a": 1,}`, `{"a": tru}`, "[1] 2", `"\ud800`} {
		if n, err := ParseJSON(bad); err == nil {
			t.Errorf("%q is %s", bad, n.JSON())
		}
	}
}

// TestMetadata: functions in a resource's metadata are resolved; where there is none, there
// is nothing.
func TestMetadata(t *testing.T) {
	t.Parallel()
	i, err := instance("Resources: {A: {Type: x, Metadata: {b: !Sub '${B}', no: !Ref AWS::NoValue}}, B: {Type: x, Properties: !Ref AWS::NoValue}}", scope())
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"A": `{"b":"<B>"}`, "B": "{}", "C": "{}"} {
		if n, err := i.Metadata(id, made{}); err != nil || n.JSON() != want {
			t.Errorf("%s: %s, %v", id, n.JSON(), err)
		}
	}
	if n, err := i.Properties("B", made{}); err != nil || n.JSON() != "{}" {
		t.Errorf("%s, %v", n.JSON(), err)
	}
	if n, err := i.Properties("C", made{}); err == nil {
		t.Errorf("C has %s", n.JSON())
	}
}
