package s3_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/s3"
)

// key makes a KMS key of the owner with a policy of the statements, and answers its ARN.
func (h *house) key(statements ...string) string {
	h.t.Helper()
	text := servertest.PolicyText(strings.Join(append(statements, `{"Effect":"Allow","Principal":{"AWS":"`+owner+`"},"Action":"kms:*","Resource":"*"}`), ","))
	out, err := invoke[kms.CreateKeyOutput](h, root(owner), "CreateKey", &kms.CreateKeyInput{Policy: text})
	must(h.t, err)
	return out.KeyMetadata.Arn
}

// invoke makes a call of KMS.
func invoke[Out any](h *house, caller *api.Caller, operation string, in any) (*Out, error) {
	h.t.Helper()
	return dispatch.Invoke[Out](h.t.Context(), h.Dispatcher, &api.Request{
		ID: "kms", Caller: caller, Account: caller.Account, Region: "us-east-1", Time: h.Now(),
	}, h.Dispatcher.Route("kms", operation), in)
}

// under asks for SSE-KMS with a key.
func under(key string) func(*s3.PutObjectInput) {
	return func(in *s3.PutObjectInput) { in.ServerSideEncryption, in.SSEKMSKeyId = "aws:kms", key }
}

func bucketKey(in *s3.PutObjectInput) { in.BucketKeyEnabled = new(true) }

func (h *house) get(caller *api.Caller, key string) error {
	h.t.Helper()
	return h.call(caller, "GetObject", &s3.GetObjectInput{Bucket: "photos", Key: key})
}

// calls are the calls of KMS since the last time, oldest first: operation, and the value of
// aws:s3:arn.
func (h *house) calls() (calls []string) {
	h.t.Helper()
	for e := range h.Dispatcher.Events() {
		if e.EventSource != "kms.amazonaws.com" || slices.Contains(h.seen, e.EventID) {
			continue
		}
		h.seen = append(h.seen, e.EventID)
		if name := e.EventName; name == "GenerateDataKey" || name == "Decrypt" {
			_, arn, _ := strings.Cut(string(e.RequestParameters), `"aws:s3:arn":"`)
			arn, _, _ = strings.Cut(arn, `"`)
			calls = append(calls, name+" "+arn)
		}
	}
	slices.Reverse(calls)
	return calls
}

// TestObjectUnderKMS: the data key of an object is the caller's call of KMS, and what is
// stored is not the text [S192] [S260] [S261] [S264].
func TestObjectUnderKMS(t *testing.T) {
	h := newHouse(t)
	arn := h.key()
	id := arn[strings.LastIndex(arn, "/")+1:]
	must(t, func() error {
		_, err := invoke[kms.CreateAliasOutput](h, root(owner), "CreateAlias", &kms.CreateAliasInput{AliasName: "alias/photos", TargetKeyId: arn})
		return err
	}())
	for _, name := range []string{arn, id, "alias/photos", "arn:aws:kms:us-east-1:" + owner + ":alias/photos"} {
		in := &s3.PutObjectInput{Bucket: "photos", Key: "k", Body: body("hello")}
		under(name)(in)
		put, err := do[s3.PutObjectOutput](h, root(owner), "PutObject", in)
		must(t, err)
		if put.ServerSideEncryption != "aws:kms" || put.SSEKMSKeyId != arn || put.BucketKeyEnabled != nil || put.ETag == `"5d41402abc4b2a76b9719d911017c592"` {
			t.Errorf("%s: %+v", name, put)
		}
		got, err := do[s3.GetObjectOutput](h, root(owner), "GetObject", &s3.GetObjectInput{Bucket: "photos", Key: "k"})
		must(t, err)
		text, err := io.ReadAll(got.Body)
		must(t, err)
		must(t, got.Body.Close())
		if string(text) != "hello" || got.SSEKMSKeyId != arn || got.ServerSideEncryption != "aws:kms" {
			t.Errorf("%q: %+v", text, got)
		}
		if diff := cmp.Diff([]string{"GenerateDataKey arn:aws:s3:::photos/k", "Decrypt arn:aws:s3:::photos/k"}, h.calls()); diff != "" {
			t.Error(diff)
		}
	}
	head, err := do[s3.HeadObjectOutput](h, root(owner), "HeadObject", &s3.HeadObjectInput{Bucket: "photos", Key: "k"})
	must(t, err)
	if calls := h.calls(); head.SSEKMSKeyId != arn || calls != nil {
		t.Errorf("%+v, %v", head, calls)
	}
	_, err = do[s3.HeadObjectOutput](h, root(owner), "HeadObject", &s3.HeadObjectInput{Bucket: "photos", Key: "k", ChecksumMode: "ENABLED"})
	must(t, err)
	if calls := h.calls(); len(calls) != 1 { // [S263]
		t.Error(calls)
	}
	must(t, h.call(root(owner), "DeleteObject", &s3.DeleteObjectInput{Bucket: "photos", Key: "k"}))
	if calls := h.calls(); calls != nil {
		t.Error(calls)
	}
}

