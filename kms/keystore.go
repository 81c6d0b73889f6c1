package kms

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/pem"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// Connectivities of external key stores.
const (
	connectPublic = "PUBLIC_ENDPOINT"
	connectVPC    = "VPC_ENDPOINT_SERVICE"
)

// Connection states of custom key stores.
const (
	storeConnected    = "CONNECTED"
	storeConnecting   = "CONNECTING"
	storeDisconnected = "DISCONNECTED"
)

// storeRecord is a custom key store with the description of its cluster or proxy.
// There is no cluster or proxy here; its keys are KMS's own.
type storeRecord struct {
	Account, Region, ID string
	Name, Type          string
	Created             time.Time
	Connected           bool
	BusyUntil           time.Time `json:",omitzero"`
	// Cluster and TrustAnchor are of CloudHSM key stores.
	Cluster, TrustAnchor string
	// The rest is of external key stores.
	Connectivity, Endpoint, Path string
	VpcService, VpcOwner         string
	AccessKeyID                  string
	// Secret is the cluster's password or the proxy's secret key, wrapped.
	Secret []byte
}

func (c *storeRecord) place() place { return place{c.Account, c.Region} }

func (c *storeRecord) state(now time.Time) string {
	switch {
	case !c.Connected:
		return storeDisconnected
	case now.Before(c.BusyUntil):
		return storeConnecting
	default:
		return storeConnected
	}
}

func (s *Service) keepStoreSecret(c *storeRecord, secret string) {
	c.Secret = s.hsm.Wrap([]byte(secret), "kms/custom key store/"+c.Account+"/"+c.ID)
}

// connected reports whether a custom key store is connected.
func (s *Service) connected(r store.Reader, p place, id string) bool {
	c := s.stores.Get(r, p.key(id))
	return c != nil && c.state(s.clock.Now()) == storeConnected
}

// cluster is the CloudHSM cluster of a custom key store.
func (s *Service) cluster(r store.Reader, p place, id string) string {
	if c := s.stores.Get(r, p.key(id)); c != nil {
		return c.Cluster
	}
	return ""
}

func (s *Service) findStore(r store.Reader, p place, id string) (*storeRecord, error) {
	if c := s.stores.Get(r, p.key(id)); c != nil {
		return c, nil
	}
	return nil, ErrStoreNotFound.Withf("Custom key store '%s' does not exist", id)
}

// usableStore finds a connected store whose keys have the given origin.
func (s *Service) usableStore(r store.Reader, p place, id, origin string) (*storeRecord, error) {
	c, err := s.findStore(r, p, id)
	if err != nil {
		return nil, err
	}
	if c.Type != origin {
		return nil, ErrUnsupportedOperation.Withf("Custom key store %s is of type %s which is not valid for this operation.", id, c.Type)
	}
	if !s.connected(r, p, id) {
		return nil, ErrStoreInvalidState.Withf("Custom key store %s is not connected.", id)
	}
	return c, nil
}

// enterStore puts a new key into its custom key store. The types of stores are
// named as the origins of their keys are.
func (s *Service) enterStore(tx store.Tx, k *keyRecord) error {
	if _, err := s.usableStore(tx, k.place(), k.Store, k.Origin); err != nil {
		return err
	}
	prefix := storeKeyBucket + k.place().key(k.Store+"/")
	if k.XksKey != "" {
		for _, id := range keysUnder(tx, prefix, store.All) {
			if other := s.keys.Get(tx, k.place().key(id)); other != nil && other.XksKey == k.XksKey {
				if err := s.checkDue(tx, other, s.clock.Now()); err != nil {
					return err
				}
				return ErrXksKeyInUse.Withf("The external key %s is already associated with a KMS key.", k.XksKey)
			}
		}
	}
	tx.Put(prefix+k.ID, []byte{})
	return nil
}

// XksProxyAuthenticationCredentialType is the credential of an external key store's proxy.
type XksProxyAuthenticationCredentialType struct {
	AccessKeyId        string `check:"required,min=20,max=30" pattern:"^[A-Z2-7]+$" sensitive:"true" trail:"omit"`
	RawSecretAccessKey string `check:"required,min=43,max=64" pattern:"^[a-zA-Z0-9\\/+=]+$" sensitive:"true" trail:"omit"`
}

