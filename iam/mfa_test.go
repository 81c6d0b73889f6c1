package iam_test

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/wire"
)

// authenticator is a device as its owner holds it.
type authenticator struct {
	w            *testbed
	serial, seed string
}

// device makes a virtual MFA device.
func (w *testbed) device(name string) *authenticator {
	w.t.Helper()
	d := must[*iam.CreateVirtualMFADeviceOutput](w.t)(w.CreateVirtualMFADevice(w.ctx(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: name})).VirtualMFADevice
	return &authenticator{w, d.SerialNumber, string(d.Base32StringSeed)}
}

// code is what the device shows, so much later than now.
func (a *authenticator) code(later time.Duration) string {
	a.w.t.Helper()
	return must[string](a.w.t)(identity.Code(a.seed, a.w.clock.Now().Add(later)))
}

func (a *authenticator) enable(user string) error {
	_, err := a.w.EnableMFADevice(a.w.ctx(), &iam.EnableMFADeviceInput{
		UserName: user, SerialNumber: a.serial, AuthenticationCode1: a.code(-30 * time.Second), AuthenticationCode2: a.code(0),
	})
	return err
}

func TestVirtualMFADevice(t *testing.T) {
	w := newTestbed(t)
	u := w.user("u")
	made := must[*iam.CreateVirtualMFADeviceOutput](t)(w.CreateVirtualMFADevice(w.ctx(), &iam.CreateVirtualMFADeviceInput{
		VirtualMFADeviceName: "phone", Path: "/team/", Tags: []iam.Tag{{Key: "k", Value: "v"}},
	})).VirtualMFADevice
	a := &authenticator{w, "arn:aws:iam::" + account + ":mfa/team/phone", string(made.Base32StringSeed)}
	if made.SerialNumber != a.serial || len(a.seed) != 64 {
		t.Errorf("made %s with a seed of %d characters", made.SerialNumber, len(a.seed))
	}
	if _, err := png.Decode(bytes.NewReader(made.QRCodePNG)); err != nil {
		t.Errorf("the QR code is no picture: %v", err)
	}
	if record := string(wire.TrailParameters(nil, &iam.CreateVirtualMFADeviceOutput{VirtualMFADevice: made})); strings.Contains(strings.ToLower(record), "seed") || strings.Contains(record, "qRCode") {
		t.Errorf("the trail records %s", record)
	}
	_, err := w.CreateVirtualMFADevice(w.ctx(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: "Phone", Path: "/team/"})
	fails(t, err, "EntityAlreadyExists", 409, "MFADevice entity at the same path and name already exists.")
	w.device("phone") // below another path
	_, err = w.CreateVirtualMFADevice(w.ctx(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: strings.Repeat("n", 250)})
	fails(t, err, "InvalidInput", 400, "The serial number arn:*")

	list := func(status string) []iam.VirtualMFADevice {
		t.Helper()
		return must[*iam.ListVirtualMFADevicesOutput](t)(w.ListVirtualMFADevices(w.ctx(), &iam.ListVirtualMFADevicesInput{AssignmentStatus: status})).VirtualMFADevices
	}
	other := iam.VirtualMFADevice{SerialNumber: "arn:aws:iam::" + account + ":mfa/phone"}
	mine := iam.VirtualMFADevice{SerialNumber: a.serial, Tags: []iam.Tag{{Key: "k", Value: "v"}}}
	if diff := cmp.Diff([]iam.VirtualMFADevice{other, mine}, list("")); diff != "" { // Any is the default [I064]
		t.Error(diff)
	}
	if err := a.enable("u"); err != nil {
		t.Fatal(err)
	}
	mine.EnableDate, mine.User = start, u
	for status, want := range map[string][]iam.VirtualMFADevice{"Assigned": {mine}, "Unassigned": {other}, "Any": {other, mine}} {
		if diff := cmp.Diff(want, list(status)); diff != "" {
			t.Error(status, diff)
		}
	}
	got := must[*iam.ListMFADevicesOutput](t)(w.ListMFADevices(w.as(w.who("user/u")), &iam.ListMFADevicesInput{}))
	if diff := cmp.Diff([]iam.MFADevice{{UserName: "u", SerialNumber: a.serial, EnableDate: start}}, got.MFADevices); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&iam.ListMFADevicesOutput{MFADevices: []iam.MFADevice{}}, must[*iam.ListMFADevicesOutput](t)(w.ListMFADevices(w.ctx(), &iam.ListMFADevicesInput{}))); diff != "" {
		t.Error("the root user has", diff)
	}
	one := must[*iam.GetMFADeviceOutput](t)(w.GetMFADevice(w.ctx(), &iam.GetMFADeviceInput{SerialNumber: a.serial, UserName: "u"}))
	if diff := cmp.Diff(&iam.GetMFADeviceOutput{UserName: "u", SerialNumber: a.serial, EnableDate: start}, one); diff != "" {
		t.Error(diff)
	}
	summary := must[*iam.GetAccountSummaryOutput](t)(w.GetAccountSummary(w.ctx(), &iam.GetAccountSummaryInput{})).SummaryMap
	if summary["MFADevices"] != 2 || summary["MFADevicesInUse"] != 1 {
		t.Errorf("the summary counts %d devices, of which %d are in use", summary["MFADevices"], summary["MFADevicesInUse"])
	}
}

