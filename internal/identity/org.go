package identity

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The types of policy that an organization has here.
const (
	SCP = "SERVICE_CONTROL_POLICY"
	RCP = "RESOURCE_CONTROL_POLICY"
)

// The policies that AWS attaches everywhere when a type is enabled.
const (
	FullAccess    = "p-FullAWSAccess"
	RCPFullAccess = "p-RCPFullAWSAccess"
)

// AllFeatures is the feature set of an organization that has more than consolidated
// billing.
const AllFeatures = "ALL"

// Organization is an AWS organization with its root.
type Organization struct {
	ID         string // o-…
	RootID     string // r-…
	Management string // account
	Partition  string
	FeatureSet string
	Enabled    []string     `json:",omitempty"` // types of policy
	Trusted    []Trusted    `json:",omitempty"`
	Delegated  []Delegation `json:",omitempty"`
	// RootFeatures are those of IAM's central root access that are on, in the
	// order of rootFeatures.
	RootFeatures []string `json:",omitempty"`
}

// Trusted is a service that has access to an organization.
type Trusted struct {
	Service string
	Since   time.Time
}

// Delegation lets an account administer a service of an organization.
type Delegation struct {
	Account, Service string
	Since            time.Time
}

// Trusts reports whether a service has access to the organization.
func (o *Organization) Trusts(service string) bool {
	return slices.ContainsFunc(o.Trusted, func(t Trusted) bool { return t.Service == service })
}

// Delegates reports whether an account administers a service; "": any.
func (o *Organization) Delegates(account, service string) bool {
	return slices.ContainsFunc(o.Delegated, func(d Delegation) bool {
		return d.Account == account && (service == "" || d.Service == service)
	})
}

func (o *Organization) arn(resource string) string {
	return arn.ARN{Partition: o.Partition, Service: "organizations", AccountID: o.Management, Resource: resource}.String()
}

// ARN is the organization's ARN.
func (o *Organization) ARN() string { return o.arn("organization/" + o.ID) }

// RootARN is the root's ARN.
func (o *Organization) RootARN() string { return o.arn("root/" + o.ID + "/" + o.RootID) }

// AccountARN is the ARN of a member account.
func (o *Organization) AccountARN(account string) string {
	return o.arn("account/" + o.ID + "/" + account)
}

// UnitARN is the ARN of an organizational unit.
func (o *Organization) UnitARN(id string) string { return o.arn("ou/" + o.ID + "/" + id) }

// Unit is an organizational unit.
type Unit struct {
	ID, Organization, Parent, Name string
}

// Member is an account's place in an organization.
type Member struct {
	Account      string
	Organization string
	Parent       string // the root or an organizational unit
	Name, Email  string
	Created      bool // by CreateAccount
	Request      string
	Joined       time.Time
	Closed       time.Time `json:",omitzero"` // by CloseAccount
}

// The states of an account.
const (
	AccountActive    = "ACTIVE"
	AccountSuspended = "SUSPENDED"
	AccountClosed    = "CLOSED"
)

// reopenDays is for how many days a closed account is only suspended.
const reopenDays = 90

// State is the state of an account at a time.
func (m *Member) State(now time.Time) string {
	switch {
	case m.Closed.IsZero():
		return AccountActive
	case now.Before(m.Closed.AddDate(0, 0, reopenDays)):
		return AccountSuspended
	default:
		return AccountClosed
	}
}

// Control is a service control policy or resource control policy.
type Control struct {
	ID, Organization  string
	Type              string
	Name, Description string
	Document          string
	AWS               bool     `json:",omitempty"` // AWS's own
	Targets           []string `json:",omitempty"` // ids of roots, units and accounts
	ARN               string
	policy            *policyeval.Policy
}

// Load implements store.Loader.
func (c *Control) Load() (err error) {
	c.policy, err = compile(c.ARN, c.Document)
	return err
}

// NewControl is a policy of the organization that is attached to nothing.
func NewControl(o *Organization, kind, id, name, description, document string) *Control {
	return &Control{
		ID: id, Organization: o.ID, Type: kind, Name: name, Description: description, Document: document,
		ARN: o.arn("policy/" + o.ID + "/" + strings.ToLower(kind) + "/" + id),
	}
}

