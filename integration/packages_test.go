package integration

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var packaged struct {
	once sync.Once
	dist string
}

// packages is a folder with the packages of the program for this platform, made once for all tests.
func packages(t *testing.T) string {
	t.Helper()
	packaged.once.Do(func() {
		_ = binary(t)
		folder, err := os.MkdirTemp(built.dir, "packages")
		if err != nil {
			t.Fatal(err)
		}
		pack(t, folder)
		packaged.dist = folder
	})
	if packaged.dist == "" {
		t.Skip("the packages could not be made, as another test says")
	}
	return packaged.dist
}

// pack makes the packages as `make packages` does, of a program that is built already.
func pack(t *testing.T, dist string) {
	t.Helper()
	if err := exec.Command(interpreter(), "--version").Run(); err != nil {
		missing(t, "Python", err)
	}
	program, err := os.ReadFile(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dist, "waxseal_"+runtime.GOOS+"_"+runtime.GOARCH), program, 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	run(t, os.Environ(), interpreter(), "-B", filepath.Join(repository, "packaging", "build.py"), "--built", "v1.2.3-rc.1", dist, runtime.GOOS+"/"+runtime.GOARCH)
}

// one is the only file of a folder that a pattern matches.
func one(t *testing.T, folder, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s has %q for %s, and one is wanted: %v", folder, found, pattern, err)
	}
	return found[0]
}

// The same program gives the same packages, and the checksums are theirs.
func TestPackagesAreReproducible(t *testing.T) {
	first, second := packages(t), t.TempDir()
	pack(t, second)
	sums := readFile(t, filepath.Join(first, "SHA256SUMS"))
	if other := readFile(t, filepath.Join(second, "SHA256SUMS")); other != sums {
		t.Errorf("built twice, the packages differ:\n%s\n%s", sums, other)
	}
	for _, wanted := range []string{"waxseal_1.2.3-rc.1_" + runtime.GOOS + "_" + runtime.GOARCH + ".tar.gz\n", "  waxseal-1.2.3rc1-py3-none-", "  waxseal_" + runtime.GOOS + "_" + runtime.GOARCH + "\n"} {
		if !strings.Contains(sums, wanted) {
			t.Errorf("SHA256SUMS lacks %q:\n%s", wanted, sums)
		}
	}
	check := exec.Command("sha256sum", "--check", "--quiet", "SHA256SUMS")
	check.Dir = first
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("sha256sum: %v\n%s", err, out)
	}
}

// virtual is an empty virtual environment of Python in which the wheel and what the
// tests with it need are installed.
type virtual struct {
	t    *testing.T
	dir  string // of the tests that are run
	bin  string
	home string
}

func newVirtual(t *testing.T) *virtual {
	t.Helper()
	v := &virtual{t: t, dir: t.TempDir(), home: t.TempDir()}
	where := t.TempDir()
	v.bin = filepath.Join(where, "bin")
	for _, command := range [][]string{
		{interpreter(), "-m", "venv", where},
		{filepath.Join(v.bin, "pip"), "install", "--quiet", "--disable-pip-version-check", "--no-compile", "pytest", "pytest-xdist", "boto3"},
	} {
		if _, err := tryRun(t, os.Environ(), command[0], command[1:]...); err != nil {
			missing(t, "Python with venv, pip and its packages", err)
		}
	}
	wheel := one(t, packages(t), "*.whl")
	run(t, os.Environ(), filepath.Join(v.bin, "pip"), "install", "--quiet", "--disable-pip-version-check", "--no-index", wheel)
	// A profile that leads elsewhere, and which there is not.
	v.write(filepath.Join(v.home, ".aws", "config"), "[default]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:9\n[profile work]\nregion = eu-west-1\n")
	return v
}

func (v *virtual) write(name, text string) {
	v.t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(v.dir, name)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		v.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		v.t.Fatal(err)
	}
}

// pytest runs the tests, of which some fail where err is not nil.
func (v *virtual) pytest(args ...string) (string, error) {
	v.t.Helper()
	env := wordless("HOME="+v.home, "PATH="+v.bin+":"+os.Getenv("PATH"), "PYTHONDONTWRITEBYTECODE=1",
		"AWS_PROFILE=nowhere", "AWS_ENDPOINT_URL_SQS=http://127.0.0.1:9", "AWS_SESSION_TOKEN=old")
	out, err := tryRun(v.t, env, "sh", append([]string{"-c", `cd "$1" && shift && exec pytest -p no:cacheprovider "$@"`, "sh", v.dir}, args...)...)
	if err != nil {
		out = err.Error()
	}
	return out, err
}

