package exchange

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
)

// canaries hands out secrets, each its own, with bytes that every encoding
// has to write differently.
type canaries struct{ issued []string }

func (c *canaries) next() string {
	secret := fmt.Sprintf("Can4ry/+%d=k%dx", len(c.issued), len(c.issued)*7919)
	c.issued = append(c.issued, secret)
	return secret
}

func (c *canaries) json() string {
	raw, _ := json.Marshal(c.next())
	return string(raw[1 : len(raw)-1])
}

func (c *canaries) query() string { return url.QueryEscape(c.next()) }

func (c *canaries) jwt() string {
	return makeJWT(`{"alg":"HS256","typ":"JWT"}`, `{"email":"`+c.next()+`","exp":1700000000}`, c.next())
}

func (c *canaries) basic() string {
	return base64.StdEncoding.EncodeToString([]byte("user:" + c.next()))
}

// in lists where canaries stand in data, in any of their forms.
func (c *canaries) in(data []byte) (found []string) {
	for _, secret := range c.issued {
		for _, form := range forms(secret) {
			if i := bytes.Index(data, []byte(form)); i >= 0 {
				found = append(found, fmt.Sprintf("%s as %q: …%q…", secret, form, data[max(0, i-40):min(len(data), i+len(form)+10)]))
				break
			}
		}
	}
	return found
}

// forms are the ways a secret may be written.
func forms(secret string) []string {
	quoted := url.QueryEscape(secret)
	list := []string{secret, quoted, url.PathEscape(secret), url.QueryEscape(quoted), strings.ReplaceAll(secret, "/", `\/`)}
	for shift := range 3 { // base64 of the secret behind 0, 1 and 2 other bytes
		raw := base64.RawStdEncoding.EncodeToString([]byte("xx"[:shift] + secret))
		raw = raw[(shift*8+5)/6 : len(raw)-1]
		list = append(list, raw, strings.NewReplacer("+", "-", "/", "_").Replace(raw))
	}
	return list
}

// leaky is an exchange with a secret in every place there is.
func leaky(c *canaries) *Exchange {
	head := func() Headers {
		return Headers{
			{"Authorization", "Bearer " + c.next()}, {"Authorization", "Basic " + c.basic()}, {"authorization", c.jwt()}, {"Authorization", c.next()},
			{"Proxy-Authorization", "Digest response=\"" + c.next() + `"`}, {"Cookie", "a=" + c.next() + "; b=\"" + c.next() + "\";c"},
			{"Set-Cookie", "sid=" + c.next() + "; Path=/; HttpOnly"}, {"Set-Cookie", "a=b; Path=/, c=" + c.next()},
			{"X-Api-Key", c.next()}, {"X-Amz-Security-Token", c.next()}, {"X-Goog-Any-Token", c.next()}, {"X-XSRF-TOKEN", c.next()},
			{"Sec-WebSocket-Protocol", "bearer, " + c.next()}, {"Referer", "http://h/?token=" + c.query()}, {"Location", "/cb#access_token=" + c.query()},
			{"Refresh", "0;url=/?sid=" + c.query()}, {"Link", "</?sig=" + c.query() + ">; rel=next"}, {"X-Forwarded-Uri", "/x?code=" + c.query()},
			{"X-Any", "jwt " + c.jwt()}, {" folded token=" + c.query(), ""},
		}
	}
	urls := "http://user:" + url.PathEscape(c.next()) + "@h/p/" + c.jwt() + "?token=" + c.query() + "&user%5Bpassword%5D=" + c.query() +
		"&next=" + url.QueryEscape("https://h/cb?code="+c.query()+"&x=1") + "#id_token=" + c.jwt()
	body := func() string {
		return `{"password":"` + c.json() + `","a":[{"refreshToken":"` + c.json() + `"}],"secret":{"x":["` + c.json() + `"],"y":{"z":"` + c.json() + `"}},` +
			`"any":"` + c.jwt() + `","url":"https:\/\/u:` + url.PathEscape(c.next()) + `@h\/?api_key=` + c.query() + `\u0026x=1","log":"{\"token\":\"` + c.json() + `\"}",` +
			`"dump":"GET /\r\nAuthorization: Bearer ` + c.json() + `\r\n","b64":"` + base64.StdEncoding.EncodeToString([]byte(`{"token":"`+c.next()+`"}`)) + `"}` +
			"\n" + `{"token":"` + c.json() + `"}` + "\n\ndata: {\"session\":\ndata: \"" + c.json() + "\"}\n\n" + `{"token":"` + c.json()
	}
	frame := body()
	return &Exchange{
		Upstream: "http://user:" + url.PathEscape(c.next()) + "@h",
		Request: Request{Method: "POST", URL: urls, Headers: head(), Trailers: head(),
			Body: Body{Data: "user=bob&password=" + c.query() + "&client_secret=" + c.query() + "&SAMLResponse=" + c.query()}},
		Interim: []Interim{{Status: 103, Headers: head()}},
		Response: &Response{Status: 500, Reason: "token=" + c.query(), Headers: append(head(), Header{"Content-Type", "application/json"}), Trailers: head(),
			Body: Body{Data: body()}},
		Changes: []string{"Location was " + urls, "Authorization: Bearer " + c.next()},
		Failure: Failure{Class: Cut, Detail: "Get \"" + urls + "\": broken"},
		Socket: &Socket{Frames: []Frame{
			{Opcode: 1, Final: true, Data: body()}, {Opcode: 1, Data: frame[:30]}, {Opcode: 0, Final: true, Data: frame[30:]}, {Opcode: 2, Final: true, Data: body()}}},
	}
}

