package server

import (
	"encoding/json"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/policyeval"
)

// eventVersion is the version of the record's format that AWS writes today.
const eventVersion = "1.11"

// entry is what the trail keeps of a call: what its record is made from when
// somebody asks for it. Of the input and the output it holds what a record shows.
type entry struct {
	service *service
	op      *api.Operation
	request *api.Request
	tls     *trail.TLSDetails

	errorCode, errorMessage string
	parameters, response    json.RawMessage
	resources               []trail.Resource
	// refusal is why the call's document was not taken; nil: that was not why it failed.
	refusal *api.Refusal
	// rest are the decisions that the call would have needed after the one that denied it.
	rest []*trail.Decision
	room [1]trail.Resource // for them: few calls act on more than one
}

// arrival is a request that came over a connection, and the entry of its call:
// both are kept for as long as the trail remembers the call, in one piece.
type arrival struct {
	api.Request
	entry entry
}

// record adds the call to the trail.
func (d *dispatcher) record(c *call, out any, err error) {
	var failed *api.Error
	code := ""
	if err != nil {
		failed = api.AsError(err)
		code = errorCode(failed)
	}
	var parameters, response json.RawMessage
	if code != accessDenied {
		parameters = trail.CutParameters("requestParameters", wire.TrailParameters(c.in))
	}
	if err == nil && !c.op.ReadOnly {
		response = trail.CutParameters("responseElements", wire.TrailParameters(out))
	}
	e, request := c.entry, keptRequest(c.claimant())
	if e == nil || request != c.request || len(parameters)+len(response) > maxBeside {
		e = new(entry) // for the arrival's would keep the arrival
	}
	*e = entry{
		service: c.service, op: c.op, request: request, tls: c.tls,
		errorCode: code, parameters: parameters, response: response, rest: c.rest,
	}
	if failed != nil {
		e.errorMessage = trail.Cut(failed.Message, trail.MaxErrorMessage)
		if e.refusal = refusalOf(failed); e.refusal != nil {
			d.tellRefusal(c, e.refusal)
		}
	}
	if code != accessDenied {
		e.resources = resources(e.room[:0], c)
	}
	d.events.Add(e)
}

// claimant is the request as it was decided: by whom the identity is that its
// token proves, where it has one.
func (c *call) claimant() *api.Request {
	if len(c.checks) == 0 || c.checks[0].As == nil {
		return c.request
	}
	as := *c.request
	as.Caller = c.checks[0].As
	return &as
}

// recorded yields the records of the calls, newest first.
func (d *dispatcher) recorded() iter.Seq[*trail.Event] {
	entries := d.events.Newest()
	return func(yield func(*trail.Event) bool) {
		for e := range entries {
			event := e.event()
			if theirs := complete(e.service.Name, event); theirs != nil && !yield(theirs) {
				return
			}
			if !yield(event) {
				return
			}
		}
	}
}

// event is the entry as CloudTrail would record it.
func (e *entry) event() *trail.Event {
	r := e.request
	event := &trail.Event{
		EventVersion:       eventVersion,
		UserIdentity:       userIdentity(r),
		EventTime:          r.Time.Format(time.RFC3339),
		EventSource:        e.service.Principal,
		EventName:          e.op.Name,
		AWSRegion:          r.Region,
		SourceIPAddress:    r.SourceIP,
		UserAgent:          r.UserAgent,
		ErrorCode:          e.errorCode,
		ErrorMessage:       e.errorMessage,
		RequestParameters:  e.parameters,
		ResponseElements:   e.response,
		RequestID:          r.ID,
		EventID:            r.EventID.String(),
		ReadOnly:           e.op.ReadOnly,
		Resources:          e.resources,
		EventType:          "AwsApiCall",
		ManagementEvent:    !e.op.Data,
		EventCategory:      "Management",
		RecipientAccountID: r.Account,
		TLSDetails:         e.tls,
	}
	if e.op.Data {
		event.EventCategory = "Data"
	}
	if throughEndpoint(r) {
		event.VPCEndpointID = r.VPCEndpoint.ID
	}
	if invoker := invokedBy(r); invoker != "" {
		event.SourceIPAddress, event.UserAgent = invoker, invoker
	}
	return event
}

const accessDenied = "AccessDenied"

// errorCode is CloudTrail's name of an error: one for every service's denial.
func errorCode(e *api.Error) string {
	switch e.Code {
	case "AccessDeniedException", "AuthorizationErrorException", "AuthorizationError":
		return accessDenied
	default:
		return e.Query()
	}
}

// invokedBy is the service that makes the call, where it is not the caller itself.
func invokedBy(r *api.Request) string {
	switch {
	case len(r.CalledVia) > 0:
		return r.CalledVia[len(r.CalledVia)-1]
	default:
		return r.Caller.Service
	}
}

func userIdentity(r *api.Request) trail.UserIdentity {
	c := r.Caller
	u := trail.UserIdentity{
		Type: identityTypes[c.Type], PrincipalID: c.UserID, ARN: c.ARN, AccountID: c.Account,
		AccessKeyID: c.AccessKeyID, InvokedBy: invokedBy(r),
	}
	switch c.Type {
	case policyeval.User:
		u.UserName = c.Name
	case policyeval.WebIdentity: // which has no ARN of its own
		u.UserName, u.IdentityProvider, u.ARN = c.Name, c.ARN, ""
		if strings.Contains(c.ARN, ":saml-provider/") { // told by its name qualifier
			u.Type = "SAMLUser"
			u.IdentityProvider, _, _ = strings.Cut(c.UserID, ":")
		}
	default: // the others are all said
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

// resourceTypes are the types that CloudTrail gives the resources of events, by service.
var resourceTypes = map[string]string{
	"kms": "AWS::KMS::Key",
	"sqs": "AWS::SQS::Queue",
	"sns": "AWS::SNS::Topic",
	"sts": "AWS::IAM::Role",
}

// resources appends what the call acted on to list.
func resources(list []trail.Resource, c *call) []trail.Resource {
	kind := resourceTypes[c.service.Name]
	for i := range c.checks {
		if t := &c.checks[i].Target; kind != "" && t.ARN != "*" && t.Missing == nil {
			list = append(list, trail.Resource{AccountID: t.Account, Type: kind, ARN: t.ARN})
		}
	}
	return list
}
