package integration

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/waxseal/waxseal/internal/api"
)

// unions are the SDK's union types, each with the types of its members. Our
// shape of a union is a structure with a field for each, of which one is set.
var unions = map[reflect.Type][]reflect.Type{
	reflect.TypeFor[iamtypes.PolicyIdentifier](): {
		reflect.TypeFor[iamtypes.PolicyIdentifierMemberInlinePolicyIdentifier](),
		reflect.TypeFor[iamtypes.PolicyIdentifierMemberPolicyArn](),
		reflect.TypeFor[iamtypes.PolicyIdentifierMemberPolicyType](),
	},
}

// unionMember is the name of the member that a union's type stands for.
func unionMember(t reflect.Type) string {
	_, name, _ := strings.Cut(t.Name(), "Member")
	return name
}

// asStruct is the SDK's type, and for a union a structure with its members.
func asStruct(t reflect.Type) reflect.Type {
	var fields []reflect.StructField
	for _, member := range unions[t] {
		value, _ := member.FieldByName("Value")
		fields = append(fields, reflect.StructField{Name: unionMember(member), Type: value.Type})
	}
	if fields == nil {
		return t
	}
	return reflect.StructOf(fields)
}

// compareTypes lists how a shape of ours differs from the SDK's. seen are the
// SDK's types on the way here, for some contain themselves.
func compareTypes(path string, sdk, ours reflect.Type, seen []reflect.Type) []string {
	if isStream(sdk) && isStream(ours) {
		return nil
	}
	sdk, ours = asStruct(target(sdk)), target(ours)
	if kindOf(sdk) != kindOf(ours) || sdk.Kind() == reflect.Struct && (sdk == timeType) != (ours == timeType) {
		return []string{fmt.Sprintf("%s is %v, the SDK's is %v", path, ours, sdk)}
	}
	switch {
	case sdk == timeType || slices.Contains(seen, sdk):
		return nil
	case sdk.Kind() == reflect.Slice:
		return compareTypes(path+"[]", sdk.Elem(), ours.Elem(), seen)
	case sdk.Kind() == reflect.Map:
		return compareTypes(path+"{}", sdk.Elem(), ours.Elem(), seen)
	case sdk.Kind() != reflect.Struct:
		return nil
	}
	var complaints []string
	seen = append(seen, sdk)
	for _, name := range members(sdk) {
		theirs, _ := sdk.FieldByName(name)
		if our, ok := ours.FieldByName(name); ok {
			complaints = append(complaints, compareTypes(path+"."+name, theirs.Type, our.Type, seen)...)
		} else {
			complaints = append(complaints, path+"."+name+" is missing")
		}
	}
	for _, name := range members(ours) {
		if _, ok := sdk.FieldByName(name); !ok {
			complaints = append(complaints, path+"."+name+" is no member of the SDK's")
		}
	}
	return complaints
}

// isStream reports whether a member is a body that is read as it comes.
func isStream(t reflect.Type) bool {
	return t == reflect.TypeFor[io.Reader]() || t == reflect.TypeFor[io.ReadCloser]() || t == reflect.TypeFor[*api.Body]()
}

// kindOf is a type's kind. AWS's Integer, an int32 in the SDK, may be an int here.
func kindOf(t reflect.Type) reflect.Kind {
	if t.Kind() == reflect.Int {
		return reflect.Int32
	}
	return t.Kind()
}

var timeType = reflect.TypeFor[time.Time]()

func target(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// members are the names of a struct's fields that are members of AWS's shape.
func members(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Name != "ResultMetadata" {
			names = append(names, f.Name)
		}
	}
	return names
}