const packagedFixtures = `
accounts:
  "123456789012":
    queues: [{name: orders}]
    buckets: [{name: uploads}]
    roles:
      - name: consumer
        policies:
          consume:
            Version: "2012-10-17"
            Statement:
              - {Sid: Find, Effect: Allow, Action: sqs:GetQueueUrl, Resource: "arn:aws:sqs:us-east-1:123456789012:orders"}
              - {Sid: Receive, Effect: Allow, Action: sqs:ReceiveMessage, Resource: "arn:aws:sqs:us-east-1:123456789012:orders"}
              - {Sid: NeverPurge, Effect: Deny, Action: sqs:PurgeQueue, Resource: "*"}
`

const packagedTests = `
import os
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError

WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


@pytest.fixture(autouse=True)
def own(waxseal):
    with open(os.path.join("accounts", waxseal.account), "x"):
        pass


@pytest.mark.parametrize("number", range(8))
def test_finds_what_is_declared_and_no_more(waxseal, number):
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
    assert url == f"{waxseal.endpoint_url}/{waxseal.account}/orders"
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    sqs.send_message(QueueUrl=url, MessageBody="left behind")
    s3 = boto3.client("s3")
    assert "Contents" not in s3.list_objects_v2(Bucket="uploads")
    s3.put_object(Bucket="uploads", Key="left/behind", Body=b"")
    assert sqs.meta.region_name == waxseal.region == "us-east-1"


def test_acts_as_a_role(waxseal, waxseal_as):
    waxseal.client("sqs").send_message(QueueUrl="orders", MessageBody="hello")
    with waxseal_as("role/consumer") as consumer:
        sqs = boto3.client("sqs")
        assert [m["Body"] for m in sqs.receive_message(QueueUrl="orders")["Messages"]] == ["hello"]
        for env in None, consumer.env:
            who = subprocess.run([sys.executable, "-c", WHO], env=env, capture_output=True, text=True, check=True).stdout
            assert f":sts::{waxseal.account}:assumed-role/consumer/" in who
        assert ":root" in subprocess.run([sys.executable, "-c", WHO], env=waxseal.env, capture_output=True, text=True, check=True).stdout
    assert boto3.client("sts").get_caller_identity()["Arn"].endswith(":root")


def test_finds_as_a_role(waxseal_as):
    assert waxseal_as("role/consumer").client("sqs").get_queue_url(QueueName="orders")


def test_turns_the_clock(waxseal):
    sqs = waxseal.client("sqs")
    sqs.send_message(QueueUrl="orders", MessageBody="later", DelaySeconds=900)
    assert "Messages" not in sqs.receive_message(QueueUrl="orders")
    waxseal.advance(900)
    assert sqs.receive_message(QueueUrl="orders")["Messages"]


def test_expects_a_denial(waxseal, waxseal_as):
    sqs = waxseal_as("role/consumer").client("sqs")
    with pytest.raises(ClientError, match="explicit deny") as denied:
        sqs.purge_queue(QueueUrl="orders")
    assert "NeverPurge" in waxseal.explain(denied) and waxseal.explain(denied.value) == waxseal.explain(denied)
`

const failingTests = `
import boto3
import pytest
from botocore.exceptions import ClientError


def test_that_fails(waxseal, waxseal_as):
    waxseal_as("role/consumer")
    sqs = boto3.client("sqs")
    with pytest.raises(ClientError):
        sqs.purge_queue(QueueUrl="orders")
    sqs.send_message(QueueUrl="orders", MessageBody="hello")


def test_that_fails_otherwise(waxseal):
    with pytest.raises(ClientError):
        waxseal.client("sqs").get_queue_url(QueueName="none")
    assert False


def test_of_nobody(waxseal_as):
    waxseal_as("role/nobody")
`

