package a

import "context"

func call(ctx context.Context) error {
	done := make(chan error)
	go func() {
		done <- work() // want: go.goroutine-leak
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
