package sns

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// deviceRecord is a platform endpoint: an app on a device.
type deviceRecord struct {
	Arn         string
	Application string // ARN
	// Attributes are Enabled, Token and CustomUserData.
	Attributes map[string]string

	store.Version `json:"-"`
}

func (d *deviceRecord) tokenKey() string { return d.Application + "\x00" + d.Attributes["Token"] }

func (d *deviceRecord) enabled() bool { return d.Attributes["Enabled"] == "true" }

// maxUserData is the size of a platform endpoint's user data in bytes.
const maxUserData = 2048

// deviceAttributes are the attributes of platform endpoints [N206].
var deviceAttributes = map[string]func(value string) (stored, refused string){
	"Enabled": boolean,
	"Token":   notEmpty,
	"CustomUserData": func(value string) (stored, refused string) {
		if len(value) > maxUserData {
			return "", "must be at most 2048 bytes long in UTF-8 encoding"
		}
		return value, ""
	},
}

func notEmpty(value string) (stored, refused string) {
	if value == "" {
		return "", "cannot be empty"
	}
	return value, ""
}

// set changes attributes.
func (d *deviceRecord) set(attributes map[string]string) error {
	for _, name := range sortedKeys(attributes) {
		normal := deviceAttributes[name]
		if normal == nil {
			return invalidParameter("Attributes Reason: Invalid attribute name: %s", name)
		}
		stored, refused := normal(attributes[name])
		switch {
		case refused != "":
			return invalidParameter("Attributes Reason: Invalid value for attribute: %s: %s", name, refused)
		case stored == "" && name == "CustomUserData":
			delete(d.Attributes, name)
		default:
			d.Attributes[name] = stored
		}
	}
	return nil
}

// devicePrefix is the beginning of the ARNs of an application's endpoints.
func devicePrefix(application string) string {
	return strings.Replace(application, ":app/", ":endpoint/", 1) + "/"
}

// CreatePlatformEndpointInput is the input of CreatePlatformEndpoint.
type CreatePlatformEndpointInput struct {
	PlatformApplicationArn string `check:"required"`
	Token                  string `check:"required"`
	Attributes             map[string]string
	CustomUserData         string
}

func (in *CreatePlatformEndpointInput) application() string { return in.PlatformApplicationArn }

// CreatePlatformEndpointOutput is the output of CreatePlatformEndpoint.
type CreatePlatformEndpointOutput struct {
	EndpointArn string
}

// CreatePlatformEndpoint makes an endpoint for a device, or answers the one of
// that token that has the same attributes [N203]-[N205] [M010].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformEndpoint.html.
func (s *Service) CreatePlatformEndpoint(ctx context.Context, in *CreatePlatformEndpointInput) (*CreatePlatformEndpointOutput, error) {
	return api.Do(ctx, in, onApplication(s, errApplicationNotFound, (*CreatePlatformEndpointInput).application), s.createPlatformEndpoint)
}

func (s *Service) createPlatformEndpoint(ctx context.Context, application *applicationRecord, in *CreatePlatformEndpointInput) (*CreatePlatformEndpointOutput, error) {
	if in.Token == "" {
		return nil, invalidParameter("Token Reason: cannot be empty")
	}
	fresh := &deviceRecord{
		Arn: devicePrefix(in.PlatformApplicationArn) + s.ids.UUID(), Application: in.PlatformApplicationArn,
		Attributes: map[string]string{"Enabled": "true"},
	}
	given := map[string]string{"CustomUserData": in.CustomUserData}
	maps.Copy(given, in.Attributes)
	given["Token"] = in.Token
	if err := fresh.set(given); err != nil {
		return nil, err
	}
	event := ""
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		event = ""
		if err := api.Confirm(tx, application, errApplicationNotFound); err != nil {
			return err
		}
		if link := s.deviceTokens.Get(tx, fresh.tokenKey()); link != nil {
			existing := s.devices.Get(tx, link.Arn)
			if !maps.Equal(existing.Attributes, fresh.Attributes) {
				return invalidParameter("Token Reason: Endpoint %s already exists with the same Token, but different attributes.", existing.Arn)
			}
			fresh = existing
			return nil
		}
		s.devices.Put(tx, fresh.Arn, fresh)
		s.deviceTokens.Put(tx, fresh.tokenKey(), &linkRecord{fresh.Arn})
		event = application.Attributes["EventEndpointCreated"]
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.announce(ctx, event, "EndpointCreated", fresh)
	return &CreatePlatformEndpointOutput{EndpointArn: fresh.Arn}, nil
}

