// Package template reads CloudFormation templates and resolves what stands in them:
// parameters, conditions, mappings and the functions. It knows the language and no type
// of resource, and makes nothing.
//
// Parse reads a text and says what is wrong with its form; Instantiate takes the values of
// its parameters, and says all that AWS says before it makes anything; an Instance then
// resolves one resource after the other, as they are made. Every [Error] has the place
// where the text is wrong, if it is wrong in one place.
//
// # Transforms
//
// Language extensions are made by Instantiate (or Expand): loops, what Length and
// ToJsonString yield where it is known by then, mapping lookups, and functions that are
// names of Ref and GetAtt. Another transform is made by who knows it, and hands the whole back by
// Transformed. What AWS says when a transform fails comes after its answer, as the reason
// of a change set: Error.Transform tells.
//
// # What was chosen
//
// The sources do not tell, and it is done so:
//
//   - Members that are like functions but stand beside others are no functions.
//   - A function that is one of conditions' or rules' alone is refused elsewhere, by name.
//   - Mappings are looked up where their keys are known, but in branches and resources that
//     no condition takes.
//   - All resources of circles, and those between two, are named, in the template's order.
//   - Values of the types that name something of AWS, as AWS::EC2::VPC::Id, are not looked up.
//   - An AllowedPattern that Go's regular expressions have not (with a look-ahead, for
//     instance) is not checked.
//   - Texts deeper than 200 levels, and functions that yield more than 4 MiB for all
//     resources together (or for one, once it is made), are refused.
//
// # What is left out
//
// Dynamic references ({{resolve:…}}) are refused by name when the resource is made that
// has one; macros and AWS::Include at once. Assertions of rules that ask what there is in
// the account (RefAll, ValueOf, ValueOfAll) are taken to hold. Hooks are read and have no
// effect.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html.
package template
