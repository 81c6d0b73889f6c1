package iam

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// reportKept is how long a credential report is the newest there can be [I110].
const reportKept = 4 * time.Hour

// reportColumns are those of a credential report [I112].
const reportColumns = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
	"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
	"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
	"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"

// GenerateCredentialReportInput is the input of GenerateCredentialReport.
type GenerateCredentialReportInput struct{}

// GenerateCredentialReportOutput is the output of GenerateCredentialReport.
type GenerateCredentialReportOutput struct {
	State       string
	Description string
}

// GenerateCredentialReport makes a report of the account's credentials, where
// the one there is is older than four hours. It is there as soon as the answer is.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html.
func (s *Service) GenerateCredentialReport(ctx context.Context, _ *GenerateCredentialReportInput) (*GenerateCredentialReportOutput, error) {
	account, region := call(ctx)
	out := new(GenerateCredentialReportOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		*out = GenerateCredentialReportOutput{State: "COMPLETE"}
		if old := s.dir.Report(tx, account); old != nil && now(ctx).Sub(old.Generated) < reportKept {
			return nil
		}
		*out = GenerateCredentialReportOutput{State: "STARTED", Description: "No report exists. Starting a new report generation task"}
		content, err := s.report(tx, account, region, now(ctx))
		if err == nil {
			s.dir.PutReport(tx, account, &identity.Report{Generated: now(ctx), Content: content})
		}
		return err
	})
	return out, err
}

// GetCredentialReportInput is the input of GetCredentialReport.
type GetCredentialReportInput struct{}

// GetCredentialReportOutput is the output of GetCredentialReport.
type GetCredentialReportOutput struct {
	Content       []byte
	ReportFormat  string
	GeneratedTime time.Time
}

// GetCredentialReport shows the credential report that was made last.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html.
func (s *Service) GetCredentialReport(ctx context.Context, _ *GetCredentialReportInput) (*GetCredentialReportOutput, error) {
	account, _ := call(ctx)
	out := new(GetCredentialReportOutput)
	err := s.dir.View(ctx, func(r store.Reader) error {
		report := s.dir.Report(r, account)
		switch {
		case report == nil:
			return errNoReport
		case now(ctx).Sub(report.Generated) >= reportKept:
			return errOldReport
		}
		*out = GetCredentialReportOutput{Content: report.Content, ReportFormat: "text/csv", GeneratedTime: seconds(report.Generated)}
		return nil
	})
	return out, err
}

// The values of a report that are neither a time nor true or false [I113].
const (
	notApplicable = "N/A"
	notSupported  = "not_supported"
	noInformation = "no_information"
)

// report is the account's credential report: the root user, then the users by name.
func (s *Service) report(r store.Reader, account, region string, now time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(strings.Split(reportColumns, ",")) // a buffer takes everything
	a, since := s.dir.Account(r, account), now
	var rows [][]string
	for u := range s.dir.Users.All(r, account, "") {
		if u.Created.Before(since) {
			since = u.Created
		}
		rows = append(rows, s.userRow(r, u, a.Passwords))
	}
	enabled, changed := notSupported, notSupported
	if !a.RootLogin.IsZero() {
		enabled, changed = "true", reportTime(a.RootLogin)
	}
	root := []string{"<root_account>", arn.Global("iam", region, account, "root").String(), reportTime(since), enabled, noInformation, changed, notSupported, "false"}
	_ = w.Write(append(append(root, s.keyCells(r, a.RootKeys)...), certificateCells(nil)...))
	_ = w.WriteAll(rows)
	return b.Bytes(), w.Error()
}

func (s *Service) userRow(r store.Reader, u *identity.User, policy *identity.PasswordPolicy) []string {
	row := []string{u.Name, u.ARN(), reportTime(u.Created), strconv.FormatBool(u.Login != nil)}
	if u.Login == nil {
		row = append(row, notApplicable, notApplicable, notApplicable)
	} else {
		next := notApplicable
		if policy != nil && policy.MaxAge > 0 {
			next = reportTime(u.Login.Changed.AddDate(0, 0, policy.MaxAge))
		}
		row = append(row, noInformation, reportTime(u.Login.Changed), next)
	}
	row = append(row, strconv.FormatBool(len(u.Devices) > 0))
	return append(append(row, s.keyCells(r, u.Keys)...), certificateCells(u.Certificates)...)
}

// keyCells are the cells of the two access keys that there can be.
func (s *Service) keyCells(r store.Reader, keys []string) (cells []string) {
	for i := range maxAccessKeys {
		if i >= len(keys) {
			cells = append(cells, "false", notApplicable, notApplicable, notApplicable, notApplicable)
			continue
		}
		k := s.dir.Key(r, keys[i])
		cells = append(cells, strconv.FormatBool(!k.Inactive), reportTime(k.Created))
		if use := s.dir.LastUse(r, k.ID); use.Time.IsZero() {
			cells = append(cells, notApplicable, notApplicable, notApplicable)
		} else {
			cells = append(cells, reportTime(use.Time), use.Region, use.Service)
		}
	}
	return cells
}

// certificateCells are the cells of the two signing certificates that there can be.
func certificateCells(certificates []identity.Certificate) (cells []string) {
	for i := range maxCertificates {
		if i >= len(certificates) {
			cells = append(cells, "false", notApplicable)
			continue
		}
		cells = append(cells, strconv.FormatBool(!certificates[i].Inactive), reportTime(certificates[i].Uploaded))
	}
	return cells
}

func reportTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }
