package cors

import "testing"

// TestParseAddress is taken from the URL standard's own examples and from what
// browsers do with the addresses that servers and scripts really write.
func TestParseAddress(t *testing.T) {
	tests := []struct{ in, href, origin string }{
		{"http://localhost:8000/api?x=1", "http://localhost:8000/api?x=1", "http://localhost:8000"},
		{"http://localhost:8000", "http://localhost:8000/", "http://localhost:8000"},
		{"HTTP://LocalHost:80/A", "http://localhost/A", "http://localhost"},
		{"https://example.com:443/", "https://example.com/", "https://example.com"},
		{"https://example.com:0443/", "https://example.com/", "https://example.com"},
		{"https://example.com:/", "https://example.com/", "https://example.com"},
		{"http://example.com:443/", "http://example.com:443/", "http://example.com:443"},
		{"http:example.com", "http://example.com/", "http://example.com"},
		{"http:/example.com", "http://example.com/", "http://example.com"},
		{"http:////example.com", "http://example.com/", "http://example.com"},
		{`http:\\example.com\a\b?c\d`, `http://example.com/a/b?c\d`, "http://example.com"},
		{"  http://example.com/ \n", "http://example.com/", "http://example.com"},
		{"ht\ntp://exa\tmple.com/", "http://example.com/", "http://example.com"},
		{"http://user:pass@example.com/", "http://user:pass@example.com/", "http://example.com"},
		{"http://@example.com/", "http://example.com/", "http://example.com"},
		{"http://:@example.com/", "http://example.com/", "http://example.com"},
		{"http://a@b@example.com/", "http://a@b@example.com/", "http://example.com"},
		{"http://example.com/a/./b/../c", "http://example.com/a/c", "http://example.com"},
		{"http://example.com/a/%2e%2E/b", "http://example.com/b", "http://example.com"},
		{"http://example.com/../..", "http://example.com/", "http://example.com"},
		{"http://example.com/a b\"<>`{}", "http://example.com/a%20b%22%3C%3E%60%7B%7D", "http://example.com"},
		{"http://example.com/?a b\"<>'`{}", "http://example.com/?a%20b%22%3C%3E%27`{}", "http://example.com"},
		{"http://example.com/\u00e9?\u00fc", "http://example.com/%C3%A9?%C3%BC", "http://example.com"},
		{"http://example.com/%zz%", "http://example.com/%zz%", "http://example.com"},
		{"http://ex%61mple.com/", "http://example.com/", "http://example.com"},
		{"http://127.1/", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://0x7f.1:8000/", "http://127.0.0.1:8000/", "http://127.0.0.1:8000"},
		{"http://2130706433/", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://0177.0.0.01/", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://[::1]:3000/", "http://[::1]:3000/", "http://[::1]:3000"},
		{"http://[0:0:0:0:0:0:0:1]/", "http://[::1]/", "http://[::1]"},
		{"http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:7f00:1]"},
		{"ws://example.com:80/s", "ws://example.com/s", "ws://example.com"},
		{"ftp://example.com:21/", "ftp://example.com/", "ftp://example.com"},
		{"localhost:3000", "localhost:3000", "null"},
		{"data:text/plain,a b", "data:text/plain,a b", "null"},
		{"mailto:a@b.c", "mailto:a@b.c", "null"},
		{"file:///C:/x", "file:///C:/x", "null"},
		{"foo://Bar:80/x/../y", "foo://Bar:80/x/../y", "null"}, // path of no consequence here
		{"http://a b/", "http://a%20b/", "http://a%20b"},       // Chromium's way
		{"http://*.example.com", "http://%2A.example.com/", "http://%2A.example.com"},
	}
	for _, tt := range tests {
		got, ok := parseAddress(tt.in)
		if !ok || got.href != tt.href || got.origin != tt.origin {
			t.Errorf("%q: %q, origin %q, %v, want %q, %q", tt.in, got.href, got.origin, ok, tt.href, tt.origin)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	for _, in := range []string{
		"", "/", "//", "//x", "/a", "a", "undefined", "http:", "http://", "http:///", "https:///?x", "http://?", "http://#",
		"http://:80", "http://user@", "http://user:pass@/", "http://a:b/", "http://a:65536/", "http://a:-1/", "http://a:8 0/",
		"http://[::1", "http://[::1]x/", "http://[1::2::3]/", "http://[fe80::1%25eth0]/", "http://1.2.3.4.5/", "http://256.1.1.1/",
		"http://1.2.3.256/", "http://0x1ffffffff/", "http://09.1.1.1/", "http://a%/", "http://a%zz/", "http://a%00/", "http://a^b/",
		"http://a|b/", "http://a<b/", "http://a%2fb/", "http://a%ff/", "://x", "*", "1http://x", "-a:b", "filesystem:x",
		"file://a:80/",
	} {
		if got, ok := parseAddress(in); ok {
			t.Errorf("%q is %q", in, got.href)
		}
	}
}

func TestResolveAddress(t *testing.T) {
	base, ok := parseAddress("http://api.test:8000/a/b?x=1#f")
	if !ok {
		t.Fatal("no base")
	}
	tests := []struct{ ref, want string }{
		{"", "http://api.test:8000/a/b?x=1"},
		{"c", "http://api.test:8000/a/c"},
		{"./c", "http://api.test:8000/a/c"},
		{"../c", "http://api.test:8000/c"},
		{"../../../c", "http://api.test:8000/c"},
		{"/c/", "http://api.test:8000/c/"},
		{"?y=2", "http://api.test:8000/a/b?y=2"},
		{"?", "http://api.test:8000/a/b?"},
		{"c?", "http://api.test:8000/a/c?"},
		{"#g", "http://api.test:8000/a/b?x=1#g"},
		{"c#g h", "http://api.test:8000/a/c#g%20h"},
		{"//other.test/x", "http://other.test/x"},
		{`\\other.test\x`, "http://other.test/x"},
		{"///other.test/x", "http://other.test/x"},
		{"http:c", "http://api.test:8000/a/c"},
		{"http:/c", "http://api.test:8000/c"},
		{"https:c", "https://c/"},
		{"HTTPS://X.test", "https://x.test/"},
		{"localhost:8001/x", "localhost:8001/x"},
		{" /c ", "http://api.test:8000/c"},
		{"a:b", "a:b"},
		{"%2e%2e/c", "http://api.test:8000/c"},
		{"login?next=http://x/y", "http://api.test:8000/a/login?next=http://x/y"},
	}
	for _, tt := range tests {
		got, ok := base.resolve(tt.ref)
		if !ok || got.full() != tt.want {
			t.Errorf("%q: %q, %v, want %q", tt.ref, got.full(), ok, tt.want)
		}
	}
	for _, ref := range []string{"http://", "//", "//a:b", "https://", "http://[", "//user@"} {
		if got, ok := base.resolve(ref); ok {
			t.Errorf("%q is %q", ref, got.href)
		}
	}
}

func TestRegistrable(t *testing.T) {
	for host, want := range map[string]string{
		"localhost": "localhost", "api.example.com": "example.com", "example.com": "example.com", "a.b.example.co.uk": "example.co.uk",
		"a.foo.de": "foo.de", "127.0.0.1": "127.0.0.1", "[::1]": "[::1]", "example.com.": "example.com", "": "",
	} {
		if got := registrable(host); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}

func TestTrustworthy(t *testing.T) {
	for url, want := range map[string]bool{
		"https://example.com/": true, "http://localhost/": true, "http://a.localhost:3000/": true, "http://127.0.0.1/": true,
		"http://127.8.9.1/": true, "http://[::1]/": true, "http://localhost./": true, "http://example.com/": false,
		"http://192.168.0.1/": false, "http://127.example.com/": false, "http://notlocalhost/": false, "ftp://localhost/": true,
	} {
		a, ok := parseAddress(url)
		if !ok || a.trustworthy() != want {
			t.Errorf("%s: %v, want %v", url, !want, want)
		}
	}
}

// TestUnsafePorts: https://fetch.spec.whatwg.org/#bad-port.
func TestUnsafePorts(t *testing.T) {
	for _, port := range []string{"1", "22", "25", "6000", "6667", "10080", "5060"} {
		if !unsafePort(port) {
			t.Errorf("%s is safe", port)
		}
	}
	for _, port := range []string{"", "80", "3000", "8000", "8080", "5173", "6666x", "9090"} {
		if unsafePort(port) {
			t.Errorf("%s is unsafe", port)
		}
	}
}
