package cors

import (
	"fmt"
	"strings"
)

// Code names a reason. Chromium's are the CorsError names of its DevTools
// protocol (https://chromedevtools.github.io/devtools-protocol/tot/Network/#type-CorsError),
// Firefox's the keys of its reasons
// (https://developer.mozilla.org/docs/Web/HTTP/Guides/CORS/Errors). WebKit has no
// names, so its codes are ours. Codes never change.
type Code string

// Chromium's codes.
const (
	ChromiumDisallowedByMode         Code = "DisallowedByMode"
	ChromiumInvalidResponse          Code = "InvalidResponse"
	ChromiumWildcardOrigin           Code = "WildcardOriginNotAllowed"
	ChromiumMissingAllowOrigin       Code = "MissingAllowOriginHeader"
	ChromiumMultipleAllowOrigin      Code = "MultipleAllowOriginValues"
	ChromiumInvalidAllowOrigin       Code = "InvalidAllowOriginValue"
	ChromiumAllowOriginMismatch      Code = "AllowOriginMismatch"
	ChromiumInvalidAllowCredentials  Code = "InvalidAllowCredentials"
	ChromiumDisabledScheme           Code = "CorsDisabledScheme"
	ChromiumPreflightStatus          Code = "PreflightInvalidStatus"
	ChromiumPreflightRedirect        Code = "PreflightDisallowedRedirect"
	ChromiumPreflightWildcard        Code = "PreflightWildcardOriginNotAllowed"
	ChromiumPreflightMissing         Code = "PreflightMissingAllowOriginHeader"
	ChromiumPreflightMultiple        Code = "PreflightMultipleAllowOriginValues"
	ChromiumPreflightInvalid         Code = "PreflightInvalidAllowOriginValue"
	ChromiumPreflightMismatch        Code = "PreflightAllowOriginMismatch"
	ChromiumPreflightCredentials     Code = "PreflightInvalidAllowCredentials"
	ChromiumInvalidAllowMethods      Code = "InvalidAllowMethodsPreflightResponse"
	ChromiumInvalidAllowHeaders      Code = "InvalidAllowHeadersPreflightResponse"
	ChromiumMethodDisallowed         Code = "MethodDisallowedByPreflightResponse"
	ChromiumHeaderDisallowed         Code = "HeaderDisallowedByPreflightResponse"
	ChromiumRedirectCredentials      Code = "RedirectContainsCredentials"
	ChromiumInsecureLocalNetwork     Code = "InsecureLocalNetwork"
	ChromiumInvalidLocalNetwork      Code = "InvalidLocalNetworkAccess"
	ChromiumLocalNetworkDenied       Code = "LocalNetworkAccessPermissionDenied"
	ChromiumNoCORSRedirectMode       Code = "NoCorsRedirectModeNotFollow"
	ChromiumMissingAllowExternal     Code = "PreflightMissingAllowExternal"
	ChromiumInvalidAllowExternal     Code = "PreflightInvalidAllowExternal"
	ChromiumMissingAllowPrivate      Code = "PreflightMissingAllowPrivateNetwork"
	ChromiumInvalidAllowPrivate      Code = "PreflightInvalidAllowPrivateNetwork"
	ChromiumUnexpectedPrivate        Code = "UnexpectedPrivateNetworkAccess"
	ChromiumMissingPrivateID         Code = "PreflightMissingPrivateNetworkAccessId"
	ChromiumMissingPrivateName       Code = "PreflightMissingPrivateNetworkAccessName"
	ChromiumPrivateUnavailable       Code = "PrivateNetworkAccessPermissionUnavailable"
	ChromiumAuthorizationDeprecation Code = "AuthorizationCoveredByWildcard"
)

// Firefox's codes.
const (
	FirefoxDisabled                 Code = "CORSDisabled"
	FirefoxDidNotSucceed            Code = "CORSDidNotSucceed"
	FirefoxOriginNotAdded           Code = "CORSOriginHeaderNotAdded"
	FirefoxExternalRedirect         Code = "CORSExternalRedirectNotAllowed"
	FirefoxNotHTTP                  Code = "CORSRequestNotHttp"
	FirefoxMissingAllowOrigin       Code = "CORSMissingAllowOrigin"
	FirefoxMultipleAllowOrigin      Code = "CORSMultipleAllowOriginNotAllowed"
	FirefoxOriginNotMatching        Code = "CORSAllowOriginNotMatchingOrigin"
	FirefoxWildcardCredentials      Code = "CORSNotSupportingCredentials"
	FirefoxMissingAllowCredentials  Code = "CORSMissingAllowCredentials"
	FirefoxPreflightStatus          Code = "CORSPreflightDidNotSucceed"
	FirefoxMethodNotFound           Code = "CORSMethodNotFound"
	FirefoxInvalidMethod            Code = "CORSInvalidAllowMethod"
	FirefoxInvalidHeader            Code = "CORSInvalidAllowHeader"
	FirefoxHeaderNotAllowed         Code = "CORSMissingAllowHeaderFromPreflight"
	FirefoxAuthorizationDeprecation Code = "CORSAllowHeaderFromPreflightDeprecation"
)

