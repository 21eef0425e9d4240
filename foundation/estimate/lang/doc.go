// Package lang reads the estimate language: text to statements whose dimensions have been checked.
//
// [Parse] splits text into tokens, parses it by precedence climbing and then checks every expression,
// so that an error of dimension is found before anything is computed. It never panics, whatever the
// bytes; text, nesting and the number of statements are bounded. Errors are collected statement by
// statement, each with its line, its column, a caret under the place and a sentence.
//
// The package computes nothing: a [File] says what is to be computed. docs/estimate.md is the
// reference of the language for its users, with the grammar.
package lang
