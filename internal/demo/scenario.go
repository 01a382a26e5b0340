package demo

// Scenario is one thing that happens between a page and its backend: what the
// backend does, what the page does, and what comes of it. scenarios.go lists
// them all.
type Scenario struct {
	ID      string `json:"id"`      // stable, "hidden-500"
	Title   string `json:"title"`   // what the developer would say
	Stack   string `json:"stack"`   // whose bytes the backend sends
	Browser string `json:"browser"` // what the browser does
	Lesson  string `json:"lesson"`  // what it teaches
	Healthy bool   `json:"healthy"` // ordinary traffic, which comes most often

	Routes []Route `json:"-"`
	Steps  []Step  `json:"steps"`
}

// Route is a path of the backend. A final "*" takes everything below.
type Route struct {
	Path  string
	Serve func(*call)
}

// Step is one thing the page does. The simulated frontend (play.go) and the
// page for real browsers (page/play.js) both perform it, and must agree.
type Step struct {
	Name string `json:"name"` // in words, "load the report"

	// API is what asks: fetch (when empty), xhr, img, script, frame,
	// eventsource, websocket.
	API string `json:"api,omitempty"`

	// Path is the request's path on the API. "{n}" is the number of the copy,
	// "{run}" differs each time, so that caches do not answer.
	Path string `json:"path"`

	// Elsewhere addresses the API by its other name, 127.0.0.1 instead of
	// localhost, which makes it another site.
	Elsewhere bool `json:"elsewhere,omitempty"`

	Method      string      `json:"method,omitempty"`
	Headers     [][2]string `json:"headers,omitempty"`
	Body        string      `json:"body,omitempty"`
	Size        int         `json:"size,omitempty"` // a body of so many bytes instead
	Credentials string      `json:"credentials,omitempty"`
	Mode        string      `json:"mode,omitempty"`

	Bearer string            `json:"bearer,omitempty"` // what the page's storage holds under this name goes along as token
	Keep   map[string]string `json:"keep,omitempty"`   // into the storage: name, and the field of the JSON that came
	Read   []string          `json:"read,omitempty"`   // response headers the page's code looks at
	JSON   bool              `json:"json,omitempty"`   // the page parses the body

	Refresh  *Step    `json:"refresh,omitempty"`  // on a readable 401: do this, and try once more
	Together int      `json:"together,omitempty"` // so many copies at once
	Pause    int      `json:"pause,omitempty"`    // ms before it, by the demo's clock
	GiveUp   int      `json:"giveUp,omitempty"`   // ms after which the page aborts it
	Events   int      `json:"events,omitempty"`   // an EventSource is closed after so many
	Send     []string `json:"send,omitempty"`     // messages for a WebSocket, each waits for an answer

	// Saw is what the page sees, one for each request the step makes. Copies
	// that run together come in any order.
	Saw []string `json:"saw"`
	// Code is Chromium's name for the CORS failure, "" for none.
	Code string `json:"code,omitempty"`
}

// Outcome is what came of one request.
type Outcome struct {
	Scenario string
	Step     string   // the step's name; its refresh and its second try say so behind it
	Saw      string   // what the page's code saw: "200", "TypeError: Failed to fetch"
	Code     string   // Chromium's name for a CORS failure (CDP Network.CorsError)
	Console  []string // what the browser's console said
}
