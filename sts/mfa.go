package sts

import (
	"context"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// mfaCode is the MFA code of a request, with the serial number of the device.
type mfaCode struct{ serial, code string }

// given reports whether the request has a code or a serial number.
func (m mfaCode) given() bool { return m.serial != "" || m.code != "" }

// checkCode says what is wrong with the code, if the request has one. It does not mark
// the code as used, because the call may still fail later.
func (s *Service) checkCode(ctx context.Context, m mfaCode) error {
	if !m.given() {
		return nil
	}
	return s.dir.View(ctx, func(r store.Reader) error {
		_, err := s.accepted(ctx, r, m)
		return err
	})
}

// useCode marks the code as used, if the request has one, and returns the time of use:
// zero where it has none.
func (s *Service) useCode(ctx context.Context, m mfaCode) (time.Time, error) {
	if !m.given() {
		return time.Time{}, nil
	}
	return api.RequestFrom(ctx).Time, s.dir.Update(ctx, func(tx store.Tx) error { return s.use(ctx, tx, m) })
}

// use is useCode within a transaction.
func (s *Service) use(ctx context.Context, tx store.Tx, m mfaCode) error {
	if !m.given() {
		return nil
	}
	after, err := s.accepted(ctx, tx, m)
	if err == nil {
		s.dir.Devices.Put(tx, after)
	}
	return err
}

// accepted is the calling user's device with the code marked as used [I069]
// [I070].
func (s *Service) accepted(ctx context.Context, r store.Reader, m mfaCode) (*identity.MFADevice, error) {
	if m.serial == "" || m.code == "" {
		return nil, errMFABoth
	}
	caller := api.RequestFrom(ctx).Caller
	_, name, _ := strings.Cut(m.serial, ":mfa")
	device := s.dir.Devices.Get(r, caller.Account, name)
	if caller.Type != policyeval.User || device == nil || device.ARN() != m.serial || device.Owner != caller.ID {
		return nil, errMFADevice
	}
	after, ok, err := s.dir.Accepts(device, m.code)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errMFACode
	}
	return after, nil
}

// setMFAKeys sets the condition keys of a request with a valid code. Only this request
// has them, and not the session that it makes [I072].
func setMFAKeys(c *policyeval.Context, m mfaCode) {
	if m.given() {
		c.Set("aws:MultiFactorAuthPresent", "true")
		c.Set("aws:MultiFactorAuthAge", "0")
	}
}
