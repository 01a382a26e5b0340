package exchange

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"
)

// A body may outgrow the draft's own buffer, and the shared one after it.
func TestDraftOfALargeBody(t *testing.T) {
	var d Draft
	for round := range 3 {
		for _, size := range []int{10, keepCapacity, largeCapacity - keepCapacity, largeCapacity, 3 * largeCapacity} {
			d.Reset(time.Unix(0, 0))
			d.Client("me")
			body := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
			for i := 0; i < size; i += 10_000 {
				d.ResponseBody(body[i:min(i+10_000, size)], math.MaxInt)
				d.Interim(103, nil) // ends the section
			}
			d.Response(200, nil, nil, nil)
			x := decode(t, d.Encode(make([]byte, d.Len())), -1)
			if x.Client != "me" || x.Response.Body.Data != string(body) {
				t.Errorf("round %d, size %d: client %q, body of %d bytes", round, size, x.Client, len(x.Response.Body.Data))
			}
		}
	}
}

// Two drafts with large bodies at a time must not share a buffer.
func TestLargeBuffersAreNotSharedAtATime(t *testing.T) {
	var a, b Draft
	for range 3 {
		a.Reset(time.Unix(0, 0))
		b.Reset(time.Unix(0, 0))
		a.Response(200, nil, nil, nil)
		b.Response(200, nil, nil, nil)
		a.ResponseBody(bytes.Repeat([]byte("a"), keepCapacity+1), math.MaxInt)
		b.ResponseBody(bytes.Repeat([]byte("b"), keepCapacity+1), math.MaxInt)
		for want, d := range map[string]*Draft{"a": &a, "b": &b} {
			if got := decode(t, d.Encode(make([]byte, d.Len())), -1).Response.Body.Data; strings.Trim(got, want) != "" {
				t.Errorf("%s has bytes of another", want)
			}
		}
	}
}
