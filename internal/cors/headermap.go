package cors

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Chromium names the first header that a preflight does not allow, and "first"
// is the order of blink's HTTPHeaderMap: an open hash table, keyed by the
// lower-case name in UTF-16, hashed with rapidhash, probed with growing steps,
// doubled when half full. The order is the same in every process, so the
// message is predictable; it is neither the script's order nor the alphabet's.

// chromiumOrder sorts the names a preflight asked for into the order in which
// Chromium checks them. Besides the script's headers the table holds the
// User-Agent and, towards trustworthy hosts, the client hints sent by default.
func chromiumOrder(asked []string, script Headers, trustworthy bool) []string {
	var names []string
	for i := range script {
		names = append(names, lowerName(script[i].Name))
	}
	slices.Sort(names)
	names = append(names, asked...)
	if trustworthy {
		names = append(names, "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform")
	}
	table := make([]string, 8)
	used := 0
	for _, name := range append(names, "user-agent") {
		if name == "" || slices.Contains(table, name) {
			continue
		}
		place(table, name)
		if used++; 2*used >= len(table) {
			table = grown(table)
		}
	}
	return slices.DeleteFunc(table, func(name string) bool { return !slices.Contains(asked, name) })
}

func place(table []string, name string) {
	mask := len(table) - 1
	i := int(blinkHash(name)) & mask
	for step := 1; table[i] != ""; step++ {
		i = (i + step) & mask
	}
	table[i] = name
}

func grown(table []string) []string {
	out := make([]string, 2*len(table))
	for _, name := range table {
		if name != "" {
			place(out, name)
		}
	}
	return out
}

// blinkHash is the hash of an ASCII name, its upper bits cut off.
func blinkHash(name string) uint64 {
	wide := make([]byte, 2*len(name))
	for i := range len(name) {
		wide[2*i] = name[i]
	}
	return rapidHash(wide) & 0xffffff
}

// The constants of rapidhash, https://github.com/Nicoshev/rapidhash (version 1).
const (
	rapidSeed = 0xbdd89aa982704029
	rapid0    = 0x2d358dccaa6c78a5
	rapid1    = 0x8bb84b93962eacc9
	rapid2    = 0x4b33a62ed433d4a3
)

func rapidMix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// rapidHash hashes p, of even length, because UTF-16 is.
func rapidHash(p []byte) uint64 {
	n := len(p)
	seed := rapidSeed ^ rapidMix(rapidSeed^rapid0, rapid1) ^ uint64(n)
	var a, b uint64
	switch {
	case n > 16:
		rest := p
		if n > 48 {
			rest, seed = rapidBlocks(p, seed)
		}
		le := binary.LittleEndian.Uint64
		if len(rest) > 16 {
			seed = rapidMix(le(rest)^rapid2, le(rest[8:])^seed^rapid1)
		}
		if len(rest) > 32 {
			seed = rapidMix(le(rest[16:])^rapid2, le(rest[24:])^seed)
		}
		a, b = le(p[n-16:]), le(p[n-8:])
	case n >= 4:
		le := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(p[at:])) }
		step := (n & 24) >> (n >> 3)
		a, b = le(0)<<32|le(n-4), le(step)<<32|le(n-4-step)
	case n > 0:
		a = uint64(p[0])<<56 | uint64(p[n>>1])<<32 | uint64(p[n-1])
	}
	hi, lo := bits.Mul64(a^rapid1, b^seed)
	return rapidMix(lo^rapid0^uint64(n), hi^rapid1)
}

// rapidBlocks consumes the 48-byte blocks of a long input.
func rapidBlocks(p []byte, seed uint64) ([]byte, uint64) {
	le := binary.LittleEndian.Uint64
	second, third := seed, seed
	for len(p) >= 48 {
		seed = rapidMix(le(p)^rapid0, le(p[8:])^seed)
		second = rapidMix(le(p[16:])^rapid1, le(p[24:])^second)
		third = rapidMix(le(p[32:])^rapid2, le(p[40:])^third)
		p = p[48:]
	}
	return p, seed ^ second ^ third
}
