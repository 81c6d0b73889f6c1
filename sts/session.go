package sts

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
)

// Credentials are temporary credentials.
type Credentials struct {
	AccessKeyId     string
	SecretAccessKey string `trail:"omit"`
	SessionToken    string
	Expiration      time.Time
}

func credentials(c *identity.Credentials) *Credentials {
	return &Credentials{AccessKeyId: c.AccessKeyID, SecretAccessKey: c.Secret, SessionToken: c.Token, Expiration: c.Expires}
}

// tokenSize is the size of the session token, which is answered only where the
// request has a minimum.
func tokenSize(minimum *int, c *identity.Credentials) (size, utilization *int) {
	if minimum == nil {
		return nil, nil
	}
	n := len(c.Token)
	percent := n * 100 / maxToken
	return &n, &percent
}

// maxToken is the longest session token, in bytes.
const maxToken = 4096

func valueOf(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// until is when a session of that many seconds expires.
func until(ctx context.Context, seconds int) time.Time {
	return api.RequestFrom(ctx).Time.Add(time.Duration(seconds) * time.Second).Truncate(time.Second)
}
