package sns

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// sandboxRecord is a number of the SMS sandbox.
type sandboxRecord struct {
	Verified bool `json:",omitempty"`
	// Password is what was sent to the number; it is good until Expires.
	Password string
	Expires  time.Time
}

// The limits of the SMS sandbox.
const (
	maxSandboxNumbers = 10
	passwordPeriod    = 15 * time.Minute
)

// GetSMSSandboxAccountStatusInput is the input of GetSMSSandboxAccountStatus.
type GetSMSSandboxAccountStatusInput struct{}

// GetSMSSandboxAccountStatusOutput is the output of GetSMSSandboxAccountStatus.
type GetSMSSandboxAccountStatusOutput struct {
	IsInSandbox bool
}

// GetSMSSandboxAccountStatus tells whether the account sends messages to
// verified numbers only. No account here does: on AWS, support lets accounts
// out of the sandbox, and there is no call that would.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_GetSMSSandboxAccountStatus.html.
func (s *Service) GetSMSSandboxAccountStatus(context.Context, *GetSMSSandboxAccountStatusInput) (*GetSMSSandboxAccountStatusOutput, error) {
	return &GetSMSSandboxAccountStatusOutput{IsInSandbox: false}, nil
}

// CreateSMSSandboxPhoneNumberInput is the input of CreateSMSSandboxPhoneNumber.
type CreateSMSSandboxPhoneNumberInput struct {
	PhoneNumber  string `check:"required"`
	LanguageCode string `enum:"en-US|en-GB|es-419|es-ES|de-DE|fr-CA|fr-FR|it-IT|ja-JP|pt-BR|kr-KR|zh-CN|zh-TW"`
}

// CreateSMSSandboxPhoneNumberOutput is the output of CreateSMSSandboxPhoneNumber.
type CreateSMSSandboxPhoneNumberOutput struct {
	_ struct{} `out:"result"`
}

// CreateSMSSandboxPhoneNumber adds a number to the sandbox and sends it a
// one-time password, which is captured.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_CreateSMSSandboxPhoneNumber.html.
func (s *Service) CreateSMSSandboxPhoneNumber(ctx context.Context, in *CreateSMSSandboxPhoneNumberInput) (*CreateSMSSandboxPhoneNumberOutput, error) {
	number, err := readNumber(in.PhoneNumber)
	if err != nil {
		return nil, err
	}
	password, err := newPassword()
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	prefix := here(ctx) + "/"
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if s.optOuts.Get(tx, prefix+number) != nil {
			return ErrOptedOut.With("Phone number is opted out")
		}
		record := s.sandbox.Edit(tx, prefix+number)
		if record == nil {
			n := 0
			for range s.sandbox.Scan(tx, prefix, "", maxSandboxNumbers) {
				n++
			}
			if n >= maxSandboxNumbers {
				return ErrUserError.With(fmt.Sprintf("You can add up to %d destination phone numbers", maxSandboxNumbers))
			}
			record = new(sandboxRecord)
		}
		record.Password, record.Expires = password, now.Add(passwordPeriod)
		s.sandbox.Put(tx, prefix+number, record)
		return nil
	})
	if err != nil {
		return nil, err
	}
	request := api.RequestFrom(ctx)
	s.outside.Capture(Captured{
		Account: request.Account, Region: request.Region, Time: now, Protocol: protocolSMS, Endpoint: number, MessageID: s.ids.UUID(),
		Body: "Your AWS SNS verification code is " + password,
	})
	return &CreateSMSSandboxPhoneNumberOutput{}, nil
}

// newPassword is a one-time password of six digits.
func newPassword() (string, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(b[:])%1_000_000), nil
}

// VerifySMSSandboxPhoneNumberInput is the input of VerifySMSSandboxPhoneNumber.
type VerifySMSSandboxPhoneNumberInput struct {
	OneTimePassword string `check:"required,min=5,max=8" pattern:"[0-9]+" trail:"hide"`
	PhoneNumber     string `check:"required"`
}

// VerifySMSSandboxPhoneNumberOutput is the output of VerifySMSSandboxPhoneNumber.
type VerifySMSSandboxPhoneNumberOutput struct {
	_ struct{} `out:"result"`
}

// VerifySMSSandboxPhoneNumber verifies a number by the password that it was sent.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_VerifySMSSandboxPhoneNumber.html.
func (s *Service) VerifySMSSandboxPhoneNumber(ctx context.Context, in *VerifySMSSandboxPhoneNumberInput) (*VerifySMSSandboxPhoneNumberOutput, error) {
	number, err := readNumber(in.PhoneNumber)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	key := here(ctx) + "/" + number
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		record := s.sandbox.Edit(tx, key)
		switch {
		case record == nil:
			return ErrResourceNotFound.With("Phone number does not exist in the SMS sandbox")
		case !now.Before(record.Expires) || subtle.ConstantTimeCompare([]byte(record.Password), []byte(in.OneTimePassword)) != 1:
			return ErrVerification
		}
		record.Verified = true
		s.sandbox.Put(tx, key, record)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &VerifySMSSandboxPhoneNumberOutput{}, nil
}

