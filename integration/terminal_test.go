package integration

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// nowhere is an address at which no server answers.
const nowhere = "http://127.0.0.1:9"

// An error is one line on standard error that says what to do next, and the
// exit status is 2 unless the answer is no.
func TestErrorsOnTheTerminal(t *testing.T) {
	p := serve(t)
	for _, c := range []struct {
		args   string
		status int
		stderr string // a regular expression
	}{
		{"nosuch", 2, `there is no command "nosuch"; see: waxseal --help`},
		{"srve", 2, `there is no command "srve"; did you mean serve\?; see: waxseal --help`},
		{"serve --adr :0", 2, `unknown flag: --adr; see: waxseal serve --help`},
		{"serve extra", 2, `unknown command "extra" for "waxseal serve"; see: waxseal serve --help`},
		{"serve --addr " + strings.TrimPrefix(p.url, "http://"), 2, `--addr: .*address already in use; is another waxseal running\? --addr 127\.0\.0\.1:0 picks a free port`},
		{"serve --data /dev/null/state", 2, `--data: .*not a directory`},
		{"serve --log loud", 2, `--log: "loud" is none of debug, info, warn, error`},
		{"clock turn", 2, `unknown command "turn" for "waxseal clock"; see: waxseal clock --help`},
		{"clock advance", 2, `accepts 1 arg\(s\), received 0; see: waxseal clock advance --help`},
		{"clock advance soon --endpoint-url " + p.url, 2, `.*soon.*`},
		{"clock --endpoint-url " + nowhere, 2, `no server answers at http://127\.0\.0\.1:9: .*connection refused; start one with: waxseal serve`},
		{"coverage --endpoint-url " + nowhere, 2, `no server answers at .*; start one with: waxseal serve`},
		{"explain --endpoint-url " + nowhere, 2, `no server answers at .*; start one with: waxseal serve`},
		{"env --as role/none --endpoint-url " + nowhere, 2, `no server answers at .*; start one with: waxseal serve`},
		{"health --endpoint-url " + nowhere, 1, `no server answers at .*; start one with: waxseal serve`},
		{"explain --endpoint-url " + p.url, 1, `no request has been denied`},
		{"explain nosuch --endpoint-url " + p.url, 1, `no decision of request nosuch is remembered`},
		{"env --as role/none --endpoint-url " + p.url, 2, `there is no role none in account 123456789012; make it first, for example: waxseal aws iam create-role …`},
		{"coverage --format xml --endpoint-url " + p.url, 2, `--format: "xml" is not one of text, json, lcov and html`},
		{"coverage --json --format json", 2, `--json is --format json: give one of them`},
		{"eval nosuch.jsonl", 2, `open nosuch\.jsonl: no such file or directory`},
		{"clock --endpoint-url ://x", 2, `--endpoint-url: .*`},
		{"env --account 12 --endpoint-url " + p.url, 2, `--account: "12" is not an account of 12 digits`},
	} {
		t.Run(c.args, func(t *testing.T) {
			got := program(t, wordless(), strings.Fields(c.args)...)
			stdout := ""
			if strings.HasPrefix(c.args, "env ") { // eval fails with what it gets
				stdout = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN\nfalse\n"
			}
			if got.status != c.status || got.stdout != stdout || !regexp.MustCompile(`^waxseal: `+c.stderr+"\n$").MatchString(got.stderr) {
				t.Errorf("status %d, standard output %q, standard error %q; want %d and %s", got.status, got.stdout, got.stderr, c.status, c.stderr)
			}
		})
	}
}

// What was asked for is on standard output, and nothing beside it.
func TestAnswersOnTheTerminal(t *testing.T) {
	p := serve(t)
	for _, c := range []struct{ args, stdout string }{
		{"version", `dev\n`},
		{"--version", `waxseal version dev\n`},
		{"", `(?s)An emulator of .*Available Commands:.*`},
		{"--help", `(?s)An emulator of .*Available Commands:.*`},
		{"exec --help", `(?s)Run COMMAND against .*Examples:\n  waxseal exec -- pytest\n.*`},
		{"health", `ok  waxseal dev at ` + p.url + `: cloudformation cloudtrail ec2 events iam kms organizations s3 sns sqs ssm sts\n`},
		{"clock", `2\d{3}-\S+Z \(0s ahead of real time\)\n`},
		{"clock show", `2\d{3}-\S+Z \(0s ahead of real time\)\n`},
		{"clock advance 5m", `2\d{3}-\S+Z \(5m0s ahead of real time\)\n`},
		{"clock reset", `2\d{3}-\S+Z \(0s ahead of real time\)\n`},
		{"coverage", `0 of 0 statements covered \(100\.0 %\)\n`},
		{"env", `(?s)export AWS_ACCESS_KEY_ID='123456789012'\n.*export AWS_ENDPOINT_URL='` + p.url + `'\nexport AWS_KMS_ENDPOINT='` + p.url + `'\n.*`},
		{"completion bash", `(?s)# bash completion V2 for waxseal .*`},
		{"completion zsh", `(?s)#compdef waxseal\n.*`},
		{"completion fish", `(?s)# fish completion for waxseal .*`},
	} {
		t.Run(c.args, func(t *testing.T) {
			got := program(t, wordless("AWS_ENDPOINT_URL="+p.url), strings.Fields(c.args)...)
			if got.status != 0 || got.stderr != "" || !regexp.MustCompile(`^`+c.stdout+`$`).MatchString(got.stdout) {
				t.Errorf("status %d\n%s%s\nwant %s", got.status, got.stdout, got.stderr, c.stdout)
			}
		})
	}
}

