package cors

import "testing"

func TestResolve(t *testing.T) {
	tests := []struct{ base, ref, want, origin, path, query string }{
		{"http://localhost:8900/api/items?page=2", "/api/items/", "http://localhost:8900/api/items/", "http://localhost:8900", "/api/items/", ""},
		{"http://localhost:8900/api/items", "items/?a=1#top", "http://localhost:8900/api/items/?a=1", "http://localhost:8900", "/api/items/", "?a=1"},
		{"http://localhost:8900/a", "http://backend:80/a/", "http://backend/a/", "http://backend", "/a/", ""},
		{"https://app.example/a", "//cdn.example/x", "https://cdn.example/x", "https://cdn.example", "/x", ""},
		{"http://h/a", "http://u:p@h/b", "http://u:p@h/b", "http://h", "/b", ""},
		{"http://h/a", "mailto:x@y", "mailto:x@y", "null", "x@y", ""},
	}
	for _, test := range tests {
		base, ok := ParseURL(test.base)
		if !ok {
			t.Fatalf("%s is no URL", test.base)
		}
		got, ok := base.Resolve(test.ref)
		if !ok || got.String() != test.want || got.Origin() != test.origin || got.Path() != test.path || got.Query() != test.query {
			t.Errorf("%s against %s: got %s, origin %s, path %s, query %s", test.ref, test.base, got, got.Origin(), got.Path(), got.Query())
		}
	}
	if _, ok := ParseURL("/relative"); ok {
		t.Error("a relative reference passed for a URL")
	}
	if u, _ := ParseURL("http://u:p@h/b"); !u.Userinfo() || !u.HTTP() || u.Loopback() {
		t.Errorf("got %+v", u)
	}
}
