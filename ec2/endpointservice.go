package ec2

import (
	"crypto/sha256"
	_ "embed" // of the services' names
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
)

// The types of VPC endpoints that lead to AWS's services.
const (
	typeInterface = "Interface"
	typeGateway   = "Gateway"
)

//go:embed endpointservices.txt
var endpointServicesText string

// inRegion stands for the region in the names of endpointservices.txt.
const inRegion = "REGION"

// serviceForms are the names of all services as endpointservices.txt has them, by
// name; the value is the only region that the service has endpoints in, or empty.
var serviceForms = func() map[string]string {
	forms := map[string]string{}
	for line := range strings.Lines(endpointServicesText) {
		if !strings.HasPrefix(line, "#") {
			name, only, _ := strings.Cut(strings.TrimSpace(line), " ")
			forms[name] = only
		}
	}
	return forms
}()

// gatewayServices are the services that gateway endpoints lead to. There are interface
// endpoints for them too [X120].
//
// See https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html.
var gatewayServices = []string{"dynamodb", "s3"}

// endpointService is a service that VPC endpoints lead to, in one region. Whether
// waxseal emulates it does not matter.
type endpointService struct {
	// fullName is what the API calls it, such as com.amazonaws.us-east-1.sqs.
	fullName string
	region   string
	// name is the end of fullName, such as sqs or ecr.api.
	name string
}

// endpointServices are the services of a region, in the order of their full names.
func endpointServices(region string) []endpointService {
	var services []endpointService
	for form, only := range serviceForms {
		if only == "" || only == region {
			services = append(services, newEndpointService(region, form, strings.ReplaceAll(form, inRegion, region)))
		}
	}
	slices.SortFunc(services, func(a, b endpointService) int { return strings.Compare(a.fullName, b.fullName) })
	return services
}

// findEndpointService is the service of a region with the full name. In China the
// name may begin with cn.
func findEndpointService(region, fullName string) (endpointService, bool) {
	name := fullName
	if arn.Partition(region) == "aws-cn" {
		name = strings.TrimPrefix(name, "cn.")
	}
	form := strings.Replace(name, "."+region+".", "."+inRegion+".", 1)
	only, ok := serviceForms[form]
	return newEndpointService(region, form, fullName), ok && name != form == strings.Contains(form, inRegion) && (only == "" || only == region)
}

func newEndpointService(region, form, fullName string) endpointService {
	_, name, ok := strings.Cut(form, inRegion+".")
	if !ok { // a service without a region in its name, such as com.amazonaws.iam
		name = strings.TrimPrefix(form, "com.amazonaws.")
	}
	return endpointService{fullName, region, name}
}

// types are the types of endpoints that there are for the service, the one that an
// endpoint has by default first.
func (s endpointService) types() []string {
	if slices.Contains(gatewayServices, s.name) {
		return []string{typeGateway, typeInterface}
	}
	return []string{typeInterface}
}

// serves is the name that the service has in actions and ARNs: that of its endpoints
// with validated cryptography, such as sqs-fips, is no other service.
func (s endpointService) serves() string { return strings.TrimSuffix(s.name, "-fips") }

// id is the id of the service for one of its types.
func (s endpointService) id(kind string) string {
	return "vpce-svc-" + derived(digits, hexadecimal, s.fullName, kind)
}

// suffix is the domain of the partition's services.
func (s endpointService) suffix() string {
	if arn.Partition(s.region) == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// domain is the service's part of its names: ecr.api is reached as api.ecr.
func (s endpointService) domain() string {
	labels := strings.Split(s.name, ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".")
}

// zone is the domain of the names of the service's interface endpoints.
func (s endpointService) zone() string { return s.domain() + "." + s.region + ".vpce." + s.suffix() }

// host is the name of the service's own endpoint.
func (s endpointService) host() string {
	if !strings.Contains(s.fullName, "."+s.region+".") { // one endpoint for all regions
		return s.domain() + "." + s.suffix()
	}
	return s.domain() + "." + s.region + "." + s.suffix()
}

// otherHosts are the names of services whose own endpoints are called otherwise than
// their VPC endpoints; %s stands for the region and the domain that follows it.
var otherHosts = map[string][]string{
	"ecr.dkr":          {"dkr.ecr.%s", "*.dkr.ecr.%s"},
	"execute-api":      {"*.execute-api.%s"},
	"kinesis-firehose": {"firehose.%s"},
	"kinesis-streams":  {"kinesis.%s"},
	"s3":               {"s3.%s", "*.s3.%s", "*.s3-accesspoint.%s", "*.s3-control.%s"},
}

// privateNames are the names that lead into a VPC by private DNS: those of the
// service's own endpoint, not its older ones, such as queue.amazonaws.com [G4] [X098].
func (s endpointService) privateNames() []string {
	forms := otherHosts[s.name]
	if forms == nil {
		return []string{s.host()}
	}
	names := make([]string, len(forms))
	for i, form := range forms {
		names[i] = strings.Replace(form, "%s", s.region+"."+s.suffix(), 1)
	}
	return names
}

// derived is n of the characters, always the same for the same parts: for the ids of
// what nobody makes. n is 32 at most.
func derived(n int, characters string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	id := sum[:n]
	for i, b := range id {
		id[i] = characters[int(b)%len(characters)]
	}
	return string(id)
}

const (
	hexadecimal  = "0123456789abcdef"
	alphanumeric = "0123456789abcdefghijklmnopqrstuvwxyz"
)

// hostedZone is the id of a hosted zone of Route 53.
func hostedZone(parts ...string) string {
	return strings.ToUpper("z" + derived(13, alphanumeric, parts...))
}
