package record

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// eventVersion is the version of the record's format that AWS writes today.
const eventVersion = "1.11"

// event is the call as CloudTrail would record it.
func (c *Call) event() *trail.Event {
	r, s := c.Request(), c.shape
	event := &trail.Event{
		EventVersion:       eventVersion,
		UserIdentity:       userIdentity(r),
		EventTime:          r.Time.Format(time.RFC3339),
		EventSource:        s.service.Principal,
		EventName:          s.operation.Name,
		AWSRegion:          c.Region(),
		SourceIPAddress:    r.SourceIP,
		UserAgent:          trail.Cut(r.UserAgent, trail.MaxUserAgent),
		ErrorCode:          s.code,
		ErrorMessage:       s.message,
		RequestParameters:  raw(s.parameters),
		ResponseElements:   raw(c.response),
		RequestID:          r.ID,
		EventID:            c.eventID.String(),
		ReadOnly:           s.operation.ReadOnly,
		Resources:          c.resources(),
		EventType:          "AwsApiCall",
		ManagementEvent:    !s.operation.Data,
		EventCategory:      "Management",
		RecipientAccountID: s.account,
		TLSDetails:         s.profile.connection(),
	}
	if s.operation.Data {
		event.EventCategory = "Data"
	}
	if r.ThroughEndpoint() {
		event.VPCEndpointID, event.VPCEndpointAccountID = r.VPCEndpoint.ID, r.VPCEndpoint.Account
	}
	if s.atEndpoint {
		atEndpoint(event)
	}
	if invoker := InvokedBy(r); invoker != "" {
		event.SourceIPAddress, event.UserAgent = invoker, invoker
	}
	return event
}

// raw is JSON as an event has it; nil: none.
func raw(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// atEndpoint makes of the event of a call that only the VPC endpoint's policy denied
// what AWS records of it: a network activity event for the endpoint's owner, and
// neither a management nor a data event [F9].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-network-events-with-cloudtrail.html.
func atEndpoint(e *trail.Event) {
	e.EventType, e.EventCategory, e.ManagementEvent = "AwsVpceEvent", "NetworkActivity", false
	e.ErrorCode, e.ErrorMessage = "VpceAccessDenied", "The request was denied due to a VPC endpoint policy"
	if e.RecipientAccountID != e.VPCEndpointAccountID {
		e.RecipientAccountID = e.VPCEndpointAccountID
		e.UserIdentity = foreign(&e.UserIdentity)
	}
}

const accessDenied = "AccessDenied"

// errorCode is CloudTrail's name of an error: a denial has the same name for every service.
func errorCode(e *api.Error) string {
	switch e.Code {
	case "AccessDeniedException", "AuthorizationErrorException", "AuthorizationError":
		return accessDenied
	default:
		return e.Query()
	}
}

// InvokedBy is the service that makes the call, where it is not the caller itself.
func InvokedBy(r *api.Request) string {
	switch {
	case len(r.CalledVia) > 0:
		return r.CalledVia[len(r.CalledVia)-1]
	case r.InvokedBy != "":
		return r.InvokedBy
	default:
		return r.Caller.Service
	}
}

func userIdentity(r *api.Request) trail.UserIdentity {
	c := r.Caller
	u := trail.UserIdentity{
		Type: identityTypes[c.Type], PrincipalID: c.UserID, ARN: c.ARN, AccountID: c.Account,
		AccessKeyID: c.AccessKeyID, InvokedBy: InvokedBy(r),
	}
	switch c.Type {
	case policyeval.User:
		u.UserName = c.Name
	case policyeval.WebIdentity: // which has no ARN of its own
		u.UserName, u.IdentityProvider, u.ARN = c.Name, c.ARN, ""
		if strings.Contains(c.ARN, ":saml-provider/") { // identified by its name qualifier
			u.Type = "SAMLUser"
			u.IdentityProvider, _, _ = strings.Cut(c.UserID, ":")
		}
	default: // the other types need nothing more
	}
	if c.Session != nil {
		u.SessionContext = sessionContext(c)
	}
	return u
}

// sessionContext describes the caller's temporary credentials.
func sessionContext(c *api.Caller) *trail.SessionContext {
	s := &trail.SessionContext{Attributes: trail.SessionAttributes{
		CreationDate:     c.Session.Issued.UTC().Format(time.RFC3339),
		MFAAuthenticated: strconv.FormatBool(!c.Session.MFA.IsZero()),
	}}
	if c.InTask() {
		s.AssumedRoot = "true"
	}
	issuer := &trail.SessionIssuer{PrincipalID: c.ID, ARN: c.IssuerARN, AccountID: c.Account, UserName: c.Name}
	switch c.Type {
	case policyeval.AssumedRole:
		issuer.Type, s.SessionIssuer = "Role", issuer
	case policyeval.FederatedUser:
		issuer.Type, s.SessionIssuer = "IAMUser", issuer
	default: // the session is the principal's own
	}
	return s
}

var identityTypes = map[policyeval.PrincipalType]string{
	policyeval.Anonymous:     "Unknown",
	policyeval.Root:          "Root",
	policyeval.User:          "IAMUser",
	policyeval.AssumedRole:   "AssumedRole",
	policyeval.FederatedUser: "FederatedUser",
	policyeval.Service:       "AWSService",
	policyeval.WebIdentity:   "WebIdentityUser",
}

// complete adds to an event what its service adds to it, and answers the event for
// the account that owns what the call acted on; nil: that account gets none.
func complete(s *api.Service, e *trail.Event) (ownerEvent *trail.Event) {
	if s.CompleteEvent != nil {
		s.CompleteEvent(e)
	}
	if !s.OwnerRecorded {
		return nil
	}
	return forOwner(e)
}