// CreateCustomKeyStoreInput is the input of CreateCustomKeyStore.
type CreateCustomKeyStoreInput struct {
	CloudHsmClusterId                string `check:"min=19,max=24" pattern:"cluster-[2-7a-zA-Z]{11,16}"`
	CustomKeyStoreName               string `check:"required,min=1,max=256"`
	CustomKeyStoreType               string `enum:"AWS_CLOUDHSM|EXTERNAL_KEY_STORE"`
	KeyStorePassword                 string `check:"min=7,max=32" sensitive:"true" trail:"omit"`
	TrustAnchorCertificate           string `check:"min=1,max=5000"`
	XksProxyAuthenticationCredential *XksProxyAuthenticationCredentialType
	XksProxyConnectivity             string `enum:"PUBLIC_ENDPOINT|VPC_ENDPOINT_SERVICE"`
	XksProxyUriEndpoint              string `check:"min=10,max=128" pattern:"^https://[a-zA-Z0-9.-]+$"`
	XksProxyUriPath                  string `check:"min=10,max=128" pattern:"^(/[a-zA-Z0-9\\/_-]+/kms/xks/v\\d{1,2})$|^(/kms/xks/v\\d{1,2})$"`
	XksProxyVpcEndpointServiceName   string `check:"min=20,max=64" pattern:"^com\\.amazonaws\\.vpce\\.([a-z]+-){2,3}\\d+\\.vpce-svc-[0-9a-z]+$"`
	XksProxyVpcEndpointServiceOwner  string `check:"min=12,max=12" pattern:"^[0-9]{12}$"`
}

// CreateCustomKeyStoreOutput is the output of CreateCustomKeyStore.
type CreateCustomKeyStoreOutput struct {
	CustomKeyStoreId string
}

func (in *CreateCustomKeyStoreInput) kind() string {
	return cmp.Or(in.CustomKeyStoreType, OriginCloudHSM)
}

// check reports parameters that are missing for the type of store.
func (in *CreateCustomKeyStoreInput) check() error {
	required := map[string]bool{
		"cloudHsmClusterId": in.CloudHsmClusterId != "", "keyStorePassword": in.KeyStorePassword != "",
		"trustAnchorCertificate": in.TrustAnchorCertificate != "",
	}
	if in.kind() == OriginExternalKeyStore {
		required = map[string]bool{
			"xksProxyAuthenticationCredential": in.XksProxyAuthenticationCredential != nil,
			"xksProxyConnectivity":             in.XksProxyConnectivity != "",
			"xksProxyUriEndpoint":              in.XksProxyUriEndpoint != "",
			"xksProxyUriPath":                  in.XksProxyUriPath != "",
			"xksProxyVpcEndpointServiceName":   in.XksProxyVpcEndpointServiceName != "" || in.XksProxyConnectivity != connectVPC,
		}
	}
	for _, member := range sorted(required) {
		if !required[member] {
			return missingMember(member)
		}
	}
	return checkAnchor(in.TrustAnchorCertificate)
}

// checkAnchor reports a trust anchor that is no certificate.
func checkAnchor(text string) error {
	if text == "" {
		return nil
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return ErrIncorrectTrustAnchor
	}
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		return ErrIncorrectTrustAnchor
	}
	return nil
}

// CreateCustomKeyStore makes a custom key store, which is not connected yet.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html.
func (s *Service) CreateCustomKeyStore(ctx context.Context, in *CreateCustomKeyStoreInput) (*CreateCustomKeyStoreOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	p := here(ctx)
	c := &storeRecord{
		Account: p.account, Region: p.region, ID: "cks-" + s.ids.Hex(17),
		Name: in.CustomKeyStoreName, Type: in.kind(), Created: s.clock.Now(),
	}
	if c.Type == OriginCloudHSM {
		c.Cluster, c.TrustAnchor = in.CloudHsmClusterId, in.TrustAnchorCertificate
		s.keepStoreSecret(c, in.KeyStorePassword)
	} else {
		c.Connectivity, c.Endpoint, c.Path = in.XksProxyConnectivity, in.XksProxyUriEndpoint, in.XksProxyUriPath
		c.VpcService, c.VpcOwner = in.XksProxyVpcEndpointServiceName, in.XksProxyVpcEndpointServiceOwner
		c.AccessKeyID = in.XksProxyAuthenticationCredential.AccessKeyId
		s.keepStoreSecret(c, in.XksProxyAuthenticationCredential.RawSecretAccessKey)
	}
	return &CreateCustomKeyStoreOutput{c.ID}, s.engine.Update(ctx, func(tx store.Tx) error {
		if err := s.checkUnique(tx, c); err != nil {
			return err
		}
		s.stores.Put(tx, p.key(c.ID), c)
		return nil
	})
}

// checkUnique reports what another store of the account and region has already.
func (s *Service) checkUnique(r store.Reader, c *storeRecord) error {
	for _, other := range s.stores.Scan(r, c.place().prefix(), "", store.All) {
		if other.ID == c.ID {
			continue
		}
		if other.Name == c.Name {
			return ErrStoreNameInUse.Withf("The custom key store name %s is in use.", c.Name)
		}
		switch {
		case c.Type == OriginCloudHSM:
			if other.Cluster == c.Cluster {
				return ErrClusterInUse.Withf("The cluster %s is in use.", c.Cluster)
			}
		case other.Type == OriginCloudHSM:
		case other.Endpoint == c.Endpoint && other.Path == c.Path:
			return ErrXksURIInUse.Withf("The URI %s%s is in use.", c.Endpoint, c.Path)
		case other.Endpoint == c.Endpoint && (other.Connectivity == connectVPC || c.Connectivity == connectVPC):
			return ErrXksEndpointInUse.Withf("The endpoint %s is in use.", c.Endpoint)
		case c.VpcService != "" && other.VpcService == c.VpcService:
			return ErrXksVpcEndpointInUse.Withf("The VPC endpoint service %s is in use.", c.VpcService)
		}
	}
	return nil
}

