package store

import (
	"encoding/json"
	"reflect"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// lastYear is the last year that a time in JSON can have.
const lastYear = 9999

// Marshal is the JSON of a record, which is a pointer. Times after the last
// year that JSON can express, which is also the last that the clock shows, are
// moved into that year, in the record too.
func Marshal(record any) ([]byte, error) {
	raw, err := json.Marshal(record)
	if err == nil || !clamp(reflect.ValueOf(record)) {
		return raw, err
	}
	return json.Marshal(record)
}

// stored are the forms in which encoding/json writes what the faster decoder would expect in another one.
var stored = jsonv2.JoinOptions(
	jsonv1.FormatByteArrayAsArray(true), jsonv1.FormatDurationAsNano(true), jsonv1.ReportErrorsWithLegacySemantics(true),
	jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true),
)

// unmarshal reads what Marshal has written into a new record, several times as fast as
// encoding/json does.
func unmarshal(raw []byte, record any) error { return jsonv2.Unmarshal(raw, record, stored) }

// clamp moves the times in v that JSON cannot express, and reports whether there were
// any.
func clamp(v reflect.Value) (found bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && clamp(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			found = clamp(v.Index(i)) || found
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			if clamp(value) {
				v.SetMapIndex(key, value)
				found = true
			}
		}
	case reflect.Struct:
		if t, ok := reflect.TypeAssert[time.Time](v); ok {
			if found = t.Year() > lastYear && v.CanSet(); found {
				v.Set(reflect.ValueOf(time.Date(lastYear, time.December, 31, 23, 59, 59, 0, time.UTC)))
			}
			return found
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				found = clamp(v.Field(i)) || found
			}
		}
	default: // holds no times
	}
	return found
}
