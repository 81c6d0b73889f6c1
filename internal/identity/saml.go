package identity

import "time"

// SAMLProvider is an identity provider of SAML 2.0.
type SAMLProvider struct {
	Entity
	UUID       string
	Metadata   string // its description of itself
	ValidUntil time.Time
}

// ARN is arn:P:iam::A:saml-provider/NAME.
func (p *SAMLProvider) ARN() string {
	e := p.Entity
	e.Path = "/"
	return e.arn("saml-provider")
}

// SAMLSubject is the subject of a SAML session, as far as conditions can test
// it.
type SAMLSubject struct {
	NameQualifier, Subject, Type string
}

// keys are the condition keys of a session of the subject [I092].
func (s *SAMLSubject) keys() map[string]string {
	if s == nil {
		return nil
	}
	return map[string]string{"saml:namequalifier": s.NameQualifier, "saml:sub": s.Subject, "saml:sub_type": s.Type}
}
