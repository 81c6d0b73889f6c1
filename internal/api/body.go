package api

import "io"

// Body is what a request carries, as an operation reads it: piece by piece, as it
// comes over the connection, and once. A dialect that streams gives it to a member of
// the input of type *Body.
//
// Read fails with an *Error where the body is not what was announced or signed: too
// short, of another hash, with a wrong signature of a piece. What was read before is then not
// to be kept. So it is to be read up to io.EOF: nothing is certain before.
type Body struct {
	reader  io.Reader
	length  int64
	trailer func(name string) string
}

// NewBody is a body that is read from r. length is its length, -1: unknown. trailer
// finds what was sent behind the body; nil: nothing was.
func NewBody(r io.Reader, length int64, trailer func(name string) string) *Body {
	return &Body{r, length, trailer}
}

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	if b == nil || b.reader == nil {
		return 0, io.EOF
	}
	return b.reader.Read(p)
}

// Close implements io.Closer. The connection is closed by those who opened it.
func (b *Body) Close() error { return nil }

// Length is how many bytes there will be; -1: that is not known.
func (b *Body) Length() int64 {
	if b == nil || b.reader == nil {
		return 0
	}
	return b.length
}

// Trailer is a header that was sent behind the body, such as x-amz-checksum-crc32;
// empty: it was not. It is known once Read has answered io.EOF.
func (b *Body) Trailer(name string) string {
	if b == nil || b.trailer == nil {
		return ""
	}
	return b.trailer(name)
}