// DeleteSMSSandboxPhoneNumberInput is the input of DeleteSMSSandboxPhoneNumber.
type DeleteSMSSandboxPhoneNumberInput struct {
	PhoneNumber string `check:"required"`
}

// DeleteSMSSandboxPhoneNumberOutput is the output of DeleteSMSSandboxPhoneNumber.
type DeleteSMSSandboxPhoneNumberOutput struct {
	_ struct{} `out:"result"`
}

// DeleteSMSSandboxPhoneNumber removes a number from the sandbox.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_DeleteSMSSandboxPhoneNumber.html.
func (s *Service) DeleteSMSSandboxPhoneNumber(ctx context.Context, in *DeleteSMSSandboxPhoneNumberInput) (*DeleteSMSSandboxPhoneNumberOutput, error) {
	number, err := readNumber(in.PhoneNumber)
	if err != nil {
		return nil, err
	}
	key := here(ctx) + "/" + number
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if s.sandbox.Get(tx, key) == nil {
			return ErrResourceNotFound.With("Phone number does not exist in the SMS sandbox")
		}
		s.sandbox.Delete(tx, key)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &DeleteSMSSandboxPhoneNumberOutput{}, nil
}

// SMSSandboxPhoneNumber is a number of the sandbox.
type SMSSandboxPhoneNumber struct {
	PhoneNumber string
	Status      string // Pending or Verified
}

// ListSMSSandboxPhoneNumbersInput is the input of ListSMSSandboxPhoneNumbers.
type ListSMSSandboxPhoneNumbersInput struct {
	MaxResults int32 `check:"min=1,max=100"`
	NextToken  string
}

// ListSMSSandboxPhoneNumbersOutput is the output of ListSMSSandboxPhoneNumbers.
type ListSMSSandboxPhoneNumbersOutput struct {
	PhoneNumbers []SMSSandboxPhoneNumber
	NextToken    string
}

// ListSMSSandboxPhoneNumbers lists the numbers of the sandbox.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_ListSMSSandboxPhoneNumbers.html.
func (s *Service) ListSMSSandboxPhoneNumbers(ctx context.Context, in *ListSMSSandboxPhoneNumbersInput) (*ListSMSSandboxPhoneNumbersOutput, error) {
	from, err := readToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	size := pageSize
	if in.MaxResults > 0 {
		size = int(in.MaxResults)
	}
	out := new(ListSMSSandboxPhoneNumbersOutput)
	prefix := here(ctx) + "/"
	err = s.engine.View(ctx, func(r store.Reader) error {
		out.PhoneNumbers, out.NextToken = []SMSSandboxPhoneNumber{}, ""
		for key, record := range s.sandbox.Scan(r, prefix, from, size+1) {
			if len(out.PhoneNumbers) == size {
				out.NextToken = resource.NewToken(key)
				break
			}
			status := "Pending"
			if record.Verified {
				status = "Verified"
			}
			out.PhoneNumbers = append(out.PhoneNumbers, SMSSandboxPhoneNumber{strings.TrimPrefix(key, prefix), status})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// PhoneNumberInformation is a number that an account sends from.
type PhoneNumberInformation struct {
	CreatedAt          *time.Time
	Iso2CountryCode    string
	NumberCapabilities []string
	PhoneNumber        string
	RouteType          string
	Status             string
}

// ListOriginationNumbersInput is the input of ListOriginationNumbers.
type ListOriginationNumbersInput struct {
	MaxResults int32 `check:"min=1,max=30"`
	NextToken  string
}

// ListOriginationNumbersOutput is the output of ListOriginationNumbers.
type ListOriginationNumbersOutput struct {
	NextToken    string
	PhoneNumbers []PhoneNumberInformation
}

// ListOriginationNumbers lists the numbers that the account sends from. They
// are bought from another service, which is not here: no account has any.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_ListOriginationNumbers.html.
func (s *Service) ListOriginationNumbers(_ context.Context, in *ListOriginationNumbersInput) (*ListOriginationNumbersOutput, error) {
	if _, err := readToken(in.NextToken); err != nil {
		return nil, err
	}
	return &ListOriginationNumbersOutput{PhoneNumbers: []PhoneNumberInformation{}}, nil
}
