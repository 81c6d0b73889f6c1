package organizations

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// Account is an account of an organization.
type Account struct {
	Id              string
	Arn             string
	Email           string `sensitive:"true"`
	Name            string `sensitive:"true"`
	Status          string
	State           string
	Paths           []string
	JoinedMethod    string
	JoinedTimestamp time.Time
}

// CreateAccountStatus is the outcome of a call of CreateAccount.
type CreateAccountStatus struct {
	Id                 string
	AccountName        string `sensitive:"true"`
	State              string
	RequestedTimestamp time.Time
	CompletedTimestamp time.Time
	AccountId          string
	GovCloudAccountId  string
	FailureReason      string
}

// accountShape is an account as it is now. It has both State and the older Status,
// which has fewer values.
func (s *Service) accountShape(r store.Reader, o *identity.Organization, m *identity.Member, now time.Time) *Account {
	shape := &Account{
		Id: m.Account, Arn: o.AccountARN(m.Account), Email: m.Email, Name: m.Name, Status: identity.AccountActive, State: m.State(now),
		JoinedMethod: "CREATED", JoinedTimestamp: m.Joined, Paths: []string{s.dir.PlacePath(r, o, m.Parent) + m.Account + "/"},
	}
	if shape.State != identity.AccountActive {
		shape.Status = identity.AccountSuspended
	}
	if !m.Created {
		shape.JoinedMethod = "INVITED"
	}
	return shape
}

func statusShape(m *identity.Member) *CreateAccountStatus {
	return &CreateAccountStatus{
		Id: m.Request, AccountId: m.Account, AccountName: m.Name, State: "SUCCEEDED",
		RequestedTimestamp: m.Joined, CompletedTimestamp: m.Joined,
	}
}

// CreateAccountInput is the input of CreateAccount.
type CreateAccountInput struct {
	Email                  string `check:"required,min=6,max=64" pattern:"[^\\s@]+@[^\\s@]+\\.[^\\s@]+" sensitive:"true"`
	AccountName            string `check:"required,min=1,max=50" pattern:"[\\u0020-\\u007E]+" sensitive:"true"`
	RoleName               string `check:"max=64" pattern:"[\\w+=,.@-]{1,64}"`
	IamUserAccessToBilling string `enum:"ALLOW|DENY"`
	Tags                   []Tag
}

// CreateAccountOutput is the output of CreateAccount.
type CreateAccountOutput struct {
	CreateAccountStatus *CreateAccountStatus
}

// accessRole is the role that the management account can assume in a new
// account.
const accessRole = "OrganizationAccountAccessRole"

// administrator is the managed policy of that role.
const administrator = "policy/AdministratorAccess"

// CreateAccount makes an account below the root, with a role that the
// management account may assume. The account exists when it returns.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html.
func (s *Service) CreateAccount(ctx context.Context, in *CreateAccountInput) (*CreateAccountOutput, error) {
	r := api.RequestFrom(ctx)
	out := new(CreateAccountOutput)
	err := s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		for m := range s.dir.Members(tx, o.ID) {
			if m.Email == in.Email {
				out.CreateAccountStatus = &CreateAccountStatus{
					Id: s.requestID(), AccountName: in.AccountName, State: "FAILED", FailureReason: "EMAIL_ALREADY_EXISTS",
					RequestedTimestamp: r.Time, CompletedTimestamp: r.Time,
				}
				return nil
			}
		}
		m := &identity.Member{
			Account: s.newAccountID(tx), Organization: o.ID, Parent: o.RootID, Name: in.AccountName, Email: in.Email,
			Created: true, Request: s.requestID(), Joined: r.Time,
		}
		s.dir.PutMember(tx, m)
		s.admit(tx, o, m.Account)
		if err := s.addTags(tx, o, m.Account, in.Tags); err != nil {
			return err
		}
		s.makeAccessRole(tx, o, m.Account, r.Region, in.RoleName)
		out.CreateAccountStatus = statusShape(m)
		return nil
	})
	return out, err
}

func (s *Service) requestID() string { return "car-" + s.ids.Hex(32) }

