package integration

import (
	"bytes"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// unset are the members of answers that no code sets, by the reason why none does.
// TYPE.* are all members of a type, SERVICE.*.MEMBER the members of that name of all types.
var unset = map[string][]string{
	"nothing uses a service-linked role here, so that its deletion never fails": {
		"iam.DeletionTaskFailureReasonType.Reason", "iam.DeletionTaskFailureReasonType.RoleUsageList",
		"iam.GetServiceLinkedRoleDeletionStatusOutput.Reason", "iam.RoleUsageType.Region", "iam.RoleUsageType.Resources",
	},
	"there are no FIDO keys, which alone are certified": {
		"iam.GetMFADeviceOutput.Certifications",
	},
	"encrypted assertions are refused, and so is every key to decrypt them": {
		"iam.GetSAMLProviderOutput.AssertionEncryptionMode", "iam.GetSAMLProviderOutput.PrivateKeyList",
		"iam.SAMLPrivateKey.KeyId", "iam.SAMLPrivateKey.Timestamp",
	},
	"there are no role templates": {
		"iam.Role.SourceRoleTemplate", "iam.SourceRoleTemplate.TemplateArn", "iam.SourceRoleTemplate.TemplateMinorVersion",
	},
	"nobody signs in to a console here": {
		"iam.User.PasswordLastUsed",
	},
	"stores always connect: see the package's comment": {
		"kms.CustomKeyStoresListEntry.ConnectionErrorCode",
	},
	"there are no enclaves: every attestation is refused": {
		"kms.DecryptOutput.CiphertextForRecipient", "kms.DeriveSharedSecretOutput.CiphertextForRecipient",
		"kms.GenerateDataKeyOutput.CiphertextForRecipient", "kms.GenerateDataKeyPairOutput.CiphertextForRecipient",
		"kms.GenerateRandomOutput.CiphertextForRecipient",
	},
	"a rotation on demand is done when it is asked for, never in progress": {
		"kms.GetKeyRotationStatusOutput.OnDemandRotationStartDate",
	},
	"CreateAccount makes no account in GovCloud; CreateGovCloudAccount, which does, is left out": {
		"organizations.CreateAccountStatus.GovCloudAccountId",
	},
	"a mistake in one message fails the whole batch (N118)": {
		"sns.BatchResultErrorEntry.Code", "sns.BatchResultErrorEntry.Id", "sns.BatchResultErrorEntry.Message",
		"sns.BatchResultErrorEntry.SenderFault",
	},
	"no account has a number of its own to send from": {
		"sns.ListOriginationNumbersOutput.NextToken", "sns.PhoneNumberInformation.CreatedAt",
		"sns.PhoneNumberInformation.Iso2CountryCode", "sns.PhoneNumberInformation.NumberCapabilities",
		"sns.PhoneNumberInformation.PhoneNumber", "sns.PhoneNumberInformation.RouteType",
		"sns.PhoneNumberInformation.Status",
	},
	"delivery to CloudWatch Logs is refused": {
		"cloudtrail.CreateTrailOutput.CloudWatchLogsLogGroupArn", "cloudtrail.CreateTrailOutput.CloudWatchLogsRoleArn",
		"cloudtrail.GetTrailStatusOutput.LatestCloudWatchLogsDeliveryError",
		"cloudtrail.GetTrailStatusOutput.LatestCloudWatchLogsDeliveryTime", "cloudtrail.Trail.CloudWatchLogsLogGroupArn",
		"cloudtrail.Trail.CloudWatchLogsRoleArn",
	},
	"always false: organization trails are refused, and there are no Insights": {
		"cloudtrail.CreateTrailOutput.IsOrganizationTrail", "cloudtrail.Trail.HasInsightSelectors",
		"cloudtrail.Trail.IsOrganizationTrail",
	},
	"a request names 20 trails at most, whose tags are one page": {
		"cloudtrail.ListTagsOutput.NextToken",
	},
	"there are no hooks": {
		"cloudformation.*.HookFailureMode", "cloudformation.*.HookInvocationCount", "cloudformation.*.HookInvocationId",
		"cloudformation.*.HookInvocationPoint", "cloudformation.*.HookStatus", "cloudformation.*.HookStatusReason", "cloudformation.*.HookType",
	},
	"there are no modules": {
		"cloudformation.*.ModuleInfo", "cloudformation.ModuleInfo.*",
	},
	"nobody looks for drift": {
		"cloudformation.*.LastCheckTimestamp", "cloudformation.DescribeChangeSetOutput.StackDriftStatus", "cloudformation.LiveResourceDrift.*",
		"cloudformation.ResourceChange.PreviousDeploymentContext", "cloudformation.ResourceChange.ResourceDriftIgnoredAttributes",
		"cloudformation.ResourceChange.ResourceDriftStatus", "cloudformation.ResourceDriftIgnoredAttribute.*",
		"cloudformation.ResourceTargetDefinition.AfterValueFrom", "cloudformation.ResourceTargetDefinition.BeforeValueFrom",
		"cloudformation.ResourceTargetDefinition.Drift",
	},
	"change sets are of one stack": {
		"cloudformation.*.ParentChangeSetId", "cloudformation.*.RootChangeSetId", "cloudformation.ResourceChange.ChangeSetId",
	},
	"every deployment is made the same way, and is done when its call answers": {
		"cloudformation.*.DeploymentConfig", "cloudformation.*.DetailedStatus", "cloudformation.OperationEvent.EndTime",
		"cloudformation.OperationEvent.OperationStatus", "cloudformation.OperationEvent.StartTime",
	},
	"stacks have no policies, and no aliases": {
		"cloudformation.GetStackPolicyOutput.StackPolicyBody", "cloudformation.Stack.AliasName",
	},
	"no service manages a bus or a rule here": {
		"events.DescribeEventBusOutput.ManagedBy", "events.DescribeRuleOutput.ManagedBy", "events.EventBus.ManagedBy",
		"events.Rule.ManagedBy",
	},
	"encryption of buses with customer managed keys is refused": {
		"events.CreateEventBusOutput.KmsKeyIdentifier", "events.DescribeEventBusOutput.KmsKeyIdentifier",
		"events.UpdateEventBusOutput.KmsKeyIdentifier",
	},
	"a mistake in one target fails the whole call": {
		"events.PutTargetsOutput.FailedEntryCount", "events.PutTargetsResultEntry.*",
	},
	"always false: IPv6 and customer-owned addresses are refused": {
		"ec2.NetworkInterface.Ipv6Native", "ec2.PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsAAAARecord",
		"ec2.Subnet.AssignIpv6AddressOnCreation", "ec2.Subnet.EnableDns64", "ec2.Subnet.Ipv6Native",
		"ec2.Subnet.MapCustomerOwnedIpOnLaunch",
	},
	"VPCs and subnets have no IPv6 blocks": {
		"ec2.Ipv6PrefixSpecification.*", "ec2.NetworkAclEntry.Ipv6CidrBlock", "ec2.NetworkInterface.Ipv6Address",
		"ec2.NetworkInterface.Ipv6Prefixes", "ec2.NetworkInterfaceIpv6Address.*", "ec2.Route.DestinationIpv6CidrBlock",
		"ec2.SubnetIpv6CidrBlockAssociation.*", "ec2.VpcEndpoint.Ipv6Prefixes", "ec2.VpcIpv6CidrBlockAssociation.*",
	},
	"nothing is out on an Outpost, a Wavelength zone or a local zone": {
		"ec2.AvailabilityZone.ParentZoneId", "ec2.AvailabilityZone.ParentZoneName", "ec2.NetworkInterface.OutpostArn",
		"ec2.Route.CarrierGatewayId", "ec2.Route.LocalGatewayId", "ec2.Subnet.CustomerOwnedIpv4Pool",
		"ec2.Subnet.EnableLniAtDeviceIndex", "ec2.Subnet.OutpostArn",
	},
	"there is no encryption control, nor the blocking of public access": {
		"ec2.BlockPublicAccessStates.*", "ec2.Subnet.BlockPublicAccessStates", "ec2.Vpc.BlockPublicAccessStates",
		"ec2.Vpc.EncryptionControl", "ec2.VpcEncryptionControl.*", "ec2.VpcEncryptionControlExclusion.*",
		"ec2.VpcEncryptionControlExclusions.*",
	},
	"interfaces are those of endpoints: no instance has one, no public address, no prefix, nobody who operates it": {
		"ec2.AttachmentEnaSrdSpecification.*", "ec2.AttachmentEnaSrdUdpSpecification.*",
		"ec2.ConnectionTrackingConfiguration.*", "ec2.Ipv4PrefixSpecification.*", "ec2.NetworkInterface.AssociatedSubnets",
		"ec2.NetworkInterface.Association", "ec2.NetworkInterface.Attachment",
		"ec2.NetworkInterface.ConnectionTrackingConfiguration", "ec2.NetworkInterface.DenyAllIgwTraffic",
		"ec2.NetworkInterface.Ipv4Prefixes", "ec2.NetworkInterface.Operator", "ec2.NetworkInterface.PublicDnsName",
		"ec2.NetworkInterface.PublicIpDnsNameOptions", "ec2.NetworkInterfaceAssociation.*",
		"ec2.NetworkInterfaceAttachment.*", "ec2.NetworkInterfacePrivateIpAddress.Association", "ec2.OperatorResponse.*",
		"ec2.PublicIpDnsNameOptions.*",
	},
	"there are no gateways, instances, interfaces or peers that a route could lead to": {
		"ec2.PropagatingVgw.*", "ec2.Route.CoreNetworkArn", "ec2.Route.EgressOnlyInternetGatewayId", "ec2.Route.InstanceId",
		"ec2.Route.InstanceOwnerId", "ec2.Route.IpAddress", "ec2.Route.NatGatewayId", "ec2.Route.NetworkInterfaceId",
		"ec2.Route.OdbNetworkArn", "ec2.Route.TransitGatewayId", "ec2.Route.VpcPeeringConnectionId",
		"ec2.RouteTableAssociation.GatewayId", "ec2.RouteTableAssociation.PublicIpv4Pool",
	},
	"network ACLs are the default ones, which know neither ports nor ICMP": {
		"ec2.IcmpTypeCode.*", "ec2.NetworkAclEntry.IcmpTypeCode", "ec2.NetworkAclEntry.PortRange", "ec2.PortRange.*",
	},
	"groups of other VPCs need peering, which is left out": {
		"ec2.ReferencedSecurityGroup.PeeringStatus", "ec2.ReferencedSecurityGroup.VpcId",
		"ec2.ReferencedSecurityGroup.VpcPeeringConnectionId",
	},
	"nothing fails after it was made, so that no status has a message": {
		"ec2.AvailabilityZoneMessage.*", "ec2.LastError.*", "ec2.RouteTableAssociationState.StatusMessage",
		"ec2.VpcCidrBlockState.StatusMessage", "ec2.VpcEndpoint.FailureReason", "ec2.VpcEndpoint.LastError",
	},
	"endpoints of resources, service networks and Gateway Load Balancers are refused": {
		"ec2.PayerResponsibilityEntry.*", "ec2.ServiceDetail.PayerResponsibility", "ec2.SubnetIpPrefixes.*",
		"ec2.VpcEndpoint.Ipv4Prefixes", "ec2.VpcEndpoint.PayerResponsibilities", "ec2.VpcEndpoint.ResourceConfigurationArn",
		"ec2.VpcEndpoint.ServiceNetworkArn",
	},
	"always false: nobody but the owner manages an endpoint, and AWS's services accept every one": {
		"ec2.ServiceDetail.AcceptanceRequired", "ec2.ServiceDetail.ManagesVpcEndpoints", "ec2.VpcEndpoint.RequesterManaged",
	},
	"private names of one's own choice are refused": {
		"ec2.DnsOptions.PrivateDnsPreference", "ec2.DnsOptions.PrivateDnsSpecifiedDomains",
	},
	"checksums by other algorithms are refused": {
		"s3.*.ChecksumMD5", "s3.*.ChecksumSHA512", "s3.*.ChecksumXXHASH128", "s3.*.ChecksumXXHASH3", "s3.*.ChecksumXXHASH64",
	},
	"nobody pays here": {
		"s3.*.RequestCharged",
	},
	"there are no lifecycle rules, object lock, replication, restoring of archives and appending": {
		"s3.*.Expiration", "s3.*.ObjectLockEventHold", "s3.*.ObjectLockEventHoldDurationDays", "s3.*.ObjectLockEventHoldDurationYears",
		"s3.*.ObjectLockLegalHoldStatus", "s3.*.ObjectLockMode", "s3.*.ObjectLockRetainUntilDate", "s3.*.ReplicationStatus", "s3.*.Restore",
		"s3.*.RestoreStatus", "s3.RestoreStatus.*", "s3.HeadObjectOutput.ArchiveStatus", "s3.PutObjectOutput.Size",
	},
	"uploads are not aborted by rules": {
		"s3.*.AbortDate", "s3.*.AbortRuleId",
	},
	"buckets are in regions, not in zones": {
		"s3.HeadBucketOutput.BucketLocationName", "s3.HeadBucketOutput.BucketLocationType",
	},
	"nothing is logged or accelerated, and MFA guards no deletion": {
		"s3.GetBucketLoggingOutput.LoggingEnabled", "s3.LoggingEnabled.*", "s3.TargetGrant.*", "s3.TargetObjectKeyFormat.*", "s3.PartitionedPrefix.*",
		"s3.GetBucketAccelerateConfigurationOutput.Status", "s3.GetBucketVersioningOutput.MFADelete",
	},
	"a delete marker is told in the headers of an error": {
		"s3.GetObjectAttributesOutput.DeleteMarker", "s3.GetObjectOutput.DeleteMarker", "s3.HeadObjectOutput.DeleteMarker",
	},
	"metadata that no header can carry is encoded (S074)": {
		"s3.*.MissingMeta",
	},
	"the header has it as a text": {
		"s3.GetObjectOutput.Expires", "s3.HeadObjectOutput.Expires",
	},
	"keys of customers are blocked": {
		"s3.*.SSECustomerAlgorithm", "s3.*.SSECustomerKeyMD5",
	},
	"what a writer adds to the encryption context is not told again": {
		"s3.*.SSEKMSEncryptionContext",
	},
	"parameters have no versions and labels, and come from no other account": {
		"ssm.Parameter.Selector", "ssm.Parameter.SourceResult",
	},
	"no source says what AWS answers": {
		"ec2.AvailabilityZone.Geography", "ec2.AvailabilityZone.SubGeography", "ec2.AvailabilityZoneGeography.*",
		"ec2.AvailabilityZoneSubGeography.*", "ec2.Region.Geography", "ec2.RegionGeography.*",
		"ec2.ServiceDetail.AvailabilityZoneIds", "ec2.Subnet.Type",
	},
}

// A member of an answer that no code ever sets is a promise that the shape
// makes and the service breaks: the parity test sees it, a client never does.
func TestEveryMemberOfAnAnswerIsSet(t *testing.T) {
	declared := map[string]bool{} // PACKAGE.TYPE.MEMBER
	arriving := map[string]bool{} // members that the decoder sets
	tables := services(t)
	for _, service := range tables {
		for i := range service.Operations {
			shapeMembers(service.Operations[i].Out, declared)
			shapeMembers(service.Operations[i].In, arriving)
		}
	}
	s := setters{set: map[string]bool{}}
	for _, service := range tables {
		s.read(t, service.Name)
	}
	why := map[string]string{}
	for reason, members := range unset {
		for _, member := range members {
			if !excuse(why, member, reason, declared) {
				t.Errorf("%s is excused and is no member of an answer", member)
			}
		}
	}
	for member := range declared {
		reason, excused := why[member]
		switch found := s.set[module+member] || arriving[member]; {
		case found && excused:
			t.Errorf("%s is set after all: it needs no excuse (%s)", member, reason)
		case !found && !excused:
			t.Errorf("%s is declared, and no code sets it", member)
		}
	}
}

// excuse adds to why the reason for a member, or for those of TYPE.*; ok: there is one.
func excuse(why map[string]string, member, reason string, declared map[string]bool) (ok bool) {
	prefix, all := strings.CutSuffix(member, "*")
	service, name, named := strings.Cut(member, ".*.")
	for d := range declared {
		if d == member || all && strings.HasPrefix(d, prefix) || named && strings.HasPrefix(d, service+".") && strings.HasSuffix(d, "."+name) {
			why[d], ok = reason, true
		}
	}
	return ok
}

// shapeMembers adds the members of a shape and of all shapes in it.
func shapeMembers(shape reflect.Type, all map[string]bool) {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, shape.Kind()) {
		shape = shape.Elem()
	}
	if shape.Kind() != reflect.Struct || !strings.HasPrefix(shape.PkgPath(), module) {
		return
	}
	for i := range shape.NumField() {
		f := shape.Field(i)
		if f.Name == "_" { // which only carries a tag
			continue
		}
		if f.Anonymous {
			shapeMembers(f.Type, all)
			continue
		}
		name := strings.TrimPrefix(shape.PkgPath(), module) + "." + shape.Name() + "." + f.Name
		if !all[name] {
			all[name] = true
			shapeMembers(f.Type, all)
		}
	}
}

