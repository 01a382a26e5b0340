package cors

// topic is what codes of different engines have in common.
type topic struct {
	header  string
	cors    bool
	clause  Clause
	meaning string
	causes  []string // likeliest first
	probe   string
}

// What is wrong with the headers that name origins and credentials.
var (
	topicMissing = topic{
		header: allowOrigin, cors: true, clause: clauseMissing,
		meaning: "The answer has no Access-Control-Allow-Origin header, so the page may not read it. Often the header is missing because something else went wrong first.",
		causes: []string{
			"the server failed (5xx) or refused (401, 403, 404) outside of its CORS layer",
			"the server has no CORS configured, or none for this path",
			"the page's origin is not on the server's list; many libraries then send no CORS header at all",
			"a redirect, a proxy or a gateway answered in place of the server",
			"a cached answer made for another page",
		},
		probe: "send the request without a browser and look at its status; then again with the page's Origin",
	}

	topicMismatch = topic{
		header: allowOrigin, cors: true, clause: clauseOrigin,
		meaning: "Access-Control-Allow-Origin names another origin than the page's. It must be equal to it byte by byte.",
		causes: []string{
			"a fixed origin is configured, and the page runs on another port, scheme or host name (localhost is not 127.0.0.1)",
			"a trailing slash, a path or upper-case letters in the configured origin",
			"a redirect to another origin before: the browser then sends Origin: null",
			"a cached answer made for another page, because Vary: Origin is missing",
		},
		probe: "send the request with the page's Origin, and with one the server cannot know, and compare",
	}

	topicNotAllowed = topic{
		header: allowOrigin, cors: true, clause: clauseOrigin,
		meaning: "Access-Control-Allow-Origin is missing or names another origin than the page's. Safari does not say which.",
		causes: []string{
			"the server failed or refused outside of its CORS layer: look at the status",
			"the server has no CORS configured, or none for this path",
			"the page's origin is not on the server's list",
		},
		probe: "send the request with the page's Origin and look at status and headers",
	}

	topicInvalid = topic{
		header: allowOrigin, cors: true, clause: clauseOrigin,
		meaning: "Access-Control-Allow-Origin holds something that is no origin at all.",
		causes: []string{
			"an environment variable that is not set: undefined, None, an unexpanded ${ORIGIN}, or nothing",
			"a pattern such as *.example.com; the header knows no patterns",
			"an origin without its scheme",
		},
		probe: "send the request with the page's Origin and read the header",
	}

	topicMultiple = topic{
		header: allowOrigin, cors: true, clause: clauseOrigin,
		meaning: "Access-Control-Allow-Origin holds several values, and only one is allowed, even if all are equal.",
		causes: []string{
			"two layers add the header, such as nginx and the application",
			"a list of origins is written into the header instead of the one that asked",
		},
		probe: "ask the server behind the proxy directly and count the header's lines",
	}

	topicWildcard = topic{
		header: allowOrigin, cors: true, clause: clauseOrigin,
		meaning: "The page sends credentials, and then Access-Control-Allow-Origin must name its origin: * does not do.",
		causes: []string{
			"the server allows every origin, and the page uses credentials: 'include' or withCredentials",
			"credentials are asked for without need",
		},
		probe: "send the request with the page's Origin and a cookie, and read the header",
	}

	topicCredentials = topic{
		header: allowCredentials, cors: true, clause: clauseCredentials,
		meaning: "The page sends credentials, and then the answer must carry Access-Control-Allow-Credentials: true, in exactly these letters, once.",
		causes: []string{
			"the server's CORS layer is not set to allow credentials",
			"the value is True, 1 or \"true\", or stands twice",
			"credentials are asked for without need",
		},
		probe: "send the request with the page's Origin and read the header",
	}
)
