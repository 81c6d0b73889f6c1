package policyeval

import (
	"slices"
	"strings"
)

// serviceActions are the IAM actions of the services whose documents are
// validated here. Batch calls have none of their own: SendMessageBatch is
// authorized as SendMessage, PublishBatch as Publish, ReEncrypt as
// ReEncryptFrom and ReEncryptTo.
//
// See https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
var serviceActions = map[string][]string{
	"sqs": strings.Fields(`
		AddPermission CancelMessageMoveTask ChangeMessageVisibility CreateQueue DeleteMessage DeleteQueue
		GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListMessageMoveTasks ListQueueTags ListQueues
		PurgeQueue ReceiveMessage RemovePermission SendMessage SetQueueAttributes StartMessageMoveTask TagQueue
		UntagQueue`),
	"sns": strings.Fields(`
		AddPermission CheckIfPhoneNumberIsOptedOut ConfirmSubscription CreatePlatformApplication
		CreatePlatformEndpoint CreateSMSSandboxPhoneNumber CreateTopic DeleteEndpoint DeletePlatformApplication
		DeleteSMSSandboxPhoneNumber DeleteTopic GetDataProtectionPolicy GetEndpointAttributes
		GetPlatformApplicationAttributes GetSMSAttributes GetSMSSandboxAccountStatus GetSubscriptionAttributes
		GetTopicAttributes ListEndpointsByPlatformApplication ListOriginationNumbers ListPhoneNumbersOptedOut
		ListPlatformApplications ListSMSSandboxPhoneNumbers ListSubscriptions ListSubscriptionsByTopic
		ListTagsForResource ListTopics OptInPhoneNumber Publish PutDataProtectionPolicy Receive RemovePermission
		SetEndpointAttributes SetPlatformApplicationAttributes SetSMSAttributes SetSubscriptionAttributes
		SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource VerifySMSSandboxPhoneNumber`),
	"kms": strings.Fields(`
		CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant CreateKey Decrypt
		DeleteAlias DeleteCustomKeyStore DeleteImportedKeyMaterial DeriveSharedSecret DescribeCustomKeyStores
		DescribeKey DisableKey DisableKeyRotation DisconnectCustomKeyStore EnableKey EnableKeyRotation Encrypt
		GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext
		GenerateMac GenerateRandom GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus GetParametersForImport
		GetPublicKey ImportKeyMaterial ListAliases ListGrants ListKeyPolicies ListKeyRotations ListKeys
		ListResourceTags ListRetirableGrants PutKeyPolicy ReEncryptFrom ReEncryptTo ReplicateKey RetireGrant
		RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign SynchronizeMultiRegionKey TagResource UntagResource
		UpdateAlias UpdateCustomKeyStore UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac`),
	"sts": strings.Fields(`
		AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot DecodeAuthorizationMessage
		GetAccessKeyInfo GetCallerIdentity GetDelegatedAccessToken GetFederationToken GetServiceBearerToken
		GetSessionToken GetWebIdentityToken SetContext SetSourceIdentity TagGetWebIdentityToken TagSession`),
	"s3":     slices.Concat(bucketActions, objectActions, otherS3Actions),
	"events": slices.Concat(busActions, ruleActions, busTagActions, anyBusActions, otherEventActions),
}

// topicActions are the actions that the policy of an SNS topic may name, in
// lower case.
//
// See https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html.
var topicActions = []string{
	"addpermission", "deletetopic", "getdataprotectionpolicy", "gettopicattributes", "listsubscriptionsbytopic",
	"listtagsforresource", "publish", "putdataprotectionpolicy", "receive", "removepermission", "settopicattributes",
	"subscribe", "tagresource", "untagresource",
}

// knownAction reports whether an action, or a pattern of actions, names at
// least one action of its service. For services without a list here the answer
// is always true.
func knownAction(pattern string) bool {
	service, verb, _ := strings.Cut(pattern, ":")
	actions, listed := serviceActions[strings.ToLower(service)]
	if !listed {
		return true
	}
	p := newPattern(strings.ToLower(verb), true, false)
	return slices.ContainsFunc(actions, func(a string) bool { return p.matches(strings.ToLower(a), nil) })
}

// OwnerOnlyActions are the actions of a service, such as sqs, that no policy
// can allow to principals of other accounts than the resource's.
func OwnerOnlyActions(service string) []string {
	var list []string
	for _, verb := range serviceActions[service] {
		if name := service + ":" + verb; actionOf(name).ownerOnly {
			list = append(list, name)
		}
	}
	return list
}
