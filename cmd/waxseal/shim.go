package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// shimMark is a file beside a shim, by which shims know each other.
const shimMark = ".waxseal-shim"

// installedCLI is the AWS CLI in the folders of PATH; shims are none.
func installedCLI() (string, error) {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if !filepath.IsAbs(dir) || isFile(filepath.Join(dir, shimMark)) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(dir, "aws")); err == nil {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

// writeShim writes into a folder, which it makes, an aws that runs the installed AWS CLI
// with the server's address: version 1 does not heed AWS_ENDPOINT_URL for every service.
// The result is its name.
func writeShim(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("no folder for a shim of the AWS CLI: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, shimMark), nil, 0o600); err != nil {
		return "", err
	}
	name, script := filepath.Join(dir, "aws"), strings.ReplaceAll(shimScript, "VALUED", strings.Join(valued, " | "))
	if runtime.GOOS == "windows" {
		self, err := os.Executable()
		if err != nil {
			return "", err
		}
		name, script = name+".cmd", "@\""+self+"\" aws %*\r\n"
	}
	if there, err := os.ReadFile(name); err == nil && string(there) == script {
		return name, nil
	}
	// Other shells may be running it.
	temporary, err := os.CreateTemp(dir, "aws-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // it is not there any more, unless something failed
	if _, err = temporary.WriteString(script); err == nil {
		err = temporary.Chmod(0o700)
	}
	if closed := temporary.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	return name, err
}

// shimScript finds what it is to run, the service and the URL as waxseal aws does. With no
// URL it fails: nothing that is called by it reaches AWS.
const shimScript = `#!/bin/sh
set -f
IFS=:
cli=
for dir in $PATH; do
	case $dir in /*) ;; *) continue ;; esac
	if [ -f "$dir/aws" ] && [ -x "$dir/aws" ] && [ ! -e "$dir/` + shimMark + `" ]; then
		cli=$dir/aws
		break
	fi
done
unset IFS
set +f
if [ -z "$cli" ]; then
	echo 'aws: the AWS CLI is not installed' >&2
	exit 127
fi
for word in "$@"; do
	case $word in --endpoint-url | --endpoint-url=*) exec "$cli" "$@" ;; esac
done
value= service=
for word in "$@"; do
	if [ "$value" ]; then
		value=
		continue
	fi
	case $word in
	VALUED) value=next ;;
	-*) ;;
	*)
		service=$word
		break
		;;
	esac
done
case $service in
s3api) service=s3 ;;
events) service=eventbridge ;;
esac
url=$AWS_ENDPOINT_URL
case $service in
'' | *[!a-z0-9-]*) ;;
*) eval "url=\${AWS_ENDPOINT_URL_$(printf %s "$service" | tr a-z- A-Z_):-\$url}" ;;
esac
if [ -z "$url" ]; then
	echo "aws: AWS_ENDPOINT_URL is not set, and this is waxseal's shim of the AWS CLI: take $(dirname "$0") from PATH to call AWS" >&2
	exit 253
fi
exec "$cli" --endpoint-url "$url" "$@"
`
