package report

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// schema is as much of JSON Schema as docs/json-stream.schema.json uses. A
// word it does not know fails the test, so that the schema cannot say what
// nothing checks.
type schema struct {
	root map[string]any
}

func loadSchema(t *testing.T) schema {
	t.Helper()
	text, err := os.ReadFile("../../docs/json-stream.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s.root); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s schema) check(value any) []string { return s.against(s.root, "$", value) }

func (s schema) against(rules map[string]any, at string, value any) (faults []string) {
	fault := func(format string, args ...any) {
		faults = append(faults, at+": "+fmt.Sprintf(format, args...))
	}
	for word, rule := range rules {
		switch word {
		case "$schema", "title", "description", "$defs":
		case "$ref":
			name := strings.TrimPrefix(rule.(string), "#/$defs/")
			faults = append(faults, s.against(s.root["$defs"].(map[string]any)[name].(map[string]any), at, value)...)
		case "type":
			if !hasType(rule, value) {
				fault("%v is not of type %v", value, rule)
			}
		case "const":
			if value != rule {
				fault("%v is not %v", value, rule)
			}
		case "enum":
			if !slices.Contains(rule.([]any), value) {
				fault("%v is not one of %v", value, rule)
			}
		case "minimum", "maximum":
			n, ok := value.(float64)
			if limit := rule.(float64); ok && (word == "minimum" && n < limit || word == "maximum" && n > limit) {
				fault("%v is beyond the %s %v", n, word, limit)
			}
		case "format":
			if _, err := time.Parse(time.RFC3339Nano, value.(string)); err != nil || !strings.HasSuffix(value.(string), "Z") {
				fault("%v is not a time in UTC", value)
			}
		case "anyOf":
			if !slices.ContainsFunc(rule.([]any), func(r any) bool { return len(s.against(r.(map[string]any), at, value)) == 0 }) {
				fault("%v fits none of anyOf", value)
			}
		case "required", "properties", "additionalProperties", "items", "minItems", "maxItems":
		default:
			fault("the schema uses %q, which this test cannot check", word)
		}
	}
	faults = append(faults, s.object(rules, at, value)...)
	return append(faults, s.array(rules, at, value)...)
}

func (s schema) object(rules map[string]any, at string, value any) (faults []string) {
	fields, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	required, _ := rules["required"].([]any)
	for _, name := range required {
		if _, ok := fields[name.(string)]; !ok {
			faults = append(faults, fmt.Sprintf("%s: %s is missing", at, name))
		}
	}
	properties, _ := rules["properties"].(map[string]any)
	for name, field := range fields {
		rule, ok := properties[name].(map[string]any)
		if ok {
			faults = append(faults, s.against(rule, at+"."+name, field)...)
		} else if rules["additionalProperties"] == false {
			faults = append(faults, fmt.Sprintf("%s: %s is not in the schema", at, name))
		}
	}
	return faults
}

func (s schema) array(rules map[string]any, at string, value any) (faults []string) {
	list, ok := value.([]any)
	if !ok {
		return nil
	}
	if least, ok := rules["minItems"].(float64); ok && len(list) < int(least) {
		faults = append(faults, at+": too few items")
	}
	if most, ok := rules["maxItems"].(float64); ok && len(list) > int(most) {
		faults = append(faults, at+": too many items")
	}
	if rule, ok := rules["items"].(map[string]any); ok {
		for i, item := range list {
			faults = append(faults, s.against(rule, fmt.Sprintf("%s[%d]", at, i), item)...)
		}
	}
	return faults
}

func hasType(rule, value any) bool {
	if list, ok := rule.([]any); ok {
		return slices.ContainsFunc(list, func(r any) bool { return hasType(r, value) })
	}
	switch v := value.(type) {
	case nil:
		return rule == "null"
	case string:
		return rule == "string"
	case bool:
		return rule == "boolean"
	case float64:
		return rule == "number" || rule == "integer" && v == float64(int64(v))
	case []any:
		return rule == "array"
	case map[string]any:
		return rule == "object"
	}
	return false
}

// documented is a line as readers of the stream know it. A change here breaks
// their programs.
const documented = `{"v":1,"type":"exchange","id":12,"rev":1,"source":"proxy","attempt":5,"role":"actual","started":"2026-11-20T18:24:05.000000001Z","took_ms":12.3,` +
	`"upstream":"http://localhost:8000",` +
	`"request":{"method":"GET","url":"http://localhost:8900/api/x","proto":"HTTP/1.1","headers":[["Origin","http://localhost:3000"]],"body":{"size":0}},` +
	`"response":{"status":500,"proto":"HTTP/1.1","headers":[["Server","uvicorn"],["Content-Type","text/plain; charset=utf-8"]],` +
	`"body":{"size":21,"captured":21,"mime":"text/plain","text":"Internal Server Error"}},` +
	`"error":"","error_detail":"","changes":[],` +
	`"findings":[{"rule":"starlette-unhandled-exception","severity":"blocks","title":"t","why":"w","fix":"f","evidence":["e"],"exchanges":[12]}]}`

func TestDocumentedExampleFitsTheSchema(t *testing.T) {
	var value any
	if err := json.Unmarshal([]byte(documented), &value); err != nil {
		t.Fatal(err)
	}
	for _, fault := range loadSchema(t).check(value) {
		t.Error(fault)
	}
}

// The check itself must be able to fail.
func TestSchemaRefuses(t *testing.T) {
	s := loadSchema(t)
	for _, change := range [][2]string{
		{`"v":1`, `"v":2`}, {`"id":12`, `"id":0`}, {`"id":12`, `"id":1.5`}, {`"role":"actual"`, `"role":"other"`}, {`"took_ms":12.3`, `"took_ms":-1`},
		{`"upstream"`, `"up"`}, {`01Z"`, `01+01:00"`}, {`[["Origin","http://localhost:3000"]]`, `[["Origin"]]`}, {`"status":500`, `"status":99`},
		{`"severity":"blocks"`, `"severity":"bad"`}, {`"changes":[]`, `"changes":null`}, {`"response":{`, `"response":5,"x":{`},
	} {
		var value any
		text := strings.Replace(documented, change[0], change[1], 1)
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if len(s.check(value)) == 0 {
			t.Errorf("%s in the place of %s fits the schema", change[1], change[0])
		}
	}
}
