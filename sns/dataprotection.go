package sns

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// dataProtection is a data protection policy, worked out.
//
// See https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-policies.html.
type dataProtection struct {
	audit     *auditRule
	denies    []protectionRule
	deletions []protectionRule // masks and redactions
}

// protectionRule is a statement that blocks or changes messages.
type protectionRule struct {
	inbound    bool
	principals []string
	seek       []namedDetector
	mask       string // stands for each character; empty: the data is removed
}

type auditRule struct {
	protectionRule
	rate     int // per cent
	findings []string
	nothing  []string
}

// protectionDocument is a data protection policy as its text has it.
type protectionDocument struct {
	Name          string
	Version       string
	Configuration json.RawMessage // with the policy's own identifiers
	Statement     []protectionStatement
}

type protectionStatement struct {
	Sid            string
	DataDirection  string
	Principal      []string
	DataIdentifier []string
	Operation      struct {
		Audit *struct {
			SampleRate            json.RawMessage
			FindingsDestination   *auditDestination
			NoFindingsDestination *auditDestination
		}
		Deidentify *struct {
			MaskConfig   *struct{ MaskWithCharacter string }
			RedactConfig *struct{}
		}
		Deny *struct{}
	}
}

type auditDestination struct {
	CloudWatchLogs *struct{ LogGroup string }
	Firehose       *struct{ DeliveryStream string }
	S3             *struct{ Bucket string }
}

// places are the destinations' names, such as s3:BUCKET.
func (d *auditDestination) places() []string {
	var list []string
	if d == nil {
		return nil
	}
	if d.CloudWatchLogs != nil {
		list = append(list, "logs:"+d.CloudWatchLogs.LogGroup)
	}
	if d.Firehose != nil {
		list = append(list, "firehose:"+d.Firehose.DeliveryStream)
	}
	if d.S3 != nil {
		list = append(list, "s3:"+d.S3.Bucket)
	}
	return list
}

