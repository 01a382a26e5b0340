package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Size is a number of bytes, written "512", "256KB" or "1.5 MiB". A KB is
// 1024 bytes, as a KiB is.
type Size int64

// The factors, largest first, because that is the order String tries them in.
var sizeUnits = [...]struct {
	name   string
	factor int64
}{{"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}, {"B", 1}}

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) error {
	word := strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(string(text)), " ", ""))
	word = strings.Replace(word, "IB", "B", 1)
	number, factor := word, int64(1)
	for _, u := range sizeUnits {
		if n, ok := cutUnit(word, u.name); ok {
			number, factor = n, u.factor
			break
		}
	}
	f, err := strconv.ParseFloat(number, 64)
	// The comparison is written so that NaN fails it.
	if err != nil || !(f >= 0 && f*float64(factor) < 1<<62) {
		return fmt.Errorf("%q is not a size; write bytes or a unit, like \"256KB\" or \"4MB\"", text)
	}
	*s = Size(f * float64(factor))
	return nil
}

// cutUnit takes a unit off a number; the B of KB may be left out.
func cutUnit(word, unit string) (number string, ok bool) {
	if number, ok = strings.CutSuffix(word, unit); ok {
		return number, true
	}
	if len(unit) == 1 {
		return word, false
	}
	return strings.CutSuffix(word, unit[:1])
}

// MarshalText writes the size in the largest unit that leaves no fraction.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s Size) String() string {
	for _, u := range sizeUnits {
		if s != 0 && int64(s)%u.factor == 0 {
			return strconv.FormatInt(int64(s)/u.factor, 10) + u.name
		}
	}
	return "0"
}

// Duration is a time span, written "10s", "1m30s" or "250ms".
type Duration time.Duration

// UnmarshalText reads a duration. A bare number is refused, because half of
// its readers would take it for milliseconds.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a duration; write it like \"10s\", \"1m30s\" or \"250ms\"", text)
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes the duration without the zero parts Go would print.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
