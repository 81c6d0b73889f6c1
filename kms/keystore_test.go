package kms

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

// anchor is a certificate to give as a trust anchor.
func anchor(t testing.TB) string {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: testStart.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func hsmStore(t testing.TB, name, cluster string) *CreateCustomKeyStoreInput {
	return &CreateCustomKeyStoreInput{CustomKeyStoreName: name, CloudHsmClusterId: cluster, KeyStorePassword: "kmsPswd", TrustAnchorCertificate: anchor(t)}
}

func xksStore(name, endpoint, path string) *CreateCustomKeyStoreInput {
	return &CreateCustomKeyStoreInput{
		CustomKeyStoreName: name, CustomKeyStoreType: OriginExternalKeyStore,
		XksProxyAuthenticationCredential: &XksProxyAuthenticationCredentialType{"ABCDE12345670EXAMPLE", "DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo="},
		XksProxyConnectivity:             connectPublic, XksProxyUriEndpoint: endpoint, XksProxyUriPath: path,
	}
}

func (w *testbed) newStore(in *CreateCustomKeyStoreInput) string {
	w.t.Helper()
	return must[CreateCustomKeyStoreOutput](w.t)(w.CreateCustomKeyStore(home(), in)).CustomKeyStoreId
}

func (w *testbed) connect(id string) {
	w.t.Helper()
	ok[ConnectCustomKeyStoreOutput](w.t)(w.ConnectCustomKeyStore(home(), &ConnectCustomKeyStoreInput{CustomKeyStoreId: id}))
}

func (w *testbed) disconnect(id string) {
	w.t.Helper()
	ok[DisconnectCustomKeyStoreOutput](w.t)(w.DisconnectCustomKeyStore(home(), &DisconnectCustomKeyStoreInput{CustomKeyStoreId: id}))
}

func TestCustomKeyStore(t *testing.T) {
	w := newTestbed(t)
	in := hsmStore(t, "store", "cluster-2222aaaa333")
	id := w.newStore(in)
	describe := func() []CustomKeyStoresListEntry {
		t.Helper()
		return must[DescribeCustomKeyStoresOutput](t)(w.DescribeCustomKeyStores(home(), &DescribeCustomKeyStoresInput{CustomKeyStoreId: id})).CustomKeyStores
	}
	want := []CustomKeyStoresListEntry{{
		CloudHsmClusterId: "cluster-2222aaaa333", ConnectionState: "DISCONNECTED", CreationDate: testStart,
		CustomKeyStoreId: id, CustomKeyStoreName: "store", CustomKeyStoreType: OriginCloudHSM, TrustAnchorCertificate: in.TrustAnchorCertificate,
	}}
	if diff := cmp.Diff(want, describe()); diff != "" || !strings.HasPrefix(id, "cks-") {
		t.Error(id, diff)
	}
	keyIn := CreateKeyInput{Origin: OriginCloudHSM, CustomKeyStoreId: id}
	_, err := w.CreateKey(home(), &keyIn)
	wantError(t, err, ErrStoreInvalidState, "Custom key store "+id+" is not connected.")
	w.connect(id)
	want[0].ConnectionState = "CONNECTED"
	if diff := cmp.Diff(want, describe()); diff != "" {
		t.Error(diff)
	}
	_, err = w.ConnectCustomKeyStore(home(), &ConnectCustomKeyStoreInput{CustomKeyStoreId: id})
	wantError(t, err, ErrStoreInvalidState, "Custom key store "+id+" is connected.")

	key := w.newKey(keyIn)
	if key.Origin != OriginCloudHSM || key.CustomKeyStoreId != id || key.CloudHsmClusterId != "cluster-2222aaaa333" || !key.Enabled {
		t.Errorf("unexpected key %+v", key)
	}
	blob := w.encrypt(key.KeyId, "x")
	ok[GenerateRandomOutput](t)(w.GenerateRandom(home(), &GenerateRandomInput{CustomKeyStoreId: id, NumberOfBytes: ptr(3)}))
	ok[GenerateDataKeyOutput](t)(w.GenerateDataKey(home(), &GenerateDataKeyInput{KeyId: key.KeyId, KeySpec: DataKeyAES256}))
	for operation, in := range map[string]any{
		"GenerateDataKeyPair":                 &GenerateDataKeyPairInput{KeyId: key.KeyId, KeyPairSpec: SpecP256},
		"GenerateDataKeyPairWithoutPlaintext": &GenerateDataKeyPairWithoutPlaintextInput{KeyId: key.KeyId, KeyPairSpec: SpecP256},
	} {
		wantError(t, w.run(home(), operation, in), ErrUnsupportedOperation, key.Arn+" origin is AWS_CLOUDHSM which is not valid for this operation.")
	}
	w.disconnect(id)
	_, err = w.decrypt(home(), blob)
	wantError(t, err, ErrInvalidState, key.Arn+" is unavailable.")
	if m := w.describe(home(), key.KeyId); m.KeyState != StateUnavailable || m.Enabled {
		t.Errorf("unexpected state %+v", m)
	}
	_, err = w.GenerateRandom(home(), &GenerateRandomInput{CustomKeyStoreId: id, NumberOfBytes: ptr(3)})
	wantError(t, err, ErrStoreInvalidState, "Custom key store "+id+" is not connected.")
	_, err = w.DisconnectCustomKeyStore(home(), &DisconnectCustomKeyStoreInput{CustomKeyStoreId: id})
	wantError(t, err, ErrStoreInvalidState, "Custom key store "+id+" is disconnected.")
	_, err = w.DeleteCustomKeyStore(home(), &DeleteCustomKeyStoreInput{CustomKeyStoreId: id})
	wantError(t, err, ErrStoreHasKeys, "Custom key store "+id+" has KMS keys.")
	w.connect(id)
	if text, err := w.decrypt(home(), blob); err != nil || text != "x" {
		t.Errorf("decrypts to %q, %v", text, err)
	}

	ok[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: key.KeyId}))
	w.clock.Advance(days(30))
	_, err = w.DeleteCustomKeyStore(home(), &DeleteCustomKeyStoreInput{CustomKeyStoreId: id})
	wantError(t, err, ErrStoreInvalidState, "Custom key store "+id+" must be disconnected.")
	w.disconnect(id)
	ok[DeleteCustomKeyStoreOutput](t)(w.DeleteCustomKeyStore(home(), &DeleteCustomKeyStoreInput{CustomKeyStoreId: id}))
	if left := w.stored(""); len(left) > 0 {
		t.Errorf("the store left something behind: %q", left)
	}
}

