// Command pulumi-language-nodejs is the Node.js language host of the Pulumi engine, for machines that can
// not download the stock one: it runs programs and policy packs, and installs nothing.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// engineCheck is how often the host looks whether its engine still lives; a killed engine leaves no host behind.
const engineCheck = 5 * time.Second

// main serves until the engine ends it by a signal or is gone itself. The engine calls it as
// `pulumi-language-nodejs [-v=N] [-logtostderr] [-tracing URL] ENGINE` and reads the port from the first line.
func main() {
	tracing := flag.String("tracing", "", "endpoint that the program sends its traces to")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *showVersion {
		fmt.Println(version.Version)
		return
	}
	logging.InitLogging(false, 0, false)
	if err := serve(flag.Arg(0), *tracing); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-language-nodejs: %v\n", err)
		os.Exit(1)
	}
}

func serve(engine, tracing string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	programs, cancel := context.WithCancel(ctx)
	defer cancel()
	host := &host{ctx: ctx, stop: stop, programs: programs, cancel: cancel, tracing: tracing}
	if engine != "" {
		if err := host.follow(engine); err != nil {
			return err
		}
	}
	closed := make(chan bool)
	context.AfterFunc(ctx, func() { close(closed) })
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: closed,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d\n", handle.Port)
	return <-handle.Done
}
