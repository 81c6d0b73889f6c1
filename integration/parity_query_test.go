package integration

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/wire"
)

// unexported members of shapes are compared, too: no request sets them.
var unexported = cmp.Exporter(func(reflect.Type) bool { return true })

// The SDK for Go has forgotten SQS's Query protocol, so the clients that still
// speak it are held to by what they sent and what they could read: see
// testdata/parity/README.md.
func TestParityQuery(t *testing.T) {
	table := services(t)
	queues := &table[slices.IndexFunc(table, func(s api.Service) bool { return s.Name == "sqs" })]
	for i := range queues.Operations {
		op := &queues.Operations[i]
		t.Run(op.Name, func(t *testing.T) {
			json, query := recorded(t, op, "json"), recorded(t, op, "query")
			if diff := cmp.Diff(json, query, unexported); diff != "" {
				t.Errorf("-JSON +Query\n%s", diff)
			}
			if len(members(op.In)) > 0 && reflect.ValueOf(query).Elem().IsZero() {
				t.Error("nothing arrived")
			}
			answer := reflect.New(op.Out)
			new(filler).fill(answer.Elem(), 0)
			w := httptest.NewRecorder()
			callTo(t, queues, op, "awsQuery").WriteResult(w, answer.Interface(), "the-request")
			want, err := os.ReadFile(filepath.Join("testdata", "parity", "sqs-"+op.Name+"-answer.xml"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), w.Body.String()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// recorded is the input that a client's request becomes.
func recorded(t *testing.T, op *api.Operation, protocol string) any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "parity", "sqs-"+op.Name+"-"+protocol+".http"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(data)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	call := wire.NewRouter().Match(r, "")
	if failed := call.Read(body); failed != nil {
		t.Fatal(failed)
	}
	in, _, failed := call.Decode(op.In)
	if failed != nil {
		t.Fatal(failed)
	}
	return in
}

// callTo is a call of an operation in a dialect of its service, as its clients make it.
func callTo(t *testing.T, service *api.Service, op *api.Operation, protocol string) *wire.Call {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/?Action="+op.Name, nil)
	for _, d := range service.Dialects {
		if json, ok := d.(*api.AWSJSON); ok && d.Protocol() == protocol {
			r = httptest.NewRequest(http.MethodPost, "/", nil)
			r.Header.Set("X-Amz-Target", json.TargetPrefix+"."+op.Name)
		}
	}
	router := wire.NewRouter()
	router.Add(service)
	call := router.Match(r, service.Name)
	if err := call.Read(nil); err != nil {
		t.Fatal(err)
	}
	if err := call.Find(); err != nil {
		t.Fatal(err)
	}
	return call
}
