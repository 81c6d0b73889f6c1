package integration

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"
)

// terraformCall is a call that Terraform's provider made for docs/terraform.md's
// configuration, and what it was answered: it then went on and found no difference.
type terraformCall struct {
	Step, Service, Method, URI string
	Type, Target               string
	Headers                    map[string]string
	Body                       string
	Status                     int
	Answer                     string
}

// terraformCalls are the calls of the steps of which one is wanted, by the names of the steps.
func terraformCalls(t *testing.T, wanted func(step string) bool) (calls []terraformCall) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(readFile(t, "testdata/terraform/calls.jsonl")))
	for d.More() {
		var c terraformCall
		if err := d.Decode(&c); err != nil {
			t.Fatal(err)
		}
		if wanted(c.Step) {
			calls = append(calls, c)
		}
	}
	return calls
}

// Each resource of the configuration is created, read, updated, imported and deleted by the
// calls that the provider makes, and each answer is the one with which it was content. The
// provider polls until it sees what it wrote; of equal polls one is kept.
func TestTerraformsCalls(t *testing.T) {
	t.Parallel()
	p := serve(t)
	known := map[string]string{"HOST": strings.TrimPrefix(p.url, "http://")}
	steps := map[string]int{}
	for _, c := range terraformCalls(t, func(string) bool { return true }) {
		steps[strings.Split(c.Step, ".")[0]]++
		c.replay(t, p, known)
	}
	for _, step := range []string{"apply", "plan", "update", "import", "destroy"} {
		if steps[step] == 0 {
			t.Errorf("no call of %s was recorded", step)
		}
	}
}

// A server that begins with the state is what the state says: the provider's reads of all of it
// are answered as they were, ids included.
func TestTerraformsState(t *testing.T) {
	t.Parallel()
	state := readFile(t, "testdata/terraform/state.json")
	file := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(file, []byte(state), 0o600); err != nil {
		t.Fatal(err)
	}
	p := serve(t, "--init", file)
	known := map[string]string{"HOST": strings.TrimPrefix(p.url, "http://")}
	for _, c := range terraformCalls(t, func(step string) bool { return step == "plan" }) {
		c.replay(t, p, known)
	}
	for id, now := range known {
		if id != now && strings.Contains(state, id) && !anew.MatchString(id) && !strings.Contains(state, `"default_security_group_id":"`+id) {
			t.Errorf("%s of the state is %s here", id, now)
		}
	}
}

// anew is what has new ids: identities, the interfaces of endpoints, and what a VPC has by itself.
var anew = regexp.MustCompile(`^(HOST|AROA.*|(eni|dopt|rtb|acl)-.*)$`)

// The configuration of the page is the one that was recorded.
func TestTerraformsPage(t *testing.T) {
	t.Parallel()
	p, err := readPage(repository, "docs/terraform.md")
	if err != nil {
		t.Fatal(err)
	}
	var shown, recorded []string
	for _, b := range p.blocks {
		for _, m := range regexp.MustCompile(`(?m)^resource "(\w+)" "(\w+)"`).FindAllStringSubmatch(b.text(), -1) {
			shown = append(shown, m[1]+"."+m[2])
		}
	}
	for _, m := range regexp.MustCompile(`"address":"([^"]+)"`).FindAllStringSubmatch(readFile(t, "testdata/terraform/state.json"), -1) {
		recorded = append(recorded, m[1])
	}
	slices.Sort(shown)
	slices.Sort(recorded)
	if diff := cmp.Diff(recorded, shown); diff != "" {
		t.Error(diff)
	}
}

// replay makes the call again, and says how the answer differs. What is read and differs is
// asked for again, as the provider does, when time has passed.
func (c *terraformCall) replay(t *testing.T, p *process, known map[string]string) {
	t.Helper()
	const polls = 10
	for poll := 1; ; poll++ {
		status, answer := c.send(t, p.url, known)
		same := status == c.Status && timeless(c.Answer) == timeless(answer)
		if same {
			learn(known, c.Answer, answer)
			return
		}
		if !reading.MatchString(c.name()) || poll == polls {
			t.Fatalf("%s: %s: status %d, not %d\n%s", c.Step, c.name(), status, c.Status, cmp.Diff(timeless(c.Answer), timeless(answer)))
		}
		response, err := http.Post(p.url+"/_waxseal/clock", "application/json", strings.NewReader(`{"advance":"1m"}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("the clock: %s, %v", response.Status, err)
		}
	}
}

// reading is the name of a call that changes nothing.
var reading = regexp.MustCompile(`^(GET|HEAD) |[.:](Get|List|Describe)\w+$`)

// name is how a person calls a call.
func (c *terraformCall) name() string {
	if c.Target != "" {
		return c.Target
	}
	if m := regexp.MustCompile(`Action=(\w+)`).FindStringSubmatch(c.Body); m != nil {
		return c.Service + ":" + m[1]
	}
	return c.Method + " " + c.URI
}

// send makes the call again, with the ids that this server has given.
func (c *terraformCall) send(t *testing.T, url string, known map[string]string) (status int, answer string) {
	t.Helper()
	body := []byte(replaced(c.Body, known))
	r, err := http.NewRequestWithContext(t.Context(), c.Method, url+replaced(c.URI, known), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range c.Headers {
		r.Header.Set(name, value)
	}
	for name, value := range map[string]string{"Content-Type": c.Type, "X-Amz-Target": c.Target} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	if err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, r, hash, c.Service, "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// madeUp are ids and other texts that differ from server to server, and what is unlike
// from moment to moment.
var (
	madeUp    = regexp.MustCompile(`HOST|\bvpce-[0-9a-f]{17}-[a-z0-9]{8}\b|127\.0\.0\.1:\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b(?:[a-z]+)-[0-9a-f]{17}\b|\b[0-9a-f]{64}\b|\bA[A-Z]{3}[A-Z0-9]{16,17}\b|"[A-Za-z0-9+/]{100,}=*"`)
	moment    = regexp.MustCompile(`\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?|\b1\d{9}(\.\d+)?\b|\b1\.\d+E9\b|"ApproximateNumberOfMessages":"\d+"`)
	requestID = regexp.MustCompile(`<(HostId|hostId)>[^<]*<|<(RequestId|requestId)>[^<]*<`)
)

// learn notes what is called otherwise here than it was when the calls were recorded.
func learn(known map[string]string, recorded, actual string) {
	before, now := madeUp.FindAllString(recorded, -1), madeUp.FindAllString(actual, -1)
	if len(before) != len(now) {
		return // which the comparison shows
	}
	for i := range before {
		if _, there := known[before[i]]; !there {
			known[before[i]] = now[i]
		}
	}
}

// replaced is a text of the recording with what things are called here.
func replaced(text string, known map[string]string) string {
	return madeUp.ReplaceAllStringFunc(text, func(id string) string {
		if now, ok := known[id]; ok {
			return now
		}
		return id
	})
}

// timeless is an answer without what differs from run to run. The order of the ids is
// compared: the second id is the one that was the second.
func timeless(answer string) string {
	answer = requestID.ReplaceAllString(answer, "<ID<")
	answer = moment.ReplaceAllString(answer, "TIME")
	var seen []string
	return madeUp.ReplaceAllStringFunc(answer, func(id string) string {
		i := slices.Index(seen, id)
		if i < 0 {
			i = len(seen)
			seen = append(seen, id)
		}
		return "ID" + string(rune('a'+i%26))
	})
}
