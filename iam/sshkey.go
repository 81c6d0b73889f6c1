package iam

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // the form of the fingerprints that AWS shows
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// The limits of SSH keys [I140] [I143].
const (
	maxSSHKeys = 5
	minSSHBits = 2048
)

// The encodings of an SSH key.
const (
	encodingSSH = "SSH"
	encodingPEM = "PEM"
)

// SSHPublicKey is an SSH key of a user.
type SSHPublicKey struct {
	UserName         string
	SSHPublicKeyId   string
	Fingerprint      string
	SSHPublicKeyBody string
	Status           string
	UploadDate       time.Time
}

// SSHPublicKeyMetadata is an SSH key without the key itself.
type SSHPublicKeyMetadata struct {
	UserName       string
	SSHPublicKeyId string
	Status         string
	UploadDate     time.Time
}

// statusOf names a state.
func statusOf(isInactive bool) string {
	if isInactive {
		return inactive
	}
	return active
}

// isInactive is the state that a request asks for: that something has expired is
// for AWS alone to say.
func isInactive(what, status string) (bool, error) {
	if status != active && status != inactive {
		return false, errInvalidInput.Withf("The status of %s cannot be set to %s.", what, status)
	}
	return status == inactive, nil
}

func sshShape(u *identity.User, k *identity.SSHKey, body string) *SSHPublicKey {
	sum := md5.Sum(k.Wire) //nolint:gosec // see above
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = hex.EncodeToString([]byte{b})
	}
	return &SSHPublicKey{
		UserName: u.Name, SSHPublicKeyId: k.ID, Fingerprint: strings.Join(pairs, ":"), SSHPublicKeyBody: body,
		Status: statusOf(k.Inactive), UploadDate: seconds(k.Uploaded),
	}
}

const sshRSA = "ssh-rsa"

// sshWire is a public key, given as OpenSSH or as PEM writes it, as SSH sends it;
// false where it is no RSA key of the size that AWS asks for.
func sshWire(body string) (wire []byte, ok bool) {
	var key *rsa.PublicKey
	if block, _ := pem.Decode([]byte(body)); block != nil {
		key = parsePEM(block)
	} else if fields := strings.Fields(body); len(fields) >= 2 && fields[0] == sshRSA {
		wire, err := base64.StdEncoding.DecodeString(fields[1])
		if err != nil {
			return nil, false
		}
		key = parseWire(wire)
	}
	if key == nil || key.N.BitLen() < minSSHBits {
		return nil, false
	}
	return writeWire(key), true
}

func parsePEM(block *pem.Block) *rsa.PublicKey {
	if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
		return key
	}
	key, _ := x509.ParsePKIXPublicKey(block.Bytes)
	rsaKey, _ := key.(*rsa.PublicKey)
	return rsaKey
}

// parseWire reads the three strings of an ssh-rsa key (RFC 4253, section 6.6).
func parseWire(wire []byte) *rsa.PublicKey {
	var parts [3][]byte
	for i := range parts {
		if len(wire) < 4 {
			return nil
		}
		n := binary.BigEndian.Uint32(wire)
		if wire = wire[4:]; uint64(n) > uint64(len(wire)) {
			return nil
		}
		parts[i], wire = wire[:n], wire[n:]
	}
	exponent := new(big.Int).SetBytes(parts[1])
	if string(parts[0]) != sshRSA || len(wire) > 0 || !exponent.IsInt64() || exponent.Int64() > 1<<31-1 {
		return nil
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(parts[2]), E: int(exponent.Int64())}
}

func writeWire(key *rsa.PublicKey) (wire []byte) {
	for _, part := range [][]byte{[]byte(sshRSA), positive(big.NewInt(int64(key.E))), positive(key.N)} {
		wire = binary.BigEndian.AppendUint32(wire, uint32(len(part)))
		wire = append(wire, part...)
	}
	return wire
}

// positive is a number whose first bit says so.
func positive(n *big.Int) []byte { return n.FillBytes(make([]byte, n.BitLen()/8+1)) }

// sshBody is a key in an encoding: as it was uploaded where that is in the same.
func sshBody(k *identity.SSHKey, encoding string) (string, error) {
	isPEM := !strings.HasPrefix(strings.TrimSpace(k.Body), sshRSA)
	switch {
	case encoding != encodingSSH && encoding != encodingPEM:
		return "", errEncoding.Withf("The public key encoding %s is not recognized.", encoding)
	case isPEM == (encoding == encodingPEM):
		return k.Body, nil
	case encoding == encodingSSH:
		return sshRSA + " " + base64.StdEncoding.EncodeToString(k.Wire), nil
	}
	der, err := x509.MarshalPKIXPublicKey(parseWire(k.Wire))
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), err
}

