package diag

import "corsdash/internal/diag/layer"

// Layer is who answered, or stood in between.
type Layer = layer.Layer

// Layers are those recognised in this answer, the surest first.
func (f *Fact) Layers() []Layer {
	if !f.layered {
		f.layered = true
		if f.Status != 0 {
			f.layers = layer.Find(layer.Answer{Status: f.Status, Headers: f.X.Response.Headers, Type: f.Type, Body: f.Body()})
		}
	}
	return f.layers
}

// Layer returns the layer of that name, if this answer shows it.
func (f *Fact) Layer(name string) (Layer, bool) {
	for _, l := range f.Layers() {
		if l.Name == name {
			return l, true
		}
	}
	return Layer{}, false
}

// Shows reports whether this answer, or an earlier one of the upstream, shows
// a layer.
func (c *Case) Shows(name string) bool {
	if _, ok := c.Layer(name); ok {
		return true
	}
	for _, l := range c.Upstream.Layers {
		if l.Name == name && l.Confidence >= 60 {
			return true
		}
	}
	return false
}

// MadeBy is the layer that made this answer itself, such as a gateway whose
// error page it is.
func (c *Case) MadeBy() (Layer, bool) {
	for _, l := range c.Layers() {
		if l.Made {
			return l, true
		}
	}
	return Layer{}, false
}

func stackOf(list []Layer) string { return layer.Stack(list) }

// learnLayers adds what an answer shows to what is known of the upstream. Most
// answers of an upstream look alike: their header lines are compared first.
func (u *Upstream) learnLayers(f *Fact) {
	if f.Status >= 400 {
		u.Layers = layer.Merge(u.Layers, f.Layers())
		return
	}
	h := f.X.Response.Headers
	sign := hashOf(h.First("Server"), h.First("X-Powered-By"), h.First("Via"), f.Type)
	if sign == u.learned {
		return
	}
	u.learned = sign
	u.Layers = layer.Merge(u.Layers, f.Layers())
}
