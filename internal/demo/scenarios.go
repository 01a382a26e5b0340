package demo

import "slices"

// scenarios lists everything the demo shows, in the order in which people
// should meet it. A new one is an entry in one of these lists.
var scenarios = slices.Concat(healthy, hidden, policies, preflights, redirects, tokens, cookies, loads, streams)

// Scenarios returns the list.
func Scenarios() []Scenario { return slices.Clone(scenarios) }

// failedFetch is all that a script learns of a request the browser refused.
const failedFetch = "TypeError: Failed to fetch"

// jsonHeader makes a request ask a preflight, as every JSON client does.
var jsonHeader = [][2]string{{"Content-Type", "application/json"}}
