package server

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
)

// tlsHandshake is the first byte of a connection that speaks TLS: the type of a
// handshake record. No HTTP method begins with it.
const tlsHandshake = 0x16

// headerTimeout is how long a connection may take to say what it wants.
const headerTimeout = 10 * time.Second

// split divides the connections of one listener by their first byte: into
// those that speak TLS, which it terminates, and all others.
func split(l net.Listener, config *tls.Config) (plain, secure net.Listener) {
	s := &splitter{Listener: l, done: make(chan struct{})}
	p := &branch{splitter: s, conns: make(chan net.Conn)}
	t := &branch{splitter: s, conns: make(chan net.Conn)}
	go s.run(p.conns, t.conns)
	return p, tls.NewListener(t, config)
}

type splitter struct {
	net.Listener
	closing sync.Once
	done    chan struct{}
	err     error // of Accept; read it after done is closed
}

func (s *splitter) run(plain, secure chan<- net.Conn) {
	for {
		conn, err := s.Accept()
		if err != nil {
			s.close(err)
			return
		}
		go s.sort(conn, plain, secure)
	}
}

// sort waits for the first byte and hands the connection on.
func (s *splitter) sort(conn net.Conn, plain, secure chan<- net.Conn) {
	first := make([]byte, 1)
	err := conn.SetReadDeadline(clock.Real().Add(headerTimeout))
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
	case to <- &peeked{Conn: conn, first: first}:
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

// peeked is a connection whose first byte was read already.
type peeked struct {
	net.Conn
	first []byte
}

func (c *peeked) Read(b []byte) (int, error) {
	if len(c.first) > 0 && len(b) > 0 {
		n := copy(b, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}