// UploadSSHPublicKeyInput is the input of UploadSSHPublicKey.
type UploadSSHPublicKeyInput struct {
	UserName         string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	SSHPublicKeyBody string `check:"required,min=1,max=16384" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
}

// UploadSSHPublicKeyOutput is the output of UploadSSHPublicKey.
type UploadSSHPublicKeyOutput struct {
	SSHPublicKey *SSHPublicKey
}

// UploadSSHPublicKey gives a user an SSH key.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html.
func (s *Service) UploadSSHPublicKey(ctx context.Context, in *UploadSSHPublicKeyInput) (*UploadSSHPublicKeyOutput, error) {
	out := new(UploadSSHPublicKeyOutput)
	err := s.editUser(ctx, in.UserName, func(tx store.Tx, u *identity.User) error {
		wire, ok := sshWire(in.SSHPublicKeyBody)
		switch {
		case !ok:
			return errPublicKey
		case slices.ContainsFunc(u.SSHKeys, func(k identity.SSHKey) bool { return bytes.Equal(k.Wire, wire) }):
			return errDuplicateSSH
		case len(u.SSHKeys) >= maxSSHKeys:
			return exceeds("SSHPublicKeysPerUser", maxSSHKeys)
		}
		k := identity.SSHKey{ID: s.dir.NewID(tx, "APKA"), Body: in.SSHPublicKeyBody, Wire: wire, Uploaded: now(ctx)}
		u.SSHKeys = append(u.SSHKeys, k)
		out.SSHPublicKey = sshShape(u, &k, k.Body)
		return nil
	})
	return out, err
}

// GetSSHPublicKeyInput is the input of GetSSHPublicKey.
type GetSSHPublicKeyInput struct {
	UserName       string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	SSHPublicKeyId string `check:"required,min=20,max=128" pattern:"[\\w]+"`
	Encoding       string `check:"required"`
}

// GetSSHPublicKeyOutput is the output of GetSSHPublicKey.
type GetSSHPublicKeyOutput struct {
	SSHPublicKey *SSHPublicKey
}

// GetSSHPublicKey shows an SSH key of a user, as OpenSSH or as PEM writes it.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetSSHPublicKey.html.
func (s *Service) GetSSHPublicKey(ctx context.Context, in *GetSSHPublicKeyInput) (*GetSSHPublicKeyOutput, error) {
	u, err := s.findUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	i := sshIndex(u, in.SSHPublicKeyId)
	if i < 0 {
		return nil, noSuchSSHKey(in.SSHPublicKeyId)
	}
	body, err := sshBody(&u.SSHKeys[i], in.Encoding)
	if err != nil {
		return nil, err
	}
	return &GetSSHPublicKeyOutput{sshShape(u, &u.SSHKeys[i], body)}, nil
}

func sshIndex(u *identity.User, id string) int {
	return slices.IndexFunc(u.SSHKeys, func(k identity.SSHKey) bool { return k.ID == id })
}

func noSuchSSHKey(id string) error {
	return errNoSuchEntity.Withf("The Public Key with id %s cannot be found.", id)
}

// ListSSHPublicKeysInput is the input of ListSSHPublicKeys.
type ListSSHPublicKeysInput struct {
	UserName string `check:"min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Marker   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems *int   `check:"min=1,max=1000"`
}

// ListSSHPublicKeysOutput is the output of ListSSHPublicKeys.
type ListSSHPublicKeysOutput struct {
	SSHPublicKeys []SSHPublicKeyMetadata
	IsTruncated   bool
	Marker        string
}

// ListSSHPublicKeys lists the SSH keys of a user: the calling one where none is
// named.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSSHPublicKeys.html.
func (s *Service) ListSSHPublicKeys(ctx context.Context, in *ListSSHPublicKeysInput) (*ListSSHPublicKeysOutput, error) {
	u, err := s.ownUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	keys := []SSHPublicKeyMetadata{}
	for _, k := range u.SSHKeys {
		keys = append(keys, SSHPublicKeyMetadata{UserName: u.Name, SSHPublicKeyId: k.ID, Status: statusOf(k.Inactive), UploadDate: seconds(k.Uploaded)})
	}
	part, next, err := page(keys, func(k SSHPublicKeyMetadata) string { return k.UploadDate.Format(time.RFC3339) + k.SSHPublicKeyId }, in.Marker, in.MaxItems)
	return &ListSSHPublicKeysOutput{SSHPublicKeys: part, Marker: next, IsTruncated: next != ""}, err
}

// UpdateSSHPublicKeyInput is the input of UpdateSSHPublicKey.
type UpdateSSHPublicKeyInput struct {
	UserName       string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	SSHPublicKeyId string `check:"required,min=20,max=128" pattern:"[\\w]+"`
	Status         string `check:"required" enum:"Active|Inactive|Expired"`
}

// UpdateSSHPublicKeyOutput is the output of UpdateSSHPublicKey.
type UpdateSSHPublicKeyOutput struct{}

// UpdateSSHPublicKey activates or deactivates an SSH key.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSSHPublicKey.html.
func (s *Service) UpdateSSHPublicKey(ctx context.Context, in *UpdateSSHPublicKeyInput) (*UpdateSSHPublicKeyOutput, error) {
	return new(UpdateSSHPublicKeyOutput), s.editUser(ctx, in.UserName, func(_ store.Tx, u *identity.User) (err error) {
		i := sshIndex(u, in.SSHPublicKeyId)
		if i < 0 {
			return noSuchSSHKey(in.SSHPublicKeyId)
		}
		u.SSHKeys[i].Inactive, err = isInactive("an SSH public key", in.Status)
		return err
	})
}

// DeleteSSHPublicKeyInput is the input of DeleteSSHPublicKey.
type DeleteSSHPublicKeyInput struct {
	UserName       string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	SSHPublicKeyId string `check:"required,min=20,max=128" pattern:"[\\w]+"`
}

// DeleteSSHPublicKeyOutput is the output of DeleteSSHPublicKey.
type DeleteSSHPublicKeyOutput struct{}

// DeleteSSHPublicKey deletes an SSH key.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSSHPublicKey.html.
func (s *Service) DeleteSSHPublicKey(ctx context.Context, in *DeleteSSHPublicKeyInput) (*DeleteSSHPublicKeyOutput, error) {
	return new(DeleteSSHPublicKeyOutput), s.editUser(ctx, in.UserName, func(_ store.Tx, u *identity.User) error {
		i := sshIndex(u, in.SSHPublicKeyId)
		if i < 0 {
			return noSuchSSHKey(in.SSHPublicKeyId)
		}
		u.SSHKeys = slices.Delete(u.SSHKeys, i, i+1)
		return nil
	})
}