// setters are the fields of structs that some code sets: in a literal, by an
// assignment, through a pointer, or as part of a converted whole.
type setters struct{ set map[string]bool }

// read adds what a package's code sets.
func (s *setters) read(t *testing.T, name string) {
	t.Helper()
	files := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join("..", name, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var parsed []*ast.File
	for _, file := range names {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	config := types.Config{Importer: importer.ForCompiler(files, "gc", exports(t, name))}
	if _, err := config.Check(module+name, files, parsed, info); err != nil {
		t.Fatal(err)
	}
	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			s.visit(info, n)
			return true
		})
	}
}

// exports finds the compiled form of what a package imports.
func exports(t *testing.T, name string) importer.Lookup {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-export", "-f", "{{.ImportPath}}\t{{.Export}}", module+name).Output()
	if err != nil {
		t.Fatal(err)
	}
	compiled := map[string]string{}
	for line := range bytes.Lines(out) {
		path, file, _ := strings.Cut(strings.TrimSpace(string(line)), "\t")
		compiled[path] = file
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(compiled[path]) }
}

func (s *setters) visit(info *types.Info, n ast.Node) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		s.literal(info, n)
	case *ast.AssignStmt:
		for _, to := range n.Lhs {
			s.assigned(info, to)
		}
	case *ast.IncDecStmt:
		s.assigned(info, n.X)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			s.assigned(info, n.X)
		}
	case *ast.CallExpr:
		if f := info.Types[n.Fun]; f.IsType() {
			s.all(f.Type)
		}
	}
}

