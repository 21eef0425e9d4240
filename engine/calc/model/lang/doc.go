// Package lang reads and writes the text of models (`.nap`) and their form in JSON: text to a tree of statements.
//
// [Parse] gives a [File] whose names are not yet resolved; package model checks it. It never panics, whatever the bytes;
// the length of the text, nesting and the number of statements are bounded. Errors are collected statement by statement,
// each with its line, its column, a caret under the place and what was expected. [Print] writes a File in the canonical
// way, without its comments: parsed again it is the same model. docs/calc-model.md is the reference of the language, with
// its grammar.
package lang
