package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// callTimeout bounds one call.
const callTimeout = 60 * time.Second

// Client sends one worker's requests over one connection, which it keeps. It
// reads responses with the least work that is still correct, a fraction of what
// net/http's client does.
type Client struct {
	addr   string
	signer *signer
	conn   net.Conn
	br     *bufio.Reader
	body   []byte
}

// NewClient is a client of the server at an address.
func NewClient(addr string) *Client {
	return &Client{addr: addr, signer: newSigner(addr), br: bufio.NewReaderSize(nil, 16<<10)}
}

// Close ends the connection.
func (c *Client) Close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// Prepare signs a request, so that the time of its call is the server's.
func (c *Client) Prepare(r *Request) { r.render(c.signer, time.Now()) }

// Call sends a request. What it answers is valid until the client's next call.
func (c *Client) Call(r *Request) ([]byte, error) {
	c.Prepare(r)
	kept := c.conn != nil
	status, err := c.exchange(r.wire)
	if err != nil && kept && isClosed(err) {
		// The server closed the kept connection between two requests.
		status, err = c.exchange(r.wire)
	}
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("%s%s: status %d: %.300s", r.service, r.target, status, c.body)
	}
	return c.body, nil
}

func isClosed(err error) bool {
	var op *net.OpError
	return errors.Is(err, io.EOF) || errors.As(err, &op) && !op.Timeout()
}

// exchange sends one request and reads its response into c.body. After any
// error the connection is gone.
func (c *Client) exchange(wire []byte) (status int, err error) {
	if c.conn == nil {
		conn, err := net.DialTimeout("tcp", c.addr, callTimeout)
		if err != nil {
			return 0, err
		}
		c.conn = conn
		c.br.Reset(conn)
	}
	keep := false
	if err = c.conn.SetDeadline(time.Now().Add(callTimeout)); err == nil {
		if _, err = c.conn.Write(wire); err == nil {
			status, keep, err = c.readResponse()
		}
	}
	if err != nil || !keep {
		c.Close()
	}
	return status, err
}

func (c *Client) readResponse() (status int, keep bool, err error) {
	line, err := c.br.ReadSlice('\n')
	if err != nil {
		return 0, false, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, false, fmt.Errorf("bad status line %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, false, err
	}
	keep = true
	length, chunked := int64(0), false
	for {
		if line, err = c.br.ReadSlice('\n'); err != nil {
			return 0, false, unexpected(err)
		}
		name, value, ok := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
		if !ok {
			break
		}
		value = bytes.TrimSpace(value)
		switch {
		case equalFold(name, "Content-Length"):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return 0, false, err
			}
		case equalFold(name, "Transfer-Encoding"):
			chunked = equalFold(value, "chunked")
		case equalFold(name, "Connection"):
			keep = !equalFold(value, "close")
		}
	}
	c.body = c.body[:0]
	if chunked {
		err = c.readChunks()
	} else {
		err = c.readBody(length)
	}
	return status, keep, err
}

func (c *Client) readChunks() error {
	for {
		line, err := c.br.ReadSlice('\n')
		if err != nil {
			return unexpected(err)
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 64)
		if err != nil {
			return err
		}
		if err := c.readBody(n); err != nil {
			return err
		}
		if _, err := c.br.Discard(2); err != nil {
			return unexpected(err)
		}
		if n == 0 {
			return nil
		}
	}
}

// readBody appends the next n bytes to c.body.
func (c *Client) readBody(n int64) error {
	at := len(c.body)
	if need := at + int(n); need > cap(c.body) {
		c.body = append(make([]byte, 0, 2*need), c.body...)
	}
	c.body = c.body[:at+int(n)]
	_, err := io.ReadFull(c.br, c.body[at:])
	return unexpected(err)
}

// unexpected makes of an end inside a response an error that is not taken for
// a connection closed between two.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func equalFold(b []byte, s string) bool { return len(b) == len(s) && strings.EqualFold(string(b), s) }