// NewFullAccess is the policy of AWS that allows everything, for a type of policy.
func NewFullAccess(o *Organization, kind string) *Control {
	id, document := FullAccess, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	if kind == RCP {
		id, document = RCPFullAccess, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`
	}
	name := strings.TrimPrefix(id, "p-")
	return &Control{
		ID: id, Organization: o.ID, Type: kind, Name: name, AWS: true, Document: document,
		Description: "Allows access to every operation",
		ARN: arn.ARN{
			Partition: o.Partition, Service: "organizations", AccountID: awsAccount,
			Resource: "policy/" + strings.ToLower(kind) + "/" + id,
		}.String(),
	}
}

// orgTables are the records of organizations.
type orgTables struct {
	organizations *store.Table[Organization] // by id
	members       *store.Table[Member]       // by account
	units         *store.Table[Unit]         // by id
	controls      *store.Table[Control]      // by organization and id
	tags          *store.Table[orgTags]      // by organization and id
}

type orgTags struct{ Tags []resource.Tag }

func newOrgTables() orgTables {
	return orgTables{
		store.NewTable[Organization](bucketOrganization), store.NewTable[Member](bucketMember),
		store.NewTable[Unit](bucketUnit), store.NewTable[Control](bucketControl), store.NewTable[orgTags](bucketOrgTags),
	}
}

// Member is the account's place in an organization, or nil. It must not be
// changed.
func (d *Directory) Member(r store.Reader, account string) *Member {
	return d.org.members.Get(r, account)
}

// PutMember stores an account's place in an organization.
func (d *Directory) PutMember(tx store.Tx, m *Member) { d.org.members.Put(tx, m.Account, m) }

// DeleteMember takes an account out of its organization.
func (d *Directory) DeleteMember(tx store.Tx, account string) { d.org.members.Delete(tx, account) }

// Members yields the accounts of an organization in the order of their ids.
func (d *Directory) Members(r store.Reader, organization string) iter.Seq[*Member] {
	return filter(d.org.members.Scan(r, "", "", store.All), func(m *Member) bool { return m.Organization == organization })
}

// Organization is the organization of that id, or nil; not to be changed.
func (d *Directory) Organization(r store.Reader, id string) *Organization {
	return d.org.organizations.Get(r, id)
}

// EditOrganization is a copy of the organization for the caller to change and
// PutOrganization, or nil.
func (d *Directory) EditOrganization(tx store.Tx, id string) *Organization {
	return d.org.organizations.Edit(tx, id)
}

// PutOrganization stores an organization.
func (d *Directory) PutOrganization(tx store.Tx, o *Organization) {
	d.org.organizations.Put(tx, o.ID, o)
}

// DeleteOrganization removes an organization with its units and policies.
func (d *Directory) DeleteOrganization(tx store.Tx, o *Organization) {
	for _, c := range slices.Collect(d.Controls(tx, o.ID)) {
		d.DeleteControl(tx, c)
	}
	for _, u := range slices.Collect(d.Units(tx, o.ID)) {
		d.org.units.Delete(tx, u.ID)
	}
	tagged := maps.Collect(d.org.tags.Scan(tx, o.ID+"\x00", "", store.All))
	for key := range tagged {
		d.org.tags.Delete(tx, key)
	}
	d.org.organizations.Delete(tx, o.ID)
}

// Unit is the organizational unit of that id, or nil; not to be changed.
func (d *Directory) Unit(r store.Reader, id string) *Unit { return d.org.units.Get(r, id) }

// PutUnit stores an organizational unit.
func (d *Directory) PutUnit(tx store.Tx, u *Unit) { d.org.units.Put(tx, u.ID, u) }

// DeleteUnit removes an organizational unit.
func (d *Directory) DeleteUnit(tx store.Tx, id string) { d.org.units.Delete(tx, id) }

// Units yields the units of an organization in the order of their ids.
func (d *Directory) Units(r store.Reader, organization string) iter.Seq[*Unit] {
	return filter(d.org.units.Scan(r, "", "", store.All), func(u *Unit) bool { return u.Organization == organization })
}

// Control is the organization's policy of that id, or nil; not to be changed.
func (d *Directory) Control(r store.Reader, organization, id string) *Control {
	return d.org.controls.Get(r, organization+"\x00"+id)
}

// EditControl is a copy of the policy for the caller to change and PutControl, or nil.
func (d *Directory) EditControl(tx store.Tx, organization, id string) *Control {
	return d.org.controls.Edit(tx, organization+"\x00"+id)
}

// PutControl stores a policy of an organization.
func (d *Directory) PutControl(tx store.Tx, c *Control) {
	d.org.controls.Put(tx, c.Organization+"\x00"+c.ID, c)
}

// DeleteControl removes a policy of an organization.
func (d *Directory) DeleteControl(tx store.Tx, c *Control) {
	d.org.controls.Delete(tx, c.Organization+"\x00"+c.ID)
}

// Controls yields an organization's policies in the order of their ids.
func (d *Directory) Controls(r store.Reader, organization string) iter.Seq[*Control] {
	return filter(d.org.controls.Scan(r, organization+"\x00", "", store.All), func(*Control) bool { return true })
}

// OrgTags are the tags of a root, unit, account or policy of an organization;
// not to be changed.
func (d *Directory) OrgTags(r store.Reader, organization, id string) []resource.Tag {
	if t := d.org.tags.Get(r, organization+"\x00"+id); t != nil {
		return t.Tags
	}
	return nil
}

// PutOrgTags replaces the tags of a root, unit, account or policy.
func (d *Directory) PutOrgTags(tx store.Tx, organization, id string, tags []resource.Tag) {
	if len(tags) == 0 {
		d.org.tags.Delete(tx, organization+"\x00"+id)
		return
	}
	d.org.tags.Put(tx, organization+"\x00"+id, &orgTags{tags})
}

func filter[T any](all iter.Seq2[string, *T], keep func(*T) bool) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, record := range all {
			if keep(record) && !yield(record) {
				return
			}
		}
	}
}

// Closed reports whether the account was closed: its credentials are refused, and no
// new ones are issued.
func (d *Directory) Closed(r store.Reader, account string) bool {
	m := d.Member(r, account)
	return m != nil && !m.Closed.IsZero()
}

// Membership is what calls need to know about an account's organization.
type Membership struct {
	OrgID string // aws:PrincipalOrgID, aws:ResourceOrgID, aws:SourceOrgID
	Path  string // aws:PrincipalOrgPaths …: o-…/r-…/ou-…/
	// SCPs limit the account's principals and RCPs its resources: one entry
	// for each level from the root down to the account. nil: not limited,
	// as the management account is not.
	SCPs, RCPs [][]*policyeval.Policy
}

// Membership is the membership of the account; nil where it is in no
// organization. It is shared and must not be changed.
func (d *Directory) Membership(ctx context.Context, account string) (*Membership, error) {
	var m *Membership
	err := d.View(ctx, func(r store.Reader) error {
		m = d.membership(r, d.generation(r), account)
		return nil
	})
	return m, err
}

// Memberships is Membership for up to three accounts; for an empty account the result
// is nil. Memberships that are cached for the generation, if that is not empty, are
// returned without a transaction. So a request needs a single transaction to find its
// caller and the memberships.
func (d *Directory) Memberships(ctx context.Context, generation string, accounts [3]string) (found [3]*Membership, err error) {
	known := generation != ""
	for i, account := range accounts {
		if known && account != "" {
			found[i], known = d.keptMembership(generation, account)
		}
	}
	if known {
		return found, nil
	}
	return d.lookUpMemberships(ctx, accounts)
}

func (d *Directory) lookUpMemberships(ctx context.Context, accounts [3]string) (found [3]*Membership, err error) {
	err = d.View(ctx, func(r store.Reader) error {
		generation := d.generation(r)
		for i, account := range accounts {
			if account != "" {
				found[i] = d.membership(r, generation, account)
			}
		}
		return nil
	})
	return found, err
}

// keptMembership is a cached membership, valid for one generation; nil: the account was
// in no organization.
type keptMembership struct {
	generation string
	*Membership
}

func (d *Directory) keptMembership(generation, account string) (m *Membership, known bool) {
	k, ok := d.memberships.get(account)
	return k.Membership, ok && k.generation == generation
}

// membership is Membership within a transaction that reads the given generation of the
// identities.
func (d *Directory) membership(r store.Reader, generation, account string) *Membership {
	if generation == "" {
		return nil
	}
	if m, known := d.keptMembership(generation, account); known {
		return m
	}
	m := d.readMembership(r, account)
	d.memberships.put(strings.Clone(account), keptMembership{generation, m})
	return m
}

// organizationOf is the organization of an account, and its place there; nil: it is in none.
func (d *Directory) organizationOf(r store.Reader, account string) (*Organization, *Member) {
	member := d.Member(r, account)
	if member == nil {
		return nil, nil
	}
	return d.Organization(r, member.Organization), member
}

func (d *Directory) readMembership(r store.Reader, account string) *Membership {
	o, member := d.organizationOf(r, account)
	if o == nil {
		return nil
	}
	m := &Membership{OrgID: o.ID, Path: d.PlacePath(r, o, member.Parent)}
	levels := append(d.levels(r, o, member.Parent), account)
	if account != o.Management {
		m.SCPs, m.RCPs = d.controls(r, o, SCP, levels), d.controls(r, o, RCP, levels)
	}
	return m
}

// PlacePath is the path of a root or unit: o-…/r-…/ou-…/.
func (d *Directory) PlacePath(r store.Reader, o *Organization, id string) string {
	return o.ID + "/" + strings.Join(d.levels(r, o, id), "/") + "/"
}

// levels are the ids from the root down to a root or unit.
func (d *Directory) levels(r store.Reader, o *Organization, id string) []string {
	var levels []string
	for id != o.RootID {
		levels = append(levels, id)
		u := d.Unit(r, id)
		if u == nil {
			break
		}
		id = u.Parent
	}
	levels = append(levels, o.RootID)
	slices.Reverse(levels)
	return levels
}

// controls are the policies of one type at each level; nil where the type is not enabled.
func (d *Directory) controls(r store.Reader, o *Organization, kind string, levels []string) [][]*policyeval.Policy {
	if !slices.Contains(o.Enabled, kind) {
		return nil
	}
	out := make([][]*policyeval.Policy, len(levels))
	for i, c := range d.controlsAt(r, o, kind, levels) {
		out[i] = append(out[i], c.policy)
	}
	return out
}

// controlsAt yields the policies of one type with the index of the level that they are
// attached to.
func (d *Directory) controlsAt(r store.Reader, o *Organization, kind string, levels []string) iter.Seq2[int, *Control] {
	return func(yield func(int, *Control) bool) {
		for c := range d.Controls(r, o.ID) {
			for i, id := range levels {
				if c.Type == kind && slices.Contains(c.Targets, id) && !yield(i, c) {
					return
				}
			}
		}
	}
}

// AttachedControl is a policy of an organization and what it is attached to.
type AttachedControl struct {
	*Control
	Target string // the id of the root, a unit or the account
}

// SCPsOf are the SCPs that limit the principals of an account: from the root down, at each
// level by name.
func (d *Directory) SCPsOf(r store.Reader, account string) []AttachedControl {
	o, member := d.organizationOf(r, account)
	if o == nil || account == o.Management || !slices.Contains(o.Enabled, SCP) {
		return nil
	}
	levels := append(d.levels(r, o, member.Parent), account)
	at := make([][]AttachedControl, len(levels))
	for i, c := range d.controlsAt(r, o, SCP, levels) {
		at[i] = append(at[i], AttachedControl{c, levels[i]})
	}
	for _, level := range at {
		slices.SortFunc(level, func(a, b AttachedControl) int { return strings.Compare(a.Name, b.Name) })
	}
	return slices.Concat(at...)
}

// govern adds to the caller the membership and the SCPs of its account.
func (d *Directory) govern(r store.Reader, c *api.Caller) {
	if m := d.membership(r, d.generation(r), c.Account); m != nil {
		c.OrgID, c.OrgPath = m.OrgID, m.Path
		c.Policies.SCPs = m.SCPs
	}
}
