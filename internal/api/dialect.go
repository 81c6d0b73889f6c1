package api

// Dialect is what a service says of a protocol that it speaks: its versions,
// its names. How the protocol looks on the wire internal/wire knows. *AWSJSON,
// *AWSQuery, *EC2Query and *RESTXML are dialects.
type Dialect interface {
	// Protocol is the name that AWS's models give the protocol, such as awsQuery.
	//
	// See https://smithy.io/2.0/aws/protocols/index.html.
	Protocol() string
}

// AWSJSON is AWS JSON 1.0 or 1.1.
type AWSJSON struct {
	Version      string // "1.0" or "1.1"
	TargetPrefix string // before the last dot of X-Amz-Target, such as AmazonSQS
	// ShortPrefix is what clients may send in its place, such as CloudTrail_20131101;
	// empty: nothing.
	ShortPrefix string
	// Namespace and CommonNamespace stand before the # of an error's __type;
	// empty: no namespace is printed.
	Namespace, CommonNamespace string
	// QueryCompatible services, which spoke Query before, send x-amzn-query-error
	// with every error, and keep Query's statuses.
	QueryCompatible bool
}

// Protocol implements Dialect.
func (d *AWSJSON) Protocol() string {
	if d.Version == "1.0" {
		return "awsJson1_0"
	}
	return "awsJson1_1"
}

// AWSQuery is form-encoded input and XML output, or JSON output for clients that
// accept it.
type AWSQuery struct {
	Version string // such as 2012-11-05
	// Earlier are the versions before it that clients may still ask for. They
	// are answered as the present one is.
	Earlier   []string
	Namespace string // of the XML
	// ErrorDetail: errors carry an empty <Detail/>.
	ErrorDetail bool
	// Endpoint is the name by which the service's own endpoint refuses versions and
	// operations that it does not have, such as AmazonSQS; empty: AWS's front
	// layer refuses them, in its words.
	Endpoint string
}

// Protocol implements Dialect.
func (*AWSQuery) Protocol() string { return "awsQuery" }

// EC2Query is the Query protocol as EC2 speaks it: form-encoded input with flat
// lists, and XML output whose lists are of item elements.
type EC2Query struct {
	Version   string // such as 2016-11-15
	Namespace string // of the XML
}

// Protocol implements Dialect.
func (*EC2Query) Protocol() string { return "ec2Query" }

// Status is the HTTP status that the service answers an error with. Services
// that speak JSON alone answer 400 to every mistake of a client [C1].
func (s *Service) Status(e *Error) int {
	status := e.HTTPStatus()
	if !e.Common || status >= 500 || status == 413 {
		return status
	}
	for _, d := range s.Dialects {
		if d, ok := d.(*AWSJSON); ok && !d.QueryCompatible {
			return 400
		}
	}
	return status
}
