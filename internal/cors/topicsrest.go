package cors

// What goes wrong around CORS: redirects, the browser's own checks, the network.
var (
	topicScheme = topic{
		header: "Location", cors: true, clause: clauseScheme,
		meaning: "The request, or a redirect of it, leads to a URL that is not http or https.",
		causes:  []string{"a Location without http://, such as localhost:8001/x", "a page opened from a file", "a redirect to an app's own scheme"},
		probe:   "send the request and read Location",
	}

	topicUserinfo = topic{
		header: "Location", cors: true, clause: clauseUserinfo,
		meaning: "A redirect's Location contains a user name or password, which is not allowed across origins.",
		causes:  []string{"a base URL with user:password@ in the server's configuration"},
		probe:   "send the request and read Location",
	}

	topicRedirectDenied = topic{
		header: allowOrigin, cors: true, clause: clauseMissing,
		meaning: "A redirect's own answer did not pass the CORS check. Every hop needs the headers, not just the last.",
		causes:  []string{"the redirect comes from a layer in front of the CORS layer: slash redirects, https redirects, login redirects"},
		probe:   "send the request without following redirects and read the headers",
	}

	topicRedirectMode = topic{
		clause:  clauseRedirect,
		meaning: "The request asked not to be redirected, and the server redirected it.",
		causes:  []string{"redirect: 'error' or a no-cors request with another redirect mode than follow"},
		probe:   "send the request without following redirects and read Location",
	}

	topicRedirectCount = topic{
		clause:  clauseCount,
		meaning: "More than 20 redirects in a row.",
		causes:  []string{"a login page that redirects to itself", "http and https redirect to each other behind a TLS proxy", "two slash rules that contradict each other"},
		probe:   "follow the redirects one by one",
	}

	topicMode = topic{
		cors: true, clause: clauseMode,
		meaning: "The request asked for mode same-origin, and its URL is of another origin.",
		causes:  []string{"mode: 'same-origin' in the frontend", "a redirect from the own server to another one"},
		probe:   "compare the URL with the page's origin: scheme, host and port",
	}

	topicLocal = topic{
		cors: true, clause: clauseLocal,
		meaning: "A page from a more public network may not reach into a more private one, such as this machine, without permission.",
		causes: []string{
			"the page is deployed and still calls http://localhost",
			"the permission prompt for local network access was denied or dismissed",
			"the page is not served over https, so the browser cannot even ask",
		},
		probe: "look for the request at the server: it never arrives",
	}

	topicPrivate = topic{
		cors: true, clause: clauseLocal,
		meaning: "A check of Private Network Access, which older Chromium versions made and current ones have dropped.",
		causes:  []string{"an old browser; update it", "the server does not answer Access-Control-Allow-Private-Network: true"},
		probe:   "send a preflight with Access-Control-Request-Private-Network: true",
	}

	topicUnreachable = topic{
		meaning: "No usable answer came, so there was nothing CORS could be checked on.",
		causes: []string{
			"the server is down, or listens on another port or address (127.0.0.1 is not ::1)",
			"the TLS certificate is not trusted, or https was spoken to an http port",
			"the server closed the connection: a crash, a timeout, an answer that is not HTTP",
			"an extension or ad blocker stopped the request",
			"another message right before this one has the real reason, when it is about a preflight or a redirect",
		},
		probe: "send the request without a browser",
	}

	topicBare = topic{
		meaning: "The request failed, and scripts are not told why. The line before it in the console has the reason, and so has the network panel.",
		causes: []string{
			"CORS: look for a line with \"blocked by CORS policy\" or \"Cross-Origin Request Blocked\"",
			"the server is down, or the address is wrong",
			"the browser stopped the request: mixed content, a Content Security Policy, an extension",
			"the page went away while the request was running",
		},
		probe: "find the request by its URL and time",
	}

	topicMixed = topic{
		clause:  clauseBlocked,
		meaning: "An https page asked an http URL. The request was never sent.",
		causes:  []string{"the API's base URL starts with http://", "a redirect from https to http behind a TLS proxy"},
		probe:   "ask for the same URL with https",
	}

	topicCSP = topic{
		clause:  clauseBlocked,
		meaning: "The page's own Content Security Policy forbids the request. It was never sent.",
		causes:  []string{"connect-src (or default-src) does not list the API's origin", "a redirect leads to an origin that is not listed"},
		probe:   "read the page's Content-Security-Policy header and meta elements",
	}

	topicPolicy = topic{
		header: "Cross-Origin-Resource-Policy", clause: clausePolicy,
		meaning: "The answer came, and was kept out of the page by a rule for loads without CORS: its resource policy, its type, or the page's embedder policy.",
		causes: []string{
			"an image or script URL that answers with JSON or an HTML error page",
			"Cross-Origin-Resource-Policy: same-origin on the resource",
			"the page has Cross-Origin-Embedder-Policy: require-corp, and the resource says nothing",
		},
		probe: "send the request and read status, Content-Type and Cross-Origin-Resource-Policy",
	}

	topicDisabled = topic{
		meaning: "CORS is turned off in this browser's settings.",
		causes:  []string{"content.cors.disable in about:config"},
		probe:   "look at about:config",
	}

	topicHeaderValues = topic{
		header: allowOrigin, cors: true, clause: clauseMissing,
		meaning: "A CORS header is missing or has a value that is none. The Issues panel does not say which; the console does.",
		causes:  []string{"Access-Control-Allow-Origin is missing", "it holds several values", "it holds something that is no origin"},
		probe:   "send the request with the page's Origin and read status and headers",
	}

	topicPreflight = topic{
		cors: true, clause: clausePreflight,
		meaning: "The answer to the preflight is a redirect, no success (200 to 299), or no answer at all.",
		causes:  []string{"no route for OPTIONS (404, 405)", "authentication runs before CORS (401, 403)", "a slash or https redirect"},
		probe:   "send the preflight without a browser and look at status and Location",
	}
)
