package iam

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// maxServiceCredentials is how many a user may have for one service [I150].
const maxServiceCredentials = 2

// credentialServices are the services that have such credentials; true: they are
// API keys, which can have an end [I155].
var credentialServices = map[string]bool{
	"codecommit.amazonaws.com": false, "cassandra.amazonaws.com": false, "bedrock.amazonaws.com": true,
}

// ServiceSpecificCredential is a user's credential for one service. Its secret is
// shown where it is made, and never again.
type ServiceSpecificCredential struct {
	CreateDate                  time.Time
	ExpirationDate              time.Time
	ServiceName                 string
	ServiceUserName             string
	ServicePassword             string `sensitive:"true" trail:"omit"`
	ServiceCredentialAlias      string
	ServiceCredentialSecret     string `sensitive:"true" trail:"omit"`
	ServiceSpecificCredentialId string
	UserName                    string
	Status                      string
}

// ServiceSpecificCredentialMetadata is a credential without its secret.
type ServiceSpecificCredentialMetadata struct {
	UserName                    string
	Status                      string
	ServiceUserName             string
	ServiceCredentialAlias      string
	CreateDate                  time.Time
	ExpirationDate              time.Time
	ServiceSpecificCredentialId string
	ServiceName                 string
}

func credentialMetadata(u *identity.User, c *identity.ServiceCredential, now time.Time) ServiceSpecificCredentialMetadata {
	shape := ServiceSpecificCredentialMetadata{
		UserName: u.Name, Status: statusOf(c.Inactive), CreateDate: seconds(c.Created), ExpirationDate: seconds(c.Expires),
		ServiceSpecificCredentialId: c.ID, ServiceName: c.Service,
	}
	if !c.Expires.IsZero() && !now.Before(c.Expires) {
		shape.Status = "Expired"
	}
	if credentialServices[c.Service] {
		shape.ServiceCredentialAlias = c.Name
	} else {
		shape.ServiceUserName = c.Name
	}
	return shape
}

// newCredentialSecret is the credential with a fresh secret. It is not kept, for
// no service here would ask for it.
func newCredentialSecret(u *identity.User, c *identity.ServiceCredential, now time.Time) *ServiceSpecificCredential {
	m := credentialMetadata(u, c, now)
	shape := &ServiceSpecificCredential{
		CreateDate: m.CreateDate, ExpirationDate: m.ExpirationDate, ServiceName: m.ServiceName, ServiceUserName: m.ServiceUserName,
		ServiceCredentialAlias: m.ServiceCredentialAlias, ServiceSpecificCredentialId: m.ServiceSpecificCredentialId, UserName: m.UserName, Status: m.Status,
	}
	const length = 44
	if credentialServices[c.Service] {
		shape.ServiceCredentialSecret = "ABSK" + base64.StdEncoding.EncodeToString([]byte(c.Name+":"+ids.Secret(length)))
	} else {
		shape.ServicePassword = ids.Secret(length)
	}
	return shape
}

func noSuchService(name string) error { // [I010]
	return errNoSuchEntity.Withf("No such service %s is supported for Service Specific Credentials", name)
}

// CreateServiceSpecificCredentialInput is the input of CreateServiceSpecificCredential.
type CreateServiceSpecificCredentialInput struct {
	UserName          string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	ServiceName       string `check:"required"`
	CredentialAgeDays *int   `check:"min=1,max=36600"`
}

// CreateServiceSpecificCredentialOutput is the output of CreateServiceSpecificCredential.
type CreateServiceSpecificCredentialOutput struct {
	ServiceSpecificCredential *ServiceSpecificCredential
}

// CreateServiceSpecificCredential gives a user a credential for one service.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html.
func (s *Service) CreateServiceSpecificCredential(ctx context.Context, in *CreateServiceSpecificCredentialInput) (*CreateServiceSpecificCredentialOutput, error) {
	out := new(CreateServiceSpecificCredentialOutput)
	err := s.editUser(ctx, in.UserName, func(tx store.Tx, u *identity.User) error {
		isKey, known := credentialServices[in.ServiceName]
		switch {
		case !known:
			return noSuchService(in.ServiceName)
		case in.CredentialAgeDays != nil && !isKey:
			return errValidation.Withf("CredentialAgeDays is not supported for %s", in.ServiceName)
		}
		name, err := credentialName(u, in.ServiceName)
		if err != nil {
			return err
		}
		c := identity.ServiceCredential{ID: s.dir.NewID(tx, "ACCA"), Service: in.ServiceName, Name: name, Created: now(ctx)}
		if in.CredentialAgeDays != nil {
			c.Expires = c.Created.AddDate(0, 0, *in.CredentialAgeDays)
		}
		u.ServiceCredentials = append(u.ServiceCredentials, c)
		out.ServiceSpecificCredential = newCredentialSecret(u, &c, now(ctx))
		return nil
	})
	return out, err
}

