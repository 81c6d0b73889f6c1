package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/server"
)

// The exit statuses of a COMMAND that did not start, as shells have them.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

// execDrain is how long requests that outlive COMMAND may take.
const execDrain = time.Second

type execFlags struct {
	as, account, region, strict, log, summary, upstream string
	coverageMin                                         float64
	https, explain                                      bool
	token                                               token
	in                                                  through
	allowRegions                                        []string
	fixtures                                            fixtureFlags
}

func newExec() *cobra.Command {
	var f execFlags
	cmd := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARG...]",
		Short: "Run a command, such as a test suite, against a private server",
		Long: `Run COMMAND against a private server in memory on a free port of the loopback
interface, and stop the server when COMMAND ends. The exit status is COMMAND's:
128+n where signal n ended it, 127 where it is not found, 126 where it cannot be
executed. Standard input and output are COMMAND's own; when it has ended, a
summary goes to standard error.

COMMAND finds in its environment AWS_ENDPOINT_URL (and AWS_KMS_ENDPOINT, which
Vault's seal reads), AWS_CA_BUNDLE, AWS_REGION, AWS_DEFAULT_REGION and
credentials: the root user's access key, or with --as
AWS_CONTAINER_CREDENTIALS_FULL_URI, from which SDKs fetch credentials of the
principal and renew them. What the environment had of that kind (profiles,
tokens, other endpoints) is taken away, and the files in ~/.aws are not read.
An aws first on PATH points the installed AWS CLI at the server.

With --through, COMMAND is in the VPC of the endpoint, which a fixture file
declares: SDKs call the endpoint's service through it (AWS_ENDPOINT_URL_SQS, …).
They call other services as from the internet, or with --isolated not at all.

With --https the endpoint is an HTTPS one, and the server's CA is trusted by
what reads SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or
NODE_EXTRA_CA_CERTS, as by what reads AWS_CA_BUNDLE always. Java programs, which
read none of them, get a trust store by JAVA_TOOL_OPTIONS, beside the options that
it has; each says on standard error that it has picked them up.

Signals are passed on to COMMAND. Ctrl-C is not: the terminal itself sends it to both.`,
		Example: `  waxseal exec -- pytest
  waxseal exec --https --strict all -- npm test
  waxseal exec --init fixtures.yaml --as role/notification-service -- pytest
  waxseal exec --init fixtures.yaml --through orders-queue --isolated -- pytest
  waxseal exec --coverage-min 80 -- go test ./...
  waxseal exec -- aws sqs create-queue --queue-name orders
  waxseal exec -- sh -c 'aws sqs create-queue --queue-name orders && aws sqs list-queues'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("there is no COMMAND to run, as in: waxseal exec -- pytest")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			x, err := newExecution(f, cmd)
			if err != nil {
				return err
			}
			return x.run(cmd.Context(), args)
		},
	}
	// What follows COMMAND is COMMAND's, with or without "--".
	cmd.Flags().SetInterspersed(false)
	cmd.Flags().StringVar(&f.as, "as", "root", "principal: root, role/NAME, user/NAME or an ARN")
	f.fixtures.add(cmd)
	cmd.Flags().BoolVar(&f.https, "https", false, "by HTTPS, with the server's own CA")
	cmd.Flags().Float64Var(&f.coverageMin, "coverage-min", 0, "percentage of policy statements that are to be covered; exit status 1 where COMMAND succeeds and they are not")
	cmd.Flags().BoolVar(&f.explain, "explain", false, "explain each denial of the summary")
	cmd.Flags().StringVar(&f.summary, "summary", "", "file that the summary is written to as JSON")
	envFlag(cmd, &f.account, "account", server.DefaultAccount, "default account")
	envFlag(cmd, &f.region, "region", server.DefaultRegion, "region of requests that name none")
	regionFlag(cmd, &f.allowRegions)
	envFlag(cmd, &f.strict, "strict", "", "be as strict as AWS: credentials, principals, transport, templates, or all")
	upstreamFlag(cmd, &f.upstream)
	f.in.add(cmd.Flags())
	f.token.add(cmd.Flags(), "what the server's control API wants to see, and COMMAND gets in its environment")
	cmd.Flags().StringVar(&f.log, "log", "warn", "what the server says on standard error: debug, info, warn or error")
	return cmd
}

// execution is one COMMAND and its server.
type execution struct {
	flags  execFlags
	config server.Config

	stdin          io.Reader
	stdout, stderr io.Writer
}

func newExecution(f execFlags, cmd *cobra.Command) (*execution, error) {
	x := &execution{flags: f, stdin: cmd.InOrStdin(), stdout: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr()}
	log, err := newLog(f.log, "text", x.stderr)
	if err != nil {
		return nil, err
	}
	regions, err := checkPlace(f.account, f.region, f.allowRegions)
	if err != nil {
		return nil, err
	}
	strict, err := runtime.ParseStrict(f.strict)
	if err != nil {
		return nil, fmt.Errorf("--%w", err)
	}
	if !(f.coverageMin >= 0 && f.coverageMin <= 100) {
		return nil, fmt.Errorf("--coverage-min: %v is not a percentage between 0 and 100", f.coverageMin)
	}
	x.config = server.Config{Account: f.account, Region: f.region, Regions: regions, Strict: strict, Log: log, Version: version}
	if x.config.ControlToken, err = f.token.value(); err != nil {
		return nil, err
	}
	if x.config.Upstream, err = parseUpstream(f.upstream); err != nil {
		return nil, err
	}
	if x.config.Fixtures, err = f.fixtures.load(&x.config); err != nil {
		return nil, err
	}
	return x, nil
}

// run runs COMMAND. The exit status of COMMAND is in the error.
func (x *execution) run(ctx context.Context, command []string) (err error) {
	box, err := newSandbox(os.Environ())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.remove()) }()
	path, err := box.find(command[0])
	if err != nil {
		return err
	}
	// COMMAND may call while it ends on a signal, so no signal stops the server.
	ctx = context.WithoutCancel(ctx)
	s, err := server.New(ctx, x.config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	tcp, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("no free port on the loopback interface: %w", err)
	}
	l := &countingListener{Listener: tcp}
	defer x.serve(ctx, s, l)()

	// waxseal's own requests use plain HTTP, so that the CAs in the environment do not
	// matter.
	c := &client{endpoint: "http://" + l.Addr().String(), token: x.flags.token, http: http.DefaultClient}
	if err := x.prepare(ctx, s, c, box); err != nil {
		return err
	}
	if err := x.openSummary(); err != nil {
		return err
	}
	before := l.accepted.Load()
	status, err := x.command(path, command, box.environ())
	if err != nil {
		return err
	}
	return x.finish(ctx, c, status, l.accepted.Load() > before, s.NotEmulated())
}

// countingListener counts the connections to the server. So a COMMAND that
// never connected can be distinguished from one whose calls left no record.
type countingListener struct {
	net.Listener
	accepted atomic.Int64
}

func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.accepted.Add(1)
	}
	return conn, err
}

// serve serves l until the returned function is called.
func (x *execution) serve(ctx context.Context, s *server.Server, l net.Listener) func() {
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(ctx, l, execDrain); err != nil {
			x.config.Log.Info("the server did not end well", "cause", err)
		}
	}()
	return func() { stop(); <-done }
}

// prepare sets up COMMAND's environment.
func (x *execution) prepare(ctx context.Context, s *server.Server, c *client, box *sandbox) error {
	kind, name, account, err := splitPrincipal(x.flags.as, x.config.Account)
	if err != nil {
		return err
	}
	issued, err := s.Runtime().Credentials(ctx, x.flags.as)
	if errors.Is(err, identity.ErrNotFound) {
		return fmt.Errorf("--as: there is no %s %s in account %s; declare it in a fixture file and name that with --init", kind, name, account)
	}
	if err != nil {
		return fmt.Errorf("--as: %w", err)
	}
	if kind == "root" {
		box.set("AWS_ACCESS_KEY_ID", issued.AccessKeyID)
		box.set("AWS_SECRET_ACCESS_KEY", issued.SecretAccessKey)
		if issued.Token != "" {
			box.set("AWS_SESSION_TOKEN", issued.Token)
		}
	} else {
		box.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", c.endpoint+"/_waxseal/credentials/"+account+"/"+kind+"/"+name)
	}
	if token := x.config.ControlToken; token != "" {
		box.set(variable(tokenName), token)
		box.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", bearer(token))
	}
	pem, err := c.call(ctx, http.MethodGet, "/ca.pem", nil, nil)
	if err != nil {
		return err
	}
	endpoint := c.endpoint
	if x.flags.https {
		endpoint = strings.Replace(endpoint, "http:", "https:", 1)
	}
	if err := box.point(ctx, c, endpoint, account, x.config.Region, &x.flags.in); err != nil {
		return err
	}
	box.set("AWS_REGION", x.config.Region)
	box.set("AWS_DEFAULT_REGION", x.config.Region)
	return box.trust(pem, x.flags.https)
}

// command runs COMMAND to its end and returns its exit status.
func (x *execution) command(path string, args, env []string) (int, error) {
	return runToEnd(&exec.Cmd{Path: path, Args: args, Env: env, Stdin: x.stdin, Stdout: x.stdout, Stderr: x.stderr})
}

// runToEnd runs a command to its end, passes signals on to it, and returns its exit
// status.
func runToEnd(cmd *exec.Cmd) (int, error) {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, passedOn()...)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, cannotRun(cmd.Args[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			if !fromTerminal(s) {
				_ = cmd.Process.Signal(s) // one that has just ended needs no signal
			}
		case err := <-ended:
			if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
				return 0, no("%s: %v", cmd.Args[0], err)
			}
			return exitStatus(cmd.ProcessState), nil
		}
	}
}

// cannotRun is the error of a COMMAND that did not start.
func cannotRun(name string, err error) error {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		hint := ""
		if strings.ContainsAny(name, " |&;<>$") {
			hint = "; a line for the shell is run by: waxseal exec -- sh -c '…'"
		}
		return &exitError{exitNotFound, fmt.Errorf("%s: command not found%s", name, hint)}
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	} else if e, ok := errors.AsType[*exec.Error](err); ok {
		err = e.Err
	}
	return &exitError{exitNotExecutable, fmt.Errorf("%s: cannot be executed: %w", name, err)}
}
