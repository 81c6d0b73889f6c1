package integration

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// factsFolder holds the facts about AWS that the code relies on.
const factsFolder = "docs/aws-behaviour"

// fact is a row of a page: what AWS does, how that is known, and what proves
// that it is so here.
type fact struct {
	id, page string
	line     int
	tests    []string // package.TestName or package.TestName/subtest
}

func (f fact) at() string { return fmt.Sprintf("%s/%s:%d: %s", factsFolder, f.page, f.line, f.id) }

var (
	factID  = regexp.MustCompile(`^[A-Z]\d+(\.\d+)?[a-z]?$`)
	factRow = regexp.MustCompile(`^\| ([^|]*) \| (.+) \| ([^|]*) \| ([^|]*) \|$`)
	// factSource is where a fact is from and how sure it is.
	factSource = regexp.MustCompile(`^` + sourceKind + `(, ` + sourceKind + `)* · [HML]$`)
	testName   = regexp.MustCompile(`^([a-z0-9/]+)\.(Test\w+)(?:/(.+))?$`)
)

const sourceKind = `(recorded|inferred from recordings|asserted on AWS|AWS page|AWS model|AWS engine|observed|general knowledge|not documented)( 20\d\d(-\d\d)?)?`

// readFacts reads the pages.
func readFacts(t *testing.T) []fact {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(repository, factsFolder, "*.md"))
	if err != nil || len(pages) < 2 {
		t.Fatalf("the pages of %s are %q, %v", factsFolder, pages, err)
	}
	var facts []fact
	for _, page := range pages {
		if filepath.Base(page) == "README.md" {
			continue
		}
		for i, line := range strings.Split(readFile(t, page), "\n") {
			if !strings.HasPrefix(line, "|") || line == factsHead || line == "|---|---|---|---|" {
				continue
			}
			f := fact{page: filepath.Base(page), line: i + 1}
			m := factRow.FindStringSubmatch(strings.ReplaceAll(line, `\|`, "¦"))
			if m == nil || !factID.MatchString(m[1]) {
				t.Errorf("%s/%s:%d: %s is not a row of four cells that begins with an id", factsFolder, f.page, f.line, line)
				continue
			}
			f.id = m[1]
			if !factSource.MatchString(m[3]) {
				t.Errorf("%s: the source is %q, which is not of the form: recorded 2025 · H", f.at(), m[3])
			}
			for _, span := range codeSpan.FindAllStringSubmatch(m[4], -1) {
				f.tests = append(f.tests, strings.ReplaceAll(span[1], "¦", "|"))
			}
			if none := m[4] == factsNoTest; none != (len(f.tests) == 0) {
				t.Errorf("%s: the tests are %q", f.at(), m[4])
			}
			facts = append(facts, f)
		}
	}
	return facts
}

const (
	factsHead   = "| id | what AWS does | known from | tests |"
	factsNoTest = "none yet"
)

// code is what the Go files say of facts, and which tests there are.
type code struct {
	citations map[string][]string        // where an id is cited
	bare      map[string][]string        // where one stands in a comment without brackets
	tests     map[string]map[string]bool // package.TestName -> the strings in its file
	packages  map[string][]string        // TestName -> packages that have it
	cases     map[string]bool            // package/name of the cases of a corpus
	wrong     []string                   // citations that are of no form at all
}

var (
	citedRange = regexp.MustCompile(`\[([A-Z])(\d+)\]-\[([A-Z])(\d+)\]`)
	citedOne   = regexp.MustCompile(`\[([A-Z]\d+(?:\.\d+)?[a-z]?)\]`)
	// wordedRange is a range in another form, whose middle would not be seen.
	wordedRange = regexp.MustCompile(`\[[A-Z]\d[\d.]*\] (?:to|through|–) \[[A-Z]\d`)
	anyID       = regexp.MustCompile(`\b[A-Z]\d+(?:\.\d+)?[a-z]?\b`)
	// surelyFact is the form of an id that nothing else has.
	surelyFact = regexp.MustCompile(`^[IKMNQX]\d{3}[a-d]?$`)
	// namedID begins the name of a case that is of a fact.
	namedID = regexp.MustCompile(`^([QNKIMX]\d{3}|[A-H]\d+\.\d+)\b`)
	caseIDs = regexp.MustCompile(`\b([QNKIMX]\d{3}|[A-H]\d+\.\d+)\b`)
)

