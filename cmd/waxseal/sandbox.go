package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// sandbox is COMMAND's environment, in which AWS clients find only the private
// server, and a temporary folder with the files that the environment names.
type sandbox struct {
	dir string
	env map[string]string
	aws string // the shim of the AWS CLI; empty where none is installed
	// trusted are the CA files that the environment named.
	trusted []string
}

// foreign reports whether a variable would make an AWS client call another
// server, or call with other credentials. Other settings of SDKs (retries,
// output, paging), and other variables that begin with AWS_, are left to the
// command.
//
// See https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html#EVarSettings.
func foreign(name string) bool {
	return slices.ContainsFunc(foreignPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }) ||
		slices.Contains(foreignNames, name)
}

var (
	foreignPrefixes = []string{
		"AWS_ENDPOINT_URL", "AWS_CONTAINER_", "AWS_WEB_IDENTITY_", "AWS_ROLE_", "AWS_BEARER_TOKEN_", "AWS_EC2_METADATA_", "AWS_LOGIN_", "AWS_SSO_",
	}
	foreignNames = []string{
		"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
		"AWS_CREDENTIAL_EXPIRATION", "AWS_CREDENTIAL_FILE", "AWS_ACCOUNT_ID", "AWS_ACCOUNT_ID_ENDPOINT_MODE",
		"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_SDK_LOAD_CONFIG", "BOTO_CONFIG",
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
		"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_STS_REGIONAL_ENDPOINTS",
		"AWS_AUTH_SCHEME_PREFERENCE", "AWS_SIGV4A_SIGNING_REGION_SET",
		// Endpoints that Vault and OpenBao (KMS) and Terraform's AWS provider read.
		kmsEndpoint, "AWS_IAM_ENDPOINT", "AWS_STS_ENDPOINT",
	}
)

// kmsEndpoint is the variable by which the awskms seal of Vault and OpenBao finds KMS.
// It is older than the SDKs' AWS_ENDPOINT_URL, and takes precedence over it.
//
// See https://developer.hashicorp.com/vault/docs/configuration/seal/awskms.
const kmsEndpoint = "AWS_KMS_ENDPOINT"

// newSandbox is a sandbox on top of an environment, with the files that take
// the place of those in ~/.aws and with the shim of the AWS CLI.
func newSandbox(environ []string) (*sandbox, error) {
	b := &sandbox{env: map[string]string{}}
	for _, v := range environ {
		name, value, ok := strings.Cut(v, "=")
		if ok && !foreign(name) {
			b.env[name] = value
		}
		if slices.Contains(bundles, name) {
			b.trusted = append(b.trusted, value)
		}
	}
	var err error
	if b.dir, err = os.MkdirTemp("", "waxseal-exec-"); err != nil {
		return nil, fmt.Errorf("no folder for COMMAND's files: %w", err)
	}
	err = errors.Join(
		b.file("AWS_CONFIG_FILE", "config", nil),
		b.file("AWS_SHARED_CREDENTIALS_FILE", "credentials", nil),
		b.shim())
	if err != nil {
		return nil, errors.Join(err, b.remove())
	}
	// Clients must not look for the metadata service of an EC2 instance.
	b.set("AWS_EC2_METADATA_DISABLED", "true")
	b.direct()
	return b, nil
}

func (b *sandbox) remove() error { return os.RemoveAll(b.dir) }

func (b *sandbox) set(name, value string) { b.env[name] = value }

// point sets the variables that lead AWS clients, and the shim of the AWS CLI, to the
// server at base, in the VPC that in says.
func (b *sandbox) point(ctx context.Context, c *client, base, account, region string, in *through) error {
	urls, err := in.urls(ctx, c, base, account, region)
	if err != nil {
		return err
	}
	for _, v := range in.variables(base, urls) {
		name, value, _ := strings.Cut(v, "=")
		b.set(name, value)
	}
	return nil
}

// environ is the environment, NAME=value.
func (b *sandbox) environ() []string {
	env := make([]string, 0, len(b.env))
	for name, value := range b.env {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return env
}

// file writes a file and sets a variable to its name.
func (b *sandbox) file(variable, name string, text []byte) error {
	b.set(variable, filepath.Join(b.dir, name))
	return b.write(name, text)
}

func (b *sandbox) write(name string, text []byte) error {
	return os.WriteFile(filepath.Join(b.dir, name), text, 0o600)
}

// loopback are the hosts that are called without a proxy, in the form of
// NO_PROXY.
const loopback = "127.0.0.1,localhost,::1"

// direct makes clients call the server without the environment's proxies. Some
// clients read the variable in lower case, some in upper case, some both.
func (b *sandbox) direct() {
	direct := b.env["no_proxy"]
	if direct == "" {
		direct = b.env["NO_PROXY"]
	}
	switch direct {
	case "*":
	case "":
		direct = loopback
	default:
		direct += "," + loopback
	}
	b.set("no_proxy", direct)
	b.set("NO_PROXY", direct)
}

// systemBundles are the files in which systems keep the CAs that they trust.
var systemBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Alpine, Arch
	"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, Amazon Linux
	"/etc/ssl/ca-bundle.pem",                            // openSUSE
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL 7
	"/etc/ssl/cert.pem",                                 // macOS, BSD
}

// bundles are the variables that name a file of CAs. Except for the last, the
// named CAs replace those that its reader trusts by default.
var bundles = []string{"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}

// trust makes AWS clients trust the server's CA in addition to the CAs that
// they trusted before; with all, other TLS clients too.
func (b *sandbox) trust(ca []byte, all bool) error {
	bundle := slices.Clone(ca)
	files := slices.Compact(slices.Sorted(slices.Values(b.trusted)))
	if i := slices.IndexFunc(systemBundles, isFile); i >= 0 && !slices.Contains(files, systemBundles[i]) {
		files = append(files, systemBundles[i])
	}
	for _, path := range files {
		// A file that cannot be read is skipped: no client could read CAs from
		// it before either.
		if text, err := os.ReadFile(path); err == nil {
			bundle = append(append(bundle, bytes.TrimSpace(text)...), '\n')
		}
	}
	if err := b.file(bundles[0], "ca.pem", bundle); err != nil {
		return err
	}
	if !all {
		return nil
	}
	for _, name := range bundles[1:] {
		b.set(name, b.env[bundles[0]])
	}
	return b.trustJava(bundle)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// shim puts first on the PATH a shim of the AWS CLI.
func (b *sandbox) shim() error {
	if _, err := installedCLI(); err != nil {
		return nil // COMMAND gets its own error if it calls the AWS CLI
	}
	bin := filepath.Join(b.dir, "bin")
	name, err := writeShim(bin)
	if err != nil {
		return err
	}
	b.aws = name
	b.set("PATH", bin+string(filepath.ListSeparator)+b.env["PATH"])
	return nil
}

// find is the file that a command's name stands for, in the sandbox's PATH.
func (b *sandbox) find(name string) (string, error) {
	if name == "aws" && b.aws != "" {
		return b.aws, nil
	}
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrDot) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return "", cannotRun(name, err)
	}
	return path, nil
}
