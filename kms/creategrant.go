package kms

import (
	"cmp"
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// GrantConstraints limit a grant.
type GrantConstraints struct {
	EncryptionContextEquals map[string]string
	EncryptionContextSubset map[string]string
	SourceArn               string `check:"min=20,max=2048"`
}

// CreateGrantInput is the input of CreateGrant.
type CreateGrantInput struct {
	Constraints              *GrantConstraints
	DryRun                   bool     `out:"nonzero"`
	GrantTokens              []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	GranteePrincipal         string   `check:"min=1,max=256" pattern:"^[\\w+=,.@:/-]+$"`
	GranteeServicePrincipal  string   `check:"min=1,max=256"`
	KeyId                    string   `check:"required,min=1,max=2048"`
	Name                     string   `check:"min=1,max=256" pattern:"^[a-zA-Z0-9:/_-]+$"`
	Operations               []string `check:"required" itemenum:"Decrypt|Encrypt|GenerateDataKey|GenerateDataKeyWithoutPlaintext|ReEncryptFrom|ReEncryptTo|Sign|Verify|GetPublicKey|CreateGrant|RetireGrant|DescribeKey|GenerateDataKeyPair|GenerateDataKeyPairWithoutPlaintext|GenerateMac|VerifyMac|DeriveSharedSecret|Encapsulate|Decapsulate"`
	RetiringPrincipal        string   `check:"min=1,max=256" pattern:"^[\\w+=,.@:/-]+$"`
	RetiringServicePrincipal string   `check:"min=1,max=256"`
}

// CreateGrantOutput is the output of CreateGrant.
type CreateGrantOutput struct {
	GrantId    string
	GrantToken string `trail:"omit"`
}

// terms is what the grant is to say.
func (in *CreateGrantInput) terms() grantTerms {
	t := grantTerms{
		Name:       in.Name,
		Grantee:    cmp.Or(in.GranteePrincipal, in.GranteeServicePrincipal),
		Retiring:   cmp.Or(in.RetiringPrincipal, in.RetiringServicePrincipal),
		Operations: slices.Compact(slices.Sorted(slices.Values(in.Operations))),
	}
	if c := in.Constraints; c != nil {
		t.Equals, t.Subset, t.SourceARN = filled(c.EncryptionContextEquals), filled(c.EncryptionContextSubset), c.SourceArn
	}
	return t
}

// filled is a constraint, or nil for an empty one: clients that cannot send null, such
// as Terraform, send both constraints, one of them empty.
func filled(constraint map[string]string) map[string]string {
	if len(constraint) == 0 {
		return nil
	}
	return constraint
}

func (s *Service) createGrantTarget(ctx context.Context, in *CreateGrantInput) (api.Target, *key, error) {
	terms := in.terms()
	u := byID(in.KeyId).by(in.GrantTokens).in(terms.constraintContext()).with(func(c *policyeval.Context) {
		c.SetList("kms:grantoperations", terms.Operations)
		parameter("kms:granteeprincipal", in.GranteePrincipal)(c)
		parameter("kms:granteeserviceprincipal", in.GranteeServicePrincipal)(c)
		parameter("kms:retiringprincipal", in.RetiringPrincipal)(c)
		parameter("kms:retiringserviceprincipal", in.RetiringServicePrincipal)(c)
		parameter("kms:grantconstrainttype", terms.constraintTypes())(c)
		parameter("kms:grantconstraintsourcearn", terms.SourceARN)(c)
		c.SetBool("kms:grantisforawsresource", forAWS(ctx))
	})
	u.parent = terms.within
	return s.resolve(ctx, u)
}

// checkGrant reports parameters that do not go together.
func (s *Service) checkGrant(ctx context.Context, in *CreateGrantInput) error {
	terms := in.terms()
	switch {
	case (in.GranteePrincipal == "") == (in.GranteeServicePrincipal == ""):
		return ErrValidation.With("You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.")
	case in.RetiringPrincipal != "" && in.RetiringServicePrincipal != "":
		return ErrValidation.With("You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.")
	case in.GranteeServicePrincipal != "" && (terms.SourceARN == "" || terms.Retiring == ""):
		return ErrValidation.With("A grant to a service principal must have a SourceArn constraint and a retiring principal.")
	case terms.Equals != nil && terms.Subset != nil:
		return ErrValidation.With("More than one constraint supplied")
	}
	for _, principal := range []string{in.GranteePrincipal, in.RetiringPrincipal} {
		if principal != "" && (!isPrincipalARN(principal) || !s.policies.Principals.Admit(ctx, "grant", in.KeyId, principal)) {
			return ErrInvalidArn.Withf("ARN does not refer to a valid principal: %s", principal)
		}
	}
	return nil
}

// sameGrant is the id of the existing grant with g's name and terms, if there is one.
// A grant whose ARNs mean other principals than g's, because a principal was deleted
// and made anew, is not the same.
func (s *Service) sameGrant(r store.Reader, g *grantRecord) string {
	id := string(r.Get(g.sameIndex()))
	if g.Name == "" || id == "" {
		return ""
	}
	old := s.grants.Get(r, g.keyPlace().key(g.KeyID+"/"+id))
	if old == nil || s.shownGrantee(r, old) != g.Grantee || s.shownRetiring(r, old) != g.Retiring {
		return ""
	}
	return id
}

// CreateGrant gives a principal permissions on a key.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html.
func (s *Service) CreateGrant(ctx context.Context, in *CreateGrantInput) (*CreateGrantOutput, error) {
	return api.Do(ctx, in, s.createGrantTarget, s.createGrant)
}

func (s *Service) createGrant(ctx context.Context, k *key, in *CreateGrantInput) (*CreateGrantOutput, error) {
	if err := s.checkGrant(ctx, in); err != nil {
		return nil, err
	}
	var out *CreateGrantOutput
	id := s.ids.Hex(64)
	err := s.change(ctx, "CreateGrant", k, func(tx store.Tx, k key) error {
		g := &grantRecord{
			Account: k.Account, Region: k.Region, KeyID: k.ID, ID: id, Created: s.clock.Now(),
			Issuer: api.RequestFrom(ctx).Account, Epoch: s.policies.Epoch(tx), grantTerms: in.terms(),
		}
		if err := g.check(k); err != nil {
			return err
		}
		if in.DryRun {
			return ErrDryRun
		}
		if same := s.sameGrant(tx, g); same != "" {
			out = &CreateGrantOutput{same, s.newToken(k.keyRecord, same)}
			return nil
		}
		if k.Grants >= maxGrants {
			return ErrLimitExceeded.Withf("%s has reached the limit of %d grants.", k.arn, maxGrants)
		}
		k.Grants++
		s.putGrant(tx, g)
		out = &CreateGrantOutput{id, s.newToken(k.keyRecord, id)}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
