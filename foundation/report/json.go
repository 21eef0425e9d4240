package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// JSON writes the canonical form: UTF-8, object keys sorted, two spaces of indentation, a newline at
// the end. Equal reports give equal bytes. Findings keep their order, which is their rank.
//
// It fails when a figure of the report is not a finite number, since JSON has no form for it.
func JSON(w io.Writer, r *Report) error {
	if r == nil {
		return errors.New("report: there is no report to write")
	}
	flat, err := json.Marshal(normalised(r))
	if err != nil {
		return fmt.Errorf("report: a figure cannot be written as JSON: %w", err)
	}
	return writeSorted(w, flat)
}

// normalised is a copy in which the lists that the form requires are present although empty.
func normalised(r *Report) *Report {
	out := *r
	if out.SchemaVersion == 0 {
		out.SchemaVersion = SchemaVersion
	}
	out.Findings = withLists(out.Findings)
	if out.Findings == nil {
		out.Findings = []Finding{}
	}
	if r.Baseline != nil {
		b := *r.Baseline
		b.Fixed = withLists(b.Fixed)
		if b.Fixed == nil {
			b.Fixed = []Finding{}
		}
		out.Baseline = &b
	}
	out.Causes = append([]Cause(nil), out.Causes...)
	for i := range out.Causes {
		if out.Causes[i].Findings == nil {
			out.Causes[i].Findings = []string{}
		}
	}
	return &out
}

func withLists(findings []Finding) []Finding {
	out := append([]Finding(nil), findings...)
	for i := range out {
		f := &out[i]
		if f.Cost != nil && f.Cost.Inputs == nil {
			c := *f.Cost
			c.Inputs = []Input{}
			f.Cost = &c
		}
		if f.Excerpt != nil && f.Excerpt.Lines == nil {
			e := *f.Excerpt
			e.Lines = []string{}
			f.Excerpt = &e
		}
	}
	return out
}

// writeSorted re-encodes JSON with sorted keys. Numbers are copied as they were written.
func writeSorted(w io.Writer, flat []byte) error {
	dec := json.NewDecoder(bytes.NewReader(flat))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return fmt.Errorf("report: re-reading our own JSON failed: %w", err)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(tree); err != nil { // maps encode with sorted keys
		return fmt.Errorf("report: sorting the JSON failed: %w", err)
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// ReadJSON reads what [JSON] wrote, for example as a baseline. Unknown fields are ignored, so that
// an older napkin can read a newer report of the same schema version.
func ReadJSON(r io.Reader) (*Report, error) {
	dec := json.NewDecoder(r)
	var out Report
	if err := dec.Decode(&out); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("report: the file is empty, not a report in JSON")
		}
		return nil, fmt.Errorf("report: this is not a report in JSON: %w", err)
	}
	if out.SchemaVersion == 0 {
		return nil, errors.New("report: this JSON is not a napkin report: schema_version is missing")
	}
	if out.SchemaVersion > SchemaVersion {
		return nil, fmt.Errorf("report: this report has schema version %d and this napkin reads up to %d; update napkin or write the report again", out.SchemaVersion, SchemaVersion)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("report: something follows the report in this JSON; keep one report in a file")
	}
	return &out, nil
}
