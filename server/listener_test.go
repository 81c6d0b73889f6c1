package server_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// pipes is a listener whose connections lie in memory, without any buffer.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	fails  []error // what the first calls of Accept answer
}

func newPipes(fails ...error) *pipes {
	return &pipes{conns: make(chan net.Conn), closed: make(chan struct{}), fails: fails}
}

func (p *pipes) Accept() (net.Conn, error) {
	if len(p.fails) > 0 {
		err := p.fails[0]
		p.fails = p.fails[1:]
		return nil, err
	}
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// dial connects and sends text.
func (p *pipes) dial(t *testing.T, text string) net.Conn {
	t.Helper()
	ours, theirs := net.Pipe()
	p.conns <- theirs
	if _, err := io.WriteString(ours, text); err != nil {
		t.Fatal(err)
	}
	return ours
}

// serving runs f with a server that listens on pipes, in time that passes at once.
func serving(t *testing.T, fails []error, f func(t *testing.T, p *pipes, s *server.Server, log *bytes.Buffer)) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes(fails...)
		log := new(bytes.Buffer)
		s, err := server.New(t.Context(), server.Config{Log: slog.New(slog.NewTextHandler(log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan error)
		go func() { served <- s.Serve(ctx, p, 10*time.Second) }()
		f(t, p, s, log)
		stop()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// closesAfter reports how long the server keeps a connection that says nothing more.
func closesAfter(t *testing.T, c net.Conn) time.Duration {
	t.Helper()
	began := time.Now()
	if _, err := io.Copy(io.Discard, c); err != nil {
		t.Error(err)
	}
	return time.Since(began).Round(time.Second)
}

const healthRequest = "GET /_waxseal/health HTTP/1.1\r\nHost: localhost\r\n\r\n"

func health(t *testing.T, c net.Conn) {
	t.Helper()
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", answer.Status, err)
	}
}

func TestAConnectionThatCannotBeAcceptedDoesNotEndTheServer(t *testing.T) {
	none := &net.OpError{Op: "accept", Err: syscall.EMFILE}
	serving(t, []error{none, none, none, errors.New("something else")}, func(t *testing.T, p *pipes, _ *server.Server, log *bytes.Buffer) {
		c := p.dial(t, healthRequest)
		health(t, c)
		_ = c.Close()
		if n := strings.Count(log.String(), "could not be accepted"); n != 4 || !strings.Contains(log.String(), "too many open files") {
			t.Errorf("the log says %d times:\n%s", n, log.String())
		}
	})
}

func TestAClosedListenerEndsTheServer(t *testing.T) {
	p := newPipes()
	s := servertest.New(t, server.Config{})
	served := make(chan error)
	go func() { served <- s.Serve(t.Context(), p, time.Second) }()
	_ = p.Close()
	if err := <-served; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve: %v", err)
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	serving(t, nil, func(t *testing.T, p *pipes, _ *server.Server, _ *bytes.Buffer) {
		c := p.dial(t, healthRequest)
		health(t, c)
		time.Sleep(server.IdleTimeout - time.Second)
		if _, err := io.WriteString(c, healthRequest); err != nil {
			t.Fatalf("a connection that was idle for less than the limit: %v", err)
		}
		health(t, c)
		if d := closesAfter(t, c); d != server.IdleTimeout {
			t.Errorf("an idle connection is closed after %v", d)
		}
	})
}

func TestAClientThatDoesNotReadIsCutOff(t *testing.T) {
	serving(t, nil, func(t *testing.T, p *pipes, _ *server.Server, _ *bytes.Buffer) {
		c := p.dial(t, healthRequest)
		time.Sleep(server.WriteTimeout + time.Second)
		if d := closesAfter(t, c); d != 0 {
			t.Errorf("a client that did not read for a minute is cut off %v later", d)
		}
		// One that reads a little now and then is slow, and nothing worse.
		c = p.dial(t, "GET /_waxseal/ca.pem HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		var whole []byte
		for buffer := make([]byte, 512); ; {
			time.Sleep(server.WriteTimeout / 10)
			n, err := c.Read(buffer)
			whole = append(whole, buffer[:n]...)
			if err != nil {
				break
			}
		}
		if !bytes.Contains(whole, []byte("END CERTIFICATE")) {
			t.Errorf("a slow client got %d bytes", len(whole))
		}
	})
}

func TestSlowHeadersAreCutOff(t *testing.T) {
	serving(t, nil, func(t *testing.T, p *pipes, _ *server.Server, _ *bytes.Buffer) {
		if d := closesAfter(t, p.dial(t, "GET / HT")); d != server.HeaderTimeout {
			t.Errorf("half a header is waited for for %v", d)
		}
	})
}

func TestAStreamOutlivesEverySilence(t *testing.T) {
	serving(t, nil, func(t *testing.T, p *pipes, s *server.Server, _ *bytes.Buffer) {
		c := p.dial(t, "GET /_waxseal/decisions/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(answer.Body)
		line := func() string {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			return line
		}
		for range 2 {
			for began := time.Now(); time.Since(began) < time.Hour; {
				if got := line() + line(); got != ": ping\n\n" {
					t.Fatalf("without a decision comes %q", got)
				}
			}
			servertest.SQS(s, "ListQueues", `{}`)
			if got := line(); !strings.Contains(got, "sqs:ListQueues") {
				t.Fatalf("of a decision comes %q", got)
			}
			line() // its number
			line()
		}
		// It is not read any longer.
		servertest.SQS(s, "ListQueues", `{}`)
		time.Sleep(server.WriteTimeout + time.Second)
		if d := closesAfter(t, c); d != 0 {
			t.Errorf("a stream that nobody reads is cut off %v after its minute", d)
		}
	})
}

func TestHalfARequestDoesNotHoldUpTheEnd(t *testing.T) {
	serving(t, nil, func(t *testing.T, p *pipes, _ *server.Server, _ *bytes.Buffer) {
		p.dial(t, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf")
		synctest.Wait() // and Serve ends in spite of it, without an error
	})
}

// A client that waits to be told to send a body is told at once that it is refused,
// and not asked for the body first.
func TestRefusedBeforeTheBody(t *testing.T) {
	addr, _ := servertest.Serve(t, servertest.New(t, server.Config{}))
	for _, framing := range []string{"Transfer-Encoding: chunked", "Content-Length: 100000"} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(clock.Real().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(conn, "PUT /none-such/key HTTP/1.1\r\nHost: localhost\r\n%s\r\nExpect: 100-continue\r\n\r\n", framing)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", framing, err)
		}
		if answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", framing, answer.Status)
		}
		_ = answer.Body.Close()
		_ = conn.Close()
	}
}
