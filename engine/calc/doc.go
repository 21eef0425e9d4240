// Package calc is a calculation engine: workbooks of millions of formulas, and models of a billion cells.
package calc
