package diag

import (
	"hash/maphash"
	"strings"
	"time"

	"corsdash/internal/cors"
	"corsdash/internal/diag/jar"
)

// client is one browser or tool: an address and a User-Agent. All tabs of a
// browser are one client; what belongs together is told apart by origin and
// URL.
type client struct {
	id      clientID
	hash    uint64
	name    string // what people see of it, "Chrome at 127.0.0.1"
	engine  cors.Engine
	browser bool
	tool    bool
	major   int // the browser's major version, 0 when not known
	last    time.Time

	jars     map[string]*jar.Jar // by the site of the page
	cookies  lastCookies
	bearers  [4]lastBearer
	sessions []*Session // newest use first
	open     int        // incidents that still wait for something

	nextBearer int
}

type clientID struct{ address, agent string }

// maxClients bounds how many are told apart at a time. A machine has a few;
// more is somebody making up User-Agents.
const maxClients = 256

// clients are the clients seen lately.
type clients struct {
	byID map[clientID]*client
	last *client // most traffic comes from one
}

// of finds or makes the client of an exchange.
func (c *clients) of(f *Fact) *client {
	id := clientID{withoutPort(f.X.Client), f.SentHeader("User-Agent")}
	if c.last != nil && c.last.id == id {
		c.last.last = f.End
		return c.last
	}
	found := c.byID[id]
	if found == nil {
		found = newClient(id)
		if len(c.byID) >= maxClients {
			c.forgetOldest()
		}
		if c.byID == nil {
			c.byID = make(map[clientID]*client)
		}
		c.byID[found.id] = found
	}
	found.last = f.End
	c.last = found
	return found
}

func newClient(id clientID) *client {
	id = clientID{strings.Clone(id.address), strings.Clone(id.agent)}
	c := &client{id: id, hash: hashOf(id.address, id.agent), jars: make(map[string]*jar.Jar)}
	c.engine, c.browser = cors.EngineOf(id.agent)
	c.tool = !c.browser && id.agent != "" && !strings.HasPrefix(id.agent, "Mozilla/")
	c.major = majorOf(id.agent)
	c.name = nameOf(id.agent)
	if id.address != "" {
		c.name += " at " + id.address
	}
	return c
}

func (c *clients) forgetOldest() {
	var oldest *client
	for _, one := range c.byID {
		if oldest == nil || one.last.Before(oldest.last) || one.last.Equal(oldest.last) && one.id.less(oldest.id) {
			oldest = one
		}
	}
	delete(c.byID, oldest.id)
}

// less makes the choice among equals not depend on the order of a map.
func (a clientID) less(b clientID) bool {
	if a.address != b.address {
		return a.address < b.address
	}
	return a.agent < b.agent
}

// withoutPort is the address of a client: each connection has another port.
func withoutPort(address string) string {
	if i := strings.LastIndexByte(address, ':'); i > 0 {
		return address[:i]
	}
	return address
}

// products are the names in a User-Agent that say which browser it is, the
// telling ones first: most browsers also name those they want to pass for.
var products = []struct{ token, name string }{
	{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
	{"HeadlessChrome/", "Chrome"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"},
}

func nameOf(agent string) string {
	for _, p := range products {
		if strings.Contains(agent, p.token) {
			return p.name
		}
	}
	name, _, _ := strings.Cut(agent, "/")
	if name == "" || len(name) > 24 {
		return "a client"
	}
	return name
}

func majorOf(agent string) (n int) {
	for _, p := range products {
		_, rest, ok := strings.Cut(agent, p.token)
		for i := 0; ok && i < len(rest) && i < 4 && rest[i]-'0' < 10; i++ {
			n = n*10 + int(rest[i]-'0')
		}
		if ok {
			return n
		}
	}
	return 0
}

// seed makes hashes of this process. Only equality matters, so results do not
// depend on it.
var seed = maphash.MakeSeed()

// hashOf hashes strings so that no two lists of them are likely to agree.
func hashOf(parts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, p := range parts {
		h.WriteString(p)
		h.WriteByte(0)
	}
	return h.Sum64()
}