// UpdateCustomKeyStoreInput is the input of UpdateCustomKeyStore.
type UpdateCustomKeyStoreInput struct {
	CloudHsmClusterId                string `check:"min=19,max=24" pattern:"cluster-[2-7a-zA-Z]{11,16}"`
	CustomKeyStoreId                 string `check:"required,min=1,max=64"`
	KeyStorePassword                 string `check:"min=7,max=32" sensitive:"true" trail:"omit"`
	NewCustomKeyStoreName            string `check:"min=1,max=256"`
	XksProxyAuthenticationCredential *XksProxyAuthenticationCredentialType
	XksProxyConnectivity             string `enum:"PUBLIC_ENDPOINT|VPC_ENDPOINT_SERVICE"`
	XksProxyUriEndpoint              string `check:"min=10,max=128" pattern:"^https://[a-zA-Z0-9.-]+$"`
	XksProxyUriPath                  string `check:"min=10,max=128" pattern:"^(/[a-zA-Z0-9\\/_-]+/kms/xks/v\\d{1,2})$|^(/kms/xks/v\\d{1,2})$"`
	XksProxyVpcEndpointServiceName   string `check:"min=20,max=64" pattern:"^com\\.amazonaws\\.vpce\\.([a-z]+-){2,3}\\d+\\.vpce-svc-[0-9a-z]+$"`
	XksProxyVpcEndpointServiceOwner  string `check:"min=12,max=12" pattern:"^[0-9]{12}$"`
}

// UpdateCustomKeyStoreOutput is the output of UpdateCustomKeyStore.
type UpdateCustomKeyStoreOutput struct {
	_ struct{} `out:"result"`
}

// UpdateCustomKeyStore changes the description of a custom key store. Its name
// and its proxy's credential can be changed while it is connected.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateCustomKeyStore.html.
func (s *Service) UpdateCustomKeyStore(ctx context.Context, in *UpdateCustomKeyStoreInput) (*UpdateCustomKeyStoreOutput, error) {
	return &UpdateCustomKeyStoreOutput{}, s.changeStore(ctx, in.CustomKeyStoreId, func(tx store.Tx, c *storeRecord) error {
		hsm := in.CloudHsmClusterId + in.KeyStorePassword
		proxy := in.XksProxyConnectivity + in.XksProxyUriEndpoint + in.XksProxyUriPath +
			in.XksProxyVpcEndpointServiceName + in.XksProxyVpcEndpointServiceOwner
		switch {
		case c.Type == OriginCloudHSM && (proxy != "" || in.XksProxyAuthenticationCredential != nil), c.Type != OriginCloudHSM && hsm != "":
			return ErrValidation.Withf("The parameters are not valid for a custom key store of type %s.", c.Type)
		case hsm+proxy != "" && c.Connected:
			return ErrStoreInvalidState.Withf("Custom key store %s must be disconnected.", c.ID)
		}
		s.updateStore(c, in)
		return s.checkUnique(tx, c)
	})
}

func (s *Service) updateStore(c *storeRecord, in *UpdateCustomKeyStoreInput) {
	set := func(field *string, value string) { *field = cmp.Or(value, *field) }
	set(&c.Name, in.NewCustomKeyStoreName)
	set(&c.Cluster, in.CloudHsmClusterId)
	set(&c.Connectivity, in.XksProxyConnectivity)
	set(&c.Endpoint, in.XksProxyUriEndpoint)
	set(&c.Path, in.XksProxyUriPath)
	set(&c.VpcService, in.XksProxyVpcEndpointServiceName)
	set(&c.VpcOwner, in.XksProxyVpcEndpointServiceOwner)
	if c.Connectivity == connectPublic {
		c.VpcService, c.VpcOwner = "", ""
	}
	if in.KeyStorePassword != "" {
		s.keepStoreSecret(c, in.KeyStorePassword)
	}
	if credential := in.XksProxyAuthenticationCredential; credential != nil {
		c.AccessKeyID = credential.AccessKeyId
		s.keepStoreSecret(c, credential.RawSecretAccessKey)
	}
}

func (s *Service) changeStore(ctx context.Context, id string, f func(store.Tx, *storeRecord) error) error {
	return s.engine.Update(ctx, func(tx store.Tx) error {
		p := here(ctx)
		if _, err := s.findStore(tx, p, id); err != nil {
			return err
		}
		c := s.stores.Edit(tx, p.key(id))
		if err := f(tx, c); err != nil {
			return err
		}
		s.stores.Put(tx, p.key(id), c)
		return nil
	})
}
