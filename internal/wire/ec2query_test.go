package wire

import (
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

type subnetFilter struct {
	Name   string
	Values []string `query:"Value"`
}

type tagSpecification struct {
	ResourceType string
	Tags         []tag `query:"Tag"`
}

type describeSubnetsInput struct {
	Subnets []string           `query:"SubnetId"`
	Filters []subnetFilter     `query:"Filter"`
	Tags    []tagSpecification `query:"TagSpecification"`
	DryRun  bool
	Max     *int32 `query:"MaxResults"`
}

type subnet struct {
	Subnet       string `name:"SubnetId"`
	DefaultForAz bool
	Tags         []tag    `name:"tagSet"`
	Zones        []string `name:"zoneSet"`
}

type describeSubnetsOutput struct {
	Subnets   []subnet `name:"subnetSet"`
	NextToken string
}

var ec2 = &api.Service{
	Name: "ec2", Dialects: []api.Dialect{&api.EC2Query{Version: "2016-11-15", Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/"}},
	Operations: operations("DescribeSubnets"),
}

// withEC2 routes to EC2 beside the others.
func withEC2() *Router {
	t := NewRouter()
	for _, s := range []*api.Service{sqs, sns, ec2} {
		t.Add(s)
	}
	return t
}

func TestEC2Query(t *testing.T) {
	router := withEC2()
	const action = "Action=DescribeSubnets&Version=2016-11-15"
	const list = action + "&SubnetId.2=b&SubnetId.1=a&Filter.1.Name=vpc-id&Filter.1.Value.1=v&Filter.1.Value.2=w&TagSpecification.1.ResourceType=subnet&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=x&DryRun=true"
	for _, test := range []struct {
		name, scope, form, accept string
		err                       string // the answer's, but for what stands around it
	}{
		{"by scope", "ec2", list, "", ""},
		{"by version", "", list, "", ""},
		{"by action", "", strings.Replace(list, "&Version=2016-11-15", "", 1), "", ""},
		{"accepting what it does not answer", "", list, "application/json", ""},
		{"no such action", "ec2", "Action=X&Version=2016-11-15", "", "<Code>InvalidAction</Code><Message>The action X is not valid for this web service.</Message>"},
		{"no such action, by version", "", "Action=X&Version=2016-11-15", "", "<Code>InvalidAction</Code><Message>The action X is not valid for this web service.</Message>"},
		{"no action", "ec2", "Version=2016-11-15", "", "<Code>MissingAction</Code><Message>The request must contain the parameter Action.</Message>"},
		{"a wrong value", "ec2", action + "&MaxResults=x", "", "<Code>InvalidParameterValue</Code><Message></Message>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, body := request("POST", "/", test.form, "Content-Type", formMedia, "Accept", test.accept)
			c := router.Match(r, test.scope)
			err := c.Read(body)
			if err == nil {
				err = c.Find()
			}
			var in any
			if err == nil {
				in, _, err = c.Decode(reflect.TypeFor[describeSubnetsInput]())
			}
			w := httptest.NewRecorder()
			if err != nil {
				c.WriteError(w, err, "r&d")
				want := xmlHeader + "<Response><Errors><Error>" + test.err + "</Error></Errors><RequestID>r&amp;d</RequestID></Response>"
				if diff := cmp.Diff(want, w.Body.String()); diff != "" || w.Code != 400 {
					t.Errorf("%d -want +got\n%s", w.Code, diff)
				}
				return
			}
			if diff := cmp.Diff(&describeSubnetsInput{
				Subnets: []string{"a", "b"}, Filters: []subnetFilter{{"vpc-id", []string{"v", "w"}}},
				Tags: []tagSpecification{{"subnet", []tag{{"k", "x"}}}}, DryRun: true,
			}, in); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			c.WriteResult(w, &describeSubnetsOutput{Subnets: []subnet{{"subnet-1", true, []tag{{"k", "<"}}, []string{}}}}, "r&d")
			want := xmlHeader + `<DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r&amp;d</requestId>` +
				`<subnetSet><item><subnetId>subnet-1</subnetId><defaultForAz>true</defaultForAz><tagSet><item><key>k</key><value>&lt;</value></item></tagSet><zoneSet/></item></subnetSet></DescribeSubnetsResponse>`
			if diff := cmp.Diff(want, w.Body.String()); diff != "" || w.Code != 200 {
				t.Errorf("%d -want +got\n%s", w.Code, diff)
			}
		})
	}
}

// A host tells the service of a request that is not signed.
func TestEC2QueryByHost(t *testing.T) {
	router := withEC2()
	for host, want := range map[string]bool{"ec2.us-east-1.amazonaws.com": true, "ec2.localhost:4566": true, "localhost:4566": false, "sns.us-east-1.localhost": false} {
		r, _ := request("GET", "/", "")
		r.Host = host
		c := router.Match(r, "")
		w := httptest.NewRecorder()
		c.WriteError(w, c.Read(nil), "r")
		if got := strings.Contains(w.Body.String(), "<Response><Errors><Error><Code>MissingAction</Code>"); got != want {
			t.Errorf("%s: %s", host, w.Body)
		}
	}
}

// An operation without output says that it is done [X049].
func TestEC2QueryWithoutOutput(t *testing.T) {
	r, _ := request("GET", "/?Action=DescribeSubnets&Version=2016-11-15", "")
	c := withEC2().Match(r, "ec2")
	if err := c.Read(nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Find(); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	c.WriteResult(w, &struct{}{}, "r")
	want := xmlHeader + `<DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><return>true</return></DescribeSubnetsResponse>`
	if w.Body.String() != want {
		t.Errorf("%s\nwant %s", w.Body, want)
	}
}

// Credentials are refused in EC2's words [X010].
func TestEC2QueryCredentials(t *testing.T) {
	for _, test := range []struct {
		err    *api.Error
		status int
		want   string
	}{
		{api.ErrInvalidToken, 401, "<Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message>"},
		{&api.Error{Code: "InvalidSignatureException", QueryCode: "SignatureDoesNotMatch", Status: 403}, 401, "<Code>AuthFailure</Code>"},
		{api.ErrExpiredToken, 400, "<Code>RequestExpired</Code><Message>Request has expired.</Message>"},
		{api.ErrMissingToken, 403, "<Code>MissingAuthenticationToken</Code><Message>Request is missing Authentication Token</Message>"},
	} {
		r, _ := request("GET", "/?Action=DescribeSubnets&Version=2016-11-15", "")
		w := httptest.NewRecorder()
		status := withEC2().Match(r, "ec2").WriteError(w, test.err, "r")
		if status != test.status || w.Code != status || !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("%v: %d %s", test.err, w.Code, w.Body)
		}
	}
}

// Violations name members as the request does.
func TestEC2QueryViolations(t *testing.T) {
	type permission struct {
		Protocol string `query:"IpProtocol" check:"required"`
		Port     *int32 `query:"FromPort" check:"max=65535"`
	}
	type input struct {
		Permissions []permission `query:"IpPermissions"`
		Group       string       `query:"GroupId" check:"required"`
	}
	r, body := request("POST", "/", "Action=DescribeSubnets&Version=2016-11-15&IpPermissions.1.IpProtocol=tcp&IpPermissions.2.FromPort=70000", "Content-Type", formMedia)
	c := withEC2().Match(r, "ec2")
	if err := c.Read(body); err != nil {
		t.Fatal(err)
	}
	if err := c.Find(); err != nil {
		t.Fatal(err)
	}
	_, violations, err := c.Decode(reflect.TypeFor[input]())
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, v := range violations {
		paths = append(paths, v.Path)
	}
	if diff := cmp.Diff([]string{"IpPermissions.2.IpProtocol", "IpPermissions.2.FromPort", "GroupId"}, paths); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Beside EC2 the others answer as they do without it.
func TestEC2QueryLeavesQueryAlone(t *testing.T) {
	router := withEC2()
	for scope, want := range map[string]*api.Service{"": sns, "sns": sns, "ec2": sns} {
		r, _ := request("GET", "/?Action=Publish&Version=2010-03-31", "", "Accept", "application/json")
		c := router.Match(r, scope)
		if scope == "ec2" {
			want = ec2 // which has no such action
		}
		if err := c.Read(nil); err != nil {
			t.Fatal(err)
		}
		if err := c.Find(); (err != nil) != (want == ec2) || c.Service != want {
			t.Errorf("scope %q: %v %v", scope, c.Service, err)
		}
		if got := formOf(c); want == sns && got != asQueryJSON {
			t.Errorf("scope %q: answered in %s", scope, got)
		}
	}
}
