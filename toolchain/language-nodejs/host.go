// The host's answers about itself; what it runs stands in run.go and policy.go.
package main

import (
	"context"
	"os/exec"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host answers the engine's LanguageRuntime calls; a call that it does not have is answered as unimplemented.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	ctx      context.Context // ends with the host, and ends every node that it started
	stop     context.CancelFunc
	programs context.Context // ends earlier, when the engine cancels the programs
	cancel   context.CancelFunc
	engine   string
	tracing  string
}

// follow remembers the engine's address and ends the host when nothing answers there any more.
func (h *host) follow(engine string) error {
	h.engine = engine
	return rpcutil.Healthcheck(h.ctx, engine, engineCheck, h.stop)
}

// Handshake is how an engine that attaches to a running host (PULUMI_DEBUG_LANGUAGES) tells its address.
func (h *host) Handshake(
	_ context.Context, req *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	if err := h.follow(req.GetEngineAddress()); err != nil {
		return nil, err
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// GetPluginInfo tells the version, the engine's own.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// About tells which node programs run on, for `pulumi about`.
func (h *host) About(ctx context.Context, _ *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, node, "--version").Output()
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{Executable: node, Version: strings.TrimSpace(string(out))}, nil
}

// Cancel ends the programs; the engine calls it at the first interrupt. Policy packs go on, for what is under way.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.cancel()
	return &emptypb.Empty{}, nil
}

// InstallDependencies refuses: which package manager, and with which lock file, is the project's to say.
func (h *host) InstallDependencies(
	_ *pulumirpc.InstallDependenciesRequest, _ grpc.ServerStreamingServer[pulumirpc.InstallDependenciesResponse],
) error {
	return status.Error(codes.Unimplemented, "this language host installs no dependencies: run `npm ci`")
}
