package sns

import (
	"context"
	"errors"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// applicationRecord is a platform application: an app's account with a push service.
type applicationRecord struct {
	Arn string
	// Attributes are those that are shown. Credentials are checked and dropped:
	// nothing is really sent, so nothing needs them.
	Attributes map[string]string

	store.Version `json:"-"`
}

func (a *applicationRecord) enabled() bool { return a.Attributes["Enabled"] != "false" }

// platforms are the push services [N197].
var platforms = map[string]bool{
	"ADM": true, "APNS": true, "APNS_SANDBOX": true, "APNS_VOIP": true, "APNS_VOIP_SANDBOX": true,
	"BAIDU": true, "GCM": true, "MACOS": true, "MACOS_SANDBOX": true, "MPNS": true, "WNS": true,
}

// The credentials of a platform application, which are never shown [N199].
const (
	attrPlatformCredential = "PlatformCredential"
	attrPlatformPrincipal  = "PlatformPrincipal"
)

// applicationAttributes are the attributes of platform applications.
var applicationAttributes = map[string]func(value string) (stored, refused string){
	attrPlatformCredential:      anything,
	attrPlatformPrincipal:       anything,
	"ApplePlatformBundleID":     anything,
	"ApplePlatformTeamID":       anything,
	"Enabled":                   boolean,
	"EventDeliveryFailure":      anything,
	"EventEndpointCreated":      anything,
	"EventEndpointDeleted":      anything,
	"EventEndpointUpdated":      anything,
	"FailureFeedbackRoleArn":    anything,
	"SuccessFeedbackRoleArn":    anything,
	"SuccessFeedbackSampleRate": between(0, 100),
}

// set changes attributes.
func (a *applicationRecord) set(attributes map[string]string) error {
	for _, name := range sortedKeys(attributes) {
		normal := applicationAttributes[name]
		if normal == nil {
			return invalidParameter("Attributes Reason: Invalid attribute name: %s", name)
		}
		stored, refused := normal(attributes[name])
		switch {
		case refused != "":
			return invalidParameter("Attributes Reason: %s: %s", name, refused)
		case name == attrPlatformCredential || name == attrPlatformPrincipal:
		case stored == "":
			delete(a.Attributes, name)
		default:
			a.Attributes[name] = stored
		}
	}
	return nil
}

// CreatePlatformApplicationInput is the input of CreatePlatformApplication.
type CreatePlatformApplicationInput struct {
	Attributes map[string]string `check:"required" trail:"hide"`
	Name       string            `check:"required"`
	Platform   string            `check:"required"`
}

// CreatePlatformApplicationOutput is the output of CreatePlatformApplication.
type CreatePlatformApplicationOutput struct {
	PlatformApplicationArn string
}

// check refuses an application [N196]-[N198].
func (in *CreatePlatformApplicationInput) check() error {
	_, credential := in.Attributes[attrPlatformCredential]
	_, principal := in.Attributes[attrPlatformPrincipal]
	switch {
	case in.Name == "":
		return invalidParameter(" Reason: cannot be empty")
	case len(in.Name) > 256:
		return invalidParameter("%s Reason: must be at most 256 characters long", in.Name)
	case strings.ContainsFunc(in.Name, func(r rune) bool { return notInName(r) && r != '.' }):
		return invalidParameter("%s Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'", in.Name)
	case !platforms[in.Platform]:
		return invalidParameter("Platform Reason: %s is not supported", in.Platform)
	case principal && !credential:
		return invalidParameter("Attributes Reason: PlatformPrincipal attribute provided without PlatformCredential")
	case credential && !principal && in.Platform != "GCM":
		return invalidParameter("Attributes Reason: PlatformCredential attribute provided without PlatformPrincipal")
	}
	return nil
}

func (in *CreatePlatformApplicationInput) arn(ctx context.Context) arn.ARN {
	request := api.RequestFrom(ctx)
	return arn.New("sns", request.Region, request.Account, "app/"+in.Platform+"/"+in.Name)
}

// CreatePlatformApplication makes a platform application, or changes the one of that name.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformApplication.html.
func (s *Service) CreatePlatformApplication(ctx context.Context, in *CreatePlatformApplicationInput) (*CreatePlatformApplicationOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	name := in.arn(ctx).String()
	err := s.makeAnew(ctx, name, func(tx store.Tx) error {
		application := s.applications.Edit(tx, name)
		if application == nil {
			application = &applicationRecord{Arn: name, Attributes: map[string]string{"Enabled": "true"}}
		}
		if err := application.set(in.Attributes); err != nil {
			return err
		}
		s.applications.Put(tx, name, application)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &CreatePlatformApplicationOutput{PlatformApplicationArn: name}, nil
}

func (s *Service) createApplicationTarget(ctx context.Context, in *CreatePlatformApplicationInput) (api.Target, error) {
	a := in.arn(ctx)
	return api.Target{ARN: a.String(), Account: a.AccountID}, nil
}

// onApplication resolves an input to a platform application, which must exist
// unless missing is nil [N200] [N201].
func onApplication[In any](s *Service, missing *api.Error, application func(In) string) func(context.Context, In) (api.Target, *applicationRecord, error) {
	return func(ctx context.Context, in In) (target api.Target, found *applicationRecord, err error) {
		text := application(in)
		a, err := parseApplicationARN(ctx, text)
		if err != nil {
			return target, nil, err
		}
		target = api.Target{ARN: text, Account: a.AccountID}
		err = s.engine.View(ctx, func(r store.Reader) error {
			if found = s.applications.Get(r, text); found == nil {
				target.Missing = missing
			}
			return nil
		})
		return target, found, err
	}
}

// parseApplicationARN reads the ARN of a platform application [N201].
func parseApplicationARN(ctx context.Context, text string) (arn.ARN, error) {
	a, err := parseARN(text, "PlatformApplicationArn")
	if err == nil && (a.Service != "sns" || a.Region != api.RequestFrom(ctx).Region || strings.Count(a.Resource, "/") != 2 || !strings.HasPrefix(a.Resource, "app/")) {
		err = invalidParameter("PlatformApplicationArn")
	}
	return a, err
}

// DeletePlatformApplicationInput is the input of DeletePlatformApplication.
type DeletePlatformApplicationInput struct {
	PlatformApplicationArn string `check:"required"`
}

func (in *DeletePlatformApplicationInput) application() string { return in.PlatformApplicationArn }

// DeletePlatformApplicationOutput is the output of DeletePlatformApplication.
type DeletePlatformApplicationOutput struct{}

// DeletePlatformApplication deletes a platform application with its endpoints,
// if it is there.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_DeletePlatformApplication.html.
func (s *Service) DeletePlatformApplication(ctx context.Context, in *DeletePlatformApplicationInput) (*DeletePlatformApplicationOutput, error) {
	return api.Do(ctx, in, onApplication(s, nil, (*DeletePlatformApplicationInput).application), s.deletePlatformApplication)
}

func (s *Service) deletePlatformApplication(ctx context.Context, application *applicationRecord, _ *DeletePlatformApplicationInput) (*DeletePlatformApplicationOutput, error) {
	if application == nil {
		return &DeletePlatformApplicationOutput{}, nil
	}
	more := false
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := api.Confirm(tx, application, errApplicationNotFound); err != nil {
			return err
		}
		s.applications.Delete(tx, application.Arn)
		more = s.sweepApplication(tx, application.Arn, new(remainsRecord))
		return nil
	})
	if err != nil && !errors.Is(err, errApplicationNotFound) {
		return nil, err
	}
	if more {
		s.worker.wake()
	}
	return &DeletePlatformApplicationOutput{}, nil
}

// GetPlatformApplicationAttributesInput is the input of GetPlatformApplicationAttributes.
type GetPlatformApplicationAttributesInput struct {
	PlatformApplicationArn string `check:"required"`
}

func (in *GetPlatformApplicationAttributesInput) application() string {
	return in.PlatformApplicationArn
}

// GetPlatformApplicationAttributesOutput is the output of GetPlatformApplicationAttributes.
type GetPlatformApplicationAttributesOutput struct {
	Attributes map[string]string
}

// GetPlatformApplicationAttributes answers an application's attributes.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_GetPlatformApplicationAttributes.html.
func (s *Service) GetPlatformApplicationAttributes(ctx context.Context, in *GetPlatformApplicationAttributesInput) (*GetPlatformApplicationAttributesOutput, error) {
	return api.Do(ctx, in, onApplication(s, errApplicationNotFound, (*GetPlatformApplicationAttributesInput).application), s.getPlatformApplicationAttributes)
}

func (s *Service) getPlatformApplicationAttributes(_ context.Context, application *applicationRecord, _ *GetPlatformApplicationAttributesInput) (*GetPlatformApplicationAttributesOutput, error) {
	return &GetPlatformApplicationAttributesOutput{Attributes: application.Attributes}, nil
}

// SetPlatformApplicationAttributesInput is the input of SetPlatformApplicationAttributes.
type SetPlatformApplicationAttributesInput struct {
	Attributes             map[string]string `check:"required" trail:"hide"`
	PlatformApplicationArn string            `check:"required"`
}

func (in *SetPlatformApplicationAttributesInput) application() string {
	return in.PlatformApplicationArn
}

// SetPlatformApplicationAttributesOutput is the output of SetPlatformApplicationAttributes.
type SetPlatformApplicationAttributesOutput struct{}

// SetPlatformApplicationAttributes changes attributes of an application.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_SetPlatformApplicationAttributes.html.
func (s *Service) SetPlatformApplicationAttributes(ctx context.Context, in *SetPlatformApplicationAttributesInput) (*SetPlatformApplicationAttributesOutput, error) {
	return api.Do(ctx, in, onApplication(s, errApplicationNotFound, (*SetPlatformApplicationAttributesInput).application), s.setPlatformApplicationAttributes)
}

func (s *Service) setPlatformApplicationAttributes(ctx context.Context, application *applicationRecord, in *SetPlatformApplicationAttributesInput) (*SetPlatformApplicationAttributesOutput, error) {
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := api.Confirm(tx, application, errApplicationNotFound); err != nil {
			return err
		}
		edited := s.applications.Edit(tx, application.Arn)
		if err := edited.set(in.Attributes); err != nil {
			return err
		}
		s.applications.Put(tx, edited.Arn, edited)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &SetPlatformApplicationAttributesOutput{}, nil
}

// PlatformApplication is one entry of a list of applications.
type PlatformApplication struct {
	Attributes             map[string]string
	PlatformApplicationArn string
}

// ListPlatformApplicationsInput is the input of ListPlatformApplications.
type ListPlatformApplicationsInput struct {
	NextToken string
}

// ListPlatformApplicationsOutput is the output of ListPlatformApplications.
type ListPlatformApplicationsOutput struct {
	NextToken            string
	PlatformApplications []PlatformApplication
}

// ListPlatformApplications lists the caller's applications in the region, 100 at a time.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_ListPlatformApplications.html.
func (s *Service) ListPlatformApplications(ctx context.Context, in *ListPlatformApplicationsInput) (*ListPlatformApplicationsOutput, error) {
	from, err := readToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	request := api.RequestFrom(ctx)
	prefix := arn.New("sns", request.Region, request.Account, "app/").String()
	out := new(ListPlatformApplicationsOutput)
	err = s.engine.View(ctx, func(r store.Reader) error {
		out.PlatformApplications, out.NextToken = []PlatformApplication{}, ""
		for key, application := range s.applications.Scan(r, prefix, from, pageSize+1) {
			if len(out.PlatformApplications) == pageSize {
				out.NextToken = resource.NewToken(key)
				break
			}
			out.PlatformApplications = append(out.PlatformApplications, PlatformApplication{application.Attributes, application.Arn})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
