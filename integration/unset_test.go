package integration

import (
	"bytes"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// unset are the members of answers that no code sets, and why none does.
var unset = map[string]string{
	"iam.GetServiceLinkedRoleDeletionStatusOutput.Reason":      "nothing uses a service-linked role here, so that its deletion never fails",
	"iam.DeletionTaskFailureReasonType.Reason":                 "nothing uses a service-linked role here, so that its deletion never fails",
	"iam.DeletionTaskFailureReasonType.RoleUsageList":          "nothing uses a service-linked role here, so that its deletion never fails",
	"iam.RoleUsageType.Region":                                 "nothing uses a service-linked role here, so that its deletion never fails",
	"iam.RoleUsageType.Resources":                              "nothing uses a service-linked role here, so that its deletion never fails",
	"iam.GetMFADeviceOutput.Certifications":                    "there are no FIDO keys, which alone are certified",
	"iam.GetSAMLProviderOutput.AssertionEncryptionMode":        "encrypted assertions are refused, and so is every key to decrypt them",
	"iam.GetSAMLProviderOutput.PrivateKeyList":                 "encrypted assertions are refused, and so is every key to decrypt them",
	"iam.SAMLPrivateKey.KeyId":                                 "encrypted assertions are refused, and so is every key to decrypt them",
	"iam.SAMLPrivateKey.Timestamp":                             "encrypted assertions are refused, and so is every key to decrypt them",
	"iam.Role.SourceRoleTemplate":                              "there are no role templates",
	"iam.SourceRoleTemplate.TemplateArn":                       "there are no role templates",
	"iam.SourceRoleTemplate.TemplateMinorVersion":              "there are no role templates",
	"iam.User.PasswordLastUsed":                                "nobody signs in to a console here",
	"kms.CustomKeyStoresListEntry.ConnectionErrorCode":         "stores always connect: see the package's comment",
	"kms.DecryptOutput.CiphertextForRecipient":                 "there are no enclaves: every attestation is refused",
	"kms.DeriveSharedSecretOutput.CiphertextForRecipient":      "there are no enclaves: every attestation is refused",
	"kms.GenerateDataKeyOutput.CiphertextForRecipient":         "there are no enclaves: every attestation is refused",
	"kms.GenerateDataKeyPairOutput.CiphertextForRecipient":     "there are no enclaves: every attestation is refused",
	"kms.GenerateRandomOutput.CiphertextForRecipient":          "there are no enclaves: every attestation is refused",
	"kms.GetKeyRotationStatusOutput.OnDemandRotationStartDate": "a rotation on demand is done when it is asked for, never in progress",
	"organizations.CreateAccountStatus.GovCloudAccountId":      "CreateAccount makes no account in GovCloud; CreateGovCloudAccount, which does, is left out",
	"sns.BatchResultErrorEntry.Code":                           "a mistake in one message fails the whole batch (N118)",
	"sns.BatchResultErrorEntry.Id":                             "a mistake in one message fails the whole batch (N118)",
	"sns.BatchResultErrorEntry.Message":                        "a mistake in one message fails the whole batch (N118)",
	"sns.BatchResultErrorEntry.SenderFault":                    "a mistake in one message fails the whole batch (N118)",
	"sns.ListOriginationNumbersOutput.NextToken":               "no account has a number of its own to send from",
	"sns.PhoneNumberInformation.CreatedAt":                     "no account has a number of its own to send from",
	"sns.PhoneNumberInformation.Iso2CountryCode":               "no account has a number of its own to send from",
	"sns.PhoneNumberInformation.NumberCapabilities":            "no account has a number of its own to send from",
	"sns.PhoneNumberInformation.PhoneNumber":                   "no account has a number of its own to send from",
	"sns.PhoneNumberInformation.RouteType":                     "no account has a number of its own to send from",
	"sns.PhoneNumberInformation.Status":                        "no account has a number of its own to send from",
}

// A member of an answer that no code ever sets is a promise that the shape
// makes and the service breaks: the parity test sees it, a client never does.
func TestEveryMemberOfAnAnswerIsSet(t *testing.T) {
	declared := map[string]bool{} // PACKAGE.TYPE.MEMBER
	arriving := map[string]bool{} // members that the decoder sets
	tables := services(t)
	for _, service := range tables {
		for i := range service.Operations {
			shapeMembers(service.Operations[i].Out, declared)
			shapeMembers(service.Operations[i].In, arriving)
		}
	}
	s := setters{set: map[string]bool{}}
	for _, service := range tables {
		s.read(t, service.Name)
	}
	for member := range declared {
		reason, excused := unset[member]
		switch found := s.set[module+member] || arriving[member]; {
		case found && excused:
			t.Errorf("%s is set after all: it needs no excuse (%s)", member, reason)
		case !found && !excused:
			t.Errorf("%s is declared, and no code sets it", member)
		}
	}
	for member := range unset {
		if !declared[member] {
			t.Errorf("%s is excused and is no member of an answer", member)
		}
	}
}

// shapeMembers adds the members of a shape and of all shapes in it.
func shapeMembers(shape reflect.Type, all map[string]bool) {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, shape.Kind()) {
		shape = shape.Elem()
	}
	if shape.Kind() != reflect.Struct || !strings.HasPrefix(shape.PkgPath(), module) {
		return
	}
	for i := range shape.NumField() {
		f := shape.Field(i)
		if f.Name == "_" { // which only carries a tag
			continue
		}
		if f.Anonymous {
			shapeMembers(f.Type, all)
			continue
		}
		name := strings.TrimPrefix(shape.PkgPath(), module) + "." + shape.Name() + "." + f.Name
		if !all[name] {
			all[name] = true
			shapeMembers(f.Type, all)
		}
	}
}

