package cloudtrail

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

// A leap of the clock over weeks makes up for the last of them.
func TestDigestsOfALongLeap(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.call("CreateKey")
	w.turn(100 * 24 * time.Hour)
	digests := w.files(true)
	if len(digests) != 7*24+1 {
		t.Fatalf("%d digests", len(digests))
	}
	first := w.digest(digests[0])
	if first.DigestStartTime != "2026-03-01T12:00:00Z" || first.DigestEndTime != "2026-06-02T12:00:00Z" || len(first.LogFiles) != 1 {
		t.Errorf("the first is %+v", first)
	}
	w.verify(digests)
}

// verify checks the chain of digest files, as whoever has the public keys would.
func (w *trailWorld) verify(digests []string) {
	w.t.Helper()
	keys := must[*ListPublicKeysOutput](w.t)(w.ListPublicKeys(here(), &ListPublicKeysInput{StartTime: ptr(time.Unix(0, 0)), EndTime: ptr(w.clock.Now())}))
	var before *digest
	var hash string
	for _, file := range digests {
		content, metadata := w.content(file)
		d := w.digest(file)
		if d.DigestS3Object != file || d.DigestS3Bucket != "logs" {
			w.t.Errorf("%s says that it is %s in %s", file, d.DigestS3Object, d.DigestS3Bucket)
		}
		previous := "null"
		if d.PreviousDigestSignature != nil {
			previous = *d.PreviousDigestSignature
			if before == nil || *d.PreviousDigestS3Object != before.DigestS3Object || *d.PreviousDigestHashValue != hash || d.DigestStartTime != before.DigestEndTime {
				w.t.Errorf("%s does not follow %+v", file, before)
			}
		}
		sum := sha256.Sum256(content)
		hash = hex.EncodeToString(sum[:])
		signed := sha256.Sum256([]byte(d.DigestEndTime + "\nlogs/" + file + "\n" + hash + "\n" + previous))
		signature := must[[]byte](w.t)(hex.DecodeString(metadata["signature"]))
		verified := false
		for _, k := range keys.PublicKeyList {
			if k.Fingerprint == d.DigestPublicKeyFingerprint {
				public := must[*rsa.PublicKey](w.t)(x509.ParsePKCS1PublicKey(k.Value))
				verified = rsa.VerifyPKCS1v15(public, crypto.SHA256, signed[:], signature) == nil
			}
		}
		if !verified || metadata["signature-algorithm"] != "SHA256withRSA" {
			w.t.Errorf("the signature of %s is not good: %v", file, metadata)
		}
		for _, f := range d.LogFiles {
			content, _ := w.content(f.S3Object)
			if hashOf(content) != f.HashValue || f.HashAlgorithm != "SHA-256" || f.S3Bucket != "logs" {
				w.t.Errorf("%s says of a log file %+v", file, f)
			}
		}
		before = d
	}
}

func TestDigests(t *testing.T) {
	w := newTrailWorld(t)
	w.clock.Advance(20*time.Minute + 1500*time.Millisecond)
	w.logs(CreateTrailInput{Name: "audit"})
	w.call("CreateKey")
	w.turn(10 * time.Minute)
	w.call("DisableKey")
	w.turn(30 * time.Minute)
	w.turn(time.Hour)
	digests := w.files(true)
	const first = "AWSLogs/123456789012/CloudTrail-Digest/us-east-1/2026/03/01/123456789012_CloudTrail-Digest_us-east-1_audit_us-east-1_20260301T130000Z.json.gz"
	if len(digests) != 2 || digests[0] != first {
		t.Fatalf("delivered %q", digests)
	}
	w.verify(digests)
	d := w.digest(first)
	want := &digest{
		AWSAccountID: account, DigestStartTime: "2026-03-01T12:20:01Z", DigestEndTime: "2026-03-01T13:00:00Z",
		DigestS3Bucket: "logs", DigestS3Object: first, DigestPublicKeyFingerprint: d.DigestPublicKeyFingerprint, DigestSignatureAlgorithm: "SHA256withRSA",
		OldestEventTime: ptr("2026-03-01T12:20:01Z"), NewestEventTime: ptr("2026-03-01T12:30:01Z"), LogFiles: d.LogFiles,
	}
	if diff := cmp.Diff(want, d); diff != "" || len(d.LogFiles) != 2 || d.LogFiles[0].OldestEventTime != "2026-03-01T12:20:01Z" {
		t.Error(diff, d.LogFiles)
	}
	if ok, _ := regexp.MatchString(`^[0-9a-f]{32}$`, d.DigestPublicKeyFingerprint); !ok {
		t.Errorf("the fingerprint is %s", d.DigestPublicKeyFingerprint)
	}
	content, _ := w.content(digests[1])
	var members map[string]any
	if err := json.Unmarshal(content, &members); err != nil {
		t.Fatal(err)
	}
	for _, null := range []string{"newestEventTime", "oldestEventTime"} {
		if v, there := members[null]; !there || v != nil {
			t.Errorf("without events %s is %v", null, v)
		}
	}
	if files, ok := members["logFiles"].([]any); !ok || len(files) > 0 {
		t.Errorf("without events logFiles is %v", members["logFiles"])
	}
	if got := w.status("audit"); got.LatestDigestDeliveryTime != time.Date(2026, 3, 1, 14, 0, 0, 0, time.UTC) || got.LatestDigestDeliveryError != "" {
		t.Errorf("the status is %+v", got)
	}
}

