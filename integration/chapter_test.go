package integration

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// The chapter that waxseal began from is a document that people work through:
// every snippet in it runs as it is printed.
const chapter = "testdata/chapter.md"

func TestChapterInPython(t *testing.T) {
	t.Parallel()
	py := python(t)
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			p := serve(t)
			env := p.env()
			if scheme == "https" {
				env = p.env("AWS_ENDPOINT_URL="+p.httpsURL(), "AWS_CA_BUNDLE="+p.caBundle())
			}
			out := run(t, env, py, "python/chapter.py", chapter)
			want := regexp.MustCompile(`(?m)^Secure queue created: ` + scheme + `://127\.0\.0\.1:\d+/123456789012/pettracker-notifications-secure$`)
			if !want.MatchString(out) {
				t.Errorf("secure_queue_setup() printed:\n%s\nwant a line %s", out, want)
			}
		})
	}
}

// commands are the chapter's terminal commands that begin with prefix, as argument lists.
func commands(t *testing.T, text, prefix string) [][]string {
	t.Helper()
	var found [][]string
	for _, at := range regexp.MustCompile(`(?m)^\$ `+regexp.QuoteMeta(prefix)).FindAllStringIndex(text, -1) {
		found = append(found, words(t, text[at[0]+len("$ "):]))
	}
	return found
}

// words splits the shell command at the beginning of text: words, single and
// double quotes, lines that go on after a backslash.
func words(t *testing.T, text string) []string {
	t.Helper()
	var list []string
	word, quoted, in := "", byte(0), false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted != 0 && c == quoted:
			quoted = 0
		case quoted != 0:
			word += string(c)
		case c == '\'' || c == '"':
			quoted, in = c, true
		case c == '\\' && text[i+1] == '\n':
			i++
		case c == ' ' || c == '\n':
			if in {
				list = append(list, word)
			}
			word, in = "", false
			if c == '\n' {
				return list
			}
		default:
			word, in = word+string(c), true
		}
	}
	t.Fatalf("the command does not end: %q", text)
	return nil
}

func TestChapterWithTheAWSCLI(t *testing.T) {
	t.Parallel()
	awsCLI(t)
	p := serve(t)
	text := readFile(t, chapter)
	env := p.env()
	aws := func(args []string) string {
		t.Helper()
		return run(t, env, binary(t), append([]string{"aws"}, args...)...)
	}
	url := strings.TrimSpace(aws([]string{"sqs", "create-queue", "--queue-name", "pettracker-notifications", "--query", "QueueUrl", "--output", "text"}))

	var key struct {
		KeyMetadata struct{ KeyId, Arn, Description string }
	}
	creates := commands(t, text, "aws kms create-key")
	if len(creates) != 1 {
		t.Fatalf("found %q", creates)
	}
	if err := json.Unmarshal([]byte(aws(creates[0][1:])), &key); err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:kms:us-east-1:123456789012:key/" + key.KeyMetadata.KeyId; key.KeyMetadata.Arn != want || key.KeyMetadata.Description != "PetTracker SQS encryption key" {
		t.Errorf("create-key: %+v, want the ARN %s and the description", key, want)
	}

	sets := commands(t, text, "aws sqs set-queue-attributes")
	if len(sets) != 2 {
		t.Fatalf("found %q", sets)
	}
	for i, want := range []map[string]string{
		{"SqsManagedSseEnabled": "true"},
		{"KmsMasterKeyId": key.KeyMetadata.KeyId, "SqsManagedSseEnabled": "false", "KmsDataKeyReusePeriodSeconds": "300"},
	} {
		args := sets[i][1:]
		for j := range args {
			args[j] = strings.ReplaceAll(args[j], "https://sqs.../pettracker-notifications", url)
			args[j] = strings.ReplaceAll(args[j], "1234abcd-12ab-34cd-56ef-1234567890ab", key.KeyMetadata.KeyId)
		}
		aws(args)
		var got struct{ Attributes map[string]string }
		out := aws([]string{"sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All"})
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		for name, value := range want {
			if got.Attributes[name] != value {
				t.Errorf("after %q: %s = %q, want %q", sets[i], name, got.Attributes[name], value)
			}
		}
	}
}
