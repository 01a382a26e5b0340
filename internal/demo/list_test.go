package demo

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestScenariosAreComplete(t *testing.T) {
	ids, paths := map[string]bool{}, map[string]string{}
	broken := 0
	for _, s := range Scenarios() {
		if ids[s.ID] {
			t.Errorf("%s: the ID is not unique", s.ID)
		}
		ids[s.ID] = true
		if !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(s.ID) || s.Title == "" || s.Stack == "" || s.Browser == "" || s.Lesson == "" {
			t.Errorf("%q: ID, title, stack, browser and lesson must all be there", s.ID)
		}
		if strings.HasSuffix(s.Browser, ".") || !strings.HasSuffix(s.Lesson, ".") {
			t.Errorf("%s: “The browser …” goes without a full stop, the lesson with one", s.ID)
		}
		if len(s.Routes) == 0 || len(s.Steps) == 0 {
			t.Errorf("%s has no routes or no steps", s.ID)
		}
		for _, r := range s.Routes {
			if other, taken := paths[r.Path]; taken {
				t.Errorf("%s: %s has the path %s already", s.ID, other, r.Path)
			}
			paths[r.Path] = s.ID
		}
		for _, step := range s.Steps {
			if step.Name == "" || len(step.Saw) == 0 {
				t.Errorf("%s: each step has a name and says what the page sees", s.ID)
			}
		}
		if !s.Healthy {
			broken++
		}
	}
	if broken < 16 {
		t.Errorf("only %d scenarios are broken", broken)
	}
}

func TestMostTrafficIsHealthy(t *testing.T) {
	next := shuffled(rand.New(rand.NewPCG(1, 0)))
	well, seen := 0, map[string]int{}
	const draws = 2000
	for range draws {
		s := next()
		seen[s.ID]++
		if s.Healthy {
			well++
		}
	}
	if share := float64(well) / draws; share < 0.6 || share > 0.8 {
		t.Errorf("%.0f %% of the traffic is healthy", 100*share)
	}
	for _, s := range scenarios {
		if seen[s.ID] == 0 {
			t.Errorf("%s never came", s.ID)
		}
	}
}

func TestSeedDecidesTheOrder(t *testing.T) {
	order := func(seed uint64) (ids string) {
		next := shuffled(rand.New(rand.NewPCG(seed, 0)))
		for range 50 {
			ids += next().ID + " "
		}
		return ids
	}
	first, again, other := order(7), order(7), order(8)
	if first != again {
		t.Error("the same seed gave two orders")
	}
	if first == other {
		t.Error("two seeds gave the same order")
	}
}
