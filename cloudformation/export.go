package cloudformation

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// ListExportsInput is the input of ListExports.
type ListExportsInput struct {
	NextToken string `check:"min=1,max=1024"`
}

// ListExportsOutput is the output of ListExports.
type ListExportsOutput struct {
	Exports   []Export
	NextToken string
}

// Export is an exported output [C065].
type Export struct {
	ExportingStackId string
	Name             string
	Value            string
}

// ListExports lists what the caller's stacks export in the region.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListExports.html.
func (s *Service) ListExports(ctx context.Context, in *ListExportsInput) (*ListExportsOutput, error) {
	account, region := place(ctx)
	prefix := placePrefix(account, region)
	var all []Export
	err := s.engine.View(ctx, func(r store.Reader) error {
		all = nil
		for key, e := range s.exports.Scan(r, prefix, "", store.All) {
			all = append(all, Export{ExportingStackId: e.Stack, Name: strings.TrimPrefix(key, prefix), Value: shown(ctx, e.Value)})
		}
		return nil
	})
	page, next, valid := resource.Page(all, func(e Export) string { return e.Name }, in.NextToken, pageSize)
	if !valid {
		return nil, errToken
	}
	return &ListExportsOutput{Exports: page, NextToken: next}, err
}

// ListImportsInput is the input of ListImports.
type ListImportsInput struct {
	ExportName string `check:"required"`
	NextToken  string `check:"min=1,max=1024"`
}

// ListImportsOutput is the output of ListImports.
type ListImportsOutput struct {
	Imports   []string
	NextToken string
}

// ListImports lists the stacks that use an export.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListImports.html.
func (s *Service) ListImports(ctx context.Context, in *ListImportsInput) (*ListImportsOutput, error) {
	account, region := place(ctx)
	var names []string
	exists := false
	err := s.engine.View(ctx, func(r store.Reader) error {
		exists = s.exports.Get(r, placePrefix(account, region)+in.ExportName) != nil
		names = s.importers(r, account, region, in.ExportName)
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case !exists:
		return nil, ErrValidation.Withf("Export '%s' does not exist.", in.ExportName)
	case len(names) == 0:
		return nil, ErrValidation.Withf("Export '%s' is not imported by any stack.", in.ExportName) // [C065]
	}
	page, next, valid := resource.Page(names, func(name string) string { return name }, in.NextToken, pageSize)
	if !valid {
		return nil, errToken
	}
	return &ListImportsOutput{Imports: page, NextToken: next}, nil
}

// importers are the names of the stacks that use an export.
func (s *Service) importers(r store.Reader, account, region, export string) (names []string) {
	for _, i := range s.imports.Scan(r, placePrefix(account, region)+export+nul, "", store.All) {
		names = append(names, i.Name)
	}
	return names
}

// importKey says that a stack uses an export.
func (id stackID) importKey(export string) string {
	return placePrefix(id.account, id.region) + export + nul + id.uuid
}

// useExport is the value of an export, which the stack uses from now on.
func (s *Service) useExport(ctx context.Context, id stackID, export string) (value string, err error) {
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		e := s.exports.Get(tx, placePrefix(id.account, id.region)+export)
		if e == nil {
			return noExport(export)
		}
		value = e.Value
		s.imports.Put(tx, id.importKey(export), &importRecord{Stack: id.arn(), Name: id.name})
		return nil
	})
	return value, err
}

// keepImports forgets the exports that a stack does not use any more.
func (s *Service) keepImports(tx store.Tx, id stackID, used []string) {
	inUse := map[string]bool{}
	for _, export := range used {
		inUse[id.importKey(export)] = true
	}
	for _, key := range keysOf(s.imports.Scan(tx, placePrefix(id.account, id.region), "", store.All)) {
		if strings.HasSuffix(key, nul+id.uuid) && !inUse[key] {
			s.imports.Delete(tx, key)
		}
	}
}

// setExports replaces what a stack exports. The error is the reason for which it cannot
// [C190].
func (s *Service) setExports(tx store.Tx, stack *stackRecord, outputs []outputRecord) error {
	place, wanted := placePrefix(stack.Account, stack.Region), map[string]string{}
	for _, o := range outputs {
		if o.Export == "" {
			continue
		}
		if _, twice := wanted[o.Export]; twice {
			return failure("Duplicate Export names " + o.Export)
		}
		wanted[o.Export] = o.Value
		if e := s.exports.Get(tx, place+o.Export); e != nil && e.Stack != stack.arn() {
			exporter := e.Stack
			if id, ok := readStackID(e.Stack); ok {
				exporter = id.name
			}
			return failure("Export with name " + o.Export + " is already exported by stack " + exporter + ".")
		}
	}
	for _, o := range stack.Outputs {
		value, kept := wanted[o.Export]
		if o.Export == "" || kept && value == o.Value {
			continue
		}
		if by := s.importers(tx, stack.Account, stack.Region, o.Export); len(by) > 0 {
			verb := "update"
			if !kept {
				verb = "delete"
			}
			return failure("Cannot " + verb + " export " + o.Export + " as it is in use by " + strings.Join(by, ", "))
		}
		s.exports.Delete(tx, place+o.Export)
	}
	for name, value := range wanted {
		s.exports.Put(tx, place+name, &exportRecord{Stack: stack.arn(), Value: value})
	}
	return nil
}

// usedExport is an export of a stack that another uses, and who; empty: there is none.
func (s *Service) usedExport(r store.Reader, stack *stackRecord) (export, by string) {
	for _, o := range stack.Outputs {
		if o.Export == "" {
			continue
		}
		if names := s.importers(r, stack.Account, stack.Region, o.Export); len(names) > 0 {
			return o.Export, strings.Join(names, ", ")
		}
	}
	return "", ""
}

func noExport(name string) error { return failure("No export named " + name + " found.") } // [C143]
