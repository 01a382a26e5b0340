package coding

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// encode applies one coding; "raw" is deflate without its zlib wrapper.
func encode(t testing.TB, coding string, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch coding {
	case "gzip", "x-gzip":
		w = gzip.NewWriter(&out)
	case "deflate":
		w = zlib.NewWriter(&out)
	case "raw":
		w, err = flate.NewWriter(&out, 6)
	case "br":
		w = brotli.NewWriter(&out)
	case "zstd":
		w, err = zstd.NewWriter(&out)
	case "identity":
		return data
	}
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// named is the coding's name in a header.
func named(coding string) string {
	if coding == "raw" {
		return "deflate"
	}
	return coding
}

var codings = []string{"gzip", "x-gzip", "deflate", "raw", "br", "zstd", "identity"}

// text is compressible but not trivially so.
func text(n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, `{"id":%d,"name":"item %x","price":%d.%02d},`, b.Len(), rng.Uint64(), rng.IntN(900), rng.IntN(100))
	}
	return b.Bytes()[:n]
}

func TestPlainTakesEachCodingOff(t *testing.T) {
	for _, coding := range codings {
		for _, size := range []int{1, 200, 10_000, pageSize, pageSize + 1, 300_000} {
			want := text(size)
			got, err := Plain(named(coding), encode(t, coding, want), size)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s, %d bytes: got %d bytes, error %v", coding, size, len(got), err)
			}
		}
	}
}

func TestPlainTakesAListOffInReverse(t *testing.T) {
	want := text(5000)
	data := encode(t, "br", encode(t, "zstd", encode(t, "gzip", want)))
	got, err := Plain(" GZIP,\tzstd, identity,, Br ", data, 1<<20)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("got %d bytes, error %v", len(got), err)
	}
	if _, err := Plain("br, zstd, gzip", data, 1<<20); !errors.Is(err, ErrCorrupt) {
		t.Errorf("list in the wrong order: error %v, want ErrCorrupt", err)
	}
}

func TestPlainNamesWhatItDoesNotKnow(t *testing.T) {
	for _, encoding := range []string{"compress", "utf-8", "gzip, dcb", strings.Repeat("gzip,", 6)} {
		got, err := Plain(encoding, []byte("x"), 10)
		if got != nil || !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: got %q, error %v, want ErrUnknown", encoding, got, err)
		}
	}
}

func TestPlainLeavesEmptyBodiesAlone(t *testing.T) {
	for _, coding := range codings {
		if got, err := Plain(named(coding), nil, 10); len(got) != 0 || err != nil {
			t.Errorf("%s: got %q, error %v", coding, got, err)
		}
	}
}

func TestPlainGivesWhatATruncatedBodyHolds(t *testing.T) {
	want := text(300_000) // zstd comes in blocks of 128 KB
	for _, coding := range codings[:6] {
		data := encode(t, coding, want)
		got, err := Plain(named(coding), data[:len(data)/2], len(want))
		if !errors.Is(err, ErrTruncated) {
			t.Errorf("%s: error %v, want ErrTruncated", coding, err)
		}
		if len(got) == 0 || len(got) >= len(want) || !bytes.HasPrefix(want, got) {
			t.Errorf("%s: got %d bytes that are no true part of the body", coding, len(got))
		}
	}
	for _, coding := range codings[:6] {
		data := encode(t, coding, want)
		if _, err := Plain(named(coding), data[:1], len(want)); !errors.Is(err, ErrTruncated) {
			t.Errorf("%s, one byte: error %v, want ErrTruncated", coding, err)
		}
	}
}

// A stream that is flushed and goes on, such as gzipped SSE, is readable up to
// its last flush.
func TestPlainReadsUpToTheLastFlush(t *testing.T) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	io.WriteString(w, "data: one\n\n")
	w.Flush()
	got, err := Plain("gzip", out.Bytes(), 1000)
	if string(got) != "data: one\n\n" || !errors.Is(err, ErrTruncated) {
		t.Errorf("got %q, error %v", got, err)
	}
}

func TestPlainStopsAtTheLimit(t *testing.T) {
	want := text(100_000)
	for _, coding := range codings {
		data := encode(t, coding, want)
		for _, limit := range []int{-1, 0, 1, pageSize, len(want) - 1} {
			got, err := Plain(named(coding), data, limit)
			if !errors.Is(err, ErrLimit) || len(got) != max(limit, 0) || !bytes.HasPrefix(want, got) {
				t.Errorf("%s, limit %d: got %d bytes, error %v", coding, limit, len(got), err)
			}
		}
	}
}

