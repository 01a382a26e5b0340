package tui

// view is one of the dashboard's screens. It draws what the model holds and
// nothing else, exactly filling the pane it is given.
type view struct {
	id    string
	title string
	draw  func(m *model, p *pane)
}

// views lists the views in the order of their numbers. A new one is a file and
// a line here; what it shows is state of the model, its keys are lines of
// bindings.
func views() []view {
	return []view{
		{"live", "Live", (*model).drawList},
	}
}
