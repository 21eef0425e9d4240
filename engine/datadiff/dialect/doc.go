// Package dialect is the seam between the diff and the database products: what a table is, in which
// form its columns can be read, and what a session can be asked for.
//
// A product implements [Database] and [Session]. The package dialecttest holds the one suite that each
// of them passes, alone and against every other.
//
// Four decisions carry the design:
//
//   - A dialect says for each column in which forms it can read it, the most faithful first
//     ([Database.Offers]). The diff takes the best form that both sides offer. There is no table of
//     pairs of types, and no side knows the other product.
//   - Rows leave a dialect as canonical cells (package canon), the key first. Nothing is compared, sorted
//     or hashed as the product's text.
//   - A range of keys is stated by canonical cells, which each side turns into literals of its own
//     column. Where the two products sort a key differently, rows may fall into different ranges: the
//     diff copes, because a row without a partner in its range is matched again at the end.
//   - A hash may say that a range is equal. It never says what differs: that is always decided by rows.
package dialect
