// Installs Debian packages that tests need, where the user is root and Debian is there.
import { isOnPath, run, say } from "../../scripts/toolchain.mjs";

/** Does nothing where that cannot work: no apt-get, or not root. */
export async function installDebianPackages(packages: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0 || !isOnPath("apt-get")) return;
  say(`Installing Debian's ${packages.join(", ")} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-q"], { env });
  const { code, output } = await run("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...packages], {
    env,
  });
  if (code !== 0)
    say(`apt-get could not install ${packages.join(", ")}:\n${output.trim().split("\n").slice(-5).join("\n")}`);
}
