package terraform

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Options say what a file leaves open.
type Options struct {
	// Account and Region are those of resources for which the file names none.
	Account, Region string
	// Strict refuses types of which waxseal makes nothing.
	Strict bool
}

// File is what a state or plan declares.
type File struct {
	// Fixtures is a fixture file. Each value stands where the state's or plan's does.
	Fixtures *yaml.Node
	// Warnings say what was left out, by addresses.
	Warnings []string
	// Problems say why the file cannot be taken.
	Problems []Problem

	starts []start
}

// Problem is why a file cannot be taken.
type Problem struct {
	Line, Column int
	Message      string
}

// start is where a resource begins.
type start struct {
	line, column int
	address      string
}

// Address is the address of the resource at a place of the file; empty: there is none.
func (f *File) Address(line, column int) string {
	i, found := slices.BinarySearchFunc(f.starts, start{line: line, column: column}, func(a, b start) int {
		return cmp.Or(a.line-b.line, a.column-b.column)
	})
	if !found {
		i--
	}
	if i < 0 {
		return ""
	}
	return f.starts[i].address
}

// Is reports whether a document is Terraform's.
func Is(root *yaml.Node) bool { return member(root, "terraform_version") != nil }

// Read reads what `terraform show -json` prints.
func Read(root *yaml.Node, o Options) *File {
	f := new(File)
	r := &reader{Options: o, File: f, byAddress: map[string]*resource{}}
	switch {
	case member(root, "planned_values") != nil:
		r.collect(at(root, "planned_values", "root_module"), "", 0)
		r.plan(root)
	case member(root, "values") != nil:
		r.collect(at(root, "values", "root_module"), "", 0)
	case member(root, "lineage") != nil:
		f.Problems = []Problem{{Message: "this is Terraform's own form of a state; give what terraform show -json prints"}}
		return f
	case member(root, "resource_changes") == nil && member(root, "configuration") == nil: // an empty state has no values
	default:
		f.Problems = []Problem{{Message: "this plan has no planned_values"}}
		return f
	}
	r.places()
	r.translate()
	f.Fixtures = r.document(root)
	return f
}

// resource is one managed resource of AWS.
type resource struct {
	address, kind, name, module, index string
	node, values                       *yaml.Node
	// unknown are the arguments that a plan has and does not hold.
	unknown map[string]bool
	// account and region are where it is; the region is empty for what has none.
	account, region string
	// made is the fixture that it became; nil: none.
	made *object
}

type reader struct {
	Options
	*File
	resources []*resource
	byAddress map[string]*resource
	accounts  []*account
	leftOut   map[string][]*resource // by their types
	kinds     []string               // the types of leftOut, in order
}

// account is what one account has, by the fixture file's lists.
type account struct {
	id    string
	lists map[string]*yaml.Node
}

// maxModules is more than anybody nests.
const maxModules = 50

// collect reads the resources of a module and of those within it.
func (r *reader) collect(module *yaml.Node, path string, depth int) {
	if depth > maxModules {
		return
	}
	for _, n := range items(member(module, "resources")) {
		one := &resource{
			address: text(member(n, "address")), kind: text(member(n, "type")), name: text(member(n, "name")), module: path,
			node: n, values: member(n, "values"), unknown: map[string]bool{},
		}
		if i := member(n, "index"); i != nil {
			one.index = text(i)
		}
		if text(member(n, "mode")) != "managed" || !strings.HasPrefix(one.kind, "aws_") {
			continue
		}
		if one.values == nil || one.values.Kind != yaml.MappingNode {
			one.values = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column}
		}
		r.resources = append(r.resources, one)
		r.byAddress[one.address] = one
		r.starts = append(r.starts, start{n.Line, n.Column, one.address})
	}
	for _, child := range items(member(module, "child_modules")) {
		r.collect(child, text(member(child, "address")), depth+1)
	}
	if depth == 0 {
		slices.SortFunc(r.starts, func(a, b start) int { return cmp.Or(a.line-b.line, a.column-b.column) })
	}
}

// warn says what of a resource was left out.
func (r *reader) warn(one *resource, format string, args ...any) {
	r.Warnings = append(r.Warnings, one.address+": "+fmt.Sprintf(format, args...))
}

// document is the fixture file of the accounts.
func (r *reader) document(root *yaml.Node) *yaml.Node {
	all := newObject(root)
	for _, a := range r.accounts {
		o := newObject(root)
		for _, name := range sections {
			if list := a.lists[name]; list != nil {
				o.put(name, list)
			}
		}
		all.put(a.id, o.Node)
	}
	document := newObject(root)
	set(document.Node, "accounts", all.Node)
	return document.Node
}

// sections are the lists of an account in a fixture file.
var sections = []string{
	"policies", "groups", "roles", "users", "keys", "queues", "topics", "buckets", "trails", "eventBuses", "rules", "vpcs",
}

// add puts a fixture into a list of the resource's account.
func (r *reader) add(one *resource, section string) *object {
	i := slices.IndexFunc(r.accounts, func(a *account) bool { return a.id == one.account })
	if i < 0 {
		i = len(r.accounts)
		r.accounts = append(r.accounts, &account{id: one.account, lists: map[string]*yaml.Node{}})
	}
	lists := r.accounts[i].lists
	if lists[section] == nil {
		lists[section] = newList(one.node)
	}
	one.made = newObject(one.node)
	lists[section].Content = append(lists[section].Content, one.made.Node)
	return one.made
}
