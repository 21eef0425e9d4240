package resolve

import (
	"context"
	"net"
)

func New(authority string) *net.Resolver {
	return &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			return net.Dial(network, authority) // want: net.client-no-timeout
		},
	}
}