func TestJSONOnTheTerminal(t *testing.T) {
	p := serve(t)
	root := newClients(t, p.config(p.url))
	url, _ := root.queue("orders", map[string]string{"Policy": `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}}`})
	if err := root.send(url, "x"); err == nil {
		t.Fatal("the message was sent")
	}
	for args, members := range map[string][]string{
		"version --json":          {"version", "go", "platform"},
		"health --json":           {"status", "version", "services"},
		"clock --json":            {"now", "offset"},
		"clock show --json":       {"now", "offset"},
		"clock advance 1s --json": {"now", "offset"},
		"explain --json":          {"decisions"},
		"coverage --json":         {"covered", "statements", "percent", "policies"},
		"coverage --format json":  {"covered", "statements", "percent", "policies"},
		"env --json":              {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_KMS_ENDPOINT"},
	} {
		t.Run(args, func(t *testing.T) {
			got := program(t, wordless("AWS_ENDPOINT_URL="+p.url), strings.Fields(args)...)
			var object map[string]any
			if err := json.Unmarshal([]byte(got.stdout), &object); err != nil || got.status != 0 || got.stderr != "" {
				t.Fatalf("%v: %+v", err, got)
			}
			for _, name := range members {
				if _, ok := object[name]; !ok {
					t.Errorf("no %s in %s", name, got.stdout)
				}
			}
		})
	}
}

// Shells ask for completions in this way.
func TestCompletions(t *testing.T) {
	for args, want := range map[string][]string{
		"cl":                        {"clock\tShow or turn the clock of a running server"},
		"clock a":                   {"advance\tTurn the clock on by a duration, such as 90s, 5m, 12h or 14d, or back by a negative one"},
		"exec --as ":                {"root", "role/", "user/"},
		"exec --strict ":            {"credentials", "principals", "transport", "templates", "all"},
		"coverage --format ":        {"text", "json", "lcov", "html"},
		"serve --durability ":       {"full", "relaxed"},
		"serve --log-format ":       {"text", "json"},
		"serve --log ":              {"debug", "info", "warn", "error"},
		"coverage --format text no": nil,
	} {
		t.Run(args, func(t *testing.T) {
			got := program(t, wordless(), append([]string{"__complete"}, strings.Split(args, " ")...)...)
			lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
			if lines = lines[:len(lines)-1]; !slices.Equal(lines, want) { // the last is a number for the shell
				t.Errorf("%q, want %q", lines, want)
			}
		})
	}
}

// Color is never where no terminal is.
func TestNoColorWithoutATerminal(t *testing.T) {
	t.Parallel()
	py := python(t)
	got := program(t, wordless("TERM=xterm-256color"), "exec", "--explain", "--coverage-min", "100", "--", "sh", "-c",
		`"$0" -c "$1" 0; "$2" explain; "$2" coverage`, py, queueWithPolicy, binary(t))
	if !strings.Contains(got.stdout, "DENIED") || !strings.Contains(got.stderr, "DENIED") || strings.Contains(got.stdout+got.stderr, "\x1b") {
		t.Errorf("%q\n%q", got.stdout, got.stderr)
	}
}

// The AWS CLI that is not there is an error like any other.
func TestAWSThatIsNotInstalled(t *testing.T) {
	cmd := exec.Command(binary(t), "aws", "sqs", "list-queues")
	cmd.Env = []string{"PATH=" + t.TempDir(), "GOCOVERDIR=" + os.Getenv("GOCOVERDIR")}
	out, _ := cmd.CombinedOutput()
	const want = "waxseal: the AWS CLI is not installed; see https://aws.amazon.com/cli/, or: pip install awscli\n"
	if cmd.ProcessState.ExitCode() != 127 || string(out) != want {
		t.Errorf("%d %s", cmd.ProcessState.ExitCode(), out)
	}
}