// The wheel, in an empty virtual environment: the program, and the plugin of pytest.
func TestPackagedWheel(t *testing.T) {
	v := newVirtual(t)
	want := run(t, os.Environ(), binary(t), "version")
	if got := run(t, os.Environ(), filepath.Join(v.bin, "waxseal"), "version"); got != want {
		t.Errorf("waxseal version printed %q, not %q", got, want)
	}
	v.write("fixtures.yaml", packagedFixtures)
	v.write("test_orders.py", packagedTests)
	v.write("test_failing.py", failingTests)

	accounts := filepath.Join(v.dir, "accounts") // that tests have had
	t.Run("Workers", func(t *testing.T) {
		v.write("accounts/none", "")
		// Each of the three statements is exercised by another test: the workers count together.
		out, err := v.pytest("-q", "-n", "4", "--waxseal-init", "fixtures.yaml", "--waxseal-coverage-min", "100", "test_orders.py")
		wantText(t, out, "12 passed", "3 of 3 policy statements covered (100.0 %)")
		if had, _ := filepath.Glob(filepath.Join(accounts, "7*")); err != nil || len(had) != 12 {
			t.Errorf("%d accounts for 12 tests: %v", len(had), err)
		}
		if err := os.RemoveAll(accounts); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("Failing", func(t *testing.T) {
		out, err := v.pytest("--waxseal-init", "fixtures.yaml", "--waxseal-coverage-min", "100", "test_failing.py")
		if err == nil {
			t.Error("the tests do not fail")
		}
		wantText(t, out, "3 failed", "- waxseal -", "DENIED  sqs:SendMessage", "To allow it:", "there is no role nobody in account 7",
			"1 of 3 policy statements covered (33.3 %)", "never exercised: arn:aws:iam::123456789012:role/consumer", "Allow Receive")
		if n := strings.Count(out, "DENIED"); n != 1 {
			t.Errorf("%d denials are explained, and one was not expected:\n%s", n, out)
		}
	})
	t.Run("LittleCoverage", func(t *testing.T) {
		v.write("accounts/none", "")
		out, err := v.pytest("-q", "--waxseal-init", "fixtures.yaml", "--waxseal-coverage-min", "50", "test_orders.py", "-k", "finds_as_a_role")
		if err == nil || !strings.Contains(err.Error(), "exit status 1") {
			t.Errorf("little coverage ends with %v", err)
		}
		wantText(t, out, "1 passed", "1 of 3 policy statements covered (33.3 %)", "less than --waxseal-coverage-min 50")
	})
	t.Run("Interrupted", func(t *testing.T) {
		v.write("test_interrupted.py", "def test_interrupted(waxseal):\n    raise KeyboardInterrupt\n")
		out, err := v.pytest("-q", "test_interrupted.py")
		if err == nil || !strings.Contains(err.Error(), "exit status 2") || strings.Contains(out, "WaxsealError") {
			t.Errorf("an interrupted test ends with %v", err)
		}
	})
	t.Run("WrongFixtures", func(t *testing.T) {
		v.write("wrong.yaml", "accounts:\n  \"123456789012\":\n    queus: []\n")
		out, err := v.pytest("-q", "--waxseal-init", "wrong.yaml", "test_failing.py")
		if err == nil {
			t.Error("the tests do not fail")
		}
		wantText(t, out, "3 errors", "wrong.yaml:3:")
	})
}

// wantText wants all texts in an output.
func wantText(t *testing.T, output string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(output, text) {
			t.Errorf("%q is not in the output:\n%s", text, output)
			return
		}
	}
}

// The packages for Debian and Fedora: dpkg installs the one, into a root of its own.
func TestPackagesForLinux(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("they are for Linux")
	}
	dist, root := packages(t), t.TempDir()
	if magic := readFile(t, one(t, dist, "waxseal-1.2.3~rc.1-1.*.rpm"))[:4]; magic != "\xed\xab\xee\xdb" {
		t.Errorf("the .rpm begins with %q", magic)
	}
	deb := one(t, dist, "waxseal_1.2.3~rc.1_"+runtime.GOARCH+".deb")
	if _, err := exec.LookPath("dpkg"); err != nil {
		missing(t, "dpkg", err)
	}
	for _, folder := range []string{"info", "updates"} {
		if err := os.MkdirAll(filepath.Join(root, "var", "lib", "dpkg", folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "var", "lib", "dpkg", "status"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, os.Environ(), "dpkg", "--force-not-root", "--force-architecture", "--root="+root, "--install", deb)
	want := run(t, os.Environ(), binary(t), "version")
	if got := run(t, os.Environ(), filepath.Join(root, "usr", "bin", "waxseal"), "version"); got != want {
		t.Errorf("waxseal version printed %q, not %q", got, want)
	}
	if out, err := exec.Command("rpm", "--query", "--package", "--list", one(t, dist, "*.rpm")).CombinedOutput(); err == nil {
		wantText(t, string(out), "/usr/bin/waxseal\n")
	}
}

// The formula of Homebrew names the archives of the release, with their checksums.
func TestPackagedFormula(t *testing.T) {
	dist := packages(t)
	formula := readFile(t, filepath.Join(dist, "waxseal.rb"))
	archive := "waxseal_1.2.3-rc.1_" + runtime.GOOS + "_" + runtime.GOARCH + ".tar.gz"
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(readFile(t, filepath.Join(dist, archive)))))
	wantText(t, formula, "class Waxseal < Formula\n", `url "https://github.com/waxseal/waxseal/releases/download/v1.2.3-rc.1/`+archive+`"`+"\n", `sha256 "`+sum+`"`+"\n")
	ruby, err := exec.LookPath("ruby")
	if err != nil {
		return // Homebrew has one of its own
	}
	run(t, os.Environ(), ruby, "-c", filepath.Join(dist, "waxseal.rb"))
}
