package waxseal_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/waxseal/waxseal"
)

// TestMain holds every test of the package to the promise that nothing of a
// server is left when its test is over.
func TestMain(m *testing.M) {
	status := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if left := goroutines(time.Minute); left != "" {
		fmt.Fprintf(os.Stderr, "goroutines are left of the tests' servers:\n%s\n", left)
		status = 1
	}
	os.Exit(status)
}

// goroutines are those that run waxseal's code, or that of a socket, after a
// time to end in; empty: there are none.
func goroutines(within time.Duration) (left string) {
	for end := time.Now().Add(within); ; time.Sleep(10 * time.Millisecond) {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		left = ""
		for i, stack := range strings.Split(string(stacks), "\n\n") {
			if i > 0 && (strings.Contains(stack, "waxseal/") || strings.Contains(stack, "net/http")) {
				left += stack + "\n\n"
			}
		}
		if left == "" || time.Now().After(end) {
			return left
		}
	}
}

func TestSurfaceIsSmall(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Name.Name != "RoundTrip" { // of an unexported type
					names = append(names, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						if spec.Name.IsExported() {
							names = append(names, spec.Name.Name)
						}
					case *ast.ValueSpec:
						for _, n := range spec.Names {
							if n.IsExported() {
								names = append(names, n.Name)
							}
						}
					}
				}
			}
		}
	}
	if len(names) == 0 || len(names) > 25 {
		t.Errorf("%d exported names: %v", len(names), names)
	}
}

// stand is a test that notes how it fails. Fatalf ends its goroutine, as
// testing's does.
type stand struct {
	example
	failed string
}

func (s *stand) Errorf(f string, args ...any) { s.failed += fmt.Sprintf(f, args...) + "\n" }
func (s *stand) Fatalf(f string, args ...any) { s.Errorf(f, args...); runtime.Goexit() }
func (s *stand) Output() io.Writer            { return io.Discard }

// failure is the text with which f fails its test.
func failure(f func(waxseal.TB)) string {
	s := new(stand)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer s.end()
		f(s)
	}()
	<-done
	return s.failed
}

