// Package calcconform measures how far engine/calc agrees with the documents by which LibreOffice tests its functions.
//
// Such a document is one flat OpenDocument file for each function. Its rows hold a formula, the value that is expected
// of it, and a check, a formula that compares the two; its first sheet sums up the checks. The package reads a document, puts
// its formulas into Excel's syntax, computes them with the evaluator and counts the checks that come out TRUE.
//
// The package does the same with tables of cases in the tests of other libraries, and with real workbooks, whose formulas it
// calculates and compares with the values that the files hold.
//
// The documents are no part of this repository: scripts/calc-documents fetches them from Debian's source package. Where
// LibreOffice and Excel are meant to differ, disagreements.md says so, cell by cell.
package calcconform
