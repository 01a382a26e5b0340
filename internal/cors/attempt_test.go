package cors

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAttemptJSON: what is read is written again, byte for byte, whatever the
// header lines hold.
func TestAttemptJSON(t *testing.T) {
	const line = `{"v":1,"type":"attempt","id":"a1","page_origin":"http://localhost:3000","browser":"firefox",` +
		`"hints":{"api":"xhr","url":"/x","headers":[["X-A","1"]],"credentials":"include","crossorigin":"","upload_listener":true,"warmup":[{"method":"GET"}]},` +
		`"wire":[{"step":1,"request":{"method":"GET","url":"http://localhost:8000/x","headers":[["Host","localhost:8000"],["X-B","caf` + "\u00e9" + `"]]},` +
		`"response":{"status":200,"headers":[["a","1"],["a","2"],["",""]],"body_size":3}},` +
		`{"request":{"method":"GET","url":"http://localhost:8000/y","headers":[]},"response":null,"error":"reset"}]}`
	var a Attempt
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		t.Fatal(err)
	}
	if got := a.Wire[0].Request.Headers[1].Value; got != "caf\xe9" {
		t.Errorf("%q is no byte string", got)
	}
	if a.Hints.CrossOrigin == nil || a.Wire[1].Response != nil || a.Wire[1].Error != "reset" {
		t.Errorf("%+v", a)
	}
	got, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(line, string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestHeadersJSON(t *testing.T) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	in := Headers{{"X", string(every)}, {"x", ""}}
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out Headers
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, bad := range []string{`{}`, `"x"`, `[["a"]]`, `[["a","b","c"]]`, `[[1,2]]`, `[null]`, `[[]]`} {
		if err := json.Unmarshal([]byte(bad), &out); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
	if err := json.Unmarshal([]byte(`[["X","\u4f60"]]`), &out); err != nil || out[0].Value != "\u4f60" {
		t.Errorf("%q, %v", out, err)
	}
}

// TestLines: other packages' header lines are seen, not copied.
func TestLines(t *testing.T) {
	type line struct{ Name, Value string }
	theirs := []line{{"A", "1"}, {"B", "2"}}
	ours := Lines(theirs)
	theirs[1].Value = "3"
	if len(ours) != 2 || ours[0] != (Header{"A", "1"}) || ours[1].Value != "3" {
		t.Errorf("%v", ours)
	}
	if got := Lines([]line(nil)); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// TestHeaderNames: lines are found in any letter case, joined in their order.
func TestHeaderNames(t *testing.T) {
	h := lines("a", " 1 ", "B", "x", "A", "\t2", "Ab", "y", "a", "")
	if v, ok := h.get("A"); v != "1, 2, " || !ok {
		t.Errorf("%q, %v", v, ok)
	}
	if v, ok := h.get("c"); v != "" || ok {
		t.Errorf("%q, %v", v, ok)
	}
	if h.first("b") != "x" || h.has("") || !h.has("AB") || h.countExact("a") != 2 || !h.differ("A") || h.differ("b") {
		t.Error(h)
	}
}

// TestBrokenLines: how each engine reads what is no clean header line.
func TestBrokenLines(t *testing.T) {
	tests := []struct {
		name string
		in   Headers
		want [3]string // of Access-Control-Allow-Origin, "-" when there is none
	}{
		{"folded", lines("Access-Control-Allow-Origin", "http://a\r\n b"), [3]string{"http://a b", "http://a b", "http://a b"}},
		{"a line break in the value", lines("X", "1\r\nAccess-Control-Allow-Origin: *"), [3]string{"*", "*", "*"}},
		{"a bare CR", lines("X", "1\rAccess-Control-Allow-Origin: *"), [3]string{"*", "-", "-"}},
		{"white space before the colon", lines("Access-Control-Allow-Origin ", "*"), [3]string{"*", "-", "*"}},
		{"white space before the name", lines("X", "1", " Access-Control-Allow-Origin", "*"), [3]string{"-", "-", "-"}},
		{"no colon", lines("X", "1\nAccess-Control-Allow-Origin *"), [3]string{"-", "-", "-"}},
	}
	for _, tt := range tests {
		for _, e := range Engines() {
			got, ok := engineRules[e].parsed(tt.in).get("Access-Control-Allow-Origin")
			if !ok {
				got = "-"
			}
			if got != tt.want[e] {
				t.Errorf("%s, %s: %q, want %q", tt.name, e, got, tt.want[e])
			}
		}
	}
}

func TestLists(t *testing.T) {
	for _, tt := range []struct {
		list, item string
		fold, want bool
	}{
		{"a,b", "b", false, true}, {"a , b", "b", false, true}, {"a,B", "b", false, false}, {"a,B", "b", true, true},
		{"", "a", false, false}, {"ab", "a", false, false}, {",a,", "a", false, true}, {"a;b", "a", false, false},
	} {
		if got := listed(tt.list, tt.item, tt.fold); got != tt.want {
			t.Errorf("%q in %q: %v", tt.item, tt.list, got)
		}
	}
	for list, want := range map[string]string{
		"": "", "a,b": "", ",": "", "a, ,b": "", "a b": "a b", "a,(b),c": "(b)", "\"a\"": "\"a\"", "a:b,c": "a:b", "\v": "\v",
	} {
		if got, bad := badItem(list); got != want || bad != (want != "") {
			t.Errorf("%q: %q", list, got)
		}
	}
	if item, rest, more := nextItem(" a , b"); item != "a" || rest != " b" || !more {
		t.Errorf("%q %q %v", item, rest, more)
	}
	if !isToken("!#$%&'*+-.^_`|~09azAZ") || isToken("") || strings.ContainsFunc("()<>@,;:\\\"/[]?={} \t", func(r rune) bool { return isToken(string(r)) }) {
		t.Error("tokens")
	}
}
