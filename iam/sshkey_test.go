package iam_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/iam"
)

// A key that ssh-keygen made, in OpenSSH's form and in PEM, and its fingerprint as
// `ssh-keygen -l -E md5` shows it.
const (
	sshBody        = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCy159aT7535F0RbKNZ/3MIBLxq4VbabmSpbcTZxmRy8pLwQkNQOACyXlhwefQ5s4p8yMgX2JEFVnze8klYwxeqgX+kzJn6GFyoc/2a4QXGr7LTo2VKIjZfGH17xcjVrWn6XiKk9D8dXq4bKsXGqUMb8gbzFfdshqjr4yg2c9bGGjQWvnHi/NC0+nDPAEAFcGoHUZvt9tTtXVQQPimfjxhNci8bNj/vtaPQbqi56VQ75Ca6uuXoVpGXuToOAKO9qIjxqz1LgLn1syFp56NYVtprJcoue9ecl0+5FifXjpqWXoLnS0w3D7S4LmtciPY/f0euxuHtUR/WZqhDYyM4Qvz1 someone@example"
	sshFingerprint = "23:0c:89:be:cb:df:3c:f1:96:1f:e4:ae:12:88:f2:7e"
	sshPEM         = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAstefWk++d+RdEWyjWf9z
CAS8auFW2m5kqW3E2cZkcvKS8EJDUDgAsl5YcHn0ObOKfMjIF9iRBVZ83vJJWMMX
qoF/pMyZ+hhcqHP9muEFxq+y06NlSiI2Xxh9e8XI1a1p+l4ipPQ/HV6uGyrFxqlD
G/IG8xX3bIao6+MoNnPWxho0Fr5x4vzQtPpwzwBABXBqB1Gb7fbU7V1UED4pn48Y
TXIvGzY/77Wj0G6ouelUO+Qmurrl6FaRl7k6DgCjvaiI8as9S4C59bMhaeejWFba
ayXKLnvXnJdPuRYn146all6C50tMNw+0uC5rXIj2P39Hrsbh7VEf1maoQ2MjOEL8
9QIDAQAB
-----END PUBLIC KEY-----
`
)

// rsaPEM is a new public key in PEM.
func rsaPEM(t *testing.T, bits int) string {
	t.Helper()
	key := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, bits))
	der := must[[]byte](t)(x509.MarshalPKIXPublicKey(&key.PublicKey))
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func TestSSHPublicKey(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	upload := func(body string) (*iam.SSHPublicKey, error) {
		out, err := w.UploadSSHPublicKey(w.ctx(), &iam.UploadSSHPublicKeyInput{UserName: "u", SSHPublicKeyBody: body})
		if err != nil {
			return nil, err
		}
		return out.SSHPublicKey, nil
	}
	made := must[*iam.SSHPublicKey](t)(upload(sshBody))
	want := &iam.SSHPublicKey{UserName: "u", SSHPublicKeyId: made.SSHPublicKeyId, SSHPublicKeyBody: sshBody, Fingerprint: sshFingerprint, Status: "Active", UploadDate: start}
	if diff := cmp.Diff(want, made); diff != "" || !strings.HasPrefix(made.SSHPublicKeyId, "APKA") {
		t.Error(diff, made.SSHPublicKeyId)
	}
	get := func(id, encoding string) (string, error) {
		out, err := w.GetSSHPublicKey(w.ctx(), &iam.GetSSHPublicKeyInput{UserName: "u", SSHPublicKeyId: id, Encoding: encoding})
		if err != nil {
			return "", err
		}
		return out.SSHPublicKey.SSHPublicKeyBody, nil
	}
	if got := must[string](t)(get(made.SSHPublicKeyId, "SSH")); got != sshBody {
		t.Errorf("SSH: %s", got)
	}
	if got := must[string](t)(get(made.SSHPublicKeyId, "PEM")); got != sshPEM {
		t.Errorf("PEM: %s", got)
	}
	_, err := get(made.SSHPublicKeyId, "DER")
	fails(t, err, "UnrecognizedPublicKeyEncoding", 400, "The public key encoding DER is not recognized.")
	_, err = get("APKANONENONENONENONE0", "SSH")
	fails(t, err, "NoSuchEntity", 404, "The Public Key with id APKANONENONENONENONE0 cannot be found.")
	_, err = upload(sshPEM)
	fails(t, err, "DuplicateSSHPublicKey", 400, "The SSH public key is already associated with the user.")
	wire := must[[]byte](t)(base64.StdEncoding.DecodeString(strings.Fields(sshBody)[1]))
	for _, bad := range []string{
		"no key", "ssh-rsa AAAA", "ssh-ed25519 " + strings.Fields(sshBody)[1], "ssh-rsa not-base64!", rsaPEM(t, 1024),
		"ssh-rsa " + base64.StdEncoding.EncodeToString(wire[:20]), "ssh-rsa " + base64.StdEncoding.EncodeToString(append(wire, 0)),
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
	} {
		_, err := upload(bad)
		fails(t, err, "InvalidPublicKey", 400, "The SSH public key is malformed or not an RSA key of at least 2048 bits.")
	}
	asPEM := must[*iam.SSHPublicKey](t)(upload(rsaPEM(t, 2048)))
	if got := must[string](t)(get(asPEM.SSHPublicKeyId, "SSH")); !strings.HasPrefix(got, "ssh-rsa AAAAB3NzaC1yc2E") {
		t.Errorf("PEM as SSH: %s", got)
	}
	for range 3 {
		must[*iam.SSHPublicKey](t)(upload(rsaPEM(t, 2048)))
	}
	_, err = upload(rsaPEM(t, 2048))
	fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for SSHPublicKeysPerUser: 5")
}

func TestSSHPublicKeyStates(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	id := must[*iam.UploadSSHPublicKeyOutput](t)(w.UploadSSHPublicKey(w.ctx(), &iam.UploadSSHPublicKeyInput{UserName: "u", SSHPublicKeyBody: sshBody})).SSHPublicKey.SSHPublicKeyId
	update := func(status string) error {
		_, err := w.UpdateSSHPublicKey(w.ctx(), &iam.UpdateSSHPublicKeyInput{UserName: "u", SSHPublicKeyId: id, Status: status})
		return err
	}
	fails(t, update("Expired"), "InvalidInput", 400, "The status of an SSH public key cannot be set to Expired.")
	if err := update("Inactive"); err != nil {
		t.Error(err)
	}
	list := must[*iam.ListSSHPublicKeysOutput](t)(w.ListSSHPublicKeys(w.as(w.who("user/u")), &iam.ListSSHPublicKeysInput{}))
	want := &iam.ListSSHPublicKeysOutput{SSHPublicKeys: []iam.SSHPublicKeyMetadata{{UserName: "u", SSHPublicKeyId: id, Status: "Inactive", UploadDate: start}}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	_, err := w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "u"})
	fails(t, err, "DeleteConflict", 409, "Cannot delete entity, must remove referenced objects first.")
	must[*iam.DeleteSSHPublicKeyOutput](t)(w.DeleteSSHPublicKey(w.ctx(), &iam.DeleteSSHPublicKeyInput{UserName: "u", SSHPublicKeyId: id}))
	none := fmt.Sprintf("The Public Key with id %s cannot be found.", id)
	fails(t, update("Active"), "NoSuchEntity", 404, none)
	_, err = w.DeleteSSHPublicKey(w.ctx(), &iam.DeleteSSHPublicKeyInput{UserName: "u", SSHPublicKeyId: id})
	fails(t, err, "NoSuchEntity", 404, none)
	must[*iam.DeleteUserOutput](t)(w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "u"}))
}
