package main

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/server"
)

func newAWS() *cobra.Command {
	return &cobra.Command{
		Use:   "aws ARGS...",
		Short: "Run the installed AWS CLI against a running server",
		Long: `Run the installed AWS CLI against the server of AWS_ENDPOINT_URL (default
http://` + defaultAddr + `), as the credentials in the environment or else as the root user.

The endpoint is given on the command line, for AWS CLI version 1 does not heed
AWS_ENDPOINT_URL for every service, and in AWS_ENDPOINT_URL, for commands that
call several services. AWS_ENDPOINT_URL_SQS and its like, such as env --through
sets, come before it.`,
		Example: `  waxseal aws sqs list-queues
  waxseal aws kms create-key --description "PetTracker SQS encryption key"`,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := installedCLI()
			if err != nil {
				return &exitError{exitNotFound, errors.New("the AWS CLI is not installed; see https://aws.amazon.com/cli/, or: pip install awscli")}
			}
			status, err := runToEnd(&exec.Cmd{
				Path: path, Args: append([]string{"aws"}, withEndpoint(args)...), Env: awsEnvironment(os.Environ()),
				Stdin: os.Stdin, Stdout: cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr(),
			})
			if err != nil || status == 0 {
				return err
			}
			return &exitError{status: status}
		},
	}
}

// withEndpoint puts the server's address before the arguments, unless they name one.
func withEndpoint(args []string) []string {
	if slices.ContainsFunc(args, func(a string) bool {
		return a == "--endpoint-url" || strings.HasPrefix(a, "--endpoint-url=")
	}) {
		return args
	}
	url := fromEnv(allServices, serverURL())
	if service := serviceOf(args); service != "" {
		url = fromEnv(serviceVariable(service), url)
	}
	return append([]string{"--endpoint-url", url}, args...)
}

// awsEnvironment adds the variables that the AWS CLI needs and the environment lacks.
func awsEnvironment(env []string) []string {
	set := func(name string) bool {
		return slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") && v != name+"=" })
	}
	if !set("AWS_ACCESS_KEY_ID") && !set("AWS_PROFILE") && !set("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
		// An access key that does not name an account belongs to the root user of the server's
		// default account.
		env = append(env, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	}
	var t token
	if value, err := t.value(); err == nil && value != "" && set("AWS_CONTAINER_CREDENTIALS_FULL_URI") && !set("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
		env = append(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN="+bearer(value))
	}
	if !set(allServices) {
		env = append(env, allServices+"="+serverURL())
	}
	if !set("AWS_REGION") && !set("AWS_DEFAULT_REGION") && !set("AWS_PROFILE") {
		env = append(env, "AWS_DEFAULT_REGION="+server.DefaultRegion)
	}
	return env
}