// encoded is what would be written to a file.
func encoded(x *Exchange) []byte {
	var d Draft
	d.Reset(x.Timing.Started)
	d.Load(x)
	return d.Encode(make([]byte, d.Len()))
}

func TestNoCanaryIsWritten(t *testing.T) {
	var c canaries
	x := leaky(&c)
	if found := c.in(encoded(x)); len(found) != len(c.issued) {
		t.Fatalf("only %d of %d canaries are in the exchange", len(found), len(c.issued))
	}
	for _, found := range c.in(encoded(testRedactor(t, RedactRules{}).Exchange(x))) {
		t.Error(found)
	}
}

func TestNoCanaryIsWrittenFromBodies(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	for _, kind := range []string{"multipart/form-data; boundary=B", "application/xml", "text/html", "text/plain", "application/x-ndjson", ""} {
		var c canaries
		data := map[string]string{
			"multipart/form-data; boundary=B": "--B\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n" + c.next() + "\r\n--B\r\nContent-Disposition: form-data; name=x\r\nContent-Type: application/json\r\n\r\n{\"token\":\"" + c.json() + "\"}\r\n--B--",
			"application/xml":                 "<a><wsse:Password>" + c.next() + "</wsse:Password><t>" + c.jwt() + "</t></a>",
			"text/html":                       `<input type="hidden" name="authenticity_token" value="` + c.next() + `"><meta content="` + c.next() + `" name="csrf-token"><a href="/?token=` + c.query() + `&amp;x=1">` + `<div data-x="{&quot;token&quot;:&quot;` + c.next() + `&quot;}">`,
			"text/plain":                      "password: " + c.next() + "\nAuthorization: Bearer " + c.next() + "\nDB_PASSWORD=" + c.next() + "\npostgres://u:" + url.PathEscape(c.next()) + "@h/x",
			"application/x-ndjson":            `{"token":"` + c.json() + `"}` + "\n" + `{"a":{"token":"` + c.json() + `"}}`,
			"":                                "grant_type=password&password=" + c.query() + "&code=" + c.query(),
		}[kind]
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		io.WriteString(w, data)
		w.Close()
		h := Headers{{"Content-Type", kind}, {"Content-Encoding", "gzip"}}
		for name, body := range map[string]Body{
			"coded": {Data: packed.String(), Size: int64(packed.Len())}, "decoded": {Data: data, Size: int64(packed.Len()), Decoded: true},
		} {
			got := encoded(r.Exchange(&Exchange{Response: &Response{Status: 200, Headers: h, Body: body}}))
			for _, found := range c.in(got) {
				t.Errorf("%s, %s: %s", kind, name, found)
			}
			if bytes.Contains(got, []byte("\x1f\x8b")) {
				t.Errorf("%s: a coded body was written", name)
			}
		}
		if kind == "" {
			for _, found := range c.in(encoded(r.Exchange(&Exchange{Request: Request{Body: Body{Data: data}}}))) {
				t.Errorf("request: %s", found)
			}
		}
	}
}
