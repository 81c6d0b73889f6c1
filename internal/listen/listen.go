// Package listen divides the connections of one port among HTTP and HTTPS, and bounds how
// long a client may take: to say what it wants, and to read what it is answered.
package listen

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
)

// tlsHandshake is the first byte of a connection that speaks TLS: the type of a
// handshake record. No HTTP method begins with it.
const tlsHandshake = 0x16

const (
	// HeaderTimeout is how long a connection may take to say what it wants.
	HeaderTimeout = 10 * time.Second
	// IdleTimeout is how long a connection may wait for its next request: longer
	// than the SDKs keep one that they do not use, so that they close it.
	IdleTimeout = 3 * time.Minute
	// WriteTimeout is how long a client may take to read the next piece of its answer.
	WriteTimeout = 60 * time.Second
	// renewal is how often that deadline is moved on, at the most: to do it for
	// every answer is seen in the cost of a call.
	renewal = time.Second
	// piece is how much of an answer that is, in bytes, at the most.
	piece = 64 << 10
	// maxPause is how long the next connection waits, at the most, where the last one failed.
	maxPause = time.Second
)

// Split divides the connections of one listener by their first byte: into
// those that speak TLS, which it terminates, and all others.
func Split(l net.Listener, config *tls.Config, log *slog.Logger) (plain, secure net.Listener) {
	s := &splitter{Listener: l, log: log, done: make(chan struct{})}
	p := &branch{splitter: s, conns: make(chan net.Conn)}
	t := &branch{splitter: s, conns: make(chan net.Conn)}
	go s.run(p.conns, t.conns)
	return p, tls.NewListener(t, config)
}

type splitter struct {
	net.Listener
	log     *slog.Logger
	closing sync.Once
	done    chan struct{}
	err     error // of Accept; read it after done is closed
}

// run accepts connections until the listener is closed. One that cannot be
// accepted, such as for want of file descriptors, is no reason to end.
func (s *splitter) run(plain, secure chan<- net.Conn) {
	pause := time.Duration(0)
	for {
		conn, err := s.Accept()
		switch {
		case err == nil:
			pause = 0
			go s.sort(conn, plain, secure)
		case errors.Is(err, net.ErrClosed):
			s.close(err)
			return
		default:
			pause = min(max(2*pause, 5*time.Millisecond), maxPause)
			s.log.Warn("a connection could not be accepted; trying again", "error", err, "pause", pause)
			if !s.wait(pause) {
				return
			}
		}
	}
}

// wait waits in real time, and reports whether the listener is still open then.
func (s *splitter) wait(d time.Duration) bool {
	timer := clock.New().NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.done:
		return false
	}
}

// sort waits for the first byte and hands the connection on.
func (s *splitter) sort(conn net.Conn, plain, secure chan<- net.Conn) {
	first := make([]byte, 1)
	err := conn.SetReadDeadline(clock.Real().Add(HeaderTimeout))
	if err == nil {
		_, err = conn.Read(first)
	}
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}
	if err != nil {
		_ = conn.Close() // it said nothing: nobody is there to be told
		return
	}
	to := plain
	if first[0] == tlsHandshake {
		to = secure
	}
	select {
	case to <- &client{Conn: conn, first: first}:
	case <-s.done:
		_ = conn.Close()
	}
}

func (s *splitter) close(err error) {
	s.closing.Do(func() {
		s.err = err
		close(s.done)
	})
}

// branch is one of the two listeners that a splitter feeds. Closing either
// closes both.
type branch struct {
	*splitter
	conns chan net.Conn
}

func (b *branch) Accept() (net.Conn, error) {
	select {
	case conn := <-b.conns:
		return conn, nil
	case <-b.done:
		return nil, b.err
	}
}

func (b *branch) Close() error {
	b.close(net.ErrClosed)
	if err := b.Listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// client is a connection whose first byte was read already. A client that does
// not read what it is sent loses it.
type client struct {
	net.Conn
	first   []byte
	renewed time.Time // when the deadline for writing was last moved on

	// net/http sets a deadline for reading at every turn of a request, and replaces most
	// before it reads. So the connection is told of one only when there is a read, which
	// may wait.
	mu     sync.Mutex
	wanted time.Time // as it was last set
	told   time.Time // as the connection knows it
	reads  int       // that are under way
}

// SetReadDeadline holds for reads that wait already, too.
func (c *client) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wanted = t
	if c.reads == 0 {
		return nil
	}
	return c.tell()
}

// SetDeadline sets both deadlines.
func (c *client) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// tell tells the connection of the deadline; its caller holds mu.
func (c *client) tell() error {
	if c.told.Equal(c.wanted) {
		return nil
	}
	c.told = c.wanted
	return c.Conn.SetReadDeadline(c.told)
}

// Write writes b piece by piece, each within WriteTimeout and at most a renewal
// less: it is progress that a client owes, not speed. A stream may be silent for
// as long as it likes.
func (c *client) Write(b []byte) (written int, err error) {
	for {
		if now := clock.Real(); now.Sub(c.renewed) >= renewal {
			if err := c.SetWriteDeadline(now.Add(WriteTimeout)); err != nil {
				return written, err
			}
			c.renewed = now
		}
		n, err := c.Conn.Write(b[:min(len(b), piece)])
		written, b = written+n, b[n:]
		if err != nil || len(b) == 0 {
			return written, err
		}
	}
}

func (c *client) Read(b []byte) (int, error) {
	if len(c.first) > 0 && len(b) > 0 {
		n := copy(b, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	c.mu.Lock()
	c.reads++
	err := c.tell()
	c.mu.Unlock()
	n := 0
	if err == nil {
		n, err = c.Conn.Read(b)
	}
	c.mu.Lock()
	c.reads--
	c.mu.Unlock()
	return n, err
}