// setters are the fields of structs that some code sets: in a literal, by an
// assignment, through a pointer, or as part of a converted whole.
type setters struct{ set map[string]bool }

// read adds what a package's code sets.
func (s *setters) read(t *testing.T, name string) {
	t.Helper()
	files := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join("..", name, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var parsed []*ast.File
	for _, file := range names {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	config := types.Config{Importer: importer.ForCompiler(files, "gc", exports(t, name))}
	if _, err := config.Check(module+name, files, parsed, info); err != nil {
		t.Fatal(err)
	}
	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			s.visit(info, n)
			return true
		})
	}
}

// exports finds the compiled form of what a package imports.
func exports(t *testing.T, name string) importer.Lookup {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-export", "-f", "{{.ImportPath}}\t{{.Export}}", module+name).Output()
	if err != nil {
		t.Fatal(err)
	}
	compiled := map[string]string{}
	for line := range bytes.Lines(out) {
		path, file, _ := strings.Cut(strings.TrimSpace(string(line)), "\t")
		compiled[path] = file
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(compiled[path]) }
}

func (s *setters) visit(info *types.Info, n ast.Node) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		s.literal(info, n)
	case *ast.AssignStmt:
		for _, to := range n.Lhs {
			s.assigned(info, to)
		}
	case *ast.IncDecStmt:
		s.assigned(info, n.X)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			s.assigned(info, n.X)
		}
	case *ast.CallExpr:
		if f := info.Types[n.Fun]; f.IsType() {
			s.all(f.Type)
		}
	}
}

func (s *setters) literal(info *types.Info, n *ast.CompositeLit) {
	t := info.Types[n].Type
	for _, element := range n.Elts {
		pair, keyed := element.(*ast.KeyValueExpr)
		if !keyed {
			s.all(t)
			return
		}
		if key, ok := pair.Key.(*ast.Ident); ok {
			s.add(t, key.Name)
		}
	}
}

// assigned is an expression that a value is assigned to: a field, or an element
// of a field that is a list or a map.
func (s *setters) assigned(info *types.Info, to ast.Expr) {
	switch to := to.(type) {
	case *ast.IndexExpr:
		s.assigned(info, to.X)
	case *ast.StarExpr:
		s.assigned(info, to.X)
	case *ast.SelectorExpr:
		selection := info.Selections[to]
		if selection == nil {
			return // a package's variable
		}
		owner := selection.Recv()
		path := selection.Index()
		for _, i := range path[:len(path)-1] { // through embedded structs
			owner = structOf(owner).Field(i).Type()
		}
		s.add(owner, to.Sel.Name)
	}
}

// all adds every field of a struct.
func (s *setters) all(t types.Type) {
	fields := structOf(t)
	for i := range fields.NumFields() {
		s.add(t, fields.Field(i).Name())
	}
}

func (s *setters) add(t types.Type, field string) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
		s.set[named.Obj().Pkg().Path()+"."+named.Obj().Name()+"."+field] = true
	}
}

// structOf is the struct that a type is or points to; an empty one where it is none.
func structOf(t types.Type) *types.Struct {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if s, ok := t.Underlying().(*types.Struct); ok {
		return s
	}
	return new(types.Struct)
}