func (s *setters) literal(info *types.Info, n *ast.CompositeLit) {
	t := info.Types[n].Type
	for _, element := range n.Elts {
		pair, keyed := element.(*ast.KeyValueExpr)
		if !keyed {
			s.all(t)
			return
		}
		if key, ok := pair.Key.(*ast.Ident); ok {
			s.add(t, key.Name)
		}
	}
}

// assigned is an expression that a value is assigned to: a field, or an element
// of a field that is a list or a map.
func (s *setters) assigned(info *types.Info, to ast.Expr) {
	switch to := to.(type) {
	case *ast.IndexExpr:
		s.assigned(info, to.X)
	case *ast.StarExpr:
		s.assigned(info, to.X)
	case *ast.SelectorExpr:
		selection := info.Selections[to]
		if selection == nil {
			return // a package's variable
		}
		owner := selection.Recv()
		path := selection.Index()
		for _, i := range path[:len(path)-1] { // through embedded structs
			owner = structOf(owner).Field(i).Type()
		}
		s.add(owner, to.Sel.Name)
	}
}

// all adds every field of a struct.
func (s *setters) all(t types.Type) {
	fields := structOf(t)
	for i := range fields.NumFields() {
		s.add(t, fields.Field(i).Name())
	}
}

func (s *setters) add(t types.Type, field string) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
		s.set[named.Obj().Pkg().Path()+"."+named.Obj().Name()+"."+field] = true
	}
}

// structOf is the struct that a type is or points to; an empty one where it is none.
func structOf(t types.Type) *types.Struct {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if s, ok := t.Underlying().(*types.Struct); ok {
		return s
	}
	return new(types.Struct)
}
