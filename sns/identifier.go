package sns

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
)

// managedIdentifiers are the names of AWS's managed data identifiers by country; where
// names differ only by country, they are without it.
//
// See https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-managed-data-identifiers.html, as of 2026-11.
var managedIdentifiers = map[string][]string{
	"Address": nil, "AwsSecretKey": nil, "CreditCardExpiration": nil, "CreditCardMagneticStripe": nil, "CreditCardNumber": nil,
	"CreditCardSecurityCode": nil, "EmailAddress": nil, "IpAddress": nil, "LatLong": nil, "Name": nil,
	"OpenSshPrivateKey": nil, "PgpPrivateKey": nil, "PkcsPrivateKey": nil, "PuttyPrivateKey": nil, "VehicleIdentificationNumber": nil,

	"BankAccountNumber": {"DE", "ES", "FR", "GB", "IT", "US"},
	"CepCode":           {"BR"},
	"Cnpj":              {"BR"},
	"CpfCode":           {"BR"},
	"DriversLicense": {
		"AT", "AU", "BE", "BG", "CA", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IT",
		"LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "US",
	},
	"DrugEnforcementAgencyNumber":       {"US"},
	"ElectoralRollNumber":               {"GB"},
	"HealthInsuranceCardNumber":         {"EU"},
	"HealthInsuranceClaimNumber":        {"US"},
	"HealthInsuranceNumber":             {"FR"},
	"HealthcareProcedureCode":           {"US"},
	"IndividualTaxIdentificationNumber": {"US"},
	"InseeCode":                         {"FR"},
	"MedicareBeneficiaryNumber":         {"US"},
	"NationalDrugCode":                  {"US"},
	"NationalIdentificationNumber":      {"DE", "ES", "IT"},
	"NationalInsuranceNumber":           {"GB"},
	"NationalProviderId":                {"US"},
	"NhsNumber":                         {"GB"},
	"NieNumber":                         {"ES"},
	"NifNumber":                         {"ES"},
	"PassportNumber":                    {"CA", "DE", "ES", "FR", "GB", "IT", "US"},
	"PermanentResidenceNumber":          {"CA"},
	"PersonalHealthNumber":              {"CA"},
	"PhoneNumber":                       {"BR", "DE", "ES", "FR", "GB", "IT", "US"},
	"PostalCode":                        {"CA"},
	"RgNumber":                          {"BR"},
	"SocialInsuranceNumber":             {"CA"},
	"Ssn":                               {"ES", "US"},
	"TaxId":                             {"DE", "ES", "FR", "GB"},
	"ZipCode":                           {"US"},
}

// isManaged reports whether AWS has a managed data identifier of that name.
func isManaged(name string) bool {
	kind, country, split := strings.Cut(name, "-")
	countries, ok := managedIdentifiers[kind]
	if !split {
		return ok && countries == nil
	}
	return slices.Contains(countries, country)
}

// managedIdentifier is the name in the ARN of a managed data identifier. AWS
// writes it without a region, and takes it with one [N040].
func managedIdentifier(id string) (name string, ok bool) {
	a, err := arn.Parse(id)
	if err != nil || a.Service != "dataprotection" || a.AccountID != "" && a.AccountID != "aws" {
		return "", false
	}
	return strings.CutPrefix(a.Resource, "data-identifier/")
}

// customIdentifier is a data identifier of the policy's own.
//
// See https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-custom-data-identifiers.html.
type customIdentifier struct{ Name, Regex string }

// The limits of custom data identifiers.
const (
	maxCustomIdentifiers = 10
	maxCustomName        = 128
	maxCustomRegex       = 200
)

// customIdentifiers are the policy's own identifiers.
func (d *protectionDocument) customIdentifiers() ([]customIdentifier, error) {
	var configuration struct{ CustomDataIdentifier []customIdentifier }
	if d.Configuration != nil && json.Unmarshal(d.Configuration, &configuration) != nil {
		return nil, refusal("failed to parse JSON")
	}
	return configuration.CustomDataIdentifier, nil
}

// customDetectors are what the policy's own identifiers seek, by their names.
func (d *protectionDocument) customDetectors() (map[string]*detector, error) {
	custom, err := d.customIdentifiers()
	if err != nil {
		return nil, err
	}
	if len(custom) > maxCustomIdentifiers {
		return nil, refusal("CustomDataIdentifier must have at most 10 elements")
	}
	found := make(map[string]*detector, len(custom))
	for _, c := range custom {
		pattern, err := regexp.Compile(c.Regex)
		switch {
		case c.Name == "" || len(c.Name) > maxCustomName || strings.ContainsFunc(c.Name, notInName):
			return nil, refusal("CustomDataIdentifier Name " + c.Name + " must be 1 to 128 letters, digits, underscores and hyphens")
		case isManaged(c.Name):
			return nil, refusal("CustomDataIdentifier Name " + c.Name + " is that of a managed data identifier")
		case found[c.Name] != nil:
			return nil, refusal("CustomDataIdentifier Name " + c.Name + " is not unique")
		case err != nil || c.Regex == "" || len(c.Regex) > maxCustomRegex:
			return nil, refusal("CustomDataIdentifier Regex of " + c.Name + " must be a regular expression of 1 to 200 characters")
		}
		found[c.Name] = &detector{pattern: pattern}
	}
	return found, nil
}

// checkCustomIdentifiers refuses a policy whose own identifiers are none.
func checkCustomIdentifiers(text string) error {
	d, err := readProtection(text)
	if err == nil {
		_, err = d.customDetectors()
	}
	return err
}

// checkIdentifiers refuses a policy with an unknown data identifier: it would protect
// nothing, without any sign of it.
func checkIdentifiers(text string) error {
	d, err := readProtection(text)
	if err != nil {
		return err
	}
	custom, err := d.customDetectors()
	if err != nil {
		return err
	}
	for _, st := range d.Statement {
		for _, id := range st.DataIdentifier {
			name, managed := managedIdentifier(id)
			if custom[id] == nil && (!managed || !isManaged(name)) {
				return refusal("DataIdentifier " + id + " is not supported")
			}
		}
	}
	return nil
}
