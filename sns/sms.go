package sns

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
)

// smsRecord is an account's settings for text messages in a region.
type smsRecord struct{ Attributes map[string]string }

// optOutRecord is a number whose holder wants no messages.
type optOutRecord struct{ Since time.Time }

// placeKey is the key of what an account has in a region.
func placeKey(region, account string) string { return region + "/" + account }

func here(ctx context.Context) string {
	request := api.RequestFrom(ctx)
	return placeKey(request.Region, request.Account)
}

// e164 is a number as Publish takes it [N097].
var e164 = regexp.MustCompile(`^\+?[1-9][0-9]{1,14}$`)

// publishToPhone sends a text message to a number: it is captured.
func (s *Service) publishToPhone(ctx context.Context, number string, m *message) error {
	if !e164.MatchString(number) {
		return invalidParameter("PhoneNumber Reason: %s is not valid to publish to", number)
	}
	if m.size() > defaultMessageSize {
		return errMessageTooLong
	}
	m.ID, m.Time = s.ids.UUID(), s.clock.Now()
	request := api.RequestFrom(ctx)
	d := trail.Delivery{
		ID: s.ids.UUID(), MessageID: m.ID, Protocol: protocolSMS, Endpoint: number, Status: trail.StatusSuccess, Attempts: 1,
		Outcome: trail.Outcome{StatusCode: 200, ProviderResponse: `{"captured":true}`}, Published: m.Time, Time: m.Time,
	}
	if refused := s.refusedByPhone(ctx, request.Account, number); refused != "" {
		d.Status, d.Outcome = trail.StatusFailure, trail.Outcome{StatusCode: 400, ProviderResponse: refused}
	} else {
		s.outside.Capture(Captured{
			Account: request.Account, Region: request.Region, Time: m.Time, Protocol: protocolSMS, Endpoint: number,
			MessageID: m.ID, Body: m.text(protocolSMS), Attributes: m.Attributes, Structured: m.Texts != nil,
		})
	}
	s.record(ctx, &d)
	return nil
}

// refusedByPhone is why a number gets no message of the account; empty: it does.
func (s *Service) refusedByPhone(ctx context.Context, account, number string) string {
	refused := ""
	err := s.engine.View(ctx, func(r store.Reader) error {
		if s.optOuts.Get(r, placeKey(api.RequestFrom(ctx).Region, account)+"/"+plainNumber(number)) != nil {
			refused = "Phone number is opted out"
		}
		return nil
	})
	if err != nil {
		return err.Error()
	}
	return refused
}

// plainNumber is a number's digits after a plus.
func plainNumber(number string) string {
	return "+" + strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}

// smsAttributes are the settings that SetSMSAttributes takes. Its errors name
// the attribute alone [N193].
var smsAttributes = map[string]func(value string) bool{
	"DefaultSMSType":                    func(v string) bool { return v == "Promotional" || v == "Transactional" },
	"DefaultSenderID":                   regexp.MustCompile(`^[A-Za-z0-9-]{0,10}[A-Za-z][A-Za-z0-9-]{0,10}$`).MatchString,
	"DeliveryStatusIAMRole":             func(v string) bool { _, refused := roleArn(v); return refused == "" },
	"DeliveryStatusSuccessSamplingRate": func(v string) bool { n, err := strconv.Atoi(v); return err == nil && n >= 0 && n <= 100 },
	"MonthlySpendLimit":                 func(v string) bool { n, err := strconv.Atoi(v); return err == nil && n >= 0 },
	"UsageReportS3Bucket":               func(v string) bool { return v != "" },
}

// SetSMSAttributesInput is the input of SetSMSAttributes.
type SetSMSAttributesInput struct {
	Attributes map[string]string `name:"attributes" check:"required"`
}

// SetSMSAttributesOutput is the output of SetSMSAttributes.
type SetSMSAttributesOutput struct {
	_ struct{} `out:"result"`
}

// SetSMSAttributes changes the account's settings for text messages. An empty
// value removes a setting.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_SetSMSAttributes.html.
func (s *Service) SetSMSAttributes(ctx context.Context, in *SetSMSAttributesInput) (*SetSMSAttributesOutput, error) {
	for _, name := range sortedKeys(in.Attributes) {
		valid := smsAttributes[name]
		if valid == nil {
			return nil, ErrInvalidParameter.With(name + " is not a valid attribute")
		}
		if value := in.Attributes[name]; value != "" && (!valid(value) || name == "DefaultSenderID" && len(value) > 11) {
			return nil, ErrInvalidParameter.With(name + " is invalid")
		}
	}
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		record := s.sms.Edit(tx, here(ctx))
		if record == nil {
			record = new(smsRecord)
		}
		if record.Attributes == nil {
			record.Attributes = map[string]string{}
		}
		for name, value := range in.Attributes {
			if value == "" {
				delete(record.Attributes, name)
				continue
			}
			record.Attributes[name] = value
		}
		s.sms.Put(tx, here(ctx), record)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &SetSMSAttributesOutput{}, nil
}

// GetSMSAttributesInput is the input of GetSMSAttributes.
type GetSMSAttributesInput struct {
	Attributes []string `name:"attributes"`
}

