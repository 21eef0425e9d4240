package measure

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// record is what the probes of formats write and read: an order as a service would send it.
type record struct {
	ID       uint64   `json:"id"`
	Customer string   `json:"customer"`
	Email    string   `json:"email"`
	Total    float64  `json:"total"`
	Paid     bool     `json:"paid"`
	Tags     []string `json:"tags"`
	Items    []line   `json:"items"`
}

type line struct {
	SKU   string  `json:"sku"`
	Count uint32  `json:"count"`
	Price float64 `json:"price"`
}

func makeRecord(i uint64) record {
	r := record{ID: i, Customer: word(i, 9) + " " + word(i+7, 11), Email: word(i, 8) + "@example.com", Total: float64(mix(i)%1e6) / 100, Paid: i%3 == 0,
		Tags: []string{word(i%7, 5), word(i%11, 7)}}
	for j := range 1 + i%4 {
		r.Items = append(r.Items, line{SKU: word(i*4+j, 10), Count: uint32(mix(i+j) % 20), Price: float64(mix(i*j)%1e4) / 100})
	}
	return r
}

// records make a document of some 64 KiB.
func records() []record {
	list := make([]record, 256)
	for i := range list {
		list[i] = makeRecord(uint64(i))
	}
	return list
}

// digest sums up records field by field, for comparison after a way through a format.
func digest(list []record) uint64 {
	var sum uint64
	for _, r := range list {
		sum = sum*31 + r.ID + uint64(len(r.Customer)) + firstWord([]byte(r.Email[:8])) + math.Float64bits(r.Total)
		for _, l := range r.Items {
			sum = sum*31 + uint64(l.Count) + firstWord([]byte(l.SKU[:8])) + math.Float64bits(l.Price)
		}
	}
	return sum
}

func formatProbes() []Probe {
	return []Probe{
		formatProbe(rate.SerializeJSON, "writing structures as JSON by reflection, one core", "encoding/json of 256 orders", jsonWriter, nil),
		formatProbe(rate.ParseJSON, "decoding JSON into objects of a dynamic language or by reflection, one core", "encoding/json of 256 orders into structures", nil, jsonReader),
		formatProbe(rate.SerializeBinary, "writing structures in a binary form by generated or written code, one core", "varints and lengths of 256 orders into one buffer", binaryWriter, nil),
		formatProbe(rate.ParseBinary, "reading structures from a binary form by generated or written code, one core", "varints and lengths of 256 orders into structures", nil, binaryReader),
	}
}

func jsonWriter(_ []byte, list []record) ([]byte, error) { return json.Marshal(list) }

func jsonReader(document []byte) ([]record, error) {
	var list []record
	err := json.Unmarshal(document, &list)
	return list, err
}

// formatProbe writes or reads, and verifies by the other direction: what was written is read again and must
// be the records, and what was read must have their digest.
func formatProbe(name, what, how string, write func([]byte, []record) ([]byte, error), read func([]byte) ([]record, error)) Probe {
	list := records()
	writer, reader := binaryWriter, binaryReader
	if name == rate.SerializeJSON || name == rate.ParseJSON {
		writer, reader = jsonWriter, jsonReader
	}
	document, _ := writer(nil, list) // of our own records; Setup would see an error as a document that does not verify
	want := digest(list)
	return Probe{Name: name, Kind: rate.Throughput, Of: "B", What: what, How: how, Clock: ProcessCPU, Each: float64(len(document)), Ceiling: coreBandwidth / 10,
		Setup: func(context.Context, Env) (Work, error) {
			var buffer []byte
			return Work{
				Run: func(n int) (uint64, error) {
					var sum uint64
					for range n {
						if read != nil {
							got, err := read(document)
							if err != nil {
								return 0, err
							}
							sum += digest(got)
							continue
						}
						var err error
						if buffer, err = write(buffer[:0], list); err != nil {
							return 0, err
						}
						sum += uint64(len(buffer))
					}
					return sum, nil
				},
				Verify: func(n int, sum uint64) error {
					if read != nil {
						return sameSum(sum, times(want)(n))
					}
					got, err := reader(buffer)
					if err != nil {
						return err
					}
					if digest(got) != want {
						return fmt.Errorf("what was written reads differently")
					}
					return sameSum(sum, times(uint64(len(document)))(n))
				},
			}, nil
		}}
}

func binaryWriter(b []byte, list []record) ([]byte, error) {
	text := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	b = binary.AppendUvarint(b, uint64(len(list)))
	for i := range list {
		r := &list[i]
		b = binary.AppendUvarint(b, r.ID)
		text(r.Customer)
		text(r.Email)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.Total))
		paid := byte(0)
		if r.Paid {
			paid = 1
		}
		b = append(b, paid)
		b = binary.AppendUvarint(b, uint64(len(r.Tags)))
		for _, t := range r.Tags {
			text(t)
		}
		b = binary.AppendUvarint(b, uint64(len(r.Items)))
		for _, l := range r.Items {
			text(l.SKU)
			b = binary.AppendUvarint(b, uint64(l.Count))
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(l.Price))
		}
	}
	return b, nil
}

// binaryReader reads what binaryWriter wrote, and nothing else: it trusts its lengths.
func binaryReader(b []byte) ([]record, error) {
	number := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[max(n, 0):]
		return v
	}
	text := func() string {
		n := number()
		s := string(b[:n])
		b = b[n:]
		return s
	}
	float := func() float64 {
		v := math.Float64frombits(binary.LittleEndian.Uint64(b))
		b = b[8:]
		return v
	}
	list := make([]record, number())
	for i := range list {
		r := &list[i]
		r.ID, r.Customer, r.Email, r.Total = number(), text(), text(), float()
		r.Paid, b = b[0] == 1, b[1:]
		r.Tags = make([]string, number())
		for j := range r.Tags {
			r.Tags[j] = text()
		}
		r.Items = make([]line, number())
		for j := range r.Items {
			r.Items[j] = line{SKU: text(), Count: uint32(number()), Price: float()}
		}
	}
	if len(b) != 0 {
		return nil, fmt.Errorf("%d bytes are left over", len(b))
	}
	return list, nil
}
