package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/waxseal/waxseal/internal/localstack"
)

// habits are the settings from LocalStack's environment variables. Setups that
// were made for LocalStack, such as the Testcontainers modules, set these.
//
// See https://docs.localstack.cloud/references/configuration.
type habits struct {
	debug  bool
	region string
	// services is the list of services that the user wants; empty: all.
	services string
	hosts    []string
	notes    []note
}

// note is a log message about a variable.
type note struct {
	level slog.Level
	text  string
}

// localStackHabits reads the variables. Each may have LOCALSTACK_ before its name.
func localStackHabits(lookup func(string) (string, bool)) (h habits) {
	get := func(name string) string {
		if v, ok := lookup(name); ok {
			return v
		}
		v, _ := lookup("LOCALSTACK_" + name)
		return v
	}
	isSet := func(name string) bool { return get(name) == "1" || strings.EqualFold(get(name), "true") }
	warn := func(format string, args ...any) {
		h.notes = append(h.notes, note{slog.LevelWarn, fmt.Sprintf(format, args...)})
	}
	tell := func(format string, args ...any) {
		h.notes = append(h.notes, note{slog.LevelInfo, fmt.Sprintf(format, args...)})
	}

	h.debug = isSet("DEBUG")
	h.region = get("DEFAULT_REGION")
	h.services = get("SERVICES")
	for _, name := range []string{"LOCALSTACK_HOST", "HOSTNAME_EXTERNAL"} {
		value, _ := lookup(name)
		host, _, err := net.SplitHostPort(value)
		if err != nil {
			host = value
		}
		if host != "" {
			h.hosts = append(h.hosts, host)
			tell("%s: browsers and the control API may use the name %s; URLs carry the host and port by which a client calls, so nothing else depends on it", name, host)
		}
	}
	if isSet("PERSISTENCE") {
		warn("PERSISTENCE is not heeded: --data or WAXSEAL_DATA names the folder that keeps the state")
	}
	for _, name := range []string{"GATEWAY_LISTEN", "EDGE_PORT", "EDGE_BIND_HOST"} {
		if value := get(name); value != "" {
			warn("%s=%s is not heeded: --addr or WAXSEAL_ADDR says where to listen, HTTP and HTTPS on one port", name, value)
		}
	}
	if strategy := get("SQS_ENDPOINT_STRATEGY"); strategy != "" && strategy != "path" && strategy != "dynamic" {
		warn("SQS_ENDPOINT_STRATEGY=%s is not heeded: queue URLs are SCHEME://HOST/ACCOUNT/QUEUE by the host that the client calls", strategy)
	}
	if v := get("ENFORCE_IAM"); v == "0" || strings.EqualFold(v, "false") {
		warn("ENFORCE_IAM=%s is not heeded: policies are always enforced", v)
	}
	return h
}

// fill sets the flags that were not given to the values of the variables.
func (h habits) fill(flags *pflag.FlagSet, f *serveFlags) {
	unset := func(flag, env string) bool { return !flags.Changed(flag) && fromEnv(env, "") == "" }
	if h.debug && unset("log", "WAXSEAL_LOG") {
		f.log = "debug"
	}
	if h.region != "" && unset("region", "WAXSEAL_REGION") {
		f.region = h.region
	}
	f.allowHosts = append(f.allowHosts, h.hosts...)
}

func (h habits) report(ctx context.Context, log *slog.Logger) {
	for _, n := range h.notes {
		log.Log(ctx, n.level, "LocalStack's variables: "+n.text)
	}
}

// reportServices warns about wanted services that waxseal does not have.
func (h habits) reportServices(log *slog.Logger, offered []string) {
	var missing []string
	for name := range strings.SplitSeq(h.services, ",") {
		// In an old form each service has a port: sqs:4576.
		name, _, _ = strings.Cut(strings.TrimSpace(name), ":")
		if name != "" && !slices.Contains(offered, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		log.Warn("LocalStack's variables: SERVICES names " + strings.Join(missing, ", ") + ", which waxseal does not have; it has " + strings.Join(offered, ", ") + ", always")
	}
}

// scriptEnvironment is the environment of init scripts: variables by which AWS
// clients find the server, and awslocal. It needs a writable folder, so it is
// made only where there are scripts: other containers may lack one.
type scriptEnvironment struct {
	found *localstack.InitScripts
	dir   string
	env   []string
}

// newScriptEnvironment is for scripts that call the server at the address.
func newScriptEnvironment(found *localstack.InitScripts, address, region, token string) (*scriptEnvironment, error) {
	if !found.Any() {
		return &scriptEnvironment{found: found}, nil
	}
	address = reachable(address)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	e := &scriptEnvironment{found: found, env: awsEnvironment(os.Environ())}
	e.env = append(e.env, "AWS_ENDPOINT_URL=http://"+address, "LOCALSTACK_HOST="+address, "EDGE_PORT="+port)
	if token != "" {
		e.env = append(e.env, variable(tokenName)+"="+token)
	}
	for _, name := range []string{"AWS_DEFAULT_REGION", "AWS_REGION"} {
		if fromEnv(name, "") == "" {
			e.env = append(e.env, name+"="+region)
		}
	}
	return e, e.awslocal()
}

// awslocal puts a command awslocal first on the PATH, because scripts for
// LocalStack call the AWS CLI by this name.
func (e *scriptEnvironment) awslocal() (err error) {
	self, err := os.Executable()
	if err != nil || runtime.GOOS == "windows" {
		return err
	}
	if e.dir, err = os.MkdirTemp("", "waxseal-init-"); err != nil {
		return fmt.Errorf("no folder for awslocal: %w", err)
	}
	script := "#!/bin/sh\nexec '" + strings.ReplaceAll(self, "'", `'\''`) + "' aws \"$@\"\n"
	e.env = append(e.env, "PATH="+e.dir+string(filepath.ListSeparator)+fromEnv("PATH", ""))
	return os.WriteFile(filepath.Join(e.dir, "awslocal"), []byte(script), 0o700)
}

func (e *scriptEnvironment) remove() error {
	if e.dir == "" {
		return nil
	}
	return os.RemoveAll(e.dir)
}
