package provision

import (
	"cmp"
	"strings"
)

// placeholderIDs are the types whose physical ids the schemas do not tell.
var placeholderIDs = map[string]func(*placeholder) string{
	"AWS::ApiGateway::RestApi":      func(p *placeholder) string { return p.letters(10) },
	"AWS::CloudFront::Distribution": func(p *placeholder) string { return "E" + strings.ToUpper(p.letters(13)) },
	"AWS::Cognito::UserPool":        func(p *placeholder) string { return p.Stack.Region + "_" + p.letters(9) },
	"AWS::Cognito::UserPoolClient":  func(p *placeholder) string { return p.letters(26) },
	"AWS::EC2::EIP":                 func(*placeholder) string { return "203.0.113.25" }, // of the documentation's
	"AWS::ECS::Service":             func(p *placeholder) string { return p.arn(p.cluster() + "/" + p.serviceName()) },
	"AWS::ECS::TaskDefinition":      func(p *placeholder) string { return p.arn(p.value("Family", p.madeUp(64, "")) + ":1") },
	"AWS::ElasticLoadBalancingV2::LoadBalancer": func(p *placeholder) string {
		return p.arn("app/" + p.value("Name", p.madeUp(32, "")) + "/" + p.hex(16))
	},
	"AWS::ElasticLoadBalancingV2::TargetGroup": func(p *placeholder) string { return p.arn(p.value("Name", p.madeUp(32, "")) + "/" + p.hex(16)) },
	"AWS::Lambda::Alias":                       func(p *placeholder) string { return p.function() + ":" + p.value("Name", "alias") },
	"AWS::Lambda::EventSourceMapping":          func(p *placeholder) string { return p.uuid() },
	"AWS::Lambda::LayerVersion":                func(p *placeholder) string { return p.arn(p.value("LayerName", p.madeUp(64, "")) + ":1") },
	"AWS::Lambda::Permission":                  func(p *placeholder) string { return p.madeUp(64, "") },
	"AWS::Lambda::Url":                         func(p *placeholder) string { return p.function() },
	"AWS::Lambda::Version":                     func(p *placeholder) string { return p.function() + ":1" },
	"AWS::Route53::HostedZone":                 func(p *placeholder) string { return "Z" + strings.ToUpper(p.letters(20)) },
	"AWS::SecretsManager::Secret": func(p *placeholder) string {
		return p.arn(p.value("Name", p.LogicalID+"-"+p.Token) + "-" + p.letters(6))
	},
	"AWS::SSM::Parameter": func(p *placeholder) string { return p.value("Name", "CFN-"+p.LogicalID+"-"+p.Token) },
}

// placeholderAttributes are the attributes, TYPE.NAME, whose forms their names do not tell.
var placeholderAttributes = map[string]func(*placeholder) string{
	"AWS::ApiGateway::RestApi.RootResourceId": func(p *placeholder) string { return p.letters(12)[2:] },
	"AWS::ApiGatewayV2::Api.ApiEndpoint": func(p *placeholder) string {
		return "https://" + p.PhysicalID + ".execute-api." + p.Stack.Region + ".amazonaws.com"
	},
	"AWS::CloudFront::Distribution.DomainName": func(p *placeholder) string { return "d" + p.letters(13) + ".cloudfront.net" },
	"AWS::Cognito::UserPool.ProviderName":      func(p *placeholder) string { return p.cognito() },
	"AWS::Cognito::UserPool.ProviderURL":       func(p *placeholder) string { return "https://" + p.cognito() },
	"AWS::DynamoDB::GlobalTable.StreamArn":     (*placeholder).streamARN,
	"AWS::DynamoDB::Table.StreamArn":           (*placeholder).streamARN,
	"AWS::EC2::EIP.AllocationId":               func(p *placeholder) string { return "eipalloc-" + p.hex(17) },
	"AWS::ECR::Repository.RepositoryUri": func(p *placeholder) string {
		return p.Stack.Account + ".dkr.ecr." + p.Stack.Region + ".amazonaws.com/" + p.PhysicalID
	},
	"AWS::ECS::Service.Name": func(p *placeholder) string { return p.short() },
	"AWS::ElasticLoadBalancingV2::LoadBalancer.DNSName": func(p *placeholder) string {
		return p.balancer() + "-" + p.hex(10) + "." + p.Stack.Region + ".elb.amazonaws.com"
	},
	"AWS::Lambda::EventSourceMapping.Id": func(p *placeholder) string { return p.PhysicalID },
	"AWS::Lambda::Permission.Id":         func(p *placeholder) string { return p.PhysicalID },
	"AWS::Lambda::Url.FunctionUrl": func(p *placeholder) string {
		return "https://" + p.letters(32) + ".lambda-url." + p.Stack.Region + ".on.aws/"
	},
	"AWS::Lambda::Version.Version":   func(*placeholder) string { return "1" },
	"AWS::Logs::LogGroup.Arn":        func(p *placeholder) string { return p.arn(p.PhysicalID) + ":*" },
	"AWS::SSM::Parameter.Arn":        func(p *placeholder) string { return p.arn(p.PhysicalID) },
	"AWS::SecretsManager::Secret.Id": func(p *placeholder) string { return p.PhysicalID },
}

