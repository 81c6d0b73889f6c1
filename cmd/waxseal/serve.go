package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/internal/localstack"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/store/journal"
	"github.com/waxseal/waxseal/server"
)

// drain is how long running requests may take when the server is told to stop.
const drain = 10 * time.Second

// startGrace is how long after it is ready a server's start counts as over. By then the
// clients that waited for it have been answered, and giving memory back delays no
// request.
const startGrace = 500 * time.Millisecond

type serveFlags struct {
	addr, data, rootKey, account, region, strict string
	tlsCert, tlsKey, log, logFormat, upstream    string
	initScripts                                  string
	durability                                   string
	untilEOF                                     bool
	allowHosts, allowRegions                     []string
	fixtures                                     fixtureFlags
	token                                        token
}

func newServe() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the emulator",
		Long: `Run the emulator until SIGTERM or SIGINT.

One port speaks HTTP and HTTPS. Without --data everything is kept in memory.
Each flag but --until-eof can be given as an environment variable: WAXSEAL_ADDR, WAXSEAL_DATA ….
One that no flag has is refused, but for WAXSEAL_TEST_… and those that Kubernetes
and Docker set for a service or container called waxseal (WAXSEAL_SERVICE_HOST …).

--init names files that declare what is there from the start; waxseal schema
prints their JSON Schema. Shell scripts in /etc/localstack/init/ready.d run before
the line Ready. is printed, with AWS_ENDPOINT_URL set and awslocal on PATH.`,
		Example: `  waxseal serve
  waxseal serve --addr 127.0.0.1:0 --data ./state --strict all
  waxseal serve --init accounts.yaml --init queues.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			habits := localStackHabits(os.LookupEnv)
			habits.fill(cmd.Flags(), &f)
			ctx := cmd.Context()
			if f.untilEOF {
				var stop context.CancelFunc
				ctx, stop = untilEOF(ctx, cmd.InOrStdin())
				defer stop()
			}
			return serve(ctx, f, habits, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	envFlag(cmd, &f.addr, "addr", defaultAddr, "where to listen, HTTP and HTTPS on one port; port 0 picks a free one")
	envFlag(cmd, &f.data, "data", "", "folder that keeps the state; empty: in memory")
	envFlag(cmd, &f.durability, "durability", string(journal.Full), "full: what was answered survives a power cut; relaxed: only kill -9, and writes with --data are nearly as fast as in memory")
	envFlag(cmd, &f.rootKey, "root-key", "", "file with the HSM's root key (default DATA/root.key)")
	envFlag(cmd, &f.account, "account", server.DefaultAccount, "default account")
	envFlag(cmd, &f.region, "region", server.DefaultRegion, "region of requests that name none")
	envFlag(cmd, &f.strict, "strict", "", "be as strict as AWS: credentials, principals, transport, templates, or all")
	envFlag(cmd, &f.tlsCert, "tls-cert", "", "certificate file; empty: minted from the own CA for every server name")
	envFlag(cmd, &f.tlsKey, "tls-key", "", "key file of --tls-cert")
	envFlag(cmd, &f.log, "log", "info", "debug, info, warn or error")
	envFlag(cmd, &f.logFormat, "log-format", "text", "text or json")
	envFlag(cmd, &f.initScripts, "init-scripts", "/etc/localstack/init", "folder with LocalStack's init scripts: ready.d and its like")
	upstreamFlag(cmd, &f.upstream)
	regionFlag(cmd, &f.allowRegions)
	f.fixtures.add(cmd)
	envListFlag(cmd, &f.allowHosts, "allow-host", "host name by which the control API, and browsers anything, may be reached, beside those that nobody can point here; repeatable, or a list with commas")
	cmd.Flags().BoolVar(&f.untilEOF, "until-eof", false, "end when standard input ends: where that is a pipe from the program that started the server, the server does not outlive it, even if it is killed")
	f.token.add(cmd.Flags(), "what the control API wants to see, as Authorization: Bearer TOKEN; empty: nothing")
	return cmd
}

// untilEOF is ctx that is done, too, when there is nothing left to read.
func untilEOF(ctx context.Context, r io.Reader) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, r) // what cannot be read has ended as well
		stop()
	}()
	return ctx, stop
}

func serve(ctx context.Context, f serveFlags, habits habits, stdout, stderr io.Writer) error {
	log, err := newLog(f.log, f.logFormat, stderr)
	if err != nil {
		return err
	}
	habits.report(ctx, log)
	regions, err := checkPlace(f.account, f.region, f.allowRegions)
	if err != nil {
		return err
	}
	if _, err := journal.ParseDurability(f.durability); err != nil {
		return fmt.Errorf("--durability: %w", err)
	}
	strict, err := runtime.ParseStrict(f.strict)
	if err != nil {
		return fmt.Errorf("--%w", err)
	}
	if err := checkHosts(f.allowHosts); err != nil {
		return err
	}
	config := server.Config{
		Account: f.account, Region: f.region, Regions: regions, Strict: strict,
		AllowHosts: f.allowHosts, Log: log, Version: version,
	}
	if config.ControlToken, err = f.token.value(); err != nil {
		return err
	}
	if config.Upstream, err = parseUpstream(f.upstream); err != nil {
		return err
	}
	if config.Certificate, err = ownCertificate(f.tlsCert, f.tlsKey); err != nil {
		return err
	}
	if config.Fixtures, err = f.fixtures.load(&config); err != nil {
		return err
	}
	if config.InitScripts, err = localstack.FindInitScripts(f.initScripts, log); err != nil {
		return fmt.Errorf("--init-scripts: %w", err)
	}
	// First listen: where the port is in use, the data folder must not be touched.
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", f.addr)
	if err != nil {
		return badAddress(f.addr, err)
	}
	warnOfOpenControl(log, l.Addr(), config.ControlToken)
	scripts, err := newScriptEnvironment(config.InitScripts, l.Addr().String(), f.region, config.ControlToken)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	s, err := newServer(ctx, f, config)
	if err != nil {
		return errors.Join(err, scripts.remove(), l.Close())
	}
	habits.reportServices(log, s.Runtime().Dispatcher.Names())
	err = answerRequests(ctx, s, l, f, scripts, stdout)
	if closing := errors.Join(scripts.remove(), s.Close()); err == nil {
		err = closing
	}
	if err != nil {
		return &exitError{exitNo, err}
	}
	return nil
}

// warnOfOpenControl logs a warning where other machines can reach the control
// API without a token.
func warnOfOpenControl(log *slog.Logger, addr net.Addr, token string) {
	if a, ok := addr.(*net.TCPAddr); ok && !a.IP.IsLoopback() && token == "" {
		log.Warn("whoever reaches this address can use the control API, which gives credentials of every principal to everybody; --"+tokenName+" or "+variable(tokenName)+" closes it", "addr", a.String())
	}
}

// newServer is a server on the data that the flags name. Where it fails, the data is
// left as it was.
func newServer(ctx context.Context, f serveFlags, config server.Config) (*server.Server, error) {
	var made madeFiles
	ready := false
	defer func() { // by a panic, too
		if !ready {
			made.undo(config.Engine)
		}
	}()
	if err := openData(f, &config, &made); err != nil {
		return nil, err
	}
	s, err := server.New(ctx, config)
	if errors.Is(err, runtime.ErrRootKey) {
		err = fmt.Errorf("--root-key: it is not the one that the state in %s was made with", f.data)
	}
	ready = err == nil
	return s, err
}

// badAddress says why it is impossible to listen at addr, and what to do.
func badAddress(addr string, err error) error {
	if _, _, malformed := net.SplitHostPort(addr); malformed != nil {
		return fmt.Errorf("--addr: %q is no HOST:PORT; did you mean %s?", addr, net.JoinHostPort(strings.Trim(addr, "[]:"), "4566"))
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("--addr: %w; is another waxseal running? --addr 127.0.0.1:0 picks a free port", err)
	}
	return fmt.Errorf("--addr: %w", err)
}

// answerRequests serves until ctx is done. The scripts of the stages run
// before, while and after it serves; only those of the first stages cannot call
// the server.
func answerRequests(ctx context.Context, s *server.Server, l net.Listener, f serveFlags, scripts *scriptEnvironment, stdout io.Writer) error {
	host := l.Addr().String()
	run := func(ctx context.Context, stage string) { scripts.found.Run(ctx, stage, scripts.env, os.Stderr) }
	run(ctx, localstack.StageBoot)
	run(ctx, localstack.StageStart)
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	served := make(chan error, 1)
	go func() { served <- s.Serve(serving, watchedListener{l, newGiveBack()}, drain) }()
	run(ctx, localstack.StageReady)
	_, err := fmt.Fprintf(stdout, "waxseal ready: http://%s https://%s account %s region %s\nReady.\n", host, host, f.account, f.region)
	defer time.AfterFunc(startGrace, afterStart).Stop() //nolint:forbidigo // the program's own time, which nobody turns
	select {
	case ended := <-served:
		err = errors.Join(err, ended)
	case <-ctx.Done():
		last, cancel := context.WithTimeout(serving, drain)
		run(last, localstack.StageShutdown)
		cancel()
		stop()
		err = errors.Join(err, <-served)
	}
	return err
}

// afterStart does what is better done when the start is over.
func afterStart() {
	takeBallast()
	unload()
}

func newLog(level, format string, w io.Writer) (*slog.Logger, error) {
	var l slog.Level
	switch level {
	case "debug", "info", "warn", "error":
		if err := l.UnmarshalText([]byte(level)); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("--log: %q is none of debug, info, warn, error", level)
	}
	options := &slog.HandlerOptions{Level: l}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	default:
		return nil, fmt.Errorf("--log-format: %q is neither text nor json", format)
	}
}

func ownCertificate(certFile, keyFile string) (*tls.Certificate, error) {
	if certFile == "" && keyFile == "" {
		return nil, nil
	}
	if certFile == "" || keyFile == "" {
		return nil, fmt.Errorf("--tls-cert and --tls-key go together")
	}
	c, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert: %w", err)
	}
	return &c, nil
}
