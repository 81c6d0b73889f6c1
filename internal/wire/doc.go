// Package wire turns HTTP requests into the services' input structs and their
// output structs and errors into HTTP answers, in the dialects that AWS's
// clients speak: AWS JSON 1.0 (SQS), AWS JSON 1.1 (KMS, Organizations), Query
// (SNS, IAM, STS, and SQS as its older protocol), with its answers in XML or in
// JSON, EC2's Query, and S3's REST-XML.
//
// # A call
//
// A service lists the dialects that it speaks in its api.Service: an
// *api.AWSJSON with its X-Amz-Target, an *api.AWSQuery or *api.EC2Query with its
// version, an *api.RESTXML whose operations are paths. A Router holds the services, and takes a request through these stages:
//
//	call := router.Match(r, scope)   its dialect, by method, URL, headers and credential scope
//	call.HasPath()                   is there something at the path at all?
//	call.Streams()                   or is the body to be read whole, first?
//	call.Read(body)                  what the request names: operation, version
//	call.Find()                      the service and the operation
//	call.Decode(call.Op.In)          the input, and the constraints that it breaks
//	call.WriteResult, WriteError     the answer
//
// A call has a dialect, and so the form of its errors, from the first stage on.
// After Find it has a service, and answers as that does.
//
// Every dialect claims a request as surely as it can; the surest claim has it:
//
//	X-Amz-Target                        AWS JSON, at any path
//	the credential scope or the host    a dialect that one finds nowhere else
//	the form of the request             an AWS JSON content type; an Action, a form-encoded body
//	the path                            REST-XML, where nothing says whose the request is
//	nothing                             Query, which refuses it
//
// A path /ACCOUNT/NAME is a queue's, unless the scope or the host says that it is a
// bucket's. A request with parameters is for the service of its credential
// scope, else of its Version, its path, or an Action that one service alone
// has, and goes on in the dialect of that service.
//
// # Adding a dialect
//
// It takes
//
//   - a struct in internal/api with what a service says of the dialect (its
//     version, its hosts), which implements api.Dialect;
//   - a type here that implements dialect, in a file of its name, in the list of
//     NewRouter. What it knows no other file does. It embeds rpc if its operations
//     are named by the request, forms if its input comes as parameters;
//   - where values are written otherwise, a notation for the binder (how lists and
//     maps are spelled, which error a wrong type is) and elements for the printer of
//     XML (names of members, the element around an item).
//
// A dialect whose operations are paths finds them itself: find sets c.Operation
// by c.request's method, host and path. One that streams gets no body in read;
// decode takes c.request.Body, or hands it to the operation as a member of the
// input. result and failure own the answer: status, headers, whether there is a
// body (send writes one that is whole). ec2query.go shows one that is as small as can
// be, restxml.go one that has little in common with the others.
//
// Three parsers make one neutral tree of a request, a binder fills the
// operation's struct from the tree (REST-XML has its own, restbind.go), and two printers write the answer. What
// the binder and the printers have to know about a type is worked out once,
// from the type and its tags, and kept (a plan).
//
// # Shapes
//
// A shape is a plain struct. Its exported fields are AWS's members and carry
// AWS's member names exactly as aws-sdk-go-v2 spells them (QueueUrl,
// KmsMasterKeyId, MD5OfMessageBody); integration's parity test compares them.
//
//	type SendMessageInput struct {
//		QueueUrl          string                           `check:"required"`
//		MessageBody       string                           `check:"required" trail:"hide"`
//		DelaySeconds      *int32
//		MessageAttributes map[string]MessageAttributeValue `query:"MessageAttribute,flat,key=Name,value=Value" trail:"hide"`
//	}
//
// The kinds of fields: string and types whose kind is string; bool; int and
// int32, both AWS's Integer of 32 bits; int64, its Long; float64; []byte (base64
// in every dialect); time.Time; slices, maps with string keys, structs; and
// pointers to all of these but slices and maps. A []byte is a blob, never a list.
// An io.Reader, io.ReadCloser or *api.Body is a stream, for dialects that stream: no
// call's value binds it, no printer and no record shows it. Embedded structs are not members:
// spell the fields out. An unexported field is not a member.
//
// A pointer is for a member whose absence means something that its zero value
// does not: VisibilityTimeout *int32. A plain field that the request does not
// carry has its zero value, and the binder still knows that it was absent:
// `check:"required"` fails for it, and no other constraint is applied to it.
// A JSON null is the same as absence.
//
// # Names
//
// The wire's name of a member is its field's name, unless tagged:
//
//	name:"queueUrls"     the name in every dialect, where it differs from the field's
//
// In Query a list is by default NAME.member.N, a map NAME.entry.N.key and
// NAME.entry.N.value, and answers are XML of the same form. The query tag
// changes that, for input and output alike:
//
//	query:"Attribute,flat,key=Name,value=Value"
//
// Its parts are separated by commas. The first is the member's name in Query
// (empty: as above). The others, each optional:
//
//	flat          no member or entry level: AttributeName.1, Attribute.1.Name, <Message>…</Message> repeated
//	member=NAME   the level of a list that is not flat, in place of member
//	key=NAME      a map's key, in place of key
//	value=NAME    a map's value, in place of value
//	also=NAME     requests may call the member so, too
//	unless=NAME   the member is not read where the list or map NAME, its sibling, has anything in it
//	unnamed       a map's entry without a key has the empty one, for the service to refuse; it is malformed otherwise
//
// So: SQS AttributeNames is `query:"AttributeName,flat"`, its Attributes
// `query:"Attribute,flat,key=Name,value=Value"`, its Tags
// `query:"Tag,flat,key=Key,value=Value"`, the entries of SendMessageBatch
// `query:"SendMessageBatchRequestEntry,flat"`, SNS's MessageAttributes
// `query:"MessageAttributes,key=Name,value=Value"`; SNS's Attributes and Tags
// and everything of IAM and STS need no tag.
//
// In EC2's Query lists are flat in requests, and of item elements in answers,
// whatever the options say. A request calls a member by the query tag's name, an
// answer by the name tag's with a small first letter, each by default the field's
// name: VpcIds is `query:"VpcId"`, the list of VPCs in an answer `name:"vpcSet"`.
//
//	accept:"messages"    the name in answers to Query requests that accept JSON (below), where AWS's differs
//
// # REST-XML
//
// Where a member stands in the request or the answer its rest tag says:
//
//	rest:"path"                 the bucket, of a member called Bucket, or the key, decoded once and never cleaned
//	rest:"query=max-keys"       a parameter of the query
//	rest:"header=x-amz-acl"     a header; a list is separated by commas
//	rest:"headers=x-amz-meta-"  a map of all headers with the prefix, by the rest of their names in lower case
//	rest:"body"                 the body: a stream as it comes (*api.Body in inputs), a string or []byte as it
//	                            is, a structure as a document whose root has the member's name
//	rest:"body=NAME"            the same, with another root
//	rest:"status"               of an output: an int, the status of the answer; 0: 200, or 204 of an operation
//	                            that is marked api.NoContent
//
// A stream needs no tag. Members of an output without any are elements of the answer's
// document, whose root is OPERATIONResult or what a blank field says:
//
//	_ struct{} `rest:"root=ListAllMyBucketsResult"`
//
// The element tag says how documents write a member, by default as an element of the
// member's name, whose elements, if it is a list, are called member:
//
//	element:"Contents,flat"      another name; the list's elements stand at its own name
//	element:"TagSet,member=Tag"  another name of the list's elements
//	element:",attr=xsi:type"     an attribute of the structure's element
//	element:",text"              the text of the structure's element
//
// A document that does not have the form of its shape is MalformedXML: a missing
// element that is required, an unknown or doubled one, a value that breaks a constraint
// [S010]. Of headers and parameters that is a violation, whose Path is the name on the
// wire, for the service to word; so is one of the wrong type (api.RuleType). An
// empty parameter is an absent number and an empty text.
//
// Operations name their requests by api.HTTP. Of the parameters of a query that mean a
// part of a bucket or object (api.RESTXML.Subresources) a request may have none that its
// operation does not ask for: what is meant for a part never reaches the whole.
//
// # Constraints
//
//	check:"required,min=1,max=4096"
//	pattern:"[\\w+=,.@-]+"
//	enum:"ENCRYPT_DECRYPT|SIGN_VERIFY"
//
// min and max are the length of a string (in Unicode code points), blob (in
// bytes), list or map, and the value of a number. A pattern must match the
// whole string; it is printed as it stands and compiled as RE2, with Java's
// \uXXXX understood. A tag's value is a Go string: write a backslash twice.
//
// For the elements of a list and the values of a map that are not structs
// (structs have tags of their own): itemcheck, itempattern, itemenum; for the
// keys of a map: keycheck, keypattern, keyenum. They take what check, pattern
// and enum take, without required.
//
//	TagKeys []string `check:"required" itemcheck:"min=1,max=128"`
//
// What fails becomes an api.Violation with AWS's path and text, in the order of
// the fields; all are reported, not the first alone, as AWS does:
//
//	tags.1.member.tagKey                      Member must have length less than or equal to 128
//	messageAttributes.attr1.member.dataType   Member must not be null
//	numberOfBytes                             Member must have value less than or equal to 1024
//	tagKeys                                   Member must satisfy constraint: [Member must have length less than or equal to 128, …]
//
// The services word the error (api.Service.Invalid); api.ValidationText is the
// usual one. Values of blobs and of members tagged
//
//	sensitive:"true"
//
// are not shown in it.
//
// # Answers
//
// What of an output struct is printed:
//
//   - a nil pointer, slice, map or blob is left out, and so are an empty string
//     and a zero time.Time in a plain field;
//   - an empty slice or map that is not nil is printed as an empty list or map;
//   - everything else is printed: numbers and booleans even when zero, nested structs.
//
// SQS, which leaves out empty lists [Q022], answers nil ones; KMS, SNS and
// IAM, which print them [N005] [K040], answer []T{}. Two tags change the rule
// for a field:
//
//	out:"always"    print an empty string too (KMS: Description, [K023])
//	out:"nonzero"   leave out a number or boolean that is zero, a struct all of whose fields are left out
//
// An error that a batch reports for one entry is an ordinary shape.
//
// A struct without members is that of an operation without output: its answer
// has no Result element, and in JSON it is empty. Some operations' output is a
// structure without members, which is printed; their structs say so:
//
//	type TagResourceOutput struct {
//		_ struct{} `out:"result"`
//	}
//
// Times are, in JSON, seconds since 1970 as a number, to the millisecond where
// they are not whole; in XML 2006-01-02T15:04:05Z, with .000 milliseconds where
// they are not whole. A service that shows whole seconds truncates.
//
// # CloudTrail
//
// TrailParameters prints a struct as requestParameters or responseElements do:
// names begin in lower case (queueUrl, mD5OfMessageBody), absent members are
// left out. The trail tag changes that:
//
//	trail:"hide"               "HIDDEN_DUE_TO_SECURITY_REASONS" in place of the value
//	trail:"omit"               the member is not recorded (KMS: Plaintext)
//	trail:"name=AWSAccountIds" the member's name in the record
//
// # Reading requests
//
// What is said here of AWS was measured by others on real AWS, of the front
// layer that its services share (Athena and SES for JSON, STS and SES for
// Query), or is a fact of the fact sheets.
//
// Members that a shape does not have are ignored. Of two JSON members of one
// name the last counts, of two Query parameters the first, those of the URL
// before those of the body. Text that is no UTF-8 is refused and never repaired.
//
// A JSON value of the wrong type is a SerializationException ("STRING_VALUE can
// not be converted to an Integer"), a body that is no JSON object one without a
// message, an empty body too. A fraction given for an integer is cut off; a
// number that no integer holds breaks the member's max or min where it has one,
// and is of the wrong type where not. A string that names a boolean is one.
// null in a list is a violation; an entry of a map that is null is none.
//
// In Query the same is MalformedInput. Numbers are decimal, with a sign if it
// pleases the client; booleans are true, false, 1 and 0 and, as in XML Schema,
// not TRUE; times are ISO 8601. A parameter that is there and empty is an empty
// string, list or map. The numbers of a list's elements are an order: gaps cost
// nothing, and 0 is none.
//
// A request may nest 32 levels and hold 32,768 values; beyond that it is
// malformed. AWS's own limits are not known to be lower. How many bytes a body
// may have is the server's business.
//
// # Answers to Query requests in JSON
//
// A Query request whose Accept header names application/json is answered in
// JSON: OPERATIONResponse around OPERATIONResult and ResponseMetadata, members in the
// order of the alphabet, null for what is absent, SQS's flat maps as lists of
// pairs [Q038] [Q039]. Errors: {"Error":{"Code","Message","Type"},"RequestId"}.
//
// # What is left out
//
// X-Amz-Crc32, which AWS sends for DynamoDB alone. A JSON request is served
// whichever of 1.0 and 1.1 its content type names, where AWS knows no operation
// at the other version. STS redirects a POST without Action to a web page;
// here it is told MissingAction.
//
// A list's constraint on its elements is reported once, for the list, as AWS
// does, with all the constraints that the elements have; the order of those
// texts differs between AWS's services, and here is max, min, pattern, enum.
package wire
