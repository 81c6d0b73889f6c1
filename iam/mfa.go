package iam

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"rsc.io/qr"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// maxDevices is how many MFA devices a user may have [I067].
const maxDevices = 8

// maxSerial is how long a serial number may be where it is an input.
const maxSerial = 256

// VirtualMFADevice is a virtual MFA device. Its seed and QR code are shown where
// it is made, and never again.
type VirtualMFADevice struct {
	SerialNumber     string
	Base32StringSeed []byte `sensitive:"true" trail:"omit"`
	QRCodePNG        []byte `sensitive:"true" trail:"omit"`
	User             *User
	EnableDate       time.Time
	Tags             []Tag
}

// CreateVirtualMFADeviceInput is the input of CreateVirtualMFADevice.
type CreateVirtualMFADeviceInput struct {
	Path                 string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	VirtualMFADeviceName string `check:"required,min=1" pattern:"[\\w+=,.@-]+"`
	Tags                 []Tag  `check:"max=50"`
}

// CreateVirtualMFADeviceOutput is the output of CreateVirtualMFADevice.
type CreateVirtualMFADeviceOutput struct {
	VirtualMFADevice *VirtualMFADevice
}

// CreateVirtualMFADevice makes a virtual MFA device, which EnableMFADevice then
// gives to a user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateVirtualMFADevice.html.
func (s *Service) CreateVirtualMFADevice(ctx context.Context, in *CreateVirtualMFADeviceInput) (*CreateVirtualMFADeviceOutput, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	account, region := call(ctx)
	e := identity.Entity{Account: account, Partition: arn.Partition(region), Name: or(in.Path, "/") + in.VirtualMFADeviceName, Created: now(ctx)}
	e.SetTags(tagRecords(in.Tags))
	device, seed := s.dir.NewMFADevice(e)
	if len(device.ARN()) > maxSerial {
		return nil, errInvalidInput.Withf("The serial number %s is longer than %d characters.", device.ARN(), maxSerial)
	}
	image, err := seedImage(in.VirtualMFADeviceName, account, seed)
	if err != nil {
		return nil, err
	}
	err = s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.Devices.Get(tx, account, device.Name) != nil {
			return errExists.With("MFADevice entity at the same path and name already exists.")
		}
		s.dir.Devices.Put(tx, device)
		return nil
	})
	return &CreateVirtualMFADeviceOutput{&VirtualMFADevice{
		SerialNumber: device.ARN(), Base32StringSeed: []byte(seed), QRCodePNG: image, Tags: tagShapes(device.Tags),
	}}, err
}

// seedImage is the seed as an authenticator app reads it [I061].
func seedImage(name, account, seed string) ([]byte, error) {
	uri := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + name + "@" + account, RawQuery: "secret=" + seed}
	code, err := qr.Encode(uri.String(), qr.M)
	if err != nil {
		return nil, err
	}
	return code.PNG(), nil
}

// device is the MFA device of that serial number, or nil.
func (s *Service) device(r store.Reader, account, serial string) *identity.MFADevice {
	_, name, _ := strings.Cut(serial, ":mfa")
	if d := s.dir.Devices.Get(r, account, name); d != nil && d.ARN() == serial {
		return d
	}
	return nil
}

func noSuchDevice(serial string) error {
	return errNoSuchEntity.Withf("VirtualMFADevice with serial number %s doesn't exist.", serial)
}

// errNotTheirs says that a device is not assigned to the user.
var errNotTheirs = errNoSuchEntity.With("MFA Device invalid for user.")

// EnableMFADeviceInput is the input of EnableMFADevice.
type EnableMFADeviceInput struct {
	UserName            string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	SerialNumber        string `check:"required,min=9,max=256" pattern:"[\\w+=/:,.@-]+"`
	AuthenticationCode1 string `check:"required,min=6,max=6" pattern:"[\\d]+" trail:"omit"`
	AuthenticationCode2 string `check:"required,min=6,max=6" pattern:"[\\d]+" trail:"omit"`
}

// EnableMFADeviceOutput is the output of EnableMFADevice.
type EnableMFADeviceOutput struct{}