func TestMFADeviceInUse(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	w.user("v")
	a := w.device("d")
	enable := func(user, serial, first, second string) error {
		_, err := w.EnableMFADevice(w.ctx(), &iam.EnableMFADeviceInput{UserName: user, SerialNumber: serial, AuthenticationCode1: first, AuthenticationCode2: second})
		return err
	}
	first, second := a.code(0), a.code(30*time.Second)
	fails(t, enable("u", a.serial, first, first), "InvalidAuthenticationCode", 403, "Authentication code for device is not valid.")
	fails(t, enable("u", a.serial, second, first), "InvalidAuthenticationCode", 403, "Authentication code for device is not valid.")
	fails(t, enable("u", a.serial+"x", first, second), "NoSuchEntity", 404, "VirtualMFADevice with serial number "+a.serial+"x doesn't exist.")
	if err := enable("u", a.serial, first, second); err != nil {
		t.Fatal(err)
	}
	fails(t, enable("v", a.serial, a.code(30*time.Second), a.code(60*time.Second)), "EntityAlreadyExists", 409, "MFA device already in use.")
	_, err := w.DeleteVirtualMFADevice(w.ctx(), &iam.DeleteVirtualMFADeviceInput{SerialNumber: a.serial})
	fails(t, err, "DeleteConflict", 409, "MFA VirtualDevice in use. Must deactivate first.")
	_, err = w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "u"})
	fails(t, err, "DeleteConflict", 409, "Cannot delete entity, must delete MFA device first.")
	_, err = w.DeactivateMFADevice(w.ctx(), &iam.DeactivateMFADeviceInput{UserName: "v", SerialNumber: a.serial})
	fails(t, err, "NoSuchEntity", 404, "MFA Device invalid for user.")
	_, err = w.GetMFADevice(w.ctx(), &iam.GetMFADeviceInput{UserName: "v", SerialNumber: a.serial})
	fails(t, err, "NoSuchEntity", 404, "MFA Device invalid for user.")
	must[*iam.UpdateUserOutput](t)(w.UpdateUser(w.ctx(), &iam.UpdateUserInput{UserName: "u", NewUserName: "renamed"}))
	must[*iam.DeactivateMFADeviceOutput](t)(w.DeactivateMFADevice(w.as(w.who("user/renamed")), &iam.DeactivateMFADeviceInput{SerialNumber: a.serial}))
	must[*iam.DeleteUserOutput](t)(w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "renamed"}))
	must[*iam.DeleteVirtualMFADeviceOutput](t)(w.DeleteVirtualMFADevice(w.ctx(), &iam.DeleteVirtualMFADeviceInput{SerialNumber: a.serial}))
	_, err = w.DeleteVirtualMFADevice(w.ctx(), &iam.DeleteVirtualMFADeviceInput{SerialNumber: a.serial})
	fails(t, err, "NoSuchEntity", 404, "VirtualMFADevice with serial number "+a.serial+" doesn't exist.")

	for i := range 9 {
		err := w.device(fmt.Sprint(i)).enable("v")
		if i == 8 {
			fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for MFADevicesPerUser: 8")
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// A device whose clock is off is refused, until two codes say by how much.
func TestResyncMFADevice(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	a := w.device("d")
	resync := func(first, second string) error {
		_, err := w.ResyncMFADevice(w.ctx(), &iam.ResyncMFADeviceInput{UserName: "u", SerialNumber: a.serial, AuthenticationCode1: first, AuthenticationCode2: second})
		return err
	}
	fails(t, resync(a.code(0), a.code(30*time.Second)), "NoSuchEntity", 404, "MFA Device invalid for user.")
	const off = 3 * time.Hour
	_, err := w.EnableMFADevice(w.ctx(), &iam.EnableMFADeviceInput{UserName: "u", SerialNumber: a.serial, AuthenticationCode1: a.code(off), AuthenticationCode2: a.code(off + 30*time.Second)})
	fails(t, err, "InvalidAuthenticationCode", 403, "Authentication code for device is not valid.")
	if err := a.enable("u"); err != nil {
		t.Fatal(err)
	}
	fails(t, resync(a.code(off), a.code(off)), "InvalidAuthenticationCode", 403, "Authentication code for device is not valid.")
	if err := resync(a.code(off), a.code(off+30*time.Second)); err != nil {
		t.Error(err)
	}
}

func TestTagMFADevice(t *testing.T) {
	w := newTestbed(t)
	a := w.device("d")
	must[*iam.TagMFADeviceOutput](t)(w.TagMFADevice(w.ctx(), &iam.TagMFADeviceInput{SerialNumber: a.serial, Tags: []iam.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}}))
	must[*iam.UntagMFADeviceOutput](t)(w.UntagMFADevice(w.ctx(), &iam.UntagMFADeviceInput{SerialNumber: a.serial, TagKeys: []string{"a"}}))
	got := must[*iam.ListMFADeviceTagsOutput](t)(w.ListMFADeviceTags(w.ctx(), &iam.ListMFADeviceTagsInput{SerialNumber: a.serial}))
	if diff := cmp.Diff(&iam.ListMFADeviceTagsOutput{Tags: []iam.Tag{{Key: "b", Value: "2"}}}, got); diff != "" {
		t.Error(diff)
	}
}

// Who may look at its own devices may not look at those of others.
func TestDeviceOwnersAreTheTarget(t *testing.T) {
	w := newTestbed(t)
	for _, name := range []string{"u", "v"} {
		w.user(name)
		if err := w.device(name).enable(name); err != nil {
			t.Fatal(err)
		}
	}
	w.put("u", "p", grant("GetMFADevice", "arn:aws:iam::"+account+":user/u", ""))
	for name, allowed := range map[string]bool{"u": true, "v": false} {
		if _, err := w.call(w.who("user/u"), "GetMFADevice", &iam.GetMFADeviceInput{SerialNumber: "arn:aws:iam::" + account + ":mfa/" + name}); (err == nil) != allowed {
			t.Errorf("the device of %s: %v", name, err)
		}
	}
}