// parseDeviceARN reads the ARN of a platform endpoint [N207].
func parseDeviceARN(ctx context.Context, text, member string) (arn.ARN, error) {
	a, err := parseARN(text, member)
	if err != nil {
		return a, err
	}
	if strings.Count(a.Resource, "/") != 3 {
		return a, invalidParameter("%s Reason: Wrong number of slashes in relative portion of the ARN.", member)
	}
	if a.Service != "sns" || a.Region != api.RequestFrom(ctx).Region || !strings.HasPrefix(a.Resource, "endpoint/") {
		return a, invalidParameter("%s", member)
	}
	return a, nil
}

// errNoDevice is Publish's word for an endpoint that does not exist [N088].
var errNoDevice = invalidParameter("TargetArn Reason: No endpoint found for the target arn specified")

// onDevice resolves an input to a platform endpoint, which must exist unless
// missing is nil.
func onDevice[In any](s *Service, missing *api.Error, device func(In) string) func(context.Context, In) (api.Target, *deviceRecord, error) {
	return func(ctx context.Context, in In) (target api.Target, found *deviceRecord, err error) {
		text := device(in)
		a, err := parseDeviceARN(ctx, text, "EndpointArn")
		if err != nil {
			return target, nil, err
		}
		target = api.Target{ARN: text, Account: a.AccountID}
		err = s.engine.View(ctx, func(r store.Reader) error {
			if found = s.device(r, text); found == nil {
				target.Missing = missing
			}
			return nil
		})
		return target, found, err
	}
}

// checkDevice: a subscribed platform endpoint must exist [M013].
func (s *Service) checkDevice(r store.Reader, in *SubscribeInput) error {
	if in.Protocol == protocolApplication && s.device(r, in.Endpoint) == nil {
		return invalidParameter("Endpoint Reason: Endpoint does not exist for endpoint arn%s", in.Endpoint)
	}
	return nil
}

// DeleteEndpointInput is the input of DeleteEndpoint.
type DeleteEndpointInput struct {
	EndpointArn string `check:"required"`
}

func (in *DeleteEndpointInput) device() string { return in.EndpointArn }

// DeleteEndpointOutput is the output of DeleteEndpoint.
type DeleteEndpointOutput struct{}

// DeleteEndpoint deletes a platform endpoint, if it is there [M011]. Its
// subscriptions stay [N208].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_DeleteEndpoint.html.
func (s *Service) DeleteEndpoint(ctx context.Context, in *DeleteEndpointInput) (*DeleteEndpointOutput, error) {
	return api.Do(ctx, in, onDevice(s, nil, (*DeleteEndpointInput).device), s.deleteEndpoint)
}

func (s *Service) deleteEndpoint(ctx context.Context, device *deviceRecord, _ *DeleteEndpointInput) (*DeleteEndpointOutput, error) {
	if device == nil {
		return &DeleteEndpointOutput{}, nil
	}
	event := ""
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		event = ""
		if err := api.Confirm(tx, device, errDeviceNotFound); err != nil {
			return err
		}
		s.devices.Delete(tx, device.Arn)
		s.deviceTokens.Delete(tx, device.tokenKey())
		if application := s.applications.Get(tx, device.Application); application != nil {
			event = application.Attributes["EventEndpointDeleted"]
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDeviceNotFound) {
		return nil, err
	}
	s.announce(ctx, event, "EndpointDeleted", device)
	return &DeleteEndpointOutput{}, nil
}

// GetEndpointAttributesInput is the input of GetEndpointAttributes.
type GetEndpointAttributesInput struct {
	EndpointArn string `check:"required"`
}

func (in *GetEndpointAttributesInput) device() string { return in.EndpointArn }

// GetEndpointAttributesOutput is the output of GetEndpointAttributes.
type GetEndpointAttributesOutput struct {
	Attributes map[string]string
}

// GetEndpointAttributes answers a platform endpoint's attributes [N205].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_GetEndpointAttributes.html.
func (s *Service) GetEndpointAttributes(ctx context.Context, in *GetEndpointAttributesInput) (*GetEndpointAttributesOutput, error) {
	return api.Do(ctx, in, onDevice(s, errDeviceNotFound, (*GetEndpointAttributesInput).device), s.getEndpointAttributes)
}

