// Reading what a program depends on: the dependencies in its package.json and the plugins that they name.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// manifest is what the host reads of a package.json.
type manifest struct {
	Name         string                  `json:"name"`
	Version      string                  `json:"version"`
	Dependencies map[string]string       `json:"dependencies"`
	Pulumi       plugin.PulumiPluginJSON `json:"pulumi"`
}

// GetRequiredPackages lists the provider plugins that the program's own dependencies name.
func (h *host) GetRequiredPackages(
	_ context.Context, req *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	installed, err := dependencies(req.GetInfo().GetProgramDirectory())
	if err != nil {
		return nil, err
	}
	resp := &pulumirpc.GetRequiredPackagesResponse{}
	for _, found := range installed {
		if found.Pulumi.Resource {
			resp.Packages = append(resp.Packages, found.plugin())
		}
	}
	return resp, nil
}

// GetProgramDependencies lists the program's own dependencies as they are installed, for `pulumi about`.
func (h *host) GetProgramDependencies(
	_ context.Context, req *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	installed, err := dependencies(req.GetInfo().GetProgramDirectory())
	if err != nil {
		return nil, err
	}
	resp := &pulumirpc.GetProgramDependenciesResponse{}
	for _, found := range installed {
		resp.Dependencies = append(resp.Dependencies,
			&pulumirpc.DependencyInfo{Name: found.Name, Version: found.Version})
	}
	return resp, nil
}

// dependencies reads the installed manifest of each dependency of the program at dir, in the order of their names.
func dependencies(dir string) ([]manifest, error) {
	home, own, err := nearestManifest(dir)
	if err != nil {
		return nil, err
	}
	var installed []manifest
	for name := range own.Dependencies {
		folder, err := locate(home, filepath.FromSlash(name))
		if err != nil {
			return nil, err
		}
		found, err := readManifest(folder)
		if err != nil {
			return nil, err
		}
		installed = append(installed, found)
	}
	slices.SortFunc(installed, func(a, b manifest) int { return strings.Compare(a.Name, b.Name) })
	return installed, nil
}

// nearestManifest looks from dir upward for a package.json; a program without one declares no dependencies.
func nearestManifest(dir string) (home string, read manifest, err error) {
	for home = dir; ; home = filepath.Dir(home) {
		read, err = readManifest(home)
		if !errors.Is(err, os.ErrNotExist) {
			return home, read, err
		}
		if home == filepath.Dir(home) {
			return home, manifest{}, nil
		}
	}
}

func readManifest(folder string) (manifest, error) {
	var read manifest
	path := filepath.Join(folder, "package.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return read, err
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return read, fmt.Errorf("%s: %w", path, err)
	}
	return read, nil
}

// plugin names the provider plugin of a package: what its `pulumi` section says, else the package's own name and version.
func (m manifest) plugin() *pulumirpc.PackageDependency {
	name, version := m.Pulumi.Name, m.Pulumi.Version
	if name == "" {
		name = strings.TrimPrefix(m.Name, "@pulumi/")
	}
	if version == "" {
		version = m.Version
	}
	return &pulumirpc.PackageDependency{
		Name: name, Version: "v" + strings.TrimPrefix(version, "v"), Kind: "resource", Server: m.Pulumi.Server,
	}
}
