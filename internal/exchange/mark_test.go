package exchange

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var marks = []Mark{
	{Kind: "tok", Hash: "7f3a91c2", Len: 812},
	{Kind: "num", Hash: "00000000", Len: 0},
	{Kind: "body", Hash: "7f3a91c2", Len: 5, Coding: "gzip, br"},
	{Kind: "jwt", Hash: "7f3a91c2", Len: 812, Alg: "RS256", Typ: "at+jwt", Iss: "https://id.example/a-b?x=1 y›", Aud: []string{"a", "b c", "‹"},
		Exp: "1700000000", Nbf: "1.5e3", Iat: `"17"`, Sub: "0a1b2c3d", Sid: "12345678", Kid: "ffffffff", Use: "id", Bad: "parts"},
}

func TestMarksAreReadBack(t *testing.T) {
	for _, mark := range marks {
		for _, text := range []string{mark.String(), mark.URL()} {
			got, ok := ParseMark(text)
			if diff := cmp.Diff(mark, got); !ok || diff != "" {
				t.Errorf("%s: %v %s", text, ok, diff)
			}
		}
		for _, c := range mark.URL() {
			if !isUnreserved(byte(c)) || c > 0x7f {
				t.Errorf("%s: %q would have to be escaped in a URL", mark.URL(), c)
			}
		}
	}
}

func TestMarkForms(t *testing.T) {
	mark := Mark{Kind: "jwt", Hash: "7f3a91c2", Len: 812, Alg: "RS256", Iss: "https://id.example", Exp: "1700000000"}
	if got, want := mark.String(), "‹redacted jwt·7f3a91c2 len=812 alg=RS256 iss=https://id.example exp=1700000000›"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := mark.URL(), "redacted-jwt-7f3a91c2-len-812-alg-RS256-iss-https~3A~2F~2Fid.example-exp-1700000000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := mark.Fingerprint(), "tok·7f3a"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseMarkRefuses(t *testing.T) {
	for _, s := range []string{
		"", "redacted", "‹redacted ›", "‹redacted tok·7f3a91c2›", "‹redacted tok·7f3a91c2 len=›", "‹redacted tok·7f3a91c2 len=-1›",
		"‹redacted tok·7f3a len=1›", "‹redacted tok·7F3A91C2 len=1›", "‹redacted key·7f3a91c2 len=1›", "‹redacted tok·7f3a91c2 len=1",
		"‹redacted tok·7f3a91c2 len=1› ", "‹redacted tok·7f3a91c2 len=1 x=y›", "‹redacted tok·7f3a91c2 alg=x len=1›", "‹redacted tok·7f3a91c2 len=1 alg=a alg=b›",
		"‹redacted tok·7f3a91c2 len=1 alg=%›", "‹redacted tok·7f3a91c2 len=1 alg=›", "redacted-tok-7f3a91c2-len-", "redacted-tok-7f3a91c2-len-1-alg",
		"redacted-tok-7f3a91c2-1", "redacted-tok-7f3a91c2-len-1-alg-~4", "‹redacted tok·7f3a91c2 len=99999999999›",
	} {
		if m, ok := ParseMark(s); ok {
			t.Errorf("%q read as %+v", s, m)
		}
	}
}

func FuzzParseMark(f *testing.F) {
	for _, mark := range marks {
		f.Add(mark.String())
		f.Add(mark.URL())
	}
	f.Fuzz(func(t *testing.T, s string) {
		mark, ok := ParseMark(s)
		if !ok {
			return
		}
		for _, text := range []string{mark.String(), mark.URL()} {
			again, ok := ParseMark(text)
			if diff := cmp.Diff(mark, again); !ok || diff != "" {
				t.Errorf("%q became %q: %s", s, text, diff)
			}
		}
		if strings.ContainsAny(mark.String(), "\"\\\r\n<>&;,") {
			t.Errorf("%q would break what it stands in", mark.String())
		}
	})
}