func TestPlainSaysWhatIsCorrupt(t *testing.T) {
	for _, coding := range []string{"gzip", "deflate", "br", "zstd"} {
		data := []byte(`{"detail":"this was never compressed"}`)
		if _, err := Plain(coding, data, 1000); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: error %v, want ErrCorrupt", coding, err)
		}
	}
	data := encode(t, "gzip", text(100))
	data[len(data)-5] ^= 1 // the checksum
	got, err := Plain("gzip", data, 1000)
	if !errors.Is(err, ErrCorrupt) || !bytes.Equal(got, text(100)) {
		t.Errorf("bad checksum: got %d bytes, error %v", len(got), err)
	}
}

// Servers concatenate members, and append what does not belong there.
func TestPlainReadsGzipMembersAndIgnoresWhatFollows(t *testing.T) {
	data := append(encode(t, "gzip", []byte("one ")), encode(t, "gzip", []byte("two"))...)
	for _, tail := range []string{"", "\n", "\x00\x00\x00", "not a member, but longer than a header"} {
		got, err := Plain("gzip", append(bytes.Clone(data), tail...), 100)
		if string(got) != "one two" || err != nil {
			t.Errorf("tail %q: got %q, error %v", tail, got, err)
		}
	}
	got, err := Plain("br", append(encode(t, "br", []byte("one")), "\r\n"...), 100)
	if string(got) != "one" || err != nil {
		t.Errorf("br: got %q, error %v", got, err)
	}
}

// bomb unfolds to 32 MB of zeros.
func bomb(t *testing.T, coding string) []byte {
	const mega = 1 << 20
	switch coding {
	case "gzip", "zstd": // members and frames may be repeated
		return bytes.Repeat(encode(t, coding, make([]byte, mega)), 32)
	case "deflate":
		return encode(t, coding, make([]byte, 32*mega))
	}
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, 1)
	for range 32 {
		w.Write(make([]byte, mega))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A bomb must cost the limit and the decoder's window, not what it unfolds to.
func TestPlainBoundsMemory(t *testing.T) {
	const limit, window = 1 << 20, 16 << 20 // that of the hungriest format
	for _, coding := range []string{"gzip", "deflate", "br", "zstd"} {
		data := bomb(t, coding)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := Plain(coding, data, limit)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrLimit) || len(got) != limit {
			t.Errorf("%s: got %d bytes, error %v", coding, len(got), err)
		}
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 2*limit+window+1<<20 {
			t.Errorf("%s: %d bytes cost %d bytes of memory", coding, len(got), spent)
		}
	}
}

func TestPlainReusesDecodersAfterErrors(t *testing.T) {
	want := text(1000)
	for _, coding := range codings[:6] {
		good := encode(t, coding, want)
		for _, bad := range [][]byte{good[:len(good)/2], []byte("garbage garbage garbage"), {0}} {
			Plain(named(coding), bad, 10)
			if got, err := Plain(named(coding), good, 1000); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s after %d bad bytes: got %d bytes, error %v", coding, len(bad), len(got), err)
			}
		}
	}
}

func FuzzPlain(f *testing.F) {
	for _, coding := range codings {
		data := encode(f, coding, text(300))
		f.Add(named(coding), data)
		f.Add(named(coding), data[:len(data)-1])
	}
	f.Add("gzip, br", encode(f, "br", encode(f, "gzip", text(100))))
	const limit = 1 << 16
	f.Fuzz(func(t *testing.T, encoding string, data []byte) {
		got, err := Plain(encoding, data, limit)
		if len(got) > limit {
			t.Errorf("%d bytes with a limit of %d", len(got), limit)
		}
		known := err == nil || errors.Is(err, ErrTruncated) || errors.Is(err, ErrLimit) ||
			errors.Is(err, ErrUnknown) || errors.Is(err, ErrCorrupt)
		if !known {
			t.Errorf("error %v is none of ours", err)
		}
		again, err2 := Plain(encoding, data, limit)
		if !bytes.Equal(got, again) || (err == nil) != (err2 == nil) {
			t.Errorf("a second decoding gave %d bytes and %v, the first %d and %v", len(again), err2, len(got), err)
		}
	})
}

func BenchmarkPlain(b *testing.B) {
	for _, coding := range []string{"gzip", "deflate", "br", "zstd"} {
		for _, size := range []int{200, 10_000, 64 << 10} {
			data := encode(b, coding, text(size))
			b.Run(fmt.Sprintf("%s/%d", coding, size), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Plain(coding, data, 256<<10); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
