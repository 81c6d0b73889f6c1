package iam

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// MFADevice is an MFA device that a user has.
type MFADevice struct {
	UserName     string
	SerialNumber string
	EnableDate   time.Time
}

// ListMFADevicesInput is the input of ListMFADevices.
type ListMFADevicesInput struct {
	UserName string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Marker   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems *int   `check:"min=1,max=1000"`
}

// ListMFADevicesOutput is the output of ListMFADevices.
type ListMFADevicesOutput struct {
	MFADevices  []MFADevice
	IsTruncated bool
	Marker      string
}

// ListMFADevices lists the MFA devices of a user: the calling one where none is
// named. The root user has none here.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html.
func (s *Service) ListMFADevices(ctx context.Context, in *ListMFADevicesInput) (*ListMFADevicesOutput, error) {
	name, err := userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	account, _ := call(ctx)
	devices := []MFADevice{}
	err = s.dir.View(ctx, func(r store.Reader) error {
		devices = devices[:0]
		if name == "" {
			return nil
		}
		u := s.dir.Users.Get(r, account, name)
		if u == nil {
			return noSuch("user", name)
		}
		for _, device := range u.Devices {
			d := s.dir.Devices.Get(r, account, device)
			devices = append(devices, MFADevice{UserName: u.Name, SerialNumber: d.ARN(), EnableDate: seconds(d.Enabled)})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(devices, func(d MFADevice) string { return d.EnableDate.Format(time.RFC3339) + d.SerialNumber }, in.Marker, in.MaxItems)
	return &ListMFADevicesOutput{MFADevices: part, Marker: next, IsTruncated: next != ""}, err
}

// The values of AssignmentStatus; any other lists all devices.
const (
	assigned   = "Assigned"
	unassigned = "Unassigned"
)

// ListVirtualMFADevicesInput is the input of ListVirtualMFADevices.
type ListVirtualMFADevicesInput struct {
	AssignmentStatus string `enum:"Assigned|Unassigned|Any"`
	Marker           string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems         *int   `check:"min=1,max=1000"`
}

// ListVirtualMFADevicesOutput is the output of ListVirtualMFADevices.
type ListVirtualMFADevicesOutput struct {
	VirtualMFADevices []VirtualMFADevice
	IsTruncated       bool
	Marker            string
}

// ListVirtualMFADevices lists the account's virtual MFA devices, with their
// users [I065].
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html.
func (s *Service) ListVirtualMFADevices(ctx context.Context, in *ListVirtualMFADevicesInput) (*ListVirtualMFADevicesOutput, error) {
	account, _ := call(ctx)
	devices := []VirtualMFADevice{}
	err := s.dir.View(ctx, func(r store.Reader) error {
		devices = devices[:0]
		for d := range s.dir.Devices.All(r, account, "") {
			if in.AssignmentStatus == assigned && d.Owner == "" || in.AssignmentStatus == unassigned && d.Owner != "" {
				continue
			}
			shape := VirtualMFADevice{SerialNumber: d.ARN(), Tags: tagShapes(d.Tags), EnableDate: seconds(d.Enabled)}
			if u := s.dir.Users.ByID(r, d.Owner); u != nil {
				owner := userShape(u)
				shape.User = &owner
			}
			devices = append(devices, shape)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(devices, func(d VirtualMFADevice) string { return d.SerialNumber }, in.Marker, in.MaxItems)
	return &ListVirtualMFADevicesOutput{VirtualMFADevices: part, Marker: next, IsTruncated: next != ""}, err
}

// GetMFADeviceInput is the input of GetMFADevice.
type GetMFADeviceInput struct {
	SerialNumber string `check:"required,min=9,max=256" pattern:"[\\w+=/:,.@-]+"`
	UserName     string `check:"min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// GetMFADeviceOutput is the output of GetMFADevice.
type GetMFADeviceOutput struct {
	UserName     string
	SerialNumber string
	EnableDate   time.Time
	// Certifications are those of security keys: a virtual device has none.
	Certifications map[string]string
}

// GetMFADevice returns which user has an MFA device, and since when.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetMFADevice.html.
func (s *Service) GetMFADevice(ctx context.Context, in *GetMFADeviceInput) (*GetMFADeviceOutput, error) {
	account, _ := call(ctx)
	out := new(GetMFADeviceOutput)
	err := s.dir.View(ctx, func(r store.Reader) error {
		named := s.dir.Users.Get(r, account, in.UserName)
		if in.UserName != "" && named == nil {
			return noSuch("user", in.UserName)
		}
		d := s.device(r, account, in.SerialNumber)
		if d == nil {
			return noSuchDevice(in.SerialNumber)
		}
		if named != nil && d.Owner != named.ID {
			return errNotTheirs
		}
		out.SerialNumber, out.EnableDate = d.ARN(), seconds(d.Enabled)
		if u := s.dir.Users.ByID(r, d.Owner); u != nil {
			out.UserName = u.Name
		}
		return nil
	})
	return out, err
}

// TagMFADeviceInput is the input of TagMFADevice.
type TagMFADeviceInput struct {
	SerialNumber string `check:"required,min=9,max=256" pattern:"[\\w+=/:,.@-]+"`
	Tags         []Tag  `check:"required,max=50"`
}

// TagMFADeviceOutput is the output of TagMFADevice.
type TagMFADeviceOutput struct{}

// TagMFADevice adds tags to an MFA device, or replaces those of the same keys.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagMFADevice.html.
func (s *Service) TagMFADevice(ctx context.Context, in *TagMFADeviceInput) (*TagMFADeviceOutput, error) {
	return new(TagMFADeviceOutput), s.editDevice(ctx, in.SerialNumber, func(e *identity.Entity) error { return addTags(e, in.Tags) })
}

// UntagMFADeviceInput is the input of UntagMFADevice.
type UntagMFADeviceInput struct {
	SerialNumber string   `check:"required,min=9,max=256" pattern:"[\\w+=/:,.@-]+"`
	TagKeys      []string `check:"required,max=50" itemcheck:"min=1,max=128" itempattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
}

// UntagMFADeviceOutput is the output of UntagMFADevice.
type UntagMFADeviceOutput struct{}

// UntagMFADevice removes tags from an MFA device, where it has them.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagMFADevice.html.
func (s *Service) UntagMFADevice(ctx context.Context, in *UntagMFADeviceInput) (*UntagMFADeviceOutput, error) {
	return new(UntagMFADeviceOutput), s.editDevice(ctx, in.SerialNumber, func(e *identity.Entity) error { return removeTags(e, in.TagKeys) })
}

// editDevice changes the tags of an MFA device.
func (s *Service) editDevice(ctx context.Context, serial string, edit func(*identity.Entity) error) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		d := s.device(tx, account, serial)
		if d == nil {
			return noSuchDevice(serial)
		}
		d = s.dir.Devices.Edit(tx, account, d.Name)
		if err := edit(&d.Entity); err != nil {
			return err
		}
		s.dir.Devices.Put(tx, d)
		return nil
	})
}

// ListMFADeviceTagsInput is the input of ListMFADeviceTags.
type ListMFADeviceTagsInput struct {
	SerialNumber string `check:"required,min=9,max=256" pattern:"[\\w+=/:,.@-]+"`
	Marker       string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems     *int   `check:"min=1,max=1000"`
}

// ListMFADeviceTagsOutput is the output of ListMFADeviceTags.
type ListMFADeviceTagsOutput struct {
	Tags        []Tag
	IsTruncated bool
	Marker      string
}

// ListMFADeviceTags lists the tags of an MFA device by key.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADeviceTags.html.
func (s *Service) ListMFADeviceTags(ctx context.Context, in *ListMFADeviceTagsInput) (*ListMFADeviceTagsOutput, error) {
	account, _ := call(ctx)
	out := new(ListMFADeviceTagsOutput)
	err := s.dir.View(ctx, func(r store.Reader) (err error) {
		d := s.device(r, account, in.SerialNumber)
		if d == nil {
			return noSuchDevice(in.SerialNumber)
		}
		out.Tags, out.Marker, err = listTags(&d.Entity, in.Marker, in.MaxItems)
		return err
	})
	out.IsTruncated = out.Marker != ""
	return out, err
}