// newAccountID is the id of an account that is in no organization.
func (s *Service) newAccountID(r store.Reader) string {
	for {
		n, err := strconv.ParseUint(s.ids.Hex(15), 16, 64)
		if err != nil {
			panic("organizations: " + err.Error()) // ids gives hexadecimal digits
		}
		id := strconv.FormatUint(100_000_000_000+n%900_000_000_000, 10)
		if s.dir.Member(r, id) == nil {
			return id
		}
	}
}

func (s *Service) makeAccessRole(tx store.Tx, o *identity.Organization, account, region, name string) {
	if name == "" {
		name = accessRole
	}
	if s.dir.Roles.Get(tx, account, name) != nil {
		return
	}
	role := &identity.Role{
		Entity:     s.dir.NewEntity(tx, identity.RolePrefix, account, region, "", name),
		Trust:      identity.AccountTrust(o.Management, o.Partition),
		MaxSession: identity.DefaultMaxSession,
	}
	role.Attached = []string{"arn:" + o.Partition + ":iam::aws:" + administrator}
	s.dir.Roles.Put(tx, role)
}

// DescribeCreateAccountStatusInput is the input of DescribeCreateAccountStatus.
type DescribeCreateAccountStatusInput struct {
	CreateAccountRequestId string `check:"required,max=36" pattern:"^car-[a-z0-9]{8,32}$"`
}

// DescribeCreateAccountStatusOutput is the output of DescribeCreateAccountStatus.
type DescribeCreateAccountStatusOutput struct {
	CreateAccountStatus *CreateAccountStatus
}

// DescribeCreateAccountStatus returns the outcome of a call of CreateAccount
// that made an account.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeCreateAccountStatus.html.
func (s *Service) DescribeCreateAccountStatus(ctx context.Context, in *DescribeCreateAccountStatusInput) (*DescribeCreateAccountStatusOutput, error) {
	out := new(DescribeCreateAccountStatusOutput)
	err := s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		for m := range s.dir.Members(r, o.ID) {
			if m.Request == in.CreateAccountRequestId {
				out.CreateAccountStatus = statusShape(m)
				return nil
			}
		}
		return errStatus
	})
	return out, err
}

// DescribeAccountInput is the input of DescribeAccount.
type DescribeAccountInput struct {
	AccountId string `check:"required,max=12" pattern:"^\\d{12}$"`
}

// DescribeAccountOutput is the output of DescribeAccount.
type DescribeAccountOutput struct {
	Account *Account
}

// DescribeAccount describes an account of the organization.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeAccount.html.
func (s *Service) DescribeAccount(ctx context.Context, in *DescribeAccountInput) (*DescribeAccountOutput, error) {
	out := new(DescribeAccountOutput)
	err := s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		m := s.member(r, o, in.AccountId)
		if m == nil {
			return errAccount
		}
		out.Account = s.accountShape(r, o, m, api.RequestFrom(ctx).Time)
		return nil
	})
	return out, err
}

// member is the organization's account of that id, or nil.
func (s *Service) member(r store.Reader, o *identity.Organization, account string) *identity.Member {
	if m := s.dir.Member(r, account); m != nil && m.Organization == o.ID {
		return m
	}
	return nil
}

// ListAccountsInput is the input of ListAccounts.
type ListAccountsInput struct {
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults *int   `check:"min=1,max=20"`
}

// ListAccountsOutput is the output of ListAccounts.
type ListAccountsOutput struct {
	Accounts  []Account
	NextToken string
}

// ListAccounts lists the organization's accounts.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html.
func (s *Service) ListAccounts(ctx context.Context, in *ListAccountsInput) (*ListAccountsOutput, error) {
	accounts, next, err := s.accounts(ctx, "", in.NextToken, in.MaxResults)
	return &ListAccountsOutput{Accounts: accounts, NextToken: next}, err
}

// ListAccountsForParentInput is the input of ListAccountsForParent.
type ListAccountsForParentInput struct {
	ParentId   string `check:"required,max=100" pattern:"^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"`
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults *int   `check:"min=1,max=20"`
}

