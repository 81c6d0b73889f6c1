package kms

import (
	"cmp"
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// ConnectCustomKeyStoreInput is the input of ConnectCustomKeyStore.
type ConnectCustomKeyStoreInput struct {
	CustomKeyStoreId string `check:"required,min=1,max=64"`
}

// ConnectCustomKeyStoreOutput is the output of ConnectCustomKeyStore.
type ConnectCustomKeyStoreOutput struct {
	_ struct{} `out:"result"`
}

// ConnectCustomKeyStore connects a custom key store, so that its keys can be used.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ConnectCustomKeyStore.html.
func (s *Service) ConnectCustomKeyStore(ctx context.Context, in *ConnectCustomKeyStoreInput) (*ConnectCustomKeyStoreOutput, error) {
	return &ConnectCustomKeyStoreOutput{}, s.changeStore(ctx, in.CustomKeyStoreId, func(_ store.Tx, c *storeRecord) error {
		if c.Connected {
			return ErrStoreInvalidState.Withf("Custom key store %s is connected.", c.ID)
		}
		c.Connected, c.BusyUntil = true, s.clock.Now().Add(s.transitionTime)
		return nil
	})
}

// DisconnectCustomKeyStoreInput is the input of DisconnectCustomKeyStore.
type DisconnectCustomKeyStoreInput struct {
	CustomKeyStoreId string `check:"required,min=1,max=64"`
}

// DisconnectCustomKeyStoreOutput is the output of DisconnectCustomKeyStore.
type DisconnectCustomKeyStoreOutput struct {
	_ struct{} `out:"result"`
}

// DisconnectCustomKeyStore disconnects a custom key store. Its keys become unavailable.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_DisconnectCustomKeyStore.html.
func (s *Service) DisconnectCustomKeyStore(ctx context.Context, in *DisconnectCustomKeyStoreInput) (*DisconnectCustomKeyStoreOutput, error) {
	return &DisconnectCustomKeyStoreOutput{}, s.changeStore(ctx, in.CustomKeyStoreId, func(_ store.Tx, c *storeRecord) error {
		if !c.Connected {
			return ErrStoreInvalidState.Withf("Custom key store %s is disconnected.", c.ID)
		}
		c.Connected = false
		return nil
	})
}

// DeleteCustomKeyStoreInput is the input of DeleteCustomKeyStore.
type DeleteCustomKeyStoreInput struct {
	CustomKeyStoreId string `check:"required,min=1,max=64"`
}

// DeleteCustomKeyStoreOutput is the output of DeleteCustomKeyStore.
type DeleteCustomKeyStoreOutput struct {
	_ struct{} `out:"result"`
}

// DeleteCustomKeyStore deletes a custom key store that is disconnected and has no keys.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteCustomKeyStore.html.
func (s *Service) DeleteCustomKeyStore(ctx context.Context, in *DeleteCustomKeyStoreInput) (*DeleteCustomKeyStoreOutput, error) {
	return &DeleteCustomKeyStoreOutput{}, s.write(ctx, func(tx store.Tx) error {
		p := here(ctx)
		c, err := s.findStore(tx, p, in.CustomKeyStoreId)
		if err != nil {
			return err
		}
		if held := keysUnder(tx, storeKeyBucket+p.key(c.ID+"/"), 1); len(held) > 0 {
			if err := s.checkDueByID(tx, p, held[0]); err != nil {
				return err
			}
			return ErrStoreHasKeys.Withf("Custom key store %s has KMS keys.", c.ID)
		}
		if c.Connected {
			return ErrStoreInvalidState.Withf("Custom key store %s must be disconnected.", c.ID)
		}
		s.stores.Delete(tx, p.key(c.ID))
		return nil
	})
}

// DescribeCustomKeyStoresInput is the input of DescribeCustomKeyStores.
type DescribeCustomKeyStoresInput struct {
	CustomKeyStoreId   string `check:"min=1,max=64"`
	CustomKeyStoreName string `check:"min=1,max=256"`
	Limit              *int32 `check:"min=1,max=1000"`
	Marker             string `check:"min=1,max=1024"`
}

// DescribeCustomKeyStoresOutput is the output of DescribeCustomKeyStores.
type DescribeCustomKeyStoresOutput struct {
	CustomKeyStores []CustomKeyStoresListEntry
	NextMarker      string
	Truncated       bool
}

// CustomKeyStoresListEntry describes a custom key store.
type CustomKeyStoresListEntry struct {
	CloudHsmClusterId      string
	ConnectionErrorCode    string
	ConnectionState        string
	CreationDate           time.Time
	CustomKeyStoreId       string
	CustomKeyStoreName     string
	CustomKeyStoreType     string
	TrustAnchorCertificate string
	XksProxyConfiguration  *XksProxyConfigurationType
}

// XksProxyConfigurationType describes an external key store's proxy.
type XksProxyConfigurationType struct {
	AccessKeyId             string `sensitive:"true"`
	Connectivity            string
	UriEndpoint             string
	UriPath                 string
	VpcEndpointServiceName  string
	VpcEndpointServiceOwner string
}

func (c *storeRecord) entry(now time.Time) CustomKeyStoresListEntry {
	e := CustomKeyStoresListEntry{
		CloudHsmClusterId: c.Cluster, ConnectionState: c.state(now), CreationDate: c.Created,
		CustomKeyStoreId: c.ID, CustomKeyStoreName: c.Name, CustomKeyStoreType: c.Type,
		TrustAnchorCertificate: c.TrustAnchor,
	}
	if c.Type == OriginExternalKeyStore {
		e.XksProxyConfiguration = &XksProxyConfigurationType{
			c.AccessKeyID, c.Connectivity, c.Endpoint, c.Path, c.VpcService, c.VpcOwner,
		}
	}
	return e
}

// DescribeCustomKeyStores describes the account's custom key stores in the
// region, or the one that is named.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeCustomKeyStores.html.
func (s *Service) DescribeCustomKeyStores(ctx context.Context, in *DescribeCustomKeyStoresInput) (*DescribeCustomKeyStoresOutput, error) {
	start, err := after(in.Marker)
	if err != nil {
		return nil, err
	}
	wanted := cmp.Or(in.CustomKeyStoreId, in.CustomKeyStoreName)
	if in.CustomKeyStoreId != "" && in.CustomKeyStoreName != "" {
		return nil, ErrValidation.With("You can specify either CustomKeyStoreId or CustomKeyStoreName, but not both.")
	}
	p := here(ctx)
	out := &DescribeCustomKeyStoresOutput{}
	err = s.engine.View(ctx, func(r store.Reader) error {
		list := newPage[CustomKeyStoresListEntry](start, pageSize(in.Limit, 100, 1000))
		for _, c := range s.stores.Scan(r, p.prefix(), p.key(start), store.All) {
			if wanted != "" && c.ID != in.CustomKeyStoreId && c.Name != in.CustomKeyStoreName {
				continue
			}
			if !list.add(c.ID, c.entry(s.clock.Now())) {
				break
			}
		}
		out.CustomKeyStores, out.NextMarker, out.Truncated = list.result()
		return nil
	})
	if err == nil && wanted != "" && len(out.CustomKeyStores) == 0 {
		return nil, ErrStoreNotFound.Withf("Custom key store '%s' does not exist", wanted)
	}
	return out, err
}
