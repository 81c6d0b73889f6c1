// Package jackson reads JSON as the Java library Jackson does, with which SNS and
// EventBridge read the documents in their requests: their error messages about filter
// policies, event patterns, redrive policies and the like are Jackson's, with the line
// and column that it had read to.
//
// The columns depend on how far ahead Jackson reads: it yields a string when it has read
// only the opening quote, and a member's name when it has also read the beginning of the
// member's value.
package jackson
