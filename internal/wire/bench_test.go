package wire

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
)

// bodies of 1 KiB: plain text, and JSON text, which is what most messages are.
var benchBodies = map[string]string{
	"text": strings.Repeat("0123456789abcdef", 64),
	"json": strings.Repeat(`{"id":"1234567","n":[1,2,3],"ok":true,"s":"x"},`, 22)[:1024],
}

func benchJSON(b *testing.B, body string) []byte {
	request, err := json.Marshal(map[string]any{
		"QueueUrl": "http://localhost:4566/123456789012/orders", "MessageBody": body,
		"MessageAttributes": map[string]any{"kind": map[string]any{"DataType": "String", "StringValue": "order"}},
	})
	if err != nil {
		b.Fatal(err)
	}
	return request
}

func BenchmarkDecodeSendMessage(b *testing.B) {
	in := reflect.TypeFor[sendMessageInput]()
	for name, body := range benchBodies {
		request := benchJSON(b, body)
		b.Run("JSON/"+name+"/wire", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := DecodeJSON(request, in); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("JSON/"+name+"/encoding-json", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var v sendMessageInput
				if err := json.Unmarshal(request, &v); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("JSON/"+name+"/json-v2", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var v sendMessageInput
				if err := jsonv2.Unmarshal(request, &v); err != nil {
					b.Fatal(err)
				}
			}
		})
		form := url.Values{
			"Action": {"SendMessage"}, "Version": {"2012-11-05"}, "QueueUrl": {"http://localhost:4566/123456789012/orders"},
			"MessageBody": {body}, "MessageAttribute.1.Name": {"kind"},
			"MessageAttribute.1.Value.DataType": {"String"}, "MessageAttribute.1.Value.StringValue": {"order"},
		}.Encode()
		r, _ := http.NewRequest("POST", "http://localhost/", nil)
		r.Header.Set("Content-Type", formMedia)
		b.Run("Query/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c, err := identify(r, []byte(form))
				if err != nil {
					b.Fatal(err)
				}
				if _, _, err := c.Decode(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// sink is a ResponseWriter that keeps nothing.
type sink struct{ h http.Header }

func (s *sink) Header() http.Header         { return s.h }
func (s *sink) WriteHeader(int)             {}
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }

func BenchmarkAnswer(b *testing.B) {
	sent := &sendMessageOutput{MD5OfMessageBody: strings.Repeat("a", 32), MessageId: "b5293cb5-d306-4a17-9048-b263635abe42"}
	received := func(body string) *receiveMessageOutput {
		return &receiveMessageOutput{Messages: []message{{
			MessageId: sent.MessageId, Body: body, MD5OfBody: sent.MD5OfMessageBody, ReceiptHandle: strings.Repeat("r", 200),
		}}}
	}
	for _, bench := range []struct {
		name string
		out  any
	}{
		{"SendMessage", sent},
		{"ReceiveMessage/text", received(benchBodies["text"])},
		{"ReceiveMessage/json", received(benchBodies["json"])},
	} {
		for _, form := range []string{asJSON, asQuery} {
			b.Run(form+"/"+bench.name, func(b *testing.B) {
				b.ReportAllocs()
				c := callIn(form, sqs)
				w := &sink{h: http.Header{}}
				for b.Loop() {
					c.WriteResult(w, bench.out, sent.MessageId)
				}
			})
		}
	}
}
