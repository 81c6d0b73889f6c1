package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/waxseal/waxseal/server"
)

// through puts AWS clients inside a VPC: they call a service through its VPC endpoint
// where there is one.
type through struct {
	endpoints []string // ids or Name tags
	isolated  bool
}

func (t *through) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&t.endpoints, "through", nil, "VPC endpoint, by its id or Name tag, through which its service is called; repeatable, for several services")
	flags.BoolVar(&t.isolated, "isolated", false, "as in a VPC without internet access: services without such an endpoint are out of reach")
}

// vpcEndpoint is a VPC endpoint as the control API lists it.
type vpcEndpoint struct {
	ID, Service, Region, State string
}

// variables are those, NAME=value, that set the endpoint of AWS clients to the server at
// base, and to urls for the services that have one there.
func (t *through) variables(base string, urls map[string]string) []string {
	plain := base
	if t.isolated {
		plain = throughURL(base, server.Isolated)
	}
	env := []string{allServices + "=" + plain, kmsEndpoint + "=" + plain}
	if kms, ok := urls["kms"]; ok {
		env[1] = kmsEndpoint + "=" + kms
	}
	for service, to := range urls {
		env = append(env, serviceVariable(service)+"="+to)
	}
	return env
}

// urls are the URLs of the services that have an endpoint, by the services' names, at
// the server whose URL is base. Name tags are looked up in an account and region.
func (t *through) urls(ctx context.Context, c *client, base, account, region string) (map[string]string, error) {
	urls, chosen := map[string]string{}, map[string]string{}
	for _, name := range t.endpoints {
		found, err := lookUp(ctx, c, name, account, region)
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			if other, taken := chosen[e.Service]; taken && other != e.ID {
				return nil, fmt.Errorf("--through: %s and %s are both for %s; name one of them, by its id", other, e.ID, e.Service)
			}
			chosen[e.Service], urls[e.Service] = e.ID, throughURL(base, e.ID)
		}
	}
	return urls, nil
}

// lookUp finds the endpoints that a name means, in the region of the client.
func lookUp(ctx context.Context, c *client, name, account, region string) ([]vpcEndpoint, error) {
	var found struct{ Endpoints []vpcEndpoint }
	query := url.Values{"endpoint": {name}, "account": {account}, "region": {region}}
	if _, err := c.call(ctx, http.MethodGet, "/vpc-endpoints?"+query.Encode(), nil, &found); err != nil {
		return nil, err
	}
	if len(found.Endpoints) == 0 {
		return nil, fmt.Errorf("--through: there is no VPC endpoint %q in account %s, region %s; make one with: waxseal aws ec2 create-vpc-endpoint …, or declare it in a fixture file", name, account, region)
	}
	for _, e := range found.Endpoints {
		if e.Region != region {
			return nil, fmt.Errorf("--through: %s is in %s, and clients call %s; choose one by --region", e.ID, e.Region, region)
		}
	}
	return found.Endpoints, nil
}

// throughURL is the server's URL by the path of an endpoint.
func throughURL(base, id string) string {
	return strings.TrimSuffix(base, "/") + server.EndpointPrefix + "/" + id
}

// outsideURL is a URL of the server without the path of an endpoint: the control API
// is not reached through one.
func outsideURL(base string) string {
	if before, _, ok := strings.Cut(base, server.EndpointPrefix+"/"); ok {
		return before
	}
	return base
}

const allServices = "AWS_ENDPOINT_URL"

// serviceVariable is the variable by which SDKs find one service, named by the
// service's name in AWS's models.
//
// See https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html.
func serviceVariable(service string) string {
	if service == "events" {
		service = "eventbridge"
	}
	return allServices + "_" + strings.ToUpper(strings.ReplaceAll(service, "-", "_"))
}

// valued are the AWS CLI's options before a command that take a value.
//
// See https://docs.aws.amazon.com/cli/latest/reference/.
var valued = []string{
	"--ca-bundle", "--cli-binary-format", "--cli-connect-timeout", "--cli-error-format", "--cli-read-timeout", "--color", "--endpoint-url", "--output",
	"--profile", "--query", "--region",
}

// commandsOf are the AWS CLI's commands for a service.
func commandsOf(service string) []string {
	if service == "s3" {
		return []string{"s3", "s3api"}
	}
	return []string{service}
}

// serviceOf is the service that the AWS CLI's arguments call; empty: none.
func serviceOf(args []string) string {
	for i := 0; i < len(args); i++ {
		switch word := args[i]; {
		case slices.Contains(valued, word):
			i++
		case strings.HasPrefix(word, "-"):
		case slices.Contains(commandsOf("s3"), word):
			return "s3"
		default:
			return word
		}
	}
	return ""
}
