package sigv4

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// The values of x-amz-content-sha256 that are no hash [S109].
const (
	unsigned         = "UNSIGNED-PAYLOAD"
	unsignedTrailer  = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	streaming        = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	streamingTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	streamingV4A     = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
	trailerV4A       = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"
)

// Body is the body of a request for an object, checked while it is read: against the
// hash that was signed, or the signatures of its pieces. o has no Signature where nobody
// signed the request; secret is empty where the signature cannot be verified.
func (v *Verifier) Body(o *Object, secret string) (*api.Body, *api.Error) {
	r := o.Request
	announced := r.Header.Get(contentHeader)
	if o.Signature != nil {
		announced = o.contentSHA256()
	}
	switch announced {
	case "", unsigned:
		return api.NewBody(&exact{body: r.Body, left: r.ContentLength}, r.ContentLength, nil), nil
	case unsignedTrailer, streaming, streamingTrailer, streamingV4A, trailerV4A:
		return v.chunked(o, secret, announced)
	}
	want, err := hex.DecodeString(announced)
	if err != nil || len(want) != sha256.Size {
		return nil, errContentHash.Detailed("ArgumentName", "x-amz-content-sha256").Detailed("ArgumentValue", announced)
	}
	h := &hashed{reader: &exact{body: r.Body, left: r.ContentLength}, hash: sha256.New(), want: want}
	return api.NewBody(h, r.ContentLength, nil), nil
}

// exact reads a body that must have as many bytes as were announced; -1: as many as come.
type exact struct {
	body io.Reader
	left int64
}

func (b *exact) Read(p []byte) (int, error) {
	if b.body == nil {
		return 0, io.EOF
	}
	n, err := b.body.Read(p)
	if b.left >= 0 {
		b.left -= int64(n)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) && b.left > 0 {
		err = ErrIncompleteBody
	}
	return n, err
}

// hashed reads a body whose hash is known [S113].
type hashed struct {
	reader io.Reader
	hash   hash.Hash
	want   []byte
}

func (b *hashed) Read(p []byte) (int, error) {
	n, err := b.reader.Read(p)
	b.hash.Write(p[:n])
	if errors.Is(err, io.EOF) {
		if got := b.hash.Sum(nil); subtle.ConstantTimeCompare(got, b.want) != 1 {
			return n, errContentMismatch.Detailed("ClientComputedContentSHA256", hex.EncodeToString(b.want)).
				Detailed("S3ComputedContentSHA256", hex.EncodeToString(got))
		}
	}
	return n, err
}

// chunked is a body in pieces, which may be signed and have headers behind them [S110]-[S112].
func (v *Verifier) chunked(o *Object, secret, announced string) (*api.Body, *api.Error) {
	sent := o.Request.Header.Get("X-Amz-Decoded-Content-Length")
	length, err := strconv.ParseInt(sent, 10, 64)
	switch {
	case sent == "":
		return nil, errNoLength
	case err != nil || length < 0:
		return nil, errDecodedLength.Detailed("ArgumentName", "x-amz-decoded-content-length").Detailed("ArgumentValue", sent)
	}
	c := newChunks(o.Request.Body, length)
	c.trailing = strings.HasSuffix(announced, "-TRAILER")
	c.announced = trailerNames(o.Request)
	c.signed = announced != unsignedTrailer
	if secret != "" && c.signed && o.Signature != nil && o.Version == V4 {
		_, at, _ := o.time()
		c.chain = &chain{
			key: v.key(scope{secret, o.date, o.Region, o.Service}), at: at, previous: o.signature,
			scope: strings.Join([]string{o.date, o.Region, o.Service, terminator}, "/"),
		}
	}
	return api.NewBody(c, length, c.trailer), nil
}

// trailerNames are the names of the headers that come behind the body, in lower case.
func trailerNames(r *http.Request) []string {
	var names []string
	for _, value := range r.Header["X-Amz-Trailer"] {
		for name := range strings.SplitSeq(value, ",") {
			names = append(names, strings.ToLower(strings.TrimSpace(name)))
		}
	}
	return names
}

// chain is the chain of the signatures of a body's pieces: each is made with the one before.
type chain struct {
	key                 *signingKey
	at, scope, previous string
}

var emptyHash = sha256.Sum256(nil)

// check takes the next link: of what algorithm, over the hashes.
func (c *chain) check(algorithm, signature string, hashes ...[]byte) bool {
	text := algorithm + "\n" + c.at + "\n" + c.scope + "\n" + c.previous
	for _, h := range hashes {
		text += "\n" + hex.EncodeToString(h)
	}
	want := hex.EncodeToString(c.key.appendMAC(nil, []byte(text)))
	c.previous = want
	return subtle.ConstantTimeCompare([]byte(want), []byte(signature)) == 1
}
