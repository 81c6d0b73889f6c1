package policyeval

import "strings"

// KeyType is the type of a condition key's values.
type KeyType string

// The types of condition keys.
const (
	StringKey  KeyType = "String"
	ARNKey     KeyType = "ARN"
	BoolKey    KeyType = "Bool"
	DateKey    KeyType = "Date"
	NumericKey KeyType = "Numeric"
	IPKey      KeyType = "IPAddress"
)

// Key describes a condition key.
type Key struct {
	// Name is the key in AWS's spelling. A name that ends in / or : is a
	// prefix: the name of a tag, or a key of an encryption context, follows it.
	Name string
	Type KeyType
	// Multi keys have many values and need a set operator.
	Multi bool
	// Always present keys are never missing from a signed request.
	Always bool
	// Present says when the key is there.
	Present string
	// Actions are those whose requests have the key; nil: all of its service,
	// or of every service for a global key.
	Actions []string
}

// keyTable is every key with the rule for when it is there.
var keyTable = []Key{
	{"aws:PrincipalArn", ARNKey, false, true, "signed requests; of a session its role", nil},
	{"aws:PrincipalAccount", StringKey, false, true, "always; anonymous where nobody signed", nil},
	{"aws:PrincipalType", StringKey, false, true, "always: Account, User, AssumedRole, FederatedUser or Anonymous", nil},
	{"aws:userid", StringKey, false, true, "always: AIDA…, AROA…:session, the account or ACCOUNT:name", nil},
	{"aws:username", StringKey, false, false, "IAM users", nil},
	{"aws:PrincipalTag/", StringKey, false, false, "tags of the user or role, and session tags over them", nil},
	{"aws:PrincipalOrgID", StringKey, false, false, "accounts in an organization", nil},
	{"aws:PrincipalOrgPaths", StringKey, true, false, "accounts in an organization", nil},
	{"aws:PrincipalIsAWSService", BoolKey, false, true, "signed requests; true for service principals alone", nil},
	{"aws:PrincipalServiceName", StringKey, false, false, "service principals", nil},
	{"aws:PrincipalServiceNamesList", StringKey, true, false, "service principals", nil},
	{"aws:SourceArn", ARNKey, false, false, "service principals that call on behalf of a resource", nil},
	{"aws:SourceAccount", StringKey, false, false, "service principals that call on behalf of a resource", nil},
	{"aws:SourceOrgID", StringKey, false, false, "as aws:SourceAccount, where that is in an organization", nil},
	{"aws:SourceOrgPaths", StringKey, true, false, "as aws:SourceAccount, where that is in an organization", nil},
	{"aws:SourceOwner", StringKey, false, false, "as aws:SourceAccount; in SNS's default policies", nil},
	{"aws:SecureTransport", BoolKey, false, true, "always; true over TLS", nil},
	{"aws:SourceIp", IPKey, false, false, "direct requests that do not come through a VPC endpoint", nil},
	{"aws:SourceVpc", StringKey, false, false, "requests through a VPC endpoint", nil},
	{"aws:SourceVpcArn", ARNKey, false, false, "requests through a VPC endpoint", nil},
	{"aws:SourceVpce", StringKey, false, false, "requests through a VPC endpoint", nil},
	{"aws:VpcSourceIp", IPKey, false, false, "requests through a VPC endpoint", nil},
	{"aws:VpceAccount", StringKey, false, false, "requests through a VPC endpoint", nil},
	{"aws:VpceOrgID", StringKey, false, false, "requests through a VPC endpoint of an organization", nil},
	{"aws:VpceOrgPaths", StringKey, true, false, "requests through a VPC endpoint of an organization", nil},
	{"aws:ViaAWSService", BoolKey, false, true, "always; true where a service forwards the caller's request", nil},
	{"aws:CalledVia", StringKey, true, false, "forwarded requests: the services, first to last", nil},
	{"aws:CalledViaFirst", StringKey, false, false, "forwarded requests", nil},
	{"aws:CalledViaLast", StringKey, false, false, "forwarded requests", nil},
	{"aws:RequestedRegion", StringKey, false, true, "always", nil},
	{"aws:CurrentTime", DateKey, false, true, "always", nil},
	{"aws:EpochTime", DateKey, false, true, "always", nil},
	{"aws:UserAgent", StringKey, false, true, "always", nil},
	{"aws:referer", StringKey, false, false, "requests with that header", nil},
	{"aws:TokenIssueTime", DateKey, false, false, "temporary credentials", nil},
	{"aws:TokenAge", NumericKey, false, false, "temporary credentials", nil},
	{"aws:MultiFactorAuthPresent", BoolKey, false, false, "temporary credentials", nil},
	{"aws:MultiFactorAuthAge", NumericKey, false, false, "temporary credentials that were made with MFA", nil},
	{"aws:RequestTag/", StringKey, false, false, "requests that set tags", nil},
	{"aws:TagKeys", StringKey, true, false, "requests that set or remove tags", nil},
	{"aws:ResourceTag/", StringKey, false, false, "resources with that tag", nil},
	{"aws:ResourceAccount", StringKey, false, true, "nearly always", nil},
	{"aws:ResourceOrgID", StringKey, false, false, "resources of an organization", nil},
	{"aws:ResourceOrgPaths", StringKey, true, false, "resources of an organization", nil},
	{"aws:FederatedProvider", StringKey, false, false, "sessions of outside identities", nil},
	{"aws:SourceIdentity", StringKey, false, false, "sessions that set one", nil},
	{"aws:AssumedRoot", BoolKey, false, false, "sessions of AssumeRoot", nil},
	{"aws:Ec2InstanceSourceVpc", StringKey, false, false, "credentials of an EC2 instance", nil},
	{"aws:Ec2InstanceSourcePrivateIPv4", IPKey, false, false, "credentials of an EC2 instance", nil},
	{"aws:ChatbotSourceArn", ARNKey, false, false, "requests from chat applications", nil},
	{"aws:SignInSessionArn", ARNKey, false, false, "console sessions", nil},
	{"aws:IsMcpServiceAction", BoolKey, false, false, "requests by a managed MCP server", nil},
	{"aws:ViaAWSMCPService", BoolKey, false, false, "requests by a managed MCP server", nil},

	{"sns:Endpoint", StringKey, false, false, "the endpoint to subscribe", []string{"subscribe"}},
	{"sns:Protocol", StringKey, false, false, "the protocol to subscribe", []string{"subscribe"}},

	{"kms:CallerAccount", StringKey, false, false, "operations on a key", nil},
	{"kms:ViaService", StringKey, false, false, "requests that a service forwards", nil},
	{"kms:KeyOrigin", StringKey, false, false, "operations on a key", nil},
	{"kms:KeySpec", StringKey, false, false, "operations on a key", nil},
	{"kms:CustomerMasterKeySpec", StringKey, false, false, "as kms:KeySpec, whose older name it is", nil},
	{"kms:KeyUsage", StringKey, false, false, "operations on a key", nil},
	{"kms:CustomerMasterKeyUsage", StringKey, false, false, "as kms:KeyUsage, whose older name it is", nil},
	{"kms:MultiRegion", BoolKey, false, false, "operations on a key", nil},
	{"kms:MultiRegionKeyType", StringKey, false, false, "operations on a key", nil},
	{"kms:ResourceAliases", StringKey, true, false, "operations on a key with aliases", nil},
	{"kms:RequestAlias", StringKey, false, false, "keys named by an alias", kmsAliased},
	{"kms:EncryptionContext:", StringKey, false, false, "operations with an encryption context", kmsWithContext},
	{"kms:EncryptionContextKeys", StringKey, true, false, "operations with an encryption context", kmsWithContext},
	{"kms:EncryptionAlgorithm", StringKey, false, false, "encrypting and decrypting", kmsCryptographic},
	{"kms:DataKeyPairSpec", StringKey, false, false, "data key pairs", []string{"generatedatakeypair", "generatedatakeypairwithoutplaintext"}},
	{"kms:MacAlgorithm", StringKey, false, false, "MACs", []string{"generatemac", "verifymac"}},
	{"kms:SigningAlgorithm", StringKey, false, false, "signatures", []string{"sign", "verify"}},
	{"kms:MessageType", StringKey, false, false, "signatures", []string{"sign", "verify"}},
	{"kms:KeyAgreementAlgorithm", StringKey, false, false, "shared secrets", []string{"derivesharedsecret"}},
	{"kms:EncapsulationAlgorithm", StringKey, false, false, "encapsulated secrets", []string{"encapsulate", "decapsulate"}},
	{"kms:ReEncryptOnSameKey", BoolKey, false, false, "re-encryption", []string{"reencryptfrom", "reencryptto"}},
	{"kms:GrantOperations", StringKey, true, false, "new grants", []string{"creategrant"}},
	{"kms:GranteePrincipal", StringKey, false, false, "new grants", []string{"creategrant"}},
	{"kms:GranteeServicePrincipal", StringKey, false, false, "new grants", []string{"creategrant"}},
	{"kms:RetiringPrincipal", StringKey, false, false, "new grants", []string{"creategrant"}},
	{"kms:RetiringServicePrincipal", StringKey, false, false, "new grants", []string{"creategrant"}},
	{"kms:GrantConstraintType", StringKey, false, false, "grants with a constraint", []string{"creategrant", "retiregrant"}},
	{"kms:GrantConstraintSourceArn", ARNKey, false, false, "new grants", []string{"creategrant"}},
	{"kms:GrantIsForAWSResource", BoolKey, false, false, "grants for a service", []string{"creategrant", "listgrants", "revokegrant"}},
	{"kms:BypassPolicyLockoutSafetyCheck", BoolKey, false, false, "new keys and policies", []string{"createkey", "putkeypolicy", "replicatekey"}},
	{"kms:RotationPeriodInDays", NumericKey, false, false, "rotation", []string{"enablekeyrotation"}},
	{"kms:ScheduleKeyDeletionPendingWindowInDays", NumericKey, false, false, "deletion", []string{"schedulekeydeletion"}},
	{"kms:TrailingDaysWithoutKeyUsage", NumericKey, false, false, "deletion", []string{"schedulekeydeletion", "disablekey"}},
	{"kms:ExpirationModel", StringKey, false, false, "imported material", []string{"importkeymaterial"}},
	{"kms:ValidTo", DateKey, false, false, "imported material", []string{"importkeymaterial"}},
	{"kms:WrappingAlgorithm", StringKey, false, false, "imported material", []string{"getparametersforimport"}},
	{"kms:WrappingKeySpec", StringKey, false, false, "imported material", []string{"getparametersforimport"}},
	{"kms:ReplicaRegion", StringKey, false, false, "replicas", []string{"replicatekey"}},
	{"kms:PrimaryRegion", StringKey, false, false, "primary regions", []string{"updateprimaryregion"}},
	{"kms:RecipientAttestation:", StringKey, false, false, "requests from an enclave", nil},

	{"s3:authType", StringKey, false, false, "signed requests: REST-HEADER, REST-QUERY-STRING or POST", nil},
	{"s3:signatureversion", StringKey, false, false, "signed requests", nil},
	{"s3:signatureAge", NumericKey, false, false, "signed requests; the signature's age in milliseconds", nil},
	{"s3:TlsVersion", NumericKey, false, false, "requests over TLS", nil},
	{"s3:x-amz-content-sha256", StringKey, false, false, "requests with that header", nil},
	{"s3:ResourceAccount", StringKey, false, false, "requests to a bucket; its owner", nil},
	{"s3:AccessPointNetworkOrigin", StringKey, false, false, "requests through an access point", nil},
	{"s3:DataAccessPointAccount", StringKey, false, false, "requests through an access point", nil},
	{"s3:DataAccessPointArn", ARNKey, false, false, "requests through an access point", nil},
	{"s3:AccessPointTag/", StringKey, false, false, "requests through an access point with that tag", nil},
	{"s3:AccessGrantsInstanceArn", ARNKey, false, false, "Access Grants", nil},
	{"s3:AccessGrantScope", StringKey, false, false, "Access Grants", nil},
	{"s3:AccessGrantsLocationScope", StringKey, false, false, "Access Grants", nil},
	{"s3:BucketTag/", StringKey, false, false, "buckets with that tag whose tags may decide", nil},
	{"s3:prefix", StringKey, false, false, "lists that ask for a prefix", s3Lists},
	{"s3:delimiter", StringKey, false, false, "lists that ask for a delimiter", s3Lists},
	{"s3:max-keys", NumericKey, false, false, "lists that ask for a number of keys", s3Lists},
	{"s3:versionid", StringKey, false, false, "requests for a version of an object", s3Versions},
	{"s3:ExistingObjectTag/", StringKey, false, false, "objects with that tag", s3Tagged},
	{"s3:RequestObjectTag/", StringKey, false, false, "requests that give an object tags", s3Tagging},
	{"s3:RequestObjectTagKeys", StringKey, true, false, "requests that give an object tags", s3Tagging},
	{"s3:x-amz-acl", StringKey, false, false, "requests with that header", s3ACLs},
	{"s3:x-amz-grant-full-control", StringKey, false, false, "requests with that header", s3ACLs},
	{"s3:x-amz-grant-read", StringKey, false, false, "requests with that header", s3ACLs},
	{"s3:x-amz-grant-read-acp", StringKey, false, false, "requests with that header", s3ACLs},
	{"s3:x-amz-grant-write", StringKey, false, false, "requests with that header", s3ACLs},
	{"s3:x-amz-grant-write-acp", StringKey, false, false, "requests with that header", s3ACLs},
	{"s3:x-amz-copy-source", StringKey, false, false, "copies", s3Puts},
	{"s3:x-amz-metadata-directive", StringKey, false, false, "copies with that header", s3Puts},
	{"s3:x-amz-server-side-encryption", StringKey, false, false, "requests with that header; not what the bucket's default makes of others", s3Encrypts},
	{"s3:x-amz-server-side-encryption-aws-kms-key-id", ARNKey, false, false, "requests with that header; the key's ARN", s3Encrypts},
	{"s3:x-amz-server-side-encryption-customer-algorithm", StringKey, false, false, "requests with that header", append([]string{"replicateobject"}, s3Puts...)},
	{"s3:x-amz-storage-class", StringKey, false, false, "requests with that header", append([]string{"putobjectacl", "putobjectversionacl"}, s3Puts...)},
	{"s3:x-amz-website-redirect-location", StringKey, false, false, "requests with that header", s3Puts},
	{"s3:if-match", StringKey, false, false, "requests with that header", []string{"putobject", "deleteobject"}},
	{"s3:if-none-match", StringKey, false, false, "requests with that header", []string{"putobject"}},
	{"s3:ObjectCreationOperation", BoolKey, false, false, "requests to write objects; whether they make one", []string{"putobject"}},
	{"s3:object-lock-mode", StringKey, false, false, "requests with a retention", s3Retains},
	{"s3:object-lock-retain-until-date", DateKey, false, false, "requests with a retention", s3Retains},
	{"s3:object-lock-remaining-retention-days", NumericKey, false, false, "requests with a retention", s3Retains},
	{"s3:object-lock-legal-hold", StringKey, false, false, "requests with a legal hold", []string{"putobject", "putobjectlegalhold"}},
	{"s3:locationconstraint", StringKey, false, false, "new buckets outside us-east-1", []string{"createbucket", "createaccesspoint"}},
	{"s3:x-amz-object-ownership", StringKey, false, false, "new buckets with that header", []string{"createbucket"}},
	{"s3:x-amz-bucket-namespace", StringKey, false, false, "new buckets with that header", []string{"createbucket"}},
	{"s3:InventoryAccessibleOptionalFields", StringKey, true, false, "inventories", []string{"putinventoryconfiguration"}},
	{"s3:destinationRegion", StringKey, false, false, "pauses of replication", []string{"pausereplication"}},
	{"s3:isReplicationPauseRequest", BoolKey, false, false, "pauses of replication", []string{"putreplicationconfiguration"}},
	{"s3:ExistingJobOperation", StringKey, false, false, "batch jobs", s3Jobs},
	{"s3:ExistingJobPriority", NumericKey, false, false, "batch jobs", s3Jobs},
	{"s3:RequestJobOperation", StringKey, false, false, "new batch jobs", []string{"createjob"}},
	{"s3:RequestJobPriority", NumericKey, false, false, "new batch jobs and new priorities", []string{"createjob", "updatejobpriority"}},
	{"s3:JobSuspendedCause", StringKey, false, false, "batch jobs that wait", []string{"updatejobstatus"}},

	{"events:source", StringKey, true, false, "events that are put, and rules whose pattern names sources", append(eventsSources, eventsMatched...)},
	{"events:detail-type", StringKey, true, false, "events that are put, and rules whose pattern names detail types", eventsMatched},
	{"events:detail.service", StringKey, false, false, "rules whose pattern names it", []string{"putrule"}},
	{"events:detail.eventTypeCode", StringKey, false, false, "rules whose pattern names it", []string{"putrule"}},
	{"events:detail.userIdentity.principalId", StringKey, false, false, "rules whose pattern names it", []string{"putrule"}},
	{"events:eventBusInvocation", StringKey, false, false, "events that are put: true where a rule forwards them", eventsForwarded},
	{"events:creatorAccount", StringKey, false, false, "operations on a rule; the account that made it", eventsCreated},
	{"events:ManagedBy", StringKey, false, false, "rules that a service manages", eventsManaged},
	{"events:TargetArn", ARNKey, true, false, "the targets to put", []string{"puttargets"}},
	{"events:EventBusArn", ARNKey, true, false, "the buses of a global endpoint", eventsEndpoints},
	{"events:ContentFilterPresent", BoolKey, false, false, "subscribers", eventsFilters},
	{"events:Metadata/", StringKey, true, false, "raw events, and the filters of subscribers", append([]string{"putrawevents"}, eventsFilters...)},
	{"events:PolicyName", StringKey, false, false, "resource policies by name", eventsPolicies},
	{"events:SystemMetadata/AwsDetailType", StringKey, false, false, "events that another bus forwards", eventsForwarded},
	{"events:SystemMetadata/AwsSource", StringKey, false, false, "events that another bus forwards", eventsForwarded},
	{"events:SystemMetadata/ContentType", StringKey, false, false, "raw events, and events that another bus forwards", eventsForwarded},

	{"sts:ExternalId", StringKey, false, false, "the external id given", nil},
	{"sts:RoleSessionName", StringKey, false, false, "the session name given", nil},
	{"sts:SourceIdentity", StringKey, false, false, "the source identity given", nil},
	{"sts:TransitiveTagKeys", StringKey, true, false, "the transitive tags given", nil},
	{"sts:DurationSeconds", NumericKey, false, false, "bearer tokens and web identity tokens; not sessions of roles", []string{"getservicebearertoken", "getwebidentitytoken", "taggetwebidentitytoken"}},
	{"sts:IdentityTokenAudience", StringKey, true, false, "web identity tokens", stsTokens},
	{"sts:SigningAlgorithm", StringKey, false, false, "web identity tokens", stsTokens},
	{"sts:SubjectMode", StringKey, false, false, "web identity tokens", stsTokens},
	{"sts:RequestContext/", StringKey, false, false, "sessions with a context", []string{"setcontext"}},
	{"sts:RequestContextProviders", ARNKey, true, false, "sessions with a context", []string{"setcontext"}},
	{"sts:AWSServiceName", StringKey, false, false, "service bearer tokens", []string{"getservicebearertoken"}},
	{"sts:TaskPolicyArn", ARNKey, false, false, "AssumeRoot", nil},

	{"saml:aud", StringKey, false, false, "AssumeRoleWithSAML: the recipient", nil},
	{"saml:iss", StringKey, false, false, "AssumeRoleWithSAML: the issuer", nil},
	{"saml:doc", StringKey, false, false, "AssumeRoleWithSAML: the provider", nil},
	{"saml:sub", StringKey, false, false, "AssumeRoleWithSAML and its sessions: the subject", nil},
	{"saml:sub_type", StringKey, false, false, "AssumeRoleWithSAML and its sessions: the form of the subject", nil},
	{"saml:namequalifier", StringKey, false, false, "AssumeRoleWithSAML and its sessions: the provider, hashed", nil},
	{"saml:eduPersonAffiliation", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduPersonNickname", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduPersonOrgDN", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduPersonOrgUnitDN", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduPersonPrimaryAffiliation", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduPersonPrincipalName", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduPersonEntitlement", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduPersonPrimaryOrgUnitDN", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduPersonScopedAffiliation", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduPersonTargetedID", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduPersonAssurance", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduOrgHomePageURI", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduOrgIdentityAuthNPolicyURI", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduOrgLegalName", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduOrgSuperiorURI", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:eduOrgWhitePagesURI", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},
	{"saml:cn", StringKey, true, false, "AssumeRoleWithSAML: an attribute", nil},

	{"iam:PolicyARN", ARNKey, false, false, "attaching and detaching policies", nil},
	{"iam:PermissionsBoundary", ARNKey, false, false, "principals with a boundary", nil},
	{"iam:PassedToService", StringKey, false, false, "PassRole", nil},
	{"iam:AssociatedResourceArn", ARNKey, false, false, "PassRole", nil},
	{"iam:AWSServiceName", StringKey, false, false, "service-linked roles", nil},
	{"iam:OrganizationsPolicyId", StringKey, false, false, "access reports", nil},
	{"iam:ResourceTag/", StringKey, false, false, "resources with that tag", nil},
	{"iam:ServiceSpecificCredentialServiceName", StringKey, false, false, "service-specific credentials", nil},
	{"iam:ServiceSpecificCredentialAgeDays", NumericKey, false, false, "service-specific credentials that have an end", []string{"createservicespecificcredential"}},
}

// stsTokens are the actions of tokens that STS makes.
var stsTokens = []string{"getwebidentitytoken", "taggetwebidentitytoken"}

// Operations of KMS whose requests have certain keys.
var (
	kmsCryptographic = []string{
		"encrypt", "decrypt", "reencryptfrom", "reencryptto", "generatedatakey", "generatedatakeywithoutplaintext",
		"generatedatakeypair", "generatedatakeypairwithoutplaintext",
	}
	kmsWithContext = append([]string{"creategrant", "retiregrant"}, kmsCryptographic...)
	kmsAliased     = append([]string{
		"describekey", "getpublickey", "sign", "verify", "generatemac", "verifymac", "derivesharedsecret",
		"encapsulate", "decapsulate",
	}, kmsCryptographic...)
)

// Actions of S3 whose requests have certain keys [S241]-[S246].
var (
	s3Lists    = []string{"listbucket", "listbucketversions"}
	s3Versions = []string{
		"deleteobjectversion", "deleteobjectversiontagging", "getobjectversion", "getobjectversionacl", "getobjectversionattributes",
		"getobjectversiontagging", "getobjectversiontorrent", "putobjectversionacl", "putobjectversiontagging",
	}
	s3Tagged = []string{
		"deleteobjecttagging", "deleteobjectversiontagging", "getobject", "getobjectacl", "getobjectattributes", "getobjecttagging",
		"getobjectversion", "getobjectversionacl", "getobjectversionattributes", "getobjectversiontagging",
		"putobjectacl", "putobjecttagging", "putobjectversionacl", "putobjectversiontagging",
	}
	s3Puts     = []string{"putobject", "bypassgovernanceretention"}
	s3Tagging  = append([]string{"putobjecttagging", "putobjectversiontagging"}, s3Puts...)
	s3Encrypts = append([]string{"replicateobject", "updateobjectencryption"}, s3Puts...)
	s3ACLs     = append([]string{"createbucket", "createaccesspoint", "putbucketacl", "putobjectacl", "putobjectversionacl"}, s3Puts...)
	s3Retains  = []string{"putobject", "putobjectretention"}
	s3Jobs     = []string{"deletejobtagging", "putjobtagging", "updatejobpriority", "updatejobstatus"}
)

// keyIndex finds keys by their names in lower case.
var keyIndex = func() map[string]*Key {
	m := make(map[string]*Key, len(keyTable))
	for i := range keyTable {
		m[lower(keyTable[i].Name)] = &keyTable[i]
	}
	return m
}()

// LookupKey describes a condition key, by its name in any case. ok is false
// where AWS has none of that name among the global keys and those of SNS,
// KMS, S3, EventBridge, STS (with those of SAML) and IAM. (SQS has no keys of
// its own.)
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
func LookupKey(name string) (key Key, ok bool) {
	name = lower(name)
	if k := keyIndex[name]; k != nil {
		return *k, true
	}
	if prefix := keyIndex[name[:strings.IndexByte(name, '/')+1]]; prefix != nil {
		return *prefix, true
	}
	for _, prefix := range []string{encryptionContext, "kms:recipientattestation:"} {
		if strings.HasPrefix(name, prefix) {
			return *keyIndex[prefix], true
		}
	}
	return Key{}, false
}