// readCode reads every Go file of the repository.
func readCode(t *testing.T) *code {
	t.Helper()
	c := &code{
		citations: map[string][]string{}, bare: map[string][]string{},
		tests: map[string]map[string]bool{}, packages: map[string][]string{}, cases: map[string]bool{},
	}
	err := filepath.WalkDir(repository, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == "node_modules" || len(name) > 2 && name[0] == '.') {
			return filepath.SkipDir
		}
		if folder, file, ok := strings.Cut(filepath.ToSlash(file), "/testdata/"); ok {
			return c.readCases(folder, file)
		}
		if strings.HasSuffix(file, ".go") {
			return c.read(file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *code) read(file string) error {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	name, err := filepath.Rel(repository, file)
	if err != nil {
		return err
	}
	name = filepath.ToSlash(name)
	at := func(p token.Pos) string { return name + ":" + strconv.Itoa(set.Position(p).Line) }
	for _, group := range parsed.Comments {
		for _, comment := range group.List {
			c.readComment(at(comment.Pos()), comment.Text)
		}
	}
	if !strings.HasSuffix(name, "_test.go") {
		return nil
	}
	literals := map[string]bool{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				return true
			}
			literals[text] = true
			if namedID.MatchString(text) {
				for _, id := range caseIDs.FindAllString(text, -1) {
					c.citations[id] = append(c.citations[id], at(lit.Pos()))
				}
			}
		}
		return true
	})
	folder := path.Dir(name)
	if folder == "." {
		folder = "waxseal"
	}
	for _, decl := range parsed.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
			c.tests[folder+"."+f.Name.Name] = literals
			c.packages[f.Name.Name] = append(c.packages[f.Name.Name], folder)
		}
	}
	return nil
}

// readCases notes the cases of a file of test data: those lines of a corpus that
// begin with ##, and the ids that they begin with.
func (c *code) readCases(folder, file string) error {
	if ext := path.Ext(file); ext != ".cases" && ext != ".table" {
		return nil
	}
	name := path.Join(folder, "testdata", file)
	text, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	folder = strings.TrimPrefix(folder, repository+"/")
	for i, line := range strings.Split(string(text), "\n") {
		title, ok := strings.CutPrefix(line, "## ")
		if !ok {
			continue
		}
		c.cases[folder+"/"+title] = true
		for word := range strings.FieldsSeq(title) {
			if !factID.MatchString(word) {
				break
			}
			c.citations[word] = append(c.citations[word], fmt.Sprintf("%s:%d", name, i+1))
		}
	}
	return nil
}

// readComment notes the ids in a comment. Those of a range are all cited.
func (c *code) readComment(at, text string) {
	for _, m := range citedRange.FindAllStringSubmatch(text, -1) {
		first, _ := strconv.Atoi(m[2])
		last, _ := strconv.Atoi(m[4])
		for n := first; n <= last; n++ {
			id := fmt.Sprintf("%s%0*d", m[1], len(m[2]), n)
			c.citations[id] = append(c.citations[id], at)
		}
	}
	for _, m := range citedOne.FindAllStringSubmatch(text, -1) {
		c.citations[m[1]] = append(c.citations[m[1]], at)
	}
	for _, m := range wordedRange.FindAllString(text, -1) {
		c.wrong = append(c.wrong, fmt.Sprintf("%s: a range of facts is cited as [Q001]-[Q017], not as %s…", at, m))
	}
	for _, m := range anyID.FindAllStringIndex(text, -1) {
		if !strings.HasSuffix(text[:m[0]], "[") || !strings.HasPrefix(text[m[1]:], "]") {
			id := text[m[0]:m[1]]
			c.bare[id] = append(c.bare[id], at)
		}
	}
}

