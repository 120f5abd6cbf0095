// What somebody else has in the same account, and had before we came: no tag of ours is on it.
import { newId } from "./account.ts";
import type { Account, Instance } from "./state.ts";

/** A network with one instance, which is switched off. */
export function settle(account: Account): void {
  const tags = { Name: "production", Project: "something-else" };
  const made = (kind: string) => newId(account, kind);
  const { vpc, subnet, mainTable } = { vpc: made("vpc"), subnet: made("subnet"), mainTable: made("rtb") };
  const { defaultAcl, defaultGroup } = { defaultAcl: made("acl"), defaultGroup: made("sg") };
  const { volume, eni } = { volume: made("vol"), eni: made("eni") };
  const settings = { dnsSupport: true, dnsHostnames: false };
  account.vpcs.set(vpc, {
    id: vpc,
    cidr: "172.31.0.0/16",
    ...settings,
    mainTable,
    defaultAcl,
    defaultGroup,
    tags,
  });
  account.tables.set(mainTable, { id: mainTable, vpc, main: true, routes: [], tags: {} });
  const about = { name: "default", description: "default VPC security group" };
  account.groups.set(defaultGroup, { id: defaultGroup, vpc, ...about, rules: [], tags: {} });
  account.subnets.set(subnet, {
    ...{ id: subnet, vpc, cidr: "172.31.0.0/20", zone: "eu-central-1a", mapPublic: true, tags },
  });
  const id = made("i");
  account.volumes.set(volume, { id: volume, size: 20, type: "gp3", encrypted: true, instance: id, tags });
  const instance: Instance = {
    ...{ id, subnet, image: "ami-0123456789abcdef0", eni, mac: "02:00:5e:ff:ff:01", volume },
    ...{ address: "172.31.0.10", key: undefined, shape: "t3.medium", state: "stopped" },
    ...{ groups: [defaultGroup], guarded: true, userData: "", launchedAt: 0, tags },
    metadata: {
      ...{ httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 2 },
      instanceMetadataTags: "disabled",
    },
  };
  account.instances.set(id, instance);
}
