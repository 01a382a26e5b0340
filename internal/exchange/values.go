package exchange

import "strings"

// useless are values that are no secrets but mistakes, which a diagnosis wants
// to read, or words for "nothing here".
var useless = words(`undefined null nil none nan false true deleted anonymous {} [] ""`, "[object object]")

// ordinary are values of the weak names that are codes and states for people
// and programs, not secrets: those of RFC 6749 and 6750, of frameworks, of
// axios and of Node.
var ordinary = words(`
	access_denied account_selection_required authentication_failed authorization_pending
	bad_gateway bad_request bad_user_input consent_required csrf_failed e_validation_failure
	expired_token graphql_validation_failed insufficient_scope interaction_required
	internal_error internal_server_error invalid_client invalid_credentials invalid_grant
	invalid_request invalid_scope invalid_token jsonwebtokenerror jwt_expired login_required
	method_not_allowed not_allowed not_authenticated not_found permission_denied
	persisted_query_not_found server_error service_unavailable slow_down
	temporarily_unavailable token_expired token_invalid token_not_valid tokenexpirederror
	unauthenticated unauthorized unauthorized_client unsupported_grant_type
	unsupported_response_type user_not_found validation_error

	eai_again econnaborted econnrefused econnreset ehostunreach enoent enotfound epipe
	etimedout err_bad_option err_bad_request err_bad_response err_canceled err_failed
	err_network

	abort aborted active all any archived authenticated cancelled canceled closed completed
	connected connecting created default disabled disconnected done draft empty enabled error
	expired failed failure forbidden idle inactive invalid loading locked merged new off ok on
	open paused pending processing published queued ready rejected required resolved running
	started starting stopped stopping success throttled timeout unknown unlocked waiting`)

func words(list string, more ...string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range append(strings.Fields(list), more...) {
		set[word] = true
	}
	return set
}

// isUseless reports whether a value may stay readable under any secret name.
func isUseless(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) > len("%5Bobject%20Object%5D") {
		return strings.Trim(s, "*") == ""
	}
	switch strings.Trim(s, "*•") {
	case "", "undefined", "null":
		return true
	}
	return useless[unquotedLower(s)]
}

// unquotedLower reads the few escapes "[object Object]" is written with.
func unquotedLower(s string) string {
	s = strings.ToLower(s)
	if strings.ContainsAny(s, "%+") {
		s = strings.NewReplacer("%20", " ", "+", " ", "%5b", "[", "%5d", "]").Replace(s)
	}
	return s
}

// isOrdinary reports whether a value may stay readable under a weak name: a
// well-known word, or a number of up to three digits such as a status.
func isOrdinary(s string) bool {
	if len(s) <= 3 && strings.Trim(s, "0123456789") == "" {
		return true
	}
	return len(s) <= 32 && ordinary[strings.ToLower(s)]
}
