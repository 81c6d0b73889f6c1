// Package resourcetype knows the types of resources that templates may have, by the
// schemas that AWS publishes: their properties, what Fn::GetAtt yields, and which changes
// need a new resource.
//
// # Where they are from
//
// types.json.gz is made from PyPI's cfn-lint, which has the schemas of the registry, and
// npm's @aws-cdk/aws-service-spec, which knows better what Ref and Fn::GetAtt yield
// [C290] [C291]; their licenses stand beside it, and Source tells the versions. Of types
// that are emulated it has the form of all properties; of all others, what is needed to
// make up their ids. Patterns, lengths and lists of values are left out, for cfn-lint adds
// some that AWS does not check: the services refuse values, in their own words. To renew
// the file:
//
//	pip download --no-deps cfn-lint && unzip -d lint cfn_lint-*.whl
//	npm pack @aws-cdk/aws-service-spec && tar xzf aws-cdk-aws-service-spec-*.tgz
//	go run ./internal/resourcetype/generate lint package
//
// # Where AWS is unclear
//
// Early validation's words are known for what is missing only, and reasons of failed
// resources for each fault by itself: the others are worded like them.
//
// See https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html.
package resourcetype
