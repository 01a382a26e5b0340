package exchange

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func makeJWT(header, claims, signature string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	return b64([]byte(header)) + "." + b64([]byte(claims)) + "." + b64([]byte(signature))
}

const jwtHeader = `{"alg":"RS256","typ":"JWT","kid":"k1"}`

func TestJWTMark(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	sub, kid := r.hash(`"u1"`), r.hash(`"k1"`)
	full := makeJWT(jwtHeader, `{"sub":"u1","iss":"https://id.example","aud":["a","b"],"exp":1700000000,"nbf":1.5,"iat":9007199254740993,"email":"x"}`, "sig")
	plain := makeJWT(jwtHeader, `{"sub":"u1"}`, "sig")
	tests := []struct {
		name, token string
		want        Mark
	}{
		{"full", full, Mark{Alg: "RS256", Typ: "JWT", Iss: "https://id.example", Aud: []string{"a", "b"}, Exp: "1700000000", Nbf: "1.5", Iat: "9007199254740993", Sub: sub, Kid: kid}},
		{"one audience", makeJWT(`{"alg":"none"}`, `{"aud":"a"}`, ""), Mark{Alg: "none", Aud: []string{"a"}}},
		{"ID token", makeJWT(`{"alg":"RS256"}`, `{"nonce":"n","sid":"s1"}`, "s"), Mark{Alg: "RS256", Sid: r.hash(`"s1"`), Use: "id"}},
		{"access token", makeJWT(`{"alg":"RS256","typ":"at+JWT"}`, `{"nonce":"n"}`, "s"), Mark{Alg: "RS256", Typ: "at+JWT", Use: "access"}},
		{"refresh token", makeJWT(`{"alg":"HS512"}`, `{"typ":"Refresh"}`, "s"), Mark{Alg: "HS512", Use: "refresh"}},
		{"unknown algorithm", makeJWT(`{"alg":"ES256K"}`, `{}`, "s"), Mark{Alg: "ES256K"}},
		{"times that are none", makeJWT(`{"alg":"HS256"}`, `{"exp":"1700","nbf":null,"iat":{"password":"x"}}`, "s"), Mark{Alg: "HS256", Exp: `"1700"`, Iat: "invalid"}},
		{"claim too long", makeJWT(`{"alg":"HS256"}`, `{"iss":"`+strings.Repeat("x", 201)+`"}`, "s"), Mark{Alg: "HS256"}},
		{"two parts", plain[:strings.LastIndexByte(plain, '.')], Mark{Alg: "RS256", Typ: "JWT", Sub: sub, Kid: kid, Bad: "parts"}},
		{"cut in the claims", full[:len(full)/2], Mark{Alg: "RS256", Typ: "JWT", Kid: kid, Bad: "parts"}},
		{"claims that are none", strings.Replace(plain, ".", ".x", 1), Mark{Alg: "RS256", Typ: "JWT", Kid: kid, Bad: "payload"}},
		{"padding", plain + "=", Mark{Alg: "RS256", Typ: "JWT", Sub: sub, Kid: kid, Bad: "padding"}},
		{"encoded", strings.ReplaceAll(plain, ".", "%2E"), Mark{Alg: "RS256", Typ: "JWT", Sub: sub, Kid: kid, Bad: "encoded"}},
		{"encrypted", makeJWT(`{"alg":"RSA-OAEP","enc":"A256GCM"}`, "k", "iv") + ".Y2lwaGVy.dGFn", Mark{Alg: "RSA-OAEP"}},
		{"header with blanks", makeJWT("{\n \"alg\":\"RS256\"}", `{"sub":"u1"}`, "s"), Mark{Alg: "RS256", Sub: sub}},
	}
	for _, test := range tests {
		test.want.Kind, test.want.Len, test.want.Hash = "jwt", len(test.token), r.hash(test.token)
		x := &Exchange{Request: Request{
			URL:     "http://h/verify/" + test.token + "?x=1",
			Headers: Headers{{"Authorization", "Bearer " + test.token}, {"X-Other", "(" + test.token + ")"}},
			Body:    Body{Data: `{"note":"` + test.token + `"}`},
		}}
		got := r.Exchange(x).Request
		for _, place := range []struct{ name, text, before, after string }{
			{"Authorization", got.Headers[0].Value, "Bearer ", ""},
			{"other header", got.Headers[1].Value, "(", ")"},
			{"body", got.Body.Data, `{"note":"`, `"}`},
			{"URL", got.URL, "http://h/verify/", "?x=1"},
		} {
			text, ok1 := strings.CutPrefix(place.text, place.before)
			text, ok2 := strings.CutSuffix(text, place.after)
			mark, ok := ParseMark(text)
			if diff := cmp.Diff(test.want, mark); !ok || !ok1 || !ok2 || diff != "" {
				t.Errorf("%s in %s: %s\n%s", test.name, place.name, place.text, diff)
			}
		}
	}
}

func TestWhatIsNoJWT(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	for _, text := range []string{
		"eyJ", "eyJhbGciOi", "x.eyJ.y", "eyJub3QiOiJhIHRva2VuIn0.e30.x", // {"not":"a token"}
		"https://h/eyJhIjoxfQ==", "1.5 of 3.7", "package.json", "JJJ", "eyJhbGciOiJ!!",
	} {
		if got := r.Text(text); got != text {
			t.Errorf("%s became %s", text, got)
		}
	}
}

// Frameworks put JSON in base64 into cookies and parameters.
func TestSecretsInBase64(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
		secret := enc.EncodeToString([]byte(`{"access_token":"abc","user":"bob??>>"}`))
		plain := enc.EncodeToString([]byte(`{"page":"abc","user":"bob??>>"}`))
		in := "data=" + secret + " more=" + plain
		want := "data=" + r.masked(secret, asIs).text + " more=" + plain
		if got := r.Text(in); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

func TestMarkOfSecret(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	token := makeJWT(jwtHeader, `{"sub":"u1","exp":1700000000}`, "sig")
	got := r.Mark(token)
	if got.Kind != "jwt" || got.Exp != "1700000000" || got.Sub != r.hash(`"u1"`) || got.Hash != r.hash(token) {
		t.Errorf("got %+v", got)
	}
	for _, form := range []string{got.String(), got.URL()} {
		if diff := cmp.Diff(got, r.Mark(form)); diff != "" {
			t.Errorf("the mark of %s: %s", form, diff)
		}
	}
	if opaque := r.Mark("s3cret"); opaque.Kind != "tok" || opaque.Len != 6 || opaque.Hash != r.hash("s3cret") {
		t.Errorf("got %+v", opaque)
	}
}
