package template

import (
	"errors"
	"testing"
)

// scope is where the tests resolve templates.
func scope(parameters ...string) Scope {
	s := Scope{
		Parameters: map[string]string{}, AccountID: "111122223333", Region: "eu-west-1", Partition: "aws", URLSuffix: "amazonaws.com",
		StackID: "arn:aws:cloudformation:eu-west-1:111122223333:stack/app/1", StackName: "app",
		Zones: func(region string) []string { return []string{region + "b", region + "a"} },
	}
	for i := 0; i+1 < len(parameters); i += 2 {
		s.Parameters[parameters[i]] = parameters[i+1]
	}
	return s
}

// made says that each resource is there: Ref is its id in small brackets, attributes
// likewise.
type made struct{}

func (made) Ref(id string) (*Node, error) { return Text("<" + id + ">"), nil }

func (made) GetAtt(id, attribute string) (*Node, error) {
	switch attribute {
	case "Bad":
		return nil, &AttributeError{Type: "AWS::SQS::Queue", Attribute: attribute}
	case "List":
		return Texts("x", "y"), nil
	}
	return Text("<" + id + "." + attribute + ">"), nil
}

func (made) Import(export string) (string, error) {
	if export == "none" {
		return "", errors.New("No export named none found")
	}
	return "<import " + export + ">", nil
}

func TestProperties(t *testing.T) {
	t.Parallel()
	tpl, err := Parse(`
Parameters: {Stage: {Type: String, Default: dev}}
Resources:
  Q:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub '${AWS::StackName}-${Stage}'
      Tags: [{Key: dlq, Value: !GetAtt D.Arn}, {Key: j, Value: !Join ['-', [a, !Ref D]]}]
  D: {Type: AWS::SQS::Queue}
`)
	if err != nil {
		t.Fatal(err)
	}
	i, err := tpl.Instantiate(scope())
	if err != nil {
		t.Fatal(err)
	}
	n, err := i.Properties("Q", made{})
	if want := `{"QueueName":"app-dev","Tags":[{"Key":"dlq","Value":"<D.Arn>"},{"Key":"j","Value":"a-<D>"}]}`; err != nil || n.JSON() != want {
		t.Errorf("properties %s, %v; want %s", n.JSON(), err, want)
	}
	if needs := i.Dependencies("Q"); len(needs) != 1 || needs[0] != "D" {
		t.Errorf("Q needs %q", needs)
	}
}
