package main

import "testing"

func TestServerURL(t *testing.T) {
	for _, c := range []struct{ name, endpoint, addr, want string }{
		{"nothing is set", "", "", "http://127.0.0.1:4566"},
		{"the image", "", "0.0.0.0:4566", "http://127.0.0.1:4566"},
		{"the image at another port", "", "0.0.0.0:5000", "http://127.0.0.1:5000"},
		{"every address of both kinds", "", "[::]:5000", "http://127.0.0.1:5000"},
		{"no host", "", ":5000", "http://127.0.0.1:5000"},
		{"one address", "", "192.0.2.1:5000", "http://192.0.2.1:5000"},
		{"one address of version 6", "", "[::1]:5000", "http://[::1]:5000"},
		{"a port that is picked at the start", "", "127.0.0.1:0", "http://127.0.0.1:4566"},
		{"no address", "", "5000", "http://127.0.0.1:4566"},
		{"in a VPC, by its endpoint", "https://waxseal:4566/_vpce/isolated", "", "https://waxseal:4566"},
		{"an endpoint wins", "https://waxseal:4566", "0.0.0.0:5000", "https://waxseal:4566"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("AWS_ENDPOINT_URL", c.endpoint)
			t.Setenv("WAXSEAL_ADDR", c.addr)
			if got := serverURL(); got != c.want {
				t.Errorf("%s, wanted %s", got, c.want)
			}
		})
	}
}
