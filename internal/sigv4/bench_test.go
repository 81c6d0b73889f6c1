package sigv4

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func BenchmarkParseAndVerify(b *testing.B) {
	for _, size := range []int{100, 1024, 256 << 10} {
		c := call{
			method: "POST", url: "http://localhost:4566/", body: strings.Repeat("x", size),
			header: http.Header{"X-Amz-Target": {"AmazonSQS.SendMessage"}, "Content-Type": {"application/x-amz-json-1.0"}},
		}
		for kind, r := range map[string]*http.Request{"header": c.signed(b), "presigned": c.presigned(b)} {
			r.Header.Del("X-Amz-Target")
			if kind == "header" {
				r.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
			}
			b.Run(fmt.Sprintf("%s/%d", kind, size), func(b *testing.B) {
				v := NewVerifier(nil)
				body := bytes.Repeat([]byte("x"), size)
				b.ReportAllocs()
				for b.Loop() {
					s, err := Parse(r)
					if err != nil {
						b.Fatal(err)
					}
					if err := v.Verify(s, r, body, credentials.SecretAccessKey, now); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
