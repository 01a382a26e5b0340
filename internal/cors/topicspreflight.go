package cors

// What is wrong with the answer to a preflight.
var (
	topicStatus = topic{
		cors: true, clause: clausePreflight,
		meaning: "The answer to the preflight is no success (200 to 299), so the request itself was never sent.",
		causes: []string{
			"no route for OPTIONS (404, 405)",
			"authentication runs before CORS (401, 403); a preflight never carries credentials",
			"the CORS layer refused origin, method or headers (400, 403); its body may say which",
			"the server failed (5xx)",
		},
		probe: "send the preflight without a browser and look at status and body",
	}

	topicRedirect = topic{
		header: "Location", cors: true, clause: clausePreflight,
		meaning: "The preflight was answered with a redirect, and a preflight must not be redirected.",
		causes: []string{
			"the path lacks a trailing slash or has one too many",
			"http is redirected to https, or one host name to another",
			"a login redirect: authentication runs before CORS",
		},
		probe: "send the preflight and read Location; then ask for that URL directly",
	}

	topicMethods = topic{
		header: allowMethods, cors: true, clause: clauseLists,
		meaning: "Access-Control-Allow-Methods is no list of method names separated by commas, so all of it counts for nothing.",
		causes:  []string{"spaces or semicolons between the methods", "quotation marks or brackets around them"},
		probe:   "send the preflight and read the header",
	}

	topicHeaders = topic{
		header: allowHeaders, cors: true, clause: clauseLists,
		meaning: "Access-Control-Allow-Headers is no list of header names separated by commas, so all of it counts for nothing.",
		causes:  []string{"spaces or semicolons between the names", "a value behind a name, as in X-Foo: bar", "quotation marks or brackets"},
		probe:   "send the preflight and read the header",
	}

	topicMethod = topic{
		header: allowMethods, cors: true, clause: clauseMethod,
		meaning: "Access-Control-Allow-Methods does not list the request's method. The comparison is case-sensitive.",
		causes: []string{
			"the CORS layer's default list has GET, HEAD and POST only",
			"the method is written in lower case: fetch() leaves patch as it is",
			"* is listed, but the request carries credentials, and then * is a method's name",
		},
		probe: "send the preflight with this method, and with GET, and compare",
	}

	topicHeader = topic{
		header: allowHeaders, cors: true, clause: clauseHeader,
		meaning: "Access-Control-Allow-Headers does not list a header that the page's script sets.",
		causes: []string{
			"a new header in the frontend: Authorization, X-Requested-With, a CSRF token, or one that tracing adds",
			"* is listed, but the request carries credentials, and then * is a header's name",
			"the page sets a response header, such as Access-Control-Allow-Origin, on its request: remove it there",
		},
		probe: "send the preflight with all header names, then without this one",
	}

	topicAuthorization = topic{
		header: allowHeaders, cors: true, clause: Clause{fetchStandard + "#cors-preflight-fetch-0", "7.6"},
		meaning: "A warning: * in Access-Control-Allow-Headers does not cover Authorization by the standard. Browsers still let it pass.",
		causes:  []string{"the server allows all headers with *"},
		probe:   "send the preflight and read the header; list Authorization by name",
	}
)
