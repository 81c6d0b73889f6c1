package integration

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/waxseal/waxseal/server"
)

var update = flag.Bool("update", false, "write what is generated into the README")

const readme = "../README.md"

// awsOperations are the operations that the SDK's client has, by service.
var awsOperations = map[string][]string{
	"sqs": operationsOf(&sqs.Client{}), "sns": operationsOf(&sns.Client{}), "kms": operationsOf(&kms.Client{}),
	"iam": operationsOf(&iam.Client{}), "sts": operationsOf(&sts.Client{}), "organizations": operationsOf(&organizations.Client{}),
}

func operationsOf(client any) []string {
	var names []string
	for m := range reflect.TypeOf(client).Methods() {
		if m.Name != "Options" {
			names = append(names, m.Name)
		}
	}
	return names
}

func serviceTitle(name string) string {
	if name == "organizations" {
		return "Organizations"
	}
	return strings.ToUpper(name)
}

// operationsTable says of each service which operations it has and lacks.
func operationsTable(t *testing.T) string {
	s, err := server.New(t.Context(), server.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var b strings.Builder
	b.WriteString("| service | operations |\n|---|---|\n")
	for _, name := range []string{"sqs", "sns", "kms", "iam", "sts", "organizations"} {
		has := s.Operations(name)
		slices.Sort(has)
		for _, operation := range has {
			if !slices.Contains(awsOperations[name], operation) {
				t.Errorf("%s has the operation %s, which AWS does not", name, operation)
			}
		}
		fmt.Fprintf(&b, "| %s: %d of %d | %s |\n", serviceTitle(name), len(has), len(awsOperations[name]), strings.Join(has, ", "))
	}
	return b.String()
}

func TestReadmeOperations(t *testing.T) {
	const begin, end = "-update` -->\n", "<!-- /operations -->"
	text := readFile(t, readme)
	before, rest, ok := strings.Cut(text, begin)
	_, after, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatal("the README has no place for the operations table")
	}
	wanted := before + begin + operationsTable(t) + end + after
	if *update {
		if err := os.WriteFile(readme, []byte(wanted), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if text != wanted {
		t.Error("the README's table of operations is not what the services have; run: go test ./integration -run TestReadmeOperations -update")
	}
}
