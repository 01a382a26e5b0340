package exchange

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseHeaders(t *testing.T) {
	for _, test := range []struct {
		block string
		want  Headers
	}{
		{"", nil},
		{"A: b\r\n", Headers{{"A", "b"}}},
		{"A: b\r\nA:c\r\na: \t d \t\r\n", Headers{{"A", "b"}, {"A", "c"}, {"a", "d"}}},
		{"A: b: c\nB:\n", Headers{{"A", "b: c"}, {"B", ""}}},
		{"A: b", Headers{{"A", "b"}}},
		{"no colon\r\n\r\n: no name\r\n", Headers{{"no colon", ""}, {"", "no name"}}},
		{"A: b\u00a0\r\n", Headers{{"A", "b\u00a0"}}}, // an NBSP is part of the value
		{" folded: x\r\n", Headers{{" folded", "x"}}},
	} {
		if diff := cmp.Diff(test.want, ParseHeaders(test.block)); diff != "" {
			t.Errorf("%q: %s", test.block, diff)
		}
	}
}

func TestHeaderMethods(t *testing.T) {
	h := Headers{{"Vary", "Origin"}, {"access-control-allow-origin", "http://a"}, {"Access-Control-Allow-Origin", "*"}, {"X", ""}}
	if got, ok := h.Get("Access-Control-Allow-Origin"); got != "http://a, *" || !ok {
		t.Errorf("Get of two lines = %q, %v", got, ok)
	}
	if got, ok := h.Get("x"); got != "" || !ok {
		t.Errorf("Get of an empty line = %q, %v", got, ok)
	}
	if got, ok := h.Get("Origin"); got != "" || ok {
		t.Errorf("Get of no line = %q, %v", got, ok)
	}
	if got := h.First("ACCESS-CONTROL-ALLOW-ORIGIN"); got != "http://a" {
		t.Errorf("First = %q", got)
	}
	if got := h.First("Origin"); got != "" {
		t.Errorf("First of no line = %q", got)
	}
	if diff := cmp.Diff([]string{"http://a", "*"}, h.Values("Access-Control-Allow-Origin")); diff != "" {
		t.Error(diff)
	}
	if !h.Has("vary") || h.Has("var") || h.Values("Origin") != nil {
		t.Error("Has or Values finds what is not there")
	}
}

// Names outside ASCII have case in Unicode, but not in HTTP.
func TestHeaderNamesFoldInASCIIOnly(t *testing.T) {
	h := Headers{{"X-\u212aey", "kelvin"}} // the Kelvin sign folds to k
	if h.Has("X-\u212aEY") == false {
		t.Error("ASCII letters beside others must fold")
	}
	if (Headers{{"X-\u017f\u017f", "long s"}}).Has("X-ssss") {
		t.Error("a long s is no s")
	}
}

func TestNamesOfEnums(t *testing.T) {
	for got, want := range map[string]string{
		SourceHAR.String(): "har", Source(99).String(): "unknown", OK.String(): "", Unreachable.String(): "unreachable", Class(99).String(): "unknown",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if len(classNames) != int(Unreachable)+1 || len(sourceNames) != int(SourceFile)+1 {
		t.Error("a class or source has no name")
	}
}
