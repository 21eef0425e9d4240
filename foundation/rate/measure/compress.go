package measure

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// codec compresses whole blocks. Each is made once and used by one goroutine.
type codec struct {
	name, what         string
	compress, restored string // names of the rates
	make               func() (pack, unpack func(to, from []byte) ([]byte, error), err error)
}

var codecs = []codec{
	{"gzip", "gzip at its default level", rate.CompressGzip, rate.DecompressGzip, gzipCodec},
	{"zstd", "zstd at its fastest level", rate.CompressZstd, rate.DecompressZstd, zstdCodec},
	{"snappy", "Snappy", rate.CompressSnappy, rate.DecompressSnappy, snappyCodec},
	{"lz4", "LZ4 at its fast level", rate.CompressLZ4, rate.DecompressLZ4, lz4Codec},
	{"deflate", "DEFLATE at its fastest level", rate.CompressDeflate, rate.DecompressDeflate, deflateCodec},
}

func compressProbes() []Probe {
	var probes []Probe
	for _, c := range codecs {
		probes = append(probes, c.probe(c.compress, c.what+", one core", false), c.probe(c.restored, "reading "+c.what+", one core", true))
	}
	return probes
}

// orders is some hundred KiB of JSON: text with numbers in it, as logs and messages are.
var orders = sync.OnceValue(func() []byte {
	list := make([]record, 1000)
	for i := range list {
		list[i] = makeRecord(uint64(i))
	}
	text, _ := json.Marshal(list) // structures without cycles or channels
	return text
})

// probe measures one direction. Reading is bound by the caches that hold text and compressed form, which the core's other thread may
// use too: it was 1.6 times slower beside busy processes with samples that agreed with each other. The amount is that of the plain text in both. Compression is verified by
// reading back the last block; reading by comparison with the text.
func (c codec) probe(name, what string, restore bool) Probe {
	text := orders()
	how := fmt.Sprintf("%d KiB of JSON, compressed as a whole", len(text)>>10)
	if restore {
		how = fmt.Sprintf("%d KiB of JSON from its compressed form", len(text)>>10)
	}
	return Probe{Name: name, Kind: rate.Throughput, Of: "B", What: what, How: how, Clock: ProcessCPU, Shared: restore, Each: float64(len(text)), Ceiling: coreBandwidth / 10,
		Setup: func(context.Context, Env) (Work, error) {
			pack, unpack, err := c.make()
			if err != nil {
				return Work{}, err
			}
			packed, err := pack(nil, text)
			if err != nil {
				return Work{}, fmt.Errorf("compress with %s: %w", c.name, err)
			}
			size := len(packed)
			work, source := pack, text
			if restore {
				work, source, size = unpack, packed, len(text)
			}
			var made []byte
			return Work{
				Run: func(n int) (uint64, error) {
					var sum uint64
					for range n {
						var err error
						if made, err = work(made[:0], source); err != nil {
							return 0, fmt.Errorf("%s: %w", c.name, err)
						}
						sum += uint64(len(made))
					}
					return sum, nil
				},
				Verify: func(n int, sum uint64) error {
					plain := made
					if !restore {
						var err error
						if plain, err = unpack(nil, made); err != nil {
							return fmt.Errorf("read what %s wrote: %w", c.name, err)
						}
					}
					if !bytes.Equal(plain, text) {
						return fmt.Errorf("%s gives back another text", c.name)
					}
					return sameSum(sum, times(uint64(size))(n))
				},
			}, nil
		}}
}

func gzipCodec() (pack, unpack func(to, from []byte) ([]byte, error), err error) {
	writer := gzip.NewWriter(io.Discard)
	pack = func(to, from []byte) ([]byte, error) {
		buffer := bytes.NewBuffer(to)
		writer.Reset(buffer)
		if _, err := writer.Write(from); err != nil {
			return nil, err
		}
		err := writer.Close()
		return buffer.Bytes(), err
	}
	reader := new(gzip.Reader)
	unpack = func(to, from []byte) ([]byte, error) {
		if err := reader.Reset(bytes.NewReader(from)); err != nil {
			return nil, err
		}
		buffer := bytes.NewBuffer(to)
		_, err := buffer.ReadFrom(reader)
		return buffer.Bytes(), err
	}
	return pack, unpack, nil
}

func zstdCodec() (pack, unpack func(to, from []byte) ([]byte, error), err error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, nil, err
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, nil, err
	}
	pack = func(to, from []byte) ([]byte, error) { return encoder.EncodeAll(from, to), nil }
	unpack = func(to, from []byte) ([]byte, error) { return decoder.DecodeAll(from, to) }
	return pack, unpack, nil
}

// snappyCodec takes capacity from the buffer that it is given, where that suffices.
func snappyCodec() (pack, unpack func(to, from []byte) ([]byte, error), err error) {
	pack = func(to, from []byte) ([]byte, error) { return s2.EncodeSnappy(to[:cap(to)], from), nil }
	unpack = func(to, from []byte) ([]byte, error) { return s2.Decode(to[:cap(to)], from) }
	return pack, unpack, nil
}

func lz4Codec() (pack, unpack func(to, from []byte) ([]byte, error), err error) {
	var c lz4.Compressor
	plain := 0 // a raw block does not know the length of its text
	pack = func(to, from []byte) ([]byte, error) {
		plain = len(from)
		if need := lz4.CompressBlockBound(len(from)); cap(to) < need {
			to = make([]byte, need)
		}
		to = to[:cap(to)]
		n, err := c.CompressBlock(from, to)
		return to[:n], err
	}
	unpack = func(to, from []byte) ([]byte, error) {
		if cap(to) < plain {
			to = make([]byte, plain)
		}
		n, err := lz4.UncompressBlock(from, to[:plain])
		return to[:n], err
	}
	return pack, unpack, nil
}

func deflateCodec() (pack, unpack func(to, from []byte) ([]byte, error), err error) {
	writer, err := flate.NewWriter(io.Discard, flate.BestSpeed)
	if err != nil {
		return nil, nil, err
	}
	pack = func(to, from []byte) ([]byte, error) {
		buffer := bytes.NewBuffer(to)
		writer.Reset(buffer)
		if _, err := writer.Write(from); err != nil {
			return nil, err
		}
		err := writer.Close()
		return buffer.Bytes(), err
	}
	reader := flate.NewReader(bytes.NewReader(nil))
	unpack = func(to, from []byte) ([]byte, error) {
		if err := reader.(flate.Resetter).Reset(bytes.NewReader(from), nil); err != nil {
			return nil, err
		}
		buffer := bytes.NewBuffer(to)
		_, err := buffer.ReadFrom(reader)
		return buffer.Bytes(), err
	}
	return pack, unpack, nil
}
