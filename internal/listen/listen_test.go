package listen

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// counted is a connection that counts the deadlines for reading that it is told.
type counted struct {
	net.Conn
	told int
}

func (c *counted) SetReadDeadline(t time.Time) error {
	c.told++
	return c.Conn.SetReadDeadline(t)
}

// dial is a connection in memory, and the other end.
func dial(t *testing.T) (*client, *counted, net.Conn) {
	here, there := net.Pipe()
	t.Cleanup(func() { _, _ = here.Close(), there.Close() })
	c := &counted{Conn: here}
	return &client{Conn: c}, c, there
}

// A connection is told of the last deadline before a read, and of none between reads.
func TestDeadlineIsToldWhenThereIsARead(t *testing.T) {
	c, below, there := dial(t)
	for range 3 {
		for _, deadline := range []time.Time{time.Unix(1, 0), time.Now().Add(time.Hour), {}} {
			if err := c.SetReadDeadline(deadline); err != nil {
				t.Fatal(err)
			}
		}
	}
	if below.told != 0 {
		t.Errorf("told %d times although nobody reads", below.told)
	}
	go func() { _, _ = there.Write([]byte("x")) }()
	if n, err := c.Read(make([]byte, 1)); n != 1 || err != nil || below.told != 0 {
		t.Errorf("read %d, %v; told %d times that there is none, as before", n, err, below.told)
	}
	for _, set := range []func(time.Time) error{c.SetReadDeadline, c.SetDeadline} {
		if err := set(time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a read after the deadline: %v", err)
		}
		if err := set(time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
}

// A deadline that is set while a read waits ends it, and one that is taken away does not.
func TestDeadlineOfAReadThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, there := dial(t)
		if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		read := func() {
			_, err := io.ReadFull(c, make([]byte, 1))
			ended <- err
		}
		go read()
		synctest.Wait()
		if err := c.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := c.SetReadDeadline(time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the read ended with %v", err)
		}
		if err := c.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		go read()
		if _, err := there.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Errorf("the next read ended with %v", err)
		}
	})
}
