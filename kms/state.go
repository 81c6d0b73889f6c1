package kms

import (
	"fmt"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The schema. Everything is kept per account and region, so keys of the store begin with both:
//
//	kms.key       ACCOUNT/REGION/ID            keyRecord
//	kms.material  ACCOUNT/REGION/ID/MATERIAL   the material's bytes, wrapped by the HSM
//	kms.alias     ACCOUNT/REGION/alias/NAME    aliasRecord
//	kms.aliasof   ACCOUNT/REGION/ID/alias/NAME nothing: the aliases of a key

// place is an account and a region: where keys and aliases live.
type place struct{ account, region string }

func (p place) prefix() string { return p.account + "/" + p.region + "/" }

// key is the name of one of the place's records.
func (p place) key(id string) string { return p.account + "/" + p.region + "/" + id }

// arn is the ARN of a resource of the place, such as key/ID or alias/NAME.
func (p place) arn(resource string) string { return arn.New("kms", p.region, p.account, resource).String() }

// keyRecord is a KMS key: everything but its key material.
type keyRecord struct {
	Account, Region, ID string
	Created             time.Time
	Description         string
	Spec, Usage, Origin string
	Manager             string
	Disabled            bool
	Policy              string
	Tags                map[string]string `json:",omitempty"`
	// Materials are oldest first. Current is the id of the one that encrypts.
	Materials []material
	Current   string

	arn      string
	compiled *policyeval.Policy
}

// material is what is known about one piece of a key's material.
type material struct {
	// ID is 64 hexadecimal digits: AWS's KeyMaterialId.
	ID      string
	Created time.Time
}

// Load implements store.Loader.
func (k *keyRecord) Load() error {
	k.arn = k.place().arn("key/" + k.ID)
	document, err := policyeval.Parse(k.Policy)
	if err != nil {
		return fmt.Errorf("kms: the policy of %s: %w", k.arn, err)
	}
	k.compiled = &policyeval.Policy{Name: k.arn, Document: document}
	return nil
}

func (k *keyRecord) place() place { return place{k.Account, k.Region} }

func (k *keyRecord) key() string { return k.place().key(k.ID) }

// material is the material of the given id, or nil.
func (k *keyRecord) material(id string) *material {
	i := slices.IndexFunc(k.Materials, func(m material) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return &k.Materials[i]
}

// state is the key's state as AWS names it.
func (k *keyRecord) state() string {
	if k.Disabled {
		return StateDisabled
	}
	return StateEnabled
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
	materialBucket = "kms.material\x00"
	aliasOfBucket  = "kms.aliasof\x00"
)

func (s *Service) putAlias(tx store.Tx, a *aliasRecord) {
	if old := s.aliases.Get(tx, a.place().key(a.Name)); old != nil {
		tx.Delete(aliasOfBucket + a.place().key(old.Target+"/"+a.Name))
	}
	s.aliases.Put(tx, a.place().key(a.Name), a)
	tx.Put(aliasOfBucket+a.place().key(a.Target+"/"+a.Name), nil)
}
