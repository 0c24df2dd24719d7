/** Time of the processor that this process has taken so far, which a busy machine does not change. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
