package coding

import (
	"bufio"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// layer takes one coding off what it reads. Layers are pooled: a decoder is
// tens of kilobytes that need not be made anew for a body of 200 bytes.
type layer interface {
	io.Reader
	Reset(src io.Reader) error
}

const pageSize = 32 << 10

var (
	pages    = sync.Pool{New: func() any { return new([pageSize]byte) }}
	gzips    = sync.Pool{New: func() any { return &gzipLayer{src: bufio.NewReader(nil)} }}
	deflates = sync.Pool{New: func() any { return &deflateLayer{src: bufio.NewReader(nil)} }}
	brotlis  = sync.Pool{New: func() any { return &brotliLayer{brotli.NewReader(nil)} }}
	zstds    = sync.Pool{New: newZstd}
)

func acquire(coding string) layer {
	switch coding {
	case "deflate":
		return deflates.Get().(layer)
	case "br":
		return brotlis.Get().(layer)
	case "zstd":
		return zstds.Get().(layer)
	}
	return gzips.Get().(layer)
}

func release(l layer) {
	switch l.(type) {
	case *gzipLayer:
		gzips.Put(l)
	case *deflateLayer:
		deflates.Put(l)
	case *brotliLayer:
		brotlis.Put(l)
	case *zstdLayer:
		zstds.Put(l)
	}
}

// gzipLayer reads members one by one, because what follows the last one need
// not be a member: browsers ignore it, and so a stray newline is no error.
type gzipLayer struct {
	src *bufio.Reader
	z   *gzip.Reader
}

func (g *gzipLayer) Reset(src io.Reader) error {
	g.src.Reset(src)
	return g.member()
}

func (g *gzipLayer) member() (err error) {
	if g.z == nil {
		g.z, err = gzip.NewReader(g.src)
	} else {
		err = g.z.Reset(g.src)
	}
	if err == nil {
		g.z.Multistream(false)
	}
	return err
}

func (g *gzipLayer) Read(p []byte) (int, error) {
	for {
		n, err := g.z.Read(p)
		if err != io.EOF || n > 0 {
			if err == io.EOF {
				err = nil // asked again, it says so again
			}
			return n, err
		}
		if magic, _ := g.src.Peek(2); len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b {
			return 0, io.EOF
		}
		if err := g.member(); err != nil {
			return 0, err
		}
	}
}

// deflateLayer reads zlib (RFC 1950), which is what "deflate" means (RFC 9110
// section 8.4.1.2), and also raw deflate, which is what some servers send.
type deflateLayer struct {
	src *bufio.Reader
	z   io.ReadCloser // zlib, kept for reuse
	raw io.ReadCloser
	cur io.Reader
}

func (d *deflateLayer) Reset(src io.Reader) (err error) {
	d.src.Reset(src)
	head, _ := d.src.Peek(2)
	if len(head) == 2 && !zlibHead(head[0], head[1]) {
		if d.raw == nil {
			d.raw = flate.NewReader(nil)
		}
		d.cur = d.raw
		return d.raw.(flate.Resetter).Reset(d.src, nil)
	}
	if d.z == nil {
		d.z, err = zlib.NewReader(d.src)
	} else {
		err = d.z.(zlib.Resetter).Reset(d.src, nil)
	}
	d.cur = d.z
	return err
}

// zlibHead reports whether two bytes are a zlib header without a dictionary:
// method 8, a window of at most 32 KB, and a checksum by 31.
func zlibHead(cmf, flg byte) bool {
	return cmf&0x0f == 8 && cmf>>4 <= 7 && flg&0x20 == 0 && (uint(cmf)<<8|uint(flg))%31 == 0
}

func (d *deflateLayer) Read(p []byte) (int, error) { return d.cur.Read(p) }

type brotliLayer struct{ *brotli.Reader }

func (b *brotliLayer) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && err.Error() == "brotli: excessive input" {
		err = io.EOF // bytes behind the end, which browsers ignore
	}
	return n, err
}

type zstdLayer struct{ *zstd.Decoder }

// newZstd decodes in the caller's goroutine, so that a decoder in the pool
// holds nothing that needs closing. Browsers refuse windows above 8 MB.
func newZstd() any {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		panic(err) // constant options
	}
	return &zstdLayer{d}
}
