package cors

// entry says what a code is about and how the browser words it.
type entry struct {
	engine    Engine
	preflight bool // about the answer to a preflight
	topic     *topic
	text      string // what the console says; see wording
	suffix    suffix
}

// suffix is a sentence Chromium appends for one kind of request only.
type suffix uint8

const (
	noSuffix suffix = iota
	suffixFetch
	suffixXHR
)

var suffixText = [...]string{
	suffixFetch: " Have the server send the header with a valid value.",
	suffixXHR:   " The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute.",
}

const (
	textMissing     = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
	textWildcard    = "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'."
	textMultiple    = "The 'Access-Control-Allow-Origin' header contains multiple values '%', but only one is allowed."
	textInvalid     = "The 'Access-Control-Allow-Origin' header contains the invalid value '%'."
	textMismatch    = "The 'Access-Control-Allow-Origin' header has a value '%' that is not equal to the supplied origin."
	textCredentials = "The value of the 'Access-Control-Allow-Credentials' header in the response is '%' which must be 'true' when the request's credentials mode is 'include'."
	textSchemes     = "Cross origin requests are only supported for protocol schemes: chrome, chrome-experimental-site-token-provider, chrome-extension, chrome-untrusted, data, http, https, isolated-app."
)

// chromiumPreflightCode is the name of a failed CORS check on a preflight.
var chromiumPreflightCode = map[Code]Code{
	ChromiumWildcardOrigin:          ChromiumPreflightWildcard,
	ChromiumMissingAllowOrigin:      ChromiumPreflightMissing,
	ChromiumMultipleAllowOrigin:     ChromiumPreflightMultiple,
	ChromiumInvalidAllowOrigin:      ChromiumPreflightInvalid,
	ChromiumAllowOriginMismatch:     ChromiumPreflightMismatch,
	ChromiumInvalidAllowCredentials: ChromiumPreflightCredentials,
}

