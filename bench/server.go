package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/waxseal/waxseal/bench/floor"
	"github.com/waxseal/waxseal/bench/load"
)

// server is a child process that listens on a port of this machine. It ends when
// its standard input does, so it does not outlive this program.
type server struct {
	addr    string
	pid     int
	started time.Duration // from the program's start to the line that says it is ready

	input io.Closer
	ended chan struct{}
	kill  func() error
}

// startTime and stopTime bound how long a server starts and ends.
const (
	startTime = time.Minute
	stopTime  = 20 * time.Second
)

// waxseal starts the server, with the user whose access key signs all requests.
func (b *bench) waxseal(args ...string) (*server, error) {
	fixtures, err := b.fixtures("bench.yaml", map[string]any{})
	if err != nil {
		return nil, err
	}
	return b.waxsealWith(fixtures, args...)
}

// waxsealWith starts the server with a file of fixtures, which has the user.
func (b *bench) waxsealWith(fixtures string, args ...string) (*server, error) {
	return b.start(b.program, append([]string{"serve", "--addr", "127.0.0.1:0", "--until-eof", "--log", "error", "--init", fixtures}, args...)...)
}

// account is where everything is.
const account = "123456789012"

// fixtures writes a file that declares the user with what else the default
// account has, and other accounts.
func (b *bench) fixtures(name string, accounts map[string]any) (path string, err error) {
	accounts[account] = map[string]any{"users": []any{map[string]any{
		"name":      "bench",
		"accessKey": map[string]string{"id": load.AccessKey, "secret": load.SecretKey},
		"policies":  map[string]any{"all": allow("*")},
	}}}
	text, err := json.Marshal(map[string]any{"accounts": accounts})
	if err != nil {
		return "", err
	}
	path = filepath.Join(b.dir, name)
	return path, os.WriteFile(path, text, 0o600)
}

// allow is a policy.
func allow(action string) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]string{"Effect": "Allow", "Action": action, "Resource": "*"}}}
}

// floorCommand as the first argument makes this program the floor's server.
const floorCommand = "floor"

// floor starts the server that does as little as possible. With a file it stores
// there, else in memory.
func (b *bench) floor(file string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return b.start(self, floorCommand, "-bolt", file)
}

// serveFloor is the floor's server, until its standard input ends.
func serveFloor(args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet(floorCommand, flag.ContinueOnError)
	file := flags.String("bolt", "", "store in this `file` of bbolt's, with a group commit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var store floor.Store = new(floor.Memory)
	if *file != "" {
		bolt, err := floor.OpenBolt(*file)
		if err != nil {
			return err
		}
		store = floor.NewGroup(bolt.Commit)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &http.Server{Handler: floor.New(store).Handler()}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		_ = s.Close()
	}()
	if _, err := fmt.Fprintf(out, "ready: http://%s\n", l.Addr()); err != nil {
		return err
	}
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

var readyLine = regexp.MustCompile(`ready: http://(\S+)`)

// start starts a server and waits until it is ready.
func (b *bench) start(program string, args ...string) (*server, error) {
	ctx, cancel := context.WithCancel(b.ctx)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = b.log
	input, err := cmd.StdinPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	s := &server{pid: cmd.Process.Pid, input: input, ended: make(chan struct{}), kill: cmd.Process.Kill}
	b.servers = append(b.servers, s)
	ready := make(chan string, 1)
	go func() {
		defer close(s.ended)
		defer cancel()
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
				ready <- m[1]
				break
			}
		}
		_, _ = io.Copy(io.Discard, output)
		_ = cmd.Wait() // how it ends is no result
	}()
	select {
	case s.addr = <-ready:
		s.started = time.Since(began)
		return s, nil
	case <-s.ended:
		return nil, fmt.Errorf("%s ended before it was ready", program)
	case <-time.After(startTime):
		return nil, fmt.Errorf("%s was not ready in %v", program, startTime)
	}
}

// stop ends a server.
func (b *bench) stop(s *server) {
	_ = s.input.Close()
	select {
	case <-s.ended:
	case <-time.After(stopTime):
		_ = s.kill()
		<-s.ended
	}
	b.servers = slices.DeleteFunc(b.servers, func(other *server) bool { return other == s })
}

// stopAll ends all servers that run.
func (b *bench) stopAll() {
	for _, s := range slices.Clone(b.servers) {
		b.stop(s)
	}
}
