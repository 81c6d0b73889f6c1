package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/server"
)

func newEnv() *cobra.Command {
	var as, account, region, shellName string
	var https, asJSON bool
	var in through
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print the variables that point a shell's AWS clients at a running server",
		Long: `Print the variables that point a shell's AWS clients at a running server, as
lines for the shell. They take away what would lead clients elsewhere, such as
AWS_PROFILE, and put first on PATH an aws that runs the installed AWS CLI with the
server's address, for version 1 does not heed AWS_ENDPOINT_URL for every service.

Where the server does not answer or the principal does not exist, the lines take
the shell's credentials away and fail, so that no client goes on with others.

With --through, SDKs call the service of a VPC endpoint through it, as programs in
its VPC do; they call other services as from the internet, or with --isolated not
at all.`,
		Example: `  eval "$(waxseal env)"
  eval "$(waxseal env --as role/notification-service --https)"
  waxseal env --shell fish | source
  waxseal env --shell powershell | Out-String | Invoke-Expression
  eval "$(waxseal env --through orders-queue --isolated)"`,
		Args: cobra.NoArgs,
	}
	c := endpointFlag(cmd)
	cmd.Flags().StringVar(&as, "as", "root", "principal: root, role/NAME, user/NAME or an ARN")
	cmd.Flags().StringVar(&account, "account", server.DefaultAccount, "account of a principal that is no ARN")
	cmd.Flags().StringVar(&region, "region", server.DefaultRegion, "region")
	cmd.Flags().BoolVar(&https, "https", false, "by HTTPS, with the server's own CA")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the variables as data")
	cmd.Flags().StringVar(&shellName, "shell", shells[0].name, "the shell that reads the lines: "+shellNames())
	in.add(cmd.Flags())
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		cmd.Print(shells[0].failing()) // it is evaluated, whatever is wrong
		return cmd.Root().FlagErrorFunc()(cmd, err)
	})
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		sh, err := shellFor(shellName)
		if err != nil {
			cmd.Print(shells[0].failing())
			return err
		}
		env, err := environment(cmd.Context(), c, account, as, region, https, &in)
		var path string
		if err == nil && !asJSON {
			path, err = shimmedPath()
		}
		switch {
		case err != nil && !asJSON:
			cmd.Print(sh.failing())
			return err
		case err != nil:
			return err
		case asJSON:
			return printJSON(cmd.OutOrStdout(), env)
		}
		cmd.Print(sh.lines(append(env, "PATH="+path), stale(os.Environ(), env)))
		return nil
	}
	return cmd
}

// shimmedPath is PATH with the folder of the shim of the AWS CLI first.
func shimmedPath() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for a shim of the AWS CLI: %w", err)
	}
	dir := filepath.Join(cache, "waxseal", "bin")
	if _, err := writeShim(dir); err != nil {
		return "", err
	}
	folders := []string{dir}
	for _, other := range filepath.SplitList(os.Getenv("PATH")) {
		if other != dir {
			folders = append(folders, other)
		}
	}
	return strings.Join(folders, string(filepath.ListSeparator)), nil
}

// kept are variables that exec takes away and env leaves: they name files, and what env
// sets comes before what the files say.
var kept = []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_SDK_LOAD_CONFIG", "BOTO_CONFIG", "AWS_CA_BUNDLE"}

// stale are the variables of an environment by which AWS clients would call another server
// than env says, or with other credentials.
func stale(environment, env []string) (names []string) {
	for _, v := range environment {
		name, _, _ := strings.Cut(v, "=")
		if foreign(name) && !slices.Contains(kept, name) && !slices.ContainsFunc(env, func(set string) bool { return strings.HasPrefix(set, name+"=") }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// printJSON prints variables, NAME=value, as an object.
func printJSON(w io.Writer, env []string) error {
	object := map[string]string{}
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		object[name] = value
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(object)
}

// credentials are in the form of the ECS container credentials endpoint.
type credentials struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	Token           string
}

// principalCredentials fetches a principal's credentials.
func principalCredentials(ctx context.Context, c *client, account, as string) (credentials, error) {
	kind, name, owner, err := splitPrincipal(as, account)
	if err != nil {
		return credentials{}, err
	}
	if !arn.IsAccountID(owner) {
		return credentials{}, fmt.Errorf("--account: %q is not an account of 12 digits", owner)
	}
	path := "/credentials/" + owner + "/" + kind
	if name != "" {
		path += "/" + name
	}
	var out credentials
	_, err = c.call(ctx, http.MethodGet, path, nil, &out)
	if e, ok := errors.AsType[*statusError](err); ok && e.status == http.StatusNotFound {
		if err := c.isWaxseal(ctx); err != nil {
			return credentials{}, err
		}
		return credentials{}, fmt.Errorf("%s; make it first, for example: waxseal aws iam create-%s …", e.reason, kind)
	}
	if err == nil && out.AccessKeyID == "" {
		err = c.isWaxseal(ctx)
	}
	return out, err
}

// environment is the variables, NAME=value, that make an AWS client call the
// server as a principal, in the VPC that in says.
func environment(ctx context.Context, c *client, account, as, region string, https bool, in *through) ([]string, error) {
	credentials, err := principalCredentials(ctx, c, account, as)
	if err != nil {
		return nil, err
	}
	endpoint := c.endpoint
	env := []string{
		"AWS_ACCESS_KEY_ID=" + credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + credentials.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + credentials.Token,
		"AWS_REGION=" + region,
		"AWS_DEFAULT_REGION=" + region,
	}
	if https {
		u, err := url.Parse(endpoint)
		if err != nil {
			return nil, fmt.Errorf("--endpoint-url: %w", err)
		}
		u.Scheme = "https"
		endpoint = u.String()
		bundle, err := caBundle(ctx, c)
		if err != nil {
			return nil, err
		}
		env = append(env, "AWS_CA_BUNDLE="+bundle)
	}
	_, _, owner, err := splitPrincipal(as, account)
	if err != nil {
		return nil, err
	}
	urls, err := in.urls(ctx, c, endpoint, owner, region)
	if err != nil {
		return nil, err
	}
	env = append(env, in.variables(endpoint, urls)...)
	token, err := c.token.value()
	if err != nil {
		return nil, err
	}
	if token != "" { // for SDKs that fetch their credentials from the control API
		env = append(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN="+bearer(token))
	}
	slices.Sort(env)
	return env, nil
}

// caBundle writes the server's CA certificate to a file and returns the file's
// name.
func caBundle(ctx context.Context, c *client) (string, error) {
	pem, err := c.call(ctx, http.MethodGet, "/ca.pem", nil, nil)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the CA certificate: %w", err)
	}
	dir := filepath.Join(cache, "waxseal")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	u, err := url.Parse(c.endpoint)
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "ca-"+strings.ReplaceAll(u.Host, ":", "-")+".pem")
	return file, os.WriteFile(file, pem, 0o600)
}

// splitPrincipal splits "root", "role/NAME", "user/NAME" or an ARN.
func splitPrincipal(as, account string) (kind, name, owner string, err error) {
	if a, parsed := arn.Parse(as); parsed == nil {
		as, account = a.Resource, a.AccountID
	}
	if as == "root" {
		return "root", "", account, nil
	}
	kind, name, ok := strings.Cut(as, "/")
	if !ok || name == "" || kind != "role" && kind != "user" {
		return "", "", "", errors.New(`--as: a principal is "root", "role/NAME", "user/NAME" or an ARN, not ` + fmt.Sprintf("%q", as))
	}
	return kind, name, account, nil
}
