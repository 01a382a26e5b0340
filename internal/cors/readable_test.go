package cors

import (
	"fmt"
	"strings"
	"testing"
)

// TestReadable is what a script may read, along the lines of the Web Platform
// Tests on Access-Control-Expose-Headers.
func TestReadable(t *testing.T) {
	base := []string{
		"Content-Type", "text/plain", "X-A", "1", "x-b", "2", "X-A", "3", "Set-Cookie", "s=1", "Set-Cookie2", "s=2",
		"Content-Length", "2", "ETag", "x", "Access-Control-Allow-Origin", web, "Access-Control-Allow-Credentials", "true",
	}
	const safe = "content-length,content-type"
	const all = "access-control-allow-credentials,access-control-allow-origin,content-length,content-type,etag,x-a,x-b"
	tests := []struct {
		expose      []string
		credentials string
		want        string
	}{
		{nil, "omit", safe},
		{[]string{""}, "omit", safe},
		{[]string{"X-A"}, "omit", safe + ",x-a"},
		{[]string{"x-a,X-B"}, "include", safe + ",x-a,x-b"},
		{[]string{" x-a ,\tetag , none"}, "omit", safe + ",etag,x-a"},
		{[]string{"x-a", "x-b"}, "omit", safe + ",x-a,x-b"},
		{[]string{",,x-a,"}, "omit", safe + ",x-a"},
		{[]string{"*"}, "omit", all},
		{[]string{"x-a, *"}, "omit", all},
		{[]string{"*"}, "include", safe},
		{[]string{"set-cookie, Set-Cookie2, x-a"}, "omit", safe + ",x-a"},
		{[]string{"x-a x-b"}, "omit", safe},
		{[]string{"x-a, no token"}, "omit", safe}, // one bad item spoils the list
		{[]string{`"x-a"`}, "omit", safe},
		{[]string{"x-a", "@"}, "omit", safe},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %q", tt.credentials, tt.expose), func(t *testing.T) {
			resp := reply(200, base...)
			for _, v := range tt.expose {
				resp.Headers = append(resp.Headers, Header{"Access-Control-Expose-Headers", v})
			}
			want := tt.want
			if want == all {
				want = strings.Replace(want, "allow-origin,", "allow-origin,access-control-expose-headers,", 1)
			}
			for _, got := range everywhere(fetched("GET", api+"/x", tt.credentials, crossing("GET", api+"/x", resp))) {
				if names := strings.Join(got.Readable(), ","); names != want {
					t.Errorf("%s: %s, want %s", got.Engine, names, want)
				}
			}
		})
	}
}

// TestReadableElsewhere: everything at home, nothing of what is blocked.
func TestReadableElsewhere(t *testing.T) {
	own := Judge(fetched("GET", web+"/x", "omit", sent("GET", web+"/x", reply(200, "X-A", "1", "Set-Cookie", "a=b"))), Chromium)
	if got := strings.Join(own.Readable(), ","); got != "x-a" {
		t.Errorf("own: %s", got)
	}
	blocked := Judge(fetched("GET", api+"/x", "omit", crossing("GET", api+"/x", reply(200, "X-A", "1"))), Chromium)
	if got := blocked.Readable(); got != nil {
		t.Errorf("blocked: %s", got)
	}
}
