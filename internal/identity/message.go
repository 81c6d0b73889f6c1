package identity

import "encoding/base64"

const messageLabel = "authorization message"

// EncodeMessage encodes the details of a denial; sts:DecodeAuthorizationMessage
// decodes them.
func (d *Directory) EncodeMessage(details string) string {
	return base64.RawURLEncoding.EncodeToString(d.hsm.Wrap([]byte(details), messageLabel))
}

// DecodeMessage is the inverse of EncodeMessage; false where EncodeMessage did not make
// the message.
func (d *Directory) DecodeMessage(message string) (details string, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(message)
	if err != nil {
		return "", false
	}
	text, err := d.hsm.Unwrap(sealed, messageLabel)
	return string(text), err == nil
}
