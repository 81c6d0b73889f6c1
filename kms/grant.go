package kms

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// grantRecord is a grant: a permission on a key.
type grantRecord struct {
	Account, Region, KeyID, ID string
	Created                    time.Time
	// Issuer is the account of the principal that created the grant.
	Issuer string
	// Epoch is when it was made: the grant means the principals of that time.
	Epoch uint64 `json:",omitempty"`
	grantTerms
}

// grantTerms is what a grant says. Two named grants of equal terms are one.
type grantTerms struct {
	Name string `json:",omitempty"`
	// Grantee and Retiring are ARNs, or names of services.
	Grantee    string
	Retiring   string `json:",omitempty"`
	Operations []string
	Equals     map[string]string `json:",omitempty"`
	Subset     map[string]string `json:",omitempty"`
	SourceARN  string            `json:",omitempty"`
}

func (g *grantRecord) keyPlace() place { return place{g.Account, g.Region} }

// key is the grant's name among the records.
func (g *grantRecord) key() string { return g.keyPlace().key(g.KeyID + "/" + g.ID) }

func (g *grantRecord) granteeIndex() string {
	return granteeBucket + g.keyPlace().key(g.KeyID+"/"+digest(g.Grantee)+"/"+g.ID)
}

func (g *grantRecord) retirableIndex() string {
	return retirablePrefix(g.Region, g.Retiring) + g.Account + "/" + g.KeyID + "/" + g.ID
}

func retirablePrefix(region, principal string) string {
	return retirableBucket + region + "/" + digest(principal) + "/"
}

// sameIndex finds the grant again when it is created once more.
func (g *grantRecord) sameIndex() string {
	return sameGrantBucket + g.keyPlace().key(g.KeyID+"/"+digest(g.text()))
}