// GetSMSAttributesOutput is the output of GetSMSAttributes.
type GetSMSAttributesOutput struct {
	Attributes map[string]string `name:"attributes"`
}

// GetSMSAttributes answers the account's settings for text messages: those that
// are asked for, or all [N192].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_GetSMSAttributes.html.
func (s *Service) GetSMSAttributes(ctx context.Context, in *GetSMSAttributesInput) (*GetSMSAttributesOutput, error) {
	for _, name := range in.Attributes {
		if smsAttributes[name] == nil {
			return nil, ErrInvalidParameter.With(name + " is not a valid attribute")
		}
	}
	out := &GetSMSAttributesOutput{Attributes: map[string]string{"MonthlySpendLimit": "1"}}
	err := s.engine.View(ctx, func(r store.Reader) error {
		if record := s.sms.Get(r, here(ctx)); record != nil {
			for name, value := range record.Attributes {
				out.Attributes[name] = value
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for name := range out.Attributes {
		if len(in.Attributes) > 0 && !slices.Contains(in.Attributes, name) {
			delete(out.Attributes, name)
		}
	}
	return out, nil
}

// readNumber is the number of a request about opting out [N194].
func readNumber(number string) (string, error) {
	if !e164.MatchString(number) {
		return "", invalidParameter("PhoneNumber Reason: input incorrectly formatted")
	}
	return plainNumber(number), nil
}

// OptOut notes that the holder of a number wants no messages of an account, as
// by answering STOP. Numbers are written in E.164.
func (s *Service) OptOut(ctx context.Context, account, region, number string) error {
	number, err := readNumber(number)
	if err != nil {
		return err
	}
	since := s.clock.Now()
	return s.engine.Update(ctx, func(tx store.Tx) error {
		s.optOuts.Put(tx, placeKey(region, account)+"/"+number, &optOutRecord{since})
		return nil
	})
}

// CheckIfPhoneNumberIsOptedOutInput is the input of CheckIfPhoneNumberIsOptedOut.
type CheckIfPhoneNumberIsOptedOutInput struct {
	PhoneNumber string `name:"phoneNumber" check:"required"`
}

// CheckIfPhoneNumberIsOptedOutOutput is the output of CheckIfPhoneNumberIsOptedOut.
type CheckIfPhoneNumberIsOptedOutOutput struct {
	IsOptedOut bool `name:"isOptedOut"`
}

// CheckIfPhoneNumberIsOptedOut tells whether the holder of a number wants no messages.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_CheckIfPhoneNumberIsOptedOut.html.
func (s *Service) CheckIfPhoneNumberIsOptedOut(ctx context.Context, in *CheckIfPhoneNumberIsOptedOutInput) (*CheckIfPhoneNumberIsOptedOutOutput, error) {
	number, err := readNumber(in.PhoneNumber)
	if err != nil {
		return nil, err
	}
	out := new(CheckIfPhoneNumberIsOptedOutOutput)
	err = s.engine.View(ctx, func(r store.Reader) error {
		out.IsOptedOut = s.optOuts.Get(r, here(ctx)+"/"+number) != nil
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ListPhoneNumbersOptedOutInput is the input of ListPhoneNumbersOptedOut.
type ListPhoneNumbersOptedOutInput struct {
	NextToken string `name:"nextToken"`
}

// ListPhoneNumbersOptedOutOutput is the output of ListPhoneNumbersOptedOut.
type ListPhoneNumbersOptedOutOutput struct {
	NextToken    string   `name:"nextToken"`
	PhoneNumbers []string `name:"phoneNumbers"`
}

// ListPhoneNumbersOptedOut lists the numbers whose holders want no messages, 100 at a time.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_ListPhoneNumbersOptedOut.html.
func (s *Service) ListPhoneNumbersOptedOut(ctx context.Context, in *ListPhoneNumbersOptedOutInput) (*ListPhoneNumbersOptedOutOutput, error) {
	from, err := readToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	out := new(ListPhoneNumbersOptedOutOutput)
	prefix := here(ctx) + "/"
	err = s.engine.View(ctx, func(r store.Reader) error {
		out.PhoneNumbers, out.NextToken = []string{}, ""
		for key := range s.optOuts.Scan(r, prefix, from, pageSize+1) {
			if len(out.PhoneNumbers) == pageSize {
				out.NextToken = resource.NewToken(key)
				break
			}
			out.PhoneNumbers = append(out.PhoneNumbers, strings.TrimPrefix(key, prefix))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// OptInPhoneNumberInput is the input of OptInPhoneNumber.
type OptInPhoneNumberInput struct {
	PhoneNumber string `name:"phoneNumber" check:"required"`
}

// OptInPhoneNumberOutput is the output of OptInPhoneNumber.
type OptInPhoneNumberOutput struct {
	_ struct{} `out:"result"`
}

// OptInPhoneNumber lets a number be sent messages again: once in thirty days.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_OptInPhoneNumber.html.
func (s *Service) OptInPhoneNumber(ctx context.Context, in *OptInPhoneNumberInput) (*OptInPhoneNumberOutput, error) {
	number, err := readNumber(in.PhoneNumber)
	if err != nil {
		return nil, err
	}
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		s.optOuts.Delete(tx, here(ctx)+"/"+number)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &OptInPhoneNumberOutput{}, nil
}