// WebKit's codes, which are ours.
const (
	WebKitOriginNotAllowed    Code = "WebKitOriginNotAllowed"
	WebKitWildcard            Code = "WebKitWildcardWithCredentials"
	WebKitMultipleOrigins     Code = "WebKitMultipleOrigins"
	WebKitCredentials         Code = "WebKitAllowCredentialsNotTrue"
	WebKitPreflightStatus     Code = "WebKitPreflightNotSuccessful"
	WebKitInvalidMethods      Code = "WebKitInvalidAllowMethods"
	WebKitInvalidHeaders      Code = "WebKitInvalidAllowHeaders"
	WebKitMethod              Code = "WebKitMethodNotAllowed"
	WebKitHeader              Code = "WebKitHeaderNotAllowed"
	WebKitRedirectScheme      Code = "WebKitRedirectScheme"
	WebKitRedirectCredentials Code = "WebKitRedirectCredentials"
	WebKitRedirectDenied      Code = "WebKitRedirectDenied"
	WebKitAccessControl       Code = "WebKitAccessControlChecks"
	WebKitUnsafeLoad          Code = "WebKitUnsafeLoad"
	WebKitModeSameOrigin      Code = "WebKitModeSameOrigin"
	WebKitRedirectMode        Code = "WebKitRedirectNotAllowed"
	WebKitTooManyRedirects    Code = "WebKitTooManyRedirects"
	WebKitResourcePolicy      Code = "WebKitResourcePolicy"
)

// Codes for messages that give no reason of their own, or are not CORS at all.
const (
	FetchFailed     Code = "FetchFailed"     // "Failed to fetch", "NetworkError when attempting…", "Load failed"
	NetworkError    Code = "NetworkError"    // a network error code of the browser
	ModeSameOrigin  Code = "ModeSameOrigin"  // fetch() refused to start
	SchemeRefused   Code = "SchemeRefused"   // fetch() refused to start
	MixedContent    Code = "MixedContent"    // https page, http request
	ContentSecurity Code = "ContentSecurity" // a Content Security Policy
	ResponseBlocked Code = "ResponseBlocked" // ORB, CORP, nosniff

	// Groups of codes under one heading of Chrome's Issues panel.
	IssueInvalidHeaders Code = "CorsIssue::InvalidHeaders"
	IssuePreflight      Code = "CorsIssue::PreflightResponseInvalid"
)

// The headers that codes are about.
const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowCredentials = "Access-Control-Allow-Credentials"
	allowMethods     = "Access-Control-Allow-Methods"
	allowHeaders     = "Access-Control-Allow-Headers"
)

// Clause is a place in a standard.
type Clause struct {
	URL  string `json:"url"`
	Step string `json:"step"`
}

func (c Clause) String() string {
	if c.URL == "" {
		return ""
	}
	return fmt.Sprintf("%s, step %s", c.URL, c.Step)
}

// The clauses verdicts stand on.
const fetchStandard = "https://fetch.spec.whatwg.org/"

var (
	clauseMissing     = Clause{fetchStandard + "#concept-cors-check", "2"}
	clauseOrigin      = Clause{fetchStandard + "#concept-cors-check", "4"}
	clauseCredentials = Clause{fetchStandard + "#concept-cors-check", "8"}
	clausePreflight   = Clause{fetchStandard + "#cors-preflight-fetch-0", "7"}
	clauseLists       = Clause{fetchStandard + "#cors-preflight-fetch-0", "7.3"}
	clauseMethod      = Clause{fetchStandard + "#cors-preflight-fetch-0", "7.5"}
	clauseHeader      = Clause{fetchStandard + "#cors-preflight-fetch-0", "7.7"}
	clauseMode        = Clause{fetchStandard + "#main-fetch", "12"}
	clauseBlocked     = Clause{fetchStandard + "#main-fetch", "7"}
	clauseScheme      = Clause{fetchStandard + "#http-redirect-fetch", "6"}
	clauseCount       = Clause{fetchStandard + "#http-redirect-fetch", "7"}
	clauseUserinfo    = Clause{fetchStandard + "#http-redirect-fetch", "9"}
	clauseRedirect    = Clause{fetchStandard + "#http-fetch", "6.3"}
	clausePolicy      = Clause{fetchStandard + "#http-fetch", "5"}
	clauseLocal       = Clause{"https://wicg.github.io/local-network-access/#local-network-request", "all"}
)

// Info is what there is to say about a code.
type Info struct {
	Code      Code
	Header    string // the response header it is about, "" when none
	Preflight bool   // it is about the answer to a preflight
	CORS      bool   // false: the browser failed for another reason
	Meaning   string // what happened, in one or two sentences
	Causes    []string
	Probe     string // the request that would prove it
	Clause    Clause
}

// Explain says what a code means, what usually causes it, likeliest first, and
// what would prove it.
func Explain(c Code) (Info, bool) {
	i := codeInfo(c)
	return i, i.Code != ""
}

func codeInfo(c Code) Info {
	t := spoken[c]
	e, ok := codes[c]
	if ok {
		t = e.topic
	}
	if t == nil {
		return Info{}
	}
	return Info{
		Code: c, Header: t.header, Preflight: e.preflight || !ok && strings.Contains(string(c), "Preflight"), CORS: t.cors, Meaning: t.meaning,
		Causes: t.causes, Probe: t.probe, Clause: t.clause,
	}
}
