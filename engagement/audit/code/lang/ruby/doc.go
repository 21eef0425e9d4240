// Package ruby lowers Ruby to the shared syntax tree, and lowers the Ruby that stands in templates
// ([LowerFragment]) with the positions of the template.
//
// It keeps the conventions of package syntax. Where those leave a choice:
//
//   - A bare identifier is a Name when it is a parameter or was assigned in the same method (blocks
//     see the variables around them), else a Call with FlagNoArgs, as Ruby itself decides it.
//   - A block without parameters that uses it or _1 gets them as Params. &:name is a Lambda with
//     FlagBlockPass whose Param is "it"; &expression is a Splat "&" with role BlockArg. lambda { },
//     proc { } and -> { } are Lambdas.
//   - A splat, double splat or block parameter has a Type child "*", "**" or "&"; a destructured one
//     is a Param without a name that holds Params.
//   - Several assignment targets, loop variables or returned values are one List.
//   - The names of classes and constants lose a leading "::". foo::BAR is a Member.
//   - CONSTANT = value in a class body is a Field. class << self adds its methods to the class around
//     it with FlagStatic; def self.x, class_methods do and module_function set FlagStatic too.
//     "private def x" is the Func alone.
//   - raise and throw are Throw with their arguments as Values; yield, super and `command` are Calls
//     of that name; require "x" is an Import; alias and undef are Calls of alias_method and
//     undef_method; retry and redo are Breaks of that name; a range is a Binary.
//   - A here document is a String whose position is its body. Its text is dedented as Ruby does it.
//   - A regular expression is Other{"regex"} with the pattern as a String Value. Patterns of case/in
//     are Others named as the grammar names them; a guard is joined to its pattern by "&&".
//   - A body is always a Block, except those of ternaries, rescue modifiers and modifiers.
//
// Source that the parser does not understand is counted, and what it recognised inside is lowered
// under Other{"ERROR"}. Recursion is bounded: deeper nesting is dropped and counted as an error. The parser's recovery from hostile bytes can take seconds
// for some ten thousand bytes; it ends with the context, so callers give each file a deadline.
//
// The package does not resolve constants or methods, and does not evaluate anything.
package ruby
