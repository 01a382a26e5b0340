package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// randomExchange fills every field that a record carries, or leaves it empty.
func randomExchange(rng *rand.Rand) *Exchange {
	g := generator{rng}
	x := &Exchange{
		ID: rng.Uint64(), Source: Source(rng.IntN(4)), Open: g.flip(), Redacted: g.flip(),
		Client: g.text(20), Upstream: g.text(30), Address: g.text(20),
		Request: Request{Method: g.text(8), URL: g.text(200), Proto: g.text(8), Headers: g.headers(), Trailers: g.headers(), Body: g.body()},
		Timing: Timing{Started: time.Unix(rng.Int64N(1<<33), rng.Int64N(1e9)), Took: g.took(), DNS: g.took(), Connect: g.took(), TLS: g.took(),
			Send: g.took(), Wait: g.took(), Receive: g.took(), Proxy: g.took(), Reused: g.flip()},
	}
	if g.flip() {
		x.Response = &Response{Status: 100 + rng.IntN(900), Reason: g.text(10), Proto: g.text(8), Headers: g.headers(), Trailers: g.headers(), Body: g.body()}
	}
	if g.flip() {
		x.Failure = Failure{Class: Class(1 + rng.IntN(13)), Detail: g.text(60)}
	}
	for range rng.IntN(3) {
		x.Interim = append(x.Interim, Interim{Status: 100 + rng.IntN(100), Headers: g.headers()})
		x.Changes = append(x.Changes, "change "+g.text(40))
	}
	if g.flip() {
		x.Socket = &Socket{FramesIn: rng.Uint32(), FramesOut: rng.Uint32()}
		for range rng.IntN(4) {
			x.Socket.Frames = append(x.Socket.Frames, Frame{Out: g.flip(), Opcode: byte(rng.IntN(16)), Final: g.flip(), Compressed: g.flip(),
				At: g.took(), Size: rng.Int64(), Data: g.text(300)})
		}
	}
	return x
}

type generator struct{ *rand.Rand }

func (g generator) flip() bool { return g.IntN(2) == 0 }

func (g generator) took() time.Duration { return time.Duration(g.Int64N(1<<40)) - 1 }

// text is any bytes, often none.
func (g generator) text(limit int) string {
	if g.IntN(4) == 0 {
		return ""
	}
	out := make([]byte, g.IntN(limit))
	for i := range out {
		out[i] = byte(g.IntN(256))
	}
	return string(out)
}

// headers are lines as a wire can carry them.
func (g generator) headers() (h Headers) {
	for range g.IntN(5) {
		value := strings.Trim(strings.NewReplacer("\n", "", "\r", "").Replace(g.text(80)), " \t")
		h = append(h, Header{fmt.Sprintf("X-%d", g.IntN(99)), value})
	}
	return h
}

func (g generator) body() Body {
	data := g.text(3000)
	b := Body{Size: int64(len(data)), Data: data}
	switch g.IntN(3) {
	case 0:
		b.Size += g.Int64N(1000)
	case 1:
		b.Decoded, b.Cut = true, g.flip()
	}
	return b
}

