package fix

import (
	"regexp"
	"strings"
	"testing"
)

// TestTopics reads every file and holds it to the form.
func TestTopics(t *testing.T) {
	known := make(map[string]bool)
	for _, p := range placeholders {
		known[p.name] = true
	}
	braces := regexp.MustCompile(`\{[a-z]+\}`)
	for _, key := range Topics() {
		topic, _ := Find(key)
		if topic.About == "" || strings.Contains(topic.About, "\n\n") || !strings.HasSuffix(topic.About, ".") {
			t.Errorf("%s begins with %q, not with a sentence", key, topic.About)
		}
		if len(topic.Stacks()) == 0 {
			t.Errorf("%s has no code", key)
		}
		for _, s := range topic.Stacks() {
			code := topic.code[s.Key]
			for _, name := range braces.FindAllString(code, -1) {
				if !known[name] {
					t.Errorf("%s for %s: no placeholder %s", key, s.Key, name)
				}
			}
			if strings.Contains(code, "\r") || strings.HasSuffix(code, " ") {
				t.Errorf("%s for %s: stray white space", key, s.Key)
			}
		}
	}
}

func TestRender(t *testing.T) {
	got := Render("allow-origin", "django", Values{Origin: "http://localhost:5173"})
	if !strings.Contains(got, `CORS_ALLOWED_ORIGINS = ["http://localhost:5173"]`) {
		t.Errorf("got %s", got)
	}
	if got := Render("allow-origin", "cobol", Values{}); got != "" {
		t.Errorf("a stack nobody knows got %q", got)
	}
	if got := Render("no-such-topic", "django", Values{}); got != "" {
		t.Errorf("a topic nobody knows got %q", got)
	}
}

// TestHostileValues: what a page sends must not become code in a fix.
func TestHostileValues(t *testing.T) {
	for _, origin := range []string{
		`http://x"]; import os; os.system("id") #`, "http://x'", "http://x`id`", "$(id)", "a\nb", "http://x\\", "{path}", strings.Repeat("x", 300), "http://ä", "\x00",
	} {
		got := Fill("allow {origin}!", Values{Origin: origin, Path: "/p"})
		if got != "allow https://app.example.com!" {
			t.Errorf("%q became %q", origin, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"About.\n-- cobol --\nx\n", "About.\n-- go\nx\n", "About.\n-- go --\nx\n-- go --\ny\n"} {
		if _, err := parse("x", text); err == nil {
			t.Errorf("%q passed", text)
		}
	}
}