// TestDefaultKMSKey: what names no key is under alias/aws/s3, which is made when it is first
// used, and which no other account can use [S192] [S266].
func TestDefaultKMSKey(t *testing.T) {
	h := newHouse(t)
	must(t, h.put(root(owner), "k", under("")))
	out, err := invoke[kms.DescribeKeyOutput](h, root(owner), "DescribeKey", &kms.DescribeKeyInput{KeyId: "alias/aws/s3"})
	must(t, err)
	if m := out.KeyMetadata; m.KeyManager != "AWS" || m.Description != "Default key that protects my S3 objects when no other key is defined" {
		t.Errorf("%+v", m)
	}
	must(t, h.get(user(owner, everything, `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}`), "k"))
	h.policy(readable(`{"AWS":"` + foreign + `"}`))
	if got := text(h.get(user(foreign, `{"Effect":"Allow","Action":"*","Resource":"*"}`), "k")); !strings.HasPrefix(got, "AccessDenied: User: arn:aws:iam::"+foreign+":user/bob is not authorized to perform: kms:Decrypt") {
		t.Error(got)
	}
}

// TestBucketsDefaultEncryption: what a request leaves open follows the bucket's default, and
// a header goes before it [S190] [S193].
func TestBucketsDefaultEncryption(t *testing.T) {
	h := newHouse(t)
	arn := h.key()
	other := h.key()
	must(t, h.call(root(owner), "PutBucketEncryption", &s3.PutBucketEncryptionInput{Bucket: "photos", ServerSideEncryptionConfiguration: &s3.ServerSideEncryptionConfiguration{
		Rules: []s3.ServerSideEncryptionRule{{
			ApplyServerSideEncryptionByDefault: &s3.ServerSideEncryptionByDefault{KMSMasterKeyID: arn, SSEAlgorithm: "aws:kms"}, BucketKeyEnabled: new(true),
		}},
	}}))
	for name, c := range map[string]struct {
		change         func(*s3.PutObjectInput)
		algorithm, key string
		usesBucketKey  bool
	}{
		"the default":                 {func(*s3.PutObjectInput) {}, "aws:kms", arn, true},
		"without the bucket key":      {func(in *s3.PutObjectInput) { in.BucketKeyEnabled = new(false) }, "aws:kms", arn, false},
		"another key":                 {under(other), "aws:kms", other, true},
		"without KMS":                 {func(in *s3.PutObjectInput) { in.ServerSideEncryption = "AES256" }, "AES256", "", false},
		"the bucket key is no header": {func(in *s3.PutObjectInput) { in.ServerSideEncryption, in.BucketKeyEnabled = "AES256", new(true) }, "AES256", "", false},
	} {
		in := &s3.PutObjectInput{Bucket: "photos", Key: "k", Body: body("hello")}
		c.change(in)
		put, err := do[s3.PutObjectOutput](h, root(owner), "PutObject", in)
		must(t, err)
		if put.ServerSideEncryption != c.algorithm || put.SSEKMSKeyId != c.key || (put.BucketKeyEnabled != nil) != c.usesBucketKey {
			t.Errorf("%s: %+v", name, put)
		}
		must(t, h.get(root(owner), "k"))
	}
}

