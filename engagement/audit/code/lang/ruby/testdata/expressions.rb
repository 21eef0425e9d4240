x.each do |a, (b, c), *d, e: 1| next if a; break 3; redo end
foo { _1 + it }
a.b = 1
a[1] += 2
a.b ||= 3
A::B = 3
::Foo.bar
A::b(1)
not a and b or !c
-1 .. 3
1..
defined? x
alias a b
undef c
BEGIN { x }
__FILE__
/foo#{x}/i
`ls #{x}`
?a
1.5r
$x @@y
return 1, 2
puts [1,2], :a => 1
foo a, b do |x| 1 end
f = ->x { x }
"a" "b#{1}"
module M
  extend self
end
a.()
a.b.c(1).d
x in {a:}
x => y
(a; b)
()
a = *b
a <=> b
&x
foo(...)
foo(a:, b: 1)
a&.b = 3
-x
x = if a then b elsif c then d end
%(foo #{x})
%I[a#{b} c]
foo.bar baz
def m(...) = foo(...)
def a.b; end
begin
  1
end while x
foo <<-A, <<B
x
  A
y #{z}
B
raise
loop do end
a !~ b
obj.method :foo
p(**a)
i = proc { |x| }
-> do end
"\u00e9\x41\101\s\e"
