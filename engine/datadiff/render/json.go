package render

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes a summary, or another object of this package, as one indented object.
func JSON(w io.Writer, object any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(object); err != nil {
		return fmt.Errorf("write the result as JSON: %w", err)
	}
	return nil
}