// Whatever a comment says that AWS does stands in docs/aws-behaviour, with
// tests that exist. With -update, tests that moved to another package are
// found again, and the README's numbers are right.
func TestAWSBehavior(t *testing.T) {
	facts, code := readFacts(t), readCode(t)
	byID := map[string]fact{}
	for _, f := range facts {
		if other, twice := byID[f.id]; twice {
			t.Errorf("%s: it stands at %s too", f.at(), other.at())
		}
		byID[f.id] = f
		for _, test := range f.tests {
			code.checkTest(t, f, test)
		}
		if len(f.tests) == 0 && len(code.citations[f.id]) == 0 {
			t.Errorf("%s: no code cites it, and it names no test", f.at())
		}
	}
	for id, places := range code.bare {
		if _, known := byID[id]; known || surelyFact.MatchString(id) {
			t.Errorf("%s: a fact is cited as [%s], not as %[2]s", places[0], id)
		}
	}
	for id, places := range code.citations {
		if _, known := byID[id]; !known {
			t.Errorf("%s: [%s] is no fact of %s", places[0], id, factsFolder)
		}
	}
	for _, text := range code.wrong {
		t.Error(text)
	}
	checkFactsReadme(t, facts)
}

// checkTest reports a test that is not there.
func (c *code) checkTest(t *testing.T, f fact, test string) {
	t.Helper()
	m := testName.FindStringSubmatch(test)
	if m == nil {
		t.Errorf("%s: %s is not of the form package.TestName", f.at(), test)
		return
	}
	literals, ok := c.tests[m[1]+"."+m[2]]
	if !ok {
		t.Errorf("%s: there is no test %s.%s; packages with such a test: %q", f.at(), m[1], m[2], c.packages[m[2]])
		if moved := c.packages[m[2]]; *update && len(moved) == 1 {
			file := filepath.Join(repository, factsFolder, f.page)
			text := strings.ReplaceAll(readFile(t, file), "`"+test+"`", "`"+moved[0]+strings.TrimPrefix(test, m[1])+"`")
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	if m[3] != "" && !literals[m[3]] && !c.cases[m[1]+"/"+m[3]] {
		t.Errorf("%s: no case of %s.%s is named %q", f.at(), m[1], m[2], m[3])
	}
}

// checkFactsReadme holds the README's table of pages, and lists the facts that
// no test proves.
func checkFactsReadme(t *testing.T, facts []fact) {
	t.Helper()
	const begin, end = "-update` -->\n", "<!-- /counts -->"
	var pages []string
	total, gaps := map[string]int{}, map[string]int{}
	for _, f := range facts {
		if !slices.Contains(pages, f.page) {
			pages = append(pages, f.page)
		}
		for _, page := range []string{f.page, ""} {
			total[page]++
			if len(f.tests) == 0 {
				gaps[page]++
			}
		}
		if len(f.tests) == 0 {
			t.Logf("%s: a known gap: no test", f.at())
		}
	}
	var b strings.Builder
	b.WriteString("| page | facts | without a test |\n|---|---|---|\n")
	for _, page := range pages {
		fmt.Fprintf(&b, "| [%s](%s) | %d | %d |\n", strings.TrimSuffix(page, ".md"), page, total[page], gaps[page])
	}
	fmt.Fprintf(&b, "| all | %d | %d |\n", total[""], gaps[""])
	file := filepath.Join(repository, factsFolder, "README.md")
	text := readFile(t, file)
	before, rest, ok := strings.Cut(text, begin)
	_, after, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatalf("%s has no place for the numbers of facts", file)
	}
	wanted := before + begin + b.String() + end + after
	if text == wanted {
		return
	}
	if *update {
		if err := os.WriteFile(file, []byte(wanted), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s counts other facts than the pages have: run go test ./integration -run TestAWSBehavior -update", file)
}

// What is wrong in a comment is found out.
func TestAWSBehaviorReadsComments(t *testing.T) {
	c := &code{citations: map[string][]string{}, bare: map[string][]string{}}
	c.readComment("a", "// Refused [Q092], as (Q093) and Q094 are. [N009]-[N011] [A1.4], but not [x]; see [K001] to [K003].")
	if len(c.wrong) != 1 {
		t.Errorf("wrong is %q", c.wrong)
	}
	for _, id := range []string{"Q092", "N009", "N010", "N011", "A1.4"} {
		if c.citations[id] == nil {
			t.Errorf("%s is not cited", id)
		}
		if c.bare[id] != nil {
			t.Errorf("%s is taken for bare", id)
		}
	}
	for _, id := range []string{"Q093", "Q094"} {
		if c.citations[id] != nil || c.bare[id] == nil {
			t.Errorf("%s is not taken for bare", id)
		}
	}
}