// TestBucketKey: requests of one requester share a bucket key for a while; each session has its
// own; readers pay once [S264] [S265].
func TestBucketKey(t *testing.T) {
	h := newHouse(t)
	arn := h.key()
	session := func(name string) *api.Caller {
		return &api.Caller{
			Principal: policyeval.Principal{
				Type: policyeval.AssumedRole, Account: owner, ARN: "arn:aws:sts::" + owner + ":assumed-role/app/" + name, IssuerARN: "arn:aws:iam::" + owner + ":role/app", ID: "AROAAPP",
			},
			UserID: "AROAAPP:" + name, AccessKeyID: "ASIA" + name, Session: &api.Session{Name: name},
			Policies: policyeval.Policies{Identity: []*policyeval.Policy{document(`{"Effect":"Allow","Action":"*","Resource":"*"}`)}},
		}
	}
	one, two := session("one"), session("two")
	want := func(calls ...string) {
		t.Helper()
		if diff := cmp.Diff(calls, h.calls()); diff != "" {
			t.Error(diff)
		}
	}
	const generate, decrypt = "GenerateDataKey arn:aws:s3:::photos", "Decrypt arn:aws:s3:::photos"
	must(t, h.put(one, "a1", under(arn), bucketKey))
	must(t, h.put(one, "a2", under(arn), bucketKey))
	want(generate)
	must(t, h.put(two, "b", under(arn), bucketKey))
	want(generate)
	must(t, h.get(one, "a1"))
	must(t, h.get(one, "a2"))
	must(t, h.get(one, "a1"))
	want(decrypt)
	must(t, h.get(two, "a1"))
	want(decrypt)
	status, answer := servertest.Ask(h.handler, http.MethodPost, "/_waxseal/clock", `{"advance":"1h"}`)
	servertest.WantAnswer(t, status, answer, http.StatusOK, "")
	must(t, h.get(one, "a1"))
	must(t, h.put(one, "a3", under(arn), bucketKey))
	want(decrypt, generate)
}

// TestEncryptionContext: what the writer adds is part of the context, when it is written and
// when it is read [S264].
func TestEncryptionContext(t *testing.T) {
	h := newHouse(t)
	arn := h.key()
	allows := func(action string) string {
		return `{"Effect":"Allow","Action":"` + action + `","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionContext:team":"red","kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::photos/k","kms:ViaService":"s3.us-east-1.amazonaws.com"}}}`
	}
	with := func(pairs string) func(*s3.PutObjectInput) {
		return func(in *s3.PutObjectInput) {
			in.SSEKMSEncryptionContext = base64.StdEncoding.EncodeToString([]byte(pairs))
		}
	}
	writer, reader := user(owner, everything, allows("kms:GenerateDataKey")), user(owner, everything, allows("kms:Decrypt"))
	if got := text(h.put(writer, "k", under(arn), with(`{"team":"blue"}`))); !strings.Contains(got, "kms:GenerateDataKey") {
		t.Error(got)
	}
	must(t, h.put(writer, "k", under(arn), with(`{"team":"red","aws:s3:arn":"arn:aws:s3:::other/k"}`)))
	must(t, h.get(reader, "k"))
	if got := text(h.get(writer, "k")); !strings.Contains(got, "kms:Decrypt") { // [S261]
		t.Error(got)
	}
}