// arnForms are the forms of ARNs that the schemas lack.
var arnForms = map[string]string{
	"AWS::ECS::Service":                         "arn:${Partition}:ecs:${Region}:${Account}:service/${Name}",
	"AWS::ECS::TaskDefinition":                  "arn:${Partition}:ecs:${Region}:${Account}:task-definition/${Name}",
	"AWS::ElasticLoadBalancingV2::LoadBalancer": "arn:${Partition}:elasticloadbalancing:${Region}:${Account}:loadbalancer/${Name}",
	"AWS::ElasticLoadBalancingV2::TargetGroup":  "arn:${Partition}:elasticloadbalancing:${Region}:${Account}:targetgroup/${Name}",
	"AWS::Lambda::LayerVersion":                 "arn:${Partition}:lambda:${Region}:${Account}:layer:${Name}",
	"AWS::MSK::Cluster":                         "arn:${Partition}:kafka:${Region}:${Account}:cluster/${Name}",
	"AWS::Scheduler::Schedule":                  "arn:${Partition}:scheduler:${Region}:${Account}:schedule/default/${Name}",
}

// idPrefixes are how ids begin, before their hexadecimal digits.
var idPrefixes = map[string]string{
	"AWS::EC2::CustomerGateway": "cgw", "AWS::EC2::DHCPOptions": "dopt", "AWS::EC2::EgressOnlyInternetGateway": "eigw",
	"AWS::EC2::EIPAssociation": "eipassoc", "AWS::EC2::FlowLog": "fl", "AWS::EC2::Instance": "i",
	"AWS::EC2::InternetGateway": "igw", "AWS::EC2::LaunchTemplate": "lt", "AWS::EC2::NatGateway": "nat",
	"AWS::EC2::NetworkAcl": "acl", "AWS::EC2::NetworkInterface": "eni", "AWS::EC2::PrefixList": "pl",
	"AWS::EC2::TransitGateway": "tgw", "AWS::EC2::TransitGatewayAttachment": "tgw-attach", "AWS::EC2::VPCCidrBlock": "vpc-cidr-assoc",
	"AWS::EC2::VPCEndpointService": "vpce-svc", "AWS::EC2::VPCPeeringConnection": "pcx", "AWS::EC2::VPNConnection": "vpn",
	"AWS::EC2::VPNGateway": "vgw", "AWS::EC2::Volume": "vol",
	"AWS::EFS::AccessPoint": "fsap", "AWS::EFS::FileSystem": "fs", "AWS::EFS::MountTarget": "fsmt",
}

// function is the ARN of the function that a version, alias or URL is of.
func (p *placeholder) function() string {
	name := cmp.Or(p.value("FunctionName", ""), p.value("TargetFunctionArn", ""), p.name())
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return "arn:" + p.Stack.Partition + ":lambda:" + p.Stack.Region + ":" + p.Stack.Account + ":function:" + name
}

// cluster is the name of the cluster that a service is in.
func (p *placeholder) cluster() string {
	cluster := p.value("Cluster", "default")
	return cluster[strings.LastIndex(cluster, "/")+1:]
}

func (p *placeholder) serviceName() string { return p.value("ServiceName", p.madeUp(64, "")) }

func (p *placeholder) cognito() string {
	return "cognito-idp." + p.Stack.Region + ".amazonaws.com/" + p.PhysicalID
}

func (p *placeholder) streamARN() string { return p.ownARN() + "/stream/2024-01-01T00:00:00.000" }

// balancer is the name within a load balancer's ARN.
func (p *placeholder) balancer() string {
	if parts := strings.Split(p.PhysicalID, "/"); len(parts) == 4 {
		return parts[2]
	}
	return p.short()
}
