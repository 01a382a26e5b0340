// Package fix holds what to change, for each stack, as text with placeholders.
//
// A topic is a file in topics: its first lines say what it is about, then come
// sections, each for one or more stacks. The package fills in the user's own
// values, as far as they can stand in code without harm.
package fix

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed topics/*.txt
var files embed.FS

// Stack is a framework, server or gateway that fixes are written for.
type Stack struct{ Key, Name string }

// stacks lists them in the order people choose from.
var stacks = []Stack{
	{"fastapi", "FastAPI, Starlette"}, {"django", "Django"}, {"flask", "Flask"}, {"express", "Express"}, {"nest", "NestJS"}, {"fastify", "Fastify"},
	{"next", "Next.js"}, {"spring", "Spring Boot"}, {"aspnet", "ASP.NET Core"}, {"rails", "Rails"}, {"laravel", "Laravel, PHP"},
	{"go", "Go with jub0bs/cors"}, {"rs-cors", "Go with rs/cors"}, {"gin", "Gin"}, {"echo", "Echo"},
	{"nginx", "nginx"}, {"caddy", "Caddy"}, {"apache", "Apache httpd"}, {"traefik", "Traefik"}, {"apigateway", "AWS API Gateway"},
	{"vite", "Vite"}, {"frontend", "fetch, axios"},
}

// Stacks lists all stacks.
func Stacks() []Stack { return slices.Clone(stacks) }

// Topic is a fix for several stacks.
type Topic struct {
	Key   string
	About string
	code  map[string]string // by stack
}

// Stacks lists the stacks the topic has code for, in the common order.
func (t *Topic) Stacks() (list []Stack) {
	for _, s := range stacks {
		if t.code[s.Key] != "" {
			list = append(list, s)
		}
	}
	return list
}

// topics are all files, read once.
var topics = sync.OnceValue(func() map[string]*Topic {
	all := make(map[string]*Topic)
	names, err := fs.Glob(files, "topics/*.txt")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		key := strings.TrimSuffix(path.Base(name), ".txt")
		t, err := parse(key, string(data))
		if err != nil {
			panic(fmt.Sprintf("%s: %v", name, err)) // a test reads them all
		}
		all[key] = t
	}
	return all
})

// Topics lists the keys of all topics, sorted.
func Topics() []string {
	var keys []string
	for key := range topics() {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Find returns a topic.
func Find(key string) (*Topic, bool) {
	t, ok := topics()[key]
	return t, ok
}

// parse reads a topic: what it is about, then sections "-- stack, stack --".
func parse(key, text string) (*Topic, error) {
	about, rest, ok := strings.Cut(text, "\n-- ")
	t := &Topic{Key: key, About: strings.TrimSpace(about), code: make(map[string]string)}
	for ok {
		head, body, closed := strings.Cut(rest, " --\n")
		if !closed || strings.Contains(head, "\n") {
			return nil, fmt.Errorf("a section's head is not closed: %.30q", rest)
		}
		body, rest, ok = strings.Cut(body, "\n-- ")
		for name := range strings.SplitSeq(head, ",") {
			name = strings.TrimSpace(name)
			if !slices.ContainsFunc(stacks, func(s Stack) bool { return s.Key == name }) {
				return nil, fmt.Errorf("no stack %q", name)
			}
			if t.code[name] != "" {
				return nil, fmt.Errorf("stack %q twice", name)
			}
			t.code[name] = strings.Trim(body, "\n")
		}
	}
	return t, nil
}

// Render is a topic's code for a stack with the values filled in, "" when
// there is none.
func Render(topic, stack string, v Values) string {
	t := topics()[topic]
	if t == nil || t.code[stack] == "" {
		return ""
	}
	return Fill(t.code[stack], v)
}
