package exchange

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testRedactor(t testing.TB, rules RedactRules) *Redactor {
	t.Helper()
	r, err := NewRedactorWithKey(rules, []byte("the key of the tests"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// holes in the texts of these tests stand for marks: ⟨abc⟩ for that of abc in
// headers and bodies, ⟪abc⟫ for that in URLs, ⟨#12⟩ for that of a number. Where
// a secret is written with escapes, ⟨a\/b~a/b⟩ has it both ways.
var holes = regexp.MustCompile(`(?s)⟨[^⟩]+⟩|⟪[^⟫]+⟫`)

func filled(r *Redactor, want string) string {
	return holes.ReplaceAllStringFunc(want, func(hole string) string {
		secret := hole[len("⟨") : len(hole)-len("⟩")]
		written, plain, found := strings.Cut(secret, "~")
		if !found {
			plain = written
		}
		m := *r.masked(strings.TrimPrefix(plain, "#"), asIs)
		m.mark.Len = len(written)
		if strings.HasPrefix(secret, "#") {
			m.mark.Kind, m.mark.Len = "num", len(written)-1
		}
		if strings.HasPrefix(hole, "⟪") {
			return m.mark.URL()
		}
		return m.mark.String()
	})
}

type textCase struct{ in, want string }

// checkTexts redacts each text, compares, and redacts again.
func checkTexts(t *testing.T, redact func(*Redactor, string) string, cases []textCase) {
	t.Helper()
	r := testRedactor(t, RedactRules{})
	for _, c := range cases {
		got := redact(r, c.in)
		if want := filled(r, c.want); got != want {
			t.Errorf("redacting\n  %s\ngave\n  %s\nwant\n  %s", c.in, got, want)
		}
		if again := redact(r, got); again != got {
			t.Errorf("redacting twice\n  %s\ngave\n  %s\nthen\n  %s", c.in, got, again)
		}
	}
}

func TestText(t *testing.T) {
	checkTexts(t, (*Redactor).Text, []textCase{
		// JSON
		{`{"password":"hunter2","user":"bob"}`, `{"password":"⟨hunter2⟩","user":"bob"}`},
		{`{"Access-Token" : "abc"}`, `{"Access-Token" : "⟨abc⟩"}`},
		{`{"apiKey":"abc","clientSecret":"def","x_api_key":"ghi"}`, `{"apiKey":"⟨abc⟩","clientSecret":"⟨def⟩","x_api_key":"⟨ghi⟩"}`},
		{`{"p\u0061ssword":"a","passwor\u0064":"b"}`, `{"p\u0061ssword":"⟨a⟩","passwor\u0064":"⟨b⟩"}`},
		{`{"token":"ab\/cd"}`, `{"token":"⟨ab\/cd~ab/cd⟩"}`},
		{`{"token":"a\"b"}`, `{"token":"⟨a\"b~a"b⟩"}`},
		{`{"otp":123456,"token":-1.5e3}`, `{"otp":"⟨#123456⟩","token":"⟨#-1.5e3⟩"}`},
		{`{"session":{"id":7,"user":{"name":"x y"}},"b":1}`, `{"session":{"id":7,"user":{"name":"⟨x y⟩"}},"b":1}`},
		{`{"secret":["a",["b"],{"c":"d"},null,true,""]}`, `{"secret":["⟨a⟩",["⟨b⟩"],{"c":"⟨d⟩"},null,true,""]}`},
		{`{"token":null,"auth":true,"password":"","jwt":"undefined","pwd":"[object Object]"}`,
			`{"token":null,"auth":true,"password":"","jwt":"undefined","pwd":"[object Object]"}`},
		{`{"token":"abc`, `{"token":"⟨abc⟩`},
		{`{"secret":{"a":"b`, `{"secret":{"a":"⟨b⟩`},
		{`{"token":"{abc}"}`, `{"token":"⟨{abc}⟩"}`},
		{`{"a":"b"}` + "\n" + `{"token":"c"}` + "\n", `{"a":"b"}` + "\n" + `{"token":"⟨c⟩"}` + "\n"},
		{"data: {\"token\":\ndata: \"abc\"}\n\n", "data: {\"token\":\ndata: \"⟨abc⟩\"}\n\n"},
		{`{"log":"{\"password\":\"a\\\"b\",\"pin\":4321}"}`, `{"log":"{\"password\":\"⟨a\\\"b~a"b⟩\",\"pin\":\"⟨#4321⟩\"}"}`},
		{`{"user[password]":"abc","tokens":3,"total_tokens":512}`, `{"user[password]":"⟨abc⟩","tokens":3,"total_tokens":512}`},
		{`{"Authorization":"Bearer abc","cookie":"a=b; c=d"}`, `{"Authorization":"Bearer ⟨abc⟩","cookie":"a=⟨b⟩; c=⟨d⟩"}`},
		{`{"headers":{"set-cookie":["sid=abc; Path=/"]}}`, `{"headers":{"set-cookie":["sid=⟨abc⟩; Path=/"]}}`},
		{`{"url":"https:\/\/u:p@h\/?token=a\/b\u0026code=c1"}`, `{"url":"https:\/\/⟪u:p⟫@h\/?token=⟪a\/b⟫\u0026code=⟪c1⟫"}`},
		// codes and states for people
		{`{"code":"token_not_valid","state":"open","status":401}`, `{"code":"token_not_valid","state":"open","status":401}`},
		{`{"code":404,"errors":[{"code":"ECONNREFUSED"}]}`, `{"code":404,"errors":[{"code":"ECONNREFUSED"}]}`},
		{`{"code":"4/0AX4XfWh","state":"xyzzy1"}`, `{"code":"⟨4/0AX4XfWh⟩","state":"⟨xyzzy1⟩"}`},
		{`{"label":"Password:","next":"Token: "}`, `{"label":"Password:","next":"Token: "}`},
		{`{"detail":"Token: signature has expired"}`, `{"detail":"Token: signature has expired"}`},
		// dumps and logs
		{"GET / HTTP/1.1\r\nAuthorization: Bearer abc\r\nCookie: a=b; c=d\r\nHost: x\r\n", "GET / HTTP/1.1\r\nAuthorization: Bearer ⟨abc⟩\r\nCookie: a=⟨b⟩; c=⟨d⟩\r\nHost: x\r\n"},
		{`{"dump":"X-A: b\r\nAuthorization: Bearer abc\r\nHost: x"}`, `{"dump":"X-A: b\r\nAuthorization: Bearer ⟨abc⟩\r\nHost: x"}`},
		{`curl -H 'Authorization: Bearer abc' -H "X-Api-Key: k" -u x`, `curl -H 'Authorization: Bearer ⟨abc⟩' -H "X-Api-Key: ⟨k⟩" -u x`},
		{`sent Bearer abcdefghijklmnop1 to you`, `sent Bearer ⟨abcdefghijklmnop1⟩ to you`},
		{`sent Basic dXNlcjpwYXNz to you`, `sent Basic ⟨dXNlcjpwYXNz⟩ to you`},
		{`Bearer authentication is required, Basic is not enough`, `Bearer authentication is required, Basic is not enough`},
		{"password: correct horse\nuser: bob", "password: ⟨correct horse⟩\nuser: bob"},
		{"token = abc\nx = y\nPASSWORD=d&f g\n", "token = ⟪abc⟫\nx = y\nPASSWORD=⟪d⟫&f g\n"},
		{`{'password': 'hunter2', 'n': 1}`, `{'password': '⟨hunter2⟩', 'n': 1}`},
		{`{"repr":"{'password': 'hunter2'}"}`, `{"repr":"{'password': '⟨hunter2⟩'}"}`},
		{`{"password"=>"hunter2", :token=>"abc"}`, `{"password"=>"⟨hunter2⟩", :token=>"⟨abc⟩"}`},
		{`connecting to postgres://bob:pw1@db:5432/x failed`, `connecting to postgres://⟪bob:pw1⟫@db:5432/x failed`},
		{`see http://localhost:5173/@vite/client and a@b.example`, `see http://localhost:5173/@vite/client and a@b.example`},
		{`{"query":"mutation { login(password: \"abc\") }"}`, `{"query":"mutation { login(password: \"⟨abc⟩\") }"}`},
		// HTML
		{`<a href="/r?token=abc&amp;code=d1&amp;x=1">`, `<a href="/r?token=⟪abc⟫&amp;code=⟪d1⟫&amp;x=1">`},
		{`<input value="abc" type=hidden name="csrf_token">`, `<input value="⟨abc⟩" type=hidden name="csrf_token">`},
		{`<input name='SAMLResponse' value='PHNhbWw+'/>`, `<input name='SAMLResponse' value='⟨PHNhbWw+⟩'/>`},
		{`<meta name="csrf-token" content="abc"><meta name="x" content="y">`, `<meta name="csrf-token" content="⟨abc⟩"><meta name="x" content="y">`},
		{`<div data-page="{&quot;token&quot;:&quot;abc&quot;,&quot;pin&quot;:4321}">`, `<div data-page="{&quot;token&quot;:&quot;⟨abc⟩&quot;,&quot;pin&quot;:&quot;⟨#4321⟩&quot;}">`},
		{`<pre>&#x27;password&#x27;: &#x27;abc&#x27;</pre>`, `<pre>&#x27;password&#x27;: &#x27;⟨abc⟩&#x27;</pre>`},
		{`<label title="Password:" x="y">`, `<label title="Password:" x="y">`},
		// nothing to see
		{`{"author":"x","keyboard":"y","stateless":"z","decode":"w"}`, `{"author":"x","keyboard":"y","stateless":"z","decode":"w"}`},
		{"", ""},
	})
}

func TestURL(t *testing.T) {
	checkTexts(t, (*Redactor).URL, []textCase{
		{"http://localhost:8900/api/items?page=2&sort=name", "http://localhost:8900/api/items?page=2&sort=name"},
		{"http://h/cb?code=a1&state=b1&error=access_denied", "http://h/cb?code=⟪a1⟫&state=⟪b1⟫&error=access_denied"},
		{"/cb?x=1;token=abc;y#access_token=def&expires_in=3600", "/cb?x=1;token=⟪abc;y⟫#access_token=⟪def⟫&expires_in=3600"},
		{"http://h/?token=&code=undefined&key=null", "http://h/?token=&code=undefined&key=null"},
		{"http://h/?token=a%2Fb&api_key=a+b", "http://h/?token=⟪a%2Fb~a/b⟫&api_key=⟪a+b~a b⟫"},
		{"http://h/?user%5Bpassword%5D=x1&tok%65n=y1&token[]=z1", "http://h/?user%5Bpassword%5D=⟪x1⟫&tok%65n=⟪y1⟫&token[]=⟪z1⟫"},
		{"https://bob:pa@ss@h/a@b", "https://⟪bob:pa@ss⟫@h/a@b"},
		{"//bob@h/", "//⟪bob⟫@h/"},
		{"http://h/a;jsessionid=ABC1?x=1", "http://h/a;jsessionid=⟪ABC1?x=1⟫"},
		{"0; url=http://h/?token=abc", "0; url=http://h/?token=⟪abc⟫"},
		{"http://h/?next=https%3A%2F%2Fapp%2Fcb%3Fcode%3Dab1%26x%3D1&y=2", "http://h/?next=https%3A%2F%2Fapp%2Fcb%3Fcode%3D⟪ab1⟫%26x%3D1&y=2"},
		{"http://h/?a=%2Fl%3Fb%3D%252Fcb%253Ftoken%253Dab%25252Fc%2526d%253D1%26e%3D1", "http://h/?a=%2Fl%3Fb%3D%252Fcb%253Ftoken%253D⟪ab%25252Fc~ab/c⟫%2526d%253D1%26e%3D1"},
		{"http://h/?u=https%3A%2F%2Fbob%3Apw%40h2%2F", "http://h/?u=https%3A%2F%2F⟪bob%3Apw~bob:pw⟫%40h2%2F"},
		{"http://h/?variables=%7B%22token%22%3A%22ab1%22%2C%22pin%22:1234%7D", "http://h/?variables=%7B%22token%22%3A%22⟪ab1⟫%22%2C%22pin%22:%22⟪1234⟫%22%7D"},
		{"http://s3/a?X-Amz-Credential=k1&X-Amz-Date=2026&X-Amz-Signature=s1", "http://s3/a?X-Amz-Credential=⟪k1⟫&X-Amz-Date=2026&X-Amz-Signature=⟪s1⟫"},
		{"http://h/?state=open&code=200&key=5", "http://h/?state=open&code=200&key=5"},
	})
}

func TestFormBody(t *testing.T) {
	form := Headers{{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}}
	checkTexts(t, bodyWith(form), []textCase{
		{"user=bob&password=a+b%21&grant_type=password", "user=bob&password=⟪a+b%21~a b!⟫&grant_type=password"},
		{"grant_type=refresh_token&refresh_token=abc\n", "grant_type=refresh_token&refresh_token=⟪abc⟫\n"},
		{"SAMLResponse=PHNh%2Bg%3D&RelayState=x", "SAMLResponse=⟪PHNh%2Bg%3D~PHNh+g=⟫&RelayState=x"},
		{`{"password":"json sent as a form"}`, `{"password":"⟨json sent as a form⟩"}`},
	})
}

// bodyWith redacts a request's body under some headers.
func bodyWith(h Headers) func(*Redactor, string) string {
	return func(r *Redactor, data string) string {
		x := &Exchange{Request: Request{Headers: h, Body: Body{Size: int64(len(data)), Data: data}}}
		return r.Exchange(x).Request.Body.Data
	}
}

func TestMultipartBody(t *testing.T) {
	const in = "--B1\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nbob\r\n" +
		"--B1\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\ntwo\r\nlines\r\n" +
		"--B1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n{\"token\":\"abc\"}\r\n" +
		"--B1--\r\n"
	const want = "--B1\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nbob\r\n" +
		"--B1\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n⟨two\r\nlines⟩\r\n" +
		"--B1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n{\"token\":\"⟨abc⟩\"}\r\n" +
		"--B1--\r\n"
	cases := []textCase{{in, want}, {in[:strings.Index(in, "lines")], want[:strings.Index(want, "⟨two")] + "⟨two\r\n⟩"}}
	checkTexts(t, bodyWith(Headers{{"Content-Type", "multipart/form-data; boundary=B1"}}), cases)
	checkTexts(t, bodyWith(Headers{{"Content-Type", "multipart/form-data"}}), cases)
	lf := strings.NewReplacer("\r\n", "\n")
	checkTexts(t, bodyWith(Headers{{"Content-Type", "multipart/form-data; boundary=B1"}}), []textCase{{lf.Replace(in), lf.Replace(want)}})
}

func TestXMLAndScriptBodies(t *testing.T) {
	checkTexts(t, bodyWith(Headers{{"Content-Type", "application/soap+xml"}}), []textCase{
		{`<l><user>bob</user><wsse:Password Type="t"> abc </wsse:Password></l>`, `<l><user>bob</user><wsse:Password Type="t"> ⟨abc⟩ </wsse:Password></l>`},
		{`<token><![CDATA[a<b]]></token>`, `<token><![CDATA[⟨a<b⟩]]></token>`},
		{`<token/><secret></secret>`, `<token/><secret></secret>`},
	})
	const script = `const token = get(); state={key:e.key,code:"a1"}; fetch("/x?token=abc"); x={"password":y}`
	checkTexts(t, bodyWith(Headers{{"Content-Type", "text/javascript"}}), []textCase{
		{script, strings.Replace(strings.Replace(script, "=abc", "=⟪abc⟫", 1), ":y", `:"⟨y⟩"`, 1)},
	})
}

func TestBodyUnderACodingIsDropped(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	for _, test := range []struct {
		coding, data string
		decoded      bool
		want         string
	}{
		{"gzip", "\x1f\x8b\x08secret", false, "‹redacted body·HASH len=9 coding=gzip›"},
		{"gzip, br", "secret", false, "‹redacted body·HASH len=6 coding=gzip%2C%20br›"},
		{"gzip", "plain", true, "plain"},
		{"identity", "plain", false, "plain"},
		{"", "\xff\xfe{\x00", false, "‹redacted body·HASH len=4 coding=utf-16›"},
	} {
		x := &Exchange{Response: &Response{Headers: Headers{{"Content-Encoding", test.coding}},
			Body: Body{Size: 100, Data: test.data, Decoded: test.decoded}}}
		body := r.Exchange(x).Response.Body
		want := strings.Replace(test.want, "HASH", r.hash(test.data), 1)
		if body.Data != want || body.Size != 100 {
			t.Errorf("%s: got %+v, want %s", test.coding, body, want)
		}
		if body.Data != test.data && (!body.Decoded || !body.Truncated()) {
			t.Errorf("%s: %+v does not say that it is no more what passed, and was cut", test.coding, body)
		}
		if again := r.Exchange(r.Exchange(x)).Response.Body; again != body {
			t.Errorf("%s: redacting again gave %+v", test.coding, again)
		}
	}
}

// A mark is longer or shorter than its secret, so the body's length says no
// more whether it was captured whole.
func TestRedactedBodyRemembersWhetherItWasCut(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	const data = `{"token":"abc"}`
	for _, size := range []int64{int64(len(data)), 100} {
		x := &Exchange{Request: Request{Body: Body{Size: size, Data: data}}}
		if got, want := r.Exchange(x).Request.Body.Truncated(), size == 100; got != want {
			t.Errorf("%d of %d bytes captured: Truncated() = %v after redaction", len(data), size, got)
		}
	}
}

func TestHeaders(t *testing.T) {
	token := "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."
	tests := []struct{ name, in, want string }{
		{"Authorization", "Bearer abc", "Bearer ⟨abc⟩"},
		{"authorization", "bearer  abc", "bearer  ⟨abc⟩"},
		{"Authorization", "Basic dTpw", "Basic ⟨dTpw⟩"},
		{"Authorization", `Digest username="u", response="r"`, `Digest ⟨username="u", response="r"⟩`},
		{"Authorization", "Bearer Bearer abc", "Bearer Bearer ⟨abc⟩"},
		{"Authorization", `Bearer "abc"`, `Bearer "⟨abc⟩"`},
		{"Authorization", "abc def", "⟨abc def⟩"},
		{"Authorization", "Bearer undefined", "Bearer undefined"},
		{"Authorization", "Bearer null", "Bearer null"},
		{"Authorization", "Bearer [object Object]", "Bearer [object Object]"},
		{"Authorization", `Bearer ""`, `Bearer ""`},
		{"Authorization", "Bearer", "Bearer"},
		{"Authorization", "", ""},
		{"Proxy-Authorization", "Negotiate abc", "Negotiate ⟨abc⟩"},
		{"X-API-Key", "abc", "⟨abc⟩"},
		{"X-Goog-IAP-Token", "abc", "⟨abc⟩"},
		{"X-CSRFToken", "abc", "⟨abc⟩"},
		{"X-Auth", "abc", "⟨abc⟩"},
		{"Cookie", `a=b; sid="c d";e=; f; g=undefined`, `a=⟨b⟩; sid="⟨c d⟩";e=; ⟨f⟩; g=undefined`},
		{"Cookie", "a=b%3D%2F", "a=⟨b%3D%2F~b=/⟩"},
		{"Set-Cookie", "sid=abc=; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; SameSite=None", "sid=⟨abc=⟩; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; SameSite=None"},
		{"Set-Cookie", "a=b; Path=/, c=d; Secure", "a=⟨b⟩; Path=/, c=⟨d⟩; Secure"},
		{"Set-Cookie", "a=b; c=d; Path=/", "a=⟨b⟩; c=⟨d⟩; Path=/"},
		{"Set-Cookie", "a=; Max-Age=0", "a=; Max-Age=0"},
		{"Set-Cookie", "abc", "⟨abc⟩"},
		{"Sec-WebSocket-Protocol", "graphql-ws, bearer, abc", "graphql-ws, bearer, ⟨abc⟩"},
		{"Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.YWJj, v12.stomp", "base64url.bearer.authorization.k8s.io.⟨YWJj⟩, v12.stomp"},
		{"Referer", "http://h/?token=abc", "http://h/?token=⟪abc⟫"},
		{"Location", "/cb#id_token=abc&state=d1", "/cb#id_token=⟪abc⟫&state=⟪d1⟫"},
		{"Refresh", "0;url=/x?session=abc", "0;url=/x?session=⟪abc⟫"},
		{"Link", `</x?page=2&api_key=abc>; rel="next"`, `</x?page=2&api_key=⟪abc⟫>; rel="next"`},
		{"X-Debug", `{"token":"abc"}`, `{"token":"⟨abc⟩"}`},
		{"X-Trace", "id=7; token=abc; x", "id=7; token=⟪abc⟫; x"},
		{"X-Any", "see " + token, "see ⟨" + token + "⟩"},
		{"WWW-Authenticate", `Bearer realm="api", error="invalid_token", error_description="The token expired"`, `Bearer realm="api", error="invalid_token", error_description="The token expired"`},
		{"Origin", "http://localhost:3000", "http://localhost:3000"},
		{"Access-Control-Allow-Headers", "authorization, x-api-key", "authorization, x-api-key"},
		{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="},
		{"Idempotency-Key", "7d9c", "7d9c"},
	}
	r := testRedactor(t, RedactRules{})
	for _, test := range tests {
		x := &Exchange{Request: Request{Headers: Headers{{test.name, test.in}}}}
		got := r.Exchange(x)
		if want := filled(r, test.want); got.Request.Headers[0] != (Header{test.name, want}) {
			t.Errorf("%s: %s\n got %q\nwant %q", test.name, test.in, got.Request.Headers[0].Value, want)
		}
		if again := r.Exchange(got); again.Request.Headers[0] != got.Request.Headers[0] {
			t.Errorf("%s: %s\nfirst %q\n then %q", test.name, test.in, got.Request.Headers[0].Value, again.Request.Headers[0].Value)
		}
	}
}

func TestContinuedHeaderLines(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	in := ParseHeaders("Authorization: Bearer abc\r\n def\r\nX-A: b\r\n\tc:d\r\nno colon token=e\r\n")
	want := Headers{{"Authorization", "Bearer " + r.masked("abc", asIs).text}, {" " + r.masked("def", asIs).text, ""},
		{"X-A", "b"}, {"\tc", "d"}, {"no colon token=" + r.masked("e", asIs).url, ""}}
	got := r.Exchange(&Exchange{Request: Request{Headers: in}}).Request.Headers
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRules(t *testing.T) {
	r := testRedactor(t, RedactRules{
		Headers: []string{"X-Internal", "x-corp-*-id"}, Keys: []string{"email", "SSN", "last_name"},
		Keep: []string{"X-Api-Key", "session", "theme"}, Patterns: []string{`\b\d{16}\b`, `iban:(\w+)`},
	})
	x := &Exchange{
		Request: Request{URL: "http://h/4111111111111111?email=a@b&session=s1&lastname=n1", Headers: Headers{
			{"X-Internal", "abc"}, {"X-Corp-User-ID", "u1"}, {"x-api-key", "kept"}, {"Cookie", "theme=dark; a=b"}, {"X-Pay", "card 4111111111111111"}}},
		Response: &Response{Body: Body{Data: `{"Email":"x","ssn":12345,"card":4111111111111111,"cards":"\u00344111111111111111, 5500005555555559","i":"iban:DE1","lastName":"n1"}`}},
	}
	got := r.Exchange(x)
	want := &Exchange{Redacted: true,
		Request: Request{URL: filled(r, "http://h/⟪4111111111111111⟫?email=⟪a@b⟫&session=s1&lastname=⟪n1⟫"), Headers: Headers{
			{"X-Internal", filled(r, "⟨abc⟩")}, {"X-Corp-User-ID", filled(r, "⟨u1⟩")}, {"x-api-key", "kept"},
			{"Cookie", filled(r, "theme=dark; a=⟨b⟩")}, {"X-Pay", filled(r, "card ⟨4111111111111111⟩")}}},
		Response: &Response{Body: Body{Decoded: true, Data: filled(r,
			`{"Email":"⟨x⟩","ssn":"⟨#12345⟩","card":"⟨#4111111111111111⟩","cards":"\u00344111111111111111, ⟨5500005555555559⟩","i":"iban:⟨DE1⟩","lastName":"⟨n1⟩"}`)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(got, r.Exchange(got)); diff != "" {
		t.Errorf("redacting twice: %s", diff)
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		rules RedactRules
		want  string
	}{
		{RedactRules{Patterns: []string{"ok", "(a"}}, "redact pattern 2: error parsing regexp"},
		{RedactRules{Patterns: []string{"a*"}}, "matches the empty text"},
		{RedactRules{Keys: []string{""}}, `redact keys, entry 1: "" is no name`},
		{RedactRules{Headers: []string{"*"}}, `redact headers, entry 1: "*" is no name`},
		{RedactRules{Keep: []string{"x", " - "}}, `redact keep, entry 2: " - " is no name`},
	} {
		if _, err := NewRedactor(test.rules); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error %v, want %q", test.rules, err, test.want)
		}
	}
}
