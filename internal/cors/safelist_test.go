package cors

import (
	"slices"
	"strings"
	"testing"
)

// TestSafelisted is which values need no preflight, along the lines of the Web
// Platform Tests' cors/cors-safelisted-request-header.any.js.
func TestSafelisted(t *testing.T) {
	tests := []struct {
		name  string
		safe  []string
		asked []string
	}{
		{
			"content-type",
			[]string{"text/plain", "TEXT/PLAIN", "text/plain;", "text/plain;charset=utf-8", "text/plain;garbage", "multipart/form-data",
				"multipart/form-data; boundary=x", "application/x-www-form-urlencoded", " text/plain"},
			[]string{"application/json", "text/html", "text /plain", "text\t/\tplain", "text/plain,", ",text/plain",
				"text/plain,text/plain", "text/plain\v", "text/plain\f", "text/plain;garbage\x01", "application/www-form-urlencoded",
				"application/x-www-form-urlencoded;\x7f", `multipart/form-data;"`, `multipart/form-data; boundary="x"`, "",
				"text/plain; long=" + strings.Repeat("0", 120)},
		},
		{
			"range",
			[]string{"bytes=100-200", "bytes=200-", "bytes=0-0", "bytes=0-9223372036854775807"},
			[]string{"100-200", "MB=100-200", "bytes =100-200", "bytes=  100-200", "bytes=100 -200", "bytes=100- 200", "bytes=100-200x",
				"bytes=a-b", "bytes=100-200,300-400", "bytes=-200", "bytes=200-100", "bytes=-", "bytes 0-", ",bytes=1-2", "bytes=,1-2",
				"bytes=+1-2", "bytes=1--2", "bytes=1" + strings.Repeat("0", 60) + "-2" + strings.Repeat("0", 60), ""},
		},
		{
			"accept",
			[]string{"*/*", "application/json, text/plain, */*", "", "\t", strings.Repeat("a", 128)},
			[]string{`"`, "a:b", "a<b", "a[0]", "a@b", "{}", "(x)", "a?b", "\\", "\x01", "\x7f", strings.Repeat("a", 129)},
		},
		{
			"accept-language",
			[]string{"en-US,en;q=0.9", "*", "", "de, en=1"},
			[]string{"@", "\x01", "en_US", "en\t", "en/US", "d\u00e9", strings.Repeat("a", 129)},
		},
		{"content-language", []string{"fr"}, []string{"@"}},
		{"authorization", nil, []string{"Basic x", ""}},
		{"x-test", nil, []string{"1", ""}},
		{"last-event-id", nil, []string{"1"}},
	}
	for _, tt := range tests {
		for _, e := range Engines() {
			for _, v := range tt.safe {
				if !e.safelisted(tt.name, strings.Trim(v, " ")) {
					t.Errorf("%s asks for %s: %q", e, tt.name, v)
				}
			}
			for _, v := range tt.asked {
				if e.safelisted(tt.name, v) {
					t.Errorf("%s does not ask for %s: %q", e, tt.name, v)
				}
			}
		}
	}
}

// TestSafelistDiffers: where Chromium and Firefox go their own ways.
func TestSafelistDiffers(t *testing.T) {
	tests := []struct {
		name, value string
		want        [3]bool // in the order of Engines
	}{
		{"save-data", "on", [3]bool{Chromium: true}},
		{"save-data", "off", [3]bool{}},
		{"dpr", "2", [3]bool{Chromium: true}},
		{"downlink", "1.5", [3]bool{Chromium: true}},
		{"accept", "caf\xe9", [3]bool{Chromium: true, WebKit: true}},
		{"content-type", "text/plain; a=b, c", [3]bool{Chromium: true, WebKit: true}},
	}
	for _, tt := range tests {
		for _, e := range Engines() {
			if got := e.safelisted(tt.name, tt.value); got != tt.want[e] {
				t.Errorf("%s, %s: %s is %v", e, tt.name, tt.value, got)
			}
		}
	}
}

// TestUnsafeNames: what a preflight lists, in lower case and in order.
func TestUnsafeNames(t *testing.T) {
	big := strings.Repeat("a", 128)
	tests := []struct {
		headers Headers
		want    [3]string
	}{
		{lines("Accept", "text/html", "Content-Type", "text/plain"), [3]string{}},
		{lines("X-B", "1", "x-a", "2", "CONTENT-TYPE", "application/json"), [3]string{"content-type,x-a,x-b", "content-type,x-a,x-b", "content-type,x-a,x-b"}},
		{lines("X-A", "1", "x-a", "2"), [3]string{"x-a", "x-a", "x-a"}},
		{lines("Origin", "x", "Cookie", "y", "Sec-Foo", "1", "Proxy-Foo", "2", "Host", "z"), [3]string{}}, // a script cannot set them
		{lines("X-HTTP-Method-Override", "PUT, trace"), [3]string{}},
		{lines("X-HTTP-Method-Override", "PUT"), [3]string{"x-http-method-override", "x-http-method-override", "x-http-method-override"}},
		{lines("Range", "bytes=0-1", "Range", "bytes=2-3"), [3]string{"range", "", "range"}}, // joined into one value
		// More than 1024 bytes of safe values together are unsafe, but not for Firefox.
		{lines("Accept", big, "Accept-Language", big, "Content-Language", big), [3]string{}},
	}
	for _, tt := range tests {
		for _, e := range Engines() {
			got := strings.Join(e.unsafeNames(&Hints{API: string(Fetch), Headers: tt.headers}), ",")
			if got != tt.want[e] {
				t.Errorf("%s, %v: %q, want %q", e, tt.headers, got, tt.want[e])
			}
		}
	}
	var many Headers
	for range 9 {
		many = append(many, Header{"DPR", big[:120]})
	}
	many[0].Name, many[1].Name, many[2].Name, many[3].Name = "Accept", "Width", "RTT", "ECT"
	many[4].Name, many[5].Name, many[6].Name, many[7].Name = "Downlink", "Viewport-Width", "Device-Memory", "Intervention"
	if got := Chromium.unsafeNames(&Hints{API: string(Fetch), Headers: many}); len(got) != 9 || !slices.IsSorted(got) {
		t.Errorf("1080 bytes of safe values: %q", got)
	}
}
