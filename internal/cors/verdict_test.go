package cors

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVerdictJSON is the shape of the JSON stream: a tool out there reads it.
func TestVerdictJSON(t *testing.T) {
	all := JudgeAll(fetched("PUT", api+"/x", "omit", permission("PUT", "", api+"/x", reply(404, "Access-Control-Allow-Origin", "*"))))
	const want = `{
  "outcome": "blocked",
  "browsers": {
    "chromium": {
      "outcome": "blocked",
      "code": "PreflightInvalidStatus",
      "console": "Access to fetch at 'http://api.test:8000/x' from origin 'http://web.test:3000' has been blocked by CORS policy: Response to preflight request doesn't pass access control check: It does not have HTTP ok status.",
      "hop": 0,
      "clause": {
        "url": "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0",
        "step": "7"
      }
    },
    "firefox": {
      "outcome": "blocked",
      "code": "CORSPreflightDidNotSucceed",
      "codes": [
        "CORSPreflightDidNotSucceed",
        "CORSDidNotSucceed"
      ],
      "console": "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at http://api.test:8000/x. (Reason: CORS preflight response did not succeed). Status code: 404.",
      "hop": 0,
      "clause": {
        "url": "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0",
        "step": "7"
      }
    },
    "webkit": {
      "outcome": "blocked",
      "code": "WebKitPreflightNotSuccessful",
      "console": "Preflight response is not successful. Status code: 404\nFetch API cannot load http://api.test:8000/x due to access control checks.",
      "hop": 0,
      "clause": {
        "url": "https://fetch.spec.whatwg.org/#cors-preflight-fetch-0",
        "step": "7"
      }
    }
  }
}`
	got, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(got))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestConditionalJSON: both answers are whole verdicts.
func TestConditionalJSON(t *testing.T) {
	v := Judge(observed(crossing("GET", api+"/x", reply(200, "Access-Control-Allow-Origin", "*", "Content-Type", "a/b"), "Sec-Fetch-Mode", "cors")), Chromium)
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Outcome, Decides string
		IfInclude        struct{ Outcome, Code, Console string } `json:"if_include"`
		IfNotInclude     struct {
			Outcome  string
			Status   int
			Readable []string `json:"readable_headers"`
		} `json:"if_not_include"`
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got.Outcome != "conditional" || got.Decides == "" || got.IfInclude.Code != "WildcardOriginNotAllowed" || got.IfInclude.Console == "" ||
		got.IfNotInclude.Outcome != "allowed" || got.IfNotInclude.Status != 200 || !slices.Equal(got.IfNotInclude.Readable, []string{"content-type"}) {
		t.Errorf("%s", data)
	}
}

// TestOverall: the browser that asked decides, and else the worst of the three.
func TestOverall(t *testing.T) {
	verdicts := func(c, f, w Outcome) Verdicts {
		return Verdicts{Verdict{Outcome: c}, Verdict{Outcome: f}, Verdict{Outcome: w}, engines}
	}
	tests := []struct {
		all      Verdicts
		recorded Engine
		want     Outcome
	}{
		{verdicts(Allowed, Allowed, Allowed), engines, Allowed},
		{verdicts(Allowed, Blocked, Allowed), engines, Blocked},
		{verdicts(Allowed, Blocked, Allowed), Chromium, Allowed},
		{verdicts(Allowed, Blocked, Allowed), Firefox, Blocked},
		{verdicts(Unknown, Blocked, Allowed), Chromium, Blocked},
		{verdicts(Allowed, Unknown, Unknown), engines, Unknown},
		{verdicts(Conditional, Allowed, Failed), engines, Failed},
		{verdicts(NotCORS, NotCORS, NotCORS), engines, NotCORS},
		{verdicts(NotCORS, Opaque, Allowed), engines, Opaque},
		{Verdicts{recorded: engines}, engines, Unknown},
	}
	for _, tt := range tests {
		tt.all.recorded = tt.recorded
		if got := tt.all.Outcome(); got != tt.want {
			t.Errorf("%s %s %s for %s: %s, want %s", tt.all.Chromium.Outcome, tt.all.Firefox.Outcome, tt.all.WebKit.Outcome, tt.recorded, got, tt.want)
		}
	}
}

// TestJudgeAll agrees with Judge.
func TestJudgeAll(t *testing.T) {
	for i, v := range vectors(t, "chromium") {
		if i%17 != 0 {
			continue
		}
		all := JudgeAll(&v.Attempt)
		for _, e := range Engines() {
			one := Judge(&v.Attempt, e)
			if got := all.Of(e); got.Engine != e || !got.same(&one) || got.Console() != one.Console() {
				t.Errorf("%s, %s: %s %s and %s %s", v.ID, e, got.Outcome, got.Code, one.Outcome, one.Code)
			}
		}
	}
}

func TestNoSuchEngine(t *testing.T) {
	if got := Judge(observed(crossing("GET", api+"/x", reply(200))), engines); got.Outcome != Unknown || got.Reason == "" {
		t.Errorf("%+v", got)
	}
	if got := engines.String(); got != "unknown" {
		t.Errorf("%q", got)
	}
}

// TestExplain: every code says what it means, what causes it and what would
// prove it, and the words of its message lead back to it.
func TestExplain(t *testing.T) {
	check := func(c Code) {
		i, ok := Explain(c)
		if !ok || i.Code != c || i.Meaning == "" || len(i.Causes) == 0 || i.Probe == "" {
			t.Errorf("%s: %+v", c, i)
		}
		if i.Clause.URL == "" && i.CORS {
			t.Errorf("%s has no clause", c)
		}
		if strings.Contains(strings.ToLower(string(c)), "preflight") && !i.Preflight {
			t.Errorf("%s is about a preflight", c)
		}
	}
	for c := range codes {
		check(c)
	}
	for c := range spoken {
		check(c)
		if _, both := codes[c]; both {
			t.Errorf("%s stands in both tables", c)
		}
	}
	if i, ok := Explain("NoSuchCode"); ok || i.Code != "" {
		t.Errorf("%+v", i)
	}
}

func TestClauseString(t *testing.T) {
	v := Judge(fetched("GET", api+"/x", "omit", crossing("GET", api+"/x", reply(200))), Chromium)
	if got := v.Clause().String(); got != "https://fetch.spec.whatwg.org/#concept-cors-check, step 2" {
		t.Errorf("%s", got)
	}
	if got := (Clause{}).String(); got != "" {
		t.Errorf("%q", got)
	}
}