// codes are all codes a verdict can have, with the exact wording of the
// browser: for Chromium services/network and blink's cors_error_string.cc, for
// Firefox dom/locales/en-US/chrome/security/security.properties, for WebKit
// CrossOriginAccessControl.cpp and NetworkLoadChecker.cpp.
var codes = map[Code]entry{
	ChromiumDisallowedByMode:        {Chromium, false, &topicMode, "Cross origin requests are not allowed by request mode.", noSuffix},
	ChromiumInvalidResponse:         {Chromium, false, &topicUnreachable, "The response is invalid.", noSuffix},
	ChromiumWildcardOrigin:          {Chromium, false, &topicWildcard, textWildcard, suffixXHR},
	ChromiumMissingAllowOrigin:      {Chromium, false, &topicMissing, textMissing, noSuffix},
	ChromiumMultipleAllowOrigin:     {Chromium, false, &topicMultiple, textMultiple, suffixFetch},
	ChromiumInvalidAllowOrigin:      {Chromium, false, &topicInvalid, textInvalid, suffixFetch},
	ChromiumAllowOriginMismatch:     {Chromium, false, &topicMismatch, textMismatch, suffixFetch},
	ChromiumInvalidAllowCredentials: {Chromium, false, &topicCredentials, textCredentials, suffixXHR},
	ChromiumDisabledScheme:          {Chromium, false, &topicScheme, textSchemes, noSuffix},
	ChromiumPreflightStatus:         {Chromium, true, &topicStatus, "It does not have HTTP ok status.", noSuffix},
	ChromiumPreflightRedirect:       {Chromium, true, &topicRedirect, "Redirect is not allowed for a preflight request.", noSuffix},
	ChromiumPreflightWildcard:       {Chromium, true, &topicWildcard, textWildcard, suffixXHR},
	ChromiumPreflightMissing:        {Chromium, true, &topicMissing, textMissing, noSuffix},
	ChromiumPreflightMultiple:       {Chromium, true, &topicMultiple, textMultiple, suffixFetch},
	ChromiumPreflightInvalid:        {Chromium, true, &topicInvalid, textInvalid, suffixFetch},
	ChromiumPreflightMismatch:       {Chromium, true, &topicMismatch, textMismatch, suffixFetch},
	ChromiumPreflightCredentials:    {Chromium, true, &topicCredentials, textCredentials, suffixXHR},
	ChromiumInvalidAllowMethods:     {Chromium, true, &topicMethods, "Cannot parse Access-Control-Allow-Methods response header field in preflight response.", noSuffix},
	ChromiumInvalidAllowHeaders:     {Chromium, true, &topicHeaders, "Cannot parse Access-Control-Allow-Headers response header field in preflight response.", noSuffix},
	ChromiumMethodDisallowed:        {Chromium, true, &topicMethod, "Method % is not allowed by Access-Control-Allow-Methods in preflight response.", noSuffix},
	ChromiumHeaderDisallowed:        {Chromium, true, &topicHeader, "Request header field % is not allowed by Access-Control-Allow-Headers in preflight response.", noSuffix},
	ChromiumRedirectCredentials:     {Chromium, false, &topicUserinfo, "Redirect location '%' contains a username and password, which is disallowed for cross-origin requests.", noSuffix},
	ChromiumInsecureLocalNetwork:    {Chromium, false, &topicLocal, "The request client is not a secure context and the resource is in more-private address space `%`.", noSuffix},
	ChromiumInvalidLocalNetwork:     {Chromium, false, &topicLocal, "Request had a target IP address space of `%` yet the resource is in address space `%`.", noSuffix},
	ChromiumLocalNetworkDenied:      {Chromium, false, &topicLocal, "Permission was denied for this request to access the `%` address space.", noSuffix},

	FirefoxDisabled:                {Firefox, false, &topicDisabled, "CORS disabled).", noSuffix},
	FirefoxDidNotSucceed:           {Firefox, false, &topicUnreachable, "CORS request did not succeed). Status code: #.", noSuffix},
	FirefoxOriginNotAdded:          {Firefox, false, &topicDisabled, "CORS header ‘Origin’ cannot be added).", noSuffix},
	FirefoxExternalRedirect:        {Firefox, true, &topicRedirect, "CORS request external redirect not allowed).", noSuffix},
	FirefoxNotHTTP:                 {Firefox, false, &topicScheme, "CORS request not http).", noSuffix},
	FirefoxMissingAllowOrigin:      {Firefox, false, &topicMissing, "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: #.", noSuffix},
	FirefoxMultipleAllowOrigin:     {Firefox, false, &topicMultiple, "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed).", noSuffix},
	FirefoxOriginNotMatching:       {Firefox, false, &topicMismatch, "CORS header ‘Access-Control-Allow-Origin’ does not match ‘%’).", noSuffix},
	FirefoxWildcardCredentials:     {Firefox, false, &topicWildcard, "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).", noSuffix},
	FirefoxMissingAllowCredentials: {Firefox, false, &topicCredentials, "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).", noSuffix},
	FirefoxPreflightStatus:         {Firefox, true, &topicStatus, "CORS preflight response did not succeed). Status code: #.", noSuffix},
	FirefoxMethodNotFound:          {Firefox, true, &topicMethod, "Did not find method in CORS header ‘Access-Control-Allow-Methods’).", noSuffix},
	FirefoxInvalidMethod:           {Firefox, true, &topicMethods, "invalid token ‘%’ in CORS header ‘Access-Control-Allow-Methods’).", noSuffix},
	FirefoxInvalidHeader:           {Firefox, true, &topicHeaders, "invalid token ‘%’ in CORS header ‘Access-Control-Allow-Headers’).", noSuffix},
	FirefoxHeaderNotAllowed:        {Firefox, true, &topicHeader, "header ‘%’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response).", noSuffix},

	WebKitOriginNotAllowed:    {WebKit, false, &topicNotAllowed, "Origin @ is not allowed by Access-Control-Allow-Origin. Status code: #", noSuffix},
	WebKitWildcard:            {WebKit, false, &topicWildcard, "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.", noSuffix},
	WebKitMultipleOrigins:     {WebKit, false, &topicMultiple, "Access-Control-Allow-Origin cannot contain more than one origin.", noSuffix},
	WebKitCredentials:         {WebKit, false, &topicCredentials, "Credentials flag is true, but Access-Control-Allow-Credentials is not \"true\".", noSuffix},
	WebKitPreflightStatus:     {WebKit, true, &topicStatus, "Preflight response is not successful. Status code: #", noSuffix},
	WebKitInvalidMethods:      {WebKit, true, &topicMethods, "Header Access-Control-Allow-Methods has an invalid value: %", noSuffix},
	WebKitInvalidHeaders:      {WebKit, true, &topicHeaders, "Header Access-Control-Allow-Headers has an invalid value: %", noSuffix},
	WebKitMethod:              {WebKit, true, &topicMethod, "Method % is not allowed by Access-Control-Allow-Methods.", noSuffix},
	WebKitHeader:              {WebKit, true, &topicHeader, "Request header field % is not allowed by Access-Control-Allow-Headers.", noSuffix},
	WebKitRedirectScheme:      {WebKit, false, &topicScheme, "not allowed to follow a cross-origin CORS redirection with non CORS scheme", noSuffix},
	WebKitRedirectCredentials: {WebKit, false, &topicUserinfo, "redirection URL % has credentials", noSuffix},

	WebKitUnsafeLoad:       {WebKit, false, &topicMode, "Unsafe attempt to load URL ~ from origin @. Domains, protocols and ports must match.", noSuffix},
	WebKitModeSameOrigin:   {WebKit, false, &topicMode, "Cross origin requests are not allowed when using same-origin fetch mode.", noSuffix},
	WebKitRedirectMode:     {WebKit, false, &topicRedirectMode, "Not allowed to follow a redirection while loading ~", noSuffix},
	WebKitTooManyRedirects: {WebKit, false, &topicRedirectCount, "Load cannot follow more than 20 redirections", noSuffix},
	WebKitResourcePolicy:   {WebKit, false, &topicPolicy, "Cancelled load to ~ because it violates the resource's Cross-Origin-Resource-Policy response header.", noSuffix},
}

// spoken are codes that only Decode gives: messages of older browsers, and
// those that are not about CORS.
var spoken = map[Code]*topic{
	ChromiumNoCORSRedirectMode: &topicRedirectMode, ChromiumMissingAllowExternal: &topicPrivate,
	ChromiumInvalidAllowExternal: &topicPrivate, ChromiumMissingAllowPrivate: &topicPrivate,
	ChromiumInvalidAllowPrivate: &topicPrivate, ChromiumUnexpectedPrivate: &topicPrivate,
	ChromiumMissingPrivateID: &topicPrivate, ChromiumMissingPrivateName: &topicPrivate,
	ChromiumPrivateUnavailable: &topicPrivate, ChromiumAuthorizationDeprecation: &topicAuthorization,
	FirefoxAuthorizationDeprecation: &topicAuthorization,
	FetchFailed:                     &topicBare, NetworkError: &topicUnreachable, ModeSameOrigin: &topicMode,
	SchemeRefused: &topicScheme, MixedContent: &topicMixed, ContentSecurity: &topicCSP, ResponseBlocked: &topicPolicy,
	WebKitAccessControl: &topicBare, WebKitRedirectDenied: &topicRedirectDenied,
	IssueInvalidHeaders: &topicHeaderValues, IssuePreflight: &topicPreflight,
}
