package scratch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// ErrNotInstalled is wrapped by the error of a start where no such server is found.
var ErrNotInstalled = errors.New("no server is installed; install its package")

// process is a server that runs as a child under the guard, with its data in a folder of its own.
type process struct {
	name      string                                              // of the product, for errors
	dir       string                                              // all that the server writes
	account   *syscall.Credential                                 // nil: that of this process
	libraries string                                              // a folder of libraries of its programs; empty where the system has them
	port      int                                                 // on 127.0.0.1
	signal    string                                              // what asks it to end quickly and in order
	command   func(port int) []string                             // the program and its arguments
	ping      func(ctx context.Context, port int) (string, error) // connects once; the version of the server

	cmd   *exec.Cmd
	stdin io.WriteCloser
	log   bytes.Buffer  // of the server; read it when the process has ended
	ended chan struct{} // closed when the server process has ended
}

// guard runs the server and stops it when standard input closes, which the end of this process
// does however it ends. A shell gives its background jobs /dev/null to read, hence descriptor 3; and an
// interrupt that comes before the server listens for it is lost, hence the second signal. The data goes
// with the server when it was told to stop, but stays when the word restart came before the end.
const guard = `dir=$1; signal=$2; shift 2
exec 3<&0
"$@" 3<&- & server=$!
{ read -r word <&3; [ "$word" = restart ] || : >"$dir/stopping"; kill -$signal $server; sleep 8; kill -KILL $server; } >/dev/null 2>&1 & watch=$!
wait $server; code=$?
kill $watch 2>/dev/null
[ -e "$dir/stopping" ] && rm -rf "$dir"
exit $code`

// makeFolder makes the folder of a server that runs as account, below parent or, if that is "", among the
// temporary files.
func makeFolder(parent, pattern string, account *syscall.Credential) (string, error) {
	if err := Enterable(parent); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(parent, pattern)
	if err != nil {
		return "", err
	}
	if account != nil {
		if err := os.Chown(dir, int(account.Uid), int(account.Gid)); err != nil {
			_ = os.RemoveAll(dir)
			return "", err
		}
	}
	return dir, nil
}

// prepare runs a program that makes the first data of a server.
func (p *process) prepare(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.account}
	cmd.Dir, cmd.Env = p.dir, p.environment()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

// startAnywhere starts the server on a free port, and returns its version when it answers. The port is
// free when it is chosen and may be taken a moment later, so a second try is fair.
func (p *process) startAnywhere(ctx context.Context) (string, error) {
	var failed error
	for range 3 {
		port, err := freePort(ctx)
		if err != nil {
			return "", err
		}
		p.port = port
		version, err := p.start(ctx)
		if err == nil {
			return version, nil
		}
		failed = err
		if ctx.Err() != nil {
			break
		}
	}
	return "", failed
}

// start starts the server on its port, and returns its version when it answers. The server outlives ctx.
func (p *process) start(ctx context.Context) (string, error) {
	args := append([]string{"-c", guard, "napkin-scratch", p.dir, p.signal}, p.command(p.port)...)
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), "/bin/sh", args...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.account, Setpgid: true}
	p.cmd.Dir, p.cmd.Env = p.dir, p.environment()
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.WaitDelay = 10 * time.Second
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return "", err
	}
	if err := p.cmd.Start(); err != nil {
		return "", err
	}
	cmd, ended := p.cmd, make(chan struct{})
	p.ended = ended
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how it ended is in the log, which a failed start prints
	}()
	version, err := p.ready(ctx)
	if err != nil {
		_ = p.halt(true)
		return "", fmt.Errorf("%w\n%s", err, p.log.String())
	}
	return version, nil
}

// ready waits until the server answers, or ends.
func (p *process) ready(ctx context.Context) (string, error) {
	for {
		version, err := p.ping(ctx, p.port)
		if err == nil {
			return version, nil
		}
		select {
		case <-p.ended:
			return "", errors.New("the server ended while it started")
		case <-ctx.Done():
			return "", fmt.Errorf("the server does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Port returns the port of 127.0.0.1 that the server listens on.
func (p *process) Port() int { return p.port }

// Pid is the process that all others of the server are below.
func (p *process) Pid() int { return p.cmd.Process.Pid }

// Restart stops the server, which cuts its connections, and starts it again on the same port with the
// same data. It waits until the server answers, at most 60 seconds. After an error the server is down,
// and Stop still removes its data.
func (p *process) Restart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := p.halt(true); err != nil {
		return fmt.Errorf("restart %s: %w", p.name, err)
	}
	if _, err := p.start(ctx); err != nil {
		return fmt.Errorf("restart %s: %w", p.name, err)
	}
	return nil
}

// Stop ends the server and removes its data. It may be called once.
func (p *process) Stop() error {
	err := p.halt(false)
	if removed := os.RemoveAll(p.dir); err == nil && removed != nil {
		err = fmt.Errorf("remove the data of %s: %w", p.name, removed)
	}
	return err
}

// halt ends the server; its data stays when keep is set.
func (p *process) halt(keep bool) error {
	if keep {
		_, _ = io.WriteString(p.stdin, "restart\n") // fails where the server has ended, which is as well
	}
	_ = p.stdin.Close() // the guard sees this and asks the server to end: a fast shutdown
	select {
	case <-p.ended:
		return nil
	case <-time.After(20 * time.Second):
	}
	// The negative id is the group of the guard, which holds the server too.
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.ended
	return fmt.Errorf("%s did not stop within 20 seconds and was killed", p.name)
}

// environment is what the server sees: no variables of the developer, a home of its own.
func (p *process) environment() []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "LC_ALL=C", "TZ=UTC"}
	if p.libraries != "" {
		env = append(env, "LD_LIBRARY_PATH="+p.libraries)
	}
	return env
}

// Enterable says whether the account that servers run as may enter a folder: under root that account is
// another one, which may not enter root's own folders. The error names the folder that is shut. The folder of
// temporary files, "", is taken to be open.
func Enterable(dir string) error {
	account, err := Unprivileged()
	if err != nil || account == nil || dir == "" {
		return err
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	for ; ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		bits := info.Mode().Perm()
		may := bits & 0o1
		if owner, ok := info.Sys().(*syscall.Stat_t); ok {
			switch {
			case owner.Uid == account.Uid:
				may = bits & 0o100
			case owner.Gid == account.Gid:
				may = bits & 0o010
			}
		}
		if may == 0 {
			return fmt.Errorf("a server would run as user %d, which may not enter %s; choose a folder that every account may enter", account.Uid, path)
		}
		if path == filepath.Dir(path) {
			return nil
		}
	}
}

func freePort(ctx context.Context) (int, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// Unprivileged returns an account to run a child process as, or nil when this process is not root.
// PostgreSQL and MariaDB refuse to run as root, and root can read and write what others may not.
func Unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(account.Uid, 10, 32)
		if err != nil {
			continue
		}
		gid, err := strconv.ParseUint(account.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("this process is root, and there is neither a user postgres nor nobody to run a child as")
}
