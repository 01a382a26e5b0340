package layer

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"corsdash/internal/exchange"

	"github.com/rogpeppe/go-internal/txtar"
)

// sample is an answer and the layers it shows, those with a star having made it.
type sample struct {
	name        string
	answer      Answer
	shows, made []string
}

func samples(t testing.TB) (list []sample) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			name, want, ok := strings.Cut(file.Name, " =")
			if !ok {
				t.Fatalf("%s: %s does not say which layers it shows", path, file.Name)
			}
			s := sample{name: name, answer: read(t, string(file.Data))}
			for layer := range strings.SplitSeq(want, ",") {
				layer = strings.TrimSpace(layer)
				if made, ok := strings.CutPrefix(layer, "*"); ok {
					s.made = append(s.made, made)
					layer = made
				}
				if layer != "" {
					s.shows = append(s.shows, layer)
				}
			}
			list = append(list, s)
		}
	}
	return list
}

func read(t testing.TB, text string) (a Answer) {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	line, head, _ := strings.Cut(head, "\n")
	words := strings.Fields(line)
	status, err := strconv.Atoi(words[1])
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	a = Answer{Status: status, Headers: exchange.ParseHeaders(head), Body: strings.TrimSuffix(body, "\n")}
	kind, _, _ := strings.Cut(a.Headers.First("Content-Type"), ";")
	a.Type = strings.ToLower(kind)
	return a
}

// TestCorpus: what is recognised is right in at least 98 of 100 cases, and what
// is there is recognised in at least 95.
func TestCorpus(t *testing.T) {
	all := samples(t)
	if len(all) < 60 {
		t.Fatalf("only %d samples", len(all))
	}
	said, right, there := 0, 0, 0
	for _, s := range all {
		var got []string
		for _, l := range Find(s.answer) {
			if l.Confidence < sureEnough {
				continue
			}
			got = append(got, l.Name)
			said++
			if slices.Contains(s.shows, l.Name) {
				right++
			} else {
				t.Logf("%s: %s is not there (%d, %s)", s.name, l.Name, l.Confidence, l.Evidence)
			}
			if l.Made && !slices.Contains(s.made, l.Name) {
				t.Errorf("%s: %s is said to have made it (%s)", s.name, l.Name, l.Evidence)
			}
			if !l.Made && slices.Contains(s.made, l.Name) {
				t.Errorf("%s: %s made it, and that is not said", s.name, l.Name)
			}
		}
		there += len(s.shows)
		for _, name := range s.shows {
			if !slices.Contains(got, name) {
				t.Logf("%s: %s is not recognised", s.name, name)
			}
		}
	}
	t.Logf("%d answers, %d layers in them, %d recognised, %d of those right", len(all), there, said, right)
	if right*100 < said*98 {
		t.Errorf("%d of %d are right: less than 98 %%", right, said)
	}
	if right*100 < there*95 {
		t.Errorf("%d of %d are recognised: less than 95 %%", right, there)
	}
}

func TestStack(t *testing.T) {
	want := map[string]string{
		"starlette unhandled": "fastapi", "django by its headers": "django", "express not found": "express", "nginx passes on": "express",
		"nginx 502": "nginx", "spring refuses CORS": "spring", "aspnet problem": "aspnet", "gin": "gin", "rs-cors preflight": "go",
		"api gateway missing token": "apigateway", "a bare 404": "", "some API": "", "cloudflare 521": "", "vite page": "vite",
	}
	for _, s := range samples(t) {
		if stack, ok := want[s.name]; ok {
			if got := Stack(Find(s.answer)); got != stack {
				t.Errorf("%s: %q, want %q", s.name, got, stack)
			}
			delete(want, s.name)
		}
	}
	if len(want) > 0 {
		t.Errorf("no samples for %v", want)
	}
}

// TestTables: every sign names a layer that is known.
func TestTables(t *testing.T) {
	check := func(name string) {
		if _, ok := layers[name]; !ok {
			t.Errorf("a sign names %q, which is no layer", name)
		}
	}
	for header, signs := range headerSigns {
		if header != strings.ToLower(header) {
			t.Errorf("%s is not in lower case", header)
		}
		for _, s := range signs {
			check(s.layer)
		}
	}
	for _, s := range bodySigns {
		check(s.layer)
		if s.exact == "" && s.starts == "" && s.contains == "" {
			t.Errorf("a sign of %s takes any body", s.layer)
		}
	}
	for _, c := range combinations {
		check(c.layer)
	}
	for _, i := range implications {
		check(i.layer)
		check(i.implied)
	}
	for name := range titles {
		check(name)
	}
}

func TestMerge(t *testing.T) {
	known := Merge(nil, []Layer{{Name: "nginx", Kind: WebServer, Confidence: 70, Evidence: "a", Made: true}})
	known = Merge(known, []Layer{{Name: "express", Kind: Framework, Confidence: 96}, {Name: "nginx", Kind: WebServer, Confidence: 97, Evidence: "b"}})
	if len(known) != 2 || known[0].Name != "nginx" || known[0].Evidence != "b" || known[0].Made || known[1].Name != "express" {
		t.Errorf("got %+v", known)
	}
	var many []Layer
	for name := range layers {
		many = append(many, Layer{Name: name, Confidence: 50})
	}
	if got := Merge(known, many); len(got) != 12 || got[0].Name != "nginx" {
		t.Errorf("%d layers kept, first %s", len(got), got[0].Name)
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.answer.Status, "Server", s.answer.Headers.First("Server"), s.answer.Type, s.answer.Body)
	}
	f.Fuzz(func(t *testing.T, status int, name, value, kind, body string) {
		for _, l := range Find(Answer{Status: status, Headers: exchange.Headers{{Name: name, Value: value}}, Type: kind, Body: body}) {
			if l.Name == "" || l.Confidence < 1 || l.Confidence > 100 || l.Title() == "" || l.Kind.String() == "" {
				t.Errorf("got %+v", l)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	all := samples(b)
	i := 0
	for b.Loop() {
		Find(all[i%len(all)].answer)
		i++
	}
}