// text is all that a grant says.
func (t grantTerms) text() string {
	text, err := json.Marshal(t)
	if err != nil {
		panic("kms: " + err.Error()) // strings, and maps of strings
	}
	return string(text)
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

func (s *Service) putGrant(tx store.Tx, g *grantRecord) {
	s.grants.Put(tx, g.key(), g)
	tx.Put(g.granteeIndex(), []byte{})
	if g.Retiring != "" {
		tx.Put(g.retirableIndex(), []byte{})
	}
	if g.Name != "" {
		tx.Put(g.sameIndex(), []byte(g.ID))
	}
}

func (s *Service) deleteGrant(tx store.Tx, g *grantRecord) {
	s.grants.Delete(tx, g.key())
	tx.Delete(g.granteeIndex())
	if g.Retiring != "" {
		tx.Delete(g.retirableIndex())
	}
	if g.Name != "" && string(tx.Get(g.sameIndex())) == g.ID {
		tx.Delete(g.sameIndex())
	}
}

// removeGrants deletes some of the grants of a key that is deleted. It reports
// whether there are more.
func (s *Service) removeGrants(tx store.Tx, k *keyRecord) (more bool) {
	const limit = store.SweepSize / 4 // deleteGrant's keys
	grants := make([]*grantRecord, 0, limit)
	for _, g := range s.grants.Scan(tx, k.key()+"/", "", limit) {
		grants = append(grants, g)
	}
	for _, g := range grants {
		s.deleteGrant(tx, g)
	}
	return len(grants) == limit
}

// grantsFor are the key's grants that may allow a call: those for the caller, its role
// and its account. The evaluation decides whether they cover the operation and the
// encryption context.
func (s *Service) grantsFor(ctx context.Context, r store.Reader, k *keyRecord, u *keyUse) []policyeval.Grant {
	if k.Grants == 0 {
		return nil
	}
	var grants []policyeval.Grant
	for _, principal := range granteesOf(ctx) {
		prefix := granteeBucket + k.place().key(k.ID+"/"+digest(principal)+"/")
		var keys []string
		for index := range r.Scan(prefix, "", store.All) {
			keys = append(keys, k.key()+"/"+strings.TrimPrefix(index, prefix))
		}
		for _, g := range s.grants.GetMany(r, keys) {
			if g == nil || g.SourceARN != "" && g.SourceARN != api.RequestFrom(ctx).SourceARN {
				continue
			}
			if u.parent == nil {
				grants = append(grants, g.evaluated())
			} else if u.parent(g) {
				unconstrained := g.evaluated()
				unconstrained.EncryptionContextEquals, unconstrained.EncryptionContextSubset = nil, nil
				grants = append(grants, unconstrained)
			}
		}
	}
	return grants
}

// granteesOf are the names by which grants may mean the caller.
func granteesOf(ctx context.Context) []string {
	request := api.RequestFrom(ctx)
	caller := request.Caller
	if caller.Type == policyeval.Service {
		return []string{caller.Service}
	}
	names := []string{caller.ARN, caller.IssuerARN, place{caller.Account, request.Region}.root()}
	for _, n := range caller.Names {
		names = append(names, n.ARN) // one that it had when the grant was made
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	slices.Sort(names)
	return slices.Compact(names)
}

func (g *grantRecord) evaluated() policyeval.Grant {
	return policyeval.Grant{
		ID: g.ID, Grantee: g.Grantee, Retiring: g.Retiring, Operations: g.Operations, Epoch: g.Epoch,
		EncryptionContextEquals: g.Equals, EncryptionContextSubset: g.Subset,
	}
}

// grantToken names a grant. A grant can have any number of tokens, all of them valid.
type grantToken struct {
	Key   string // ARN
	Grant string
}

const grantTokenLabel = "kms/grant token"

func (s *Service) newToken(k *keyRecord, grantID string) string {
	text, err := json.Marshal(grantToken{k.arn, grantID})
	if err != nil {
		panic("kms: " + err.Error()) // two strings
	}
	return base64.StdEncoding.EncodeToString(s.hsm.Wrap(text, grantTokenLabel))
}

func (s *Service) readGrantToken(token string) (grantToken, error) {
	var t grantToken
	wrapped, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return t, ErrInvalidGrantToken
	}
	text, err := s.hsm.Unwrap(wrapped, grantTokenLabel)
	if err != nil || json.Unmarshal(text, &t) != nil {
		return t, ErrInvalidGrantToken
	}
	return t, nil
}

// checkTokens reports grant tokens that were not made here. They have no other effect:
// grants are in force from the moment they are made.
func (s *Service) checkTokens(tokens []string) error {
	for _, token := range tokens {
		if _, err := s.readGrantToken(token); err != nil {
			return err
		}
	}
	return nil
}

// operationsOf are the operations that a grant on a key of each usage can allow.
var operationsOf = map[string][]string{
	UsageEncryptDecrypt:    {"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"},
	UsageSignVerify:        {"Sign", "Verify"},
	UsageGenerateVerifyMac: {"GenerateMac", "VerifyMac"},
	UsageKeyAgreement:      {"DeriveSharedSecret"},
	UsageEncapsulate:       {"Encapsulate", "Decapsulate"},
}

// What grants can allow beside that: on every key, on symmetric ones and on asymmetric ones.
var (
	operationsOfAll        = []string{"CreateGrant", "RetireGrant", "DescribeKey"}
	operationsOfSymmetric  = []string{"GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"}
	operationsOfAsymmetric = []string{"GetPublicKey"}
)

// GrantOperations are the operations that a grant can allow, on one key or another.
func GrantOperations() []string {
	all := slices.Concat(operationsOfAll, operationsOfSymmetric, operationsOfAsymmetric)
	for _, more := range operationsOf {
		all = append(all, more...)
	}
	slices.Sort(all)
	return all
}

func (k *keyRecord) grantable() []string {
	operations := slices.Concat(operationsOfAll, operationsOf[k.Usage])
	switch k.spec().family {
	case symmetric:
		return append(operations, operationsOfSymmetric...)
	case hmacKey:
		return operations
	default:
		return append(operations, operationsOfAsymmetric...)
	}
}

// isPrincipalARN reports whether s is an ARN of an account's root, a user, a
// role, a role session or a federated user.
func isPrincipalARN(s string) bool {
	a, err := arn.Parse(s)
	if err != nil || !arn.IsAccountID(a.AccountID) || a.Region != "" {
		return false
	}
	kind, _, named := strings.Cut(a.Resource, "/")
	switch a.Service {
	case "iam":
		return a.Resource == "root" || named && (kind == "user" || kind == "role")
	case "sts":
		return named && (kind == "assumed-role" || kind == "federated-user")
	default:
		return false
	}
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// within reports whether a grant that is made because the parent grant allows it stays
// within the parent: no operation more, no constraint less.
func (t grantTerms) within(parent *grantRecord) bool {
	for _, operation := range t.Operations {
		if !slices.Contains(parent.Operations, operation) {
			return false
		}
	}
	switch {
	case parent.SourceARN != "" && t.SourceARN != parent.SourceARN:
		return false
	case parent.Equals != nil:
		return maps.Equal(parent.Equals, t.Equals)
	case parent.Subset != nil:
		return contains(t.Equals, parent.Subset) || contains(t.Subset, parent.Subset)
	default:
		return true
	}
}

func contains(m, subset map[string]string) bool {
	for name, value := range subset {
		if have, ok := m[name]; !ok || have != value {
			return false
		}
	}
	return true
}

// constraintTypes is kms:GrantConstraintType.
func (t grantTerms) constraintTypes() string {
	switch {
	case t.Equals != nil:
		return "EncryptionContextEquals"
	case t.Subset != nil:
		return "EncryptionContextSubset"
	default:
		return ""
	}
}

// forAWS reports whether a service makes the call, or forwards it:
// kms:GrantIsForAWSResource.
func forAWS(ctx context.Context) bool {
	request := api.RequestFrom(ctx)
	return request.Caller.Type == policyeval.Service || len(request.CalledVia) > 0
}

// constraintContext is the encryption context that the constraint requires.
func (t grantTerms) constraintContext() map[string]string {
	if t.Equals != nil {
		return t.Equals
	}
	return t.Subset
}

const (
	maxGrants          = 50_000
	maxConstraintPairs = 8
	maxConstraintValue = 384
)

// check reports terms that no grant on the key can have.
func (t grantTerms) check(k key) error {
	for _, operation := range t.Operations {
		if !slices.Contains(k.grantable(), operation) {
			return ErrValidation.Withf("Grant operation %s is not valid for a KMS key with key spec %s and key usage %s.", operation, k.Spec, k.Usage)
		}
	}
	pairs := []map[string]string{t.Equals, t.Subset}
	for _, constraint := range pairs {
		if len(constraint) > maxConstraintPairs {
			return ErrValidation.Withf("A grant constraint can have at most %d encryption context pairs.", maxConstraintPairs)
		}
		for _, value := range constraint {
			if len(value) > maxConstraintValue {
				return ErrValidation.Withf("An encryption context value in a grant constraint can have at most %d characters.", maxConstraintValue)
			}
		}
	}
	if cmp.Or(len(t.Equals), len(t.Subset)) > 0 && !k.isSymmetric() {
		return ErrValidation.With("Encryption context grant constraints are not valid for asymmetric or HMAC KMS keys.")
	}
	return nil
}