// TestKMSRefuses: what KMS refuses comes through S3 in its own words [S194] [S195] [S198] [S257] [S267].
func TestKMSRefuses(t *testing.T) {
	h := newHouse(t)
	disabled, pending, open := h.key(), h.key(), h.key(`{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}`)
	must(t, h.put(root(owner), "disabled", under(disabled)))
	must(t, h.put(root(owner), "pending", under(pending)))
	must(t, h.put(root(owner), "open", under(open)))
	_, err := invoke[kms.DisableKeyOutput](h, root(owner), "DisableKey", &kms.DisableKeyInput{KeyId: disabled})
	must(t, err)
	_, err = invoke[kms.ScheduleKeyDeletionOutput](h, root(owner), "ScheduleKeyDeletion", &kms.ScheduleKeyDeletionInput{KeyId: pending})
	must(t, err)
	pair, err := invoke[kms.CreateKeyOutput](h, root(owner), "CreateKey", &kms.CreateKeyInput{KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT"})
	must(t, err)
	const uuid = "1234abcd-12ab-34cd-56ef-1234567890ab"
	for _, c := range []struct{ name, key, want string }{
		{"S194 no form of a key", "fake-key-id", "KMS.NotFoundException: Invalid keyId 'fake-key-id'"},
		{"S194 an unknown id", uuid, "KMS.NotFoundException: Key 'arn:aws:kms:us-east-1:" + owner + ":key/" + uuid + "' does not exist"},
		{"S194 an unknown ARN", "arn:aws:kms:us-east-1:" + owner + ":key/" + uuid, "KMS.NotFoundException: Key 'arn:aws:kms:us-east-1:" + owner + ":key/" + uuid + "' does not exist"},
		{"S194 another region", "arn:aws:kms:eu-west-1:" + owner + ":key/" + uuid, "KMS.NotFoundException: Invalid arn eu-west-1"},
		{"S195 disabled", disabled, "KMS.DisabledException: " + disabled + " is disabled."},
		{"S195 pending deletion", pending, "KMS.KMSInvalidStateException: " + pending + " is pending deletion."},
	} {
		for _, more := range []func(*s3.PutObjectInput){func(*s3.PutObjectInput) {}, bucketKey} {
			err := h.put(root(owner), "k", under(c.key), more)
			if got := text(err); got != c.want || api.AsError(err).HTTPStatus() != 400 {
				t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
		}
	}
	for key, want := range map[string]string{
		"disabled": "KMS.DisabledException: " + disabled + " is disabled.",
		"pending":  "KMS.KMSInvalidStateException: " + pending + " is pending deletion.",
	} {
		if got := text(h.get(root(owner), key)); got != want {
			t.Errorf("%s: %s", key, got)
		}
	}
	if err := h.put(root(owner), "k", under(pair.KeyMetadata.Arn)); err == nil { // [S267]
		t.Error("an object is under an asymmetric key")
	}
	err = h.put(user(owner, everything), "k", under(h.key()))
	if e := api.AsError(err); e == nil || e.HTTPStatus() != 403 || !strings.HasPrefix(text(err), "AccessDenied: User: arn:aws:iam::"+owner+":user/bob is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:") ||
		!strings.HasSuffix(text(err), " because no identity-based policy allows the kms:GenerateDataKey action") || api.FailedCall(err) == "" { // [S257]
		t.Error(text(err))
	}
	h.policy(readable(`"*"`))
	if got, want := text(h.get(anonymous(), "open")), "InvalidArgument: Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4."; got != want { // [S198]
		t.Errorf("%s", got)
	}
}

// TestPartsUnderKMS: the key of an upload is made once and opened for each part, so that who can
// only write small objects cannot write large ones [S262]; ETags are no MD5s [S061].
func TestPartsUnderKMS(t *testing.T) {
	h := newHouse(t)
	arn := h.key()
	grants := func(actions string) *api.Caller {
		return user(owner, everything, `{"Effect":"Allow","Action":[`+actions+`],"Resource":"*"}`)
	}
	writer, both := grants(`"kms:GenerateDataKey"`), grants(`"kms:GenerateDataKey","kms:Decrypt"`)
	for _, bucketKey := range []*bool{nil, new(true)} {
		begun, err := do[s3.CreateMultipartUploadOutput](h, writer, "CreateMultipartUpload", &s3.CreateMultipartUploadInput{
			Bucket: "photos", Key: "large", ServerSideEncryption: "aws:kms", SSEKMSKeyId: arn, BucketKeyEnabled: bucketKey,
		})
		must(t, err)
		if begun.SSEKMSKeyId != arn || (begun.BucketKeyEnabled != nil) != (bucketKey != nil) {
			t.Errorf("%+v", begun)
		}
		part := func() any {
			return &s3.UploadPartInput{Bucket: "photos", Key: "large", UploadId: begun.UploadId, PartNumber: new(int32(1)), Body: body("hello")}
		}
		if got := text(h.call(writer, "UploadPart", part())); !strings.HasPrefix(got, "AccessDenied: ") || !strings.Contains(got, "kms:Decrypt") {
			t.Error(got)
		}
		if got := text(h.call(writer, "ListParts", &s3.ListPartsInput{Bucket: "photos", Key: "large", UploadId: begun.UploadId})); !strings.Contains(got, "kms:Decrypt") {
			t.Error(got)
		}
		uploaded, err := do[s3.UploadPartOutput](h, both, "UploadPart", part())
		must(t, err)
		if uploaded.SSEKMSKeyId != arn || uploaded.ETag == `"5d41402abc4b2a76b9719d911017c592"` {
			t.Errorf("%+v", uploaded)
		}
		listed := &s3.CompleteMultipartUploadInput{Bucket: "photos", Key: "large", UploadId: begun.UploadId, MultipartUpload: &s3.CompletedMultipartUpload{
			Parts: []s3.CompletedPart{{PartNumber: new(int32(1)), ETag: uploaded.ETag}},
		}}
		completed, err := do[s3.CompleteMultipartUploadOutput](h, writer, "CompleteMultipartUpload", listed) // without checksums
		must(t, err)
		if completed.SSEKMSKeyId != arn || completed.ChecksumCRC64NVME != "" { // [S104]
			t.Errorf("%+v", completed)
		}
		must(t, h.get(both, "large"))
	}
	begun, err := do[s3.CreateMultipartUploadOutput](h, writer, "CreateMultipartUpload", &s3.CreateMultipartUploadInput{
		Bucket: "photos", Key: "large", ServerSideEncryption: "aws:kms", SSEKMSKeyId: arn, ChecksumAlgorithm: "CRC32",
	})
	must(t, err)
	uploaded, err := do[s3.UploadPartOutput](h, both, "UploadPart", &s3.UploadPartInput{Bucket: "photos", Key: "large", UploadId: begun.UploadId, PartNumber: new(int32(1)), Body: body("hello")})
	must(t, err)
	listed := &s3.CompleteMultipartUploadInput{Bucket: "photos", Key: "large", UploadId: begun.UploadId, MultipartUpload: &s3.CompletedMultipartUpload{
		Parts: []s3.CompletedPart{{PartNumber: new(int32(1)), ETag: uploaded.ETag, ChecksumCRC32: uploaded.ChecksumCRC32}},
	}}
	if got := text(h.call(writer, "CompleteMultipartUpload", listed)); !strings.Contains(got, "kms:Decrypt") {
		t.Error(got)
	}
	must(t, h.call(both, "CompleteMultipartUpload", listed))
}

// TestCopyUnderKMS: a copy opens the key of its source and makes one for itself, as its own
// request and the target's bucket say [S177] [S261]; a bucket with a default of its own takes a
// copy in place that changes nothing [S176].
func TestCopyUnderKMS(t *testing.T) {
	h := newHouse(t)
	arn := h.key()
	must(t, h.put(root(owner), "k", under(arn)))
	h.calls()
	plain := &s3.CopyObjectInput{Bucket: "photos", Key: "plain", CopySource: "photos/k"}
	out, err := do[s3.CopyObjectOutput](h, root(owner), "CopyObject", plain)
	must(t, err)
	if diff := cmp.Diff([]string{"Decrypt arn:aws:s3:::photos/k"}, h.calls()); diff != "" || out.ServerSideEncryption != "AES256" {
		t.Errorf("%+v %s", out, diff)
	}
	out, err = do[s3.CopyObjectOutput](h, root(owner), "CopyObject", &s3.CopyObjectInput{
		Bucket: "photos", Key: "again", CopySource: "photos/k", ServerSideEncryption: "aws:kms", SSEKMSKeyId: arn,
	})
	must(t, err)
	if diff := cmp.Diff([]string{"GenerateDataKey arn:aws:s3:::photos/again", "Decrypt arn:aws:s3:::photos/k"}, h.calls()); diff != "" || out.SSEKMSKeyId != arn {
		t.Errorf("%+v %s", out, diff)
	}
	if got := text(h.call(user(owner, everything), "CopyObject", plain)); !strings.Contains(got, "kms:Decrypt") {
		t.Error(got)
	}
	// In its own place an object under KMS is another one without.
	out, err = do[s3.CopyObjectOutput](h, root(owner), "CopyObject", &s3.CopyObjectInput{Bucket: "photos", Key: "k", CopySource: "photos/k"})
	must(t, err)
	if out.ServerSideEncryption != "AES256" || out.SSEKMSKeyId != "" {
		t.Errorf("%+v", out)
	}
	inPlace := &s3.CopyObjectInput{Bucket: "photos", Key: "a", CopySource: "photos/a"}
	if got := text(h.call(root(owner), "CopyObject", inPlace)); !strings.HasPrefix(got, "InvalidRequest: This copy request is illegal") {
		t.Error(got)
	}
	must(t, h.call(root(owner), "PutBucketEncryption", &s3.PutBucketEncryptionInput{Bucket: "photos", ServerSideEncryptionConfiguration: &s3.ServerSideEncryptionConfiguration{
		Rules: []s3.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3.ServerSideEncryptionByDefault{KMSMasterKeyID: arn, SSEAlgorithm: "aws:kms"}}},
	}}))
	out, err = do[s3.CopyObjectOutput](h, root(owner), "CopyObject", inPlace)
	must(t, err)
	if out.SSEKMSKeyId != arn {
		t.Errorf("%+v", out)
	}
}
