package measure

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
)

func tlsProbes() []Probe {
	return []Probe{
		{Name: rate.TLSHandshake, Kind: rate.Latency, What: "CPU of a full TLS 1.3 handshake, both sides, without the round trip", How: "a handshake over loopback with a new P-256 certificate that the client checks, without resumption, client and server in one process",
			Clock: ProcessCPU, Ceiling: 10e-6, Single: true, Setup: handshakes},
		{Name: rate.TLSThroughput, Kind: rate.Throughput, Of: "B", What: "one TLS 1.3 connection over loopback, both sides on this machine", How: "256 KiB to a reader on 127.0.0.1, which answers with their checksum, encrypted", Clock: Wall, Each: bulkBlock, Ceiling: coreBandwidth / 10,
			Setup: func(ctx context.Context, env Env) (Work, error) {
				server, client, err := certificates()
				if err != nil {
					return Work{}, err
				}
				return throughput(func(ctx context.Context, network, address string) (net.Conn, net.Conn, error) {
					c, s, err := plainPair(ctx, network, address)
					if err != nil {
						return nil, nil, err
					}
					a, b := tls.Client(c, client), tls.Server(s, server)
					if err := shake(ctx, a, b); err != nil {
						a.Close()
						b.Close()
						return nil, nil, err
					}
					return a, b, nil
				})(ctx, env)
			}},
	}
}

// certificates makes the two sides' settings with a certificate that only they know.
func certificates() (server, client *tls.Config, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "napkin"}, DNSNames: []string{"napkin.invalid"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, fmt.Errorf("make a certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("make a certificate: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	server = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS13, SessionTicketsDisabled: true}
	client = &tls.Config{RootCAs: roots, ServerName: "napkin.invalid", MinVersion: tls.VersionTLS13}
	return server, client, nil
}

// shake does both sides of a handshake.
func shake(ctx context.Context, client, server *tls.Conn) error {
	failed := make(chan error, 1)
	go func() { failed <- server.HandshakeContext(ctx) }()
	err := client.HandshakeContext(ctx)
	if err != nil {
		client.Close() // the server waits no longer
	}
	if err = errors.Join(err, <-failed); err != nil {
		return fmt.Errorf("TLS handshake over loopback: %w", err)
	}
	return nil
}

// handshakes opens connections beforehand, and proves each handshake by a secret that both sides derive from
// it on their own (RFC 8446, section 7.5).
func handshakes(ctx context.Context, _ Env) (Work, error) {
	serverSide, clientSide, err := certificates()
	if err != nil {
		return Work{}, err
	}
	var client, server *tls.Conn
	discard := func() {
		if client != nil {
			client.NetConn().Close()
			server.NetConn().Close()
		}
		client, server = nil, nil
	}
	return Work{
		Prepare: func() error {
			discard()
			c, s, err := plainPair(ctx, "tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			client, server = tls.Client(c, clientSide), tls.Server(s, serverSide)
			return nil
		},
		Run: func(int) (uint64, error) { return 1, shake(ctx, client, server) },
		Verify: func(int, uint64) error {
			var secrets [2][]byte
			for i, c := range []*tls.Conn{client, server} {
				state := c.ConnectionState()
				if !state.HandshakeComplete || state.Version != tls.VersionTLS13 || state.DidResume {
					return errors.New("no full handshake of TLS 1.3 was done")
				}
				var err error
				if secrets[i], err = state.ExportKeyingMaterial("EXPORTER-napkin", nil, 16); err != nil {
					return fmt.Errorf("derive a secret: %w", err)
				}
			}
			return sameSum(firstWord(secrets[0]), firstWord(secrets[1]))
		},
		Close: func() error {
			discard()
			return nil
		},
	}, nil
}
