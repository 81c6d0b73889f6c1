package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

var fuzzShapes = []reflect.Type{
	reflect.TypeFor[everything](), reflect.TypeFor[sendMessageInput](), reflect.TypeFor[sendMessageBatchInput](),
	reflect.TypeFor[assumeRoleInput](), reflect.TypeFor[encryptInput](), reflect.TypeFor[publishBatchInput](), reflect.TypeFor[limits](),
}

// seed gives the fuzzer the bodies that the SDKs send.
func seed(f *testing.F, add func(body []byte)) {
	files, err := filepath.Glob("testdata/requests/*.http")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, file := range files {
		r, body := readRequest(f, file)
		add(body)
		add([]byte(r.URL.RawQuery))
	}
}

// FuzzJSON: no body makes the parser or the binder panic or accept what is no
// JSON; what was bound and is printed means the same when it is read again.
func FuzzJSON(f *testing.F) {
	seed(f, func(body []byte) { f.Add(body) })
	for _, body := range []string{
		`{"Text":"\ud83d\ude00","Small":1e3,"Big":-9.9,"Flag":"yes","Blob":"AA==","Time":1.5,"List":[null,""],"Map":{"a":null},"Self":{"Self":{}}}`,
		`{"Bounded":99999999999999999999}`, `{"Map":{"a":"1","a":"2"}}`, `[[[[[[`, `{"":{"":[{}]}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, shape := range fuzzShapes {
			in, _, failed := DecodeJSON(body, shape)
			if failed != nil {
				if failed.Code != "SerializationException" {
					t.Errorf("%v", failed)
				}
				continue
			}
			if !jsontext.Value(body).IsValid(duplicates) {
				t.Errorf("accepted %q", body)
			}
			printed := JSONOf(in)
			if !jsontext.Value(printed).IsValid() {
				t.Fatalf("%s: printed %s", shape, printed)
			}
			if record := TrailParameters(nil, in); !jsontext.Value(record).IsValid() {
				t.Fatalf("%s: recorded %s", shape, record)
			}
			again, _, failed := DecodeJSON(printed, shape)
			if failed != nil {
				t.Fatalf("%s: %v of %s", shape, failed, printed)
			}
			if twice := JSONOf(again); !bytes.Equal(printed, twice) {
				t.Errorf("%s: %s", shape, cmp.Diff(printed, twice))
			}
		}
	})
}

// FuzzQuery does the same for forms, and reads what the XML printer makes of them.
func FuzzQuery(f *testing.F) {
	seed(f, func(body []byte) { f.Add(body) })
	for _, body := range []string{
		"Text=%F0%9F%98%80+%00&Small=%2B7&Flag=1&Blob=AA%3D%3D&Time=2026-01-01T00:00:00.5Z&List.member.2=b&List.member.1=a",
		"Map.entry.1.key=k&Map.entry.1.value=v&Structs.member.999999999.Key=k", "A.B.C.D=1&A.B=2&A=3", "List=&Map=&Self=", "....=.", "List.member.1.1.1.1=x",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, shape := range fuzzShapes {
			r, _ := http.NewRequest(http.MethodPost, "http://localhost/?Action=Test", nil)
			r.Header.Set("Content-Type", formMedia)
			call, failed := identify(r, body)
			call.For(sqs)
			if failed == nil {
				var in any
				if in, _, failed = call.Decode(shape); failed == nil {
					readable(t, call, in)
					continue
				}
			}
			if failed.Code != "MalformedInput" || !utf8.ValidString(failed.Message) {
				t.Errorf("%v", failed)
			}
			call.WriteError(httptest.NewRecorder(), failed, "r")
		}
	})
}

// readable makes sure that an answer is well-formed XML.
func readable(t *testing.T, call *Call, out any) {
	w := httptest.NewRecorder()
	call.WriteResult(w, out, "r")
	for d := xml.NewDecoder(w.Body); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v", err)
		}
	}
}
