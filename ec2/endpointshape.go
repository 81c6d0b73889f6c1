package ec2

import "time"

// VpcEndpoint is a VPC endpoint as the API shows it. Its State is in small letters,
// unlike the values that the API's model lists [X094].
type VpcEndpoint struct {
	VpcEndpointId            string
	VpcEndpointType          string
	VpcId                    string
	ServiceName              string
	State                    string // pending, available or deleting
	PolicyDocument           string
	RouteTableIds            []string                  `name:"routeTableIdSet"`
	SubnetIds                []string                  `name:"subnetIdSet"`
	Groups                   []SecurityGroupIdentifier `name:"groupSet"`
	IpAddressType            string
	DnsOptions               *DnsOptions
	PrivateDnsEnabled        bool
	RequesterManaged         bool
	NetworkInterfaceIds      []string   `name:"networkInterfaceIdSet"`
	DnsEntries               []DnsEntry `name:"dnsEntrySet"`
	CreationTimestamp        time.Time
	Tags                     []Tag `name:"tagSet"`
	OwnerId                  string
	PayerResponsibilities    []PayerResponsibilityEntry `name:"payerResponsibilitySet"`
	LastError                *LastError
	Ipv4Prefixes             []SubnetIpPrefixes `name:"ipv4PrefixSet"`
	Ipv6Prefixes             []SubnetIpPrefixes `name:"ipv6PrefixSet"`
	FailureReason            string
	ServiceNetworkArn        string
	ResourceConfigurationArn string
	ServiceRegion            string
}

// SecurityGroupIdentifier is a security group of an endpoint.
type SecurityGroupIdentifier struct {
	GroupId   string
	GroupName string
}

// DnsOptions are what an endpoint's names lead to.
type DnsOptions struct {
	DnsRecordIpType                          string
	PrivateDnsOnlyForInboundResolverEndpoint *bool
	PrivateDnsPreference                     string
	PrivateDnsSpecifiedDomains               []string `name:"privateDnsSpecifiedDomainSet"`
}

// DnsOptionsSpecification is DnsOptions in a request.
type DnsOptionsSpecification struct {
	DnsRecordIpType                          string `enum:"ipv4|dualstack|ipv6|service-defined"`
	PrivateDnsOnlyForInboundResolverEndpoint *bool
	PrivateDnsPreference                     string
	PrivateDnsSpecifiedDomains               []string `query:"PrivateDnsSpecifiedDomain"`
}

// LastError is what went wrong with an endpoint: never anything here.
type LastError struct{ Code, Message string }

// SubnetIpPrefixes are the prefixes of an endpoint's interface: it has none here.
type SubnetIpPrefixes struct {
	SubnetId   string
	IpPrefixes []string `name:"ipPrefixSet"`
}

// PayerResponsibilityEntry is who pays for something of an endpoint: nobody does here.
type PayerResponsibilityEntry struct{ PayerResponsibilityType, Scope string }

// SubnetConfiguration chooses the address of an endpoint's interface in a subnet.
type SubnetConfiguration struct {
	SubnetId string
	Ipv4     string
	Ipv6     string
}

// UnsuccessfulItem is something that could not be deleted.
type UnsuccessfulItem struct {
	Error      *UnsuccessfulItemError
	ResourceId string
}

// UnsuccessfulItemError is why.
type UnsuccessfulItemError struct{ Code, Message string }
