// Package ssm is as much of AWS Systems Manager's Parameter Store as `cdk deploy` needs:
// the parameter that says which version of CDK's bootstrap resources is there.
//
// The service keeps no parameters. One of the form /cdk-bootstrap/QUALIFIER/version is what
// a stack declares, as the stack CDKToolkit does; where none does, the account counts as
// bootstrapped all the same, for STS makes the resources once one of their roles is
// assumed. Every other parameter there is not. All other operations are not emulated, and
// a neighbor (--upstream) takes them, and the other parameters.
//
// See https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html.
package ssm
