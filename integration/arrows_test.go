package integration

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/waxseal/waxseal/"

// layers lists the packages from the ground up. A package may import those of
// lower layers and none of its own or a higher one, but where a group says so.
var layers = [][]string{
	{"internal/layout", "internal/nearest", "internal/notice", "internal/testsize"},
	{"internal/arn", "internal/awspolicy", "internal/clock", "internal/ids", "internal/hsm", "internal/saml", "policyeval"},
	{"internal/certs", "internal/store"},
	{"internal/store/mem", "internal/store/bolt", "internal/store/draft", "internal/store/storetest", "internal/trail"},
	{"internal/api", "internal/store/storetest/rerun"},
	{"internal/resource"},
	{"internal/wire", "internal/web", "internal/sigv4", "internal/envelope", "internal/identity"},
	{"iam", "sts", "organizations", "kms", "sqs", "sns"},
	{"internal/fixture", "internal/egress"},
	{"internal/dispatch"},
	{"internal/runtime"},
	{"internal/control", "internal/localstack"},
	{"server"},
	{"waxseal"},
	{"cmd/waxseal", "examples/go", "internal/awspolicy/generate"},
	{"integration"},
}

func layerOf(pkg string) int {
	for i, layer := range layers {
		for _, name := range layer {
			if pkg == name {
				return i
			}
		}
	}
	return -1
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
	for pkg, imports := range list(t) {
		layer := layerOf(pkg)
		if layer < 0 {
			t.Errorf("package %s stands in no layer", pkg)
			continue
		}
		for _, imported := range imports {
			if l := layerOf(imported); l >= layer {
				t.Errorf("%s (layer %d) imports %s (layer %d)", pkg, layer, imported, l)
			}
		}
	}
}

// Services and the dispatcher know nothing of HTTP, not even through what they
// import; the dispatcher knows no service; and policyeval nothing but the standard
// library.
func TestServicesAreFarFromHTTP(t *testing.T) {
	t.Parallel()
	for pkg, forbidden := range map[string][]string{
		"policyeval":    {"net/http", "github.com/", "go.etcd.io/", "golang.org/"},
		"kms":           {"net/http"},
		"sqs":           {"net/http"},
		"sns":           {"net/http"},
		"iam":           {"net/http"},
		"sts":           {"net/http"},
		"organizations": {"net/http"},

		"internal/dispatch": {"net/http", module + "internal/wire", module + "sqs", module + "sns", module + "kms", module + "iam", module + "sts", module + "organizations"},
	} {
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