// ListAccountsForParentOutput is the output of ListAccountsForParent.
type ListAccountsForParentOutput struct {
	Accounts  []Account
	NextToken string
}

// ListAccountsForParent lists the accounts directly below the root or a unit.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html.
func (s *Service) ListAccountsForParent(ctx context.Context, in *ListAccountsForParentInput) (*ListAccountsForParentOutput, error) {
	accounts, next, err := s.accounts(ctx, in.ParentId, in.NextToken, in.MaxResults)
	return &ListAccountsForParentOutput{Accounts: accounts, NextToken: next}, err
}

func (s *Service) accounts(ctx context.Context, parent, token string, limit *int) (part []Account, next string, err error) {
	var accounts []Account
	err = s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		accounts = accounts[:0]
		if parent != "" && !s.isParent(r, o, parent) {
			return errParent
		}
		for m := range s.dir.Members(r, o.ID) {
			if parent == "" || m.Parent == parent {
				accounts = append(accounts, *s.accountShape(r, o, m, api.RequestFrom(ctx).Time))
			}
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return page(accounts, func(a Account) string { return a.Id }, token, limit)
}

// RemoveAccountFromOrganizationInput is the input of RemoveAccountFromOrganization.
type RemoveAccountFromOrganizationInput struct {
	AccountId string `check:"required,max=12" pattern:"^\\d{12}$"`
}

// RemoveAccountFromOrganizationOutput is the output of RemoveAccountFromOrganization.
type RemoveAccountFromOrganizationOutput struct{}

// RemoveAccountFromOrganization removes an account from the organization.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_RemoveAccountFromOrganization.html.
func (s *Service) RemoveAccountFromOrganization(ctx context.Context, in *RemoveAccountFromOrganizationInput) (*RemoveAccountFromOrganizationOutput, error) {
	return new(RemoveAccountFromOrganizationOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		switch {
		case s.member(tx, o, in.AccountId) == nil:
			return errAccount
		case in.AccountId == o.Management:
			return errMaster
		case o.Delegates(in.AccountId, ""):
			return errRemoveDelegate
		}
		s.detachAll(tx, o, in.AccountId)
		s.dir.PutOrgTags(tx, o.ID, in.AccountId, nil)
		s.dir.DeleteMember(tx, in.AccountId)
		return nil
	})
}

// detachAll detaches every policy from a root, unit or account that is removed.
func (s *Service) detachAll(tx store.Tx, o *identity.Organization, id string) {
	for _, c := range slices.Collect(s.dir.Controls(tx, o.ID)) {
		if slices.Contains(c.Targets, id) {
			c = s.dir.EditControl(tx, o.ID, c.ID)
			c.Targets = slices.DeleteFunc(c.Targets, func(t string) bool { return t == id })
			s.dir.PutControl(tx, c)
		}
	}
}

// MoveAccountInput is the input of MoveAccount.
type MoveAccountInput struct {
	AccountId           string `check:"required,max=12" pattern:"^\\d{12}$"`
	SourceParentId      string `check:"required,max=100" pattern:"^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"`
	DestinationParentId string `check:"required,max=100" pattern:"^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"`
}

// MoveAccountOutput is the output of MoveAccount.
type MoveAccountOutput struct{}

// MoveAccount moves an account from one parent to another.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_MoveAccount.html.
func (s *Service) MoveAccount(ctx context.Context, in *MoveAccountInput) (*MoveAccountOutput, error) {
	return new(MoveAccountOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		m := s.member(tx, o, in.AccountId)
		switch {
		case m == nil:
			return errAccount
		case !s.isParent(tx, o, in.SourceParentId) || m.Parent != in.SourceParentId:
			return errSource
		case !s.isParent(tx, o, in.DestinationParentId):
			return errDestination
		case in.SourceParentId == in.DestinationParentId:
			return errDuplicateMove
		}
		moved := *m
		moved.Parent = in.DestinationParentId
		s.dir.PutMember(tx, &moved)
		return nil
	})
}
