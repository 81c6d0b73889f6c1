// Package postform reads the forms by which browsers put objects: a POST to a bucket,
// as multipart/form-data, whose fields stand for the headers of a PutObject and whose
// last part is the object [S129]-[S134]. Who made the form signs a policy, which says what may
// be sent with it and for how long; who sends it needs no key.
//
// A form becomes the request that it stands for (Form.Request), which is then
// authorized as any PutObject is, with s3:authType POST. A form that nobody signed is
// an anonymous one: the bucket's policy decides.
//
// What is not known of AWS and chosen here: fields behind the file are ignored; a policy
// that nobody signed says nothing; a form
// whose fields are more than 20 KB is refused; a policy expires by real time, as signatures do.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html.
package postform