func TestNoDigestsWithoutValidation(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit", EnableLogFileValidation: ptr(false)})
	w.call("CreateKey")
	w.turn(2 * time.Hour)
	if got := w.files(true); len(got) > 0 || len(w.logged()) != 1 {
		t.Errorf("delivered %q, %q", got, w.logged())
	}
}

// What is stopped in the second in which it was started, again and again, writes over no
// digest.
func TestDigestsOfOneSecond(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	for range 3 {
		w.call("CreateKey")
		must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
		must[*StartLoggingOutput](t)(w.StartLogging(here(), &StartLoggingInput{Name: "audit"}))
	}
	must[*StopLoggingOutput](t)(w.StopLogging(here(), &StopLoggingInput{Name: "audit"}))
	digests := w.files(true)
	if len(digests) != 3 || len(w.logged()) != 3 {
		t.Errorf("delivered %q, %q", digests, w.logged())
	}
	w.verify(digests)
}

func TestValidationTurnedOffAndOn(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.turn(90 * time.Minute)
	update := func(validation bool) {
		t.Helper()
		must[*UpdateTrailOutput](t)(w.UpdateTrail(here(), &UpdateTrailInput{Name: "audit", EnableLogFileValidation: &validation}))
	}
	w.call("CreateKey")
	update(false)
	w.call("DisableKey")
	w.turn(2 * time.Hour)
	digests := w.files(true)
	if len(digests) != 2 || w.digest(digests[1]).DigestEndTime != "2026-03-01T13:30:00Z" || len(w.digest(digests[1]).LogFiles) != 1 {
		t.Fatalf("%q", digests)
	}
	update(true)
	w.turn(time.Hour)
	digests = w.files(true)
	if d := w.digest(digests[2]); len(digests) != 3 || d.PreviousDigestSignature != nil || d.DigestStartTime != "2026-03-01T15:30:00Z" || len(d.LogFiles) > 0 {
		t.Errorf("%q: %+v", digests, d)
	}
	w.verify(digests)
}

// A digest that cannot be delivered waits, and names then what was delivered meanwhile.
func TestDigestThatFails(t *testing.T) {
	w := newTrailWorld(t)
	w.logs(CreateTrailInput{Name: "audit"})
	w.call("CreateKey")
	w.turn(30 * time.Minute)
	w.around.close("logs", &api.Error{Code: "NoSuchBucket"})
	w.turn(30 * time.Minute)
	if status := w.status("audit"); status.LatestDigestDeliveryError != "NoSuchBucket" || status.LatestDeliveryError != "" {
		t.Errorf("the status is %+v", status)
	}
	w.around.close("logs", nil)
	w.turn(5 * time.Minute)
	digests := w.files(true)
	if len(digests) != 1 || w.digest(digests[0]).DigestEndTime != "2026-03-01T13:00:00Z" || w.status("audit").LatestDigestDeliveryError != "" {
		t.Errorf("delivered %q, %+v", digests, w.status("audit"))
	}
}