func TestFailuresSayWhatToDo(t *testing.T) {
	t.Parallel()
	start := func(o waxseal.Options) func(waxseal.TB) { return func(t waxseal.TB) { waxseal.Start(t, o) } }
	on := func(f func(*waxseal.Server)) func(waxseal.TB) {
		return func(t waxseal.TB) { f(waxseal.Start(t)) }
	}
	const deny = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`
	for _, test := range []struct {
		name string
		f    func(waxseal.TB)
		want string
	}{
		{"two options", func(t waxseal.TB) { waxseal.Start(t, waxseal.Options{}, waxseal.Options{}) }, "at most one Options"},
		{"account option", start(waxseal.Options{Account: "1"}), "12 digits"},
		{"region option", start(waxseal.Options{Region: "Mars"}), "such as eu-west-1"},
		{"allowed regions", start(waxseal.Options{AllowRegions: []string{"no where"}}), "AllowRegions"},
		{"strict option", start(waxseal.Options{Strict: []string{"everything"}}), "everything"},
		{"absent fixtures", start(waxseal.Options{Fixtures: []string{"absent.yaml"}}), "absent.yaml"},
		{"account", on(func(s *waxseal.Server) { s.Account("partner") }), "12 digits"},
		{"unknown principal", on(func(s *waxseal.Server) { s.As("role/nobody") }), `Make it first: Role("nobody")`},
		{"senseless principal", on(func(s *waxseal.Server) { s.As("nobody") }), `As("nobody")`},
		{"root of no account", on(func(s *waxseal.Server) { s.As("arn:aws:iam::1234:root") }), "root in account 1234"},
		{"role name", on(func(s *waxseal.Server) { s.Role("a b") }), "1 to 64 letters"},
		{"policy that is no JSON", on(func(s *waxseal.Server) { s.Role("r", waxseal.With{Policy: "{"}) }), "Policy: "},
		{"policy that names principals", on(func(s *waxseal.Server) {
			s.User("u", waxseal.With{Policy: strings.Replace(deny, `"Action"`, `"Principal":"*","Action"`, 1)})
		}), "rincipal"},
		{"absent managed policy", on(func(s *waxseal.Server) { s.Role("r", waxseal.With{Policy: "arn:aws:iam::123456789012:policy/Absent"}) }), "no managed policy arn:aws:iam::123456789012:policy/Absent"},
		{"trust of a user", on(func(s *waxseal.Server) {
			s.User("u", waxseal.With{Trust: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}`})
		}), "Trust is for roles"},
		{"trust that is none", on(func(s *waxseal.Server) { s.Role("r", waxseal.With{Trust: deny}) }), "Trust: "},
		{"two boundaries", on(func(s *waxseal.Server) { s.Role("r", waxseal.With{Boundary: deny}, waxseal.With{Boundary: deny}) }), "two Boundaries"},
		{"queue", on(func(s *waxseal.Server) { s.AtRest("absent") }), "no queue absent"},
		{"denied without action", on(func(s *waxseal.Server) { s.Denied(io.EOF, "SendMessage") }), "as in sqs:SendMessage"},
		{"denied without error", on(func(s *waxseal.Server) { s.Denied(nil, "sqs:SendMessage") }), "the call succeeded.\nNo call asked for it"},
		{"denied by somebody else", on(func(s *waxseal.Server) { s.Denied(io.EOF, "sqs:SendMessage") }), "no answer of the server: EOF"},
		{"denied another action", on(func(s *waxseal.Server) {
			queue := newQueue(s, "q")
			s.Denied(sendTo(s.As(s.Role("r")), queue, "x"), "sqs:PurgeQueue")
		}), "the call failed otherwise"},
	} {
		if got := failure(test.f); !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// AWS makes new policies every week: what is not known here can be given all the
// same, grants nothing, and the test's output says so.
func TestAnUnknownPolicyOfAWSGrantsNothing(t *testing.T) {
	t.Parallel()
	var output bytes.Buffer
	cloud := waxseal.Start(told{t, &output})
	queue := newQueue(cloud, "orders")
	newer := waxseal.With{Policy: "arn:aws:iam::aws:policy/NewerThanThis"}
	for _, principal := range []string{cloud.Role("worker", newer), cloud.User("writer", newer)} {
		cloud.Denied(sendTo(cloud.As(principal), queue, "x"), "sqs:SendMessage")
	}
	for _, owner := range []string{"role worker", "user writer"} {
		if text := output.String(); !strings.Contains(text, "grants nothing") || !strings.Contains(text, owner) {
			t.Errorf("%s: %s", owner, text)
		}
	}
}

// told is a test whose output is kept.
type told struct {
	*testing.T
	output io.Writer
}

func (t told) Output() io.Writer { return t.output }

func TestBoundaryAndTagsLimit(t *testing.T) {
	t.Parallel()
	cloud := waxseal.Start(t)
	queue := newQueue(cloud, "orders")
	tagged := waxseal.With{Policy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"shop"}}}}`}
	if err := sendTo(cloud.As(cloud.Role("in", tagged, waxseal.With{Tags: map[string]string{"team": "shop"}})), queue, "x"); err != nil {
		t.Error(err)
	}
	cloud.Denied(sendTo(cloud.As(cloud.Role("out", tagged)), queue, "x"), "sqs:SendMessage")
	bound := cloud.User("bound", waxseal.Allow("sqs:*"), waxseal.With{Boundary: waxseal.Allow("sns:*").Policy})
	if why := cloud.Denied(sendTo(cloud.As(bound), queue, "x"), "sqs:SendMessage"); !strings.Contains(why, "permissions boundary") {
		t.Error(why)
	}
}

// The credentials of As outlive their hour, as those of a real SDK do.
func TestCredentialsAreRenewed(t *testing.T) {
	t.Parallel()
	cloud := waxseal.Start(t)
	client := sts.NewFromConfig(cloud.As(cloud.Role("r")))
	for range 3 {
		if _, err := client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}); err != nil {
			t.Fatal(err)
		}
		cloud.Advance(13 * time.Hour)
	}
}

// closing is a request's body that notes that it was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestRequestBodyIsClosed(t *testing.T) {
	t.Parallel()
	body := &closing{Reader: strings.NewReader("Action=ListQueues")}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/", body)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := waxseal.Start(t).Config().HTTPClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _ = answer.Body.Close(); !body.closed {
		t.Error("the body is left open")
	}
}

// A connection that the server closes, such as one through a VPC endpoint that there
// is not, ends without an answer in this process too.
func TestClosedConnectionInProcess(t *testing.T) {
	t.Parallel()
	c := waxseal.Start(t).Config()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, *c.BaseEndpoint+"/_vpce/vpce-0/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := c.HTTPClient.Do(r); !errors.Is(err, io.EOF) {
		t.Errorf("answered %v, %v", answer, err)
	}
}

func TestFixturesAreThere(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(file, []byte("accounts:\n  \"123456789012\":\n    roles:\n      - name: consumer\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	waxseal.Start(t, waxseal.Options{Fixtures: []string{file}}).As("role/consumer")
}

// Inside a bubble Advance and the bubble's own time turn the same waits.
func TestAdvanceInsideSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := waxseal.Start(t)
		queue := newQueue(cloud, "q")
		client := sqs.NewFromConfig(cloud.Config())
		receive := func(wait int32) int {
			out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: wait})
			if err != nil {
				t.Error(err)
				return -1
			}
			return len(out.Messages)
		}
		if err := sendTo(cloud.Config(), queue, "x"); err != nil {
			t.Fatal(err)
		}
		if receive(0) != 1 || receive(0) != 0 {
			t.Fatal("the message is not hidden")
		}
		time.Sleep(30 * time.Second) // of the bubble
		if receive(0) != 1 {
			t.Error("the message is hidden after the bubble's 30 seconds")
		}
		began := time.Now()
		got := make(chan int)
		go func() { got <- receive(20) }()
		synctest.Wait()
		cloud.Advance(30 * time.Second)
		if n := <-got; time.Since(began) != 0 {
			t.Errorf("Advance left the long poll waiting for %v; it received %d", time.Since(began), n)
		}
	})
}

// A test's own server costs about a millisecond (BenchmarkStart). What it allocates says
// so whatever else the machine does.
func TestStartDoesLittle(t *testing.T) {
	allocations := testing.AllocsPerRun(20, func() {
		s := new(example)
		waxseal.Start(s)
		s.end()
	})
	if allocations > 6000 {
		t.Errorf("Start makes %v allocations", allocations)
	}
}

func BenchmarkStart(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s := new(example)
		waxseal.Start(s)
		s.end()
	}
}

func TestEncryptedAtRest(t *testing.T) {
	t.Parallel()
	cloud := waxseal.Start(t)
	queue := newQueue(cloud, "q", "SqsManagedSseEnabled", "false")
	if err := sendTo(cloud.Config(), queue, "in the clear"); err != nil {
		t.Fatal(err)
	}
	for _, spelled := range []string{queue, "q", "arn:aws:sqs:us-east-1:123456789012:q"} {
		if m := cloud.AtRest(spelled); len(m) != 1 || m[0].Encryption != "none" || m[0].Body != "in the clear" || !bytes.Equal(m[0].Ciphertext, nil) {
			t.Errorf("%s: %+v", spelled, m)
		}
	}
}