// EnableMFADevice assigns a device to a user, who proves by two consecutive
// codes to have it.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html.
func (s *Service) EnableMFADevice(ctx context.Context, in *EnableMFADeviceInput) (*EnableMFADeviceOutput, error) {
	return new(EnableMFADeviceOutput), s.editUser(ctx, in.UserName, func(tx store.Tx, u *identity.User) error {
		device := s.device(tx, u.Account, in.SerialNumber)
		switch {
		case device == nil:
			return noSuchDevice(in.SerialNumber)
		case device.Owner != "":
			return errExists.With("MFA device already in use.")
		case len(u.Devices) >= maxDevices:
			return exceeds("MFADevicesPerUser", maxDevices)
		}
		assigned, ok, err := s.dir.Assigned(device, in.AuthenticationCode1, in.AuthenticationCode2)
		if err != nil {
			return err
		}
		if !ok {
			return errCode
		}
		assigned.Owner, assigned.Enabled = u.ID, now(ctx)
		u.Devices = append(u.Devices, device.Name)
		s.dir.Devices.Put(tx, assigned)
		return nil
	})
}

// ResyncMFADeviceInput is the input of ResyncMFADevice.
type ResyncMFADeviceInput struct {
	UserName            string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	SerialNumber        string `check:"required,min=9,max=256" pattern:"[\\w+=/:,.@-]+"`
	AuthenticationCode1 string `check:"required,min=6,max=6" pattern:"[\\d]+" trail:"omit"`
	AuthenticationCode2 string `check:"required,min=6,max=6" pattern:"[\\d]+" trail:"omit"`
}

// ResyncMFADeviceOutput is the output of ResyncMFADevice.
type ResyncMFADeviceOutput struct{}

// ResyncMFADevice finds from two consecutive codes how far a device's clock is
// off.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResyncMFADevice.html.
func (s *Service) ResyncMFADevice(ctx context.Context, in *ResyncMFADeviceInput) (*ResyncMFADeviceOutput, error) {
	return new(ResyncMFADeviceOutput), s.editUser(ctx, in.UserName, func(tx store.Tx, u *identity.User) error {
		device := s.device(tx, u.Account, in.SerialNumber)
		if device == nil || device.Owner != u.ID {
			return errNotTheirs
		}
		synchronized, ok, err := s.dir.Resynced(device, in.AuthenticationCode1, in.AuthenticationCode2)
		if err != nil {
			return err
		}
		if !ok {
			return errCode
		}
		s.dir.Devices.Put(tx, synchronized)
		return nil
	})
}

// DeactivateMFADeviceInput is the input of DeactivateMFADevice.
type DeactivateMFADeviceInput struct {
	UserName     string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
	SerialNumber string `check:"required,min=9,max=256" pattern:"[\\w+=/:,.@-]+"`
}

// DeactivateMFADeviceOutput is the output of DeactivateMFADevice.
type DeactivateMFADeviceOutput struct{}

// DeactivateMFADevice removes a device from its user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html.
func (s *Service) DeactivateMFADevice(ctx context.Context, in *DeactivateMFADeviceInput) (*DeactivateMFADeviceOutput, error) {
	if ofRoot(ctx, in.UserName) {
		return nil, errNotTheirs // the root user has none
	}
	name, err := ownName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return new(DeactivateMFADeviceOutput), s.editUser(ctx, name, func(tx store.Tx, u *identity.User) error {
		device := s.device(tx, u.Account, in.SerialNumber)
		if device == nil || device.Owner != u.ID {
			return errNotTheirs
		}
		device = s.dir.Devices.Edit(tx, u.Account, device.Name)
		device.Owner, device.Enabled = "", time.Time{}
		u.Devices = slices.DeleteFunc(slices.Clone(u.Devices), func(name string) bool { return name == device.Name })
		s.dir.Devices.Put(tx, device)
		return nil
	})
}

// DeleteVirtualMFADeviceInput is the input of DeleteVirtualMFADevice.
type DeleteVirtualMFADeviceInput struct {
	SerialNumber string `check:"required,min=9,max=256" pattern:"[\\w+=/:,.@-]+"`
}

// DeleteVirtualMFADeviceOutput is the output of DeleteVirtualMFADevice.
type DeleteVirtualMFADeviceOutput struct{}

// DeleteVirtualMFADevice deletes a device that no user has.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html.
func (s *Service) DeleteVirtualMFADevice(ctx context.Context, in *DeleteVirtualMFADeviceInput) (*DeleteVirtualMFADeviceOutput, error) {
	account, _ := call(ctx)
	return new(DeleteVirtualMFADeviceOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		device := s.device(tx, account, in.SerialNumber)
		switch {
		case device == nil:
			return noSuchDevice(in.SerialNumber)
		case device.Owner != "":
			return errDeleteConflict.With("MFA VirtualDevice in use. Must deactivate first.")
		}
		s.dir.Devices.Delete(tx, device)
		return nil
	})
}
