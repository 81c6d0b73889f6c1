package integration

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/testsize"
	"github.com/waxseal/waxseal/policyeval"
)

var byHand = flag.Bool("byhand", false, "run the blocks of the documents that build for minutes, too")

// repository is the repository.
const repository = ".."

// docPages are the names of the pages whose blocks are run.
func docPages(t *testing.T) []string {
	t.Helper()
	names := []string{"README.md"}
	for _, folder := range []string{"docs", factsFolder} {
		found, err := filepath.Glob(filepath.Join(repository, folder, "*.md"))
		if err != nil || len(found) < 2 {
			t.Fatalf("the pages of %s are %q, %v", folder, found, err)
		}
		for _, f := range found {
			names = append(names, filepath.Join(folder, filepath.Base(f)))
		}
	}
	return names
}

// Every block of the README and of docs runs, and prints what is shown there.
// With -update what is shown becomes what is printed.
func TestDocs(t *testing.T) {
	if raceDetector {
		t.Skip("what the documents say is tested without the race detector")
	}
	t.Parallel()
	for _, name := range docPages(t) {
		t.Run(strings.ReplaceAll(name, "/", "-"), func(t *testing.T) {
			t.Parallel()
			sampled(t, *update || name == "README.md")
			p, err := readPage(repository, name)
			if err != nil {
				t.Fatal(err)
			}
			if *byHand {
				p.runByHand()
			}
			needs(t, p)
			for _, err := range p.run(t) {
				t.Error(err)
			}
			if *update {
				if err := os.WriteFile(filepath.Join(repository, name), []byte(p.rewrite()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// sampled skips what is no part of the sample, unless everything runs or the
// tests to run are named.
func sampled(t *testing.T, in bool) {
	t.Helper()
	if !in && !testsize.Full() && flag.Lookup("test.run").Value.String() == "" {
		t.Skip("WAXSEAL_TEST_FULL=1, or -run, runs it")
	}
}

// needs skips the test where a runtime that the page uses is missing.
func needs(t *testing.T, p *page) {
	t.Helper()
	text := ""
	for _, b := range p.blocks {
		if b.notRun == "" {
			text += b.language + " " + b.file + "\n" + b.text()
		}
	}
	uses := func(pattern string) bool { return regexp.MustCompile(pattern).MatchString(text) }
	for _, tool := range []string{"bash", "curl", "openssl", "base64", "mvn", "sops", "sam"} {
		if _, err := exec.LookPath(tool); err != nil && (tool == "bash" || uses(`\b`+tool+`\b`)) {
			missing(t, tool, err)
		}
	}
	if uses(`(?m)\baws (sqs|sns|kms|iam|sts)|awslocal`) {
		awsCLI(t)
	}
	if uses(`\.py\b|\bpytest\b|\bpython3\b`) {
		py := python(t)
		for _, module := range []string{"pytest", "aws_encryption_sdk", "celery", "dramatiq_sqs"} {
			if !uses(`\b` + module + `\b`) {
				continue
			}
			if out, err := exec.Command(py, "-c", "import "+module).CombinedOutput(); err != nil {
				missing(t, module, fmt.Errorf("%w: %s", err, out))
			}
		}
	}
	if uses(`\$ awslocal\b`) {
		if _, err := exec.LookPath("awslocal"); err != nil {
			missing(t, "awslocal", err)
		}
	}
	if uses(`\bmoto_server\b`) {
		if out, err := exec.Command("moto_server", "--help").CombinedOutput(); err != nil {
			missing(t, "moto's server", fmt.Errorf("%w: %s", err, out))
		}
	}
	if uses(`\.mjs\b`) {
		node(t)
	}
}

// runByHand has those blocks run that are left out for the time that they take.
func (p *page) runByHand() {
	for _, b := range p.blocks {
		if strings.HasPrefix(b.notRun, "by hand") {
			b.notRun = ""
		}
	}
}

// run runs the page's blocks in order and answers what is wrong.
func (p *page) run(t *testing.T) (wrong []error) {
	t.Helper()
	s := newShell(t)
	if err := s.furnish(); err != nil {
		t.Fatal(err)
	}
	for i, b := range p.blocks {
		if b.notRun != "" {
			continue
		}
		if err := b.run(s); err != nil {
			wrong = append(wrong, err)
		}
		if b.file != "" && !isRecipe(b.file) && !isConfiguration(b.file) && !p.uses(b.file, i+1) {
			wrong = append(wrong, fmt.Errorf("%s: no command below it uses %s", b.at(), b.file))
		}
	}
	if err := s.close(); err != nil {
		wrong = append(wrong, err)
	}
	return wrong
}

// uses reports whether a command of the blocks from the given one on runs the
// file, or a file that they make names it.
func (p *page) uses(file string, from int) bool {
	name := filepath.Base(file)
	return slices.ContainsFunc(p.blocks[from:], func(b *block) bool {
		return b.file != "" && strings.Contains(b.text(), `"`+name+`"`) || slices.ContainsFunc(b.commands, func(c *command) bool {
			return strings.Contains(c.text, name) || findsItself(file, c.text)
		})
	})
}

// unnamed are files that commands read without naming them.
var unnamed = []struct{ files, commands *regexp.Regexp }{
	{regexp.MustCompile(`_test\.go$`), regexp.MustCompile(`\bgo test\b`)},
	{regexp.MustCompile(`(^|/)(go\.mod|main\.go)$`), regexp.MustCompile(`\bgo build\b`)},
	{regexp.MustCompile(`(^|/)test_[^/]*$`), regexp.MustCompile(`\bpytest\b`)},
	{regexp.MustCompile(`\.test\.mjs$`), regexp.MustCompile(`\bnode --test\b`)},
	{regexp.MustCompile(`/pom\.xml$|/src/main/`), regexp.MustCompile(`\bmvn\b`)},
}

// findsItself reports whether a command reads the file without naming it, or
// by a module's name.
func findsItself(file, command string) bool {
	module, ok := strings.CutSuffix(file, ".py")
	if ok && regexp.MustCompile(`(\bimport|-A|\bdramatiq) `+regexp.QuoteMeta(module)+`\b`).MatchString(command) {
		return true
	}
	for _, u := range unnamed {
		if u.files.MatchString(file) && u.commands.MatchString(command) {
			return true
		}
	}
	return false
}

// furnish gives the folder a Go module that takes waxseal from here, and the
// packages for JavaScript, waxseal's own among them.
func (s *shell) furnish() error {
	here, err := filepath.Abs(repository)
	if err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	if err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(repository, "go.sum"))
	if err != nil {
		return err
	}
	text := strings.Replace(string(mod), "module github.com/waxseal/waxseal\n", "module example.com/shop\n", 1) +
		"\nrequire github.com/waxseal/waxseal v0.0.0\n\nreplace github.com/waxseal/waxseal => " + here + "\n"
	return errors.Join(
		os.WriteFile(filepath.Join(s.dir, "go.mod"), []byte(text), 0o600),
		os.WriteFile(filepath.Join(s.dir, "go.sum"), sum, 0o600),
		s.furnishNode(here))
}

// run runs one block.
func (b *block) run(s *shell) error {
	switch {
	case b.file != "":
		return b.write(s)
	case b.language == "json":
		return b.document()
	case b.language == "yaml":
		return b.fixtures(s)
	}
	var wrong []error
	for _, c := range b.commands {
		if err := b.command(s, c); err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}

func (b *block) command(s *shell, c *command) error {
	status, err := s.run(c)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", b.page.at(c.line), c.text, err)
	}
	c.wrong = c.compared && !c.matches()
	switch {
	case c.wrong:
		return fmt.Errorf("%s: %s\nprints (status %d)\n%s\nand the page shows\n%s", b.page.at(c.line), c.text, status, strings.Trim(c.actual, "\n"), strings.Join(c.shown, "\n"))
	case status != 0 && (!c.compared || len(c.shown) == 0):
		return fmt.Errorf("%s: %s: status %d\n%s", b.page.at(c.line), c.text, status, c.actual)
	}
	return nil
}

// write makes the file that the block is.
func (b *block) write(s *shell) error {
	text := b.text()
	if isRecipe(b.file) {
		return b.recipe(text)
	}
	if b.language == "json" {
		if err := b.document(); err != nil {
			return err
		}
	}
	name := filepath.Join(s.dir, b.file)
	return errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(s.here(text)), 0o600))
}

// bucketOf finds the bucket that a policy is about.
var bucketOf = regexp.MustCompile(`arn:aws:s3:::[a-z0-9.-]+`)

// document parses a JSON document, as a policy where it is one.
func (b *block) document() error {
	var object map[string]any
	if err := json.Unmarshal([]byte(b.text()), &object); err != nil {
		return fmt.Errorf("%s: %w", b.at(), err)
	}
	if _, ok := object["Statement"]; !ok {
		return nil
	}
	d, err := policyeval.Parse(b.text())
	if err != nil {
		return fmt.Errorf("%s: %w", b.at(), err)
	}
	kind := policyeval.IdentityPolicy
	if strings.Contains(b.text(), `"Principal"`) {
		for action, k := range map[string]policyeval.Kind{
			`"sts:`: policyeval.TrustPolicy, `"sqs:`: policyeval.QueuePolicy, `"sns:`: policyeval.TopicPolicy, `"kms:`: policyeval.KeyPolicy,
			`"s3:`: policyeval.BucketPolicy,
		} {
			if strings.Contains(b.text(), action) {
				kind = k
			}
		}
	}
	for _, problem := range policyeval.Validate(d, policyeval.ValidateOptions{Kind: kind, Account: "123456789012", Resource: bucketOf.FindString(b.text())}) {
		return fmt.Errorf("%s: %w", b.at(), problem)
	}
	return nil
}

// fixtures loads the block as waxseal serve --init would.
func (b *block) fixtures(s *shell) error {
	name := filepath.Join(s.dir, "block.yaml")
	if err := os.WriteFile(name, []byte(b.text()), 0o600); err != nil {
		return err
	}
	if _, err := (fixture.Options{Region: "us-east-1"}).Load(name); err != nil {
		return fmt.Errorf("%s: %w", b.at(), err)
	}
	return nil
}

// isRecipe reports whether the file is one for a CI service, which reads it
// where nobody can run it here.
func isRecipe(file string) bool {
	return strings.HasPrefix(file, ".github/") || strings.HasPrefix(file, ".gitlab") || strings.HasSuffix(file, "compose.yaml")
}

// isConfiguration reports whether the file is for Terraform, whose calls TestTerraformsCalls
// makes again.
func isConfiguration(file string) bool { return strings.HasSuffix(file, ".tf") }

// recipe parses the block. The page itself runs the calls of waxseal that it has.
func (b *block) recipe(text string) error {
	var recipe any
	if err := yaml.Unmarshal([]byte(text), &recipe); err != nil {
		return fmt.Errorf("%s: %w", b.at(), err)
	}
	for _, step := range steps(recipe) {
		if strings.HasPrefix(step, "waxseal ") && !b.page.runs(step) {
			return fmt.Errorf("%s: the page does not run %s", b.at(), step)
		}
	}
	return nil
}

func (p *page) runs(text string) bool {
	return slices.ContainsFunc(p.blocks, func(b *block) bool {
		return slices.ContainsFunc(b.commands, func(c *command) bool { return c.text == text })
	})
}

// steps are all texts in a document.
func steps(node any) (texts []string) {
	switch n := node.(type) {
	case string:
		return []string{n}
	case []any:
		for _, v := range n {
			texts = append(texts, steps(v)...)
		}
	case map[string]any:
		for _, v := range n {
			texts = append(texts, steps(v)...)
		}
	}
	return texts
}

// codeSpan is code within a paragraph.
var codeSpan = regexp.MustCompile("`([^`\n]+)`")

// Every call of waxseal that the documents name, in paragraphs and in the
// recipes for CI services too, is one of a command and of flags that exist.
func TestDocsNameWhatExists(t *testing.T) {
	help := map[string]string{}
	for _, name := range append(docPages(t), "CONTRIBUTING.md") {
		p, err := readPage(repository, name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range p.lines {
			calls := codeSpan.FindAllStringSubmatch(line, -1)
			if slices.ContainsFunc(p.blocks, func(b *block) bool { return b.first <= i && i < b.last }) {
				calls = [][]string{{"", strings.TrimLeft(line, " -$")}}
			}
			for _, c := range calls {
				if _, after, ok := strings.Cut(c[1], "run: "); ok {
					c[1] = after
				}
				if err := callExists(t, help, c[1]); err != nil {
					t.Errorf("%s: %s: %v", p.at(i+1), c[1], err)
				}
			}
		}
	}
}

var (
	waxsealCall = regexp.MustCompile(`^waxseal ([a-z]+)((?: [^|&;#)]*)?)`)
	longFlag    = regexp.MustCompile(`(?:^| )(--[a-z-]+)`)
)

// callExists checks the command and the flags of a call of waxseal.
func callExists(t *testing.T, help map[string]string, call string) error {
	t.Helper()
	m := waxsealCall.FindStringSubmatch(call)
	if m == nil || m[1] == "is" || m[1] == "ready" {
		return nil
	}
	if help[m[1]] == "" {
		help[m[1]] = run(t, wordless(), binary(t), "help", m[1])
	}
	if !strings.Contains(help[m[1]], "waxseal "+m[1]) {
		return errors.New("there is no such command")
	}
	flags, _, _ := strings.Cut(m[2], " -- ")
	if m[1] == "aws" {
		return nil // the AWS CLI's own
	}
	for _, flag := range longFlag.FindAllStringSubmatch(flags, -1) {
		if !regexp.MustCompile(regexp.QuoteMeta(flag[1]) + `\s`).MatchString(help[m[1]]) {
			return fmt.Errorf("there is no flag %s", flag[1])
		}
	}
	return nil
}
