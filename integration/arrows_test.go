package integration

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/waxseal/waxseal/"

// floors lists the packages from the ground up. A package may import those of lower
// floors, and none of its own or a higher one.
func floors(t *testing.T) [][]string {
	return [][]string{
		{"bench/load", "console", "docs", "internal/cdk", "internal/jackson", "internal/layout", "internal/nearest", "internal/notice", "internal/schedule", "internal/template", "internal/testsize"},
		{"bench/floor", "internal/arn", "internal/awspolicy", "internal/clock", "internal/eventinput", "internal/eventpattern", "internal/ids", "internal/hsm", "internal/resourcetype", "internal/saml", "policyeval"},
		{"internal/certs", "internal/listen", "internal/store", "internal/store/btree", "learn", "internal/template/sam", "internal/terraform", "internal/upstream"},
		{"internal/store/mem", "internal/store/bolt", "internal/store/draft", "internal/store/storetest", "internal/trail"},
		{"internal/api", "internal/store/journal", "internal/store/storetest/rerun"},
		{"internal/record", "internal/resource", "internal/outbox", "internal/store/storetest/disk"},
		{"internal/wire", "internal/web", "internal/sigv4", "internal/envelope", "internal/identity", "internal/provision"},
		serviceNames(t),
		{"internal/fixture", "internal/egress", "internal/issuers", "internal/postform"},
		{"internal/dispatch"},
		{"internal/runtime", "internal/signed"},
		{"internal/explain", "internal/act", "internal/trial"},
		{"internal/inventory", "internal/lab", "internal/whatif"},
		{"internal/control", "internal/localstack"},
		{"server"},
		{"internal/servertest"},
		{"waxseal"},
		{"bench", "cmd/waxseal", "examples/go", "internal/awspolicy/generate", "internal/resourcetype/generate", "internal/template/sam/generate"},
		{"integration", "integration/browser"},
	}
}

// maxLines is how long a package may be that stands between the services and the
// server, tests apart: one that is longer does more than one thing.
const maxLines = 1500

// short are the packages that maxLines is for.
var short = []string{"internal/dispatch", "internal/runtime", "internal/explain", "internal/inventory", "internal/control", "internal/localstack", "server"}

func TestPackagesAreShort(t *testing.T) {
	t.Parallel()
	for _, pkg := range short {
		files, err := filepath.Glob(filepath.Join(repository, pkg, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pkg, len(files), err)
		}
		lines := 0
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines += bytes.Count(text, []byte("\n"))
		}
		if lines > maxLines {
			t.Errorf("%s has %d lines, more than %d", pkg, lines, maxLines)
		}
	}
}

// list runs go list over the whole module and yields each package with its imports of this module.
func list(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	imports := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := name(fields[0])
		imports[pkg] = nil
		for _, path := range fields[1:] {
			if strings.HasPrefix(path+"/", module) {
				imports[pkg] = append(imports[pkg], name(path))
			}
		}
	}
	return imports
}

// name is a package's path within the module; the root package is waxseal.
func name(path string) string {
	if path+"/" == module {
		return "waxseal"
	}
	return strings.TrimPrefix(path, module)
}

func TestArrowsRunOneWay(t *testing.T) {
	floor := map[string]int{}
	for i, packages := range floors(t) {
		for _, pkg := range packages {
			floor[pkg] = i + 1
		}
	}
	for pkg, imports := range list(t) {
		if floor[pkg] == 0 {
			t.Errorf("package %s stands on no floor", pkg)
			continue
		}
		for _, imported := range imports {
			if floor[imported] >= floor[pkg] {
				t.Errorf("%s (floor %d) imports %s (floor %d)", pkg, floor[pkg], imported, floor[imported])
			}
		}
	}
}

// Services and the dispatcher know nothing of HTTP, not even through what they
// import; the dispatcher knows no service; and policyeval nothing but the standard
// library.
func TestServicesAreFarFromHTTP(t *testing.T) {
	t.Parallel()
	rules := map[string][]string{
		"policyeval":        {"net/http", "github.com/", "go.etcd.io/", "golang.org/"},
		"internal/dispatch": {"net/http"},
	}
	for _, service := range serviceNames(t) {
		rules[service] = []string{"net/http"}
		rules["internal/dispatch"] = append(rules["internal/dispatch"], module+service)
	}
	for pkg, forbidden := range rules {
		out, err := exec.Command("go", "list", "-deps", module+pkg).Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", pkg, err)
		}
		for line := range strings.Lines(string(out)) {
			path := strings.TrimSpace(line)
			for _, f := range forbidden {
				if strings.HasPrefix(path, f) && path+"/" != module && path != module+pkg {
					t.Errorf("%s depends on %s", pkg, path)
				}
			}
		}
	}
}
