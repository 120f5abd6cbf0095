// Running a Pulumi program: one node per call of the engine.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// exitReported is the exit code of @pulumi/pulumi/cmd/run after it has told the user what was wrong.
const exitReported = 32

// Run executes the program and answers when it has ended; what the program did wrong stands in the answer.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if req.GetAttachDebugger() {
		return &pulumirpc.RunResponse{Error: "this language host can not attach a debugger"}, nil
	}
	env, err := configEnv(req.GetConfig(), req.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.programs, cancel)()
	cmd, err := launch{
		script:     "run",
		programDir: req.GetInfo().GetProgramDirectory(),
		options:    req.GetInfo().GetOptions(),
		args:       h.runArgs(req),
		env:        append(os.Environ(), env...),
	}.command(ctx)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	// Node may set its streams to non-blocking: a plain *os.File would share that with the host, a writer does not.
	cmd.Stdout, cmd.Stderr = struct{ io.Writer }{os.Stdout}, struct{ io.Writer }{os.Stderr}
	defer sweep(cmd)
	return outcome(cmd.Run()), nil
}

func (h *host) runArgs(req *pulumirpc.RunRequest) []string {
	var args []string
	for _, flag := range [][2]string{
		{"monitor", req.GetMonitorAddress()},
		{"engine", h.engine},
		{"organization", req.GetOrganization()},
		{"project", req.GetProject()},
		{"stack", req.GetStack()},
		{"pwd", req.GetInfo().GetProgramDirectory()},
		{"root-directory", req.GetInfo().GetRootDirectory()},
		{"parallel", strconv.Itoa(int(req.GetParallel()))},
		{"tracing", h.tracing},
	} {
		if flag[1] != "" {
			args = append(args, "--"+flag[0], flag[1])
		}
	}
	if req.GetDryRun() {
		args = append(args, "--dry-run")
	}
	return append(append(args, req.GetInfo().GetEntryPoint()), req.GetArgs()...)
}

// configEnv hands the stack config over: keys come as `ns:name`, @pulumi/pulumi wants them as `ns:config:name`.
func configEnv(config map[string]string, secretKeys []string) ([]string, error) {
	values := make(map[string]string, len(config))
	for key, value := range config {
		namespace, name, found := strings.Cut(key, ":")
		if !found {
			return nil, fmt.Errorf("config key: expected namespace:name, got %q", key)
		}
		values[namespace+":config:"+name] = value
	}
	valuesJSON, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	keysJSON, err := json.Marshal(append([]string{}, secretKeys...))
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(valuesJSON), "PULUMI_CONFIG_SECRET_KEYS=" + string(keysJSON)}, nil
}

// outcome tells how node ended. A program that ended well but left a child that holds its streams ended well.
func outcome(err error) *pulumirpc.RunResponse {
	var exit *exec.ExitError
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return &pulumirpc.RunResponse{}
	case errors.As(err, &exit) && exit.ExitCode() == exitReported:
		return &pulumirpc.RunResponse{Bail: true}
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("program ended with %v", err)}
	}
}
