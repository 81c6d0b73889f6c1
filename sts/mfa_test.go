package sts_test

import (
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/sts"
)

// The texts of AWS's refusals [I069].
const (
	notTheirDevice = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
	wrongCode      = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
	oneIsMissing   = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
)

// device gives a user an MFA device, and is its serial number and seed.
func (w *testbed) device(user *api.Caller) (serial, seed string) {
	w.t.Helper()
	device, seed := w.dir.NewMFADevice(identity.Entity{Account: account, Partition: "aws", Name: "/d"})
	device.Owner = user.ID
	err := w.dir.Update(w.t.Context(), func(tx store.Tx) error {
		w.dir.Devices.Put(tx, device)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return device.ARN(), seed
}

// code is what the device shows, so much later than at a time.
func (w *testbed) code(seed string, at time.Time, later time.Duration) string {
	w.t.Helper()
	return must[string](w.t)(identity.Code(seed, at.Add(later)))
}

func TestGetSessionTokenWithMFA(t *testing.T) {
	w := newTestbed(t)
	u := w.user(account, "u", "", nil)
	serial, seed := w.device(u)
	get := func(c *api.Caller, serial, code string) (*api.Caller, error) {
		t.Helper()
		out, err := run[sts.GetSessionTokenOutput](w, c, "GetSessionToken", &sts.GetSessionTokenInput{SerialNumber: serial, TokenCode: code})
		if err != nil {
			return nil, err
		}
		return w.session(out.Credentials), nil
	}
	if c := must[*api.Caller](t)(get(u, "", "")); c.Session == nil || !c.Session.MFA.IsZero() {
		t.Errorf("without a code the session is %+v", c.Session)
	}
	code := w.code(seed, start, 0)
	if c := must[*api.Caller](t)(get(u, serial, code)); !c.Session.MFA.Equal(start) {
		t.Errorf("with a code the session is %+v", c.Session)
	}
	_, err := get(u, serial, code)
	fails(t, err, "AccessDenied", 403, wrongCode) // it is good once
	for _, later := range []time.Duration{-30 * time.Second, 30 * time.Second} {
		must[*api.Caller](t)(get(u, serial, w.code(seed, start, later)))
	}
	for _, later := range []time.Duration{-time.Minute, time.Minute} {
		_, err := get(u, serial, w.code(seed, start, later))
		fails(t, err, "AccessDenied", 403, wrongCode)
	}
	w.clock.Advance(time.Hour)
	must[*api.Caller](t)(get(u, serial, w.code(seed, start, time.Hour)))
	must[*api.Caller](t)(get(u, serial, w.code(seed, time.Now(), 0))) // what an authenticator app shows, whatever the clock is turned to

	_, err = get(u, serial, "")
	fails(t, err, "AccessDenied", 403, oneIsMissing)
	_, err = get(u, "", code)
	fails(t, err, "AccessDenied", 403, oneIsMissing)
	_, err = get(u, serial+"x", code)
	fails(t, err, "AccessDenied", 403, notTheirDevice)
	_, err = get(w.user(account, "v", "", nil), serial, w.code(seed, start, time.Hour+30*time.Second))
	fails(t, err, "AccessDenied", 403, notTheirDevice)
	_, err = get(w.root(account), serial, w.code(seed, start, time.Hour+30*time.Second))
	fails(t, err, "AccessDenied", 403, notTheirDevice)
}

// The trust policy sees that the request carries a code; a refused call uses no
// code up.
func TestAssumeRoleWithMFA(t *testing.T) {
	w := newTestbed(t)
	u := w.user(account, "u", mayAll, nil)
	serial, seed := w.device(u)
	trust := func(condition string) {
		w.role(identity.RoleSpec{Trust: trusting("arn:aws:iam::"+account+":user/u", `"sts:AssumeRole"`, condition)})
	}
	code := w.code(seed, start, 0)
	trust(`"Bool":{"aws:MultiFactorAuthPresent":"false"}`)
	for _, in := range []sts.AssumeRoleInput{{}, {SerialNumber: serial, TokenCode: code}} { // absent is not false [I071]
		_, err := w.assume(u, in)
		fails(t, err, "AccessDenied", 403, "User: arn:aws:iam::"+account+":user/u is not authorized to perform: sts:AssumeRole on resource: "+roleARN)
	}
	trust(`"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"1"}`)
	_, err := w.assume(u, sts.AssumeRoleInput{})
	fails(t, err, "AccessDenied", 403, "User: arn:aws:iam::"+account+":user/u is not authorized to perform: sts:AssumeRole on resource: "+roleARN)
	_, err = w.assume(u, sts.AssumeRoleInput{SerialNumber: serial, TokenCode: w.code(seed, start, time.Hour)})
	fails(t, err, "AccessDenied", 403, wrongCode)
	out := must[*sts.AssumeRoleOutput](t)(w.assume(u, sts.AssumeRoleInput{SerialNumber: serial, TokenCode: code}))
	if c := w.session(out.Credentials); !c.Session.MFA.Equal(start) {
		t.Errorf("the session is %+v", c.Session)
	}
	_, err = w.assume(u, sts.AssumeRoleInput{SerialNumber: serial, TokenCode: code})
	fails(t, err, "AccessDenied", 403, wrongCode)
	_, err = w.assume(w.session(out.Credentials), sts.AssumeRoleInput{SerialNumber: serial, TokenCode: w.code(seed, start, 30*time.Second)})
	fails(t, err, "AccessDenied", 403, notTheirDevice) // a role has no device [I073]
}
