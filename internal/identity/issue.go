package identity

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// Issued are credentials in the format of the container credentials endpoint
// of Amazon ECS.
//
// See https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html.
type Issued struct {
	RoleARN         string    `json:"RoleArn,omitempty"` // empty for a user
	AccessKeyID     string    `json:"AccessKeyId"`
	SecretAccessKey string    `json:"SecretAccessKey"`
	Token           string    `json:"Token,omitempty"`
	Expiration      time.Time `json:"Expiration,omitzero"`
}

// issuedFor is how long issued credentials last. SDKs fetch new ones before that.
const issuedFor = time.Hour

// sessionName is the name of the sessions that waxseal itself makes: for `exec
// --as`, the control API and the credentials endpoint.
const sessionName = "waxseal"

// Issue makes credentials for root, role/NAME, user/NAME of the account or
// their ARN. No policy is evaluated. region determines only the partition of a
// root user. It fails with ErrNotFound.
func (d *Directory) Issue(ctx context.Context, account, region, spec string) (*Issued, error) {
	issued := new(Issued)
	err := d.engine.Update(ctx, func(tx store.Tx) error {
		p, err := d.find(tx, account, region, spec)
		if err != nil {
			return err
		}
		s := Session{Kind: KindIssued, Expires: d.clock.Now().Add(issuedFor).Truncate(time.Second)}
		roleARN := ""
		switch {
		case p.role != nil:
			s.Account, s.Partition, s.Principal = p.role.Account, p.role.Partition, p.role.ID
			s.Kind, s.Name, roleARN = KindRole, p.session, p.role.ARN()
		case p.user != nil:
			s.Account, s.Partition, s.Principal = p.user.Account, p.user.Partition, p.user.ID
		default:
			s.Account, s.Partition, s.Principal = p.root, p.part, p.root
		}
		c, err := d.addSession(tx, s)
		if err != nil {
			return err
		}
		*issued = Issued{roleARN, c.AccessKeyID, c.Secret, c.Token, c.Expires}
		return nil
	})
	return issued, err
}
