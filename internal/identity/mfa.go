package identity

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what authenticator apps compute (RFC 6238)
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
)

// MFADevice is a virtual MFA device. Its name begins with its path, because
// names need to be unique only within a path.
type MFADevice struct {
	Entity
	Sealed  []byte    // the seed, wrapped
	Owner   string    `json:",omitempty"` // the unique id of the user that has it; empty: nobody
	Enabled time.Time `json:",omitzero"`
	Drift   int64     `json:",omitempty"` // how many steps its clock is ahead
	Used    []int64   `json:",omitempty"` // the steps whose codes were used, newest last
}

// ARN is arn:P:iam::A:mfa/PATH/NAME, the device's serial number.
func (m *MFADevice) ARN() string { return m.arn("mfa") }

// The codes of a device: RFC 6238 with SHA-1 and six digits.
const (
	stepSeconds = 30
	seedSize    = 40 // bytes, 64 characters in base 32
	// near is how many steps a code may be late or early.
	near = 1
	// The drift that a device may have when it is assigned, and when it is
	// synchronized anew, in steps.
	assignDrift = 10
	resyncDrift = 24 * 60 * 60 / stepSeconds
	// keptSteps is how many used steps are remembered: more than can be valid at the
	// same time.
	keptSteps = 16
)

// NewMFADevice is a device with a fresh seed, which is given in base 32.
func (d *Directory) NewMFADevice(e Entity) (device *MFADevice, seed string) {
	secret := make([]byte, seedSize)
	_, _ = rand.Read(secret) // never fails
	device = &MFADevice{Entity: e}
	device.Sealed = d.hsm.Wrap(secret, seedLabel(device))
	return device, base32.StdEncoding.EncodeToString(secret)
}

func seedLabel(m *MFADevice) string { return "mfa " + m.ARN() }

// Code is the code that an authenticator shows for a seed at a time.
func Code(seed string, t time.Time) (string, error) {
	secret, err := base32.StdEncoding.DecodeString(seed)
	return code(secret, stepOf(t)), err
}

func stepOf(t time.Time) int64 { return t.Unix() / stepSeconds }

func code(seed []byte, step int64) string {
	mac := hmac.New(sha1.New, seed)
	_ = binary.Write(mac, binary.BigEndian, step) // writing to a hash never fails
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// steps are the present step by the clock, which tests turn, and the one by
// real time, which authenticator apps use.
func (d *Directory) steps() [2]int64 { return [2]int64{stepOf(d.clock.Now()), stepOf(clock.Real())} }

// seed is the secret from which a device computes its codes.
func (d *Directory) seed(m *MFADevice) ([]byte, error) {
	seed, err := d.hsm.Unwrap(m.Sealed, seedLabel(m))
	if err != nil {
		return nil, fmt.Errorf("identity: MFA device %s: %w", m.ARN(), err)
	}
	return seed, nil
}

// Accepts reports whether the device shows the code now and it was not used
// yet. after is the device with the code marked as used.
func (d *Directory) Accepts(m *MFADevice, given string) (after *MFADevice, ok bool, err error) {
	seed, err := d.seed(m)
	if err != nil {
		return nil, false, err
	}
	for _, now := range d.steps() {
		for step := now + m.Drift - near; step <= now+m.Drift+near; step++ {
			if code(seed, step) == given && !slices.Contains(m.Used, step) {
				return m.using(step), true, nil
			}
		}
	}
	return nil, false, nil
}

// using is the device after the codes of those steps were used.
func (m *MFADevice) using(steps ...int64) *MFADevice {
	after := *m
	after.Used = append(slices.Clone(m.Used), steps...)
	after.Used = after.Used[max(0, len(after.Used)-keptSteps):]
	return &after
}

// Assigned checks two codes, of one step and the next, with which a user proves
// to have the device. after is the device with the codes marked as used; false:
// they are not its codes. Resynced does the same for a device whose clock may
// be far off.
func (d *Directory) Assigned(m *MFADevice, first, second string) (after *MFADevice, ok bool, err error) {
	return d.paired(m, first, second, assignDrift)
}

// Resynced is described at Assigned.
func (d *Directory) Resynced(m *MFADevice, first, second string) (after *MFADevice, ok bool, err error) {
	return d.paired(m, first, second, resyncDrift)
}

// paired looks for the two codes from the least drift to the largest.
func (d *Directory) paired(m *MFADevice, first, second string, most int64) (after *MFADevice, ok bool, err error) {
	seed, err := d.seed(m)
	if err != nil {
		return nil, false, err
	}
	for distance := range most + 1 {
		for _, now := range d.steps() {
			for _, drift := range []int64{-distance, distance} {
				step := now + drift // of the second code, which was read last
				if code(seed, step) != second || code(seed, step-1) != first || slices.Contains(m.Used, step) {
					continue
				}
				after := m.using(step-1, step)
				if after.Drift = 0; distance > near {
					after.Drift = drift
				}
				return after, true, nil
			}
		}
	}
	return nil, false, nil
}
