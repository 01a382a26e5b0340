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

// wordSet is a set of words in lower case.
type wordSet map[string]bool

// has reports whether a word is in the set in any case. Words of more than 64
// bytes are in none.
func (set wordSet) has(word string) bool {
	var buf [64]byte
	if len(word) > len(buf) {
		return false
	}
	for i := range len(word) {
		c := word[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	return set[string(buf[:len(word)])]
}

func words(list string, more ...string) wordSet {
	set := make(wordSet)
	for _, word := range append(strings.Fields(list), more...) {
		set[word] = true
	}
	return set
}

// isUseless reports whether a value may stay readable under any secret name.
func isUseless(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" || s[0] == '*' && strings.Trim(s, "*") == "" || strings.Trim(s, "•") == "" {
		return true
	}
	if len(s) > len("%5Bobject%20Object%5D") {
		return false
	}
	if strings.IndexByte(s, '%') >= 0 || strings.IndexByte(s, '+') >= 0 {
		s = objectEscapes.Replace(s)
	}
	return useless.has(s)
}

// objectEscapes are the ways "[object Object]" is written in URLs.
var objectEscapes = strings.NewReplacer("%20", " ", "+", " ", "%5b", "[", "%5d", "]", "%5B", "[", "%5D", "]")

// isOrdinary reports whether a value may stay readable under a weak name: a
// well-known word, or a number of up to three digits such as a status.
func isOrdinary(s string) bool {
	if len(s) <= 3 && strings.Trim(s, "0123456789") == "" {
		return true
	}
	return ordinary.has(s)
}
