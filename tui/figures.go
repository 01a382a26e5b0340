package tui

import (
	"strconv"
	"time"

	"corsdash/internal/safe"
)

// Figures as they are shown everywhere.

// clock is the local time of day, 15:04:05.
func clock(ns int64) safe.Text {
	h, mi, s := time.Unix(0, ns).Clock()
	b := [...]byte{'0' + byte(h/10), '0' + byte(h%10), ':', '0' + byte(mi/10), '0' + byte(mi%10), ':', '0' + byte(s/10), '0' + byte(s%10)}
	return safe.Text(b[:])
}

func integer(n int64) safe.Text { return safe.Text(strconv.FormatInt(n, 10)) }

// grouped is a count with its thousands apart: 1,234,567.
func grouped(n uint64) safe.Text {
	digits := strconv.FormatUint(n, 10)
	out := make([]byte, 0, len(digits)+len(digits)/3)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, digits[i])
	}
	return safe.Text(out)
}

// duration takes at most six cells: 850 µs would be seven, so it is 0.8ms.
func duration(d time.Duration) safe.Text {
	switch {
	case d < 0:
		return ""
	case d < 10*time.Millisecond:
		return decimal(d.Microseconds(), 1000) + "ms"
	case d < time.Second:
		return integer(d.Milliseconds()) + "ms"
	case d < 100*time.Second:
		return decimal(d.Milliseconds(), 1000) + "s"
	case d < 100*time.Minute:
		return integer(int64(d.Minutes())) + "m" + integer(int64(d.Seconds())%60) + "s"
	}
	return integer(int64(d.Hours())) + "h"
}

// size is in units of 1,024 and takes at most six cells.
func size(n int64) safe.Text {
	units := [...]safe.Text{" B", " KB", " MB", " GB", " TB"}
	i := 0
	scaled := n
	for scaled >= 1000 && i < len(units)-1 {
		i++
		scaled = n >> (10 * i)
	}
	if i == 0 {
		return integer(n) + units[0]
	}
	text := decimal(n>>(10*(i-1)), 1024)
	if len(text) > len("9.9") {
		text = integer(scaled)
	}
	return text + units[i]
}

// decimal is n/unit with one digit behind the point.
func decimal(n, unit int64) safe.Text {
	tenths := (n*10 + unit/2) / unit
	return integer(tenths/10) + "." + integer(tenths%10)
}

// rate is a count per second.
func rate(perSecond float64) safe.Text {
	if perSecond < 10 {
		return decimal(int64(perSecond*100), 100)
	}
	return grouped(uint64(perSecond))
}

// precise has microseconds where milliseconds say too little.
func precise(d time.Duration) safe.Text {
	if d < time.Millisecond {
		return integer(d.Microseconds()) + "us"
	}
	return duration(d)
}