func decode(t testing.TB, rec Record, limit int) *Exchange {
	t.Helper()
	x, err := rec.Decode(limit)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// What is loaded, encoded and decoded is what it was.
func TestRecordRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var d Draft // one for all, as in the proxy
	for range 300 {
		x := randomExchange(rng)
		d.Reset(x.Timing.Started)
		d.Load(x)
		rec := d.Encode(make([]byte, d.Len()))
		if diff := cmp.Diff(x, decode(t, rec, -1), cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		if rec.ID() != x.ID {
			t.Fatalf("ID %d, want %d", rec.ID(), x.ID)
		}
	}
}

func TestExtremesSurvive(t *testing.T) {
	for _, x := range []*Exchange{
		{},
		{Timing: Timing{Started: time.Unix(0, 0), Took: Unknown}},
		{ID: math.MaxUint64, Timing: Timing{Took: math.MaxInt64}, Request: Request{Body: Body{Size: math.MaxInt64}}},
		{Response: &Response{Status: 999}},
	} {
		if diff := cmp.Diff(x, decode(t, encoded(x), -1)); diff != "" {
			t.Error(diff)
		}
	}
}

// The proxy's way of filling a draft, piece by piece.
func TestDraft(t *testing.T) {
	started := time.Unix(1_700_000_000, 42)
	var d Draft
	d.Reset(started)
	d.ID, d.Source, d.Took, d.Wait, d.DNS, d.Reused = 7, SourceProbe, time.Second, time.Millisecond, Unknown, true
	d.Client("127.0.0.1:51234")
	d.Upstream("http://localhost:8000")
	d.Address("127.0.0.1:8000")
	d.Request([]byte("POST"), []byte("http://localhost:8900"), []byte("/a%2Fb?x"), []byte("HTTP/1.1"), []byte("Host: localhost\r\nX-A:  1 \r\nx-a: 2\r\n"))
	d.RequestBody([]byte("hello "), 8)
	d.Interim(103, []byte("Link: </a>\r\n"))
	d.Response(200, []byte("Fine"), []byte("HTTP/1.1"), []byte("Content-Type: text/plain\r\n"))
	d.ResponseBody([]byte("12345"), 8)
	d.RequestBody([]byte("world"), 8) // both directions at once
	d.ResponseBody([]byte("67890"), 8)
	d.ResponseBody([]byte("x"), 8)
	d.SkipResponse(89)
	if d.ResponseSize() != 100 || !d.ResponseFull(8) || d.ResponseFull(9) {
		t.Errorf("response: size %d, full %v and %v", d.ResponseSize(), d.ResponseFull(8), d.ResponseFull(9))
	}
	d.RequestTrailer([]byte("T: 1\r\n"))
	d.ResponseTrailer([]byte("U: 2\r\n"))
	d.Change("Host became localhost:8000")
	d.Change("")
	d.Fail(OK, "nothing")
	d.Fail(Cut, "unexpected EOF")
	d.Fail(Reset, "too late")
	want := &Exchange{
		ID: 7, Source: SourceProbe, Client: "127.0.0.1:51234", Upstream: "http://localhost:8000", Address: "127.0.0.1:8000",
		Request: Request{Method: "POST", URL: "http://localhost:8900/a%2Fb?x", Proto: "HTTP/1.1", Headers: Headers{{"Host", "localhost"}, {"X-A", "1"}, {"x-a", "2"}},
			Trailers: Headers{{"T", "1"}}, Body: Body{Size: 11, Data: "hello wo"}},
		Interim: []Interim{{103, Headers{{"Link", "</a>"}}}},
		Response: &Response{Status: 200, Reason: "Fine", Proto: "HTTP/1.1", Headers: Headers{{"Content-Type", "text/plain"}}, Trailers: Headers{{"U", "2"}},
			Body: Body{Size: 100, Data: "12345678"}},
		Failure: Failure{Cut, "unexpected EOF"}, Changes: []string{"Host became localhost:8000"},
		Timing: Timing{Started: started, Took: time.Second, Wait: time.Millisecond, DNS: Unknown, Reused: true},
	}
	rec := d.Encode(make([]byte, d.Len()))
	if diff := cmp.Diff(want, decode(t, rec, -1)); diff != "" {
		t.Error(diff)
	}
	got := decode(t, rec, 6)
	if got.Request.Body.Data != "hello " || got.Response.Body.Data != "123456" || !got.Request.Body.Truncated() {
		t.Errorf("with a limit of 6: %q, %q", got.Request.Body.Data, got.Response.Body.Data)
	}
	if got := decode(t, rec, 0); got.Request.Body.Data+got.Response.Body.Data != "" {
		t.Errorf("with a limit of 0: %+v", got)
	}
	rec.SetID(9)
	if rec.ID() != 9 || decode(t, rec, 0).ID != 9 {
		t.Errorf("ID %d after SetID(9)", rec.ID())
	}
}

func TestDraftOfASocket(t *testing.T) {
	var d Draft
	d.Reset(time.Unix(0, 0))
	d.Upgraded()
	d.FramesIn, d.FramesOut = 2, 1
	frames := []Frame{{Out: true, Opcode: 1, Final: true, At: 5, Size: 70_000, Data: "cut"}, {Opcode: 2, Compressed: true}}
	for _, f := range frames {
		d.Frame(f, []byte(f.Data))
	}
	want := &Socket{FramesIn: 2, FramesOut: 1, Frames: frames}
	if diff := cmp.Diff(want, decode(t, d.Encode(make([]byte, d.Len())), -1).Socket); diff != "" {
		t.Error(diff)
	}
}

// A draft that held a large body gives its memory back, and holds nothing of
// the exchange before.
func TestDraftReset(t *testing.T) {
	var d Draft
	d.Reset(time.Unix(0, 0))
	d.Load(randomExchange(rand.New(rand.NewPCG(3, 4))))
	d.ResponseBody(make([]byte, 4*keepCapacity), math.MaxInt)
	d.Reset(time.Unix(1, 0))
	if cap(d.buf) > keepCapacity {
		t.Errorf("an idle draft keeps %d bytes", cap(d.buf))
	}
	want := &Exchange{Timing: Timing{Started: time.Unix(1, 0)}}
	if diff := cmp.Diff(want, decode(t, d.Encode(make([]byte, d.Len())), -1)); diff != "" {
		t.Error(diff)
	}
}

// A line break in a value must not make two lines of one.
func TestAppendLine(t *testing.T) {
	got := ParseHeaders(string(AppendLine(nil, "X-A\n", "b\r\nSet-Cookie: c=d")))
	if diff := cmp.Diff(Headers{{"X-A ", "b\r Set-Cookie: c=d"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestNext(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var run []byte
	var want []uint64
	for id := range uint64(5) {
		x := randomExchange(rng)
		x.ID = id
		run = append(run, encoded(x)...)
		want = append(want, id)
	}
	var got []uint64
	for rest := run; len(rest) > 0; {
		rec, next, err := Next(rest)
		if err != nil {
			t.Fatal(err)
		}
		got, rest = append(got, rec.ID()), next
		if cap(rec) != len(rec) {
			t.Error("appending to a record would write into the next one")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range [][]byte{nil, run[:headSize-1], run[1:], run[:len(encoded(&Exchange{}))-1], make([]byte, headSize), bytes.Repeat([]byte{0xff}, headSize)} {
		if _, _, err := Next(bad); !errors.Is(err, ErrRecord) {
			t.Errorf("%d bytes that are no record: error %v", len(bad), err)
		}
	}
}

func TestDecodeRefusesBrokenRecords(t *testing.T) {
	whole := encoded(&Exchange{Request: Request{Method: "GET", URL: "http://h/"}})
	for cut := range len(whole) {
		if _, err := Record(whole[:cut]).Decode(-1); !errors.Is(err, ErrRecord) {
			t.Fatalf("cut to %d of %d bytes: error %v", cut, len(whole), err)
		}
	}
	if _, err := Record(append(whole, 0)).Decode(-1); !errors.Is(err, ErrRecord) {
		t.Errorf("with a byte too many: error %v", err)
	}
	long := bytes.Clone(whole)
	long[headSize+1] = 200 // the length of the first section
	if _, err := Record(long).Decode(-1); !errors.Is(err, ErrRecord) {
		t.Errorf("with a section beyond the end: error %v", err)
	}
}

// An older corsdash reads the records of a newer one.
func TestDecodeSkipsUnknownSections(t *testing.T) {
	var d Draft
	d.Reset(time.Unix(0, 0))
	appendSection(&d, 200, "from the future")
	d.Client("127.0.0.1:1")
	if got := decode(t, d.Encode(make([]byte, d.Len())), -1); got.Client != "127.0.0.1:1" {
		t.Errorf("got %+v", got)
	}
}

// FuzzDecode holds for any bytes: an error or an exchange, and memory in
// proportion to the record.
func FuzzDecode(f *testing.F) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 8 {
		f.Add(encoded(randomExchange(rng)), 100)
	}
	f.Fuzz(func(t *testing.T, data []byte, limit int) {
		if len(data) >= headSize { // past the checks of Next
			data[0], data[1], data[2], data[3] = byte(len(data)), byte(len(data)>>8), byte(len(data)>>16), byte(len(data)>>24)
			data[4] = recordVersion
		}
		x, err := Record(data).Decode(limit)
		if err != nil {
			if !errors.Is(err, ErrRecord) || x != nil {
				t.Errorf("got %v, %v", x, err)
			}
			return
		}
		if limit >= 0 && len(x.Request.Body.Data) > limit {
			t.Errorf("%d bytes of body with a limit of %d", len(x.Request.Body.Data), limit)
		}
		// What is written again may drop what says nothing, but only once.
		again := decode(t, encoded(x), -1)
		if diff := cmp.Diff(decode(t, encoded(again), -1), again); diff != "" {
			t.Error(diff)
		}
	})
}

// A record of nothing but the smallest sections, or of the shortest header
// lines, is the worst a hostile file can do.
func TestDecodeBoundsMemory(t *testing.T) {
	const size = 1 << 20
	sections := func(section []byte) []byte {
		var d Draft
		d.Reset(time.Unix(0, 0))
		d.Upgraded()
		for len(d.buf) < size {
			appendSection(&d, section[0], section[1:])
		}
		return d.Encode(make([]byte, d.Len()))
	}
	for name, data := range map[string][]byte{
		"frames":  sections(append([]byte{secFrame}, make([]byte, frameHead)...)),
		"interim": sections([]byte{secInterim, 100, 0}),
		"changes": sections([]byte{secChange, 'x'}),
		"lines":   sections(append([]byte{secRequestHead}, bytes.Repeat([]byte("a\n"), size/2)...)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		x, err := Record(data).Decode(-1)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 64*size {
			t.Errorf("%s: %d bytes of memory for a record of %d", name, spent, size)
		}
		runtime.KeepAlive(x)
	}
}
