// Package template lowers template languages to the shared syntax tree: ERB, HAML and Slim (through
// package ruby), Jinja and Blade.
//
// What a template computes is kept, with the positions of the template; its markup is not. An
// expression whose value is printed has FlagOutput.
//
// ERB keeps every offset. HAML and Slim are rewritten to Ruby, with blocks closed by indentation;
// pieces of Ruby keep their offsets and what was made up (the closing "end") is placed where the
// piece before it ends. The attributes of a tag are a List of Pairs with FlagOutput, #{} in text is
// a printed expression of its own. HTML comments are lowered like other content; the text of
// embedded engines (javascript, css) only for its interpolations, that of :ruby as code.
//
// Whether the markup is well-formed is not looked at.
package template
