// Package sigv4 reads who signed a request, and verifies the signature: AWS
// Signature Version 4 in the Authorization header or in the query string
// (presigned).
//
// Parse is lenient, Verify is strict. A caller that signs with an access key
// that was not made here acts as a root user, and its signature is not
// verified. So Parse reads as much as it can, and keeps what is wrong with the
// signature for Verify.
//
// # Where AWS's own description leaves things open
//
// The order of the checks and their messages are those observed on AWS's JSON
// and Query services: what is missing, the date's form, the time, the signed
// headers, the algorithm, the credential's form, its scope, the signature.
//
//   - The payload is always bound to the signature by its own SHA-256. A header
//     x-amz-content-sha256 is a header as any other; UNSIGNED-PAYLOAD and the
//     streaming forms exist for Amazon S3 alone (below) and do not match here.
//   - A request is good for 15 minutes before and after its date. So is a presigned
//     one: X-Amz-Expires, which must be from 1 to 604800 where it is sent, matters only
//     to Amazon S3. Tools rely on that: the tokens of Amazon EKS are presigned calls of
//     STS that say 60 seconds and are used for 15 minutes.
//   - Host must be signed, and X-Amz-Target where it is sent, because it names the
//     operation. Other headers need not be; clients differ in what they leave out.
//   - The Host that was signed may lack the port of the Host that was sent (the
//     AWS SDK for Ruby, version 1).
//   - The path may have been signed with or without removal of dot segments and
//     double slashes. It is encoded twice, as everywhere but in Amazon S3.
//   - The values of a header that occurs several times are joined by commas in
//     the order in which they were sent.
//   - Signature Version 4A is refused as an unknown algorithm. Signature Version 2 is
//     refused as an invalid token, as in the AWS regions that were opened after its
//     deprecation.
//
// # Objects
//
// Requests for objects, which Amazon S3 takes, are signed in ways of their own
// (VerifyObject). The signature is over what x-amz-content-sha256 says of the body, so
// that it is verified before there is a body; Body is the body, checked against it while
// it is read: a hash, pieces with signatures, each made with the one before, headers
// behind them [S109]-[S113]. The path is encoded once and never normalized [S128]; all headers
// x-amz-… must be signed [S124]. A presigned URL is good for as long as it says, by real
// time [S121]-[S123], also where its signature cannot be verified. Signature Version 2
// is verified, in the header and in the query [S127]: boto3 presigns so by default. What
// makes a request one for a part of a bucket or object is signed there always, also parts
// that are younger than Version 2. Parameters of a presigned URL stand for headers
// (WithParameters). The errors are S3's [S120] [S126].
//
// Signature Version 4A is refused here, too. Its pieces are read, and not verified, where the
// access key is unknown.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
package sigv4
