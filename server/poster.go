package server

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/waxseal/waxseal/sns"
)

const (
	// postTimeout is how long an HTTP endpoint may take to answer a notification.
	postTimeout = 15 * time.Second
)

// poster takes notifications to HTTP endpoints. It implements sns.Poster.
type poster struct{}

// endpoints is shared by all servers of the process, for it keeps connections.
var endpoints = &http.Client{
	Timeout:       postTimeout,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Post implements sns.Poster.
func (poster) Post(ctx context.Context, p *sns.Post) (sns.PostAnswer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, strings.NewReader(p.Body))
	if err != nil {
		return sns.PostAnswer{}, err
	}
	for name, value := range p.Header {
		r.Header.Set(name, value)
	}
	answer, err := endpoints.Do(r)
	if err != nil {
		return sns.PostAnswer{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	var body bytes.Buffer
	if _, err := io.Copy(&body, io.LimitReader(answer.Body, maxText)); err != nil {
		return sns.PostAnswer{}, err
	}
	return sns.PostAnswer{Status: answer.StatusCode, Body: body.String()}, nil
}
