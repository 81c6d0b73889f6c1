package integration

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mostNotRun is how many blocks may have a comment that leaves them out.
const mostNotRun = 12

// What cannot run here says why, is little, and is at least of its language.
func TestDocsNotRun(t *testing.T) {
	count, total := 0, 0
	for _, name := range docPages(t) {
		p, err := readPage(repository, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range p.blocks {
			total++
			if b.notRun == "" {
				continue
			}
			count++
			t.Logf("%s: not run: %s", b.at(), b.notRun)
			t.Run(b.at(), func(t *testing.T) { b.checkSyntax(t) })
		}
	}
	t.Logf("%d of %d blocks are not run", count, total)
	if count > mostNotRun {
		t.Errorf("%d blocks are not run, which is more than %d", count, mostNotRun)
	}
}

// checkSyntax has the language's own parser read the block, where there is one here.
func (b *block) checkSyntax(t *testing.T) {
	text := b.text()
	switch b.language {
	case "go":
		if _, err := parser.ParseFile(token.NewFileSet(), b.page.name, text, parser.SkipObjectResolution); err != nil {
			t.Error(err)
		}
	case "python":
		b.accepted(t, exec.Command(python(t), "-c", "import ast, sys; ast.parse(sys.stdin.read())"))
	case "js":
		node(t)
		file := filepath.Join(t.TempDir(), "block.mjs")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		b.accepted(t, exec.Command("node", "--check", file))
	case "sh", "console":
		for _, c := range b.commands {
			b.accepted(t, exec.Command("bash", "-n", "-c", c.text))
		}
	}
}

func (b *block) accepted(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.Stdin = strings.NewReader(b.text())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

var markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// heading is a heading's anchor, as GitHub makes it.
func headings(text string) map[string]bool {
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		anchor := regexp.MustCompile(`[^\p{L}\d\- ]`).ReplaceAllString(strings.ToLower(m[1]), "")
		anchors[strings.ReplaceAll(anchor, " ", "-")] = true
	}
	return anchors
}

// The README is what a user reads before the first call, not the whole manual.
func TestReadmeIsShort(t *testing.T) {
	const most = 230
	if n := strings.Count(readFile(t, readme), "\n"); n > most {
		t.Errorf("the README has %d lines, more than %d: what is longer belongs into docs", n, most)
	}
}

// A link leads to a file that is there, and to a heading that it has.
func TestDocsLinks(t *testing.T) {
	for _, name := range append(docPages(t), "CONTRIBUTING.md") {
		for _, m := range markdownLink.FindAllStringSubmatch(readFile(t, filepath.Join(repository, name)), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := filepath.Join(repository, filepath.Dir(name), target)
			if target == "" {
				file = filepath.Join(repository, name)
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: a link to %s: %v", name, m[1], err)
			} else if anchor != "" && !headings(readFile(t, file))[anchor] {
				t.Errorf("%s: a link to %s: there is no such heading", name, m[1])
			}
		}
	}
}

// docs/control.md tells of every request that the control API takes.
func TestDocsControl(t *testing.T) {
	text := readFile(t, filepath.Join(repository, "docs", "control.md"))
	routes := regexp.MustCompile(`c\.HandleFunc\("(/[a-z.-]+(?:/stream)?)[^"]*".*Method(Get|Post)\)`).
		FindAllStringSubmatch(readFile(t, filepath.Join(repository, "internal", "control", "control.go")), -1)
	if len(routes) < 15 {
		t.Fatalf("internal/control/control.go has the routes %q", routes)
	}
	for _, r := range routes {
		if !regexp.MustCompile("`((?:GET|POST) )?/_waxseal" + regexp.QuoteMeta(r[1]) + `\b[^|]*\|`).MatchString(text) {
			t.Errorf("docs/control.md does not tell of %s /_waxseal%s", strings.ToUpper(r[2]), r[1])
		}
	}
}

// A call of what there is not is found out.
func TestDocsFindsWrongCalls(t *testing.T) {
	help := map[string]string{}
	for _, call := range []string{"waxseal srve", "waxseal serve --adr :0", "waxseal exec --coverage 80 -- pytest -q", "waxseal audit"} {
		if callExists(t, help, call) == nil {
			t.Errorf("%s is taken for right", call)
		}
	}
	for _, call := range []string{"waxseal serve --addr :0", "waxseal exec --coverage-min 80 -- pytest --quiet", "waxseal aws sqs list-queues --max-items 3", "waxseal is"} {
		if err := callExists(t, help, call); err != nil {
			t.Errorf("%s: %v", call, err)
		}
	}
}

// CONTRIBUTING gives a reason for each module that go.mod requires directly,
// and for no other.
func TestDependencies(t *testing.T) {
	_, text, ok := strings.Cut(readFile(t, filepath.Join(repository, "CONTRIBUTING.md")), "\n## Dependencies\n")
	if !ok {
		t.Fatal("CONTRIBUTING has no section Dependencies")
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([a-z][^ ]+) \| .+ \|$`).FindAllStringSubmatch(text, -1) {
		if m[1] != "module" {
			used[m[1]] = false
		}
	}
	for _, line := range strings.Split(readFile(t, filepath.Join(repository, "go.mod")), "\n") {
		fields := strings.Fields(line)
		if len(fields) != 2 || !strings.HasPrefix(line, "\t") {
			continue
		}
		if module := reasoned(used, strings.TrimPrefix(fields[0], "github.com/")); module == "" {
			t.Errorf("CONTRIBUTING says nothing of the dependency %s", fields[0])
		} else {
			used[module] = true
		}
	}
	for module, is := range used {
		if !is {
			t.Errorf("CONTRIBUTING gives a reason for %s, which go.mod does not require directly", module)
		}
	}
}

// reasoned is the row of the table that a module belongs to.
func reasoned(rows map[string]bool, module string) string {
	for row := range rows {
		if module == row || strings.HasPrefix(module, row+"/") {
			return row
		}
	}
	return ""
}

// A page with mistakes is found out, each at its line.
func TestDocsFindsMistakes(t *testing.T) {
	p, err := readPage("testdata/docs", "wrong.md")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for _, err := range p.run(t) {
		fmt.Fprintln(&got, err)
	}
	for _, want := range []string{
		"wrong.md:6: echo one\nprints (status 0)\none\nand the page shows\ntwo\n",
		"wrong.md:13: (exit 3): status 3\n",
		"wrong.md:16: invalid character",
		`block.yaml:2: accounts: "12" is not an account id of 12 digits`,
		"wrong.md:27: no command below it uses unused.py\n",
		"wrong.md:32: false: status 1\n",
		"wrong.md:49: the page does not run waxseal exec -- false\n",
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("it does not find %q in:\n%s", want, got.String())
		}
	}
	if n := strings.Count(got.String(), "wrong.md:"); n != 7 {
		t.Errorf("%d mistakes:\n%s", n, got.String())
	}
	if rewritten := p.rewrite(); !strings.Contains(rewritten, "$ echo one\none\n```") {
		t.Errorf("rewritten it is\n%s", rewritten)
	}
	for text, want := range map[string]string{
		"```console\nno command\n```\n": "begins with a command",
		"text\n\n    indented code\n":   "between fences",
		"```sh\nopen":                   "has no end",
		"```what is this\n```\n":        "is not",
		"```rust\nfn\n```\n":            "neither console",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "p.md"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readPage(dir, "p.md"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
