package wire

import (
	"net"
	"net/http"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
)

// Buckets by host: BUCKET.s3.REGION.HOST and BUCKET.s3.HOST, whatever HOST is, and
// BUCKET.HOST, where HOST is localhost or a base (Router.Below). What is a host of
// another service, such as sqs.localhost or lambda.us-east-1.localhost, is no bucket's.

// Below has buckets named by the hosts below others, beside localhost.
func (t *Router) Below(hosts ...string) {
	for _, d := range t.dialects {
		if d, ok := d.(*restXML); ok {
			for _, host := range hosts {
				d.bases = append(d.bases, hostName(host))
			}
		}
	}
}

// HostBucket is the bucket that the request's Host names; empty: it names none.
func (c *Call) HostBucket() string {
	if c.rest == nil {
		return ""
	}
	return c.rest.host
}

// HostRegion is the region that the request's Host names, in a dialect that finds
// buckets by it; empty: it names none.
func (c *Call) HostRegion() string {
	if c.rest == nil {
		return ""
	}
	return c.rest.region
}

// NamesBucket reports whether a request names a bucket, in a dialect that has these.
func (c *Call) NamesBucket() bool {
	if c.rest == nil {
		return false
	}
	c.rest.locate(c.request)
	return c.rest.bucket != ""
}

// Subresources are the parameters that make a request one for a part of a bucket or
// object, in a dialect that has these.
func (c *Call) Subresources() []string {
	if c.rest == nil {
		return nil
	}
	return c.rest.to.said.Subresources
}

func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// hosted is what a request's Host says. Its service is nil where it says nothing.
func (d *restXML) hosted(r *http.Request) *restRequest {
	host := hostName(r.Host)
	for name, to := range d.byName {
		if bucket, rest, ok := cutLabel(host, name); ok {
			return &restRequest{to: to, named: true, host: throughVPC(bucket), region: regionOf(strings.TrimPrefix(rest, "dualstack."))}
		}
	}
	base := "localhost"
	for _, b := range d.bases {
		if strings.HasSuffix(host, "."+b) && (len(b) > len(base) || !strings.HasSuffix(host, "."+base)) {
			base = b
		}
	}
	bucket, below := strings.CutSuffix(host, "."+base)
	if !below || bucket == "" || d.isElsewhere(bucket) {
		return new(restRequest)
	}
	for _, to := range d.byName {
		return d.among(to, bucket, r)
	}
	return new(restRequest)
}

// among finds the bucket among those that a name below a base can mean: bucket itself, or
// what stands before a part of it that belongs to the name of this machine. Where none
// of these exists, and the path names one that does, the name is this machine's alone.
func (d *restXML) among(to *restServed, bucket string, r *http.Request) *restRequest {
	exists := to.said.Exists
	if exists == nil {
		return &restRequest{to: to, host: bucket}
	}
	for name := bucket; name != ""; name = name[:max(0, strings.LastIndexByte(name, '.'))] {
		if exists(name) {
			return &restRequest{to: to, host: name}
		}
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	isList := first == "" && r.Method == http.MethodGet && (r.URL.RawQuery == "" || r.URL.RawQuery == "x-id=ListBuckets")
	if isList || first != "" && exists(first) {
		return new(restRequest)
	}
	return &restRequest{to: to, host: bucket}
}

// cutLabel cuts a host at a label, the last of that name.
func cutLabel(host, label string) (before, after string, ok bool) {
	if host == label {
		return "", "", true
	}
	if i := strings.LastIndex(host, "."+label+"."); i >= 0 {
		return host[:i], host[i+len(label)+2:], true
	}
	after, ok = strings.CutPrefix(host, label+".")
	return "", after, ok
}

// throughVPC is the bucket before the name of a VPC endpoint: BUCKET.bucket.vpce-….
func throughVPC(bucket string) string {
	i := strings.LastIndexByte(bucket, '.')
	if !strings.HasPrefix(bucket[i+1:], "vpce-") {
		return bucket
	}
	bucket = strings.TrimSuffix(bucket[:max(i, 0)], "bucket")
	return strings.TrimSuffix(bucket, ".")
}

// regionOf is the region that a host's first label is; empty: it is none.
func regionOf(host string) string {
	label, _, _ := strings.Cut(host, ".")
	region, known := (*arn.Regions)(nil).Find(label)
	if !known {
		return ""
	}
	return region
}

// isElsewhere reports whether what stands before a base is another service: it has a
// service's name, or ends in a region.
func (d *restXML) isElsewhere(name string) bool {
	return d.others[name] || regionOf(name[strings.LastIndexByte(name, '.')+1:]) != ""
}
