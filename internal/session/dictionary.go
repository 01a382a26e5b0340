package session

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strings"

	"corsdash/internal/exchange"
)

// kind is what many exchanges have in common, a line of the table kind.
type kind struct {
	method, host, mime, origin, upstream, client string
	source                                       exchange.Source
	class                                        exchange.Class
	status                                       uint16
	open                                         Flags
}

// clone makes the strings the kind's own.
func (k kind) clone() kind {
	for _, s := range [...]*string{&k.method, &k.host, &k.mime, &k.origin, &k.upstream, &k.client} {
		*s = strings.Clone(*s)
	}
	return k
}

// localKind is a kind within one pack, by handles: quicker to compare.
type localKind struct {
	method, host, mime, origin, upstream, client Text
	source                                       exchange.Source
	class                                        exchange.Class
	status                                       uint16
	open                                         Flags
}

// diagnosis is a line of the table diagnosis.
type diagnosis struct {
	role, outcome, severity uint8
	rule                    string
}

func (d diagnosis) clone() diagnosis {
	d.rule = strings.Clone(d.rule)
	return d
}

// dictionary numbers the lines of a table that holds what many others point
// at. It forgets now and then, so the table may hold a line twice.
type dictionary[K comparable] struct {
	ids  map[K]int64
	next int64
}

// dictionaryMax bounds a dictionary's memory.
const dictionaryMax = 4096

// number returns the ID of k, and whether its line has yet to be written.
// clone makes a k that may be kept.
func (d *dictionary[K]) number(k K, clone func(K) K) (id int64, isNew bool) {
	if id, ok := d.ids[k]; ok {
		return id, false
	}
	if len(d.ids) >= dictionaryMax || d.ids == nil {
		d.ids = make(map[K]int64)
	}
	d.next++
	d.ids[clone(k)] = d.next
	return d.next, true
}

// bodies finds bodies that keep coming back. The first time a body comes it
// stays in its block, and only its hash is noted; the second time it is put
// into the table of bodies and kept here to compare with, and from then on it
// is referred to. A body that never comes again costs a fast hash.
type bodies struct {
	seed maphash.Seed
	seen [4096]seenBody // direct-mapped by hash
	kept []*seenBody    // those with data, oldest first
	held int            // bytes of them
	next uint64
}

type seenBody struct {
	hash uint64
	id   uint64 // 0 until it has come a second time
	data []byte
}

// bodiesHeld bounds the memory for bodies to compare with, in bytes.
const bodiesHeld = 4 << 20

// number returns the ID of a body in the table, 0 when it stays in the block,
// and whether it has yet to be written there.
func (b *bodies) number(body []byte) (id uint64, isNew bool) {
	hash := maphash.Bytes(b.seed, body)
	seen := &b.seen[hash%uint64(len(b.seen))]
	switch {
	case seen.hash == hash && seen.id != 0 && bytes.Equal(seen.data, body):
		return seen.id, false
	case seen.hash == hash && seen.id == 0 && len(body) <= bodiesHeld/4:
		b.next++
		seen.id, seen.data = b.next, bytes.Clone(body)
		b.keep(seen)
		return seen.id, true
	case seen.id == 0:
		seen.hash = hash
	}
	return 0, false
}

// keep makes room for the body by forgetting the oldest ones.
func (b *bodies) keep(seen *seenBody) {
	b.kept = append(b.kept, seen)
	b.held += len(seen.data)
	for b.held > bodiesHeld {
		oldest := b.kept[0]
		b.held -= len(oldest.data)
		*oldest = seenBody{}
		b.kept = slices.Delete(b.kept, 0, 1)
	}
}
