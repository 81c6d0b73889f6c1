package ec2

import (
	"iter"
	"net/netip"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The schema. Everything is kept per account and region, so keys begin with both:
//
//	ec2.place     ACCOUNT/REGION/            settlement
//	ec2.vpc       ACCOUNT/REGION/ID          vpc
//	ec2.subnet    ACCOUNT/REGION/ID          subnet
//	ec2.token     ACCOUNT/REGION/TOKEN       remembered: the answer to a request with a client token
//	ec2.tokenend  ACCOUNT/REGION/TIME TOKEN  nothing: client tokens by the end of their time
//
// The other kinds of resources stand in the state files of their families.

// record is what the stored records of all kinds of resources have.
type record struct {
	Account, Region, ID string
	Tags                []resource.Tag `json:",omitempty"`

	store.Version `json:"-"`
}

func (r *record) base() *record { return r }

func (r *record) place() place { return place{r.Account, r.Region} }

// entry is a pointer to a stored record of any kind.
type entry interface {
	store.Versioned
	base() *record
	kind() *kind
	// conditionKeys sets EC2's condition keys that tell the resource [X131] [X132].
	conditionKeys(*policyeval.Context)
}

// pointer is a pointer to a stored record of type T.
type pointer[T any] interface {
	*T
	entry
}

// collection is the stored resources of one kind.
type collection[T any, P pointer[T]] struct {
	table *store.Table[T]
	of    *kind
}

// newCollection is the resources of a kind, in a bucket of the store. The service's
// operations on tags know them from then on.
func newCollection[T any, P pointer[T]](s *Service, bucket string, k *kind) *collection[T, P] {
	c := &collection[T, P]{store.NewTable[T](bucket), k}
	s.shelves = append(s.shelves, c)
	return c
}

// get is the resource of an id; nil: there is none.
func (c *collection[T, P]) get(r store.Reader, p place, id string) P {
	return c.table.Get(r, p.key(id))
}

// edit is a copy of the record of an id, to be changed and put.
func (c *collection[T, P]) edit(tx store.Tx, p place, id string) P {
	return c.table.Edit(tx, p.key(id))
}

// put stores a record.
func (c *collection[T, P]) put(tx store.Tx, e P) {
	b := e.base()
	c.table.Put(tx, b.place().key(b.ID), e)
}

// delete removes a record.
func (c *collection[T, P]) delete(tx store.Tx, e P) {
	b := e.base()
	c.table.Delete(tx, b.place().key(b.ID))
}

// all are the resources of a place, in the order of their ids.
func (c *collection[T, P]) all(r store.Reader, p place) iter.Seq[P] {
	return func(yield func(P) bool) {
		for _, e := range c.table.Scan(r, p.prefix(), "", store.All) {
			if !yield(e) {
				return
			}
		}
	}
}

// find is the resource of an id, or the error for an id that is none or names nothing.
func (c *collection[T, P]) find(r store.Reader, p place, id string) (P, error) {
	if err := c.of.check(id); err != nil {
		return nil, err
	}
	e := c.get(r, p, id)
	if e == nil {
		return nil, c.of.notFound(id)
	}
	return e, nil
}

// findAll are the resources of ids. One that is not there is an error for all
// [X019]. No ids at all are those of the whole place.
func (c *collection[T, P]) findAll(r store.Reader, p place, ids []string) ([]P, error) {
	var found []P
	if len(ids) == 0 {
		for e := range c.all(r, p) {
			found = append(found, e)
		}
		return found, nil
	}
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		e, err := c.find(r, p, id)
		if err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id] = true
			found = append(found, e)
		}
	}
	return found, nil
}

// shelf is a collection of any kind, for the operations on tags.
type shelf interface {
	shelved() *kind
	entry(r store.Reader, p place, id string) entry // nil: there is none
	entries(r store.Reader, p place) iter.Seq[entry]
	retag(tx store.Tx, p place, id string, edit func([]resource.Tag) []resource.Tag)
}

func (c *collection[T, P]) shelved() *kind { return c.of }

func (c *collection[T, P]) entry(r store.Reader, p place, id string) entry {
	if e := c.get(r, p, id); e != nil {
		return e
	}
	return nil
}

func (c *collection[T, P]) entries(r store.Reader, p place) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for e := range c.all(r, p) {
			if !yield(e) {
				return
			}
		}
	}
}

func (c *collection[T, P]) retag(tx store.Tx, p place, id string, edit func([]resource.Tag) []resource.Tag) {
	e := c.edit(tx, p, id)
	b := e.base()
	b.Tags = edit(b.Tags)
	c.put(tx, e)
}

// confirm makes sure within a transaction that a resource is as it was when the call
// was decided.
func confirm(r store.Reader, e entry) error { return api.Confirm(r, e, e.kind().notFound(e.base().ID)) }

var vpcKind = &kind{name: "vpc", prefix: "vpc-", malformed: "InvalidVpcId.Malformed", missing: "InvalidVpcID.NotFound", text: "The vpc ID '%s' does not exist"} // [X032]

// vpc is a VPC.
type vpc struct {
	record

	Cidr netip.Prefix
	// Association is the id of the association of the block with the VPC.
	Association string
	Tenancy     string
	IsDefault   bool `json:",omitempty"`
	// The attributes of the VPC.
	DNSSupport, DNSHostnames, UsageMetrics bool `json:",omitempty"`
}

func (v *vpc) kind() *kind { return vpcKind }

func (v *vpc) conditionKeys(c *policyeval.Context) {
	c.Set("ec2:VpcID", v.ID)
	c.Set("ec2:Tenancy", v.Tenancy)
}

var subnetKind = &kind{name: "subnet", prefix: "subnet-", malformed: "InvalidSubnetID.Malformed", missing: "InvalidSubnetID.NotFound", text: "The subnet ID '%s' does not exist"} // [X047]

// subnet is a subnet of a VPC.
type subnet struct {
	record

	Vpc       string
	Cidr      netip.Prefix
	Zone      string // its name
	IsDefault bool   `json:",omitempty"` // for its zone
	// The attributes of the subnet.
	MapPublicIP bool   `json:",omitempty"`
	Hostnames   string // ip-name or resource-name
	DNSA        bool   `json:",omitempty"`
}

func (sn *subnet) kind() *kind { return subnetKind }

func (sn *subnet) conditionKeys(c *policyeval.Context) {
	c.Set("ec2:SubnetID", sn.ID)
	c.Set("ec2:Vpc", sn.place().arn(vpcKind, sn.Vpc))
	c.Set("ec2:AvailabilityZone", sn.Zone)
}
