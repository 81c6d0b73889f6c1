package kms

import (
	"reflect"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/kms"
)

// TestParity compares operations and shapes with aws-sdk-go-v2, member by member.
func TestParity(t *testing.T) {
	have := map[string][2]reflect.Type{}
	for _, op := range newWorld(t).API().Operations {
		have[op.Name] = [2]reflect.Type{op.In, op.Out}
	}
	client := reflect.TypeFor[*sdk.Client]()
	for i := range client.NumMethod() {
		m := client.Method(i)
		if m.Type.NumIn() != 4 || !strings.HasSuffix(m.Type.In(2).String(), "Input") {
			continue
		}
		mine, ok := have[m.Name]
		if !ok {
			t.Errorf("there is no operation %s", m.Name)
			continue
		}
		delete(have, m.Name)
		compareShapes(t, mine[0], m.Type.In(2))
		compareShapes(t, mine[1], m.Type.Out(0))
	}
	for name := range have {
		t.Errorf("operation %s is not in the SDK", name)
	}
}

func compareShapes(t *testing.T, mine, theirs reflect.Type) {
	t.Helper()
	for mine.Kind() == reflect.Pointer || mine.Kind() == reflect.Slice {
		mine = mine.Elem()
	}
	for theirs.Kind() == reflect.Pointer || theirs.Kind() == reflect.Slice {
		theirs = theirs.Elem()
	}
	if mine.Kind() != reflect.Struct || mine == reflect.TypeFor[time.Time]() {
		if mine.Kind() != theirs.Kind() {
			t.Errorf("%s is not a %s", mine, theirs)
		}
		return
	}
	fields := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(mine) {
		fields[f.Name] = f
	}
	for _, f := range reflect.VisibleFields(theirs) {
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		own, ok := fields[f.Name]
		if !ok {
			t.Errorf("%s has no member %s", mine, f.Name)
			continue
		}
		delete(fields, f.Name)
		compareShapes(t, own.Type, f.Type)
	}
	for name := range fields {
		t.Errorf("%s.%s is not in the SDK", mine, name)
	}
}
