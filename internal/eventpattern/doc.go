// Package eventpattern is the language in which EventBridge's rules say which events they
// are for, and SNS's subscriptions which messages: a JSON document with the shape of the
// event, whose leaves list what may stand there.
//
//	{"source": ["aws.s3"], "detail": {"object": {"size": [{"numeric": [">", 1024]}]}}}
//
// It is one language in two dialects. They differ in the operators that they have, in what
// counts as present, in how numbers are compared and in the words of their complaints;
// everything that depends on it asks the [Dialect]. AWS's published engine, event-ruler,
// has been the judge of EventBridge's dialect: the corpus in testdata and many generated
// cases were compared with its answers. What of AWS's behavior it does not decide is told
// by recordings: docs/aws-behaviour has the facts, and their sources.
//
// A pattern is compiled once ([Compile]) into alternatives, each a list of conditions that
// an event must meet all: $or is multiplied out. [Pattern.Match] tries them one after the
// other. A [Set] holds the patterns of many rules or subscriptions and finds those that match
// by an index over their conditions, so that an event is not compared with rules that it has
// nothing to do with.
//
// Where AWS is unclear:
//   - A pattern may have 1,000 combinations of $or's alternatives, as the documentation says;
//     the text of the refusal is not known.
//   - AWS's engine lets 10.0.0.0/0 match IPv6 addresses, and other networks of few bits
//     numbers: these accidents of how it compares are not imitated. Nor is what it does with
//     lists within lists whose elements are partly objects, with characters beyond 16 bits
//     where case is ignored, which are question marks to it, and with such patterns beside
//     wildcards, which can match too much.
//   - The measure of a wildcard's complexity is the number of places in the pattern that one
//     text can be at once, and the limit lies just below the one pattern of which a refusal
//     was recorded.
//   - {"anything-but": {"prefix": []}}, on which AWS's engine fails, is refused with the text
//     of an empty list.
package eventpattern
