// Command netproxy puts a slow network in front of a TCP server:
//
//	go run ./internal/netproxy/cmd/netproxy -to 127.0.0.1:5432 -delay 20ms -rate 50Mbit
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/napkin-infra/napkin/internal/netproxy"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "netproxy:", err)
		os.Exit(1)
	}
}

func run() error {
	to := flag.String("to", "", "the server's `host:port`")
	listen := flag.String("listen", "127.0.0.1:0", "the `address` to listen on")
	delay := flag.Duration("delay", 0, "added to each round trip")
	rate := flag.String("rate", "", "bandwidth of each direction over all connections, such as `50Mbit` (kbit, Mbit, Gbit); no bound when empty")
	flag.Parse()
	if *to == "" {
		return fmt.Errorf("say where the server is: -to HOST:PORT")
	}
	bytes, err := netproxy.ParseRate(*rate)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p, err := netproxy.Start(ctx, *to, netproxy.Options{Listen: *listen, Delay: *delay, BytesPerSecond: bytes})
	if err != nil {
		return err
	}
	fmt.Println(p.Address())
	<-ctx.Done()
	err = p.Close()
	up, down := p.Bytes()
	fmt.Fprintf(os.Stderr, "%d bytes to the server, %d bytes from it\n", up, down)
	return err
}
