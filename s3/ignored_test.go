package s3

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// asking are the headers that ask for what there is not here, by how their names begin, with
// a value that every operation that has the header must refuse.
var asking = map[string]string{
	"x-amz-acl": "public-read", "x-amz-grant-": "uri=http://acs.amazonaws.com/groups/global/AllUsers",
	"x-amz-object-lock-mode": "GOVERNANCE", "x-amz-object-lock-legal-hold": "ON", "x-amz-object-lock-": "x", "x-amz-bucket-object-lock-": "x",
	"x-amz-bypass-governance-retention": "x", "x-amz-bucket-namespace": "account-regional", "x-amz-write-offset-bytes": "x",
	"x-amz-server-side-encryption-customer-": "AES256", "x-amz-copy-source-server-side-encryption-customer-": "AES256",
}

// askingFor is the value for a header; empty: it is none of these.
func askingFor(header string) (value string) {
	longest := 0
	for prefix, v := range asking {
		if strings.HasPrefix(header, prefix) && len(prefix) > longest {
			longest, value = len(prefix), v
		}
	}
	return value
}

// TestNothingIsIgnored: a header that asks for what there is not is refused by every operation
// that has it, and not taken for granted, whoever owns the objects of the bucket.
func TestNothingIsIgnored(t *testing.T) {
	for _, ownership := range []string{ownerEnforced, "ObjectWriter"} {
		for _, op := range newWorld(t).operations() {
			for i := range op.In.NumField() {
				header, is := strings.CutPrefix(op.In.Field(i).Tag.Get("rest"), "header=")
				value := askingFor(header)
				if !is || value == "" || op.Name == "CreateBucket" && ownership != ownerEnforced {
					continue
				}
				t.Run(ownership+"/"+op.Name+"/"+header, func(t *testing.T) {
					plain := newWorld(t)
					plain.own(ownership)
					in := plain.example(&op)
					if strings.HasSuffix(op.Name, "Acl") {
						in.Elem().FieldByName("ACL").SetString(aclOwnerFull)
					}
					if err := plain.makes(&op, in); err != nil && !strings.HasSuffix(op.Name, "Acl") {
						t.Fatalf("the request fails without the header: %v", err)
					}
					w := newWorld(t)
					w.own(ownership)
					in = w.example(&op)
					ask(in.Elem().Field(i), value)
					if err := w.makes(&op, in); err == nil {
						t.Error("the header is ignored")
					}
				})
			}
		}
	}
}

// own has the bucket's objects be owned so.
func (w *world) own(ownership string) {
	w.t.Helper()
	in := &PutBucketOwnershipControlsInput{Bucket: name, OwnershipControls: &OwnershipControls{Rules: []OwnershipControlsRule{{ownership}}}}
	if _, err := w.PutBucketOwnershipControls(w.ctx, in); err != nil {
		w.t.Fatal(err)
	}
}

// example is an input with which an operation succeeds.
func (w *world) example(op *api.Operation) reflect.Value {
	w.put("key", "hello")
	id := w.begin("key")
	part := w.upload("key", id, 1, "hello")
	in := reflect.New(op.In)
	for member, value := range map[string]any{
		"Bucket": name, "Key": "key", "UploadId": id, "PartNumber": new(int32(1)), "Body": bodyOf("hello"), "CopySource": name + "/key",
		"MultipartUpload":  &CompletedMultipartUpload{Parts: []CompletedPart{{PartNumber: new(int32(1)), ETag: part.ETag}}},
		"Delete":           &Delete{Objects: []ObjectIdentifier{{Key: "key"}}},
		"ContentMD5":       "XUFAKrxLKna5cZ2REBfFkg==",
		"ObjectAttributes": []string{"ETag"},
	} {
		if f := in.Elem().FieldByName(member); f.IsValid() && reflect.TypeOf(value).AssignableTo(f.Type()) {
			f.Set(reflect.ValueOf(value))
		}
	}
	switch op.Name {
	case "CreateBucket":
		in.Elem().FieldByName("Bucket").SetString("new")
	case "CopyObject":
		in.Elem().FieldByName("Key").SetString("copy")
	case "GetObject", "HeadObject": // a whole one
		in.Elem().FieldByName("PartNumber").SetZero()
	}
	return in
}

// ask sets a member to what the value asks for, or to anything that is not zero.
func ask(member reflect.Value, value string) {
	switch {
	case member.Kind() == reflect.String:
		member.SetString(value)
	case member.Type() == reflect.TypeFor[time.Time]():
		member.Set(reflect.ValueOf(start.Add(time.Hour)))
	case member.Type() == reflect.TypeFor[*bool]():
		member.Set(reflect.ValueOf(new(true)))
	case member.Type() == reflect.TypeFor[*int32]():
		member.Set(reflect.ValueOf(new(int32(1))))
	case member.Type() == reflect.TypeFor[*int64]():
		member.Set(reflect.ValueOf(new(int64(1))))
	default:
		panic("a header of type " + member.Type().String())
	}
}

// makes makes a call of an operation as this world's service has it.
func (w *world) makes(op *api.Operation, in reflect.Value) error {
	all := w.operations()
	op = &all[slices.IndexFunc(all, func(o api.Operation) bool { return o.Name == op.Name })]
	resolved, err := op.Resolve(w.ctx, in.Interface())
	if err != nil {
		return err
	}
	_, err = op.Call(w.ctx, in.Interface(), resolved)
	return err
}