// credentialName is a name that none of the user's credentials for the service
// has: USER-at-ACCOUNT, then USER+1-at-ACCOUNT.
func credentialName(u *identity.User, service string) (string, error) {
	for i := range maxServiceCredentials {
		name := u.Name + "-at-" + u.Account
		if i > 0 {
			name = fmt.Sprintf("%s+%d-at-%s", u.Name, i, u.Account)
		}
		if !slices.ContainsFunc(u.ServiceCredentials, func(c identity.ServiceCredential) bool { return c.Service == service && c.Name == name }) {
			return name, nil
		}
	}
	return "", exceeds("ServiceSpecificCredentialsPerUser", maxServiceCredentials)
}

// ListServiceSpecificCredentialsInput is the input of ListServiceSpecificCredentials.
type ListServiceSpecificCredentialsInput struct {
	UserName    string `check:"min=1,max=64" pattern:"[\\w+=,.@-]+"`
	ServiceName string
	AllUsers    bool
	Marker      string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems    *int   `check:"min=1,max=1000"`
}

// ListServiceSpecificCredentialsOutput is the output of ListServiceSpecificCredentials.
type ListServiceSpecificCredentialsOutput struct {
	ServiceSpecificCredentials []ServiceSpecificCredentialMetadata
	Marker                     string
	IsTruncated                bool
}

// ListServiceSpecificCredentials lists the credentials of a user, of the calling
// one where none is named, or of all users.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html.
func (s *Service) ListServiceSpecificCredentials(ctx context.Context, in *ListServiceSpecificCredentialsInput) (*ListServiceSpecificCredentialsOutput, error) {
	owners, err := s.credentialOwners(ctx, in)
	if err != nil {
		return nil, err
	}
	if _, known := credentialServices[in.ServiceName]; in.ServiceName != "" && !known {
		return nil, noSuchService(in.ServiceName)
	}
	credentials := []ServiceSpecificCredentialMetadata{}
	for _, u := range owners {
		for i := range u.ServiceCredentials {
			if c := &u.ServiceCredentials[i]; in.ServiceName == "" || c.Service == in.ServiceName {
				credentials = append(credentials, credentialMetadata(u, c, now(ctx)))
			}
		}
	}
	part, next, err := page(credentials, func(c ServiceSpecificCredentialMetadata) string {
		return c.UserName + "\x00" + c.CreateDate.Format(time.RFC3339) + c.ServiceSpecificCredentialId
	}, in.Marker, in.MaxItems)
	return &ListServiceSpecificCredentialsOutput{ServiceSpecificCredentials: part, Marker: next, IsTruncated: next != ""}, err
}

func (s *Service) credentialOwners(ctx context.Context, in *ListServiceSpecificCredentialsInput) (owners []*identity.User, err error) {
	if !in.AllUsers {
		u, err := s.ownUser(ctx, in.UserName)
		return []*identity.User{u}, err
	}
	account, _ := call(ctx)
	err = s.dir.View(ctx, func(r store.Reader) error {
		owners = slices.Collect(s.dir.Users.All(r, account, ""))
		return nil
	})
	return owners, err
}

// UpdateServiceSpecificCredentialInput is the input of UpdateServiceSpecificCredential.
type UpdateServiceSpecificCredentialInput struct {
	UserName                    string `check:"min=1,max=64" pattern:"[\\w+=,.@-]+"`
	ServiceSpecificCredentialId string `check:"required,min=20,max=128" pattern:"[\\w]+"`
	Status                      string `check:"required" enum:"Active|Inactive|Expired"`
}

// UpdateServiceSpecificCredentialOutput is the output of UpdateServiceSpecificCredential.
type UpdateServiceSpecificCredentialOutput struct{}

// UpdateServiceSpecificCredential activates or deactivates a credential.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServiceSpecificCredential.html.
func (s *Service) UpdateServiceSpecificCredential(ctx context.Context, in *UpdateServiceSpecificCredentialInput) (*UpdateServiceSpecificCredentialOutput, error) {
	return new(UpdateServiceSpecificCredentialOutput), s.editCredential(ctx, in.UserName, in.ServiceSpecificCredentialId, func(u *identity.User, i int) (err error) {
		u.ServiceCredentials[i].Inactive, err = isInactive("a service-specific credential", in.Status)
		return err
	})
}

