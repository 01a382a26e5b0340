package report

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"corsdash/internal/exchange"
)

func TestPlainIsOneSafeLineEach(t *testing.T) {
	out := printed("plain", Options{}, scenes()...)
	if n := strings.Count(out, "\n"); n != 4 {
		t.Errorf("%d lines for 4 exchanges", n)
	}
	for _, r := range out {
		if r != '\n' && (unicode.IsControl(r) || r >= 0x2500 && r <= 0x28ff || r == 0x202e) {
			t.Errorf("%U in %q", r, out)
		}
	}
}

func TestPlainFailures(t *testing.T) {
	for class := exchange.Refused; class <= exchange.Unreachable; class++ {
		if failures[class] == "" {
			t.Errorf("there are no words for %v", class)
		}
	}
}

func TestSpansAndSizes(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 40 * time.Microsecond: "0 ms", 1500 * time.Microsecond: "1.5 ms", 12345 * time.Microsecond: "12 ms", 999 * time.Millisecond: "999 ms",
		1500 * time.Millisecond: "1.5 s", 3 * time.Second: "3 s", 90 * time.Second: "1m30s",
	} {
		if got := span(d); got != want {
			t.Errorf("%v reads %q; want %q", d, got, want)
		}
	}
	for n, want := range map[int64]string{1: "1 byte", 21: "21 bytes", 1024: "1 KB", 1536: "1.5 KB", 3 << 20: "3 MB", 5 << 30: "5 GB"} {
		if got := bytesOf(n); got != want {
			t.Errorf("%d reads %q; want %q", n, got, want)
		}
	}
}
