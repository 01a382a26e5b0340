package fix

import "strings"

// Values are the user's own values for the placeholders of a fix. Empty ones
// are filled with an example.
type Values struct {
	Origin   string // {origin}: of the page, "http://localhost:5173"
	Method   string // {method}
	Methods  string // {methods}: a list, "GET, PUT"
	Header   string // {header}: one name
	Headers  string // {headers}: a list of names
	Path     string // {path}, without the query
	To       string // {to}: the path or URL to use instead
	Target   string // {target}: origin of the API as the page addresses it
	Upstream string // {upstream}: origin of the server behind corsdash
	Host     string // {host}: its host and port
	Cookie   string // {cookie}: a name
	Name     string // {name}: of something else, a setting or a parameter
	Status   string // {status}
}

// placeholder is a name in braces, where its value is, and what stands for a
// value that is missing or cannot stand in code.
type placeholder struct {
	name    string
	value   func(*Values) *string
	example string
}

var placeholders = []placeholder{
	{"{origin}", func(v *Values) *string { return &v.Origin }, "https://app.example.com"},
	{"{method}", func(v *Values) *string { return &v.Method }, "PUT"},
	{"{methods}", func(v *Values) *string { return &v.Methods }, "GET, HEAD, POST, PUT, PATCH, DELETE"},
	{"{header}", func(v *Values) *string { return &v.Header }, "X-Your-Header"},
	{"{headers}", func(v *Values) *string { return &v.Headers }, "Content-Type, Authorization"},
	{"{path}", func(v *Values) *string { return &v.Path }, "/api/items"},
	{"{to}", func(v *Values) *string { return &v.To }, "/api/items/"},
	{"{target}", func(v *Values) *string { return &v.Target }, "https://api.example.com"},
	{"{upstream}", func(v *Values) *string { return &v.Upstream }, "http://localhost:8000"},
	{"{host}", func(v *Values) *string { return &v.Host }, "localhost:8000"},
	{"{cookie}", func(v *Values) *string { return &v.Cookie }, "refresh_token"},
	{"{name}", func(v *Values) *string { return &v.Name }, "NAME"},
	{"{status}", func(v *Values) *string { return &v.Status }, "500"},
}

// Fill puts values in the place of placeholders.
func Fill(text string, v Values) string {
	if !strings.Contains(text, "{") {
		return text
	}
	for _, p := range placeholders {
		if strings.Contains(text, p.name) {
			text = strings.ReplaceAll(text, p.name, safe(*p.value(&v), p.example))
		}
	}
	return text
}

// maxLength bounds a value, in bytes.
const maxLength = 200

// safe keeps what came from the network from becoming code: a value with a
// quotation mark, a blank line or a brace could end the string it stands in.
func safe(value, example string) string {
	if value == "" || len(value) > maxLength || strings.Trim(value, " ") == "" {
		return example
	}
	for i := range len(value) {
		c := value[i]
		if c <= ' ' && c != ' ' || c >= 0x7f || strings.IndexByte("\"'`\\$;{}<>#|&", c) >= 0 {
			return example
		}
	}
	return value
}
