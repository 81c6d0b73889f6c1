package identity

import (
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// What a user has besides passwords, access keys and MFA devices. No secrets of
// these are stored.

// SSHKey is a public key for AWS CodeCommit.
type SSHKey struct {
	ID       string // APKA…
	Body     string // as it was uploaded
	Wire     []byte // the key as SSH sends it
	Inactive bool   `json:",omitempty"`
	Uploaded time.Time
}

// Certificate is an X.509 signing certificate.
type Certificate struct {
	ID       string
	Body     string // PEM, as it was uploaded
	Inactive bool   `json:",omitempty"`
	Uploaded time.Time
}

// ServiceCredential is a user name and password, or an API key, for one service.
type ServiceCredential struct {
	ID       string // ACCA…
	Service  string // such as codecommit.amazonaws.com
	Name     string // the user name, or the key's alias
	Inactive bool   `json:",omitempty"`
	Created  time.Time
	Expires  time.Time `json:",omitzero"`
}

// ServerCertificate is a TLS certificate of the account.
type ServerCertificate struct {
	Entity
	Body    string // PEM, as it was uploaded
	Chain   string `json:",omitempty"`
	Expires time.Time
}

// ARN is arn:P:iam::A:server-certificate/PATH/NAME.
func (c *ServerCertificate) ARN() string { return c.arn("server-certificate") }

// Report is an account's credential report.
type Report struct {
	Generated time.Time
	Content   []byte // CSV
}

// Report is the account's credential report, or nil.
func (d *Directory) Report(r store.Reader, account string) *Report { return d.reports.Get(r, account) }

// PutReport stores the account's credential report in place of the one before.
func (d *Directory) PutReport(tx store.Tx, account string, report *Report) {
	d.reports.Put(tx, account, report)
}