func (s *Service) getEndpointAttributes(_ context.Context, device *deviceRecord, _ *GetEndpointAttributesInput) (*GetEndpointAttributesOutput, error) {
	return &GetEndpointAttributesOutput{Attributes: device.Attributes}, nil
}

// SetEndpointAttributesInput is the input of SetEndpointAttributes.
type SetEndpointAttributesInput struct {
	Attributes  map[string]string `check:"required"`
	EndpointArn string            `check:"required"`
}

func (in *SetEndpointAttributesInput) device() string { return in.EndpointArn }

// SetEndpointAttributesOutput is the output of SetEndpointAttributes.
type SetEndpointAttributesOutput struct{}

// SetEndpointAttributes changes attributes of a platform endpoint.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_SetEndpointAttributes.html.
func (s *Service) SetEndpointAttributes(ctx context.Context, in *SetEndpointAttributesInput) (*SetEndpointAttributesOutput, error) {
	return api.Do(ctx, in, onDevice(s, errDeviceNotFound, (*SetEndpointAttributesInput).device), s.setEndpointAttributes)
}

func (s *Service) setEndpointAttributes(ctx context.Context, device *deviceRecord, in *SetEndpointAttributesInput) (*SetEndpointAttributesOutput, error) {
	var edited *deviceRecord
	event := ""
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		event = ""
		if err := api.Confirm(tx, device, errDeviceNotFound); err != nil {
			return err
		}
		edited = s.devices.Edit(tx, device.Arn)
		before := edited.tokenKey()
		if err := edited.set(in.Attributes); err != nil {
			return err
		}
		if after := edited.tokenKey(); after != before {
			if link := s.deviceTokens.Get(tx, after); link != nil {
				return invalidParameter("Token Reason: Endpoint %s already exists with the same Token, but different attributes.", link.Arn)
			}
			s.deviceTokens.Delete(tx, before)
			s.deviceTokens.Put(tx, after, &linkRecord{edited.Arn})
		}
		s.devices.Put(tx, edited.Arn, edited)
		if application := s.applications.Get(tx, edited.Application); application != nil {
			event = application.Attributes["EventEndpointUpdated"]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.announce(ctx, event, "EndpointUpdated", edited)
	return &SetEndpointAttributesOutput{}, nil
}

// Endpoint is one entry of a list of platform endpoints.
type Endpoint struct {
	Attributes  map[string]string
	EndpointArn string
}

// ListEndpointsByPlatformApplicationInput is the input of ListEndpointsByPlatformApplication.
type ListEndpointsByPlatformApplicationInput struct {
	PlatformApplicationArn string `check:"required"`
	NextToken              string
}

func (in *ListEndpointsByPlatformApplicationInput) application() string {
	return in.PlatformApplicationArn
}

// ListEndpointsByPlatformApplicationOutput is the output of ListEndpointsByPlatformApplication.
type ListEndpointsByPlatformApplicationOutput struct {
	Endpoints []Endpoint
	NextToken string
}

// ListEndpointsByPlatformApplication lists an application's endpoints, 100 at a time.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_ListEndpointsByPlatformApplication.html.
func (s *Service) ListEndpointsByPlatformApplication(ctx context.Context, in *ListEndpointsByPlatformApplicationInput) (*ListEndpointsByPlatformApplicationOutput, error) {
	return api.Do(ctx, in, onApplication(s, errApplicationNotFound, (*ListEndpointsByPlatformApplicationInput).application), s.listEndpointsByPlatformApplication)
}

func (s *Service) listEndpointsByPlatformApplication(ctx context.Context, application *applicationRecord, in *ListEndpointsByPlatformApplicationInput) (*ListEndpointsByPlatformApplicationOutput, error) {
	from, err := readToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	out := new(ListEndpointsByPlatformApplicationOutput)
	err = s.engine.View(ctx, func(r store.Reader) error {
		out.Endpoints, out.NextToken = []Endpoint{}, ""
		for key, device := range s.devices.Scan(r, devicePrefix(in.PlatformApplicationArn), from, pageSize+1) {
			if len(out.Endpoints) == pageSize {
				out.NextToken = resource.NewToken(key)
				break
			}
			out.Endpoints = append(out.Endpoints, Endpoint{device.Attributes, device.Arn})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
