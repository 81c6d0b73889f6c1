//go:build !race

package browser

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/server"
)

const account = "123456789012"

// emulator is a server on a port of its own, which can go away and come back.
type emulator struct {
	t      *testing.T
	config server.Config
	addr   string // 127.0.0.1:PORT
	server *server.Server
	kill   func()
	still  bool // the clock goes only when it is turned
}

// emulate starts a server that holds what the fixture file of testdata declares, and whose
// ids are the same in every run.
func emulate(t *testing.T, fixtures string, change ...func(*server.Config)) *emulator {
	t.Helper()
	e := &emulator{t: t, addr: "127.0.0.1:0"}
	for _, c := range change {
		c(&e.config)
	}
	if e.config.Clock == nil {
		e.config.Clock = betweenLogFiles()
	}
	if fixtures != "" {
		var err error
		if e.config.Fixtures, err = fixture.Load("testdata/" + fixtures); err != nil {
			t.Fatal(err)
		}
	}
	e.come()
	return e
}

// betweenLogFiles is a clock that runs, and on which trails have just delivered what they
// do every five minutes: else they would in the middle of a test that counts decisions.
func betweenLogFiles() *clock.Turnable {
	c := clock.New()
	c.Set(c.Now().Truncate(5 * time.Minute).Add(time.Second))
	return c
}

// come starts the server, with nothing but its fixtures, at the address that it had.
func (e *emulator) come() {
	e.t.Helper()
	config := e.config
	config.IDs = ids.NewSeeded(1)
	var err error
	if e.server, err = server.New(context.Background(), config); err != nil {
		e.t.Fatal(err)
	}
	l, err := net.Listen("tcp", e.addr)
	if err != nil {
		e.t.Fatal(err)
	}
	e.addr = l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.server.Serve(ctx, l, time.Millisecond) }()
	s := e.server
	gone := false
	e.kill = func() {
		if gone {
			return
		}
		gone = true
		stop()
		if err := <-ended; err != nil {
			e.t.Log(err) // what was cut off, and was meant to be
		}
		if err := s.Close(); err != nil {
			e.t.Error(err)
		}
	}
	e.t.Cleanup(e.kill)
}

// url is the server's origin by HTTP.
func (e *emulator) url() string { return "http://" + e.addr }

// as is the configuration of an SDK client that calls as a principal: root, or role/NAME or
// user/NAME of the default account.
func (e *emulator) as(principal string) aws.Config { return e.in(account, principal) }

// in is the same in any account.
func (e *emulator) in(account, principal string) aws.Config {
	c := aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(e.url()),
		Credentials: credentials.NewStaticCredentialsProvider(account, "test", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
	if principal != "root" {
		c.Credentials = aws.NewCredentialsCache(endpointcreds.New(e.url()+"/_waxseal/credentials/"+account+"/"+principal, func(o *endpointcreds.Options) {
			if e.config.ControlToken != "" {
				o.AuthorizationToken = "Bearer " + e.config.ControlToken
			}
		}))
	}
	return c
}

// eventually waits until something is so at the server.
func (e *emulator) eventually(what string, so func() bool) {
	e.t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			e.t.Fatalf("%s does not come", what)
		}
	}
}

// control asks the control API, and reads the answer.
func control[T any](e *emulator, method, path, body string) (answer T) {
	e.t.Helper()
	r, err := http.NewRequestWithContext(e.t.Context(), method, e.url()+"/_waxseal/"+path, strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	if e.config.ControlToken != "" {
		r.Header.Set("Authorization", "Bearer "+e.config.ControlToken)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	if got.StatusCode >= 300 {
		e.t.Fatalf("%s %s: %s\n%s", method, path, got.Status, text)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			e.t.Fatalf("%s %s: %v\n%s", method, path, err, text)
		}
	}
	return answer
}
