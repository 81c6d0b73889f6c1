package iam

import (
	"context"
	"iter"
	"regexp"
	"strings"

	"github.com/waxseal/waxseal/internal/store"
)

// quotas are how many of each an account may have.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
var quotas = map[string]int{"Users": 5000, "Groups": 300, "Roles": 1000, "Policies": 1500, "InstanceProfiles": 1000, "ServerCertificates": 20}

// checkQuota refuses one more of a kind of entity when the account has reached its
// quota.
func checkQuota[T any](what string, all iter.Seq[*T]) error {
	if count(all) >= quotas[what] {
		return exceeds(what+"PerAccount", quotas[what])
	}
	return nil
}

func count[T any](all iter.Seq[*T]) (n int) {
	for range all {
		n++
	}
	return n
}

// GetAccountSummaryInput is the input of GetAccountSummary.
type GetAccountSummaryInput struct{}

// GetAccountSummaryOutput is the output of GetAccountSummary.
type GetAccountSummaryOutput struct {
	SummaryMap map[string]int
}

// GetAccountSummary counts what the account has and tells its quotas.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html.
func (s *Service) GetAccountSummary(ctx context.Context, _ *GetAccountSummaryInput) (*GetAccountSummaryOutput, error) {
	account, _ := call(ctx)
	m := map[string]int{
		"AccessKeysPerUserQuota": maxAccessKeys, "AssumeRolePolicySizeQuota": maxTrustSize,
		"AttachedPoliciesPerGroupQuota": maxAttached, "AttachedPoliciesPerRoleQuota": maxAttached, "AttachedPoliciesPerUserQuota": maxAttached,
		"GlobalEndpointTokenVersion": 1, "GroupPolicySizeQuota": inlineQuota[kindGroup], "GroupsPerUserQuota": maxGroupsPerUser,
		"PolicySizeQuota": maxPolicySize, "PolicyVersionsInUseQuota": 10_000, "RolePolicySizeQuota": inlineQuota[kindRole],
		"SigningCertificatesPerUserQuota": maxCertificates, "UserPolicySizeQuota": inlineQuota[kindUser],
		"VersionsPerPolicyQuota": maxVersions,
		"AccountMFAEnabled":      0, "AccountPasswordPresent": 0, "AccountSigningCertificatesPresent": 0,
	}
	for what, quota := range quotas {
		m[what+"Quota"] = quota
	}
	err := s.dir.View(ctx, func(r store.Reader) error {
		m["Users"] = count(s.dir.Users.All(r, account, ""))
		m["Groups"] = count(s.dir.Groups.All(r, account, ""))
		m["Roles"] = count(s.dir.Roles.All(r, account, ""))
		m["InstanceProfiles"] = count(s.dir.Profiles.All(r, account, ""))
		m["ServerCertificates"] = count(s.dir.ServerCertificates.All(r, account, ""))
		m["Providers"] = count(s.dir.Providers.All(r, account, "")) + count(s.dir.SAMLProviders.All(r, account, ""))
		devices, owned, policies, versions := 0, 0, 0, 0
		for d := range s.dir.Devices.All(r, account, "") {
			devices++
			if d.Owner != "" {
				owned++
			}
		}
		for p := range s.dir.Policies.All(r, account, "") {
			policies++
			versions += len(p.Versions)
		}
		m["MFADevices"], m["MFADevicesInUse"], m["Policies"], m["PolicyVersionsInUse"] = devices, owned, policies, versions
		a := s.dir.Account(r, account)
		m["AccountAccessKeysPresent"] = min(1, len(a.RootKeys))
		if !a.RootLogin.IsZero() {
			m["AccountPasswordPresent"] = 1
		}
		return nil
	})
	return &GetAccountSummaryOutput{SummaryMap: m}, err
}

// CreateAccountAliasInput is the input of CreateAccountAlias.
type CreateAccountAliasInput struct {
	AccountAlias string `check:"required,min=3,max=63"`
}

// CreateAccountAliasOutput is the output of CreateAccountAlias.
type CreateAccountAliasOutput struct{}

// aliasPattern is AWS's pattern of an alias. Its look-ahead, no hyphen after a
// hyphen, is not RE2's, so that it is checked beside validAlias.
const aliasPattern = `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`

var validAlias = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

// CreateAccountAlias gives the account its alias, in place of the one that it
// has. No other account can have the same.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html.
func (s *Service) CreateAccountAlias(ctx context.Context, in *CreateAccountAliasInput) (*CreateAccountAliasOutput, error) {
	if !validAlias.MatchString(in.AccountAlias) || strings.Contains(in.AccountAlias, "--") {
		return nil, errValidation.With("1 validation error detected: Value at 'accountAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: " + aliasPattern)
	}
	account, _ := call(ctx)
	return new(CreateAccountAliasOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		if owner := s.dir.AliasOwner(tx, in.AccountAlias); owner != "" {
			return errExists.Withf("The account alias %s already exists.", in.AccountAlias)
		}
		a := s.dir.EditAccount(tx, account)
		a.Alias = in.AccountAlias
		s.dir.PutAccount(tx, account, a)
		return nil
	})
}

// ListAccountAliasesInput is the input of ListAccountAliases.
type ListAccountAliasesInput struct {
	Marker   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems *int   `check:"min=1,max=1000"`
}

// ListAccountAliasesOutput is the output of ListAccountAliases.
type ListAccountAliasesOutput struct {
	AccountAliases []string
	IsTruncated    bool
	Marker         string
}

// ListAccountAliases lists the account's alias: there is one at most.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html.
func (s *Service) ListAccountAliases(ctx context.Context, in *ListAccountAliasesInput) (*ListAccountAliasesOutput, error) {
	account, _ := call(ctx)
	var aliases []string
	err := s.dir.View(ctx, func(r store.Reader) error {
		aliases = aliases[:0]
		if alias := s.dir.Account(r, account).Alias; alias != "" {
			aliases = append(aliases, alias)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(aliases, func(alias string) string { return alias }, in.Marker, in.MaxItems)
	return &ListAccountAliasesOutput{AccountAliases: part, IsTruncated: next != "", Marker: next}, err
}

// DeleteAccountAliasInput is the input of DeleteAccountAlias.
type DeleteAccountAliasInput struct {
	AccountAlias string `check:"required,min=3,max=63"`
}

// DeleteAccountAliasOutput is the output of DeleteAccountAlias.
type DeleteAccountAliasOutput struct{}

// DeleteAccountAlias removes the account's alias.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountAlias.html.
func (s *Service) DeleteAccountAlias(ctx context.Context, in *DeleteAccountAliasInput) (*DeleteAccountAliasOutput, error) {
	account, _ := call(ctx)
	return new(DeleteAccountAliasOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		a := s.dir.EditAccount(tx, account)
		if a.Alias != in.AccountAlias {
			return errNoSuchEntity.Withf("The account alias %s cannot be found.", in.AccountAlias)
		}
		a.Alias = ""
		s.dir.PutAccount(tx, account, a)
		return nil
	})
}
