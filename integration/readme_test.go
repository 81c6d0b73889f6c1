package integration

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

var update = flag.Bool("update", false, "write what is generated or printed into the documents")

const readme = "../README.md"

// operationsOf are the operations that an SDK's client has.
func operationsOf(client any) []string {
	var names []string
	for m := range reflect.TypeOf(client).Methods() {
		if m.Name != "Options" {
			names = append(names, m.Name)
		}
	}
	return names
}

// operationsTable says of each service which operations it has, and how many of AWS's.
func operationsTable(t *testing.T) (page, counts string) {
	var all []string
	var b strings.Builder
	b.WriteString("| service | operations |\n|---|---|\n")
	for _, service := range services(t) {
		client := sdkClients[service.Name]
		if client == nil {
			t.Fatalf("sdkClients has no client of %s", service.Name)
		}
		offered := operationsOf(client(aws.Config{}))
		var has []string
		for i := range service.Operations {
			has = append(has, service.Operations[i].Name)
		}
		slices.Sort(has)
		for _, operation := range has {
			if !slices.Contains(offered, operation) {
				t.Errorf("%s has the operation %s, which AWS does not", service.Name, operation)
			}
		}
		count := fmt.Sprintf("%s: %d of %d", service.Title, len(has), len(offered))
		fmt.Fprintf(&b, "| %s | %s |\n", count, strings.Join(has, ", "))
		all = append(all, count)
	}
	return b.String(), "Operations of " + strings.Join(all, ", ") + ".\n"
}

// The page of operations and the README's counts are what the services have.
func TestOperationsPage(t *testing.T) {
	page, counts := operationsTable(t)
	generated(t, filepath.Join(repository, "docs", "operations.md"), "operations", page)
	generated(t, readme, "counts", counts)
}

// generated compares the part of a document between the comments
// <!-- name: … --> and <!-- /name -->, or with -update writes it.
func generated(t *testing.T, file, name, wanted string) {
	t.Helper()
	text := readFile(t, file)
	part := regexp.MustCompile(`(?s)(<!-- ` + name + `: [^\n]* -->\n)(.*)(<!-- /` + name + ` -->)`).FindStringSubmatchIndex(text)
	if part == nil {
		t.Fatalf("%s has no place for %s", file, name)
	}
	if text[part[4]:part[5]] == wanted {
		return
	}
	if !*update {
		t.Errorf("%s does not say what the services have; run: go test ./integration -run %s -update", file, t.Name())
		return
	}
	if err := os.WriteFile(file, []byte(text[:part[4]]+wanted+text[part[5]:]), 0o644); err != nil {
		t.Fatal(err)
	}
}

// llms.txt leads to every page that the documentation's list of pages has.
func TestLLMsTxt(t *testing.T) {
	t.Parallel()
	text := readFile(t, filepath.Join(repository, "llms.txt"))
	pages := regexp.MustCompile(`(?m)^\| \[.+\]\(([^)]+)\)`).FindAllStringSubmatch(readFile(t, filepath.Join(repository, "docs", "README.md")), -1)
	if len(pages) < 15 {
		t.Errorf("there are %d pages", len(pages))
	}
	for _, page := range pages {
		if !strings.Contains(text, "](docs/"+page[1]+")") {
			t.Errorf("it does not name %s", page[1])
		}
	}
}