// compareValues lists where two values of equal shapes differ.
func compareValues(path string, sdk, ours reflect.Value) []string {
	if isStream(sdk.Type()) {
		return nil // the tests of the operations read it
	}
	for _, v := range []*reflect.Value{&sdk, &ours} {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return []string{path + " did not arrive"}
			}
			*v = v.Elem()
		}
	}
	var complaints []string
	switch {
	case sdk.Kind() == reflect.Interface:
		member := sdk.Elem().Elem()
		name := unionMember(member.Type())
		return compareValues(path+"."+name, member.FieldByName("Value"), ours.FieldByName(name))
	case sdk.Type() == timeType:
		if !sdk.Interface().(time.Time).Equal(ours.Interface().(time.Time)) {
			return []string{fmt.Sprintf("%s: the SDK has %v, we have %v", path, sdk, ours)}
		}
	case sdk.Kind() == reflect.Struct:
		for _, name := range members(sdk.Type()) {
			if asText(sdk.Type(), name) {
				continue
			}
			complaints = append(complaints, compareValues(path+"."+name, sdk.FieldByName(name), ours.FieldByName(name))...)
		}
	case sdk.Kind() == reflect.Slice && sdk.Len() == ours.Len():
		for i := range sdk.Len() {
			complaints = append(complaints, compareValues(fmt.Sprintf("%s[%d]", path, i), sdk.Index(i), ours.Index(i))...)
		}
	case sdk.Kind() == reflect.Map && sdk.Len() == ours.Len():
		for _, key := range sdk.MapKeys() {
			our := ours.MapIndex(key.Convert(ours.Type().Key()))
			if !our.IsValid() {
				return []string{fmt.Sprintf("%s: no %v", path, key)}
			}
			complaints = append(complaints, compareValues(path+"."+key.String(), sdk.MapIndex(key), our)...)
		}
	case !sdk.Type().ConvertibleTo(ours.Type()), !reflect.DeepEqual(sdk.Convert(ours.Type()).Interface(), ours.Interface()):
		return []string{fmt.Sprintf("%s: the SDK has %v, we have %v", path, sdk, ours)}
	}
	return complaints
}

// asText reports whether a structure has a member as a text, too: a time which another
// member tells as it stood in the header.
func asText(t reflect.Type, name string) bool {
	_, ok := t.FieldByName(name + "String")
	return ok || name == "ObjectLockRetainUntilDate" && strings.HasSuffix(t.Name(), "Output") // never told: nothing is locked
}

// filler gives every member a value that no other has.
type filler struct{ n int }

// fillText gives a member, or what it points to, a text.
func (f *filler) fillText(v reflect.Value, text string) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	v.SetString(text)
}

// depthOfFill is deep enough for every shape that does not contain itself.
const depthOfFill = 16

func (f *filler) fill(v reflect.Value, depth int) {
	f.n++
	switch {
	case depth > depthOfFill, isStream(v.Type()):
	case unions[v.Type()] != nil:
		members := unions[v.Type()]
		member := reflect.New(members[f.n%len(members)])
		f.fill(member.Elem().FieldByName("Value"), depth+1)
		v.Set(member)
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(time.Unix(1_700_000_000+int64(f.n), 0).UTC()))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), depth)
	case v.Kind() == reflect.Struct:
		for _, name := range members(v.Type()) {
			field, _ := v.Type().FieldByName(name)
			switch base, _ := strings.CutSuffix(name, "String"); {
			case field.Tag.Get("rest") == "status", asText(v.Type(), name): // the answer is none of an error
			case asText(v.Type(), base):
				f.fillText(v.FieldByName(name), "Fri, 01 Jan 2027 00:00:00 GMT")
			default:
				f.fill(v.FieldByName(name), depth+1)
			}
		}
	case v.Type().Name() == "ChecksumAlgorithm": // by which the SDK computes a checksum
		v.SetString("CRC32")
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes(fmt.Appendf(nil, "blob %d", f.n))
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0), depth+1)
		f.fill(v.Index(1), depth+1)
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key, depth+1)
			f.fill(value, depth+1)
			v.SetMapIndex(key, value)
		}
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprintf("text <%d>", f.n))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(int64(f.n))
	case v.CanFloat():
		v.SetFloat(float64(f.n) + 0.5)
	}
}
