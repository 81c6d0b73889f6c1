package kms

import (
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The schema. Everything is kept per account and region, so keys of the store begin with both:
//
//	kms.key        ACCOUNT/REGION/ID                     keyRecord
//	kms.material   ACCOUNT/REGION/ID/MATERIAL            the material's bytes, wrapped by the HSM
//	kms.usage      ACCOUNT/REGION/ID                     usageRecord: the last use, at most an hour behind
//	kms.alias      ACCOUNT/REGION/alias/NAME             aliasRecord
//	kms.grant      ACCOUNT/REGION/ID/GRANT               grantRecord
//	kms.grantee    ACCOUNT/REGION/ID/PRINCIPAL/GRANT     nothing: a key's grants by their grantee
//	kms.retirable  REGION/PRINCIPAL/ACCOUNT/ID/GRANT     nothing: grants by their retiring principal
//	kms.samegrant  ACCOUNT/REGION/ID/DIGEST              a grant's id: named grants by all their parameters
//	kms.store      ACCOUNT/REGION/STORE                  storeRecord: a custom key store
//	kms.storekey   ACCOUNT/REGION/STORE/ID               nothing: the keys of a custom key store
//
// where PRINCIPAL is a digest of the principal (ARNs may hold slashes).

// place is the account and the region of keys and aliases.
type place struct{ account, region string }

func (p place) prefix() string { return p.account + "/" + p.region + "/" }

// key is the name of one of the place's records.
func (p place) key(id string) string { return p.account + "/" + p.region + "/" + id }

// arn is the ARN of a resource of the place, such as key/ID or alias/NAME.
func (p place) arn(resource string) string {
	return arn.New("kms", p.region, p.account, resource).String()
}

// keyRecord is a KMS key: everything but its key material.
type keyRecord struct {
	Account, Region, ID string
	Created             time.Time
	Description         string
	Spec, Usage, Origin string
	Manager             string
	Disabled            bool `json:",omitempty"`
	// DeletionDate is when the key will be deleted.
	DeletionDate time.Time `json:",omitzero"`
	// PendingWindow is the waiting period, in days, of a multi-Region primary
	// key that is to be deleted once its replicas are gone.
	PendingWindow int `json:",omitempty"`
	// Busy is Creating or Updating until BusyUntil.
	Busy      string    `json:",omitempty"`
	BusyUntil time.Time `json:",omitzero"`
	Policy    string    // as it was put
	// PolicyEpoch is when the policy was put: the policy means the principals of that time.
	PolicyEpoch uint64            `json:",omitempty"`
	Tags        map[string]string `json:",omitempty"`
	// Aliases are the names of the key's aliases.
	Aliases []string `json:",omitempty"`
	// Materials are oldest first. Current is the id of the one that encrypts;
	// empty where none was ever imported.
	Materials []material
	Current   string
	Rotation  rotation `json:",omitzero"`
	// Primary is the region of a multi-Region key's primary key, Replicas
	// those of the others; both empty for other keys.
	Primary  string   `json:",omitempty"`
	Replicas []string `json:",omitempty"`
	// Store is the custom key store that holds the key.
	Store  string `json:",omitempty"`
	XksKey string `json:",omitempty"`
	// Grants is how many grants the key has.
	Grants int `json:",omitempty"`

	store.Version `json:"-"`
	name          string
	arn           string
	compiled      *policyeval.Policy
	due           time.Time
}

// material is what is known about one piece of a key's material.
type material struct {
	// ID is 64 hexadecimal digits: AWS's KeyMaterialId.
	ID string
	// Rotated is when it became the current one and RotationType why; zero for a key's first.
	Rotated      time.Time `json:",omitzero"`
	RotationType string    `json:",omitempty"`
	// Public is the public key, as a SubjectPublicKeyInfo.
	Public []byte `json:",omitempty"`

	// The rest is only for imported material. Missing: its bytes are not stored, because
	// they expired, were deleted or were not imported into this replica yet.
	Missing bool `json:",omitempty"`
	// Pending material becomes current with the next rotation.
	Pending     bool      `json:",omitempty"`
	Expires     time.Time `json:",omitzero"`
	Description string    `json:",omitempty"`
}

// rotation is how a key rotates. In a multi-Region key the primary's is in force.
type rotation struct {
	Enabled bool `json:",omitempty"`
	// Period is in days.
	Period int       `json:",omitempty"`
	Next   time.Time `json:",omitzero"`
	// OnDemand counts the rotations that were asked for.
	OnDemand int `json:",omitempty"`
}

// Load implements store.Loader.
func (k *keyRecord) Load() error {
	k.name, k.arn = k.place().key(k.ID), k.place().arn("key/"+k.ID)
	k.due = k.deadline()
	var err error
	k.compiled, err = k.compile()
	return err
}

// deadline is when something is due for the key next; zero: never.
func (k *keyRecord) deadline() time.Time {
	first := k.DeletionDate
	sooner := func(t time.Time) {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if k.rotates() {
		sooner(k.Rotation.Next)
	}
	for i := range k.Materials {
		if !k.Materials[i].Missing {
			sooner(k.Materials[i].Expires)
		}
	}
	return first
}

// rotates reports whether the key rotates automatically now. A key that cannot be used
// does not rotate until it can be used again.
func (k *keyRecord) rotates() bool {
	return k.Rotation.Enabled && !k.Disabled && k.DeletionDate.IsZero() && k.PendingWindow == 0 && !k.isReplica()
}

func (k *keyRecord) place() place { return place{k.Account, k.Region} }

// key is the record's name in the store.
func (k *keyRecord) key() string { return k.name }

// material is the material of the given id, or nil.
func (k *keyRecord) material(id string) *material {
	i := slices.IndexFunc(k.Materials, func(m material) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return &k.Materials[i]
}

// forgetMaterial removes a piece of material from the record.
func (k *keyRecord) forgetMaterial(id string) {
	k.Materials = slices.DeleteFunc(k.Materials, func(m material) bool { return m.ID == id })
}

// pending is the material that awaits rotation, or nil.
func (k *keyRecord) pending() *material {
	i := slices.IndexFunc(k.Materials, func(m material) bool { return m.Pending })
	if i < 0 {
		return nil
	}
	return &k.Materials[i]
}

func (k *keyRecord) isMultiRegion() bool { return k.Primary != "" }

func (k *keyRecord) isReplica() bool { return k.isMultiRegion() && k.Primary != k.Region }

// relatives are the places of the other keys of the same multi-Region key.
func (k *keyRecord) relatives() []place {
	if !k.isMultiRegion() {
		return nil
	}
	var places []place
	for _, region := range append([]string{k.Primary}, k.Replicas...) {
		if region != k.Region {
			places = append(places, place{k.Account, region})
		}
	}
	return places
}

type aliasRecord struct {
	Account, Region string
	// Name begins with alias/.
	Name             string
	Target           string // a key id
	Created, Updated time.Time
}

func (a *aliasRecord) place() place { return place{a.Account, a.Region} }

const (
	materialBucket  = "kms.material\x00"
	granteeBucket   = "kms.grantee\x00"
	retirableBucket = "kms.retirable\x00"
	sameGrantBucket = "kms.samegrant\x00"
	storeKeyBucket  = "kms.storekey\x00"
)
