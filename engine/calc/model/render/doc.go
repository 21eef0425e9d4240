// Package render writes the figures of a model for readers: text tables for a terminal, CSV, JSON, and the sections of a
// report for HTML and Markdown.
package render
