package trail

import (
	"cmp"
	"encoding/json"
)

// Event is an API call as CloudTrail records it.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
type Event struct {
	EventVersion       string          `json:"eventVersion"`
	UserIdentity       UserIdentity    `json:"userIdentity"`
	EventTime          string          `json:"eventTime"` // RFC 3339 in whole seconds
	EventSource        string          `json:"eventSource"`
	EventName          string          `json:"eventName"`
	AWSRegion          string          `json:"awsRegion"`
	SourceIPAddress    string          `json:"sourceIPAddress"`
	UserAgent          string          `json:"userAgent"`
	ErrorCode          string          `json:"errorCode,omitempty"`
	ErrorMessage       string          `json:"errorMessage,omitempty"`
	RequestParameters  json.RawMessage `json:"requestParameters"`
	ResponseElements   json.RawMessage `json:"responseElements"`
	RequestID          string          `json:"requestID"`
	EventID            string          `json:"eventID"`
	ReadOnly           bool            `json:"readOnly"`
	Resources          []Resource      `json:"resources,omitempty"`
	EventType          string          `json:"eventType"` // AwsApiCall or AwsVpceEvent
	ManagementEvent    bool            `json:"managementEvent"`
	RecipientAccountID string          `json:"recipientAccountId"`
	SharedEventID      string          `json:"sharedEventID,omitempty"` // the same in all records of one call, which several accounts can have
	VPCEndpointID      string          `json:"vpcEndpointId,omitempty"`
	// VPCEndpointAccountID is the account that owns the VPC endpoint.
	VPCEndpointAccountID string      `json:"vpcEndpointAccountId,omitempty"`
	EventCategory        string      `json:"eventCategory"` // Management, Data or NetworkActivity
	TLSDetails           *TLSDetails `json:"tlsDetails,omitempty"`
}

// MadeFor is the queue or topic that a call of KMS was made for, by its encryption
// context, and what it is: queue or topic. Both are empty where there is none.
func (e *Event) MadeFor() (kind, arn string) {
	var parameters struct {
		EncryptionContext struct {
			Queue string `json:"aws:sqs:arn"`
			Topic string `json:"aws:sns:topicArn"`
		} `json:"encryptionContext"`
	}
	if e.EventSource != "kms.amazonaws.com" || json.Unmarshal(e.RequestParameters, &parameters) != nil {
		return "", ""
	}
	switch c := parameters.EncryptionContext; {
	case c.Queue != "":
		return "queue", c.Queue
	case c.Topic != "":
		return "topic", c.Topic
	default:
		return "", ""
	}
}

// UserIdentity is who called, in CloudTrail's terms.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html.
type UserIdentity struct {
	Type           string          `json:"type"` // Root, IAMUser, AssumedRole, FederatedUser, WebIdentityUser, SAMLUser, AWSService, Unknown
	PrincipalID    string          `json:"principalId,omitempty"`
	ARN            string          `json:"arn,omitempty"`
	AccountID      string          `json:"accountId,omitempty"`
	AccessKeyID    string          `json:"accessKeyId,omitempty"`
	UserName       string          `json:"userName,omitempty"`
	SessionContext *SessionContext `json:"sessionContext,omitempty"`
	// IdentityProvider is the ARN of the provider that vouches for a web identity.
	IdentityProvider string `json:"identityProvider,omitempty"`
	// InvokedBy is the service that made the call on the caller's behalf, or the service that is the
	// caller.
	InvokedBy string `json:"invokedBy,omitempty"`
}

// Name is how lists call who it is: its ARN, a service's name, or anonymous. Of a caller
// of another account only the account is known; of a web identity, its name.
func (u *UserIdentity) Name() string {
	if u.Type == "AWSAccount" {
		return u.AccountID
	}
	return cmp.Or(u.ARN, u.UserName, u.InvokedBy, "anonymous")
}

// SessionContext describes temporary credentials.
type SessionContext struct {
	SessionIssuer *SessionIssuer    `json:"sessionIssuer,omitempty"` // nil: the session is of the user itself
	Attributes    SessionAttributes `json:"attributes"`
	AssumedRoot   string            `json:"assumedRoot,omitempty"` // "true" for sessions of AssumeRoot
}

// SessionIssuer is the role or user whose session it is.
type SessionIssuer struct {
	Type        string `json:"type"` // Role, IAMUser, Root
	PrincipalID string `json:"principalId,omitempty"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`
	UserName    string `json:"userName,omitempty"`
}

// SessionAttributes says when the session began.
type SessionAttributes struct {
	CreationDate     string `json:"creationDate"`
	MFAAuthenticated string `json:"mfaAuthenticated"`
}

// Resource is what a call acted on.
type Resource struct {
	AccountID string `json:"accountId,omitempty"`
	Type      string `json:"type,omitempty"` // such as AWS::KMS::Key
	ARN       string `json:"ARN,omitempty"`
	// ARNPrefix is in place of an ARN what those of all that the call acted on begin with.
	ARNPrefix string `json:"ARNPrefix,omitempty"`
}

// TLSDetails describes the caller's connection.
type TLSDetails struct {
	TLSVersion               string `json:"tlsVersion"`
	CipherSuite              string `json:"cipherSuite"`
	ClientProvidedHostHeader string `json:"clientProvidedHostHeader"`
}
