package ssm

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// declared are the parameters that stacks of one account and region declare.
type declared map[string]string

func (d declared) BootstrapVersion(_ context.Context, account, region, name string) (string, time.Time, bool, error) {
	if value, ok := d[name]; ok && account == "123456789012" && region == "us-east-1" {
		return value, time.Unix(1, 0), true, nil
	}
	return "33", time.Time{}, false, nil
}

// TestGetParameter: the bootstrap version is what a stack declares, or the present one; no
// other parameter is there.
func TestGetParameter(t *testing.T) {
	s := New(Config{Parameters: declared{"/cdk-bootstrap/hnb659fds/version": "30", "/db/password": "secret"}})
	ctx := func(region string) context.Context {
		return api.WithRequest(t.Context(), &api.Request{Account: "123456789012", Region: region, Caller: &api.Caller{}})
	}
	out, err := s.GetParameter(ctx("us-east-1"), &GetParameterInput{Name: "/cdk-bootstrap/hnb659fds/version"})
	if err != nil {
		t.Fatal(err)
	}
	if p := out.Parameter; p.Value != "30" || p.ARN != "arn:aws:ssm:us-east-1:123456789012:parameter/cdk-bootstrap/hnb659fds/version" || p.Type != "String" || !p.LastModifiedDate.Equal(time.Unix(1, 0)) {
		t.Errorf("%+v", p)
	}
	for _, c := range [][2]string{{"us-east-1", "/cdk-bootstrap/other/version"}, {"eu-west-1", "/cdk-bootstrap/hnb659fds/version"}} {
		if out, err := s.GetParameter(ctx(c[0]), &GetParameterInput{Name: c[1]}); err != nil || out.Parameter.Value != "33" {
			t.Errorf("%v: %+v, %v", c, out, err)
		}
	}
	if out, err := s.GetParameter(ctx("us-east-1"), &GetParameterInput{Name: "/db/password"}); !errors.Is(err, errParameterNotFound) {
		t.Errorf("another parameter: %+v, %v", out, err)
	}
}

// TestOwn: of all calls of the service only those for bootstrap versions are not a neighbor's.
func TestOwn(t *testing.T) {
	for _, c := range []struct {
		operation, body string
		want            bool
	}{
		{"GetParameter", `{"Name":"/cdk-bootstrap/hnb659fds/version"}`, true},
		{"GetParameter", `{"WithDecryption":true,"Name":"/cdk-bootstrap/x/version"}`, true},
		{"GetParameter", `{"Name":"/cdk-bootstrap/x/version/y"}`, false},
		{"GetParameter", `{"Name":"/db/password"}`, false},
		{"GetParameter", `{"Name":5}`, false},
		{"GetParameter", `{"Name":"/cdk-bootstrap/x/ver`, false},
		{"PutParameter", `{"Name":"/cdk-bootstrap/x/version"}`, false},
	} {
		if got := own(c.operation, []byte(c.body)); got != c.want {
			t.Errorf("%s %s: %t", c.operation, c.body, got)
		}
	}
}
