package config

import (
	"testing"
	"time"
)

func TestSize(t *testing.T) {
	for text, want := range map[string]Size{
		"0": 0, "512": 512, "512B": 512, "256KB": 256 << 10, "256 kib": 256 << 10, "256k": 256 << 10,
		"1.5MB": 3 << 19, "64MB": 64 << 20, "2GB": 2 << 30,
	} {
		var got Size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "KB", "-1", "1TB", "lots", "NaN", "Inf", "1e300GB"} {
		var got Size
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %d; want an error", text, got)
		}
	}
}

func TestSizeText(t *testing.T) {
	for size, want := range map[Size]string{0: "0", 1: "1B", 1 << 10: "1KB", 1<<20 + 1: "1048577B", 256 << 10: "256KB", 3 << 30: "3GB"} {
		if got := size.String(); got != want {
			t.Errorf("%d reads %q; want %q", int64(size), got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for text, want := range map[string]string{"10s": "10s", "300s": "5m", "1h": "1h", "90m": "1h30m", "0s": "0s", "1500ms": "1.5s", "61m1s": "1h1m1s"} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || d.String() != want {
			t.Errorf("%q reads %q, %v; want %q", text, d, err, want)
		}
		if back, err := time.ParseDuration(d.String()); err != nil || back != time.Duration(d) {
			t.Errorf("%q does not read back: %v", d, err)
		}
	}
	for _, text := range []string{"", "10", "-1s", "soon"} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a duration", text)
		}
	}
}

func FuzzSize(f *testing.F) {
	f.Add("256KB")
	f.Fuzz(func(t *testing.T, text string) {
		var s, again Size
		if s.UnmarshalText([]byte(text)) != nil {
			return
		}
		if s < 0 {
			t.Fatalf("%q is negative", text)
		}
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			// Beyond 2^53 a float64 has no room for every byte.
			if s < 1<<53 {
				t.Fatalf("%q is %d, reads %q, which is %d, %v", text, s, s, again, err)
			}
		}
	})
}
