package sigv4

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxChunkLine bounds the line before a piece, and one behind the body.
	maxChunkLine = 4 << 10
	// maxTrailers bounds the headers behind a body.
	maxTrailers = 16
)

// chunks reads a body that comes in pieces, each behind a line with its length.
type chunks struct {
	in        *bufio.Reader
	length    int64 // of all pieces, as it was announced
	signed    bool
	trailing  bool     // headers may come behind the last piece
	announced []string // those that must
	chain     *chain   // nil: the signatures cannot be verified

	read      int64 // of all pieces
	left      int64 // of this one
	signature string
	hash      hash.Hash
	trailers  map[string]string
	err       error // once there is nothing more to read
}

func newChunks(body io.Reader, length int64) *chunks {
	if body == nil {
		body = bytes.NewReader(nil)
	}
	return &chunks{in: bufio.NewReaderSize(body, 64<<10), length: length, hash: sha256.New(), trailers: map[string]string{}}
}

func (c *chunks) trailer(name string) string { return c.trailers[strings.ToLower(name)] }

// Read implements io.Reader. A piece's bytes are handed on before its signature is
// known; no piece after a wrong one is.
func (c *chunks) Read(p []byte) (int, error) {
	if c.err != nil || len(p) == 0 {
		return 0, c.err
	}
	if c.left == 0 {
		if c.err = c.begin(); c.err != nil {
			return 0, c.err
		}
	}
	n, err := c.in.Read(p[:min(int64(len(p)), c.left)])
	c.hash.Write(p[:n])
	c.left -= int64(n)
	c.read += int64(n)
	if err == nil && c.left == 0 {
		err = c.end()
	}
	c.err = incomplete(err)
	return n, c.err
}

// incomplete is the error for a body that ends before it should.
func incomplete(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, bufio.ErrBufferFull) {
		return ErrIncompleteBody
	}
	return err
}

// begin reads the line before a piece. The last piece is empty: the error is io.EOF
// behind it, where all is well.
func (c *chunks) begin() error {
	line, err := c.line()
	if err != nil {
		return incomplete(err)
	}
	size, extension, _ := strings.Cut(line, ";")
	n, err := strconv.ParseInt(strings.TrimSpace(size), 16, 64)
	if err != nil || n < 0 || n > c.length-c.read {
		return ErrIncompleteBody
	}
	c.signature, _ = strings.CutPrefix(extension, "chunk-signature=")
	c.left = n
	c.hash.Reset()
	if n > 0 {
		return nil
	}
	if err := c.last(); err != nil {
		return incomplete(err)
	}
	return io.EOF
}

// line reads a line up to CR LF.
func (c *chunks) line() (string, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	if len(line) > maxChunkLine || !bytes.HasSuffix(line, []byte("\r\n")) {
		return "", ErrIncompleteBody
	}
	return string(line[:len(line)-2]), nil
}

// end checks a piece that was read whole, and what separates it from the next.
func (c *chunks) end() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	if line != "" {
		return ErrIncompleteBody
	}
	return c.checkPiece()
}

func (c *chunks) checkPiece() error {
	if c.chain == nil {
		return nil
	}
	if !c.chain.check("AWS4-HMAC-SHA256-PAYLOAD", c.signature, emptyHash[:], c.hash.Sum(nil)) {
		return errObjectSignature
	}
	return nil
}

// last reads what is behind the last piece.
func (c *chunks) last() error {
	if c.read != c.length {
		return ErrIncompleteBody
	}
	if c.signed {
		if err := c.checkPiece(); err != nil {
			return err
		}
	}
	if err := c.readTrailers(); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(c.in, 1)); err != nil {
		return err
	}
	for _, name := range c.announced {
		if _, ok := c.trailers[name]; !ok {
			return errTrailer
		}
	}
	return nil
}

// readTrailers reads the headers behind the body, up to an empty line or the end.
func (c *chunks) readTrailers() error {
	hashed := sha256.New()
	signature, signed := "", false
	for range maxTrailers {
		line, err := c.line()
		if errors.Is(err, io.EOF) {
			line, err = "", nil // a client that ends without the empty line
		}
		if err != nil {
			return err
		}
		if line == "" {
			return c.checkTrailers(hashed, signature, signed)
		}
		name, value, ok := strings.Cut(line, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		value = strings.TrimSpace(value)
		switch {
		case !ok || !c.trailing:
			return errTrailer
		case name == "x-amz-trailer-signature":
			signature, signed = value, true
			continue
		case !slices.Contains(c.announced, name):
			return errTrailer
		}
		c.trailers[name] = value
		hashed.Write([]byte(name + ":" + value + "\n"))
	}
	return errTrailer
}

func (c *chunks) checkTrailers(hashed hash.Hash, signature string, signed bool) error {
	if c.chain == nil || !c.trailing {
		return nil
	}
	if !signed || !c.chain.check("AWS4-HMAC-SHA256-TRAILER", signature, hashed.Sum(nil)) {
		return errObjectSignature
	}
	return nil
}
