package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
)

// Field calls and answers the first value of a string member of the response.
func (c *Client) Field(r *Request, name string) (string, error) {
	body, err := c.Call(r)
	if err != nil {
		return "", err
	}
	all, err := Fields(body, name)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("no %s in response: %.300s", name, body)
	}
	if err != nil {
		return "", err
	}
	return all[0], nil
}

// Fields calls and answers all values of a string member of the response.
func (c *Client) Fields(r *Request, name string) ([]string, error) {
	body, err := c.Call(r)
	if err != nil {
		return nil, err
	}
	return Fields(body, name)
}

// Fields finds every value of a string member in JSON or XML without decoding
// the rest.
func Fields(body []byte, name string) ([]string, error) {
	if len(body) > 0 && body[0] == '<' {
		return xmlFields(body, name), nil
	}
	var out []string
	key := []byte(`"` + name + `"`)
	for {
		i := bytes.Index(body, key)
		if i < 0 {
			return out, nil
		}
		body = bytes.TrimLeft(body[i+len(key):], " :")
		end := 1
		for end < len(body) && body[end] != '"' {
			if body[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(body) || body[0] != '"' {
			return out, errors.New("malformed JSON string for " + name)
		}
		var s string
		if err := json.Unmarshal(body[:end+1], &s); err != nil {
			return out, err
		}
		out = append(out, s)
		body = body[end+1:]
	}
}

func xmlFields(body []byte, name string) (out []string) {
	open, shut := []byte("<"+name+">"), []byte("</"+name+">")
	for {
		_, rest, ok := bytes.Cut(body, open)
		if !ok {
			return out
		}
		value, rest, ok := bytes.Cut(rest, shut)
		if !ok {
			return out
		}
		out = append(out, html.UnescapeString(string(value)))
		body = rest
	}
}
