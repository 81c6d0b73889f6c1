package load

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Request is one call. One that is sent again and again is rendered and signed
// once a minute, so it is for one client alone.
type Request struct {
	service     string // as signatures name it: sqs, sns or kms
	contentType string
	target      string // X-Amz-Target; empty in the Query protocol
	body        []byte

	signedAt time.Time
	wire     []byte // head and body
}

// SQS is a call of SQS by AWS JSON.
func SQS(operation string, in any) *Request {
	return jsonRequest("sqs", "AmazonSQS."+operation, "application/x-amz-json-1.0", in)
}

// KMS is a call of KMS.
func KMS(operation string, in any) *Request {
	return jsonRequest("kms", "TrentService."+operation, "application/x-amz-json-1.1", in)
}

// SNS is a call of SNS, with parameters as name, value, name, value ….
func SNS(operation string, parameters ...string) *Request {
	var b strings.Builder
	b.WriteString("Action=" + operation + "&Version=2010-03-31")
	for i := 0; i < len(parameters); i += 2 {
		b.WriteString("&" + parameters[i] + "=" + url.QueryEscape(parameters[i+1]))
	}
	return &Request{
		service:     "sns",
		contentType: "application/x-www-form-urlencoded; charset=utf-8",
		body:        []byte(b.String()),
	}
}

func jsonRequest(service, target, contentType string, in any) *Request {
	body, err := json.Marshal(in)
	if err != nil {
		panic(err) // inputs are maps and structs of strings
	}
	return &Request{service: service, contentType: contentType, target: target, body: body}
}

// signAgain keeps a signature well inside the time in which servers take it.
const signAgain = time.Minute

// render builds the request's bytes as they go on a connection.
func (r *Request) render(s *signer, now time.Time) {
	if now.Sub(r.signedAt) < signAgain {
		return
	}
	date, authorization := s.sign(r, now)
	b := make([]byte, 0, 512+len(r.body))
	b = append(b, "POST / HTTP/1.1\r\nHost: "+s.host+"\r\nContent-Type: "+r.contentType+"\r\n"...)
	if r.target != "" {
		b = append(b, "X-Amz-Target: "+r.target+"\r\n"...)
	}
	b = append(b, "X-Amz-Date: "+date+"\r\nAuthorization: "+authorization+"\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(r.body)), 10)
	b = append(b, "\r\n\r\n"...)
	r.wire = append(b, r.body...)
	r.signedAt = now
}
