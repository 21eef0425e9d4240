package calc

// SetParallel changes from how many cells on a column is computed by several workers, and in pieces of how many tiles, and returns what puts it back.
func SetParallel(cells, tiles int) (back func()) {
	oldCells, oldTiles, oldPieces := parallelCells, pieceTiles, leastPieces
	parallelCells, pieceTiles, leastPieces = cells, tiles, 2
	return func() { parallelCells, pieceTiles, leastPieces = oldCells, oldTiles, oldPieces }
}
