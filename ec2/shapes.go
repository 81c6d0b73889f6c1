package ec2

// Vpc is a VPC as answers show it.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html.
type Vpc struct {
	BlockPublicAccessStates     *BlockPublicAccessStates
	CidrBlock                   string
	CidrBlockAssociationSet     []VpcCidrBlockAssociation
	DhcpOptionsId               string
	EncryptionControl           *VpcEncryptionControl
	InstanceTenancy             string
	Ipv6CidrBlockAssociationSet []VpcIpv6CidrBlockAssociation
	IsDefault                   bool
	OwnerId                     string
	State                       string
	Tags                        []Tag `name:"tagSet"`
	VpcId                       string
}

// VpcCidrBlockAssociation is an IPv4 block of a VPC.
type VpcCidrBlockAssociation struct {
	AssociationId, CidrBlock string
	CidrBlockState           *VpcCidrBlockState
}

// VpcCidrBlockState is what has become of a block's association.
type VpcCidrBlockState struct{ State, StatusMessage string }

// VpcIpv6CidrBlockAssociation is an IPv6 block of a VPC.
type VpcIpv6CidrBlockAssociation struct {
	AssociationId        string
	IpSource             string
	Ipv6AddressAttribute string
	Ipv6CidrBlock        string
	Ipv6CidrBlockState   *VpcCidrBlockState
	Ipv6Pool             string
	NetworkBorderGroup   string
}

// BlockPublicAccessStates is what of a VPC or subnet the internet cannot reach.
type BlockPublicAccessStates struct{ InternetGatewayBlockMode string }

// VpcEncryptionControlConfiguration asks for encryption within a VPC, which is left out.
type VpcEncryptionControlConfiguration struct {
	Mode                               string `check:"required"`
	ApiGatewayV2Exclusion              string
	EgressOnlyInternetGatewayExclusion string
	ElasticFileSystemExclusion         string
	GlobalAcceleratorExclusion         string
	InternetGatewayExclusion           string
	LambdaExclusion                    string
	NatGatewayExclusion                string
	VirtualPrivateGatewayExclusion     string
	VpcLatticeExclusion                string
	VpcPeeringExclusion                string
}

// VpcEncryptionControl is the encryption within a VPC. No VPC has it here.
type VpcEncryptionControl struct {
	Mode                   string
	ResourceExclusions     *VpcEncryptionControlExclusions
	State                  string
	StateMessage           string
	Tags                   []Tag `name:"tagSet"`
	VpcEncryptionControlId string
	VpcId                  string
}

// VpcEncryptionControlExclusions are what the encryption leaves out.
type VpcEncryptionControlExclusions struct {
	ApiGatewayV2              *VpcEncryptionControlExclusion
	EgressOnlyInternetGateway *VpcEncryptionControlExclusion
	ElasticFileSystem         *VpcEncryptionControlExclusion
	GlobalAccelerator         *VpcEncryptionControlExclusion
	InternetGateway           *VpcEncryptionControlExclusion
	Lambda                    *VpcEncryptionControlExclusion
	NatGateway                *VpcEncryptionControlExclusion
	VirtualPrivateGateway     *VpcEncryptionControlExclusion
	VpcLattice                *VpcEncryptionControlExclusion
	VpcPeering                *VpcEncryptionControlExclusion
}

// VpcEncryptionControlExclusion is one of them.
type VpcEncryptionControlExclusion struct{ State, StateMessage string }

// Subnet is a subnet as answers show it.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html.
type Subnet struct {
	AssignIpv6AddressOnCreation   bool
	AvailabilityZone              string
	AvailabilityZoneId            string
	AvailableIpAddressCount       int32
	BlockPublicAccessStates       *BlockPublicAccessStates
	CidrBlock                     string
	CustomerOwnedIpv4Pool         string
	DefaultForAz                  bool
	EnableDns64                   bool
	EnableLniAtDeviceIndex        *int32
	Ipv6CidrBlockAssociationSet   []SubnetIpv6CidrBlockAssociation
	Ipv6Native                    bool
	MapCustomerOwnedIpOnLaunch    bool
	MapPublicIpOnLaunch           bool
	OutpostArn                    string
	OwnerId                       string
	PrivateDnsNameOptionsOnLaunch *PrivateDnsNameOptionsOnLaunch
	State                         string
	SubnetArn                     string
	SubnetId                      string
	Tags                          []Tag `name:"tagSet"`
	Type                          string
	VpcId                         string
}

// SubnetIpv6CidrBlockAssociation is an IPv6 block of a subnet.
type SubnetIpv6CidrBlockAssociation struct {
	AssociationId        string
	IpSource             string
	Ipv6AddressAttribute string
	Ipv6CidrBlock        string
	Ipv6CidrBlockState   *VpcCidrBlockState
}

// PrivateDnsNameOptionsOnLaunch is which private names instances of a subnet get.
type PrivateDnsNameOptionsOnLaunch struct {
	EnableResourceNameDnsAAAARecord bool
	EnableResourceNameDnsARecord    bool
	HostnameType                    string
}
