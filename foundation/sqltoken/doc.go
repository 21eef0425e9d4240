// Package sqltoken cuts SQL text into tokens with exact places.
//
// It guarantees linear time and progress on every input, exact byte offsets, lines and columns, and no
// panics; reading a token allocates nothing. It knows no grammar: cutting tokens into statements, and
// what the commands of a client mean, is left to those who read them.
//
// A text is read in one of two ways. By default it is read exactly as servers and clients of its
// [Dialect] read it, and a quote or a comment without an end is an [Unclosed] token, the last before
// [EOF]. A tolerant reading ([Options.Tolerant]) is for text whose product is a guess, or that a template
// fills in later: it knows the quotes, comments and variables of all products at once, and a quote
// without an end becomes a single [Punct], so that the text behind it is still read.
//
//	                   PostgreSQL        MySQL             Generic          tolerant
//	-- comment         yes               before a blank    yes              yes
//	# comment          no                yes               no               in MySQL; else at a line's start
//	/* */ comments     nest              do not nest       do not nest      nest, if that closes them
//	/*!40101 code */   a comment         code              a comment        code
//	"a"                a name            a string          a name           a name
//	`a`                a name            a name            a name           a name
//	[a]                operators         operators         a name           a name, unless an array
//	E'\n', U&'\0061'   strings           no                no               strings
//	$$a$$              a string          no                no               a string
//	backslash escapes  in E'' or if said in strings        if said          if said or in MySQL
//	:name, :'name'     values            values            values           in queries (:name)
//	@name, @@name      operators         values            values           values
//	?                  an operator       a value           a value          in queries
//	$1                 a value           a value           a value          a value
//	$name              an operator       a name            a value          a value
//
// Parts of templates (${x}, #{x}, {{x}}, <%= x %>) are tokens in every reading, because tools fill them
// in before a server sees the text; where # begins a comment, #{x} does too in an exact reading.
package sqltoken
