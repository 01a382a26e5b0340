package session

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// What is stored compressed begins with a byte for the codec and the CRC-32C
// of what was compressed, little-endian.
//
// Two codecs, because one cannot be both: zstd makes files half as large again
// smaller, S2 takes a third of the time (10 KB of JSON: 24 us and 9 us). Blocks
// that fill up faster than they age are packed with S2, so that a busy session
// does not cost more than the traffic itself.
const (
	codecZstd = 1
	codecS2   = 2
	pressHead = 5
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// press packs. It belongs to one goroutine.
type press struct{ zstd *zstd.Encoder }

func newPress() (*press, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(blockBytes))
	return &press{z}, err
}

func (p *press) close() { p.zstd.Close() }

// pack appends what stands for src, quickly or small.
func (p *press) pack(dst, src []byte, quick bool) []byte {
	codec := byte(codecZstd)
	if quick {
		codec = codecS2
	}
	dst = append(dst, codec)
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(src, castagnoli))
	if !quick {
		return p.zstd.EncodeAll(src, dst)
	}
	n := len(dst) + s2.MaxEncodedLen(len(src))
	if cap(dst) < n {
		dst = append(make([]byte, 0, n), dst...)
	}
	return dst[:len(dst)+len(s2.Encode(dst[len(dst):n], src))]
}

// unpackedMax bounds what is unpacked at once, in bytes.
const unpackedMax = 64 << 20

var errUnpack = errors.New("a compressed part cannot be read")

// unpress unpacks. It may be used by several goroutines.
type unpress struct{ zstd *zstd.Decoder }

func newUnpress() (*unpress, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(unpackedMax))
	return &unpress{z}, err
}

func (u *unpress) close() { u.zstd.Close() }

// unpack puts into dst[:0] what packed stands for. packed may be hostile.
func (u *unpress) unpack(dst, packed []byte) (out []byte, err error) {
	if len(packed) < pressHead {
		return nil, errUnpack
	}
	body := packed[pressHead:]
	switch packed[0] {
	case codecZstd:
		out, err = u.zstd.DecodeAll(body, dst[:0])
	case codecS2:
		var n int
		if n, err = s2.DecodedLen(body); err == nil && n > unpackedMax {
			err = errUnpack
		}
		if err == nil {
			out, err = s2.Decode(dst[:cap(dst)], body)
		}
	default:
		err = errUnpack
	}
	if err != nil || crc32.Checksum(out, castagnoli) != binary.LittleEndian.Uint32(packed[1:]) {
		return nil, errors.Join(errUnpack, err)
	}
	return out, nil
}