const (
	protectionVersion = "2021-06-01"
	maxProtectionSize = 30720
	maskCharacters    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 !$%&()*+,-./:;<=>?@[]^_`|~#"
)

// protectionShape is what a data protection policy has for members.
var protectionShape = func() *shape {
	destination := anObject(map[string]*shape{
		"CloudWatchLogs": anObject(map[string]*shape{"LogGroup": aString}),
		"Firehose":       anObject(map[string]*shape{"DeliveryStream": aString}),
		"S3":             anObject(map[string]*shape{"Bucket": aString}),
	})
	statement := anObject(map[string]*shape{
		"Sid": aString, "DataDirection": aString, "Principal": aList(aString), "DataIdentifier": aList(aString),
		"Operation": anObject(map[string]*shape{
			"Audit": anObject(map[string]*shape{"SampleRate": aCount, "FindingsDestination": destination, "NoFindingsDestination": destination}),
			"Deidentify": anObject(map[string]*shape{
				"MaskConfig":   anObject(map[string]*shape{"MaskWithCharacter": aString}),
				"RedactConfig": anObject(nil),
			}),
			"Deny": anObject(nil),
		}),
	})
	return anObject(map[string]*shape{
		"Name": aString, "Description": aString, "Version": aString, "Statement": aList(statement),
		"Configuration": anObject(map[string]*shape{"CustomDataIdentifier": aList(anObject(map[string]*shape{"Name": aString, "Regex": aString}))}),
	})
}()

// checkDataProtection refuses a policy that cannot be set.
func checkDataProtection(text string) error {
	var err error = refusal("must be at most 30720 characters long")
	if len(text) <= maxProtectionSize {
		err = checkShape(text, protectionShape)
	}
	if err == nil {
		err = checkCustomIdentifiers(text)
	}
	if err == nil {
		_, err = parseDataProtection(text)
	}
	if err == nil {
		err = checkIdentifiers(text)
	}
	if err != nil {
		return api.Refused(invalidParameter("DataProtectionPolicy Reason: %s", err), "DataProtectionPolicy", "", err)
	}
	return nil
}

// parseDataProtection reads a data protection policy. Its error says what is wrong with it.
func parseDataProtection(text string) (*dataProtection, error) {
	d, err := readProtection(text)
	if err != nil {
		return nil, err
	}
	custom, err := d.customDetectors()
	if err != nil {
		// Earlier versions stored policies without looking at their own
		// identifiers, which no statement could name.
		custom = nil
	}
	switch {
	case d.Name == "":
		return nil, refusal("Name is required")
	case d.Version != protectionVersion:
		return nil, refusal("Version must be " + protectionVersion)
	case len(d.Statement) == 0:
		return nil, refusal("Statement must not be empty")
	}
	p := new(dataProtection)
	for i := range d.Statement {
		if err := p.add(&d.Statement[i], custom); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func readProtection(text string) (*protectionDocument, error) {
	d := new(protectionDocument)
	if err := json.Unmarshal([]byte(text), d); err != nil {
		return nil, refusal("failed to parse JSON")
	}
	return d, nil
}

// add works out one statement.
func (p *dataProtection) add(st *protectionStatement, custom map[string]*detector) error {
	rule := protectionRule{inbound: st.DataDirection == "Inbound", principals: st.Principal}
	if !rule.inbound && st.DataDirection != "Outbound" {
		return refusal("DataDirection must be Inbound or Outbound")
	}
	if len(st.Principal) == 0 {
		return refusal("Principal must not be empty")
	}
	if len(st.DataIdentifier) == 0 {
		return refusal("DataIdentifier must not be empty")
	}
	for _, id := range st.DataIdentifier {
		name, managed := managedIdentifier(id)
		d := detectors[name]
		if !managed {
			name, d = id, custom[id]
		}
		if d != nil { // an identifier that is not recognized here was logged when the policy was set
			rule.seek = append(rule.seek, namedDetector{name, d})
		}
	}
	op := &st.Operation
	switch {
	case op.Audit != nil && op.Deidentify == nil && op.Deny == nil:
		return p.addAudit(st, rule)
	case op.Deidentify != nil && op.Audit == nil && op.Deny == nil:
		return p.addDeletion(st, rule)
	case op.Deny != nil && op.Audit == nil && op.Deidentify == nil:
		p.denies = append(p.denies, rule)
		return nil
	default:
		return refusal("Operation must be one of Audit, Deidentify and Deny")
	}
}

func (p *dataProtection) addAudit(st *protectionStatement, rule protectionRule) error {
	op := st.Operation.Audit
	digits := string(op.SampleRate)
	if unquoted, err := strconv.Unquote(digits); err == nil {
		digits = unquoted
	}
	rate, err := strconv.Atoi(digits)
	switch {
	case err != nil || rate < 0 || rate > 99:
		return refusal("SampleRate must be an integer between 0 and 99")
	case !rule.inbound:
		return refusal("Audit is supported for inbound messages only")
	case p.audit != nil:
		return refusal("only one Audit statement is allowed")
	}
	a := &auditRule{rule, rate, op.FindingsDestination.places(), op.NoFindingsDestination.places()}
	if len(a.findings)+len(a.nothing) == 0 {
		return refusal("Audit needs a FindingsDestination or a NoFindingsDestination")
	}
	for _, place := range slices.Concat(a.findings, a.nothing) {
		if group, ok := strings.CutPrefix(place, "logs:"); ok && !strings.HasPrefix(group, "/aws/vendedlogs/") {
			return refusal("LogGroup must start with /aws/vendedlogs/")
		}
	}
	p.audit = a
	return nil
}

func (p *dataProtection) addDeletion(st *protectionStatement, rule protectionRule) error {
	op := st.Operation.Deidentify
	switch {
	case op.MaskConfig != nil && op.RedactConfig == nil:
		rule.mask = op.MaskConfig.MaskWithCharacter
		if len(rule.mask) != 1 || !strings.Contains(maskCharacters, rule.mask) {
			return refusal("MaskWithCharacter must be one supported character")
		}
	case op.RedactConfig != nil && op.MaskConfig == nil:
	default:
		return refusal("Deidentify needs a MaskConfig or a RedactConfig")
	}
	p.deletions = append(p.deletions, rule)
	return nil
}

// applies reports whether the rule is for messages of that direction and principal.
func (r *protectionRule) applies(inbound bool, principal string) bool {
	return r.inbound == inbound && (slices.Contains(r.principals, "*") || slices.Contains(r.principals, principal))
}

// deidentify is text with the data masked or removed that the rules for the principal hide.
func (p *dataProtection) deidentify(inbound bool, principal, text string) string {
	for i := range p.deletions {
		if r := &p.deletions[i]; r.applies(inbound, principal) {
			text = r.clean(text)
		}
	}
	return text
}

func (r *protectionRule) clean(text string) string {
	found := detect(text, r.seek)
	slices.SortFunc(found, func(a, b detection) int { return a.start - b.start })
	var b strings.Builder
	at := 0
	for _, d := range found {
		if d.end <= at {
			continue
		}
		b.WriteString(text[at:max(at, d.start)])
		if r.mask != "" {
			b.WriteString(strings.Repeat(r.mask, len([]rune(text[max(at, d.start):d.end]))))
		}
		at = d.end
	}
	return b.String() + text[at:]
}

// denied reports whether a rule blocks the text.
func (p *dataProtection) denied(inbound bool, principal, text string) bool {
	return slices.ContainsFunc(p.denies, func(r protectionRule) bool {
		return r.applies(inbound, principal) && len(detect(text, r.seek)) > 0
	})
}

// outbound is the text that a subscriber may get; prohibited: it may not get any.
func (p *dataProtection) outbound(principal, text string) (cleaned string, prohibited bool) {
	if p == nil {
		return text, false
	}
	if p.denied(false, principal, text) {
		return "", true
	}
	return p.deidentify(false, principal, text), false
}

// protectInbound audits a message that is published, refuses it or hides what
// must be hidden, in AWS's order.
func (s *Service) protectInbound(ctx context.Context, topic *topicRecord, m *message) error {
	p := topic.protect
	if p == nil {
		return nil
	}
	caller := api.RequestFrom(ctx).Caller
	principal := caller.PrincipalARN()
	if principal == "" {
		principal = caller.Service
	}
	s.auditMessage(ctx, topic, m, principal)
	if p.denied(true, principal, m.Text) {
		return ErrAuthorization.With("The topic's data protection policy prohibits this message from being published to " + topic.Arn)
	}
	m.Text = p.deidentify(true, principal, m.Text)
	for protocol, text := range m.Texts {
		m.Texts[protocol] = p.deidentify(true, principal, text)
	}
	if strings.TrimSpace(m.Text) == "" {
		return invalidParameter("Empty message")
	}
	return nil
}

// auditMessage sends the findings of audits in a message to the audits' destinations.
// A rate of n per cent audits messages at random with that probability.
func (s *Service) auditMessage(ctx context.Context, topic *topicRecord, m *message, principal string) {
	a := topic.protect.audit
	if a == nil || !a.applies(true, principal) || !s.drawn(a.rate) {
		return
	}
	found := detect(m.Text, a.seek)
	places := a.findings
	if len(found) == 0 {
		places = a.nothing
	}
	report := auditReport{
		MessageID: m.ID, AuditTimestamp: m.Time.UTC().Format("2006-01-02T15:04:05Z"),
		CallerPrincipal: principal, ResourceArn: topic.Arn, DataIdentifiers: tally(found),
	}
	for _, place := range places {
		s.outside.Capture(Captured{
			Time: m.Time, Protocol: "audit", Endpoint: place, TopicArn: topic.Arn, MessageID: m.ID, Body: marshal(report),
		})
	}
	s.log.LogAttrs(ctx, slog.LevelInfo, "sns: message audited", slog.String("topic", topic.Arn), slog.String("message", m.ID), slog.Int("findings", len(found)))
}

// drawn is true in rate of a hundred cases.
func (s *Service) drawn(rate int) bool {
	n, err := strconv.ParseUint(s.ids.Hex(8), 16, 64)
	return err == nil && n%100 < uint64(rate)
}

// auditReport is the log entry of an audit.
type auditReport struct {
	MessageID       string       `json:"messageId"`
	AuditTimestamp  string       `json:"auditTimestamp"`
	CallerPrincipal string       `json:"callerPrincipal"`
	ResourceArn     string       `json:"resourceArn"`
	DataIdentifiers []auditTally `json:"dataIdentifiers"`
}

type auditTally struct {
	Name       string       `json:"name"`
	Count      int          `json:"count"`
	Detections []auditPlace `json:"detections"`
}

type auditPlace struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

func tally(found []detection) []auditTally {
	list := []auditTally{}
	for _, d := range found {
		i := slices.IndexFunc(list, func(t auditTally) bool { return t.Name == d.name })
		if i < 0 {
			i = len(list)
			list = append(list, auditTally{Name: d.name})
		}
		list[i].Count++
		list[i].Detections = append(list[i].Detections, auditPlace{d.start, d.end})
	}
	return list
}
