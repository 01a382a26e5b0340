package diag

import "slices"

// families lists all rules, in the order people should meet them. A family is
// a file; a rule is an entry in its table.
var families = [][]Rule{
	transportRules,
	hiddenRules,
	preflightRules,
	redirectRules,
	originRules,
	authRules,
	cookieRules,
}

// watches lists what the families remember.
var watches = []Watch{}

// Rules lists all rules.
func Rules() []Rule { return slices.Concat(families...) }

// FindRule returns the rule of that ID.
func FindRule(id string) (Rule, bool) {
	for _, family := range families {
		for i := range family {
			if family[i].ID == id {
				return family[i], true
			}
		}
	}
	return Rule{}, false
}
