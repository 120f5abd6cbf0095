// Starting node: which script, which settings, and an end for the whole process group.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"google.golang.org/protobuf/types/known/structpb"
)

// endGrace is what node gets between SIGTERM and SIGKILL; the engine gives the host itself 5 s.
const endGrace = 2 * time.Second

// launch is one node to be started: a script of @pulumi/pulumi and what it gets.
type launch struct {
	script     string // folder under @pulumi/pulumi/cmd
	programDir string // where the search for @pulumi/pulumi starts
	options    *structpb.Struct
	args, env  []string
}

// command prepares node in a process group of its own, which ends with ctx. The caller sets the streams.
func (l launch) command(ctx context.Context) (*exec.Cmd, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, err
	}
	script, err := locate(l.programDir, filepath.Join("@pulumi", "pulumi", "cmd", l.script))
	if err != nil {
		return nil, err
	}
	flags, env := settings(l.options)
	cmd := exec.CommandContext(ctx, node, append(append(flags, script), l.args...)...)
	cmd.Env = append(l.env, env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = endGrace
	return cmd, nil
}

// sweep kills what node left behind in its process group.
func sweep(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

// locate finds a folder of node_modules as node's own resolution does: from dir upward.
func locate(dir, name string) (string, error) {
	start, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	for at := start; ; at = filepath.Dir(at) {
		found := filepath.Join(at, "node_modules", name)
		if _, err := os.Stat(found); err == nil {
			return found, nil
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s: expected in a node_modules folder from here upward, found in none: run `npm ci`",
				filepath.Join(start, "node_modules", name))
		}
	}
}

// settings turns the runtime options of Pulumi.yaml into flags and environment of node. TypeScript goes through
// ts-node unless the options say `typescript: false`; that is @pulumi/pulumi's default, not ours.
func settings(options *structpb.Struct) (flags, env []string) {
	fields := options.GetFields()
	if typescript, set := fields["typescript"]; !set || typescript.GetBoolValue() {
		env = append(env, "PULUMI_NODEJS_TYPESCRIPT=true")
	}
	if tsconfig := fields["tsconfig"].GetStringValue(); tsconfig != "" {
		env = append(env, "PULUMI_NODEJS_TSCONFIG_PATH="+tsconfig)
	}
	return strings.Fields(fields["nodeargs"].GetStringValue()), env
}
