package cloudformation

import (
	"context"
	"net"
	"net/url"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// maxTemplate is how long a template in S3 may be [C008].
const maxTemplate = 1_000_000

var errURL = ErrValidation.With("TemplateURL must be a supported URL.") // [C122]

// fetch reads a template that is in S3, as the caller of ctx's request may.
func (s *Service) fetch(ctx context.Context, address string) (string, error) {
	if text, ok := givenTemplate(ctx, address); ok {
		return text, nil
	}
	bucket, key, version, err := readTemplateURL(address, api.RequestFrom(ctx).BaseURL)
	if err != nil {
		return "", err
	}
	text, err := s.world.Object(ctx, bucket, key, version)
	if err != nil {
		e := api.AsError(err)
		if e.HTTPStatus() >= 500 {
			return "", err
		}
		failed := *ErrValidation.Withf("S3 error: %s\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", e.Message)
		failed.Cause, failed.RequestID = e, e.RequestID
		return "", &failed
	}
	if len(text) > maxTemplate {
		return "", ErrValidation.Withf("Template may not exceed %d bytes in size.", maxTemplate)
	}
	return text, nil
}

// readTemplateURL finds bucket and key in the URL of a template: one of S3's own hosts, or
// this server as the caller reaches it; the bucket stands in the host or in the path.
func readTemplateURL(address, base string) (bucket, key, version string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", "", errURL
	}
	if u.Scheme == "s3" {
		return "", "", "", ErrValidation.Withf("S3 error: Domain name specified in %s is not a valid S3 domain", u.Host)
	}
	if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", "", "", errURL
	}
	bucket, ours := hostBucket(u.Hostname(), base)
	if !ours {
		return "", "", "", errURL
	}
	key = strings.TrimPrefix(u.Path, "/")
	if bucket == "" {
		bucket, key, _ = strings.Cut(key, "/")
	}
	if bucket == "" || key == "" {
		return "", "", "", errURL
	}
	return bucket, key, u.Query().Get("versionId"), nil
}

// hostBucket is the bucket that a host names, empty where it stands in the path; false:
// the host is neither S3's nor this server's.
func hostBucket(host, base string) (bucket string, ours bool) {
	host = strings.ToLower(host)
	for i, label := range strings.Split(host, ".") {
		if label == "s3" || strings.HasPrefix(label, "s3-") {
			labels := strings.Split(host, ".")
			return strings.Join(labels[:i], "."), true
		}
	}
	here := ""
	if u, err := url.Parse(base); err == nil {
		here = strings.ToLower(u.Hostname())
	}
	for _, own := range []string{here, "localhost"} {
		if own == "" {
			continue
		}
		if host == own {
			return "", true
		}
		if bucket, below := strings.CutSuffix(host, "."+own); below {
			return bucket, true
		}
	}
	address := net.ParseIP(host)
	return "", address != nil && address.IsLoopback()
}