// ResetServiceSpecificCredentialInput is the input of ResetServiceSpecificCredential.
type ResetServiceSpecificCredentialInput struct {
	UserName                    string `check:"min=1,max=64" pattern:"[\\w+=,.@-]+"`
	ServiceSpecificCredentialId string `check:"required,min=20,max=128" pattern:"[\\w]+"`
}

// ResetServiceSpecificCredentialOutput is the output of ResetServiceSpecificCredential.
type ResetServiceSpecificCredentialOutput struct {
	ServiceSpecificCredential *ServiceSpecificCredential
}

// ResetServiceSpecificCredential gives a credential another secret. Its state
// stays [I154].
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResetServiceSpecificCredential.html.
func (s *Service) ResetServiceSpecificCredential(ctx context.Context, in *ResetServiceSpecificCredentialInput) (*ResetServiceSpecificCredentialOutput, error) {
	out := new(ResetServiceSpecificCredentialOutput)
	err := s.editCredential(ctx, in.UserName, in.ServiceSpecificCredentialId, func(u *identity.User, i int) error {
		out.ServiceSpecificCredential = newCredentialSecret(u, &u.ServiceCredentials[i], now(ctx))
		return nil
	})
	return out, err
}

// DeleteServiceSpecificCredentialInput is the input of DeleteServiceSpecificCredential.
type DeleteServiceSpecificCredentialInput struct {
	UserName                    string `check:"min=1,max=64" pattern:"[\\w+=,.@-]+"`
	ServiceSpecificCredentialId string `check:"required,min=20,max=128" pattern:"[\\w]+"`
}

// DeleteServiceSpecificCredentialOutput is the output of DeleteServiceSpecificCredential.
type DeleteServiceSpecificCredentialOutput struct{}

// DeleteServiceSpecificCredential deletes a credential.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceSpecificCredential.html.
func (s *Service) DeleteServiceSpecificCredential(ctx context.Context, in *DeleteServiceSpecificCredentialInput) (*DeleteServiceSpecificCredentialOutput, error) {
	return new(DeleteServiceSpecificCredentialOutput), s.editCredential(ctx, in.UserName, in.ServiceSpecificCredentialId, func(u *identity.User, i int) error {
		u.ServiceCredentials = slices.Delete(u.ServiceCredentials, i, i+1)
		return nil
	})
}

func credentialIndex(u *identity.User, id string) int {
	return slices.IndexFunc(u.ServiceCredentials, func(c identity.ServiceCredential) bool { return c.ID == id })
}

// credentialOwner is the user whose credential a request means: the named user,
// otherwise the calling user, otherwise the user that has the credential.
func (s *Service) credentialOwner(ctx context.Context, user, id string) (*identity.User, error) {
	account, _ := call(ctx)
	if name := or(user, callingUser(ctx)); name != "" {
		return s.findUser(ctx, name)
	}
	var owner *identity.User
	err := s.dir.View(ctx, func(r store.Reader) error {
		for u := range s.dir.Users.All(r, account, "") {
			if credentialIndex(u, id) >= 0 {
				owner = u
				return nil
			}
		}
		return errNoCredential
	})
	return owner, err
}

// editCredential changes the user who has a credential, the i-th of its own.
func (s *Service) editCredential(ctx context.Context, user, id string, edit func(u *identity.User, i int) error) error {
	owner, err := s.credentialOwner(ctx, user, id)
	if err != nil {
		return err
	}
	return s.editUser(ctx, owner.Name, func(_ store.Tx, u *identity.User) error {
		i := credentialIndex(u, id)
		if i < 0 {
			return errNoCredential
		}
		return edit(u, i)
	})
}

// onCredential is an operation on a credential: on its user, with the name of
// its service.
func onCredential[In, Out any](s *Service, name string, m method[In, Out]) api.Operation {
	return operation(name, m, func(ctx context.Context, in In) ([]api.Check, error) {
		t, _, err := s.target(ctx, users, in)
		if err != nil {
			return nil, err
		}
		id := text(in, "ServiceSpecificCredentialId")
		if owner, err := s.credentialOwner(ctx, text(in, users.member), id); err == nil {
			aimAt(&t, in, owner)
			if i := credentialIndex(owner, id); i >= 0 {
				keys := t.Keys
				t.Keys = func(c *policyeval.Context) {
					keys(c)
					c.Set("iam:ServiceSpecificCredentialServiceName", owner.ServiceCredentials[i].Service)
				}
			}
		}
		return []api.Check{{Action: "iam:" + name, Target: t}}, nil
	}, nil)
}
