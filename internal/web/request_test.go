package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// timedWriter is a connection that keeps the time that its last read was given.
type timedWriter struct {
	http.ResponseWriter
	deadline time.Time
}

func (w *timedWriter) SetReadDeadline(t time.Time) error {
	w.deadline = t
	return nil
}

// silent is a body that does not come.
type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

// A body that comes as it likes has a time for each piece and none in all; one that
// does not come is an error of the client's.
func TestStreamBody(t *testing.T) {
	for _, test := range []struct {
		name string
		body io.Reader
		want error
	}{
		{"it comes", strings.NewReader("content"), nil},
		{"it does not", silent{}, errSilent},
	} {
		w := &timedWriter{ResponseWriter: httptest.NewRecorder()}
		r := httptest.NewRequest(http.MethodPut, "/", test.body)
		body := StreamBody(w, r)
		_, err := body.Read(make([]byte, 3))
		if !errors.Is(err, test.want) || w.deadline.IsZero() {
			t.Errorf("%s: %v, until %v", test.name, err, w.deadline)
		}
		if test.want != nil {
			continue
		}
		if rest, err := io.ReadAll(body); string(rest) != "tent" || err != nil || !w.deadline.IsZero() {
			t.Errorf("%s: %q %v, until %v", test.name, rest, err, w.deadline)
		}
	}
}