func TestExternalKeyStore(t *testing.T) {
	w := newTestbed(t)
	id := w.newStore(xksStore("xks", "https://myproxy.xks.example.com", "/kms/xks/v1"))
	w.connect(id)
	keyIn := CreateKeyInput{Origin: OriginExternalKeyStore, CustomKeyStoreId: id, XksKeyId: "bb8562717f809024"}
	key := w.newKey(keyIn)
	if key.XksKeyConfiguration == nil || key.XksKeyConfiguration.Id != "bb8562717f809024" || key.CloudHsmClusterId != "" {
		t.Errorf("unexpected key %+v", key)
	}
	_, err := w.CreateKey(home(), &keyIn)
	wantError(t, err, ErrXksKeyInUse, "The external key bb8562717f809024 is already associated with a KMS key.")
	_, err = w.CreateKey(home(), &CreateKeyInput{Origin: OriginCloudHSM, CustomKeyStoreId: id})
	wantError(t, err, ErrUnsupportedOperation, "Custom key store "+id+" is of type EXTERNAL_KEY_STORE which is not valid for this operation.")
	for _, bad := range []CreateKeyInput{
		{Origin: OriginExternalKeyStore, XksKeyId: "x"}, {Origin: OriginExternalKeyStore, CustomKeyStoreId: id}, {CustomKeyStoreId: id}, {XksKeyId: "x"},
	} {
		if _, err := w.CreateKey(home(), &bad); !ErrValidation.Is(api.AsError(err)) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	_, err = w.EnableKeyRotation(home(), &EnableKeyRotationInput{KeyId: key.KeyId})
	wantError(t, err, ErrUnsupportedOperation, key.Arn+" origin is EXTERNAL_KEY_STORE which is not valid for this operation.")

	ok[UpdateCustomKeyStoreOutput](t)(w.UpdateCustomKeyStore(home(), &UpdateCustomKeyStoreInput{
		CustomKeyStoreId: id, NewCustomKeyStoreName: "renamed",
		XksProxyAuthenticationCredential: &XksProxyAuthenticationCredentialType{"ABCDE22222222EXAMPLE", "DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo="},
	}))
	_, err = w.UpdateCustomKeyStore(home(), &UpdateCustomKeyStoreInput{CustomKeyStoreId: id, XksProxyUriPath: "/new/kms/xks/v1"})
	wantError(t, err, ErrStoreInvalidState, "Custom key store "+id+" must be disconnected.")
	w.disconnect(id)
	ok[UpdateCustomKeyStoreOutput](t)(w.UpdateCustomKeyStore(home(), &UpdateCustomKeyStoreInput{
		CustomKeyStoreId: id, XksProxyConnectivity: connectVPC, XksProxyVpcEndpointServiceName: "com.amazonaws.vpce.us-east-1.vpce-svc-1", XksProxyUriPath: "/new/kms/xks/v1",
	}))
	_, err = w.UpdateCustomKeyStore(home(), &UpdateCustomKeyStoreInput{CustomKeyStoreId: id, KeyStorePassword: "password"})
	wantError(t, err, ErrValidation, "The parameters are not valid for a custom key store of type EXTERNAL_KEY_STORE.")
	got := must[DescribeCustomKeyStoresOutput](t)(w.DescribeCustomKeyStores(home(), &DescribeCustomKeyStoresInput{CustomKeyStoreName: "renamed"})).CustomKeyStores
	want := &XksProxyConfigurationType{"ABCDE22222222EXAMPLE", connectVPC, "https://myproxy.xks.example.com", "/new/kms/xks/v1", "com.amazonaws.vpce.us-east-1.vpce-svc-1", ""}
	if len(got) != 1 || !cmp.Equal(want, got[0].XksProxyConfiguration) {
		t.Errorf("unexpected store %+v", got)
	}
	if out, err := w.json(home(), "DescribeCustomKeyStores", `{}`); err != nil || strings.Contains(out, "DXjSUawnel") {
		t.Errorf("the secret is shown: %s %v", out, err)
	}
}

func TestCustomKeyStoreConflicts(t *testing.T) {
	w := newTestbed(t)
	w.newStore(hsmStore(t, "one", "cluster-2222aaaa333"))
	w.newStore(xksStore("two", "https://a.example.com", "/kms/xks/v1"))
	broken := hsmStore(t, "x", "cluster-2222aaaa444")
	broken.TrustAnchorCertificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	noPEM := hsmStore(t, "x", "cluster-2222aaaa444")
	noPEM.TrustAnchorCertificate = "x"
	vpc := xksStore("x", "https://a.example.com", "/other/kms/xks/v1")
	vpc.XksProxyConnectivity, vpc.XksProxyVpcEndpointServiceName = connectVPC, "com.amazonaws.vpce.us-east-1.vpce-svc-1"
	noService := xksStore("x", "https://b.example.com", "/kms/xks/v1")
	noService.XksProxyConnectivity = connectVPC
	for _, c := range []struct {
		name string
		in   *CreateCustomKeyStoreInput
		err  *api.Error
	}{
		{"name", hsmStore(t, "one", "cluster-2222aaaa444"), ErrStoreNameInUse},
		{"cluster", hsmStore(t, "x", "cluster-2222aaaa333"), ErrClusterInUse},
		{"URI", xksStore("x", "https://a.example.com", "/kms/xks/v1"), ErrXksURIInUse},
		{"endpoint of another connectivity", vpc, ErrXksEndpointInUse},
		{"no VPC service", noService, ErrValidation},
		{"no cluster", &CreateCustomKeyStoreInput{CustomKeyStoreName: "x", KeyStorePassword: "kmsPswd", TrustAnchorCertificate: "x"}, ErrValidation},
		{"no proxy", &CreateCustomKeyStoreInput{CustomKeyStoreName: "x", CustomKeyStoreType: OriginExternalKeyStore}, ErrValidation},
		{"broken anchor", broken, ErrIncorrectTrustAnchor},
		{"no PEM", noPEM, ErrIncorrectTrustAnchor},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := w.CreateCustomKeyStore(home(), c.in); !c.err.Is(api.AsError(err)) {
				t.Errorf("error is %v, want %s", err, c.err.Code)
			}
		})
	}
	for _, in := range []*DescribeCustomKeyStoresInput{{CustomKeyStoreId: "none"}, {CustomKeyStoreName: "none"}} {
		_, err := w.DescribeCustomKeyStores(home(), in)
		wantError(t, err, ErrStoreNotFound, "Custom key store 'none' does not exist")
	}
	for operation, in := range map[string]any{
		"ConnectCustomKeyStore": &ConnectCustomKeyStoreInput{CustomKeyStoreId: "none"}, "DisconnectCustomKeyStore": &DisconnectCustomKeyStoreInput{CustomKeyStoreId: "none"},
		"DeleteCustomKeyStore": &DeleteCustomKeyStoreInput{CustomKeyStoreId: "none"}, "UpdateCustomKeyStore": &UpdateCustomKeyStoreInput{CustomKeyStoreId: "none"},
		"GenerateRandom": &GenerateRandomInput{CustomKeyStoreId: "none", NumberOfBytes: ptr(1)},
	} {
		wantError(t, w.run(home(), operation, in), ErrStoreNotFound, "Custom key store 'none' does not exist")
	}
	page := must[DescribeCustomKeyStoresOutput](t)(w.DescribeCustomKeyStores(home(), &DescribeCustomKeyStoresInput{Limit: ptr(1)}))
	rest := must[DescribeCustomKeyStoresOutput](t)(w.DescribeCustomKeyStores(home(), &DescribeCustomKeyStoresInput{Limit: ptr(1), Marker: page.NextMarker}))
	if len(page.CustomKeyStores) != 1 || len(rest.CustomKeyStores) != 1 || !page.Truncated || rest.Truncated {
		t.Errorf("unexpected pages %+v %+v", page, rest)
	}
}

func TestConnectingTakesTime(t *testing.T) {
	w := newTestbed(t, func(c *Config) { c.TransitionTime = time.Minute })
	id := w.newStore(hsmStore(t, "store", "cluster-2222aaaa333"))
	w.connect(id)
	state := func() string {
		return must[DescribeCustomKeyStoresOutput](t)(w.DescribeCustomKeyStores(home(), &DescribeCustomKeyStoresInput{})).CustomKeyStores[0].ConnectionState
	}
	if got := state(); got != "CONNECTING" {
		t.Errorf("the store is %s", got)
	}
	w.clock.Advance(time.Minute)
	if got := state(); got != "CONNECTED" {
		t.Errorf("the store is %s", got)
	}
}
